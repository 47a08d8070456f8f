"""What the best lines show: each rule where it holds, where it is silent, and in the twin position."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.positions import block, board_of, drawn, ownership, tags
from fakes.twins import explained_alike

from pipeline.go.board import Color, Point, parse_vertex
from pipeline.go.tactics import netted
from pipeline.review.model import Fact, Phase, Tag
from pipeline.wording import explain as words

BLACK, WHITE = Color.BLACK, Color.WHITE
CORNERS = drawn(19, black="Q16 D4", white="D16 Q4")
NET = drawn(9, black="D6 D5 E4 F4", white="E5")
OPEN_NET = drawn(9, black="D6 D5 E4", white="E5")
LADDER = drawn(13, black="C4 D3 E3", white="D4")


def only(facts: tuple[Fact, ...], tag: Tag) -> Fact:
    (found,) = [fact for fact in facts if fact.tag is tag]
    return found


def said(*arguments: Any, **options: Any) -> set[str]:
    """The tags, without the part of the board."""
    return {
        tag for tag in tags(explained_alike(*arguments, **options)) if not tag.startswith("lost_") or "sente" in tag
    }


def at(name: str, size: int = 9) -> Point:
    point = parse_vertex(name, size, size)
    assert point is not None
    return point


class TestNet:
    HELD, GONE = ownership(9, (["E5"], 60)), ownership(9, (["E5"], -60))

    def test_a_net_holds_against_every_move(self) -> None:
        board = board_of(NET)
        board.play(BLACK, at("F6"))
        assert netted(board, at("E5")) is True

    def test_a_net_with_a_hole(self) -> None:
        board = board_of(OPEN_NET)
        board.play(BLACK, at("F6"))
        assert netted(board, at("E5")) is False
        assert netted(board_of(NET), at("E5")) is False

    def test_stones_in_atari_or_with_many_liberties_are_in_no_net(self) -> None:
        board = board_of(NET)
        board.play(BLACK, at("F5"))
        assert netted(board, at("E5")) is None
        assert netted(board_of(drawn(9, white="E5")), at("E5")) is None

    def test_a_net_that_was_missed(self) -> None:
        fact = only(explained_alike(NET, "B2", "F6", "F5", before=self.HELD, after=self.GONE), Tag.MISSED_NET)
        assert (fact.vertex, fact.stones, fact.count, fact.owner) == ("F6", "E5", 1, WHITE)

    def test_what_touches_a_stone_is_no_net(self) -> None:
        touching = drawn(9, black="D6 D5 E4 F4 G6", white="E5")
        assert "missed_net" not in said(touching, "B2", "F6", "F5", before=self.HELD, after=self.GONE)

    def test_a_stone_inside_an_eye_is_no_net(self) -> None:
        corner = drawn(9, black="A6 B6 C6 D7 D8 D9", white="A7 B7 C7 C8 C9 B8")
        held, gone = ownership(9, (["A7", "B7", "C7", "C8", "C9", "B8"], 60)), ownership(9, (["A7", "B7"], -60))
        assert "missed_net" not in said(corner, "F3", "A9", "A8", before=held, after=gone)

    def test_silent_where_the_stones_get_out_or_are_dead_anyway(self) -> None:
        assert "missed_net" not in said(OPEN_NET, "B2", "F6", "F5", before=self.HELD, after=self.GONE)
        assert "missed_net" not in said(NET, "B2", "F6", "F5", before=self.HELD, after=self.HELD)
        assert "missed_net" not in said(NET, "B2", "H8", "F5", before=self.HELD, after=self.GONE)


class TestLadderBreaker:
    SAFE, LOST = ownership(13, (["D4"], -60)), ownership(13, (["D4"], 60))

    def test_a_far_stone_that_breaks_the_ladder(self) -> None:
        facts = explained_alike(LADDER, "L3", "K10", "D5", color=WHITE, before=self.SAFE, after=self.LOST)
        fact = only(facts, Tag.MISSED_BREAKER)
        assert (fact.vertex, fact.stones, fact.owner) == ("K10", "D4", WHITE)

    def test_silent_where_it_breaks_nothing_or_the_stones_are_as_good_as_before(self) -> None:
        options = {"color": WHITE, "before": self.SAFE, "after": self.LOST}
        assert "missed_breaker" not in said(LADDER, "L3", "C11", "D5", **options)
        assert "missed_breaker" not in said(LADDER, "L3", "K10", "D5", color=WHITE, before=self.SAFE, after=self.SAFE)


class TestTheStoneThatWasPlayed:
    CAUGHT = drawn(9, white="D5 E6 D4 F4")
    HIT = drawn(9, white="D5 E6")

    def test_it_is_caught(self) -> None:
        fact = only(explained_alike(self.CAUGHT, "E5", "C8", "F5"), Tag.CAUGHT_NEXT)
        assert (fact.vertex, fact.stones, fact.count) == ("F5", "E5", 1)

    def test_silent_about_one_stone_of_little_weight(self) -> None:
        assert "caught_next" not in said(self.CAUGHT, "E5", "C8", "F5", loss=2.0)

    def test_it_gets_out_but_is_not_safe(self) -> None:
        level, safe = ownership(9), ownership(9, (["E5"], 80))
        assert "hit_by_atari" in said(self.HIT, "E5", "C8", "F5", before=level, after=level)
        assert "hit_by_atari" not in said(self.HIT, "E5", "C8", "F5", before=level, after=safe)
        assert "hit_by_atari" not in said(self.HIT, "E5", "C8", "F5"), "nobody knows how safe it is"


class TestCut:
    APART = drawn(9, black="C5 D5 F5 G5", white="E6")

    def test_the_answer_cuts(self) -> None:
        before, level = ownership(9, (["F5", "G5"], 60)), ownership(9)
        fact = only(explained_alike(self.APART, "H8", "B2", "E5", before=before, after=level), Tag.CUT_BY_REPLY)
        assert (fact.vertex, fact.count) == ("E5", 2)

    def test_silent_where_both_parts_live_or_stay_joined(self) -> None:
        level, safe = ownership(9), ownership(9, (["C5", "D5", "F5", "G5"], 80))
        assert "cut_by_reply" not in said(self.APART, "H8", "B2", "E5", before=safe, after=safe)
        assert "cut_by_reply" not in said(self.APART, "H8", "B2", "E5", before=level, after=level), "as it was before"
        joined = drawn(9, black="C5 D5 D4 F5 G5 F4", white="E6")
        assert "cut_by_reply" not in said(joined, "H8", "B2", "E5", before=safe, after=level)


class TestPoints:
    def test_an_exchange_beside_the_best_move(self) -> None:
        fact = only(explained_alike(CORNERS, "P5", "M5", "Q6", answer=("M5", "M3")), Tag.BAD_EXCHANGE)
        assert (fact.vertex, fact.stones) == ("M5", "Q6")
        assert "bad_exchange" not in said(CORNERS, "P5", "M5", "Q6", answer=("M3", "M5"))
        assert "bad_exchange" not in said(CORNERS, "P5", "L5", "M4", answer=("L5", "M3")), "no answer to the move"

    def test_the_opponent_takes_the_best_point_a_little_later(self) -> None:
        assert said(CORNERS, "C10", "O4", "D10", answer=("E10", "O4")) == {"still_urgent"}
        assert "still_urgent" not in said(CORNERS, "C10", "O4", "D10", answer=("E10", "K4", "O4"))

    def test_a_point_as_good_as_the_best(self) -> None:
        facts = explained_alike(CORNERS, "C10", "O4", "K16", others=[("K16", 150, 0.3)])
        assert (only(facts, Tag.SHARED_POINT).vertex, only(facts, Tag.SHARED_POINT).stones) == ("K16", "O4")

    @pytest.mark.parametrize("rival", [("K16", 150, 3.0), ("K16", 20, 0.3), ("K17", 150, 0.3)])
    def test_silent_about_a_point_that_is_worse_or_hardly_searched(self, rival: tuple[str, int, float]) -> None:
        assert "shared_point" not in said(CORNERS, "C10", "O4", "K16", others=[rival])

    def test_what_would_have_come_next(self) -> None:
        line = ("D10", "K16")
        assert said(CORNERS, "C10", "O4", "K16", variation=line) == {"next_taken"}
        assert "next_taken" not in said(CORNERS, "C10", "O4", "D10", variation=line), "the opponent's in both"

    def test_a_line_counts_as_far_as_it_was_searched(self) -> None:
        assert "next_taken" not in said(CORNERS, "C10", "O4", "K16", variation=("D10", "K16"), visits=15)

    def test_the_only_move(self) -> None:
        rivals = [("D10", 5, 3.0), ("R7", 5, 4.0)]
        facts = explained_alike(CORNERS, "C10", "O4", "K16", visits=900, prior=0.8, others=rivals)
        assert only(facts, Tag.ONLY_MOVE).points == pytest.approx(3.0)
        assert "only_move" not in said(CORNERS, "C10", "O4", "K16", visits=900, prior=0.3, others=rivals)
        close = [("D10", 5, 1.0), ("R7", 5, 4.0)]
        assert "only_move" not in said(CORNERS, "C10", "O4", "K16", visits=900, prior=0.8, others=close)


class TestAnswers:
    EARLIER = ((WHITE, "C11"),)

    def test_the_opponent_comes_back_to_what_was_left(self) -> None:
        earlier = [(WHITE, "Q14")]
        found = said(CORNERS, "C10", "Q13", "C14", earlier=earlier, answer=("D14", "O16"))
        assert found == {"tenuki"}
        assert "tenuki" not in said(CORNERS, "C10", "Q13", "C14", earlier=earlier, answer=("D14", "K4"))

    def test_or_the_mover_has_less_there(self) -> None:
        there = block("N10", "S16", 19)
        options = {"before": ownership(19, (there, 40)), "after": ownership(19)}
        assert "tenuki" in said(CORNERS, "C10", "Q13", "C14", earlier=[(WHITE, "Q14")], **options)

    def test_an_answer_that_was_not_needed(self) -> None:
        facts = explained_alike(CORNERS, "C10", "O4", "K16", earlier=self.EARLIER, variation=("R7",))
        fact = only(facts, Tag.NEEDLESS_ANSWER)
        assert (fact.vertex, fact.stones, fact.region) == ("O4", "C11", "lower_right")

    def test_silent_where_the_opponent_would_go_on_there(self) -> None:
        assert "needless_answer" not in said(CORNERS, "C10", "O4", "K16", earlier=self.EARLIER, variation=("D10",))
        later = ("R7", "P3", "D10")
        assert "needless_answer" not in said(CORNERS, "C10", "O4", "K16", earlier=self.EARLIER, variation=later)
        asked = ("R7", "C12", "D10")
        assert "needless_answer" in said(CORNERS, "C10", "O4", "K16", earlier=self.EARLIER, variation=asked)
        rival = [("D12", 200, 1.0)]
        options = {"earlier": self.EARLIER, "variation": ("R7",), "others": rival}
        assert "needless_answer" not in said(CORNERS, "C10", "O4", "K16", **options), "an answer is nearly as good"
        same = said(CORNERS, "C10", "O4", "D10", earlier=self.EARLIER, variation=("D10",))
        assert "needless_answer" in same, "he plays there whatever was answered"

    def test_silent_where_it_was_no_answer_or_stones_were_in_atari(self) -> None:
        assert "needless_answer" not in said(CORNERS, "C8", "O4", "K16", earlier=self.EARLIER, variation=("R7",))
        taken = drawn(19, black="Q16 D4 C12 C13", white="D16 Q4 C14 B12 B13 D12")
        options = {"earlier": self.EARLIER, "variation": ("R7",)}
        assert "needless_answer" not in said(taken, "D11", "O4", "K16", **options)

    def test_a_move_that_needs_no_answer_instead_of_one_that_does(self) -> None:
        away = {"answer": ("K14", "O16")}
        facts = explained_alike(CORNERS, "C10", "O4", "K16", variation=("P3",), **away)
        assert (only(facts, Tag.LOST_SENTE).vertex, only(facts, Tag.LOST_SENTE).stones) == ("O4", "P3")
        assert said(CORNERS, "C10", "O4", "K16", variation=("D16",), **away) == {"unanswered"}

    def test_an_endgame_move_that_keeps_the_initiative(self) -> None:
        endgame = {"phase": Phase.ENDGAME, "answer": ("K14", "O16"), "loss": 3.0}
        assert said(CORNERS, "C10", "O4", "K16", variation=("P3", "D10"), **endgame) == {"lost_sente"}
        assert said(CORNERS, "C10", "O4", "K16", variation=("P3", "O3"), **endgame) == {"endgame_size"}

    def test_silent_where_the_line_comes_back_or_is_too_short(self) -> None:
        assert not said(CORNERS, "C10", "O4", "K16", variation=("P3",), answer=("C12",)) & {"lost_sente", "unanswered"}
        assert not said(CORNERS, "C10", "O4", "K16", variation=("P3",)) & {"lost_sente", "unanswered"}


class TestPlaces:
    def test_what_the_answer_takes_around_itself(self) -> None:
        lost = block("M10", "T11", 19)
        before, after = ownership(19, (lost, 50)), ownership(19)
        fact = only(explained_alike(CORNERS, "P5", "C10", "Q7", before=before, after=after), Tag.REFUTED)
        assert (fact.vertex, fact.region) == ("Q7", "right_side")
        assert fact.points == pytest.approx(8.0)

    def test_a_part_of_the_board_that_was_forgotten(self) -> None:
        corner = block("A14", "F19", 19)
        before, after = ownership(19, (corner, 40)), ownership(19)
        fact = only(explained_alike(CORNERS, "P5", "D15", "K4", before=before, after=after), Tag.NEGLECTED)
        assert (fact.vertex, fact.region) == ("D15", "upper_left")
        assert fact.points == pytest.approx(8.0), "never more than the move lost"
        assert "neglected" not in said(CORNERS, "C14", "D15", "K4", before=before, after=after)

    def test_the_right_place_and_a_wrong_point(self) -> None:
        here = block("N3", "R7", 19)
        before, after = ownership(19, (here, 40)), ownership(19)
        assert "near_miss" in said(CORNERS, "P5", "P6", "C10", before=before, after=after)
        assert "near_miss" not in said(CORNERS, "P5", "P6", "C10", before=before, after=before)


def test_an_unsettled_verdict_has_no_such_reason() -> None:
    assert said(CORNERS, "C10", "O4", "D10", answer=("E10", "O4"), settled=False) == {"better_move"}


def test_a_sharper_reason_comes_first() -> None:
    assert said(CORNERS, "C10", "O4", "O4", answer=("E10", "K4")) == {"urgent_point"}


def test_in_every_phase_of_the_game() -> None:
    for phase in (Phase.MIDDLE, Phase.ENDGAME):
        assert said(CORNERS, "P5", "M5", "Q6", answer=("M5", "M3"), phase=phase) == {"bad_exchange"}


def test_sentences_name_both_points() -> None:
    text = words.sentence("needless_answer", "B", 0, point="O4", stones="C11", region="lower_right")
    assert text == "白C11此时不必应，应脱先走右下角O4。"
    text = words.sentence("lost_sente", "W", 0, point="O4", stones="P3")
    assert text == "此手黑可以不应；若走O4，黑要在P3应。"
