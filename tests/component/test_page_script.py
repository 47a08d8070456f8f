"""The script of the page for telephones, in a JavaScript engine: every step shows the right position."""

from __future__ import annotations

import pytest
from fakes.browser import Page
from fakes.report_games import Sample, made_game, random_game

from pipeline.go.board import Color
from pipeline.report.render import Renderer
from pipeline.report.view import ReportOptions, build_view

CELL = 20


def page_of(made: Sample) -> Page:
    view = build_view(
        made.record, made.evaluations, made.review, made.info, ReportOptions(screen=True), printed_on="2026-11-22"
    )
    return Page(Renderer().render_page(view).decode("utf-8"))


def stones(made: Sample, count: int) -> set[tuple[int, int, str]]:
    """The position after so many moves, as the script draws it."""
    fills = {Color.BLACK: "#000", Color.WHITE: "#fff"}
    top = made.record.height - 1
    return {
        (point.col * CELL, (top - point.row) * CELL, fills[color])
        for point, color in made.record.board_at(count).stones.items()
    }


def shown(page: Page, figure: int) -> set[tuple[int, int, str]]:
    return {(round(x), round(y), fill) for x, y, fill in page.state(figure)["stones"]}


@pytest.fixture(scope="module")
def crowded() -> Sample:
    # A small board fills up: stones are taken, and points are played on again.
    return random_game(5, 40, seed=3)


def test_the_game_can_be_played_through(crowded: Sample) -> None:
    page = page_of(crowded)
    game = page.figures - 1
    total = crowded.record.total_turns
    assert any(len(crowded.record.board_at(n).stones) < n for n in range(total))
    page.press(game, "first")
    for count in range(total + 1):
        assert page.state(game)["said"] == f"{count}/{total}"
        assert page.state(game)["slider"] == count
        assert shown(page, game) == stones(crowded, count)
        page.press(game, "forward")
    assert page.state(game)["said"] == f"{total}/{total}"


def test_the_slider_and_both_halves_of_the_board_step(crowded: Sample) -> None:
    page = page_of(crowded)
    game = page.figures - 1
    page.slide(game, 7)
    assert shown(page, game) == stones(crowded, 7)
    page.tap(game, 90)
    assert page.state(game)["said"].startswith("8/")
    page.tap(game, 10)
    page.tap(game, 10)
    assert shown(page, game) == stones(crowded, 6)
    page.press(game, "first")
    page.press(game, "back")
    assert page.state(game)["said"].startswith("0/")


def test_a_variation_is_finished_first_and_can_be_taken_back() -> None:
    page = page_of(made_game())
    assert page.figures == 8
    finished = page.state(0)
    assert not finished["hidden"]
    # The printed drawing, which has no circles of its own.
    assert finished["stones"] == []
    page.press(0, "back")
    before = page.state(0)
    total = int(before["said"].split("/")[1])
    assert before["said"] == f"{total - 1}/{total}"
    assert before["stones"]
    page.press(0, "first")
    assert len(page.state(0)["stones"]) < len(before["stones"])
    page.press(0, "last")
    assert page.state(0) == finished


def test_a_pass_changes_the_counter_and_no_stone() -> None:
    made = made_game()
    page = page_of(made)
    game = page.figures - 1
    last = shown(page, game)
    page.press(game, "back")
    assert page.state(game)["said"] == "23/24"
    assert shown(page, game) == last
