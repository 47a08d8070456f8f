"""Judgements about a mistake from ownership and the engine's choices: where they hold, where they are silent."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.positions import block, board_of, drawn, explained, ownership, stones, tags

from pipeline.go.board import Color
from pipeline.review.model import Phase
from pipeline.review.territory import place_of

BLACK, WHITE = Color.BLACK, Color.WHITE
STRATEGIC = {
    *("overplay", "saving_dead_stones", "tenuki", "urgent_point", "needless_defence", "too_small"),
    *("wrong_direction", "endgame_order", "endgame_size"),
    *("urgent_area", "vital_point", "bad_exchange", "move_order"),
}
CORNERS = drawn(19, black="Q16 D4", white="D16 Q4")


def strategic(*arguments: Any, **options: Any) -> set[str]:
    return tags(explained(*arguments, **options)) & STRATEGIC


class TestElsewhere:
    def test_tenuki_from_a_fight(self) -> None:
        earlier = [(WHITE, "Q14")]
        assert strategic(CORNERS, "C10", "Q13", "O16", earlier=earlier) == {"tenuki"}

    @pytest.mark.parametrize(
        ("played", "best", "reply"),
        [
            ("O17", "Q13", "O16"),  # played close by
            ("C10", "G3", "F3"),  # the best move is no answer
            ("C10", "Q13", "C14"),  # the opponent does not go on there
        ],
    )
    def test_no_tenuki(self, played: str, best: str, reply: str) -> None:
        assert "tenuki" not in strategic(CORNERS, played, best, reply, earlier=[(WHITE, "Q14")])

    def test_a_point_that_both_want(self) -> None:
        assert strategic(CORNERS, "C10", "O4", "O4") == {"urgent_point"}

    def test_the_right_place_and_the_wrong_point(self) -> None:
        assert strategic(CORNERS, "P5", "O4", "O4") == {"vital_point"}
        assert strategic(CORNERS, "P5", "O4", "O5") == set()
        assert strategic(CORNERS, "P5", "O4", "O4", settled=False) == set()

    def test_where_both_would_play(self) -> None:
        assert strategic(CORNERS, "C10", "O4", "P5") == {"urgent_area"}
        assert strategic(CORNERS, "K4", "O4", "P5") == set(), "not far enough to be another part of the board"
        assert strategic(CORNERS, "C10", "O4", "K16") == set(), "the opponent would not play there"
        assert "urgent_area" not in strategic(CORNERS, "C10", "O4", "P5", phase=Phase.ENDGAME)

    def test_an_exchange_that_only_loses(self) -> None:
        assert strategic(CORNERS, "C10", "O4", "D10", answer=("O4", "P5")) == {"bad_exchange"}
        assert strategic(CORNERS, "C10", "O4", "D10", answer=("K4",)) == set(), "the exchange changed what is best"
        later = strategic(CORNERS, "C10", "O4", "D10", answer=("O4", "P5"), variation=("P5", "C10"))
        assert later == set(), "the move belongs to the best variation"

    def test_a_good_move_too_early(self) -> None:
        assert strategic(CORNERS, "P5", "O4", "N3", variation=("O5", "P5")) == {"move_order"}
        assert strategic(CORNERS, "P5", "O4", "N3", variation=("O5", "N6", "P5")) == set(), "the opponent's move"
        assert "move_order" not in strategic(CORNERS, "C10", "O4", "N3", variation=("O5", "C10")), "too far"

    def test_direction_in_the_opening(self) -> None:
        opening = {"phase": Phase.OPENING}
        assert strategic(CORNERS, "C10", "O3", "K16", **opening) == {"wrong_direction"}
        assert strategic(CORNERS, "C10", "O3", "K16") == set()
        assert strategic(CORNERS, "D15", "O3", "K16", **opening) == set(), "a move in contact is a fight"

    def test_unsettled_verdicts_are_not_explained(self) -> None:
        assert strategic(CORNERS, "C10", "O4", "O4", settled=False) == set()


class TestTerritory:
    AREA = block("M12", "T19", 19)

    def test_too_small(self) -> None:
        settled = ownership(19, (self.AREA, -95))
        assert strategic(CORNERS, "R14", "D10", "K3", before=settled, after=settled) == {"overplay"}
        half = ownership(19, (block("M16", "T19", 19), 95), (block("M12", "T15", 19), -95))
        assert strategic(CORNERS, "P16", "D10", "K3", before=half, after=half) == {"too_small"}
        assert strategic(CORNERS, "P16", "D10", "K3", before=ownership(19), after=half) == set()

    def test_a_needless_defence(self) -> None:
        own = ownership(19, (self.AREA, 95))
        assert strategic(CORNERS, "R17", "D10", "K3", before=own, after=own) == {"needless_defence"}
        assert strategic(CORNERS, "R17", "D10", "K3", before=own, after=own, phase=Phase.OPENING) != {
            "needless_defence"
        }

    def test_an_invasion_that_dies(self) -> None:
        theirs = ownership(19, (self.AREA, -60))
        dead = ownership(19, (self.AREA, -90))
        position = drawn(19, black="D4", white="D16 Q4 O16 Q14")
        assert strategic(position, "R17", "D10", "K3", before=theirs, after=dead) == {"overplay"}
        assert strategic(position, "R17", "D10", "K3", before=theirs, after=theirs) == {"overplay"}
        lives = ownership(19, (self.AREA, 20))
        assert "overplay" not in strategic(position, "R17", "D10", "K3", before=theirs, after=lives)
        assert "overplay" not in strategic(position, "R17", "D10", "K3", before=ownership(19), after=dead)

    def test_a_stone_that_the_opponent_need_not_answer_is_no_overplay(self) -> None:
        theirs = ownership(19, (self.AREA, -60))
        dead = ownership(19, (self.AREA, -90))
        position = drawn(19, black="D4", white="D16 Q4 O16 Q14")
        assert strategic(position, "R17", "D10", "D10", before=theirs, after=dead) == {"urgent_point"}

    def test_where_a_group_dies_the_stone_thrown_in_is_not_the_reason(self) -> None:
        group = block("C3", "E5", 19)
        before = ownership(19, (self.AREA, -60), (group, 80))
        after = ownership(19, (self.AREA, -90), (group, -80))
        position = drawn(19, black="D3 D4 D5", white="D16 Q4 O16 Q14")
        found = tags(explained(position, "R17", "C3", "E3", before=before, after=after))
        assert "stones_lost" in found
        assert "overplay" not in found

    def test_adding_to_dead_stones(self) -> None:
        position = drawn(19, black="Q16 Q17 Q18 D4", white="P16 P17 R17 R16 Q15 D16")
        dead = ownership(19, (self.AREA, -95))
        assert "saving_dead_stones" not in strategic(position, "S18", "D10", "K3", before=dead, after=dead)
        assert strategic(position, "P18", "D10", "K3", before=dead, after=dead) == {"saving_dead_stones"}
        alive = ownership(19, (self.AREA, 95))
        assert "saving_dead_stones" not in strategic(position, "P18", "D10", "K3", before=alive, after=dead)

    def test_a_loss_around_the_move_itself_is_no_matter_of_direction(self) -> None:
        corner = block("O14", "T19", 19)
        spoiled = {"before": ownership(19, (corner, 60)), "after": ownership(19, (corner, 20))}
        assert strategic(CORNERS, "P17", "O4", "O4", **spoiled) == set()


class TestEndgame:
    def test_order(self) -> None:
        assert strategic(CORNERS, "C10", "O3", "K16", phase=Phase.ENDGAME, variation=("O2", "C10"), loss=2.0) == {
            "endgame_order"
        }

    def test_size(self) -> None:
        facts = explained(CORNERS, "C10", "O3", "K16", phase=Phase.ENDGAME, loss=2.0)
        (fact,) = [fact for fact in facts if fact.tag in STRATEGIC]
        assert (fact.tag.value, fact.vertex, fact.region) == ("endgame_size", "O3", "lower_right")
        assert fact.points == pytest.approx(2.0)
        assert strategic(CORNERS, "N4", "O3", "K16", phase=Phase.ENDGAME, loss=2.0) == set()


class TestPasses:
    def test_a_pass_while_there_is_something_to_take(self) -> None:
        (fact,) = explained(CORNERS, "pass", "O4", "O4", loss=5.0)
        assert (fact.tag.value, fact.vertex, fact.points) == ("passed_too_early", "O4", pytest.approx(5.0))

    def test_a_stone_when_all_is_done(self) -> None:
        assert tags(explained(CORNERS, "C10", "pass", "pass", loss=2.0)) == {"game_over"}
        assert "game_over" not in tags(explained(CORNERS, "C10", "pass", "D10", loss=2.0))


class TestWhere:
    CORNER = block("O1", "T6", 19)

    def test_the_corner_that_holds_the_loss(self) -> None:
        before, after = ownership(19, (self.CORNER, 50)), ownership(19, (self.CORNER, 10))
        facts = explained(CORNERS, "P3", "R3", "R3", before=before, after=after)
        (lost,) = [fact for fact in facts if fact.tag.value == "lost"]
        assert (lost.stored, lost.points) == ("lost_lower_right", pytest.approx(8.0))

    def test_a_loss_along_an_edge(self) -> None:
        strip = block("O1", "T19", 19)
        before, after = ownership(19, (strip, 50)), ownership(19, (strip, 40))
        assert "lost_right" in tags(explained(CORNERS, "P3", "R3", "R3", before=before, after=after))

    def test_silent_when_it_is_spread_or_unrelated(self) -> None:
        everywhere = ownership(19, default=5)
        spread = explained(CORNERS, "P3", "R3", "R3", before=everywhere, after=ownership(19))
        assert not any(tag.startswith("lost") for tag in tags(spread))
        before, after = ownership(19, (self.CORNER, 50)), ownership(19, (self.CORNER, 10))
        elsewhere = explained(CORNERS, "D15", "C14", "P3", before=before, after=after)
        assert not any(tag.startswith("lost") for tag in tags(elsewhere))

    @pytest.mark.parametrize(
        ("vertex", "name"),
        [("A1", "lower_left"), ("K10", "centre"), ("T10", "right_side"), ("D16", "upper_left"), ("G4", "lower_side")],
    )
    def test_nine_parts_of_the_board(self, vertex: str, name: str) -> None:
        ((point,), _, _) = stones(drawn(19, black=vertex))
        assert place_of(point, 19, 19).name == name


class TestStones:
    POSITION = drawn(19, black="D4 D5 E4 G4", white="Q4 Q5 Q6")
    GROUP = ("D4", "D5", "E4", "G4")

    def fates(self, before: int, after: int, group: tuple[str, ...] = GROUP) -> set[tuple[str, int]]:
        facts = explained(
            self.POSITION, "K10", "D6", "D6", before=ownership(19, (group, before)), after=ownership(19, (group, after))
        )
        return {(fact.tag.value, fact.count) for fact in facts if fact.tag.value.startswith("stones")}

    def test_own_stones_that_die(self) -> None:
        assert self.fates(80, -70) == {("stones_lost", 4)}, "a one-point jump belongs to the group"

    def test_own_stones_in_danger(self) -> None:
        assert self.fates(80, 0) == {("stones_shaky", 4)} or self.fates(80, 0) == set()
        assert self.fates(80, 40) == set()

    def test_stones_of_the_opponent_that_escape(self) -> None:
        assert self.fates(80, -70, ("Q4", "Q5", "Q6")) == {("stones_escaped", 3)}

    def test_what_was_lost_before_is_not_lost_by_this_move(self) -> None:
        assert self.fates(-70, -90) == set()

    def test_without_ownership_nothing_is_said(self) -> None:
        assert tags(explained(self.POSITION, "K10", "D6", "C6")) == {"urgent_area"}
        board = board_of(self.POSITION)
        assert "stones_lost" not in tags(explained(self.POSITION, "pass", "D6", "D6"))
        assert board.stones
