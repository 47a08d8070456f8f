"""Pages end where they were reckoned to end, and none but the last is left with a third of it empty."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest
from fakes.report_games import Sample, random_game, sample

from pipeline.go.board import Color
from pipeline.go.record import GameRecord, Move, Player
from pipeline.report.options import Coordinates, ReportOptions
from pipeline.report.render import Renderer
from pipeline.report.view import build_view
from pipeline.report.view_model import PAPERS

MOST_EMPTY = 1 / 3
BLANK = 248  # grey of a pixel with no ink: ruled lines are thin


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def rectangle(width: int, height: int, moves: int, mistakes: tuple[int, ...]) -> Sample:
    """A game on a board that is no square: one of a square board whose moves fit."""
    side = min(width, height)
    square = random_game(side, moves, mistakes=mistakes).record
    made = tuple(Move(move.color, move.point) for move in square.moves)
    record = GameRecord(width, height, made, 7.5, square.ruleset, info=square.info)
    return sample(record, dict.fromkeys(mistakes, 7.0), key=dict.fromkeys(mistakes, 7.0))


GAMES = {
    "9": random_game(9, 40, mistakes=(10, 21)),
    "9 long": random_game(9, 70, mistakes=(10, 21, 33, 40, 55)),
    "13": random_game(13, 90, mistakes=(10, 21, 33)),
    "13 long": random_game(13, 150, mistakes=(10, 21, 33, 44, 55, 66, 77)),
    "19 short": random_game(19, 15, mistakes=(5,)),
    "19": random_game(19, 240, mistakes=(30, 61, 95)),
    "19 long": random_game(19, 300, mistakes=range(10, 200, 11)),
    "rectangle": rectangle(13, 19, 80, (7, 20, 41)),
    "no key moments": random_game(9, 30),
}
OPTIONS = {
    "A4": ReportOptions(),
    "A5": ReportOptions(paper="A5"),
    "B5": ReportOptions(paper="B5"),
    "A4 large": ReportOptions(large_print=True),
    "A5 large": ReportOptions(paper="A5", large_print=True),
    "B5 large": ReportOptions(paper="B5", large_print=True),
    "A4 one column": ReportOptions(columns=1),
    "A5 two columns": ReportOptions(paper="A5", columns=2),
    "A4 large, two columns": ReportOptions(large_print=True, columns=2),
    "B5 one column": ReportOptions(paper="B5", columns=1, coordinates=Coordinates.CHINESE),
    "one side": ReportOptions(side=Color.BLACK, student="甲"),
    "without record": ReportOptions(record=False, coordinates=Coordinates.NONE),
    "100 a figure": ReportOptions(paper="B5", moves_per_figure=100),
}
# Every game and every layout in some pair; all pairs would take minutes.
PAIRS = [
    (game, option)
    for row, game in enumerate(GAMES)
    for column, option in enumerate(OPTIONS)
    if (row + column) % len(GAMES) in (0, 4)
]


@pytest.mark.parametrize(("game", "option"), PAIRS)
def test_pages_end_as_reckoned_and_are_filled(renderer: Renderer, game: str, option: str) -> None:
    made, options = GAMES[game], OPTIONS[option]
    view = build_view(made.record, made.evaluations, made.review, made.info, options, printed_on="2026-11-22")
    paper = PAPERS[options.paper]
    with pypdfium2.PdfDocument(renderer.render_pdf(view)) as document:
        assert len(document) == 1 + len(view.starts), "a page is longer than was reckoned"
        for index in range(len(document) - 1):
            image = document[index].render(scale=0.6, grayscale=True).to_numpy().squeeze()
            top = round(image.shape[0] * paper.margin_top / paper.height)
            bottom = round(image.shape[0] * (1 - paper.margin_bottom / paper.height)) - 1
            body = image[top:bottom]
            inked = [row for row in range(body.shape[0]) if body[row].min() < BLANK]
            assert inked[-1] > body.shape[0] * (1 - MOST_EMPTY), f"page {index + 1} is left empty"


def test_a_part_higher_than_reckoned_leaves_no_page_empty(renderer: Renderer) -> None:
    """Then the pages follow each other as they fill, without ordered beginnings."""
    made = GAMES["9"]
    view = build_view(made.record, made.evaluations, made.review, made.info, printed_on="2026-11-22")
    surprise = replace(view, overview=(*view.overview, "出乎意料的长话。" * 60))
    with (
        pypdfium2.PdfDocument(renderer.render_pdf(surprise)) as ordered,
        pypdfium2.PdfDocument(renderer.render_pdf(replace(surprise, starts=(), ruled=()))) as natural,
    ):
        assert len(ordered) == len(natural)


@pytest.mark.parametrize("option", ["A4", "B5"])
def test_lines_for_notes_make_room_for_a_note_on_missing_characters(renderer: Renderer, option: str) -> None:
    """That note is made after the pages: the ruled lines at the end do not spill over to one more page."""
    made = random_game(19, 12)
    view = build_view(made.record, made.evaluations, made.review, made.info, OPTIONS[option], printed_on="2026-11-22")
    strange = replace(view, game=(replace(view.game[0], value="张三\U0001f600"), *view.game[1:]))
    with (
        pypdfium2.PdfDocument(renderer.render_pdf(view)) as plain,
        pypdfium2.PdfDocument(renderer.render_pdf(strange)) as noted,
    ):
        assert view.last_lines > 0
        assert len(noted) == len(plain)


@pytest.mark.parametrize("option", OPTIONS)
def test_a_note_on_missing_characters_is_reckoned_where_it_is_known(renderer: Renderer, option: str) -> None:
    """Its page ends where it was reckoned to end, as all others do."""
    made = GAMES["19"]
    info = replace(made.record.info, black=Player("张三\U0001f600"))
    record = replace(made.record, info=info)
    view = build_view(record, made.evaluations, made.review, made.info, OPTIONS[option], printed_on="2026-11-22")
    strange = renderer.unprintable(view)
    assert strange == 1
    noted = build_view(
        record,
        made.evaluations,
        made.review,
        made.info,
        OPTIONS[option],
        printed_on="2026-11-22",
        unprintable=strange,
    )
    assert len(noted.corrections) == 1
    with pypdfium2.PdfDocument(renderer.render_pdf(noted)) as document:
        assert len(document) == 1 + len(noted.starts)
        text = "".join(page.get_textpage().get_text_range() for page in document)
    assert text.count("字库") == 1


def test_what_begins_a_page_stands_at_its_top(renderer: Renderer) -> None:
    """A page that is ended keeps no space above its first heading."""
    made = GAMES["9"]
    view = build_view(made.record, made.evaluations, made.review, made.info, printed_on="2026-11-22")
    assert view.starts[0] == "statistics"
    with pypdfium2.PdfDocument(renderer.render_pdf(view)) as document:
        image = document[1].render(scale=2, grayscale=True).to_numpy().squeeze()
    mm = image.shape[0] / 297
    body = image[round(17 * mm) : round(50 * mm)]
    first = next(row for row in range(body.shape[0]) if body[row].min() < 128)
    assert first < 3 * mm


def test_small_boards_are_drawn_larger_where_there_is_room() -> None:
    small, large = GAMES["9"], GAMES["19"]
    views = [
        build_view(g.record, g.evaluations, g.review, g.info, replace(OPTIONS["A4"]), printed_on="2026-11-22")
        for g in (small, large)
    ]
    cells = [view.record[0][0].width_mm / (size + 1.76) for view, size in zip(views, (9 - 1, 19 - 1), strict=True)]
    assert cells[0] > cells[1]
