"""Where the points went when no sharper rule speaks: give and take, weaker groups, the better move."""

from __future__ import annotations

import pytest
from fakes.positions import block, drawn, explained, ownership, tags

from pipeline.go.board import Color
from pipeline.review.model import Fact, Tag
from pipeline.wording import explain as words

CORNERS = drawn(19, black="Q16 D4", white="D16 Q4")
HERE = block("N3", "R7", 19)  # around P5
THERE = block("B13", "F17", 19)  # around D15
FLOW = {"refuted", "bad_trade", "left_open"}


def only(facts: tuple[Fact, ...], tag: Tag) -> Fact:
    (found,) = [fact for fact in facts if fact.tag is tag]
    return found


class TestGiveAndTake:
    def test_a_good_answer_beside_the_move(self) -> None:
        before, after = ownership(19, (HERE, 40)), ownership(19, (HERE, 0))
        fact = only(explained(CORNERS, "P5", "C10", "O6", before=before, after=after), Tag.REFUTED)
        assert (fact.vertex, fact.region) == ("O6", "lower_right")
        assert fact.points == pytest.approx(8.0), "never more than the move lost"

    def test_silent_when_nothing_is_lost_around_the_move(self) -> None:
        facts = explained(CORNERS, "P5", "C10", "O6", before=ownership(19, (HERE, 10)), after=ownership(19, (HERE, 5)))
        assert not tags(facts) & FLOW

    def test_more_is_lost_elsewhere_than_is_gained_here(self) -> None:
        before = ownership(19, (THERE, 50))
        after = ownership(19, (THERE, 0), (HERE, 20))
        fact = only(explained(CORNERS, "P5", "K10", "D15", before=before, after=after), Tag.BAD_TRADE)
        assert (fact.vertex, fact.region) == ("D15", "upper_left")

    def test_a_part_of_the_board_that_was_not_looked_after(self) -> None:
        before, after = ownership(19, (THERE, 30)), ownership(19)
        facts = explained(CORNERS, "P5", "K10", "D15", before=before, after=after, loss=6.0)
        assert only(facts, Tag.LEFT_OPEN).points == pytest.approx(6.0)
        assert "bad_trade" not in tags(facts)

    def test_silent_when_unsettled_or_without_ownership(self) -> None:
        before, after = ownership(19, (THERE, 30)), ownership(19)
        unsettled = explained(CORNERS, "P5", "K10", "D15", before=before, after=after, settled=False)
        assert not tags(unsettled) & FLOW
        assert not tags(explained(CORNERS, "P5", "K10", "D15")) & FLOW

    def test_a_sharper_reason_comes_first(self) -> None:
        before, after = ownership(19, (THERE, 30)), ownership(19)
        assert "urgent_point" in tags(explained(CORNERS, "P5", "D15", "D15", before=before, after=after))
        assert not tags(explained(CORNERS, "P5", "D15", "D15", before=before, after=after)) & FLOW


class TestGroups:
    POSITION = drawn(19, black="D4 D5 E4 G4", white="Q4 Q5 Q6")

    def shifted(self, names: str, before: int, after: int) -> set[str]:
        group = names.split()
        facts = explained(
            self.POSITION, "K10", "D6", "C6", before=ownership(19, (group, before)), after=ownership(19, (group, after))
        )
        return {fact.tag.value for fact in facts if fact.tag.value.startswith("stones")}

    def test_own_stones_that_got_weak(self) -> None:
        assert self.shifted("D4 D5 E4 G4", 70, 25) == {"stones_worse"}
        assert self.shifted("D4 D5 E4 G4", 95, 50) == set(), "still alive"
        assert self.shifted("D4 D5 E4 G4", 50, 25) == set(), "not much of a change"

    def test_stones_of_the_opponent_that_got_safe(self) -> None:
        assert self.shifted("Q4 Q5 Q6", -30, -80) == {"stones_better"}
        assert self.shifted("Q4 Q5 Q6", 20, -25) == set(), "not safe yet"

    def test_two_stones_are_no_group(self) -> None:
        assert self.shifted("D4 D5", 70, 25) == set()


class TestBetterMove:
    def doing(self, drawing: str, best: str, *, color: Color = Color.BLACK) -> Fact:
        return only(explained(drawing, "K3" if len(drawing) > 200 else "A1", best, "", color=color), Tag.BETTER_MOVE)

    def test_what_the_better_move_does(self) -> None:
        assert self.doing(drawn(19, black="Q16", white="D16"), "D4").doing == "takes_corner"
        assert self.doing(drawn(19, black="Q16 D4", white="D16 Q4 E17"), "C10").doing == "big_point"
        ataris = self.doing(drawn(9, black="D6 E6 C5 F5", white="D5 E5"), "D4")
        assert (ataris.doing, ataris.stones, ataris.count) == ("ataris", "D5", 2)
        assert self.doing(drawn(9, black="D5 D6 F5", white="C5 E6 E4"), "E5").doing == "connects"
        assert self.doing(drawn(9, black="C5 E6 E4", white="D5 D6 F5"), "E5").doing == "cuts"
        assert self.doing(drawn(9, white="E5"), "E6").doing == "contact"
        assert self.doing(drawn(9, white="E5"), "E7").doing == ""

    def test_chains_that_are_joined_already_are_not_connected_by_the_move(self) -> None:
        assert self.doing(drawn(9, black="D5 D6 E6 F5", white="C5"), "E5").doing != "connects"

    def test_only_where_there_is_no_reason(self) -> None:
        facts = explained(CORNERS, "C10", "O4", "O4")
        assert "better_move" not in tags(facts)

    def test_the_better_move_is_no_move(self) -> None:
        assert tags(explained(CORNERS, "C10", "pass", "D10")) == {"better_pass"}

    def test_the_sentence_names_place_and_size_where_it_is_sure(self) -> None:
        facts = explained(drawn(19, black="Q16", white="D16"), "K10", "D4", "", loss=5.0)
        fact = only(facts, Tag.BETTER_MOVE)
        text = words.sentence(fact.tag, "B", 0, point="D4", region=fact.region, points=fact.points, doing=fact.doing)
        assert text == "此时应走左下角D4，占空角，比此手好约5目。"
        unsure = only(explained(CORNERS, "K10", "G10", "", settled=False), Tag.BETTER_MOVE)
        assert unsure.points == 0.0
