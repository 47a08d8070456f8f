"""What an engine's death left open: who goes again, who is on trial, who is to blame. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from pipeline.engine.work import OpenJob

SPLIT = 4


class Retries:
    """Jobs that are to be sent once more.

    A job that was open in ``suspect_deaths`` deaths is a suspect. Suspects are
    tried in groups with nothing else open: each time as many as a ``SPLIT``-th of
    those with whom the first of them died, so that the engine has work to do for
    all its threads while the circle around the guilty one is narrowed. A job that was
    open alone in ``suspect_deaths`` deaths is the cause: one may be chance, such as
    somebody who kills the engine from outside.
    """

    def __init__(self, suspect_deaths: int) -> None:
        self._suspect_deaths = suspect_deaths
        self._backlog: deque[OpenJob] = deque()
        self._suspects: deque[OpenJob] = deque()
        self._trial: set[OpenJob] = set()
        self._room = 0

    def __len__(self) -> int:
        """Jobs that wait here; those that were sent do not."""
        return len(self._backlog) + len(self._suspects)

    @property
    def holds_back(self) -> bool:
        """Whether nothing new may be sent: suspects are on trial, or wait to be."""
        return bool(self._trial or self._suspects)

    def again(self, job: OpenJob) -> None:
        """Send this job once more, after what waits already."""
        self._backlog.append(job)

    def next(self, *, nothing_open: bool) -> OpenJob | None:
        """The job to send now, if any."""
        if self._suspects and nothing_open:
            self._room = max(1, -(-self._suspects[0].crowd // SPLIT))
        if self._suspects and self._room:
            self._room -= 1
            job = self._suspects.popleft()
            self._trial.add(job)
            return job
        return self._backlog.popleft() if self._backlog and not self.holds_back else None

    def closed(self, job: OpenJob) -> None:
        """The engine survived this job."""
        self._trial.discard(job)

    def bury(self, owed: Sequence[OpenJob]) -> OpenJob | None:
        """The engine died owing these, oldest first; returns the job that killed it."""
        self._trial.clear()
        self._room = 0
        for job in owed:
            job.deaths += 1
            job.crowd = min(job.crowd or len(owed), len(owed))
            job.kills += len(owed) == 1
        condemned = next((job for job in owed if job.kills >= self._suspect_deaths), None)
        again = [job for job in owed if job is not condemned]
        self._suspects.extendleft(reversed([job for job in again if job.deaths >= self._suspect_deaths]))
        self._backlog.extendleft(reversed([job for job in again if job.deaths < self._suspect_deaths]))
        return condemned

    def clear(self) -> None:
        """Forget all of them."""
        self._backlog.clear()
        self._suspects.clear()
        self._trial.clear()
        self._room = 0
