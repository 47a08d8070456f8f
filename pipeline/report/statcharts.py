"""Small charts of the statistics over many games as SVG: progress, phases, kinds of mistake, regions. Pure.

User units are millimetres. To be read in black and white: one series is solid,
the other outlined; greys are areas only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report import svgtext
from pipeline.report.barchart import ticks
from pipeline.report.fontmetrics import FAMILY
from pipeline.report.plot import PT, line
from pipeline.report.svgtext import TextRun, num
from pipeline.report.view_model import Svg

_CAP, _SMALL_CAP = 2.0, 1.75  # height of digits in mm
_LEFT, _RIGHT, _TOP, _BOTTOM = 8.0, 2.5, 2.0, 5.0
_FRAME_PT, _GRID_PT, _CURVE_PT = 0.5, 0.3, 1.2
_GRID = "#888"
_DOT = 0.85  # radius in mm
_MOST_X_TICKS = 6
_LEAST_SPAN = 20.0  # of a scale that does not begin at 0
_BAR = 0.36  # of the room of a group
_WIDEST_BAR = 12.0
_PITCH = 6.0
_PALEST, _DARKEST = 255, 150  # greys on which black figures are legible


@dataclass(frozen=True, slots=True)
class Point:
    """A month on a curve: its label, a value or nothing, and whether it stands on enough games to be drawn solid."""

    label: str
    value: float | None
    solid: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """A phase: the value of the player (or of all) and that of the others, where there is one."""

    label: str
    value: float | None
    other: float | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A bar with its name on the left and its figures behind it."""

    label: str
    value: float
    note: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A region of the board: ``share`` 0..1 makes it darker, two lines of text stand in it."""

    share: float
    text: str
    note: str


def progress_chart(
    points: Sequence[Point], *, width_mm: float, height_mm: float, places: int, from_zero: bool, title: str
) -> Svg:
    """A curve over consecutive months; months without a value leave a gap in the points, not in the line.

    Args:
        points: from the first month to the last, without holes.
        width_mm: width of the drawing.
        height_mm: its height.
        places: decimals of the scale.
        from_zero: the scale begins at 0 (losses), or near the least value (accuracy).
        title: alternative text.
    """
    known = [point.value for point in points if point.value is not None and math.isfinite(point.value)]
    rows = _scale(known, from_zero=from_zero)
    low, high = rows[0], rows[-1]
    left, right, top, base = _LEFT, width_mm - _RIGHT, _TOP, height_mm - _BOTTOM
    step = (right - left) / max(1, len(points) - 1)

    def x(index: float) -> float:
        return (left + right) / 2 if len(points) == 1 else left + step * index

    def y(value: float) -> float:
        return base - (base - top) * (value - low) / (high - low)

    figures = TextRun(_SMALL_CAP)
    grid = "".join(f"M{num(left)} {num(y(value))}H{num(right)}" for value in rows[1:])
    for value in rows:
        figures.put(f"{value:.{places}f}", left - 1.2, y(value), anchor=1)
    apart = max(1, math.ceil((len(points) - 1) / (_MOST_X_TICKS - 1)))
    small = ""
    for index in range(0, len(points), apart):
        label = points[index].label
        half = figures.width(label) / 2
        figures.put(label, min(max(x(index), half), width_mm - half), base + _BOTTOM / 2 + 0.5)
        small += f"M{num(x(index))} {num(base)}v1"
    found = [(i, p.value, p.solid) for i, p in enumerate(points) if p.value is not None and math.isfinite(p.value)]
    path = "".join(f"{'L' if n else 'M'}{num(x(i))} {num(y(value))}" for n, (i, value, _) in enumerate(found))
    dots = "".join(
        f'<circle cx="{num(x(i))}" cy="{num(y(value))}" r="{num(_DOT)}" fill="{"#000" if solid else "#fff"}"'
        f' stroke="#000" stroke-width="{num(_FRAME_PT * PT)}"/>'
        for i, value, solid in found
    )
    body = [
        line(grid, _GRID_PT, ink=_GRID),
        line(f"M{num(left)} {num(top)}V{num(base)}H{num(right)}{small}", _FRAME_PT),
        line(path if len(found) > 1 else "", _CURVE_PT, extra=' stroke-linejoin="round"'),
        dots,
        figures.svg(fill="#000"),
    ]
    return _document(width_mm, height_mm, title, body)


def phase_chart(pairs: Sequence[Pair], *, width_mm: float, height_mm: float, title: str) -> Svg:
    """Upright bars, the player's solid and the others' outlined beside it, with their values above."""
    values = [v for pair in pairs for v in (pair.value, pair.other) if v is not None]
    most = max([0.01, *values])
    base, top = height_mm - _BOTTOM, 4.5
    room = width_mm / max(1, len(pairs))
    figures, names = TextRun(_CAP), TextRun(_CAP)
    bars = []
    wide = min(_BAR * room, _WIDEST_BAR)
    alone = all(pair.other is None for pair in pairs)
    for index, pair in enumerate(pairs):
        middle = room * (index + 0.5)
        names.put(svgtext.clean(pair.label), middle, base + _BOTTOM / 2 + 0.4, fit=room * 0.95)
        for side, value, fill in ((-1, pair.value, "#000"), (0, pair.other, "#fff")):
            if value is None:
                continue
            left = middle + (-0.5 if alone else side) * wide
            height = (base - top) * value / most
            figures.put(f"{value:.2f}", left + wide / 2, base - height - _CAP, fit=wide)
            bars.append(_rect(left, base - height, wide, height, fill))
    floor = line(f"M0 {num(base)}H{num(width_mm)}", _FRAME_PT)
    return _document(width_mm, height_mm, title, [*bars, floor, figures.svg(fill="#000"), names.svg(fill="#000")])


def kinds_chart(kinds: Sequence[Kind], *, width_mm: float, title: str) -> Svg:
    """Horizontal bars from the top down, as many as are given, of equal pitch; the drawing is as high as they need."""
    pitch, height_mm = _PITCH, _PITCH * max(1, len(kinds))
    names, notes = TextRun(_CAP), TextRun(_SMALL_CAP)
    labels = [svgtext.clean(kind.label) for kind in kinds]
    left = min(max((names.width(label) for label in labels), default=0.0), 0.4 * width_mm) + 1.5
    right = width_mm - max((notes.width(kind.note) for kind in kinds), default=0.0) - 1.5
    most = max([0.01, *(kind.value for kind in kinds)])
    bars = []
    for index, (kind, label) in enumerate(zip(kinds, labels, strict=True)):
        middle = pitch * (index + 0.5)
        length = max(0.3, (right - left) * kind.value / most)
        names.put(label, left - 1.5, middle, anchor=1, fit=left - 1.5)
        notes.put(kind.note, left + length + 1.2, middle, anchor=0)
        bars.append(_rect(left, middle - pitch * 0.3, length, pitch * 0.6, "#444"))
    return _document(width_mm, height_mm, title, [*bars, names.svg(fill="#000"), notes.svg(fill="#000")])


def region_grid(cells: Sequence[Cell], *, side_mm: float, title: str) -> Svg:
    """The board in nine parts, row by row from its upper left corner; the darker, the larger the share."""
    room = side_mm / 3
    most = max([0.01, *(cell.share for cell in cells)])
    shares, notes = TextRun(_CAP + 0.3, bold=True), TextRun(_SMALL_CAP)
    boxes = []
    for index, cell in enumerate(cells[:9]):
        column, row = index % 3, index // 3
        grey = round(_PALEST - (_PALEST - _DARKEST) * cell.share / most)
        boxes.append(_rect(column * room, row * room, room, room, f"#{grey:02x}{grey:02x}{grey:02x}"))
        shares.put(cell.text, (column + 0.5) * room, (row + 0.38) * room, fit=room * 0.9)
        notes.put(cell.note, (column + 0.5) * room, (row + 0.7) * room, fit=room * 0.9)
    return _document(side_mm, side_mm, title, [*boxes, shares.svg(fill="#000"), notes.svg(fill="#000")])


def _scale(values: Sequence[float], *, from_zero: bool) -> list[float]:
    """Round values of the scale, from its lower to its upper end."""
    if from_zero or not values:
        return ticks(max(values, default=0.0), 5)
    low, high = math.floor(min(values) / 10) * 10.0, math.ceil(max(values) / 10) * 10.0
    while high - low < _LEAST_SPAN:
        low, high = max(0.0, low - 10), min(100.0, high + 10)
    step = 10.0 if high - low <= 40 else 20.0
    rows = [low]
    while rows[-1] < high:
        rows.append(rows[-1] + step)
    return rows


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return (
        f'<rect x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}" fill="{fill}"'
        f' stroke="#000" stroke-width="{num(_FRAME_PT * PT)}"/>'
    )


def _document(width: float, height: float, title: str, body: Sequence[str]) -> Svg:
    # Half a millimetre around it: a frame on the border is not cut off.
    return Svg(
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{num(width)}mm" height="{num(height)}mm"'
        f' viewBox="-0.3 -0.3 {num(width + 0.6)} {num(height + 0.6)}" font-family="{FAMILY}">'
        f"<title>{svgtext.escape(title)}</title>{''.join(body)}</svg>"
    )
