"""How much each position deserves more search: pure, and the one place that says so."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.evaluation import Evaluation
from pipeline.review.model import GameReview
from pipeline.review.uncertainty import uncertainty

DECIDED = 0.5  # what a position of a decided game counts against one of an open game
# A loss of this many points and more counts in full, none at all this share of it.
MOST_POINTS = 6.0
FLOOR = 0.5


def importance(evaluations: Mapping[int, Evaluation], review: GameReview) -> dict[int, float]:
    """Turn -> importance of searching that position deeper; any scale, the same for all games, never negative.

    Depth pays in the position *before* a mistake, where the better move is to be
    found, and hardly at all in the one after it, where the answer is mostly
    plain: deepened before and not after, a mistake is told as exactly as when
    both are deepened, deepened after and not before no better than not at all.
    So a position counts by its own uncertainty and by what the move played in
    it costs, less when the game is decided. Found and measured with
    ``benchmarks/planner`` (figures in ``benchmarks/README.md``).

    Args:
        evaluations: turn -> deepest result so far, Black's view.
        review: the verdicts by these.
    """
    weights = {turn: FLOOR * uncertainty(evaluation) for turn, evaluation in evaluations.items()}
    for move in review.moves:
        before = move.move_number - 1
        if before not in evaluations:
            continue
        cost = FLOOR + min(max(0.0, move.points_lost), MOST_POINTS) / MOST_POINTS
        weights[before] = uncertainty(evaluations[before]) * cost * (DECIDED if move.decided else 1.0)
    return weights
