"""When jobs will be done, and who should hold how many, from visits still to do and measured speed. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from pipeline.jobs.model import Job


def seconds_left(jobs: Iterable[Job], speed: float) -> dict[int, float]:
    """Job -> seconds until it is done.

    Args:
        jobs: the jobs in work, in the order in which the engine prefers them: each waits for those before it.
        speed: visits a second of all workers; nothing is forecast while it is 0.
    """
    forecast: dict[int, float] = {}
    visits = 0
    for job in jobs if speed > 0 else ():
        visits += max(0, job.visits_expected - job.visits_done)
        forecast[job.id] = visits / speed
    return forecast


def fair_share(games: int, own: float, others: Sequence[float]) -> int:
    """How many of ``games`` a worker should hold when everybody holds as many as its engine is fast.

    Args:
        games: games that all workers together still have to finish.
        own: visits a second of this worker; 0 while nothing is measured, which counts as the mean of the others.
        others: the same of the other workers that can do these games.
    """
    if not others:
        return games
    measured = [speed for speed in (own, *others) if speed > 0]
    mean = sum(measured) / len(measured) if measured else 1.0
    speeds = [speed if speed > 0 else mean for speed in (own, *others)]
    return math.ceil(games * speeds[0] / sum(speeds))
