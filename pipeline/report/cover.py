"""How the first page is filled: the curves grow, and what is left is ruled for the teacher's words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report import heights
from pipeline.report.options import Layout
from pipeline.report.pages import MAX_LINES, MIN_LINES
from pipeline.report.view_model import Field

CURVE_HEIGHT_MM = 40.0
SCREEN_CURVE_MM = 42.0
CURVE_STRETCH = 1.3
# When the table of key moves stands on the next page.
CURVE_STRETCH_ALONE = 1.7
# Lower than this, the numbers at the axis touch each other and the curve is a line.
LEAST_CURVE_MM = 25.0
# Heights in rem, as the stylesheet makes them.
_HEADER = 3.25
_OVERVIEW_LINE = 1.7
_CURVE_CAPTION = 1.45
_KEY = 1.25
_SAFETY = 0.8


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page: the height of each curve in mm, ruled lines below, and how many of its parts found no room.

    ``carried`` counts from the end: 1 for the good moves, 2 for the key moves too.
    ``rest_mm`` is what is left where the statistics fit as well, with the space above them.
    """

    curve_height_mm: float
    lines: int
    carried: int = 0
    rest_mm: float = 0.0


def cover(
    layout: Layout,
    *,
    fields: Sequence[Field],
    overview: Sequence[str],
    curves: bool,
    parts_mm: Sequence[float],
    statistics_mm: float,
    extra_rem: float = 0.0,
) -> Cover:
    """The measures of page 1.

    Args:
        layout: the page.
        fields: the block about the game.
        overview: the paragraphs of the summary.
        curves: whether there are any.
        parts_mm: heights of the key moves and of the good moves (0: none).
        statistics_mm: where these fit as well, there is nothing to fill.
        extra_rem: height of whatever else stands there, in rem.
    """
    if layout.screen:
        return Cover(SCREEN_CURVE_MM, 0)
    paper, rem = layout.paper, heights.rem_mm(layout)
    flat = CURVE_HEIGHT_MM * paper.content_width / 180
    least = min(LEAST_CURVE_MM, flat)
    ems = heights.column_ems(layout)
    gap = heights.HEADING_GAP
    used = _HEADER + heights.pairs(layout, fields) + extra_rem
    if overview:
        lines = sum(heights.lines_of(text, ems) for text in overview)
        used += gap + heights.HEADING + _OVERVIEW_LINE * lines
    used += (gap + heights.HEADING + 2 * _CURVE_CAPTION + _KEY) * curves
    parts = [height + rem * gap for height in parts_mm if height]
    free = paper.content_height - rem * (used + _SAFETY)
    carried = 0
    while parts and free - sum(parts) < 2 * least * curves:
        parts.pop()
        carried += 1
    free -= sum(parts) + 2 * flat * curves
    if free >= rem * gap + statistics_mm:
        return Cover(flat, 0, carried, free)
    if free < 0:
        return Cover(round(max(least, flat + free / 2), 1) if curves else flat, 0, carried)
    stretch = CURVE_STRETCH_ALONE if carried and not parts else CURVE_STRETCH
    lines = 0 if carried else int((free / rem - gap - heights.HEADING) // heights.RULE)
    lines = min(MAX_LINES, lines) if lines >= MIN_LINES else 0
    left = free - (rem * gap + heights.ruled(layout, lines)) * (lines > 0)
    grown = flat + min(flat * (stretch - 1), left / 2) if curves else flat
    return Cover(round(grown, 1), lines, carried)
