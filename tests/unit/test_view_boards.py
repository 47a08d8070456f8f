"""How the figures of a report are cut and sized."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from fakes.report_games import Sample, made_game, random_game

from pipeline.report.boards import GAP_MM, Studio
from pipeline.report.options import ReportOptions, layout_of
from pipeline.report.view_model import PAPERS, FigureView

A4 = PAPERS["A4"]


def studio(made: Sample, paper: str = "A4") -> Studio:
    return Studio(made.record, made.evaluations, layout_of(ReportOptions(paper=paper)))


def with_lines(made: Sample, number: int, better: str, punishing: str) -> Sample:
    """The same game with these variations before and after a move."""
    evaluations = dict(made.evaluations)
    for turn, line in ((number - 1, better.split()), (number, punishing.split())):
        best = replace(evaluations[turn].candidates[0], move=line[0], pv=tuple(line))
        evaluations[turn] = replace(evaluations[turn], candidates=(best,))
    moves = tuple(
        replace(m, best_vertex=better.split(maxsplit=1)[0]) if m.move_number == number else m for m in made.review.moves
    )
    return replace(made, evaluations=evaluations, review=replace(made.review, moves=moves))


def moment(made: Sample, number: int, paper: str = "A4") -> tuple[FigureView, ...]:
    figures, _ = studio(made, paper).moment(made.review.moves[number - 1], row_height_mm=83, stack_height_mm=230)
    return figures


def cell_mm(figure: FigureView) -> float:
    """Distance of the lines: a cell is 100 user units."""
    box = re.search(r'viewBox="0 0 ([0-9.]+)', figure.svg)
    assert box
    return figure.width_mm * 100 / float(box.group(1))


def test_a_local_fight_is_cut_out_and_drawn_larger() -> None:
    local = moment(with_lines(made_game(), 13, "S4 S3 S5 T4 S2 R2", "S5 S6 S4 S3 T5 T3"), 13)
    spread = moment(with_lines(made_game(), 13, "B2 C17 K10 R17", "S5 S6 S4 S3 T5 T3"), 13)
    assert len(local) == len(spread) == 3
    assert len({(f.width_mm, f.full_height_mm) for f in local}) == 1
    assert cell_mm(local[0]) > 1.3 * cell_mm(spread[0])


@pytest.mark.parametrize("number", [8, 13, 21])
def test_figures_stand_side_by_side(number: int) -> None:
    figures = moment(made_game(), number)
    assert sum(f.width_mm for f in figures) + GAP_MM * (len(figures) - 1) <= A4.content_width + 0.1


def test_the_punishment_stands_small_beside_two_whole_boards() -> None:
    figures = moment(with_lines(made_game(), 13, "B2 C17 K10 R17", "S5 S6 S4 S3 C3 T3"), 13)
    assert [f.caption.split("　")[1] for f in figures] == ["实战图", "参考图", "惩罚图"]
    assert figures[2].caption.endswith("白1—4")
    assert figures[2].width_mm < 0.7 * figures[0].width_mm
    assert figures[0].width_mm > 60


def test_a_punishment_all_over_the_board_is_left_to_the_words() -> None:
    figures = moment(with_lines(made_game(), 13, "B2 C17 K10 R17", "S5 A1 K19 B9"), 13)
    assert len(figures) == 2


def test_small_paper_has_no_three_whole_boards_in_a_row() -> None:
    made = with_lines(made_game(), 13, "B2 C17 K10 R17", "S5 S6 S4 S3 T5 T3")
    assert len(moment(made, 13)) == 3
    assert len(moment(made, 13, "A5")) == 2


def test_boards_too_small_for_a_row_stand_below_each_other() -> None:
    made = made_game()
    verdict = made.review.moves[7]
    for paper, stacked in (("A4", False), ("A5", True)):
        figures, is_stacked = studio(made, paper).moment(verdict, row_height_mm=83, stack_height_mm=165)
        assert is_stacked is stacked
        assert cell_mm(figures[0]) > 3.3


def test_a_small_board_is_shown_three_times_whole() -> None:
    figures = moment(random_game(9, 40, mistakes=(20,)), 20)
    assert len(figures) == 3
    assert len({f.width_mm for f in figures}) == 1


def test_figures_are_numbered_through() -> None:
    made = made_game()
    draw = studio(made)
    captions = [
        f.caption
        for n in (8, 13)
        for f in draw.moment(made.review.moves[n - 1], row_height_mm=83, stack_height_mm=230)[0]
    ]
    assert [c.split("　")[0] for c in captions] == ["图1", "图2", "图3", "图4", "图5"]


def test_a_pass_is_noted_under_the_record() -> None:
    draw = studio(made_game())
    rows = draw.record_rows(50, draw.record_layouts(50)[0])
    assert rows[-1][-1].notes == ("24＝停一手",)


def test_no_better_figure_when_the_first_choice_was_played() -> None:
    made = made_game()
    line = made.record.moves[7].vertex
    same = with_lines(made, 8, f"{line} A1", "B1 C1 D1")
    assert [f.caption.split("　")[1] for f in moment(same, 8)] == ["实战图"]
