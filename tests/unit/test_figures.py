"""Figures: numbers, captured stones and notes as Go books have them."""

import pytest

from pipeline.go.board import Color, Point, parse_vertex
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.report.diagram import MarkKind
from pipeline.report.figures import (
    Note,
    focus,
    played_figure,
    record_figures,
    variation_figure,
    whole_record,
    with_window,
)

B, W = Color.BLACK, Color.WHITE


def game(moves, *, size=9, black=(), white=(), first=B):
    """A record from vertices that alternate, or with their colour in front (``B:C3``)."""
    color, made = first, []
    for text in moves.split():
        named, vertex = text[1] == ":", text[2 * (text[1] == ":") :]
        color = Color(text[0]) if named else color
        made.append(Move(color, parse_vertex(vertex, size, size)))
        color = color.opponent
    return GameRecord(
        size,
        size,
        tuple(made),
        6.5,
        Ruleset.CHINESE,
        setup_black=tuple(sorted(at(v, size) for v in black)),
        setup_white=tuple(sorted(at(v, size) for v in white)),
        first_to_play=first,
    )


def at(vertex, size=9):
    return parse_vertex(vertex, size, size)


def numbers(figure):
    return {number: point for point, number in figure.diagram.numbers}


def marks(figure):
    return {(mark.kind, mark.point) for mark in figure.diagram.marks}


def ko_game():
    """A ko at E5/F5: White 8 takes F5's black stone, Black 11 takes back."""
    return game("E6 F6 D5 G5 E4 F4 F5 E5 A1 A9 F5 J9 J1 E5")


def test_each_figure_has_its_moves_and_the_position_before_as_plain_stones():
    record = game("A1 B1 C1 D1 E1 F1 G1")
    first, second = record_figures(record, moves_per_figure=4)
    assert (first.first, first.last, second.first, second.last) == (1, 4, 5, 7)
    assert numbers(second) == {5: at("E1"), 6: at("F1"), 7: at("G1")}
    assert dict(second.diagram.stones)[at("A1")] is B
    assert len(second.diagram.stones) == 7


def test_a_short_rest_joins_the_figure_before():
    vertices = [f"{c}{r}" for r in range(1, 7) for c in "ABCDEFGHJ"]
    record = game(" ".join(vertices[:53]))
    assert [(f.first, f.last) for f in record_figures(record)] == [(1, 53)]
    assert [(f.first, f.last) for f in record_figures(record, moves_per_figure=20)] == [(1, 20), (21, 40), (41, 53)]


def test_a_game_without_moves_has_no_figures_but_a_whole_record():
    record = game("", black=("C3", "G7"))
    assert record_figures(record) == ()
    whole = whole_record(record)
    assert len(whole.diagram.stones) == 2
    assert whole.last < whole.first


def test_figures_of_no_moves_are_refused():
    with pytest.raises(ValueError, match="positive"):
        record_figures(game("A1"), moves_per_figure=0)


def test_ko_captures_become_notes_that_name_the_number_on_their_point():
    whole = whole_record(ko_game())
    assert whole.notes == (Note(11, 7, "F5"), Note(14, 8, "E5"))
    assert numbers(whole)[7] == at("F5")
    assert set(numbers(whole)) == {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13}


def test_a_note_names_the_point_when_the_stone_there_has_no_number():
    _, second = record_figures(ko_game(), moves_per_figure=7)
    # F5 stands at the start of the figure, is taken by 8 and refilled by 11.
    assert second.notes[0] == Note(11, None, "F5")
    assert dict(second.diagram.stones)[at("F5")] is B
    assert second.notes[1] == Note(14, 8, "E5")


def test_stones_taken_within_a_figure_stay_drawn_and_are_gone_in_the_next():
    record = game("A1 A2 J9 B1 J8 J1 J7 H1")
    first, second = record_figures(record, moves_per_figure=4)
    assert dict(first.diagram.stones)[at("A1")] is B
    assert numbers(first)[1] == at("A1")
    assert at("A1") not in dict(second.diagram.stones)


def test_passes_are_notes():
    whole = whole_record(game("C3 pass pass G7"))
    assert whole.notes == (Note(2, None, "pass"), Note(3, None, "pass"))
    assert set(numbers(whole)) == {1, 4}


def test_handicap_stones_are_plain_and_two_moves_in_a_row_keep_their_colours():
    record = game("W:C3 W:D3 B:E5", black=("G7", "G3"), first=W)
    stones = dict(whole_record(record).diagram.stones)
    assert stones == {at("G7"): B, at("G3"): B, at("C3"): W, at("D3"): W, at("E5"): B}
    assert set(numbers(whole_record(record)).values()) == {at("C3"), at("D3"), at("E5")}


class TestPlayed:
    def test_game_numbers_from_the_move_on_and_a_triangle_on_the_move_before(self):
        figure = played_figure(game("C3 G7 C7 G3 E5 E3 E7"), 3, follow=2)
        assert (figure.first, figure.last) == (3, 5)
        assert numbers(figure) == {3: at("C7"), 4: at("G3"), 5: at("E5")}
        assert marks(figure) == {(MarkKind.TRIANGLE, at("G7"))}
        assert at("E3") not in dict(figure.diagram.stones)

    def test_the_first_and_the_last_move(self):
        record = game("C3 G7 C7")
        assert not played_figure(record, 1).diagram.marks
        assert played_figure(record, 3).last == 3

    def test_after_a_pass_there_is_no_triangle_and_a_pass_is_a_note(self):
        record = game("C3 pass G7 pass")
        assert not played_figure(record, 3).diagram.marks
        figure = played_figure(record, 4)
        assert figure.notes == (Note(4, None, "pass"),)
        assert marks(figure) == {(MarkKind.TRIANGLE, at("G7"))}

    def test_the_triangle_of_a_stone_taken_in_the_figure_stays(self):
        figure = played_figure(ko_game(), 8)
        assert (MarkKind.TRIANGLE, at("F5")) in marks(figure)
        assert figure.notes == (Note(11, None, "F5"),)

    @pytest.mark.parametrize("number", [0, -1, 4])
    def test_no_such_move(self, number):
        with pytest.raises(ValueError, match="no move"):
            played_figure(game("C3 G7 C7"), number)


class TestVariation:
    def test_numbers_restart_and_colours_alternate_from_the_side_to_move(self):
        record = game("C3 G7 C7")
        figure = variation_figure(record, 3, ["G3", "E5", "E3"], played=None)
        assert numbers(figure) == {1: at("G3"), 2: at("E5"), 3: at("E3")}
        stones = dict(figure.diagram.stones)
        assert [stones[at(v)] for v in ("G3", "E5", "E3")] == [W, B, W]
        assert marks(figure) == {(MarkKind.TRIANGLE, at("C7"))}

    def test_the_letter_a_marks_the_move_played(self):
        figure = variation_figure(game("C3 G7 C7"), 2, ["G3"], played=at("C7"))
        letters = [mark for mark in figure.diagram.marks if mark.kind is MarkKind.LETTER]
        assert [(mark.point, mark.text) for mark in letters] == [(at("C7"), "A")]

    def test_no_letter_where_the_variation_puts_a_number(self):
        figure = variation_figure(game("C3 G7 C7"), 2, ["G3", "C7"], played=at("C7"))
        assert all(mark.kind is not MarkKind.LETTER for mark in figure.diagram.marks)

    def test_a_move_on_a_point_taken_in_the_variation_is_a_note(self):
        record = ko_game()
        figure = variation_figure(record, 7, ["E5", "A1", "A9", "F5", "J9", "J1", "E5"])
        assert figure.notes == (Note(4, None, "F5"), Note(7, 1, "E5"))
        assert figure.last == 7

    @pytest.mark.parametrize("bad", ["C3", "Z9", "K1", "", "E5 ", "E5"])
    def test_an_illegal_move_ends_it(self, bad):
        figure = variation_figure(game("C3 G7"), 2, ["E5", bad, "E3"])
        assert numbers(figure) == {1: at("E5")}
        assert figure.last == 1

    def test_a_ko_must_not_be_retaken_at_once(self):
        figure = variation_figure(ko_game(), 7, ["E5", "F5", "A1"])
        assert set(numbers(figure)) == {1}

    def test_passes_are_notes_and_the_limit_holds(self):
        figure = variation_figure(game("C3"), 1, ["pass", "E5", "E3", "E7"], limit=3, first_number=2)
        assert figure.notes == (Note(2, None, "pass"),)
        assert set(numbers(figure)) == {3, 4}
        assert (figure.first, figure.last) == (2, 4)

    def test_an_empty_variation_still_shows_the_position(self):
        figure = variation_figure(game("C3"), 1, [])
        assert figure.last < figure.first
        assert dict(figure.diagram.stones) == {at("C3"): B}


def test_focus_and_window_join_figures():
    record = game("C3 G7 C7", size=9)
    one, two = played_figure(record, 3), variation_figure(record, 2, ["G3"], played=at("C7"))
    assert focus(one, two) == tuple(sorted({at("C7"), at("G7"), at("G3")}))
    assert with_window(one, None) == one


def test_rectangles():
    moves = (Move(B, Point(12, 0)), Move(W, Point(0, 4)))
    record = GameRecord(13, 5, moves, 0.5, Ruleset.CHINESE)
    assert numbers(whole_record(record)) == {1: Point(12, 0), 2: Point(0, 4)}
