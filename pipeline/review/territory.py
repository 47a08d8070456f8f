"""Where on the board a move lost its points, and which stones it cost: read off the ownership. Pure.

The board is divided in nine: corners, sides, centre (on 19x19 six, seven and
six lines). A loss is *in* a ninth when that ninth holds at least
``REGION_MIN_SHARE`` of all that was lost anywhere, at least ``REGION_MIN_POINTS``,
and at least half of what the move lost; otherwise, by the same rule, in one of the
four strips along an edge; otherwise nowhere in particular.

Stones *turn* against the mover when the mean ownership of their chain, in the
mover's view, was at least ``ALIVE`` before the move and is at most ``-ALIVE``
after it: own stones that lived and are lost, or the opponent's that were lost
and live. Turned chains of one colour within a one-point jump are one group.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

from pipeline.evaluation import Evaluation
from pipeline.go.board import Board, Color, Point
from pipeline.go.tactics import chains

REGION_MIN_POINTS = 2.5
REGION_MIN_SHARE = 0.6
REGION_MIN_OF_LOSS = 0.5
TIE = 0.01
ALIVE = 0.3
# Stones that were safe, and are neither alive nor dead any more.
SAFE, SHAKY = 0.6, 0.2
MIN_STONES = 3
MIN_SHAKY_STONES = 4
JUMP = 2

NAMES: dict[tuple[int, int], str] = {
    (-1, 1): "upper_left",
    (0, 1): "upper_side",
    (1, 1): "upper_right",
    (-1, 0): "left_side",
    (0, 0): "centre",
    (1, 0): "right_side",
    (-1, -1): "lower_left",
    (0, -1): "lower_side",
    (1, -1): "lower_right",
}
STRIPS: dict[str, tuple[str, ...]] = {
    "top": ("upper_left", "upper_side", "upper_right"),
    "bottom": ("lower_left", "lower_side", "lower_right"),
    "left": ("upper_left", "left_side", "lower_left"),
    "right": ("upper_right", "right_side", "lower_right"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One of nine parts of the board: ``col`` and ``row`` are -1, 0 or 1 (left, bottom = -1)."""

    col: int
    row: int

    @property
    def name(self) -> str:
        """``upper_left`` and so on, a value of :data:`NAMES`."""
        return NAMES[self.col, self.row]


@dataclass(frozen=True, slots=True)
class Turned:
    """A group whose life turned against the mover: owner, a stone of it, its size, and how sure.

    ``lost`` is the mean ownership after the move against the mover, 0..1;
    ``shaky`` groups are neither alive nor dead.
    """

    owner: Color
    point: Point
    count: int
    lost: float
    shaky: bool = False


def value_at(evaluation: Evaluation, point: Point, width: int, height: int) -> float:
    """Ownership of a point, -1..1, Black positive; the evaluation must have it."""
    return evaluation.ownership[(height - 1 - point.row) * width + point.col] / 100


@lru_cache(maxsize=4096)
def place_of(point: Point, width: int, height: int) -> Place:
    """The ninth of the board that a point lies in."""

    def third(value: int, size: int) -> int:
        return -1 if value * 3 < size - 1 else 1 if value * 3 > 2 * (size - 1) else 0

    return Place(third(point.col, width), third(point.row, height))


def has_ownership(board: Board, *evaluations: Evaluation) -> bool:
    """Whether every evaluation holds the ownership of this board."""
    return all(len(e.ownership) == board.width * board.height for e in evaluations)


def around(board: Board, point: Point, reach: int = 2) -> list[Point]:
    """The points at most ``reach`` lines away, the point itself included."""
    return [
        Point(col, row)
        for col in range(max(0, point.col - reach), min(board.width, point.col + reach + 1))
        for row in range(max(0, point.row - reach), min(board.height, point.row + reach + 1))
    ]


def mean_value(board: Board, evaluation: Evaluation, points: Iterable[Point], color: Color) -> float:
    """Mean ownership of points in ``color``'s view, -1..1; the evaluation must have ownership."""
    return fmean(value_at(evaluation, p, board.width, board.height) for p in points) * color.sign


def lost_in(
    board: Board, before: Evaluation, after: Evaluation, mover: Color, points_lost: float
) -> tuple[str, float] | None:
    """The part of the board that holds most of what a move lost, and the points lost there.

    ``None`` when the loss is small, is spread over the board, or ownership was
    not kept. ``board`` gives the size only; ``points_lost`` is the joined loss.
    """
    if not has_ownership(board, before, after):
        return None
    losses = dict.fromkeys(NAMES.values(), 0.0)
    for point in (Point(col, row) for col in range(board.width) for row in range(board.height)):
        change = value_at(after, point, board.width, board.height) - value_at(before, point, board.width, board.height)
        losses[place_of(point, board.width, board.height).name] -= change * mover.sign
    total = sum(loss for loss in losses.values() if loss > 0)
    least = max(REGION_MIN_POINTS, REGION_MIN_OF_LOSS * points_lost, REGION_MIN_SHARE * total)
    strips = {name: sum(losses[part] for part in parts) for name, parts in STRIPS.items()}
    for group in (losses, strips):
        (name, most), (_, second) = sorted(group.items(), key=lambda item: -item[1])[:2]
        if most >= least and most - second > TIE:
            return name, most
    return None


def turned_stones(board: Board, before: Evaluation, after: Evaluation, mover: Color) -> tuple[Turned, ...]:
    """The groups whose life turned against the mover: dead before endangered, the own ones first, the largest first.

    ``board`` is the position before the move.
    """
    if not has_ownership(board, before, after):
        return ()
    found: list[Turned] = []
    for owner in Color:
        turned: list[frozenset[Point]] = []
        shaky: list[frozenset[Point]] = []
        for chain, _ in chains(board, owner):
            was = mean_value(board, before, chain, mover)
            now = mean_value(board, after, chain, mover)
            if was >= ALIVE and now <= -ALIVE:
                turned.append(chain)
            elif owner is mover and was >= SAFE and abs(now) <= SHAKY:
                shaky.append(chain)
        for is_shaky, least in ((False, MIN_STONES), (True, MIN_SHAKY_STONES)):
            for group in joined(shaky if is_shaky else turned):
                if sum(len(chain) for chain in group) >= least:
                    stones = [p for chain in group for p in chain]
                    named = min(min(chain) for chain in group if len(chain) == max(map(len, group)))
                    lost = -mean_value(board, after, stones, mover)
                    found.append(Turned(owner, named, len(stones), lost, is_shaky))
    return tuple(sorted(found, key=lambda group: (group.shaky, group.owner is not mover, -group.count, group.point)))


def joined(parts: list[frozenset[Point]]) -> list[list[frozenset[Point]]]:
    """Chains of one colour in groups: those within a one-point jump of each other."""
    groups: list[list[frozenset[Point]]] = []
    for chain in parts:
        near = [group for group in groups if any(_close(chain, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([chain, *(other for group in near for other in group)])
    return groups


def _close(one: frozenset[Point], other: frozenset[Point]) -> bool:
    return any(
        max(abs(a.col - b.col), abs(a.row - b.row)) <= JUMP and abs(a.col - b.col) + abs(a.row - b.row) <= JUMP
        for a in one
        for b in other
    )
