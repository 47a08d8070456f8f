"""How much each position deserves more search: pure, and the one place that says so."""

from __future__ import annotations

import math
from collections.abc import Mapping

from pipeline.evaluation import Evaluation
from pipeline.review.model import GameReview
from pipeline.review.uncertainty import uncertainty

DECIDED = 0.5  # what a position of a decided game counts against one of an open game
PER_POINT = 1 / 12  # a loss of twelve points and more counts twice
MOST_POINTS = 12.0


def importance(evaluations: Mapping[int, Evaluation], review: GameReview) -> dict[int, float]:
    """Turn -> importance of searching that position deeper; any scale, the same for all games, never negative.

    A loss is as uncertain as the two positions around the move together, so a
    position counts by the more uncertain of the moves beside it; somewhat more
    when that move is costly, less when the game is decided. That uncertainty
    alone decides, and not how near a loss is to the bound of a class, was found
    by replaying policies on recorded searches (``benchmarks/planner/replay.py``).

    Args:
        evaluations: turn -> deepest result so far, Black's view.
        review: the verdicts by these.
    """
    doubts = {turn: uncertainty(evaluation) for turn, evaluation in evaluations.items()}
    weights = dict.fromkeys(doubts, 0.0) if review.moves else dict(doubts)
    for move in review.moves:
        around = (move.move_number - 1, move.move_number)
        weight = math.hypot(*(doubts.get(turn, 0.0) for turn in around))
        weight *= 1 + PER_POINT * min(max(0.0, move.points_lost), MOST_POINTS)
        weight *= DECIDED if move.decided else 1.0
        for turn in around:
            weights[turn] = max(weights.get(turn, 0.0), weight)
    return weights
