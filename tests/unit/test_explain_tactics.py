"""What the board proves about a mistake: each rule where it holds, and where it must be silent."""

from __future__ import annotations

import pytest
from fakes.positions import board_of, drawn, explained, ownership, tags

from pipeline.go.board import Board, Color, Point, parse_vertex
from pipeline.go.tactics import captures, chases, looks_like_ladder, runs, starts_ko
from pipeline.review.model import Fact, Tag

BLACK, WHITE = Color.BLACK, Color.WHITE
LADDER = drawn(13, black="C4 D3 E3", white="D4")
BROKEN = drawn(13, black="C4 D3 E3", white="D4 K10")
KO = drawn(9, black="E6 E4 F5", white="C5 D6 D4")


def at(name: str, size: int = 13) -> Point:
    point = parse_vertex(name, size, size)
    assert point is not None
    return point


def played(drawing: str, *moves: tuple[Color, str]) -> Board:
    board = board_of(drawing)
    for color, vertex in moves:
        board.play(color, parse_vertex(vertex, board.width, board.height))
    return board


def only(facts: tuple[Fact, ...], tag: Tag) -> Fact:
    (found,) = [fact for fact in facts if fact.tag is tag]
    return found


class TestReading:
    def test_a_ladder_over_the_empty_board_catches(self) -> None:
        board = played(LADDER, (BLACK, "D5"))
        found = runs(board, at("D4"))
        assert found is not None
        assert found.caught
        assert found.plies > 20
        assert looks_like_ladder(board, at("D4"))

    def test_a_stone_on_its_way_breaks_it(self) -> None:
        found = runs(played(BROKEN, (BLACK, "D5")), at("D4"))
        assert found is not None
        assert not found.caught

    def test_the_chaser_finds_the_right_side(self) -> None:
        assert chases(board_of(LADDER), at("D4")) is not None
        wrong = runs(played(LADDER, (BLACK, "E4")), at("D4"))
        right = runs(played(LADDER, (BLACK, "D5")), at("D4"))
        assert (wrong is not None and wrong.caught, right is not None and right.caught) == (False, True)

    def test_three_liberties_are_no_ladder(self) -> None:
        assert chases(board_of(drawn(9, white="E5")), at("E5", 9)) is None
        assert runs(board_of(drawn(9, white="E5")), at("E5", 9)) is None

    def test_capturing_a_chaser_is_a_way_out(self) -> None:
        """White's stone in atari takes the black stone that gave it."""
        board = board_of(drawn(9, black="D4 C5 D6 E5", white="D5 E4 F5 F6 E6"))
        found = runs(board, at("D5", 9))
        assert found is None or not found.caught

    def test_a_ko_makes_it_unsure(self) -> None:
        assert starts_ko(played(KO, (BLACK, "D5")), WHITE, at("E5", 9))
        assert chases(played(KO, (BLACK, "D5")), at("D5", 9)) is None

    def test_captures_of_an_illegal_move_are_none(self) -> None:
        assert captures(board_of(drawn(9, white="E5")), BLACK, at("E5", 9)) == ()


class TestCaptures:
    ATARI = drawn(9, black="D6 E6 C5 D4 E4", white="D5 E5")

    def test_stones_that_could_be_taken(self) -> None:
        fact = only(explained(self.ATARI, "B2", "F5", "F5"), Tag.MISSED_CAPTURE)
        assert (fact.vertex, fact.count, fact.owner) == ("F5", 2, WHITE)

    def test_silent_when_the_best_move_takes_nothing(self) -> None:
        assert "missed_capture" not in tags(explained(self.ATARI, "B2", "H8", "F5"))

    def test_silent_about_one_stone_of_little_weight(self) -> None:
        one = drawn(9, black="D6 C5 D4", white="D5")
        assert "missed_capture" not in tags(explained(one, "B2", "E5", "E5", loss=2.0))
        assert "missed_capture" in tags(explained(one, "B2", "E5", "E5", loss=5.0))

    def test_own_stones_left_in_atari(self) -> None:
        fact = only(explained(self.ATARI, "B2", "F5", "F5", color=WHITE), Tag.IGNORED_ATARI)
        assert (fact.vertex, fact.count, fact.owner) == ("F5", 2, WHITE)

    def test_silent_when_the_opponent_has_better_than_taking_them(self) -> None:
        assert "ignored_atari" not in tags(explained(self.ATARI, "B2", "F5", "H8", color=WHITE))

    def test_silent_when_they_cannot_be_saved(self) -> None:
        dead = drawn(9, black="D6 E6 C5 D4 E4 F6 F4 G5", white="D5 E5")
        assert "ignored_atari" not in tags(explained(dead, "B2", "F5", "F5", color=WHITE))

    def test_a_move_that_leaves_one_liberty(self) -> None:
        drawing = drawn(9, black="D5", white="C5 D6 D4 E6 E4")
        fact = only(explained(drawing, "E5", "H8", "F5"), Tag.SELF_ATARI)
        assert (fact.vertex, fact.count, fact.owner) == ("F5", 2, BLACK)

    def test_silent_when_nobody_takes(self) -> None:
        drawing = drawn(9, black="D5", white="C5 D6 D4 E6 E4")
        assert "self_atari" not in tags(explained(drawing, "E5", "H8", "A1"))


class TestLadders:
    HELD, GONE = ownership(13, (["D4"], 60)), ownership(13, (["D4"], -60))

    def test_a_ladder_that_works_was_missed(self) -> None:
        facts = explained(LADDER, "L3", "D5", "D5", before=self.HELD, after=self.GONE)
        assert only(facts, Tag.MISSED_LADDER).vertex == "D5"

    def test_silent_when_the_ladder_is_broken(self) -> None:
        facts = explained(BROKEN, "L3", "D5", "D5", before=self.HELD, after=self.GONE)
        assert not tags(facts) & {"missed_ladder", "missed_chase"}

    def test_silent_when_the_stone_did_not_get_away(self) -> None:
        facts = explained(LADDER, "L3", "D5", "D5", before=self.HELD, after=self.HELD)
        assert not tags(facts) & {"missed_ladder", "missed_chase"}

    def test_a_short_catch_is_not_called_a_ladder(self) -> None:
        corner = drawn(13, black="A3 B3 C2", white="B2 A2")
        held, gone = ownership(13, (["A2", "B2"], 60)), ownership(13, (["A2", "B2"], -60))
        assert tags(explained(corner, "L3", "B1", "B1", before=held, after=gone)) >= {"missed_chase"}

    def test_a_ladder_that_does_not_work_was_begun(self) -> None:
        fact = only(explained(BROKEN, "D5", "L3", "E4"), Tag.BROKEN_LADDER)
        assert (fact.vertex, fact.owner) == ("E4", WHITE)

    def test_silent_when_it_works(self) -> None:
        assert "broken_ladder" not in tags(explained(LADDER, "D5", "L3", "E4"))

    def test_running_in_a_ladder_that_works(self) -> None:
        drawing = drawn(13, black="C4 D3 E3 D5", white="D4")
        fact = only(explained(drawing, "E4", "L3", "F4", color=WHITE), Tag.LADDER_RUN)
        assert (fact.owner, fact.count) == (WHITE, 2)

    def test_silent_when_the_runner_gets_away(self) -> None:
        drawing = drawn(13, black="C4 D3 E3 D5", white="D4 K10")
        assert "ladder_run" not in tags(explained(drawing, "E4", "L3", "F4", color=WHITE))


class TestKo:
    def test_a_move_that_starts_one(self) -> None:
        assert only(explained(KO, "D5", "H2", "E5"), Tag.KO_STARTED).vertex == "E5"

    def test_silent_when_the_opponent_does_not_take_it(self) -> None:
        assert "ko_started" not in tags(explained(KO, "D5", "H2", "H3"))

    def test_a_threat_that_is_too_small(self) -> None:
        drawing = drawn(9, black="D5 E6 E4 F5", white="C5 D6 D4")
        facts = explained(drawing, "J9", "J1", "D5", earlier=[(WHITE, "E5")])
        assert only(facts, Tag.KO_THREAT_TOO_SMALL).vertex == "D5"
        assert "ko_threat_too_small" not in tags(explained(drawing, "J9", "J1", "H9", earlier=[(WHITE, "E5")]))

    def test_a_threat_that_had_to_be_answered(self) -> None:
        drawing = drawn(9, black="C5 D6 D4", white="D5 E6 E4 F5")
        earlier = [(BLACK, "E5"), (WHITE, "J9")]
        fact = only(explained(drawing, "D5", "H9", "H9", earlier=earlier), Tag.KO_THREAT_IGNORED)
        assert (fact.vertex, fact.stones) == ("H9", "J9")
        assert "ko_threat_ignored" not in tags(explained(drawing, "D5", "D1", "D1", earlier=earlier))


class TestCuts:
    CUT = drawn(9, black="B4 C4 E4 F4", white="D3")

    def test_a_connection_that_was_missed(self) -> None:
        fact = only(explained(self.CUT, "H8", "D4", "D4"), Tag.MISSED_CONNECTION)
        assert (fact.vertex, fact.owner) == ("D4", BLACK)

    def test_a_cut_that_was_missed(self) -> None:
        fact = only(explained(self.CUT, "H8", "D4", "D4", color=WHITE), Tag.MISSED_CUT)
        assert (fact.vertex, fact.owner) == ("D4", BLACK)

    @pytest.mark.parametrize(
        ("black", "white"),
        [
            ("B4 C4 E4 F4 C5 E5 D6 C6", "D3"),  # they are joined behind it
            ("B4 C4 E4 F4", ""),  # a lone wedge may be caught
            ("C4 E4", "D3"),  # too few stones to speak of
        ],
    )
    def test_silent_when_it_may_not_be_a_cut(self, black: str, white: str) -> None:
        assert "missed_connection" not in tags(explained(drawn(9, black, white), "H8", "D4", "D4"))

    def test_silent_when_the_point_is_not_the_answer(self) -> None:
        assert "missed_connection" not in tags(explained(self.CUT, "H8", "D4", "H2"))
