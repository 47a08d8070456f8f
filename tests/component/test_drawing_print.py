"""Drawings on a real page: our fonts only, no warning, stones where they belong."""

import logging
from contextlib import closing

import pypdfium2
import pytest

from pipeline.go.board import Color, Point
from pipeline.report.curves import CurveMark, winrate_curve
from pipeline.report.diagram import Diagram, Mark, MarkKind, to_svg

B, W = Color.BLACK, Color.WHITE
PAGE_MM = 100
SCALE = 8  # pixels in a printing point


@pytest.fixture
def print_page(project_root, caplog):
    """Print HTML on a square page; returns the PDF; fails on any warning of the renderer."""
    from weasyprint import HTML

    fonts = (project_root / "templates" / "fonts").as_uri()
    css = "".join(
        f"@font-face{{font-family:FupanSans;font-weight:{weight};src:url({fonts}/FupanSans-{style}.ttf)}}"
        for weight, style in ((400, "Regular"), (700, "Bold"))
    )
    css += f"@page{{size:{PAGE_MM}mm {PAGE_MM}mm;margin:0}}body{{margin:0;font-family:FupanSans}}svg{{display:block}}"

    def render(body):
        with caplog.at_level(logging.WARNING, logger="weasyprint"):
            data = HTML(string=f'<html lang="zh-CN"><title>t</title><style>{css}</style><body>{body}').write_pdf()
        assert not [record.getMessage() for record in caplog.records]
        return data

    return render


def test_a_diagram_and_a_curve_print_cleanly_and_alike(print_page):
    stones = tuple((Point(i, i), B if i % 2 else W) for i in range(19))
    numbers = tuple((point, 10 ** (i % 3) + i) for i, (point, _) in enumerate(stones[:9]))
    marks = (Mark(Point(10, 10), MarkKind.TRIANGLE), Mark(Point(3, 9), MarkKind.LETTER, "A"))
    board = to_svg(Diagram(19, 19, stones, numbers=numbers, marks=marks, title="<复盘>"), width_mm=60)
    curve = winrate_curve(
        [0.5, 0.9, None, 0.1], marks=[CurveMark(1, W, "1")], width_mm=90, height_mm=35, axis_label="手数"
    )
    first, second = print_page(board + curve), print_page(board + curve)
    assert first == second
    with closing(pypdfium2.PdfDocument(first)) as document:
        text = document[0].get_textpage().get_text_bounded()
    for piece in ("109", "19", "A", "100%", "手数"):
        assert piece in text.replace("\r\n", "")


def test_stones_are_black_and_white_on_paper_and_in_their_places(print_page):
    size, cells = 9, 8 + 2 * 0.52
    black, white, bare = Point(0, 0), Point(8, 8), Point(1, 6)
    diagram = Diagram(size, size, ((black, B), (white, W)), coordinates=False)
    with closing(pypdfium2.PdfDocument(print_page(to_svg(diagram, width_mm=PAGE_MM)))) as document:
        image = document[0].render(scale=SCALE, grayscale=True).to_pil().copy()

    def ink(point, dx=0.0, dy=0.0):
        x = (point.col + 0.52 + dx) / cells * image.width
        y = (size - 1 - point.row + 0.52 + dy) / cells * image.height
        return image.getpixel((int(x), int(y)))

    assert ink(black) == ink(black, 0.3, -0.3) == 0
    assert ink(white) == ink(white, -0.3, 0.3) == 255
    assert ink(white, -0.47) == 0, "a white stone has an outline"
    assert ink(bare, 0.5, 0.5) == 255
    assert min(ink(bare, dx, 0.3) for dx in (-0.01, -0.005, 0.0, 0.005, 0.01)) < 128, "the grid shows"
