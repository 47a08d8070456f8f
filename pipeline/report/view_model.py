"""What the template shows: immutable values, every text finished and in Chinese.

A view holds no numbers to be formatted and no decisions to be taken. Strings
are plain text, escaped by the template; the only markup is :class:`Svg`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


class Svg(str):
    """Markup that this package drew itself; a template inserts it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """The protocol by which Jinja2 recognises safe markup."""
        return str(self)


class DataUri(str):
    """An image as a ``data:`` address, made of a file that was checked; see ``pipeline.report.logo``."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A page format in millimetres; ``base_pt`` is the size of running text."""

    width: float
    height: float
    margin_side: float
    margin_top: float
    margin_bottom: float
    base_pt: float

    @property
    def content_width(self) -> float:
        """Width between the margins in millimetres."""
        return self.width - 2 * self.margin_side

    @property
    def content_height(self) -> float:
        """Height between the margins in millimetres."""
        return self.height - self.margin_top - self.margin_bottom


PAPERS: dict[str, Paper] = {
    "A4": Paper(210, 297, 15, 17, 15, 10),
    "B5": Paper(182, 257, 13, 15, 13, 8.8),
    "A5": Paper(148, 210, 10, 13, 11, 8.2),
    "screen": Paper(108, 220, 4, 4, 4, 10),  # a telephone held upright
}


@dataclass(frozen=True, slots=True)
class Field:
    """A label and what belongs to it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class CurveView:
    """One curve with its caption."""

    svg: Svg
    caption: str


@dataclass(frozen=True, slots=True)
class FigureView:
    """A board with its caption and the notes for stones on taken points.

    ``full_height_mm`` is the height with the notes, without the caption;
    ``replay`` holds its moves for a screen (``pipeline.report.replay``).
    """

    svg: Svg
    width_mm: float
    full_height_mm: float
    caption: str
    notes: tuple[str, ...] = ()
    replay: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    ``groups`` is an optional line above ``head``: (text, columns it spans). A
    rule stands above row ``divider`` (index; 0: none).
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    groups: tuple[tuple[str, int], ...] = ()
    divider: int = 0


@dataclass(frozen=True, slots=True)
class MomentView:
    """A key moment: verdict, figures, words, and ruled lines for the teacher's own notes.

    The lines stand below the figures or, where these are narrow, beside them.
    ``stacked``: the figures stand one below the other in a column of
    ``boards_mm``, words and lines beside them. ``nook``: the third figure
    stands below the first two, words and lines beside it, and ``lines_below``
    more of these below it; with ``words_mm`` the words stand in a column of
    that width beside the first two.
    """

    number: int
    heading: str
    verdict: tuple[Field, ...]
    figures: tuple[FigureView, ...]
    text: str
    note_lines: int
    notes_beside: bool = False
    stacked: bool = False
    nook: bool = False
    lines_below: int = 0
    words_mm: float = 0.0
    boards_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class ReportView:
    """The whole report. Empty parts are left out by the template.

    ``labels`` are the fixed words of the template; ``created`` is the ISO
    8601 date that the document bears.
    """

    paper: Paper
    labels: dict[str, str]
    document_title: str
    running_head: str
    club: str
    created: str
    game: tuple[Field, ...]
    overview: tuple[str, ...]
    curves: tuple[CurveView, ...]
    key_moves: Table
    statistics: Table
    definitions: tuple[str, ...]
    moments: tuple[MomentView, ...]
    moments_note: str
    record: tuple[tuple[FigureView, ...], ...]
    corrections: tuple[str, ...]
    method: tuple[Field, ...]
    classes: tuple[str, ...]
    student_note: str = ""
    lessons: tuple[str, ...] = ()  # what to take home, a paragraph each
    # What stands below the statistics, where it fits, and not at the end.
    segments_early: bool = False
    record_early: bool = False
    method_early: bool = False
    record_lines: tuple[int, ...] = ()  # ruled lines beside each row of the record, where it leaves room
    cover_lines: int = 0  # ruled lines for the teacher's words, where the key moves leave room
    last_lines: int = 0  # the same at the end, for notes where the teacher has his lines already
    starts: tuple[str, ...] = ()  # the parts that begin a page, see ``pipeline.report.pages``
    ruled: tuple[tuple[str, int], ...] = ()  # the parts with lines for notes below them
    colour: bool = False
    logo: DataUri | None = None
    highlights: tuple[str, ...] = ()
    segments: Table = Table((), ())
    histogram: CurveView | None = None


_ADDRESS = re.compile(r"(?:\s+at)?\W*\b(?:https?|ftp)://\S+", re.IGNORECASE)


def without_address(text: str) -> str:
    """Display text without web addresses, which servers write where a place or an event belongs."""
    return _ADDRESS.sub("", text)


def clean(text: str, limit: int) -> str:
    """One line of display text out of anything a file may hold.

    Composed (NFC), white space collapsed, control, format, bidirectional and
    surrogate characters dropped, at most ``limit`` characters with an
    ellipsis for the rest.
    """
    composed = unicodedata.normalize("NFC", text[: limit * 8])
    kept = "".join(" " if c.isspace() else c for c in composed if c.isspace() or unicodedata.category(c)[0] != "C")
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
