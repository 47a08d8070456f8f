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
MAX_LAST_LINES = 30
# The renderer's rounding, a page.
SAFETY_MM = 1.5
# A last page with less than this on it looks forgotten.
SCANT = 0.3
# So much empty below the parts of a page is worth another order.
WASTE = 0.2
# So much is worth ruling at the foot of a page.
RULED_FROM = 0.14
# Lines of the record this much closer than the largest board's are hard to read for whom large print is made.
CRAMPED = 0.77
# Names of the parts; key moments and rows of the record are counted from 0.
COVER, KEY_MOVES, HIGHLIGHTS, STATISTICS = "cover", "key_moves", "highlights", "statistics"
SEGMENTS, CORRECTIONS, METHOD, MOMENT, RECORD = "segments", "corrections", "method", "moment", "record"


@dataclass(frozen=True, slots=True)
class Block:
    """A part that no page break divides: its height, and the space above it but at the top of a page (mm).

    ``name`` is how the template calls it. ``moment`` is the index of the key moment that it is.
    """

    height: float
    gap: float
    name: str = ""
    moment: int | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a report behind its first page; heights in mm, 0 for those that it lacks.

    ``carried`` are those of the first page that found no room there, by name.
    ``records`` are the ways to set the record, of which one is chosen.
    ``closing`` are the reader's corrections and how the game was analysed.
    ``cover_rest`` is what the first page has left for them; 0: they begin on the second.
    """

    carried: tuple[tuple[str, float], ...]
    statistics: float
    moments: tuple[MomentView, ...]
    moments_note: float
    records: tuple[RecordLayout, ...]
    segments: float
    closing: tuple[float, float]
    cover_rest: float = 0.0


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What was decided.

    ``segments_early``, ``record_early`` and ``method_early`` set these parts
    behind the statistics. ``moments`` have their ruled lines.
    ``carried_lines`` and ``last_lines`` are ruled lines for the teacher behind
    what the first page left over, and for anyone's notes at the end.
    ``starts`` are the parts that begin a page, ``ruled`` the parts behind
    which the rest of a page is ruled, with the number of lines.
    """

    moments: tuple[MomentView, ...]
    record: RecordLayout | None
    segments_early: bool = False
    method_early: bool = False
    record_early: bool = False
    carried_lines: int = 0
    last_lines: int = 0
    starts: tuple[str, ...] = ()
    ruled: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Order:
    """Which parts come before the key moments; simpler orders first."""

    segments: bool = False
    method: bool = False
    record: bool = False


_ORDERS = (
    _Order(),
    _Order(segments=True),
    _Order(segments=True, method=True),
    _Order(record=True),
    _Order(segments=True, record=True),
)


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
    for number, order in enumerate(_ORDERS if parts.moments else _ORDERS[:1]):
        if order.record and not parts.records:
            continue
        for record in parts.records or (None,):
            made = paginate(_blocks(layout, parts, record, order), page_mm)
            ways.append((_score(layout, parts, made, record, number), order, record, made))
    _, order, record, made = min(ways, key=lambda way: way[0])
    moments = list(parts.moments)
    rest = [_fill(layout, page, moments, is_last=page is made[-1]) for page in made]
    carried = 0
    if parts.carried and len(made[0]) == len(parts.carried):
        carried = lines_in(layout, rest[0], MAX_LAST_LINES)
    left = rest[-1] if len(made) > 1 or not parts.carried else 0.0
    return Arrangement(
        moments=tuple(moments),
        record=record,
        segments_early=order.segments,
        method_early=order.method,
        record_early=order.record,
        carried_lines=carried,
        last_lines=lines_in(layout, left, MAX_LAST_LINES),
        starts=tuple(page[0].name for page in made if page[0].name != COVER),
        ruled=_ruled(layout, parts, made[bool(carried) : -1]),
    )


def _ruled(layout: Layout, parts: Parts, pages: Sequence[Sequence[Block]]) -> tuple[tuple[str, int], ...]:
    """Lines for notes below what leaves a good part of its page empty."""
    page_mm = layout.paper.content_height
    return tuple(
        (page[-1].name, lines)
        for page in pages
        if not _fillable(page, parts.moments) and free_mm(page, page_mm) > RULED_FROM * page_mm
        if (lines := lines_in(layout, free_mm(page, page_mm), MAX_LAST_LINES))
    )


def lines_in(layout: Layout, free: float, most: int) -> int:
    """How many ruled lines fit with their heading; none where they are too few to write on."""
    rem = heights.rem_mm(layout)
    lines = int((free - rem * (heights.HEADING_GAP + heights.HEADING)) // (rem * heights.RULE))
    return min(most, lines) if lines >= MIN_LINES else 0


def _blocks(layout: Layout, parts: Parts, record: RecordLayout | None, order: _Order) -> list[Block]:
    rem = heights.rem_mm(layout)
    gap = rem * heights.HEADING_GAP
    blocks = [Block(height, gap, name) for name, height in (*parts.carried, (STATISTICS, parts.statistics))]
    if parts.cover_rest:
        blocks.insert(0, Block(layout.paper.content_height - SAFETY_MM - parts.cover_rest, 0.0, COVER))
    segments = [Block(parts.segments, gap, SEGMENTS)] if parts.segments else []
    closing = [
        Block(height, gap, name) for name, height in zip((CORRECTIONS, METHOD), parts.closing, strict=True) if height
    ]
    moments = []
    for index, moment in enumerate(parts.moments):
        head = (rem * heights.HEADING + parts.moments_note) * (index == 0)
        height = heights.moment(layout, moment) + head
        moments.append(Block(height, rem * heights.MOMENT_GAP, f"{MOMENT}{index}", index))
    rows = []
    for index, height in enumerate(record.rows_mm if record else ()):
        head = rem * heights.HEADING * (index == 0)
        rows.append(Block(height + head, rem * heights.ROW_GAP if index else gap, f"{RECORD}{index}"))
    early = [*segments * order.segments, *closing * order.method, *rows * order.record]
    late = [*rows * (not order.record), *segments * (not order.segments), *closing * (not order.method)]
    return [*blocks, *early, *moments, *late]


def _score(
    layout: Layout, parts: Parts, made: list[list[Block]], record: RecordLayout | None, order: int
) -> tuple[float, ...]:
    page_mm = layout.paper.content_height
    free = [0.0 if _fillable(page, parts.moments) else free_mm(page, page_mm) / page_mm for page in made]
    gaps = sum(share > SCANT for share in free[:-1])
    wasted = sum(share > WASTE for share in free[:-1])
    scant = free_mm(made[-1], page_mm) / page_mm > 1 - SCANT
    # At the same size of boards, the record that takes least height.
    cell, height = (record.cell_mm, sum(record.rows_mm)) if record else (0.0, 0.0)
    # A page that is ruled for notes serves a child better than boards squeezed on it.
    is_cramped = record is not None and cell < CRAMPED * layout.max_cell_mm
    return len(made), is_cramped, gaps, wasted, -round(cell, 1), height, scant, order


def _fillable(page: Sequence[Block], moments: Sequence[MomentView]) -> bool:
    """Whether the rest of a page can be ruled below its key moments, or beside and below a column of boards."""
    shown = [moments[block.moment] for block in page if block.moment is not None]
    return any(not _is_closed(moment) for moment in shown) or (len(page) == 1 and any(m.stacked for m in shown))


def _fill(layout: Layout, page: Sequence[Block], moments: list[MomentView], *, is_last: bool) -> float:
    """Rule what the page has left below its key moments, the same number of lines below each; returns the rest (mm)."""
    rule = heights.rem_mm(layout) * heights.RULE
    free = free_mm(page, layout.paper.content_height)
    own = [b.moment for b in page if b.moment is not None and not _is_closed(moments[b.moment])]
    alone = page[0].moment if len(page) == 1 else None
    if alone is not None and moments[alone].stacked:
        more = int(free // rule)
        moments[alone] = replace(moments[alone], note_lines=moments[alone].note_lines + more)
        return free - more * rule
    is_lone = len(page) == 1 or (len(own) == 1 and not is_last)
    for position, index in enumerate(own):
        more = int(free // rule) // (len(own) - position)
        most = MAX_LONE_LINES if is_lone else MAX_NOTE_LINES
        own_lines = moments[index].lines_below if moments[index].nook else moments[index].note_lines
        more = max(0, min(more, most - own_lines))
        moments[index] = _with_lines(moments[index], more)
        free -= more * rule
    return free


def _with_lines(moment: MomentView, more: int) -> MomentView:
    """Those beside a third board are as many as it is high: more stand below it."""
    if moment.nook:
        return replace(moment, lines_below=moment.lines_below + more)
    return replace(moment, note_lines=moment.note_lines + more)


def _is_closed(moment: MomentView) -> bool:
    return moment.stacked or moment.notes_beside
