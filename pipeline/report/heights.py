"""How high the parts of a report are, in mm, as the stylesheet makes them. Pure.

The renderer decides in the end where a page breaks; these heights let the
view choose sizes, order and ruled lines before it. They err towards more: too
much leaves a finger's breadth empty, too little another page.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.report.options import Layout
from pipeline.report.view_model import Field, FigureView, MomentView, Table

MM_PER_PT = 25.4 / 72
LATIN_EM = 0.58
# In rem. A heading stands nearer to the top of a page than to the part before it.
HEADING = 2.36
HEADING_GAP = 1.3
MOMENT_GAP = 0.9
ROW_GAP = 0.6
CAPTION = 1.49
NOTE_LINE = 1.18
_CAPTION_EM = 0.88
_CAPTION_LINE = 1.24
RULE = 2.32
TEXT_LINE = 1.6
SMALL_LINE = 1.14
_SMALL_EM = 0.78
_SMALL_GAP = 0.4
_NOTE_WIDTH = 4.2  # of one note with its space
_MOMENT_HEAD = 4.32  # its heading and its verdict
_WORDS_GAP = 0.3
_KEY_ROW = 1.65
_NUMBERS_ROW = 1.49
_SEGMENT_ROW = 1.37
_PAIR_LINE = 1.35
_PAIR_GAP = 0.46
_LIST_INDENT = 1.2
_LABEL_EM = 5.6  # of a label with its spaces
_SPREAD_GAP = 0.6
_HISTOGRAM_MM = 25.0  # on plain A4
# Between a board and the words beside it; between two boards and the third below them.
BESIDE_GAP_MM = 5.5
NOOK_GAP_MM = 1.7


def rem_mm(layout: Layout) -> float:
    """The size of running text in mm."""
    return layout.paper.base_pt * MM_PER_PT


def lines_of(text: str, ems: float) -> int:
    """Lines that a text takes in a column of that many em, from the widths of its characters."""
    return -int(-sum(LATIN_EM if char.isascii() else 1.0 for char in text) // ems)


def column_ems(layout: Layout) -> float:
    """Width of the page's text in em, less what the breaks between words and marks may leave."""
    return layout.paper.content_width / rem_mm(layout) - 1


def key_moves(layout: Layout, table: Table) -> float:
    """The table of key moves, with its heading."""
    return rem_mm(layout) * (HEADING + _KEY_ROW * (len(table.rows) + 1 if table.rows else 1))


def highlights(layout: Layout, lines: Sequence[str]) -> float:
    """Good moves and overlooked points, with their heading."""
    ems = column_ems(layout)
    return rem_mm(layout) * (HEADING + TEXT_LINE * sum(lines_of(line, ems) for line in lines)) if lines else 0.0


def ruled(layout: Layout, lines: int) -> float:
    """Ruled lines with a heading."""
    return rem_mm(layout) * (HEADING + RULE * lines)


def statistics(layout: Layout, table: Table, definitions: Sequence[str]) -> float:
    """The statistics, with the heading and the definitions."""
    if not table.rows:
        return rem_mm(layout) * (HEADING + TEXT_LINE)
    return rem_mm(layout) * (HEADING + _NUMBERS_ROW * (len(table.rows) + 2) + _small(layout, definitions))


def segments(layout: Layout, table: Table) -> float:
    """The segments beside the distribution of the classes, with their heading."""
    if not table.rows:
        return 0.0
    rem = rem_mm(layout)
    histogram = _HISTOGRAM_MM * layout.paper.content_width / 180 / rem + CAPTION
    return rem * (HEADING + _SPREAD_GAP + max(_SEGMENT_ROW * (len(table.rows) + 2), histogram))


def corrections(layout: Layout, lines: Sequence[str]) -> float:
    """What the reader corrected, with the heading."""
    ems = column_ems(layout) - _LIST_INDENT
    return rem_mm(layout) * (HEADING + TEXT_LINE * sum(lines_of(line, ems) for line in lines)) if lines else 0.0


def method(layout: Layout, fields: Sequence[Field], classes: Sequence[str]) -> float:
    """How the game was analysed, with the heading and the rules of the classes."""
    return rem_mm(layout) * (HEADING + pairs(layout, fields) + _small(layout, classes))


def pairs(layout: Layout, fields: Sequence[Field]) -> float:
    """A block of labels and values, two a line, in rem."""
    ems = column_ems(layout) + 1
    return sum(_PAIR_GAP + _PAIR_LINE * _pair_lines(fields[i : i + 2], ems) for i in range(0, len(fields), 2))


def _pair_lines(pair: Sequence[Field], ems: float) -> int:
    room = ems / 2 - _LABEL_EM if len(pair) == 2 else ems - _LABEL_EM
    return max(lines_of(field.value, room) for field in pair)


def _small(layout: Layout, texts: Sequence[str]) -> float:
    ems = (column_ems(layout) + 0.9) / _SMALL_EM
    return _SMALL_GAP + SMALL_LINE * sum(lines_of(text, ems) for text in texts)


def notes(layout: Layout, count: int, width_mm: float) -> float:
    """The notes below a board of that width."""
    rem = rem_mm(layout)
    return rem * NOTE_LINE * -(-count // max(1, int(width_mm / (_NOTE_WIDTH * rem))))


def caption(layout: Layout, view: FigureView) -> float:
    """What stands below a board, without its notes: a narrow board's caption takes two lines."""
    rem = rem_mm(layout)
    lines = lines_of(view.caption, view.width_mm / (rem * _CAPTION_EM))
    return rem * (CAPTION + _CAPTION_LINE * (lines - 1))


def figure(layout: Layout, view: FigureView) -> float:
    """A board with its notes and its caption."""
    return view.full_height_mm + caption(layout, view)


def moment_frame(layout: Layout, text_lines: int, rules: int) -> float:
    """A key moment without its boards, which stand side by side."""
    told = _WORDS_GAP + TEXT_LINE * text_lines if text_lines else 0.0
    return rem_mm(layout) * (_MOMENT_HEAD + CAPTION + told + RULE * rules)


def moment_head(layout: Layout) -> float:
    """What stands above the boards of a key moment."""
    return rem_mm(layout) * _MOMENT_HEAD


def words(layout: Layout, text: str, ems: float) -> float:
    """What there is to say of a key moment, in a column of that many em."""
    return rem_mm(layout) * (_WORDS_GAP + TEXT_LINE * lines_of(text, ems)) if text else 0.0


def beside_boards(layout: Layout, view: MomentView) -> float:
    """The words and the ruled lines of a key moment that stand beside a board or a column of boards."""
    rem = rem_mm(layout)
    ems = (layout.paper.content_width - view.boards_mm - BESIDE_GAP_MM) / rem - 1
    return words(layout, "" if view.words_mm else view.text, ems) + rem * RULE * view.note_lines


def moment(layout: Layout, view: MomentView) -> float:
    """A key moment as it is, without the heading of the part."""
    if view.stacked:
        return moment_head(layout) + max(
            sum(figure(layout, f) + 1.7 for f in view.figures), beside_boards(layout, view)
        )
    if view.nook:
        row = max(figure(layout, f) for f in view.figures[:2])
        third = figure(layout, view.figures[2]) + 1.7
        below = rem_mm(layout) * RULE * view.lines_below
        return moment_head(layout) + row + NOOK_GAP_MM + max(third, beside_boards(layout, view)) + below
    rules = 0 if view.notes_beside else view.note_lines
    boards = max((figure(layout, f) for f in view.figures), default=0.0) - rem_mm(layout) * CAPTION
    return boards + moment_frame(layout, lines_of(view.text, column_ems(layout)), rules)
