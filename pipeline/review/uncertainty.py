"""How far a search may still be from what a much deeper one would say.

Signs that a shallow search shows of itself, weighed by what depth changed in
recorded games (``benchmarks/planner/depth.py``): the root mean and the first
choice tell different values (the search found something late), the visits are
spread over several moves, the score is wide open (fights, life and death), and
the network itself says that it is unsure (newer networks only).
"""

from __future__ import annotations

from pipeline.evaluation import Evaluation

BASE = 0.15
APART = 0.5
STDEV = 0.02
CLOSE = 0.5
NETWORK = 0.25
# The error shrinks slowly with depth: from 10 to 160 visits by about a third.
VISITS_POWER = 0.25
UNIT_VISITS = 10.0


def uncertainty(evaluation: Evaluation) -> float:
    """Probable distance in points from the value of a much deeper search; never negative."""
    best = evaluation.best
    apart = abs(evaluation.score_lead - best.score_lead) if best is not None else 0.0
    signs = (
        BASE
        + APART * apart
        + STDEV * evaluation.score_stdev
        + CLOSE * closeness(evaluation)
        + NETWORK * max(0.0, evaluation.raw_st_score_error)
    )
    return float(signs * (UNIT_VISITS / max(1, evaluation.visits)) ** VISITS_POWER)


def closeness(evaluation: Evaluation) -> float:
    """Share of the visits that the first choice did not get, 0..1: high when several moves compete."""
    total = sum(candidate.visits for candidate in evaluation.candidates)
    return 1 - evaluation.candidates[0].visits / total if total else 0.0
