"""Ruled lines stand where the boards of the record leave a good part of the width empty."""

from __future__ import annotations

import pytest
from fakes.report_games import random_game

from pipeline.report import heights
from pipeline.report.options import ReportOptions, layout_of
from pipeline.report.view import build_view
from pipeline.report.view_model import ReportView


def view(size: int, length: int, options: ReportOptions) -> ReportView:
    made = random_game(size, length)
    return build_view(made.record, made.evaluations, made.review, made.info, options, printed_on="2026-11-22")


@pytest.mark.parametrize("size", [9, 13, 19])
@pytest.mark.parametrize(
    "options", [ReportOptions(), ReportOptions(columns=1), ReportOptions(paper="A5"), ReportOptions(large_print=True)]
)
def test_no_row_of_the_record_leaves_a_third_of_the_width_empty(size: int, options: ReportOptions) -> None:
    shown = view(size, 130, options)
    width = shown.paper.content_width
    assert len(shown.record_lines) == len(shown.record)
    for row, lines in zip(shown.record, shown.record_lines, strict=True):
        taken = sum(figure.width_mm for figure in row)
        assert lines > 0 or taken > width * 2 / 3
        assert lines * heights.RULE * heights.rem_mm(layout_of(options)) <= max(f.full_height_mm for f in row)


def test_a_row_that_is_full_has_no_lines() -> None:
    shown = view(19, 200, ReportOptions(columns=2))
    assert set(shown.record_lines) == {0}
