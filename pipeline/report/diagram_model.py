"""What a Go diagram shows: stones, numbers, marks, and which part of the board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pipeline.go.board import Color, Point

_CORNER_STARS_FROM = 8
_FOURTH_LINE_FROM = 12
_SIDE_STARS_FROM = 15


class MarkKind(StrEnum):
    """Signs on a stone or on an empty point."""

    TRIANGLE = "triangle"
    SQUARE = "square"
    CIRCLE = "circle"
    CROSS = "cross"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign at ``point``; ``text`` (one to three characters) for ``LETTER`` only."""

    point: Point
    kind: MarkKind
    text: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a board that is shown: inclusive columns and rows, counted as in ``Point``."""

    left: int
    bottom: int
    right: int
    top: int

    def contains(self, point: Point) -> bool:
        """Whether the point is shown."""
        return self.left <= point.col <= self.right and self.bottom <= point.row <= self.top

    @property
    def columns(self) -> int:
        """Number of columns shown."""
        return self.right - self.left + 1

    @property
    def rows(self) -> int:
        """Number of rows shown."""
        return self.top - self.bottom + 1


@dataclass(frozen=True, slots=True)
class Diagram:
    """What a diagram shows.

    ``numbers`` are drawn on their stones (1 to 3 digits), ``marks`` on stones
    or empty points; a point with a number shows no mark. ``window`` cuts the
    board; it is widened where it would leave out a number or a mark.
    ``labels`` replace the coordinates A-T and 1-19: for the columns from the
    left, and for the rows from the bottom. ``background`` is the colour of the
    board. ``title`` is plain text for screen readers.
    """

    width: int
    height: int
    stones: tuple[tuple[Point, Color], ...]
    numbers: tuple[tuple[Point, int], ...] = ()
    marks: tuple[Mark, ...] = ()
    window: Window | None = None
    coordinates: bool = True
    title: str = ""
    labels: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    background: str = "#fff"


def action_points(diagram: Diagram) -> tuple[Point, ...]:
    """The points that a diagram is about: its numbers and marks."""
    return (*(p for p, _ in diagram.numbers), *(m.point for m in diagram.marks))


def star_points(width: int, height: int) -> tuple[Point, ...]:
    """The marked points of a board of this size, in ascending order.

    Corners on the fourth line from 12 lines on, on the third below that; the
    centre of odd sizes; the middles of the sides from 15 lines on.
    """

    def lines(size: int) -> tuple[int, int]:
        near = 3 if size >= _FOURTH_LINE_FROM else 2
        return near, size - 1 - near

    stars: set[Point] = set()
    has_corners = min(width, height) >= _CORNER_STARS_FROM
    if has_corners:
        stars.update(Point(col, row) for col in lines(width) for row in lines(height))
    if width % 2 and height % 2:
        stars.add(Point(width // 2, height // 2))
    if has_corners and width % 2 and width >= _SIDE_STARS_FROM:
        stars.update(Point(width // 2, row) for row in lines(height))
    if has_corners and height % 2 and height >= _SIDE_STARS_FROM:
        stars.update(Point(col, height // 2) for col in lines(width))
    return tuple(sorted(stars))


def local_window(
    subject: Diagram | Iterable[Point],
    width: int,
    height: int,
    margin: int = 3,
    *,
    least: int = 9,
    most: float = 0.55,
) -> Window | None:
    """The part of the board worth showing when the action is local, else ``None``.

    Args:
        subject: a diagram (its numbers and marks count) or the points themselves;
            pass the points of several diagrams to get one window for them all.
        width: columns of the board.
        height: rows of the board.
        margin: points shown around the action; a side that comes this close
            to an edge of the board runs on to it.
        least: fewest columns and rows of a window.
        most: largest part of the board's points that still counts as local.
    """
    points = list(action_points(subject) if isinstance(subject, Diagram) else subject)
    if not points:
        return None
    left, right = _span([p.col for p in points], width, margin, least)
    bottom, top = _span([p.row for p in points], height, margin, least)
    window = Window(left, bottom, right, top)
    return window if window.columns * window.rows <= most * width * height else None


def _span(values: list[int], size: int, margin: int, least: int) -> tuple[int, int]:
    low, high = min(values) - margin, max(values) + margin
    # A strip narrower than the margin beyond the cut costs little and shows where the edge is.
    low = 0 if low <= margin else low
    high = size - 1 if high >= size - 1 - margin else high
    while high - low + 1 < min(least, size):
        if low > 0:
            low -= 1
        if high < size - 1 and high - low + 1 < min(least, size):
            high += 1
    return low, high
