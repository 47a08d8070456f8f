"""How the first page is filled: the curves grow, and what is left is ruled for the teacher's words. Pure.

Heights are estimated from the stylesheet; the estimate errs towards more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.options import Layout
from pipeline.report.view_model import Field, Table

MM_PER_PT = 25.4 / 72
CURVE_HEIGHT_MM = 40.0
SCREEN_CURVE_MM = 42.0
CURVE_STRETCH = 1.3
CURVE_SQUEEZE = 0.65
MIN_LINES, MAX_LINES = 3, 8
LATIN_EM = 0.58
# Heights in rem, as the stylesheet makes them.
_HEADER = 3.4
_PAIR_ROW = 2.05
_HEADING = 3.6
_TEXT_LINE = 1.7
_CURVE_CAPTION = 1.45
_KEY = 1.25
_TABLE_ROW = 1.62
_STATISTICS_ROW = 1.5
_DEFINITION_LINE = 1.15
_RULE = 2.27
_SAFETY = 2.5


@dataclass(frozen=True, slots=True)
class Cover:
    """Height of each curve in mm, the number of ruled lines below the page's contents, and whether it overflows."""

    curve_height_mm: float
    lines: int
    overflows: bool = False


def cover(
    layout: Layout,
    *,
    fields: Sequence[Field],
    overview: str,
    curves: bool,
    key_moves: int,
    statistics: Table,
    extra_rem: float = 0.0,
) -> Cover:
    """The measures of page 1.

    Args:
        layout: the page.
        fields: the block about the game.
        overview: the summary, as one text.
        curves: whether there are any.
        key_moves: rows of the table of key moves.
        statistics: where this fits as well, there is nothing to fill.
        extra_rem: height of whatever else stands there, in rem.
    """
    paper = layout.paper
    if layout.screen:
        return Cover(SCREEN_CURVE_MM, 0)
    rem = paper.base_pt * MM_PER_PT
    flat = CURVE_HEIGHT_MM * paper.content_width / 180
    ems = paper.content_width / rem
    used = _HEADER + _PAIR_ROW * sum(_pair_lines(pair, ems) for pair in _pairs(fields)) + extra_rem
    used += (_HEADING + _TEXT_LINE * lines_of(overview, ems)) if overview else 0.0
    used += (_HEADING + 2 * _CURVE_CAPTION + _KEY) if curves else 0.0
    used += _HEADING + _TABLE_ROW * ((key_moves + 1) if key_moves else 1)
    free = paper.content_height - rem * (used + _SAFETY) - (2 * flat if curves else 0.0)
    table = _HEADING + _STATISTICS_ROW * (len(statistics.rows) + 2) + _DEFINITION_LINE * 6
    if free >= rem * table:
        return Cover(flat, 0)
    if free < 0:
        squeezed = max(flat * CURVE_SQUEEZE, flat + free / 2) if curves else flat
        return Cover(round(squeezed, 1), 0, overflows=free + 2 * (flat - squeezed) + rem * _SAFETY < 0)
    lines = min(MAX_LINES, int((free / rem - _HEADING) // _RULE))
    if lines < MIN_LINES:
        lines = 0
    left = free - rem * (_HEADING + lines * _RULE) * (lines > 0)
    grown = flat + min(flat * (CURVE_STRETCH - 1), left / 2) if curves else flat
    return Cover(round(grown, 1), lines)


def lines_of(text: str, ems: float) -> int:
    """Lines that a text takes in a column of that many em, from the widths of its characters."""
    return -int(-sum(LATIN_EM if char.isascii() else 1.0 for char in text) // ems)


def _pairs(fields: Sequence[Field]) -> list[Sequence[Field]]:
    return [fields[i : i + 2] for i in range(0, len(fields), 2)]


def _pair_lines(pair: Sequence[Field], ems: float) -> int:
    room = ems / 2 - 5.5 if len(pair) == 2 else ems - 5.5
    return max(lines_of(field.value, room) for field in pair)
