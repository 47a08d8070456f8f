"""Which part of a report stands on which page: the order that needs the fewest, and lines that fill the rest. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.report import heights
from pipeline.report.boards import RecordLayout
from pipeline.report.options import Layout
from pipeline.report.view_model import MomentView

MIN_NOTE_LINES = 2
MAX_NOTE_LINES = 7
# Of a key moment that has the page to itself.
MAX_LONE_LINES = 18
# Ruled lines for the teacher's words.
MIN_LINES, MAX_LINES = 3, 8
MAX_LAST_LINES = 12
# The renderer's rounding, a page.
SAFETY_MM = 1.5
# A last page with less than this on it looks forgotten.
SCANT = 0.3


@dataclass(frozen=True, slots=True)
class Block:
    """A part that no page break divides: its height, and the space above it but at the top of a page (mm).

    ``moment`` is the index of the key moment that it is.
    """

    height: float
    gap: float
    moment: int | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a report behind its first page; heights in mm, 0 for those that it lacks.

    ``carried`` are those of the first page that found no room there.
    ``records`` are the ways to set the record, of which one is chosen.
    """

    carried: tuple[float, ...]
    statistics: float
    moments: tuple[MomentView, ...]
    moments_note: float
    records: tuple[RecordLayout, ...]
    segments: float
    closing: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What was decided.

    ``segments_early`` and ``method_early`` set these parts behind the
    statistics. ``moments`` have their ruled lines. ``carried_lines`` and
    ``last_lines`` are ruled lines for the teacher behind what the first page
    left over, and for anyone's notes at the end.
    """

    moments: tuple[MomentView, ...]
    record: RecordLayout | None
    segments_early: bool = False
    method_early: bool = False
    carried_lines: int = 0
    last_lines: int = 0


def paginate(blocks: Sequence[Block], page_mm: float) -> list[list[Block]]:
    """The blocks of each page, one after the other as far as they fit."""
    made: list[list[Block]] = []
    used = 0.0
    for block in blocks:
        if made and used + block.gap + block.height <= page_mm - SAFETY_MM:
            made[-1].append(block)
            used += block.gap + block.height
        else:
            made.append([block])
            used = block.height
    return made


def free_mm(page: Sequence[Block], page_mm: float) -> float:
    """What a page has left."""
    return page_mm - SAFETY_MM - sum(block.height for block in page) - sum(block.gap for block in page[1:])


def arrange(layout: Layout, parts: Parts) -> Arrangement:
    """The order with the fewest pages, none of them half empty but the last, and boards as large as that allows."""
    page_mm = layout.paper.content_height
    ways = []
    for early in range(3 if parts.moments else 1):
        for record in parts.records or (None,):
            made = paginate(_blocks(layout, parts, record, early), page_mm)
            ways.append((_score(layout, made, record, early), early, record, made))
    _, early, record, made = min(ways, key=lambda way: way[0])
    moments = list(parts.moments)
    for page in made:
        _fill(layout, page, moments)
    carried = 0
    if parts.carried and len(made[0]) == len(parts.carried):
        carried = lines_in(layout, free_mm(made[0], page_mm), MAX_LINES)
    left = free_mm(made[-1], page_mm) if len(made) > 1 or not parts.carried else 0.0
    return Arrangement(
        moments=tuple(moments),
        record=record,
        segments_early=early > 0,
        method_early=early > 1,
        carried_lines=carried,
        last_lines=lines_in(layout, left, MAX_LAST_LINES),
    )


def lines_in(layout: Layout, free: float, most: int) -> int:
    """How many ruled lines fit with their heading; none where they are too few to write on."""
    rem = heights.rem_mm(layout)
    lines = int((free - rem * (heights.HEADING_GAP + heights.HEADING)) // (rem * heights.RULE))
    return min(most, lines) if lines >= MIN_LINES else 0


def _blocks(layout: Layout, parts: Parts, record: RecordLayout | None, early: int) -> list[Block]:
    rem = heights.rem_mm(layout)
    gap = rem * heights.HEADING_GAP
    blocks = [Block(height, gap) for height in (*parts.carried, parts.statistics)]
    segments = [Block(parts.segments, gap)] if parts.segments else []
    closing = [Block(height, gap) for height in parts.closing if height]
    middle = []
    for index, moment in enumerate(parts.moments):
        head = (rem * heights.HEADING + parts.moments_note) * (index == 0)
        middle.append(Block(heights.moment(layout, moment) + head, rem * heights.MOMENT_GAP, index))
    if record is not None:
        for index, height in enumerate(record.rows_mm):
            head = rem * heights.HEADING * (index == 0)
            middle.append(Block(height + head, rem * heights.ROW_GAP if index else gap))
    before = [*segments[: early > 0], *closing[: len(closing) * (early > 1)]]
    after = [*segments[: early == 0], *closing[: len(closing) * (early < 2)]]
    return [*blocks, *before, *middle, *after]


def _score(layout: Layout, made: list[list[Block]], record: RecordLayout | None, early: int) -> tuple[float, ...]:
    page_mm = layout.paper.content_height
    free = [0.0 if _fillable(page) else free_mm(page, page_mm) / page_mm for page in made]
    gaps = sum(share > SCANT for share in free[:-1])
    scant = free_mm(made[-1], page_mm) / page_mm > 1 - SCANT
    # At the same size of boards, the record that takes least height.
    cell, height = (record.cell_mm, sum(record.rows_mm)) if record else (0.0, 0.0)
    return len(made), gaps, -round(cell, 1), height, scant, early


def _fillable(page: Sequence[Block]) -> bool:
    return any(block.moment is not None for block in page)


def _fill(layout: Layout, page: Sequence[Block], moments: list[MomentView]) -> None:
    """Rule what the page has left below its key moments, the same number of lines below each."""
    rule = heights.rem_mm(layout) * heights.RULE
    free = free_mm(page, layout.paper.content_height)
    own = [b.moment for b in page if b.moment is not None and not _is_closed(moments[b.moment])]
    for position, index in enumerate(own):
        more = int(free // rule) // (len(own) - position)
        most = MAX_LONE_LINES if len(page) == 1 else MAX_NOTE_LINES
        more = max(0, min(more, most - moments[index].note_lines))
        moments[index] = replace(moments[index], note_lines=moments[index].note_lines + more)
        free -= more * rule


def _is_closed(moment: MomentView) -> bool:
    return moment.stacked or moment.notes_beside
