"""How key moments share the pages: two on a page, or one that is stacked. Pure.

Heights repeat what the stylesheet makes of plain A4 and grow with its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.report.cover import MM_PER_PT, lines_of
from pipeline.report.options import Layout
from pipeline.report.view_model import MomentView, Table

FRAME_MM = 25.8  # heading, verdict, caption, margins
HEAD_MM = 19.5  # heading, verdict, margins
FIRST_HEAD_MM = 12.0  # heading of the part, above the first of them
TEXT_LINE_MM = 5.65
RULE_MM = 8.0
MIN_NOTE_LINES = 2
# Ruled lines that fill the half of a page that a moment leaves.
HALF_PAGE_LINES = 12
# Two boards in a row: as high as half of the page is wide, a little less at the narrowest.
BOARD_SHARE = 0.93
# Heights in rem.
_HEADING = 3.6
_ROW = 1.46
_DEFINITIONS = 6.0
_FIELD_ROW = 2.6  # some take two lines
_CLASSES = 5.5
_LIST_LINE = 1.65
_HISTOGRAM = 34.0  # mm on plain A4, with its caption


@dataclass(frozen=True, slots=True)
class Rooms:
    """Heights in mm that a moment may take: of the first one, of the second, and of every other.

    ``below_statistics`` tells that the first stands on the page of the statistics.
    """

    first: float
    second: float
    other: float
    below_statistics: bool

    def of(self, index: int) -> float:
        """The room of a moment, counted from 0 as printed."""
        return (self.first, self.second)[index] if index < 2 else self.other


def rooms(layout: Layout, statistics: Table, *, width: int, height: int) -> Rooms:
    """The room of the moments on a board of that many lines."""
    paper, scale = layout.paper, layout.text_scale
    half = paper.content_height / 2
    free = paper.content_height - _statistics_rem(statistics) * paper.base_pt * MM_PER_PT - FIRST_HEAD_MM * scale
    board = min(layout.max_cell_mm * (height + 2), paper.content_width / 2 * height / width)
    need = scale * (FRAME_MM + TEXT_LINE_MM + MIN_NOTE_LINES * RULE_MM) + BOARD_SHARE * board
    if need <= free:
        return Rooms(min(free, half), half, half, below_statistics=True)
    shared = half - FIRST_HEAD_MM * scale / 2
    return Rooms(shared, shared, half, below_statistics=False)


def early_parts(
    layout: Layout, statistics: Table, segments: Table, *, lines: Sequence[str], fields: int, above_rem: float
) -> tuple[bool, bool]:
    """Whether the segments and the closing part fit below the statistics, on a page without key moments.

    Args:
        layout: the page.
        statistics: the table above.
        segments: the table of the segments.
        lines: the corrections, one a line.
        fields: how many fields tell how the game was analysed.
        above_rem: height of what did not fit on the page before, in rem.
    """
    paper = layout.paper
    rem = paper.base_pt * MM_PER_PT
    used = above_rem + _statistics_rem(statistics)
    page = paper.content_height / rem
    part = _HEADING + max(_ROW * (len(segments.rows) + 2), _HISTOGRAM * paper.content_width / 180 / rem)
    # In large print its cells wrap, and how high it gets cannot be told.
    with_segments = bool(segments.rows) and layout.text_scale <= 1 and used + part <= page
    used += part if with_segments else 0.0
    ems = paper.content_width / rem - 2
    part = _HEADING + _FIELD_ROW * -(-fields // 2) + _CLASSES
    part += _HEADING + _LIST_LINE * sum(lines_of(line, ems) for line in lines) if lines else 0.0
    return with_segments, used + part <= page


def _statistics_rem(statistics: Table) -> float:
    return _HEADING + (_ROW * (len(statistics.rows) + 2) + _DEFINITIONS if statistics.rows else 2.0)


def fill_pages(moments: tuple[MomentView, ...], *, below_statistics: bool) -> tuple[MomentView, ...]:
    """The moments with more ruled lines for one that stands alone above a stacked one."""
    filled: list[MomentView] = []
    on_page = 1 if below_statistics else 0
    for index, moment in enumerate(moments):
        following = moments[index + 1] if index + 1 < len(moments) else None
        if moment.stacked:
            on_page = 0
        else:
            on_page = on_page % 2 + 1
            if on_page == 1 and following is not None and following.stacked:
                filled.append(replace(moment, note_lines=moment.note_lines + HALF_PAGE_LINES))
                continue
        filled.append(moment)
    return tuple(filled)
