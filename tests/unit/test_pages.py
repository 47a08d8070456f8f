"""Which part stands on which page, and how the rest of a page is filled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fakes.report_games import made_game, random_game

from pipeline.report import heights
from pipeline.report.boards import RecordLayout
from pipeline.report.options import ReportOptions, layout_of
from pipeline.report.pages import MAX_NOTE_LINES, MIN_NOTE_LINES, Block, Parts, arrange, paginate
from pipeline.report.view import build_view
from pipeline.report.view_model import FigureView, MomentView, ReportView, Svg

LAYOUT = layout_of(ReportOptions())
PAGE = LAYOUT.paper.content_height
BOARD = FigureView(Svg(""), 86, 80, "")
MOMENT = MomentView(1, "", (), (BOARD, BOARD), "", MIN_NOTE_LINES)
TALL = replace(MOMENT, figures=(replace(BOARD, full_height_mm=118),) * 2, stacked=True, note_lines=9)


def parts(**changes: Any) -> Parts:
    none = Parts((), 120.0, (), 0.0, (), 0.0, (0.0, 45.0))
    return replace(none, **changes)


def view(options: ReportOptions, *, mistakes: int, length: int = 150) -> ReportView:
    made = random_game(19, length, mistakes=range(10, 10 + 11 * mistakes, 11))
    return build_view(made.record, made.evaluations, made.review, made.info, options, printed_on="2026-11-22")


def test_a_part_that_does_not_fit_begins_the_next_page() -> None:
    made = paginate([Block(100, 5), Block(100, 5), Block(100, 5)], 210)
    assert [len(page) for page in made] == [2, 1]


def test_no_space_is_kept_above_the_first_part_of_a_page() -> None:
    assert len(paginate([Block(100, 50), Block(98, 0)], 200)) == 1


def test_moments_that_share_a_page_get_the_same_number_of_lines() -> None:
    made = arrange(LAYOUT, parts(statistics=250.0, moments=(MOMENT,) * 4, closing=(0.0, 0.0)))
    lines = [m.note_lines for m in made.moments]
    assert max(lines) - min(lines) <= 1
    assert all(MIN_NOTE_LINES <= line <= MAX_NOTE_LINES for line in lines)


def test_a_moment_above_a_stacked_one_gets_the_rest_of_its_page() -> None:
    made = arrange(LAYOUT, parts(statistics=250.0, moments=(MOMENT, TALL), closing=(0.0, 0.0)))
    assert made.moments[0].note_lines > MAX_NOTE_LINES


def test_the_lines_beside_a_column_of_boards_go_on_to_the_end_of_the_page() -> None:
    short = replace(TALL, figures=(BOARD,) * 2)
    made = arrange(LAYOUT, parts(statistics=250.0, moments=(short, MOMENT, MOMENT), closing=(0.0, 0.0)))
    assert made.moments[0].note_lines > TALL.note_lines
    assert made.starts[1:3] == ("moment0", "moment1")


def test_the_closing_part_comes_before_the_key_moments_rather_than_alone_on_a_page() -> None:
    made = arrange(LAYOUT, parts(statistics=150.0, moments=(MOMENT,) * 2, segments=40.0))
    assert made.segments_early
    assert made.method_early
    late = arrange(LAYOUT, parts(moments=(MOMENT,) * 2, segments=40.0))
    assert not late.method_early


def test_a_small_record_goes_where_the_key_moments_would_leave_a_page_empty() -> None:
    small = RecordLayout(1, 6.0, (100.0,))
    made = arrange(LAYOUT, parts(moments=(TALL,) * 2, records=(small,), closing=(0.0, 60.0)))
    assert made.record_early
    assert made.starts == ("statistics", "moment0", "moment1", "method")
    assert made.ruled == ()


def test_what_stays_empty_before_the_end_is_ruled_for_notes() -> None:
    made = arrange(LAYOUT, parts(statistics=150.0, moments=(TALL, TALL), closing=(0.0, 0.0)))
    assert made.starts == ("statistics", "moment0", "moment1")
    assert dict(made.ruled)["statistics"] >= 5


def test_lines_for_notes_and_lines_of_a_key_moment_share_the_last_page() -> None:
    """What is ruled below the last key moment is not ruled once more below it, on another page."""
    made = arrange(LAYOUT, parts(statistics=250.0, moments=(MOMENT,), closing=(0.0, 0.0)))
    assert made.moments[0].note_lines > MAX_NOTE_LINES
    assert made.last_lines == 0


def test_the_record_is_as_large_as_the_page_allows() -> None:
    large, small = RecordLayout(1, 4.9, (101.0, 101.0)), RecordLayout(2, 4.4, (92.0,))
    alone = arrange(
        LAYOUT, parts(statistics=250.0, moments=(MOMENT, MOMENT), records=(large, small), closing=(0.0, 0.0))
    )
    assert alone.record == large
    beside = arrange(LAYOUT, parts(statistics=250.0, moments=(MOMENT,) * 3, records=(large, small), closing=(0.0, 0.0)))
    assert beside.record == small


def test_an_empty_rest_of_the_last_page_is_ruled_for_the_teacher() -> None:
    made = arrange(LAYOUT, parts(statistics=240.0, closing=(0.0, 60.0)))
    assert made.last_lines >= 3
    assert arrange(LAYOUT, parts(statistics=240.0, closing=(0.0, 245.0))).last_lines == 0


def test_key_moves_that_find_no_room_take_the_teachers_lines_with_them() -> None:
    assert arrange(LAYOUT, parts(carried=(("key_moves", 80.0),), statistics=220.0)).carried_lines >= 3
    assert arrange(LAYOUT, parts(carried=(("key_moves", 80.0),), statistics=120.0)).carried_lines == 0


def test_the_last_page_is_ruled_to_its_end() -> None:
    made = arrange(LAYOUT, parts(statistics=240.0, closing=(0.0, 60.0)))
    ruled = heights.ruled(LAYOUT, made.last_lines)
    assert PAGE - 60.0 - ruled < 0.1 * PAGE


def test_in_large_print_a_page_is_ruled_rather_than_a_small_board_squeezed_on_it() -> None:
    large = layout_of(ReportOptions(large_print=True))
    page = large.paper.content_height
    squeezed, whole = RecordLayout(1, 3.9, (0.3 * page,)), RecordLayout(1, 6.0, (0.45 * page,))
    choice = parts(statistics=0.6 * page, records=(whole, squeezed), closing=(0.0, 0.3 * page))
    assert arrange(large, choice).record == whole


@pytest.mark.parametrize("paper", ["A4", "B5", "A5"])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("mistakes", [3, 12])
def test_the_curves_can_be_read_on_every_paper(paper: str, large: bool, mistakes: int) -> None:
    """The numbers at the axis have their room, even above a long table of key moves in large print."""
    shown = view(ReportOptions(paper=paper, large_print=large, key_moments=20), mistakes=mistakes)
    for curve in shown.curves:
        assert float(curve.svg.split('height="')[1].split("mm")[0]) >= 24.9


def test_a_long_table_in_large_print_stands_whole_on_the_second_page() -> None:
    assert view(ReportOptions(paper="A5", large_print=True), mistakes=10).starts[0] == "key_moves"
    assert view(ReportOptions(), mistakes=6).starts[0] == "statistics"


def test_notes_take_as_many_lines_as_the_board_is_narrow() -> None:
    assert heights.notes(LAYOUT, 6, 45) > heights.notes(LAYOUT, 6, 90) > 0
    assert heights.notes(LAYOUT, 0, 90) == 0


def test_the_whole_game_stands_on_one_board_when_a_figure_holds_that_many_moves() -> None:
    made = made_game()
    shown = build_view(
        made.record,
        made.evaluations,
        made.review,
        made.info,
        ReportOptions(moves_per_figure=400),
        printed_on="2026-11-22",
    )
    assert [len(row) for row in shown.record] == [1]


def test_lines_below_a_third_board_are_as_wide_as_the_page() -> None:
    """Beside it stand as many as it is high; what the page has left is ruled below."""
    nook = replace(MOMENT, figures=(BOARD, BOARD, replace(BOARD, full_height_mm=40.0)), nook=True, note_lines=3)
    made = arrange(LAYOUT, parts(statistics=250.0, moments=(nook,), closing=(0.0, 0.0)))
    assert made.moments[0].note_lines == 3
    assert made.moments[0].lines_below > 0
    assert heights.moment(LAYOUT, made.moments[0]) <= PAGE
