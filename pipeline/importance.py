"""How much each position deserves more search: pure, and the one place that says so."""

from __future__ import annotations

import math
from collections.abc import Mapping

from pipeline.evaluation import Evaluation
from pipeline.review.model import GameReview, MoveReview

# Bounds of the classes of loss, in points: near one of them a verdict may still change.
BOUNDS = (0.5, 1.5, 3.0, 6.0, 12.0)
MOST_POINTS = 12.0
DECIDED = 0.25  # what a move in a decided game counts against one in an open game
UNSETTLED = 2.0
PER_WINRATE = 10.0  # a swing of the whole winrate, in points


def importance(evaluations: Mapping[int, Evaluation], review: GameReview) -> dict[int, float]:
    """Turn -> importance of searching that position deeper; any scale, the same for all games, never negative.

    A move asks for both positions around it, for what it cost, for how close
    that is to the bound of a class, and for the two estimates of it being at odds.
    The network's own uncertainty of a position comes on top. A position that is
    searched already is worth less: by the square root of its visits.

    Args:
        evaluations: turn -> deepest result so far, Black's view.
        review: the verdicts by these.
    """
    weights = {turn: 0.1 + math.log1p(max(0.0, e.raw_st_score_error)) for turn, e in evaluations.items()}
    for move in review.moves:
        weight = _of_move(move)
        for turn in (move.move_number - 1, move.move_number):
            weights[turn] = weights.get(turn, 0.0) + weight
    return {turn: weight / math.sqrt(_visits(evaluations, turn)) for turn, weight in weights.items()}


def _of_move(move: MoveReview) -> float:
    loss = max(0.0, move.points_lost)
    nearness = max(math.exp(-abs(loss - bound) / (0.25 * bound)) for bound in BOUNDS)
    weight = min(loss, MOST_POINTS) + PER_WINRATE * max(0.0, move.winrate_lost) + nearness
    weight += 0.0 if move.settled else UNSETTLED
    return weight * (DECIDED if move.decided else 1.0)


def _visits(evaluations: Mapping[int, Evaluation], turn: int) -> int:
    known = evaluations.get(turn)
    return max(1, known.visits if known else 1)
