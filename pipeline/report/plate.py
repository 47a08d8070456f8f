"""A single diagram for a handout: which moves it shows, which part of the board, and the words below. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.go.board import Point, vertex_name
from pipeline.go.record import GameRecord
from pipeline.report import figures as fig
from pipeline.report import svgtext
from pipeline.report.diagram import CELL, Diagram, Mark, MarkKind, Window, local_window, size_mm, to_svg
from pipeline.report.figures import Figure, Note
from pipeline.report.fontmetrics import FAMILY
from pipeline.report.view_model import Svg

_CAP_MM = 1.9  # height of figures and capitals of the words below
_LINE_MM = 4.4
_GAP_MM = 1.2
_LOCAL_MARGIN = 2
_SHRINK_TO = 0.95  # of the width


@dataclass(frozen=True, slots=True)
class Plate:
    """A drawing with the words below it, its size in mm, and what it is called."""

    svg: Svg
    width_mm: float
    height_mm: float
    title: str


def position(record: GameRecord, turn: int) -> Figure:
    """The position after ``turn`` moves, with a triangle on the last of them."""
    return fig.variation_figure(record, turn, ())


def cropped(figure: Figure, window: Window | None) -> Figure:
    """The figure on a part of the board; moves made elsewhere become notes, the signs there are dropped.

    ``None`` for the whole board.
    """
    if window is None:
        return figure
    diagram = figure.diagram
    inside = tuple(item for item in diagram.numbers if window.contains(item[0]))
    outside = [item for item in diagram.numbers if not window.contains(item[0])]
    notes = (*figure.notes, *(Note(number, None, vertex_name(point)) for point, number in outside))
    return replace(
        figure,
        diagram=replace(
            diagram,
            numbers=inside,
            marks=tuple(mark for mark in diagram.marks if window.contains(mark.point)),
            window=window,
        ),
        notes=tuple(sorted(notes, key=lambda note: note.number)),
    )


def local_part(figure: Figure) -> Window | None:
    """The part of the board where the moves and signs of a figure lie; ``None``: all of it."""
    board = figure.diagram
    return local_window(board, board.width, board.height, _LOCAL_MARGIN)


def part_window(share: tuple[float, float, float, float], width: int, height: int) -> Window | None:
    """The part of a board given as shares of its width and height; ``None``: all of it.

    A middle line belongs to both of its sides.
    """
    left, bottom, right, top = share
    window = Window(
        math.floor(left * (width - 1)),
        math.floor(bottom * (height - 1)),
        math.ceil(right * (width - 1)),
        math.ceil(top * (height - 1)),
    )
    return None if (window.columns, window.rows) == (width, height) else window


def between(first: Point, second: Point) -> Window:
    """The part of a board between two corners."""
    (left, right), (bottom, top) = (sorted(pair) for pair in zip(first, second, strict=True))
    return Window(left, bottom, right, top)


def marked(figure: Figure, marks: Sequence[Mark]) -> Figure:
    """The figure with more signs; they replace those that it has on the same points."""
    points = {mark.point for mark in marks}
    kept = tuple(mark for mark in figure.diagram.marks if mark.point not in points)
    return replace(figure, diagram=replace(figure.diagram, marks=(*kept, *marks)))


def mark(kind: str, text: str, point: Point) -> Mark:
    """A sign by its name, or a letter where ``kind`` is empty."""
    return Mark(point, MarkKind(kind) if kind else MarkKind.LETTER, "" if kind else text)


def draw(diagram: Diagram, lines: Sequence[str], *, cell_mm: float, width_mm: float | None) -> Plate:
    """The drawing with lines of words centred below it.

    Args:
        diagram: what to draw.
        lines: plain text.
        cell_mm: distance of the lines, unless ``width_mm`` is given.
        width_mm: width of the whole drawing.
    """
    one, _ = size_mm(diagram, cell_mm=1.0)
    cell = width_mm / one if width_mm else cell_mm
    width, height = size_mm(diagram, cell_mm=cell)
    board = to_svg(diagram, width_mm=width)
    if not lines:
        return Plate(Svg(board), width, height, diagram.title)
    unit = CELL / cell  # user units in a mm
    total = height + _GAP_MM + _LINE_MM * len(lines)
    body = board.partition(">")[2].removesuffix("</svg>")
    texts = [
        _line(text, width * unit, (height + _GAP_MM + _LINE_MM * (i + 0.5)) * unit, unit)
        for i, text in enumerate(lines)
    ]
    paper = ""
    if diagram.background != "#fff":
        paper = f'<rect width="{svgtext.num(width * unit)}" height="{svgtext.num(total * unit)}" fill="#fff"/>'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{svgtext.num(width)}mm"'
        f' height="{svgtext.num(total)}mm" viewBox="0 0 {svgtext.num(width * unit)} {svgtext.num(total * unit)}"'
        f' font-family="{FAMILY}">{paper}{body}{"".join(texts)}</svg>'
    )
    return Plate(Svg(svg), width, total, diagram.title)


def _line(text: str, width: float, y: float, unit: float) -> str:
    run = svgtext.TextRun(_CAP_MM * unit)
    natural = run.width(text)
    if natural > width * _SHRINK_TO:
        run = svgtext.TextRun(_CAP_MM * unit * width * _SHRINK_TO / natural)
    run.put(text, width / 2, y)
    return run.svg(fill="#000")


def wrapped(words: Sequence[str], join: str, width_mm: float) -> list[str]:
    """Words in lines that fit the width, as many to a line as go."""
    lines: list[str] = []
    run = svgtext.TextRun(_CAP_MM)
    for word in words:
        longer = f"{lines[-1]}{join}{word}" if lines else word
        if lines and run.width(longer) <= width_mm * _SHRINK_TO:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
