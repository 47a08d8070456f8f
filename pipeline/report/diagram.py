"""Go diagrams as SVG: one description, one drawing, made for black-and-white print.

The drawing has about a dozen elements whatever the position, because the PDF
renderer pays for elements, not for path data: all stones are one path of
zero-length strokes with round caps, and each class of number is one text
element with a list of coordinates for its characters. One cell of the board
is ``CELL`` user units; line weights are true printing points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.go.board import COLUMN_LETTERS, Color, Point
from pipeline.report import svgtext
from pipeline.report.diagram_model import (
    Diagram,
    Mark,
    MarkKind,
    Window,
    action_points,
    local_window,
    star_points,
)
from pipeline.report.fontmetrics import FAMILY

__all__ = [
    "Diagram",
    "Mark",
    "MarkKind",
    "Window",
    "action_points",
    "local_window",
    "size_mm",
    "star_points",
    "to_svg",
]

CELL = 100  # user units
_MM_PER_PT = 25.4 / 72

# Lengths in cells.
_STONE = 96  # diameters and sides in hundredths of a cell, as all user units
_LETTER_DISC = 80
_HOSHI = 26
_TRIANGLE_HEIGHT = 47
_SQUARE_SIDE = 40
_CIRCLE_RADIUS = 22
_CROSS_REACH = 19
_BARE_MARGIN = 52  # from an outer line to the border of the drawing
_CUT_MARGIN = 50  # how far lines run on where the board is cut
_ROW_LABEL_MARGIN = 124
_COLUMN_LABEL_MARGIN = 112
_ROW_LABEL_AT = 90  # from the outer line to the middle of its coordinates
_COLUMN_LABEL_AT = 84

# Line weights in points.
_GRID_PT = 0.3
_EDGE_PT = 0.8
_OUTLINE_PT = 0.45
_MARK_PT = 0.85

_COORDINATE_CAP = 33
_HANZI_CAP = 27  # two of them side by side fill the margin
_WHITE = "#fff"
_LETTER_CAP = 50


@dataclass(frozen=True, slots=True)
class _NumberStyle:
    """How numbers of one length are set: height in hundredths of a cell, horizontal scale, weight."""

    cap: int
    condense: float
    bold: bool
    fatten: float = 0.0


# White figures on black lose weight in print and black ones on white gain it, hence bold beside
# a medium weight that the line around the regular characters makes. Three digits are condensed
# instead of made small.
_ON_BLACK = {1: _NumberStyle(52, 1.0, True), 2: _NumberStyle(47, 0.95, True), 3: _NumberStyle(43, 0.76, True)}
_ON_WHITE = {
    1: _NumberStyle(53, 1.0, False, 0.025),
    2: _NumberStyle(48, 0.97, False, 0.025),
    3: _NumberStyle(43, 0.76, True),
}
_MAX_LETTER_LENGTH = 3
_MOST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things lie: the window, which of its sides are edges of the board, the margins."""

    window: Window
    at_left: bool
    at_bottom: bool
    at_right: bool
    at_top: bool
    labels_left: bool
    labels_right: bool
    labels_bottom: bool
    labels_top: bool

    @classmethod
    def of(cls, diagram: Diagram) -> _Frame:
        window = _effective_window(diagram)
        at_left, at_bottom = window.left == 0, window.bottom == 0
        at_right, at_top = window.right == diagram.width - 1, window.top == diagram.height - 1
        # Coordinates stand at an edge of the board if one is in sight: left and bottom first.
        right = at_right and not at_left
        top = at_top and not at_bottom
        on = diagram.coordinates
        return cls(
            window, at_left, at_bottom, at_right, at_top, on and not right, on and right, on and not top, on and top
        )

    @property
    def origin(self) -> tuple[int, int]:
        """User coordinates of the top left point shown."""
        left = _margin(_ROW_LABEL_MARGIN, labels=self.labels_left, edge=self.at_left)
        top = _margin(_COLUMN_LABEL_MARGIN, labels=self.labels_top, edge=self.at_top)
        return left, top

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the drawing in user units."""
        left, top = self.origin
        right = _margin(_ROW_LABEL_MARGIN, labels=self.labels_right, edge=self.at_right)
        bottom = _margin(_COLUMN_LABEL_MARGIN, labels=self.labels_bottom, edge=self.at_bottom)
        return left + (self.window.columns - 1) * CELL + right, top + (self.window.rows - 1) * CELL + bottom

    def xy(self, point: Point) -> tuple[int, int]:
        """User coordinates of a point."""
        x0, y0 = self.origin
        return x0 + (point.col - self.window.left) * CELL, y0 + (self.window.top - point.row) * CELL


def _margin(with_labels: int, *, labels: bool, edge: bool) -> int:
    if labels:
        return with_labels
    return _BARE_MARGIN if edge else _CUT_MARGIN


def _effective_window(diagram: Diagram) -> Window:
    whole = Window(0, 0, diagram.width - 1, diagram.height - 1)
    asked = diagram.window
    if asked is None:
        return whole
    shown = [p for p in action_points(diagram) if whole.contains(p)]
    return Window(
        max(0, min([asked.left, *(p.col for p in shown)])),
        max(0, min([asked.bottom, *(p.row for p in shown)])),
        min(whole.right, max([asked.right, *(p.col for p in shown)])),
        min(whole.top, max([asked.top, *(p.row for p in shown)])),
    )


def size_mm(diagram: Diagram, *, cell_mm: float) -> tuple[float, float]:
    """Width and height of the drawing in mm when the lines are ``cell_mm`` apart."""
    width, height = _Frame.of(diagram).size
    return width * cell_mm / CELL, height * cell_mm / CELL


def to_svg(diagram: Diagram, *, width_mm: float) -> str:
    """The drawing as an SVG element; ``width_mm`` is its printed width, coordinates included.

    The same diagram gives the same text. Text is set in ``FupanSans``.
    """
    frame = _Frame.of(diagram)
    width, height = frame.size
    point_unit = _MM_PER_PT * width / width_mm  # user units in one printing point
    stones = {p: c for p, c in diagram.stones if frame.window.contains(p)}
    numbers = {p: n for p, n in diagram.numbers if frame.window.contains(p)}
    marks = {m.point: m for m in diagram.marks if frame.window.contains(m.point) and m.point not in numbers}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{svgtext.num(width_mm)}mm"'
        f' height="{svgtext.num(width_mm * height / width)}mm" viewBox="0 0 {width} {height}"'
        f' font-family="{FAMILY}">'
    ]
    if diagram.title:
        parts.append(f"<title>{svgtext.escape(diagram.title)}</title>")
    if diagram.background != _WHITE:
        parts.append(f'<rect width="{width}" height="{height}" fill="{diagram.background}"/>')
    parts += _board(diagram, frame, point_unit, bare=set(stones) | set(numbers) | set(marks))
    bare_numbers = [p for p in numbers if p not in stones]
    blanks = [m.point for m in marks.values() if m.point not in stones] + bare_numbers
    parts.append(_dots(frame, blanks, _LETTER_DISC, diagram.background))
    parts.append(_dots(frame, stones, _STONE, "#000"))
    white = [p for p, color in stones.items() if color is Color.WHITE]
    parts.append(_dots(frame, white, _STONE - 2 * _OUTLINE_PT * point_unit, "#fff"))
    parts += _marks(frame, marks.values(), stones, point_unit)
    parts += _numbers(frame, numbers, stones)
    if diagram.coordinates:
        parts.append(_coordinates(frame, diagram.labels))
    parts.append("</svg>")
    return "".join(part for part in parts if part)


def _board(diagram: Diagram, frame: _Frame, point_unit: float, bare: set[Point]) -> list[str]:
    window = frame.window
    x0, y0 = frame.xy(Point(window.left, window.top))
    x1, y1 = frame.xy(Point(window.right, window.bottom))
    left, right = x0 - _run_on(frame.at_left), x1 + _run_on(frame.at_right)
    top, bottom = y0 - _run_on(frame.at_top), y1 + _run_on(frame.at_bottom)
    grid = [f"M{left} {y}H{right}" for y in range(y0, y1 + 1, CELL)]
    grid += [f"M{x} {top}V{bottom}" for x in range(x0, x1 + 1, CELL)]
    edges = [f"M{x} {top}V{bottom}" for x, real in ((x0, frame.at_left), (x1, frame.at_right)) if real]
    edges += [f"M{left} {y}H{right}" for y, real in ((y0, frame.at_top), (y1, frame.at_bottom)) if real]
    parts = [
        f'<path d="{"".join(grid)}" fill="none" stroke="#000" stroke-width="{svgtext.num(_GRID_PT * point_unit)}"/>'
    ]
    if edges:
        parts.append(
            f'<path d="{"".join(edges)}" fill="none" stroke="#000"'
            f' stroke-width="{svgtext.num(_EDGE_PT * point_unit)}" stroke-linecap="square"/>'
        )
    stars = [p for p in star_points(diagram.width, diagram.height) if window.contains(p) and p not in bare]
    parts.append(_dots(frame, stars, _HOSHI, "#000"))
    return parts


def _run_on(is_edge: bool) -> int:
    return 0 if is_edge else _CUT_MARGIN


def _dots(frame: _Frame, points: Iterable[Point], diameter: float, fill: str) -> str:
    spots = [frame.xy(point) for point in sorted(points)]
    if not spots:
        return ""
    path = "".join(f"M{x} {y}h0" for x, y in spots)
    return (
        f'<path d="{path}" fill="none" stroke="{fill}" stroke-width="{svgtext.num(diameter)}" stroke-linecap="round"/>'
    )


def _marks(frame: _Frame, marks: Iterable[Mark], stones: Mapping[Point, Color], point_unit: float) -> list[str]:
    shapes: dict[str, list[str]] = {"#000": [], "#fff": []}
    letters: dict[str, svgtext.TextRun] = {ink: svgtext.TextRun(_LETTER_CAP, bold=True) for ink in shapes}
    for mark in sorted(marks, key=lambda m: m.point):
        x, y = frame.xy(mark.point)
        ink = "#fff" if stones.get(mark.point) is Color.BLACK else "#000"
        if mark.kind is MarkKind.LETTER:
            letters[ink].put(svgtext.clean(mark.text)[:_MAX_LETTER_LENGTH], x, y, fit=_LETTER_DISC - 8)
        else:
            shapes[ink].append(_shape(mark.kind, x, y))
    parts = [
        f'<path d="{"".join(paths)}" fill="none" stroke="{ink}" stroke-width="{svgtext.num(_MARK_PT * point_unit)}"/>'
        for ink, paths in shapes.items()
        if paths
    ]
    return parts + [run.svg(fill=ink) for ink, run in letters.items()]


def _shape(kind: MarkKind, x: int, y: int) -> str:
    if kind is MarkKind.TRIANGLE:
        # The centroid lies on the point: two thirds of the height above it.
        half = round(_TRIANGLE_HEIGHT / 3**0.5)
        top = round(_TRIANGLE_HEIGHT * 2 / 3)
        return f"M{x} {y - top}l{half} {_TRIANGLE_HEIGHT}h{-2 * half}z"
    if kind is MarkKind.SQUARE:
        half = _SQUARE_SIDE // 2
        return f"M{x - half} {y - half}h{_SQUARE_SIDE}v{_SQUARE_SIDE}h{-_SQUARE_SIDE}z"
    if kind is MarkKind.CIRCLE:
        r = _CIRCLE_RADIUS
        return f"M{x - r} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"
    reach = _CROSS_REACH
    return f"M{x - reach} {y - reach}l{2 * reach} {2 * reach}m0 {-2 * reach}l{-2 * reach} {2 * reach}"


def _numbers(frame: _Frame, numbers: Mapping[Point, int], stones: Mapping[Point, Color]) -> list[str]:
    runs = {
        (ink, digits): svgtext.TextRun(style.cap, bold=style.bold, condense=style.condense, fatten=style.fatten)
        for ink, styles in (("#fff", _ON_BLACK), ("#000", _ON_WHITE))
        for digits, style in styles.items()
    }
    for point, number in sorted(numbers.items(), key=lambda item: item[1]):
        text = str(number)
        ink = "#fff" if stones.get(point) is Color.BLACK else "#000"
        x, y = frame.xy(point)
        runs[ink, min(len(text), _MOST_DIGITS)].put(text, x, y, fit=_STONE - 8)
    return [run.svg(fill=ink) for (ink, _), run in runs.items()]


def _coordinates(frame: _Frame, labels: tuple[tuple[str, ...], tuple[str, ...]] | None) -> str:
    window = frame.window
    x0, y0 = frame.xy(Point(window.left, window.top))
    x1, y1 = frame.xy(Point(window.right, window.bottom))
    x = x0 - _ROW_LABEL_AT if frame.labels_left else x1 + _ROW_LABEL_AT
    y = y1 + _COLUMN_LABEL_AT if frame.labels_bottom else y0 - _COLUMN_LABEL_AT
    columns = svgtext.TextRun(_COORDINATE_CAP)
    rows = svgtext.TextRun(_HANZI_CAP) if labels else columns
    for row in range(window.top, window.bottom - 1, -1):
        rows.put(labels[1][row] if labels else str(row + 1), x, frame.xy(Point(0, row))[1])
    for col in range(window.left, window.right + 1):
        columns.put(labels[0][col] if labels else COLUMN_LETTERS[col], frame.xy(Point(col, 0))[0], y)
    return "".join(run.svg(fill="#000") for run in dict.fromkeys((columns, rows)))
