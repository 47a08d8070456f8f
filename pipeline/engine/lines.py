"""Whether a variation can be played out on the board: a cheap test first, the rules where it leaves doubt. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache

from pipeline.go.board import PASS, Board, IllegalPlay, Point, parse_vertex, vertex_name
from pipeline.go.record import GameRecord


@lru_cache
def _masks(width: int, height: int) -> dict[str, tuple[int, int]]:
    """Vertex -> its bit in a mask of occupied points, and the bits of its neighbours."""
    board = Board(width, height)

    def bit(point: Point) -> int:
        return 1 << (point.row * width + point.col)

    points = [Point(col, row) for col in range(width) for row in range(height)]
    return {vertex_name(p): (bit(p), sum(bit(near) for near in board.neighbours(p))) for p in points}


class Lines:
    """The variations of one position.

    Up to the first pass: what follows may be the encore of Japanese rules, with
    moves that put no stone on the board. For the same reason nothing is played out
    once the game itself has seen two passes running. A ko may be taken back, since
    which one is forbidden depends on the ruleset.

    Args:
        record: the game.
        turn: the position, after so many moves.
        occupied: bit mask of its stones, bit ``row * width + col``.
    """

    def __init__(self, record: GameRecord, turn: int, occupied: int) -> None:
        self._record = record
        self._turn = turn
        self._occupied = occupied
        self._masks = _masks(record.width, record.height)
        self._board: Board | None = None

    def objection(self, line: Sequence[str]) -> str:
        """Why these vertices, all on the board, cannot be played one after the other, or ``""``.

        A stone is surely legal on a free point with a free neighbour; only other moves need the rules.
        """
        taken = self._occupied
        for vertex in line:
            if vertex == PASS:
                return ""
            bit, near = self._masks[vertex]
            if taken & bit or taken & near == near:
                return self._played_out(line)
            taken |= bit
        return ""

    def _played_out(self, line: Sequence[str]) -> str:
        record = self._record
        passes = [move.point is None for move in record.moves[: self._turn]]
        if any(one and other for one, other in itertools.pairwise(passes)):
            return ""
        if self._board is None:
            self._board = record.board_at(self._turn)
        board, color = self._board.copy(), record.to_move(self._turn)
        for vertex in line:
            if vertex == PASS:
                return ""
            try:
                board.play(color, parse_vertex(vertex, record.width, record.height), allow_ko=True)
            except IllegalPlay as error:
                return str(error)
            color = color.opponent
        return ""
