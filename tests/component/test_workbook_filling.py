"""Pages of problems are ruled to their end, and hold as many problems as without."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest
from fakes.report_games import made_game

from pipeline.report.options import ReportOptions
from pipeline.report.render import Renderer
from pipeline.report.workbook_view import SourceProblem, WorkbookView, build_workbook
from pipeline.review.problems import problems_of


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def book(options: ReportOptions) -> WorkbookView:
    made = made_game()
    found = problems_of(made.record, made.evaluations, made.review)
    sources = [SourceProblem(made.record, problem) for problem in found] * 5
    return build_workbook(sources, options, student="张三", printed_on="2026-11-22")


def pages_of(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("paper", ["A4", "B5", "A5"])
def test_lines_for_the_moves_read_ahead_move_no_problem_to_another_page(
    renderer: Renderer, paper: str, large: bool
) -> None:
    view = book(ReportOptions(paper=paper, large_print=large))
    bare = replace(view, problems=tuple(tuple(replace(p, reply_lines=0) for p in row) for row in view.problems))
    assert pages_of(renderer.render_workbook(view)) == pages_of(renderer.render_workbook(bare))


def test_a_page_of_problems_that_is_not_full_is_ruled() -> None:
    rows = book(ReportOptions(paper="B5")).problems
    assert all(problem.reply_lines >= 1 for problem in rows[0])
    assert len({problem.reply_lines for row in rows[:2] for problem in row}) == 1
