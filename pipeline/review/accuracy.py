"""Accuracy by KaTrain's published formula, and LizzieYzy's match rate, number for number.

KaTrain (``katrain/core/ai.py``, ``game_report``, and ``game_node.py``)::

    loss_i       = max(0, points lost by the root values before and after)
    complexity_i = min(1, sum_c max(0, pointsLost_c) * prior_c / sum_c prior_c)
    weight_i     = clamp(max(complexity_i, loss_i / 4), 0.05, 1)
    accuracy     = 100 * 0.75 ** (sum_i loss_i * weight_i / sum_i weight_i)

over the candidates *c* of the search before the move, ``pointsLost_c`` against
its root value. KaTrain writes the value found after the move into the candidate
that was played when more visits stand behind it; so do we.

LizzieYzy's 吻合度 (``rules/Board.java``, ``isMatchAi``): the mean over moves of 1 for the
first choice, visits / most visits for another candidate, 0 for a move that was
not searched.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.evaluation import Evaluation
from pipeline.go.board import Color
from pipeline.review.loss import is_first_choice

BASE = 0.75
MIN_WEIGHT = 0.05
POINTS_PER_WEIGHT = 4.0


def complexity(mover: Color, vertex: str, before: Evaluation, after: Evaluation) -> float:
    """How much a position offered to lose, 0..1; 0 when nothing was searched."""
    total = prior_sum = 0.0
    root = before.score_for(mover)
    for candidate in before.candidates:
        score = candidate.score_lead * mover.sign
        if candidate.move == vertex and candidate.visits < after.visits:
            score = after.score_for(mover)
        prior = max(0.0, candidate.prior)
        total += max(0.0, root - score) * prior
        prior_sum += prior
    return min(1.0, total / prior_sum) if prior_sum > 0 else 0.0


def move_weight(loss: float, move_complexity: float) -> float:
    """Weight of a move in the accuracy, 0.05..1. ``loss`` in points, clipped at zero."""
    return min(1.0, max(MIN_WEIGHT, move_complexity, max(0.0, loss) / POINTS_PER_WEIGHT))


def accuracy(moves: Iterable[tuple[float, float]]) -> float | None:
    """KaTrain's accuracy, 0..100, of (points lost, complexity) pairs; ``None`` without moves."""
    weighted = weights = 0.0
    for points_lost, move_complexity in moves:
        loss = max(0.0, points_lost)
        weight = move_weight(loss, move_complexity)
        weighted += loss * weight
        weights += weight
    if weights == 0:
        return None
    return float(100.0 * BASE ** (weighted / weights))


def visits_ratio(vertex: str, before: Evaluation) -> float:
    """LizzieYzy's match of one move, 0..1."""
    played, best = before.candidate(vertex), before.best
    if played is None or best is None:
        return 0.0
    if is_first_choice(vertex, before):
        return 1.0
    most = max(candidate.visits for candidate in before.candidates)
    return max(0, played.visits) / most if most > 0 else 0.0
