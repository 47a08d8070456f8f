"""How sure a verdict is: the error of a loss, and the chance that it is rightly called a loss or none.

*Error of a move.* The two-search estimate errs by what both searches may be wrong
(:func:`pipeline.review.uncertainty.uncertainty` ``u``), the search estimate (weight
``w`` in the joined loss, ``n`` of the ``N`` visits before the move) by what the search before
it is unsure of at ``n`` visits; half of what the joined loss and the search estimate
disagree by comes on top::

    two searches = noise * hypot(u before, u after)        inside = noise * u before * (N / n) ** 1/4
    error = hypot((1 - w) * two searches, w * inside, disagreement / 2)

*Noise* is measured in the game itself, so it holds for this network and these
visits: a first choice that is played loses nothing, and whatever the values before and
after it differ by is error. ``noise`` is how much that is in terms of ``u`` (1.48 * median,
as for a normal error), at least 1, since first choices are mostly the quieter moves; 1
in a game with fewer than ``MIN_FIRST_CHOICES`` of them.

*Confidence* is the chance, for a normal error of that size, that the true loss lies
on the same side of ``LOSS_BOUND`` (where a 缓手 begins) as the loss that was found: 0.5..1.

Measured against searches of ten times the visits (517 verdicts on moves of four games, b6c96, 6 to
160 visits): the error correlates with the distance to the deeper loss by 0.6 (an error
by visits alone by 0.0), 71 % lie within it; verdicts with a confidence of 0.5-0.7, 0.7-0.8,
0.8-0.9 and above were right in 61, 78, 84 and 96 of a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from statistics import median

from pipeline.evaluation import Evaluation
from pipeline.review.category import POINT_BOUNDS
from pipeline.review.loss import search_weight, value_difference
from pipeline.review.model import MoveReview
from pipeline.review.uncertainty import VISITS_POWER, uncertainty

MIN_FIRST_CHOICES = 10
LEAST_NOISE = 1.0
TO_DEVIATION = 1.4826  # a normal distribution's standard deviation over its median distance from the mean
LOSS_BOUND = POINT_BOUNDS[1]


def measured_noise(reviews: Iterable[MoveReview], evaluations: Mapping[int, Evaluation]) -> float:
    """Error of this game's searches over what they show of themselves, from the first choices that were played."""
    found = []
    for review in reviews:
        if review.rank == 1:
            before, after = evaluations[review.move_number - 1], evaluations[review.move_number]
            found.append(abs(value_difference(before, after)) / _expected(before, after))
    if len(found) < MIN_FIRST_CHOICES:
        return LEAST_NOISE
    return max(LEAST_NOISE, TO_DEVIATION * median(found))


def points_error(review: MoveReview, before: Evaluation, after: Evaluation, noise: float) -> float:
    """Standard error of the joined loss in points."""
    two_searches = noise * _expected(before, after)
    played = before.candidate(review.vertex)
    if review.points_lost_search is None or played is None or played.visits < 1:
        return two_searches
    weight = search_weight(played.visits, after.visits)
    inside = noise * uncertainty(before) * (before.visits / played.visits) ** VISITS_POWER
    apart = 0.0 if review.rank == 1 else (review.points_lost_search - review.points_lost) / 2
    return math.hypot((1 - weight) * two_searches, weight * inside, apart)


def confidence(points_lost: float, error: float) -> float:
    """Chance, 0.5..1, that the true loss lies on this side of ``LOSS_BOUND``."""
    if error <= 0:
        return 1.0
    return 0.5 * (1.0 + math.erf(abs(points_lost - LOSS_BOUND) / error / math.sqrt(2)))


def with_confidence(reviews: Iterable[MoveReview], evaluations: Mapping[int, Evaluation]) -> list[MoveReview]:
    """The reviews with ``points_error`` and ``confidence`` filled in."""
    ordered = list(reviews)
    noise = measured_noise(ordered, evaluations)
    found = []
    for review in ordered:
        error = points_error(review, evaluations[review.move_number - 1], evaluations[review.move_number], noise)
        found.append(replace(review, points_error=error, confidence=confidence(review.points_lost, error)))
    return found


def _expected(before: Evaluation, after: Evaluation) -> float:
    return math.hypot(uncertainty(before), uncertainty(after))
