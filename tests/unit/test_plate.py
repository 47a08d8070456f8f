"""A single diagram for a handout: its moves, its part of the board, the words below."""

from __future__ import annotations

import pytest
from fakes.report_games import made_game

from pipeline.go.board import Point, parse_vertex
from pipeline.report import figures as fig
from pipeline.report import plate
from pipeline.report.diagram import Mark, MarkKind, Window
from pipeline.wording import diagram as words

RECORD = made_game().record


def point(name: str) -> Point:
    found = parse_vertex(name, 19, 19)
    assert found is not None
    return found


def test_moves_bear_their_numbers_or_count_anew() -> None:
    played = fig.numbered_figure(RECORD, 5, 8)
    assert [number for _, number in played.diagram.numbers] == [5, 6, 7, 8]
    anew = fig.numbered_figure(RECORD, 5, 8, first_number=1)
    assert [number for _, number in anew.diagram.numbers] == [1, 2, 3, 4]
    assert (anew.first, anew.last) == (1, 4)


@pytest.mark.parametrize("span", [(0, 3), (5, 4), (20, 99)])
def test_moves_that_were_not_played_are_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no moves"):
        fig.numbered_figure(RECORD, *span)


@pytest.mark.parametrize(
    ("part", "size", "window"),
    [
        ("右上", (19, 19), Window(9, 9, 18, 18)),
        ("左下", (19, 19), Window(0, 0, 9, 9)),
        ("上边", (19, 19), Window(0, 9, 18, 18)),
        ("右下", (13, 19), Window(6, 0, 12, 9)),
        ("左上", (8, 8), Window(0, 3, 4, 7)),
        ("全", (19, 19), None),
    ],
)
def test_the_middle_lines_belong_to_both_sides(part: str, size: tuple[int, int], window: Window | None) -> None:
    assert plate.part_window(words.PARTS[part], *size) == window


def test_a_part_of_the_board_is_never_widened_and_tells_what_lies_outside() -> None:
    figure = fig.numbered_figure(RECORD, 1, 4)  # Q16, D4, D16, Q4
    figure = plate.marked(figure, [Mark(point("C3"), MarkKind.CROSS), Mark(point("R17"), MarkKind.SQUARE)])
    shown = plate.cropped(figure, Window(9, 9, 18, 18))
    assert [number for _, number in shown.diagram.numbers] == [1]
    assert [(note.number, note.vertex) for note in shown.notes] == [(2, "D4"), (3, "D16"), (4, "Q4")]
    assert [mark.point for mark in shown.diagram.marks] == [point("R17")]


def test_two_corners_in_any_order_span_a_part() -> None:
    assert plate.between(point("T10"), point("K19")) == Window(9, 9, 18, 18)


def test_notes_are_wrapped_to_the_width() -> None:
    notes = [f"{n}＝{n - 60}" for n in range(160, 180)]
    lines = plate.wrapped(notes, "　", 60.0)
    assert 2 < len(lines) < len(notes)
    assert "　".join(lines) == "　".join(notes)


def test_words_below_make_the_drawing_higher_and_stay_text() -> None:
    diagram = fig.numbered_figure(RECORD, 1, 4).diagram
    bare = plate.draw(diagram, (), cell_mm=4.0, width_mm=None)
    told = plate.draw(diagram, ["<b>一</b>"], cell_mm=4.0, width_mm=None)
    assert told.height_mm > bare.height_mm
    assert told.width_mm == bare.width_mm
    assert "<b>" not in told.svg


def test_the_width_that_is_asked_for_is_that_of_the_whole_drawing() -> None:
    assert plate.draw(made_game_diagram(), ("一",), cell_mm=4.0, width_mm=70).width_mm == pytest.approx(70)


def made_game_diagram():
    return fig.numbered_figure(RECORD, 1, 4).diagram


@pytest.mark.parametrize(
    ("text", "span"), [("31-60", (31, 60)), ("31—60手", (31, 60)), (" 5 ", (5, 5)), ("a-b", None), ("", None)]
)
def test_ranges_of_moves(text: str, span: tuple[int, int] | None) -> None:
    assert words.move_range(text) == span
