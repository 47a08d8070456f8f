"""Class of a move from points and winrate together.

1. The engine's first choice is ``BEST``.
2. Points decide by KaTrain's bounds 0.5 / 1.5 / 3 / 6 / 12.
3. Winrate raises: its own bounds are 3 / 8 / 15 / 30 / 60 %, about what those
   points cost in an even opening. When it says worse, the class is raised to
   what it says, by at most two classes, and only when at least
   ``RAISE_MIN_POINTS`` were lost: so a 1-point loss that flips the game is a
   mistake, and noise of the winrate alone is nothing.
4. A decided game lowers: when the mover still wins with more than 97 % after
   the move, or had less than 3 % before it, the class falls by one; with 99 %
   and 1 % by two; never below ``SMALL_LOSS``.
"""

from __future__ import annotations

from pipeline.review.model import MoveCategory

ORDER: tuple[MoveCategory, ...] = tuple(MoveCategory)
POINT_BOUNDS = (0.5, 1.5, 3.0, 6.0, 12.0)
WINRATE_BOUNDS = (0.03, 0.08, 0.15, 0.30, 0.60)
MAX_RAISE = 2
RAISE_MIN_POINTS = 0.25
DECIDED = 0.03
FULLY_DECIDED = 0.01

_GOOD = ORDER.index(MoveCategory.GOOD)
_LOWEST_LOWERED = ORDER.index(MoveCategory.SMALL_LOSS)


def severity(category: MoveCategory) -> int:
    """Place in the order of classes: 0 is ``BEST``, 6 ``HUGE_BLUNDER``."""
    return ORDER.index(category)


def points_category(points_lost: float) -> MoveCategory:
    """Class by points alone, for a move that was not the first choice."""
    return ORDER[_GOOD + sum(points_lost >= bound for bound in POINT_BOUNDS)]


def decided_steps(winrate_lost: float, winrate_before: float) -> int:
    """How many classes a decided game lowers: 0, 1 or 2. Winrates in the mover's view."""
    winrate_after = winrate_before - winrate_lost
    distance = min(1.0 - winrate_after, winrate_before)
    return int(distance < DECIDED) + int(distance < FULLY_DECIDED)


def categorize(points_lost: float, winrate_lost: float, winrate_before: float, *, is_first: bool) -> MoveCategory:
    """Class of a move.

    Args:
        points_lost: joined loss in points, mover's view.
        winrate_lost: joined loss of winrate, 0..1, mover's view.
        winrate_before: mover's winrate before the move, 0..1.
        is_first: whether the move was the engine's first choice.
    """
    if is_first:
        return MoveCategory.BEST
    level = severity(points_category(points_lost))
    if points_lost >= RAISE_MIN_POINTS:
        by_winrate = _GOOD + sum(winrate_lost >= bound for bound in WINRATE_BOUNDS)
        level = max(level, min(by_winrate, level + MAX_RAISE))
    if level > _LOWEST_LOWERED:
        level = max(_LOWEST_LOWERED, level - decided_steps(winrate_lost, winrate_before))
    return ORDER[level]
