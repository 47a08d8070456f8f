"""Where on the board a move lost its points, and which stones it cost: read off the ownership. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.evaluation import Evaluation
from pipeline.go.board import Board, Color, Point

# The move must cost this many points on the board before a place is named,
REGION_MIN_POINTS = 4.0
# and the place must hold this share of what was lost.
REGION_MIN_SHARE = 0.5
# Ownership 0..1 in the owner's view from which stones count as alive, and its negative as lost.
ALIVE = 0.3
MIN_STONES = 3


@dataclass(frozen=True, slots=True)
class Place:
    """One of nine parts of the board: ``col`` and ``row`` are -1, 0 or 1 (left, bottom = -1)."""

    col: int
    row: int


def value_at(evaluation: Evaluation, point: Point, width: int, height: int) -> float:
    """Ownership of a point, -1..1, Black positive; the evaluation must have it."""
    return evaluation.ownership[(height - 1 - point.row) * width + point.col] / 100


def place_of(point: Point, width: int, height: int) -> Place:
    """The ninth of the board that a point lies in."""

    def third(value: int, size: int) -> int:
        return -1 if value * 3 < size - 1 else 1 if value * 3 > 2 * (size - 1) else 0

    return Place(third(point.col, width), third(point.row, height))


def _has_ownership(board: Board, *evaluations: Evaluation) -> bool:
    return all(len(e.ownership) == board.width * board.height for e in evaluations)


def lost_in(board: Board, before: Evaluation, after: Evaluation, mover: Color) -> tuple[Place, float] | None:
    """The part of the board that holds most of what a move lost there, and the points.

    ``None`` when the loss is small, is spread over the board, or ownership
    was not kept. ``board`` gives the size only.
    """
    if not _has_ownership(board, before, after):
        return None
    losses: dict[Place, float] = {}
    for col in range(board.width):
        for row in range(board.height):
            point = Point(col, row)
            change = value_at(after, point, board.width, board.height) - value_at(
                before, point, board.width, board.height
            )
            place = place_of(point, board.width, board.height)
            losses[place] = losses.get(place, 0.0) - change * mover.sign
    place, most = max(losses.items(), key=lambda item: (item[1], -item[0].col, item[0].row))
    total = sum(loss for loss in losses.values() if loss > 0)
    return (place, most) if most >= REGION_MIN_POINTS and most >= REGION_MIN_SHARE * total else None


def turned_stones(board: Board, before: Evaluation, after: Evaluation, mover: Color) -> tuple[Color, Point, int] | None:
    """The largest chain whose life turned against the mover: its colour, a point of it, its size.

    The mover's stones that lived before and are lost after, or the
    opponent's that were lost and live. ``board`` is the position before the move.
    """
    if not _has_ownership(board, before, after):
        return None
    seen: set[Point] = set()
    best: tuple[Color, Point, int] | None = None
    for point, color in sorted(board.stones.items()):
        if point in seen:
            continue
        chain, _ = board.group(point)
        seen |= chain
        if len(chain) < MIN_STONES or (best and len(chain) <= best[2]):
            continue
        was, now = (
            sum(value_at(e, p, board.width, board.height) for p in chain) / len(chain) * mover.sign
            for e in (before, after)
        )
        if was >= ALIVE and now <= -ALIVE:
            best = (color, point, len(chain))
    return best
