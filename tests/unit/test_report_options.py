"""What the user chooses about a report: paper, print size, coordinates, colour, columns, one student's report."""

from __future__ import annotations

import re

import pytest
from fakes.report_games import made_game, random_game, renamed

from pipeline.go.board import Color
from pipeline.go.names import side_of
from pipeline.go.record import Player
from pipeline.report.booklet import page_order
from pipeline.report.options import WOOD, Coordinates, ReportOptions, layout_of
from pipeline.report.view import build_view
from pipeline.report.view_model import ReportView
from pipeline.wording import terms


def view(**options: object) -> ReportView:
    made = made_game()
    return build_view(
        made.record,
        made.evaluations,
        made.review,
        made.info,
        ReportOptions(**options),  # type: ignore[arg-type]
        printed_on="2026-11-22",
    )


def letters(svg: str) -> str:
    return "".join(re.findall(r">([^<]*)</text>", svg))


def test_points_are_named_as_on_the_boards() -> None:
    chinese = view(coordinates=Coordinates.CHINESE)
    figure = chinese.moments[0].figures[0]
    assert "十九" in letters(figure.svg)
    assert not set("QRST") & set(letters(figure.svg))
    assert chinese.moments[0].heading == "第8手　白17十一"
    assert chinese.key_moves.rows[0][2] == "17十一"
    assert "17" not in chinese.key_moves.rows[0][1]
    assert "R9" not in "".join(chinese.overview)


def test_without_coordinates_the_board_grows() -> None:
    plain, bare = view(), view(coordinates=Coordinates.NONE)
    assert "A" not in letters(bare.record[0][0].svg)
    assert "T" in letters(plain.record[0][0].svg)
    box = [float(re.search(r'viewBox="0 0 (\d+)', v.record[0][0].svg)[1]) for v in (plain, bare)]  # type: ignore[index]
    assert box[1] < box[0]


@pytest.mark.parametrize(("number", "hanzi"), [(1, "一"), (10, "十"), (11, "十一"), (19, "十九"), (20, "二十")])
def test_numerals(number: int, hanzi: str) -> None:
    assert terms.numeral(number) == hanzi


def test_only_points_are_translated() -> None:
    assert terms.chinese_points("黑Q16好，A为实战，KM[375]，T20，1—10", 19) == "黑16四好，A为实战，KM[375]，T20，1—10"
    assert terms.chinese_points("白C3", 9) == "白3七"


def test_a_numeral_behind_a_point_is_not_read_as_part_of_it() -> None:
    assert terms.chinese_points("下边J9一带更大，J9还要走", 19) == "下边9十一 一带更大，9十一还要走"


def test_names_of_players_are_never_translated() -> None:
    made = renamed(made_game(), "Q16", "李四")
    shown = build_view(
        made.record,
        made.evaluations,
        made.review,
        made.info,
        ReportOptions(coordinates=Coordinates.CHINESE),
        printed_on="2026-11-22",
    )
    assert shown.running_head.startswith("Q16")
    assert shown.game[0].value.startswith("Q16")


def test_colour_is_asked_for() -> None:
    assert WOOD in view(colour=True).record[0][0].svg
    assert WOOD not in view().record[0][0].svg


def test_large_print_is_larger() -> None:
    plain, large = view(), view(large_print=True)
    assert large.paper.base_pt > 1.2 * plain.paper.base_pt
    assert large.moments[0].figures[0].width_mm > plain.moments[0].figures[0].width_mm
    assert large.moments[0].stacked


def test_columns_overrule_the_paper() -> None:
    assert all(m.stacked for m in view(columns=1).moments)
    assert not any(m.stacked for m in view(columns=2, paper="A5").moments)
    assert len(view(columns=1).record[0]) == 1


@pytest.mark.parametrize("paper", ["A4", "B5", "A5"])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("size", [9, 13, 19])
def test_figures_fit_their_page(paper: str, large: bool, size: int) -> None:
    made = random_game(size, 60, mistakes=(10, 25, 40, 55))
    options = ReportOptions(paper=paper, large_print=large)
    shown = build_view(made.record, made.evaluations, made.review, made.info, options, printed_on="2026-11-22")
    content = layout_of(options).paper
    for moment in shown.moments:
        if moment.stacked:
            assert sum(f.full_height_mm for f in moment.figures) < content.content_height
            assert moment.boards_mm < 0.7 * content.content_width
        elif moment.nook:
            assert sum(f.width_mm for f in moment.figures[:2]) <= content.content_width
            assert moment.figures[2].width_mm < 0.7 * content.content_width
        else:
            assert sum(f.width_mm for f in moment.figures) <= content.content_width
    assert all(sum(f.width_mm for f in row) <= content.content_width for row in shown.record)


def test_a_report_for_a_student_says_so() -> None:
    shown = view(student="李四", side=Color.WHITE)
    assert "李四（白方）" in shown.student_note
    assert [m.heading for m in shown.moments] == ["第8手　白R9"]
    assert view().student_note == ""


def test_few_key_moments_leave_room_for_the_teacher() -> None:
    assert view(key_moments=0).cover_lines >= 3
    busy = random_game(19, 260, mistakes=range(5, 200, 18))
    full = build_view(busy.record, busy.evaluations, busy.review, busy.info, printed_on="2026-11-22")
    assert full.cover_lines == 0


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("张三", Color.BLACK),
        ("李", Color.WHITE),
        ("ZHANG san", Color.BLACK),
        ("张三丰", None),
        ("三", None),
        ("", None),
        ("　", None),
    ],
)
def test_players_are_found_by_name(name: str, side: Color | None) -> None:
    assert side_of(Player("张三", identity="zhang san"), Player("李三"), name) is side


def test_a_whole_name_beats_a_part() -> None:
    assert side_of(Player("张三丰"), Player("张三"), "张三") is Color.WHITE


@pytest.mark.parametrize("pages_in", [1, 2, 3, 4, 5, 8, 11, 12])
def test_a_folded_booklet_reads_in_order(pages_in: int) -> None:
    sides = page_order(pages_in)
    assert len(sides) % 2 == 0
    # Folded: the right halves of the fronts and the left halves of the backs from outside in, then back out.
    outside_in = [page for front, back in zip(sides[::2], sides[1::2], strict=True) for page in (front[1], back[0])]
    inside_out = [page for front, back in zip(sides[::2], sides[1::2], strict=True) for page in (front[0], back[1])]
    read = outside_in + inside_out[::-1]
    assert [p for p in read if p is not None] == list(range(pages_in))
    assert all(p is None for p in read[pages_in:])
