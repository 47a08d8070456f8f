"""How many games a worker with a deadline holds, so that the others have some too."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime

from pipeline.jobs.outlook import fair_share
from pipeline.jobs.queue import JobQueue

SETTLED_SECONDS = 300.0  # before the deadline everybody keeps what he has: nobody could finish it any more


class Share:
    """A worker's share of the deep jobs of a queue.

    Without a deadline a worker opens a game only when its engine has room, so
    the share follows from the engine's speed by itself. With one all games are
    opened at once, so that importance is compared over all of them: the first
    worker would take the whole queue. So each holds its share by measured
    speed, and what it holds beyond that, because others came or became faster,
    goes back. Who is alone takes all.

    Args:
        queue: the worker's view of the queue.
        clock: seconds since 1970.
    """

    def __init__(self, queue: JobQueue, *, clock: Callable[[], float] = time.time) -> None:
        self._queue = queue
        self._clock = clock
        self._held: set[int] = set()
        self._most: int | None = None

    @property
    def is_full(self) -> bool:
        """Whether no further game is to be opened."""
        return self._most is not None and len(self._held) >= self._most

    def took(self, job: int) -> None:
        """A deep job was claimed."""
        self._held.add(job)

    def adjust(
        self, mine: set[int], resting: Mapping[int, int], *, games: int, speed: float, until: datetime | None
    ) -> set[int]:
        """Look again how much is to be held; returns the jobs that were put back. What is known of them is stored.

        Args:
            mine: the jobs that this worker still has.
            resting: jobs of which nothing is being searched -> visits done for them; only these go back.
            games: games that all workers together still have to finish.
            speed: visits a second of this worker.
            until: the deadline.

        Raises:
            StoreError: the database cannot be used.
        """
        self._held &= mine
        others = self._queue.other_speeds()
        self._most = fair_share(games, speed, others) if others else None
        surplus = len(self._held) - self._most if self._most is not None else 0
        is_late = until is not None and until.timestamp() - self._clock() < SETTLED_SECONDS
        if is_late or self._most is None or surplus <= max(1, self._most // 8):  # speeds waver
            return set()
        back = set(sorted(self._held & resting.keys(), key=lambda job: resting[job])[:surplus])
        if back:
            self._queue.put_back(back)
            self._held -= back
        return back
