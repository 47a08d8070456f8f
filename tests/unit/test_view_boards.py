"""How the figures of a report are cut and sized."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from fakes.report_games import Sample, made_game, random_game

from pipeline.go.board import Point
from pipeline.report.boards import GAP_MM, Studio
from pipeline.report.moment_boards import READABLE_CELL_MM, MomentBoards, MomentSetter, Room, Setting
from pipeline.report.options import ReportOptions, layout_of
from pipeline.report.view_model import PAPERS, FigureView

A4 = PAPERS["A4"]
ROOM = Room(row=78, tight_row=86, nook=112, stack=230)
SMALL_ROOM = Room(row=60, tight_row=66, nook=85, stack=165)


def studio(made: Sample, paper: str = "A4") -> Studio:
    return Studio(made.record, layout_of(ReportOptions(paper=paper)))


def with_lines(made: Sample, number: int, better: str, punishing: str, loss: float | None = None) -> Sample:
    """The same game with these variations before and after a move, which lost so much."""
    evaluations = dict(made.evaluations)
    for turn, line in ((number - 1, better.split()), (number, punishing.split())):
        best = replace(evaluations[turn].candidates[0], move=line[0], pv=tuple(line))
        evaluations[turn] = replace(evaluations[turn], candidates=(best,))
    moves = list(made.review.moves)
    lost = moves[number - 1].points_lost if loss is None else loss
    moves[number - 1] = replace(moves[number - 1], best_vertex=better.split(maxsplit=1)[0], points_lost=lost)
    return replace(made, evaluations=evaluations, review=replace(made.review, moves=tuple(moves)))


def boards(made: Sample, number: int, paper: str = "A4") -> MomentBoards:
    room = ROOM if paper == "A4" else SMALL_ROOM
    return MomentSetter(studio(made, paper), made.evaluations).moment(made.review.moves[number - 1], room)


def moment(made: Sample, number: int, paper: str = "A4") -> tuple[FigureView, ...]:
    return boards(made, number, paper).figures


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
    for paper, setting in (("A4", Setting.ROW), ("A5", Setting.STACK)):
        made = boards(made_game(), 8, paper)
        assert made.setting is setting
        assert cell_mm(made.figures[0]) > 3.3


def test_three_wide_boards_stand_two_in_a_row_and_one_below() -> None:
    """A fight all along the lower side: in a row of three its lines would be 3 mm apart."""
    made = boards(with_lines(made_game(), 10, "B2 D2 K3 R2", "S3 A3 K2 B4", loss=8.0), 10)
    assert made.setting is Setting.NOOK
    assert len(made.figures) == 3
    assert cell_mm(made.figures[0]) >= READABLE_CELL_MM


def test_a_narrow_strip_of_the_board_keeps_three_in_a_row() -> None:
    """What happens along one side is shown from top to bottom, but not the other side."""
    made = boards(with_lines(made_game(), 13, "S2 R18 S10 Q17", "S5 T18 R2 S14"), 13)
    assert made.setting is Setting.ROW
    assert len(made.figures) == 3
    assert made.figures[0].full_height_mm > 1.3 * made.figures[0].width_mm
    assert cell_mm(made.figures[0]) >= READABLE_CELL_MM


@pytest.mark.parametrize(
    "lines",
    [("S4 S3 S5 T4 S2 R2", "S5 S6 S4 S3 T5 T3"), ("B2 C17 K10 R17", "S5 S6 S4 S3 T5 T3"), ("B2 C17", "A1 K19 T9")],
)
@pytest.mark.parametrize("number", [8, 13, 21])
def test_three_boards_are_never_too_small_to_read(lines: tuple[str, str], number: int) -> None:
    made = moment(with_lines(made_game(), number, *lines, loss=8.0), number)
    assert cell_mm(made[0]) >= READABLE_CELL_MM


def test_a_small_board_is_shown_three_times_whole() -> None:
    figures = moment(random_game(9, 40, mistakes=(20,)), 20)
    assert len(figures) == 3
    assert len({f.width_mm for f in figures}) == 1


def test_figures_are_numbered_through() -> None:
    made = made_game()
    setter = MomentSetter(studio(made), made.evaluations)
    captions = [f.caption for n in (8, 13) for f in setter.moment(made.review.moves[n - 1], ROOM).figures]
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


def test_a_screen_shows_every_board() -> None:
    made = with_lines(made_game(), 13, "B2 C17 K10 R17", "S5 A1 K19 B9")
    draw = Studio(made.record, layout_of(ReportOptions(screen=True)))
    assert len(MomentSetter(draw, made.evaluations).moment(made.review.moves[12], ROOM).figures) == 3


@pytest.mark.parametrize(
    ("size", "paper", "large", "across"),
    [(13, "A5", False, 2), (19, "A5", False, 1), (13, "A4", True, 2), (19, "A4", True, 1), (13, "A5", True, 1)],
)
def test_small_boards_of_the_record_stand_beside_each_other_where_they_can_be_read(
    size: int, paper: str, large: bool, across: int
) -> None:
    draw = Studio(random_game(size, 90).record, layout_of(ReportOptions(paper=paper, large_print=large)))
    assert max(layout.across for layout in draw.record_layouts(50)) == across


def test_what_the_words_name_is_in_sight() -> None:
    """A sentence on a corner that the cut board does not show helps nobody."""
    made = with_lines(made_game(), 13, "S4 S3 S5 T4 S2 R2", "S5 S6 S4 S3 T5 T3")
    setter, verdict = MomentSetter(studio(made), made.evaluations), made.review.moves[12]
    alone = setter.moment(verdict, ROOM).figures[0]
    named = setter.moment(verdict, ROOM, [Point(5, 2)]).figures[0]
    assert named.width_mm / cell_mm(named) > alone.width_mm / cell_mm(alone) + 1


def test_ruled_lines_give_way_before_boards_are_cut() -> None:
    made = made_game()
    setter, verdict = MomentSetter(studio(made, "B5"), made.evaluations), made.review.moves[7]
    tight = setter.moment(verdict, Room(row=60, tight_row=75, nook=90, stack=190)).figures
    crowded = setter.moment(verdict, Room(row=60, tight_row=60, nook=90, stack=190)).figures
    assert cell_mm(tight[0]) >= READABLE_CELL_MM
    assert tight[0].caption.endswith("第8—12手"), "nothing is cut"
    assert crowded[0].caption.endswith("第8—10手")


def test_small_paper_gives_a_moment_its_page_rather_than_lose_a_board() -> None:
    made = boards(with_lines(made_game(), 10, "B2 D2 K3 R2", "S3 A3 K2 B4", loss=8.0), 10, "A5")
    assert made.setting is Setting.STACK
    assert len(made.figures) == 3


def test_small_boards_grow_where_they_have_the_page_to_themselves() -> None:
    made = random_game(13, 60, mistakes=(20,))
    both = [
        MomentSetter(Studio(made.record, layout_of(ReportOptions(columns=columns))), made.evaluations)
        .moment(made.review.moves[30], ROOM)
        .figures[0]
        for columns in (0, 1)
    ]
    assert cell_mm(both[1]) > 1.15 * cell_mm(both[0])
