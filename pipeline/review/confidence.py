"""How sure a verdict is: the error of a loss, and the chance that it is rightly called a loss or none.

*Noise.* A first choice that is played loses nothing, so the difference between the
values before and after it is nothing but the noise of two searches: of this network,
on this board, at these visits. The error of a value falls with the fourth root of
the visits (below), so with ``N`` visits before and ``M`` after a move::

    error of a difference = noise * sqrt(N ** -1/2 + M ** -1/2)
    noise = 1.48 * median over first choices of |difference| / sqrt(N ** -1/2 + M ** -1/2)

A game with fewer than ``MIN_FIRST_CHOICES`` of them takes ``DEFAULT_NOISE``. First choices
are mostly the quieter moves, so what they measure is held to be at least ``LEAST_NOISE``.

*Error of a move.* The search estimate (weight ``w`` in the joined loss, ``n`` visits of
the move played) errs by ``noise * n ** -1/4``; to the mean of both, weighted as the
loss is, comes half of what the joined loss and the search estimate disagree by.

*Confidence* is the chance, for a normal error of that size, that the true loss lies
on the same side of ``LOSS_BOUND`` (where a 缓手 begins) as the loss that was found: 0.5..1.

Measured against searches of ten times the visits (b6c96, 59 positions of a kyu game),
the error of a value was 1.70, 1.66, 1.32, 1.14 and 0.88 points at 10, 20, 40, 80 and
160 visits: a power of -0.24. Of 420 verdicts on moves of three games at 6 to 160 visits,
those with a confidence of 0.5-0.6, 0.6-0.7, 0.7-0.8, 0.8-0.9 and above were right in
62, 70, 78, 94 and 98 of a hundred; with ``LEAST_NOISE`` 0.3 instead of 2.0 the lowest
three were right in 64, 78 and 69 of a hundred, and errors came out at half their size.
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

MIN_FIRST_CHOICES = 10
DEFAULT_NOISE = 3.0
LEAST_NOISE = 2.0
TO_DEVIATION = 1.4826  # a normal distribution's standard deviation over its median distance from the mean
LOSS_BOUND = POINT_BOUNDS[1]


def measured_noise(reviews: Iterable[MoveReview], evaluations: Mapping[int, Evaluation]) -> float:
    """Noise of one visit in points, from the first choices that were played; ``DEFAULT_NOISE`` when they are few."""
    found = []
    for review in reviews:
        if review.rank == 1:
            before, after = evaluations[review.move_number - 1], evaluations[review.move_number]
            found.append(abs(value_difference(before, after)) / _spread(before, after))
    if len(found) < MIN_FIRST_CHOICES:
        return DEFAULT_NOISE
    return max(LEAST_NOISE, TO_DEVIATION * median(found))


def points_error(review: MoveReview, before: Evaluation, after: Evaluation, noise: float) -> float:
    """Standard error of the joined loss in points."""
    two_searches = noise * _spread(before, after)
    played = before.candidate(review.vertex)
    if review.points_lost_search is None or played is None or played.visits < 1:
        return two_searches
    weight = search_weight(played.visits, after.visits)
    inside = noise * float(played.visits) ** -0.25
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


def _spread(before: Evaluation, after: Evaluation) -> float:
    return math.sqrt(float(max(1, before.visits)) ** -0.5 + float(max(1, after.visits)) ** -0.5)
