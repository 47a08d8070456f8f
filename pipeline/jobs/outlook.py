"""When jobs will be done, from visits still to do and measured speed. Pure."""

from __future__ import annotations

from collections.abc import Iterable

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
