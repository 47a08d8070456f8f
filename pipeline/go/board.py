"""Board, points and the rules of capture.

Points are counted as GTP counts them: column 0 is ``A`` at the left, row 0 is
``1`` at the bottom, and the column letters skip ``I``. A *vertex* is a point
or a pass; in code a pass is ``None``, in text it is ``"pass"``.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

MIN_SIZE = 2
MAX_SIZE = 19
COLUMN_LETTERS = "ABCDEFGHJKLMNOPQRST"
PASS = "pass"


class Color(StrEnum):
    """The two players, spelt as GTP and the dataset spell them."""

    BLACK = "B"
    WHITE = "W"

    @property
    def opponent(self) -> Color:
        """The other colour."""
        return Color.WHITE if self is Color.BLACK else Color.BLACK

    @property
    def sign(self) -> int:
        """+1 for Black, -1 for White: turns Black's view into this player's."""
        return 1 if self is Color.BLACK else -1


class Point(NamedTuple):
    """A grid point: ``col`` from the left, ``row`` from the bottom, both from 0."""

    col: int
    row: int


class IllegalReason(StrEnum):
    """Why a move is refused."""

    OCCUPIED = "occupied"
    OFF_BOARD = "off_board"
    SUICIDE = "suicide"
    KO = "ko"


class IllegalPlay(ValueError):
    """Raised by :meth:`Board.play`; the board is unchanged."""

    def __init__(self, reason: IllegalReason, point: Point) -> None:
        super().__init__(f"{reason} at {vertex_name(point)}")
        self.reason = reason
        self.point = point


def vertex_name(point: Point | None) -> str:
    """GTP name of a vertex: ``Q16``, or ``pass`` for ``None``; ``?`` for what lies beyond every board."""
    if point is None:
        return PASS
    if not (0 <= point.col < MAX_SIZE and 0 <= point.row < MAX_SIZE):
        return "?"
    return f"{COLUMN_LETTERS[point.col]}{point.row + 1}"


def parse_vertex(text: str, width: int, height: int) -> Point | None:
    """The point that a GTP name means on a board of this size; ``None`` for a pass.

    Raises:
        ValueError: not a vertex, or outside the board.
    """
    name = text.strip().upper()
    if name == "PASS":
        return None
    if len(name) < 2 or name[0] not in COLUMN_LETTERS or not (name[1:].isascii() and name[1:].isdigit()):
        raise ValueError(f"not a vertex: {text!r}")
    point = Point(COLUMN_LETTERS.index(name[0]), int(name[1:]) - 1)
    if not (0 <= point.col < width and 0 <= point.row < height):
        raise ValueError(f"outside a {width}x{height} board: {text!r}")
    return point


@lru_cache(maxsize=32)
def _neighbourhoods(width: int, height: int) -> dict[Point, tuple[Point, ...]]:
    """Each point's neighbours: finding them anew took most of the time in which chains were followed."""
    points = [Point(col, row) for col in range(width) for row in range(height)]
    on_board = set(points)
    return {
        point: tuple(
            near
            for col, row in ((-1, 0), (1, 0), (0, -1), (0, 1))
            if (near := Point(point.col + col, point.row + row)) in on_board
        )
        for point in points
    }


class Board:
    """A mutable position: stones, captures, and the point that simple ko forbids.

    ``stones`` maps each occupied point to its colour; treat it as read-only.
    ``captured[c]`` counts the stones of colour ``c`` taken off the board.
    """

    __slots__ = ("_near", "captured", "height", "ko_point", "stones", "width")

    def __init__(self, width: int, height: int) -> None:
        if not (MIN_SIZE <= width <= MAX_SIZE and MIN_SIZE <= height <= MAX_SIZE):
            raise ValueError(f"unsupported board size {width}x{height}")
        self.width = width
        self.height = height
        self.stones: dict[Point, Color] = {}
        self.captured: dict[Color, int] = {Color.BLACK: 0, Color.WHITE: 0}
        self.ko_point: tuple[Point, Color] | None = None
        self._near = _neighbourhoods(width, height)

    def copy(self) -> Board:
        """An independent copy."""
        twin = Board(self.width, self.height)
        twin.stones = dict(self.stones)
        twin.captured = dict(self.captured)
        twin.ko_point = self.ko_point
        return twin

    def contains(self, point: Point) -> bool:
        """Whether the point lies on this board."""
        return 0 <= point.col < self.width and 0 <= point.row < self.height

    def setup(self, black: Iterable[Point] = (), white: Iterable[Point] = (), empty: Iterable[Point] = ()) -> None:
        """Put or remove stones without captures, as SGF's AB, AW and AE do."""
        for point in black:
            self.stones[point] = Color.BLACK
        for point in white:
            self.stones[point] = Color.WHITE
        for point in empty:
            self.stones.pop(point, None)
        self.ko_point = None

    def neighbours(self, point: Point) -> tuple[Point, ...]:
        """The two to four adjacent points of a point on the board."""
        return self._near[point]

    def group(self, point: Point) -> tuple[set[Point], set[Point]]:
        """The chain of the stone at ``point`` and its liberties."""
        color = self.stones[point]
        chain, liberties, frontier = {point}, set[Point](), [point]
        while frontier:
            for near in self.neighbours(frontier.pop()):
                owner = self.stones.get(near)
                if owner is None:
                    liberties.add(near)
                elif owner is color and near not in chain:
                    chain.add(near)
                    frontier.append(near)
        return chain, liberties

    def play(self, color: Color, point: Point | None, *, allow_ko: bool = False) -> tuple[Point, ...]:
        """Play a stone, or pass with ``None``; returns the captured points.

        A multi-stone suicide is played out and its stones are returned (the
        engine accepts it, and some rulesets do); a one-stone suicide is not.

        Raises:
            IllegalPlay: occupied, off the board, one-stone suicide, or ko.
        """
        if point is None:
            self.ko_point = None
            return ()
        if not self.contains(point):
            raise IllegalPlay(IllegalReason.OFF_BOARD, point)
        if point in self.stones:
            raise IllegalPlay(IllegalReason.OCCUPIED, point)
        if not allow_ko and self.ko_point == (point, color):
            raise IllegalPlay(IllegalReason.KO, point)
        self.stones[point] = color
        taken: set[Point] = set()
        for near in self.neighbours(point):
            if self.stones.get(near) is color.opponent and near not in taken:
                chain, liberties = self.group(near)
                if not liberties:
                    taken |= chain
        for dead in taken:
            del self.stones[dead]
        own, liberties = self.group(point)
        if not liberties:
            if len(own) == 1:
                del self.stones[point]
                raise IllegalPlay(IllegalReason.SUICIDE, point)
            for dead in own:
                del self.stones[dead]
            self.captured[color] += len(own)
            self.ko_point = None
            return tuple(sorted(own))
        self.captured[color.opponent] += len(taken)
        is_ko = len(taken) == 1 and len(own) == 1 and len(liberties) == 1
        self.ko_point = (next(iter(taken)), color.opponent) if is_ko else None
        return tuple(sorted(taken))
