"""Horizontal bars in groups, to be read in black and white. Pure.

The layout is a list of rectangles, lines and texts in millimetres, so that the
same drawing becomes SVG here and PNG in ``raster``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.report.fontmetrics import FAMILY, text_width
from pipeline.report.plot import PT
from pipeline.report.svgtext import clean, escape, num

# A picture is seen where our font is not installed.
_FAMILIES = f"{FAMILY}, 'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
_MARGIN = 6.0
_TITLE, _BODY, _SMALL = 5.0, 3.4, 2.8  # font sizes in mm
_BAR, _PITCH = 4.2, 7.4
_GROUP = 8.0
_AXIS = 7.0
_LEGEND = 7.0
_DARK, _LIGHT, _GRID = "#222222", "#ffffff", "#c8c8c8"
_THIN = 0.5 * PT
_MOST_LABEL = 0.42  # of the width


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar to ``value``, drawn on as an outline to ``limit``; ``note`` is printed behind it."""

    label: str
    value: float
    limit: float
    note: str


@dataclass(frozen=True, slots=True)
class Group:
    """Bars under one heading."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in mm; ``fill`` is a colour as ``#rrggbb``, the frame black unless ``frame`` is false."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    frame: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line in mm."""

    x1: float
    y1: float
    x2: float
    y2: float
    ink: str


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; ``y`` is its base line, ``anchor`` 0 = begins at ``x``, 0.5 = centred, 1 = ends there."""

    text: str
    x: float
    y: float
    size: float
    bold: bool = False
    anchor: float = 0.0


Item: TypeAlias = Rect | Line | Text


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of this size in mm."""

    width: float
    height: float
    title: str
    items: tuple[Item, ...]


def ticks(top: float, most: int = 6) -> list[float]:
    """Round values from 0 to at least ``top``, at most so many."""
    if not math.isfinite(top) or top <= 0:
        return [0.0, 1.0]
    raw = top / (most - 1)
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * part for part in (1, 2, 2.5, 5, 10) if unit * part >= raw * (1 - 1e-9))
    return [step * i for i in range(math.ceil(top / step - 1e-9) + 1)]


def bar_chart(
    groups: Sequence[Group], *, title: str, unit: str, legend: tuple[str, str], width: float = 180.0
) -> Drawing:
    """The chart.

    Args:
        groups: from top to bottom.
        title: printed above.
        unit: printed below the axis.
        legend: names of the filled part and of the outline.
        width: of the drawing in mm.
    """
    bars = [bar for group in groups for bar in group.bars]
    widest = max((text_width(clean(bar.label)) * _BODY for bar in bars), default=0.0)
    left = _MARGIN + min(widest, _MOST_LABEL * width) + 2.0
    note = max((text_width(clean(bar.note)) * _SMALL for bar in bars), default=0.0)
    right = width - _MARGIN - note - 2.0
    scale_ticks = ticks(max((max(bar.value, bar.limit) for bar in bars), default=0.0))
    unit_length = max(right - left, 20.0) / scale_ticks[-1]
    top = _MARGIN + _TITLE + 3.0
    items: list[Item] = [Text(clean(title), _MARGIN, _MARGIN + _TITLE * 0.8, _TITLE, bold=True)]
    body: list[Item] = []
    y = top
    for group in groups:
        body.append(Text(clean(group.title), _MARGIN, y + _GROUP * 0.65, _BODY, bold=True))
        y += _GROUP
        for bar in group.bars:
            body += _bar_items(bar, left, y, unit_length, widest_label=left - _MARGIN - 2.0)
            y += _PITCH
    for value in scale_ticks:
        x = left + value * unit_length
        items.append(Line(x, top, x, y, _DARK if value == 0 else _GRID))
        items.append(Text(f"{value:,.10g}", x, y + _SMALL + 1.0, _SMALL, anchor=0.5))
    items.append(Text(clean(unit), width - _MARGIN, y + _SMALL + 1.0, _SMALL, anchor=1.0))
    y += _AXIS
    x = left
    for name, fill in zip(legend, (_DARK, _LIGHT), strict=True):
        body.append(Rect(x, y, 5.0, _SMALL, fill))
        body.append(Text(clean(name), x + 6.5, y + _SMALL * 0.85, _SMALL))
        x += 12.0 + text_width(clean(name)) * _SMALL
    return Drawing(width, y + _LEGEND, clean(title), (*items, *body))


def _bar_items(bar: Bar, left: float, y: float, unit: float, *, widest_label: float) -> list[Item]:
    base = y + (_PITCH - _BAR) / 2
    end = max(bar.value, bar.limit)
    found: list[Item] = []
    if bar.limit > bar.value:
        found.append(Rect(left, base, bar.limit * unit, _BAR, _LIGHT))
    found.append(Rect(left, base, max(bar.value * unit, 0.3), _BAR, _DARK))
    text_y = base + _BAR * 0.5 + _SMALL * 0.35
    found.append(Text(_fitting(clean(bar.label), _BODY, widest_label), left - 2.0, text_y, _BODY, anchor=1.0))
    note, x = clean(bar.note), left + end * unit + 1.5
    # No line of the grid runs through the figures.
    found.append(Rect(x - 0.7, base, text_width(note) * _SMALL + 1.4, _BAR, _LIGHT, frame=False))
    found.append(Text(note, x, text_y, _SMALL))
    return found


def _fitting(text: str, size: float, width: float) -> str:
    """The text, cut with an ellipsis where it is too wide."""
    if text_width(text) * size <= width + 1e-6:
        return text
    while text and text_width(text + "…") * size > width:
        text = text[:-1]
    return text.rstrip() + "…"


def to_svg(drawing: Drawing) -> str:
    """The drawing as a file of its own."""
    anchors = {0.0: "start", 0.5: "middle", 1.0: "end"}
    parts = []
    for item in drawing.items:
        match item:
            case Rect():
                frame = f' stroke="#000000" stroke-width="{num(_THIN)}"' if item.frame else ""
                parts.append(
                    f'<rect x="{num(item.x)}" y="{num(item.y)}" width="{num(item.width)}" height="{num(item.height)}"'
                    f' fill="{item.fill}"{frame}/>'
                )
            case Line():
                parts.append(
                    f'<path d="M{num(item.x1)} {num(item.y1)}L{num(item.x2)} {num(item.y2)}"'
                    f' stroke="{item.ink}" stroke-width="{num(_THIN)}"/>'
                )
            case Text():
                weight = ' font-weight="700"' if item.bold else ""
                parts.append(
                    f'<text x="{num(item.x)}" y="{num(item.y)}" font-size="{num(item.size)}"{weight}'
                    f' text-anchor="{anchors[item.anchor]}">{escape(item.text)}</text>'
                )
    size = f'width="{num(drawing.width)}mm" height="{num(drawing.height)}mm"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}'
        f' viewBox="0 0 {num(drawing.width)} {num(drawing.height)}" font-family="{_FAMILIES}">'
        f"<title>{escape(drawing.title)}</title>"
        f'<rect width="{num(drawing.width)}" height="{num(drawing.height)}" fill="#ffffff"/>'
        f"{''.join(parts)}</svg>\n"
    )
