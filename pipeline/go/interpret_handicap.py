"""Handicap: how many stones a file means, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.go import lexicon as lx
from pipeline.go.board import Board, Color, IllegalPlay, Point
from pipeline.go.coords import star_points
from pipeline.go.interpret_komi import whole_number
from pipeline.go.record import Correction, Move
from pipeline.go.text import clean, cut, narrow

_MAX_FREE_STONES = 9
_SIDES_FIRST_SINCE = 2018


@dataclass(frozen=True, slots=True)
class Handicap:
    """Handicap as understood; ``moves`` are what is left to play after its stones."""

    stones: int
    setup_black: tuple[Point, ...]
    moves: tuple[Move, ...]
    text: str = ""
    source: str = ""
    corrections: tuple[Correction, ...] = ()
    black_always: bool = False


def stated_handicap(raw: str | None) -> tuple[int, str, bool]:
    """Stones that ``HA`` says, its text when it is not a plain number, and whether Black has no komi by custom."""
    written = cut(clean(raw or ""), 40)[0]
    text = narrow(written)
    if re.fullmatch(r"\d{1,2}(?:\.0*)?", text):
        return int(float(text)), "", False
    match = lx.HANDICAP_STONES.search(text)
    if match and not lx.NO_STONES_HANDICAP.search(text):
        return whole_number(match["n"] or match["m"]), written, False
    return 0, written, bool(lx.BLACK_ALWAYS.search(text))


def read_handicap(
    raw: str | None,
    *,
    width: int,
    height: int,
    setup_black: tuple[Point, ...],
    setup_white: tuple[Point, ...],
    moves: Sequence[Move],
    year: int | None,
) -> Handicap:
    """Join what ``HA`` says with the stones that stand and the moves that follow.

    Stones on the board rule over the number. Without stones: as many Black moves at
    the start are the handicap; else, with White to begin, the server's star points.
    """
    said, text, black_always = stated_handicap(raw)
    source = f"HA[{cut(clean(raw or ''), 20)[0]}]" if raw else ""
    rest = tuple(moves)
    if setup_black or setup_white:
        return _with_stones(said, text, source, (setup_black, setup_white), rest)
    leading = _leading_blacks(rest)
    if 2 <= leading <= max(_MAX_FREE_STONES, said) and leading < len(rest):
        stones = tuple(m.point for m in rest[:leading] if m.point is not None)
        note = Correction.of("handicap.leading_moves", n=leading)
        if len(set(stones)) == leading:
            return Handicap(leading, tuple(sorted(stones)), rest[leading:], text, source or "B", (note,))
    if said < 2 or not rest:
        return Handicap(0, (), rest, text, source, (), black_always)
    if rest[0].color is Color.WHITE:
        placed = _fitting_stars(said, width, height, rest, year)
        if placed:
            note = Correction.of("handicap.stars_added", n=said)
            return Handicap(said, tuple(sorted(placed)), rest, text, source, (note,))
    note = Correction.of("handicap.no_stones", n=said)
    return Handicap(0, (), rest, text or str(said), source, (note,))


def _with_stones(
    said: int, text: str, source: str, setup: tuple[tuple[Point, ...], tuple[Point, ...]], moves: tuple[Move, ...]
) -> Handicap:
    black, white = setup
    if white:
        mixed = (Correction.of("handicap.mixed_setup", black=len(black), white=len(white)),)
        return Handicap(0, black, moves, text or (str(said) if said else ""), source, mixed)
    stones = len(black) if len(black) >= 2 else 0
    notes: tuple[Correction, ...] = ()
    if said >= 2 and said != stones:
        notes = (Correction.of("handicap.count", said=said, stones=len(black)),)
    return Handicap(stones, black, moves, text, source or "AB", notes)


def _leading_blacks(moves: Sequence[Move]) -> int:
    count = 0
    for move in moves:
        if move.color is not Color.BLACK or move.point is None:
            break
        count += 1
    return count


def _fitting_stars(stones: int, width: int, height: int, moves: Sequence[Move], year: int | None) -> tuple[Point, ...]:
    """Star points that let the game be played at least as far as without any."""
    if width != height:
        return ()
    sides_first = year is None or year >= _SIDES_FIRST_SINCE
    bare = legal_length(width, height, (), moves)
    for choice in (sides_first, not sides_first):
        points = star_points(width, stones, sides_first=choice)
        if points and legal_length(width, height, points, moves) >= bare:
            return points
    return ()


def legal_length(width: int, height: int, stones: Sequence[Point], moves: Sequence[Move]) -> int:
    """How many moves can be played from these Black stones before one is illegal."""
    board = Board(width, height)
    board.setup(black=stones)
    for played, move in enumerate(moves):
        try:
            board.play(move.color, move.point)
        except IllegalPlay:
            return played
    return len(moves)
