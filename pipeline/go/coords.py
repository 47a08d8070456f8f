"""Board sizes and points as SGF writes them, and as some programs write them instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from pipeline.go.board import COLUMN_LETTERS, MAX_SIZE, MIN_SIZE, Point
from pipeline.go.refusal import ReadError
from pipeline.go.text import narrow

_SIZE = re.compile(r"(\d{1,4})(?:\s*[:xX*]\s*(\d{1,4}))?\D*")
_A1 = re.compile(r"([A-HJ-Ta-hj-t])(1?\d)")
_PASSES = frozenset({"", "tt", "pass", "PASS", "Pass"})
_MAX_LIST = 2_000


class Notation(StrEnum):
    """How a file names points."""

    SGF = "sgf"
    UPPERCASE = "uppercase"
    A1 = "a1"


def read_size(raw: str | None) -> tuple[int, int] | None:
    """Width and height of ``SZ``; ``None`` when missing or unreadable.

    Raises:
        ReadError: ``game.board_size`` for a readable size that the engine cannot play.
    """
    match = _SIZE.fullmatch(narrow(raw or ""))
    if match is None:
        return None
    width = int(match[1])
    height = int(match[2]) if match[2] else width
    if width == 0 or height == 0:
        return None
    if not (MIN_SIZE <= width <= MAX_SIZE and MIN_SIZE <= height <= MAX_SIZE):
        raise ReadError("game.board_size", width=width, height=height)
    return width, height


def notation_of(values: Iterable[str]) -> Notation:
    """The notation that fits every move of the file; SGF unless another one clearly does."""
    points = [v for v in (value.strip() for value in values) if v not in _PASSES]
    if not points or any(len(v) == 2 and v.isalpha() and v.islower() for v in points):
        return Notation.SGF
    if all(_A1.fullmatch(v) for v in points):
        return Notation.A1
    if all(len(v) == 2 and v.isascii() and v.isalpha() and v.isupper() for v in points):
        return Notation.UPPERCASE
    return Notation.SGF


def parse_point(value: str, height: int, notation: Notation) -> Point | None:
    """A point, possibly outside the board; ``None`` for a pass.

    Raises:
        ValueError: not a point in this notation.
    """
    text = value.strip()
    if text in _PASSES:
        return None
    if notation is Notation.A1:
        match = _A1.fullmatch(text)
        if match is None:
            raise ValueError(value)
        return Point(COLUMN_LETTERS.index(match[1].upper()), int(match[2]) - 1)
    if notation is Notation.UPPERCASE:
        text = text.lower()
    if len(text) != 2 or not (text.isascii() and text.isalpha()):
        raise ValueError(value)
    col, row = (ord(c) - 97 if c.islower() else ord(c) - 65 + 26 for c in text)
    return Point(col, height - 1 - row)


def parse_points(values: Iterable[str], height: int, notation: Notation) -> list[Point]:
    """Points of a list with compressed rectangles (``aa:cc``); what is no point is left out."""
    found: list[Point] = []
    for value in values:
        first, _, second = value.partition(":")
        try:
            a = parse_point(first, height, notation)
            b = parse_point(second, height, notation) if second else a
        except ValueError:
            continue
        if a is None or b is None:
            continue
        found += (
            Point(col, row)
            for row in range(min(a.row, b.row), max(a.row, b.row) + 1)
            for col in range(min(a.col, b.col), max(a.col, b.col) + 1)
        )
        if len(found) > _MAX_LIST:
            break
    return found


def star_points(size: int, stones: int, *, sides_first: bool = True) -> tuple[Point, ...]:
    """Handicap points in the order of the Fox and Tygem servers: upper right, lower left, upper left, ...

    ``sides_first`` places stones 5 and 6 of six and seven at left and right (the
    custom everywhere, Fox since 2018); otherwise top and bottom (Fox before).
    Empty when the board has no such points.
    """
    if not 2 <= stones <= 9 or size < 7 or (stones > 4 and size % 2 == 0):
        return ()
    near = 3 if size >= 12 else 2
    far, mid = size - 1 - near, size // 2
    corners = [Point(far, far), Point(near, near), Point(near, far), Point(far, near)]
    sides = [Point(near, mid), Point(far, mid)]
    ends = [Point(mid, far), Point(mid, near)]
    points = corners[:stones] if stones <= 4 else list(corners)
    if stones in (6, 7):
        points += sides if sides_first else ends
    elif stones >= 8:
        points += sides + ends
    if stones in (5, 7, 9):
        points.append(Point(mid, mid))
    return tuple(points)
