"""How far a search may still be from what a much deeper one would say.

Signs that a shallow search shows of itself, weighed by what depth changed in
recorded games (``benchmarks/planner/depth.py``): the root mean and the first
choice tell different values (the search found something late), the search has
moved far from the network's first glance, the score is wide open (fights, life
and death), and the network itself says that it is unsure (newer networks only).
How much several moves compete for the visits was tried and told nothing.
"""

from __future__ import annotations

from pipeline.evaluation import Evaluation

BASE = 0.15
APART = 0.5
STDEV = 0.02
SURPRISE = 0.25
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
        + SURPRISE * abs(evaluation.score_lead - evaluation.raw_score_lead)
        + NETWORK * max(0.0, evaluation.raw_st_score_error)
    )
    return float(signs * (UNIT_VISITS / max(1, evaluation.visits)) ** VISITS_POWER)
