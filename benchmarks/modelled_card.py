"""The time that a graphics card takes for the positions it is given: a model by measured speeds. Pure.

What was measured is the speed of the whole card by the search threads in work. A position in work gets its part
of it by its own threads; what the neural net has evaluated before comes from the engine's cache and takes no
time. One position with many threads is about as fast as many positions with few (KataGo's own benchmark, one
search of 256 threads on 19x19: 17,341 visits/s; 64 positions of 4 on 19x19: 20,260), so that only the sum counts.
"""

from __future__ import annotations

import heapq
import itertools
import math
import zlib
from collections.abc import Hashable
from dataclasses import dataclass

from pipeline.engine.setup import Threads


@dataclass(frozen=True, slots=True)
class Card:
    """``speeds``: search threads in work, ascending, and visits a second; ``threads`` are those of a review on it."""

    threads: Threads
    speeds: tuple[tuple[int, float], ...]

    def speed(self, threads: int) -> float:
        """Visits a second with so many threads in work: in proportion below the table, the last beyond it."""
        count, found = self.speeds[0]
        if threads <= count:
            return found * threads / count
        for (low, slow), (high, fast) in itertools.pairwise(self.speeds):
            if threads <= high:
                return slow + (fast - slow) * (threads - low) / (high - low)
        return self.speeds[-1][1]


# One H100, 16 cores, b15c192. From 64 threads: `engine benchmark --tune`, the samples, boards mixed. Fewer: the last
# positions of a review of twelve 19x19 games, four threads each.
CARDS = {
    "h100-cuda": Card(
        Threads(128, 4),
        ((4, 620.0), (64, 11_618.0), (128, 21_851.0), (256, 31_023.0), (512, 31_854.0), (1024, 20_795.0)),
    ),
    "h100-opencl": Card(Threads(32, 4), ((4, 660.0), (64, 7_404.0), (128, 9_461.0), (256, 9_653.0))),
    # No card, to compare: two cores with b6c96. One position with eight threads is faster here than it is there.
    "two-cores": Card(Threads(8, 1), ((1, 123.0), (8, 206.5))),
}


SPREAD = 0.3


def weight_of(position: str) -> float:
    """What a visit costs in a position, always the same: 1 - SPREAD to 1 + SPREAD, so that few end together."""
    return 1.0 + SPREAD * (zlib.crc32(position.encode()) / 2**31 - 1.0)


@dataclass(slots=True)
class _Asked:
    item: Hashable
    position: Hashable
    visits: int
    threads: int
    weight: float


class CardModel:
    """An engine on such a card: a queue, places for positions, and seconds that the caller lets pass.

    Args:
        card: its speeds.
        places: positions that are searched side by side (analysis threads).
        scale: of the card's speed.
    """

    def __init__(self, card: Card, places: int, scale: float = 1.0) -> None:
        self.now = 0.0
        self.visits = 0.0
        self.full_seconds = 0.0
        self._card, self._places, self._scale = card, places, scale
        self._part = 0.0  # visits that a thread has made that was in work from the beginning
        self._threads = 0
        self._number = itertools.count()
        self._queue: list[tuple[int, int, _Asked]] = []
        self._working: list[tuple[float, int, _Asked]] = []
        self._searched: dict[Hashable, int] = {}

    @property
    def next_end(self) -> float | None:
        """When the next position ends if nothing is asked before that; ``None``: nothing is in work."""
        if not self._working:
            return None
        return self.now + max(0.0, self._working[0][0] - self._part) / self._rate

    @property
    def in_work(self) -> tuple[int, int]:
        """Positions and search threads."""
        return len(self._working), self._threads

    def ask(
        self, item: Hashable, position: Hashable, visits: int, threads: int, *, priority: int = 0, weight: float = 1.0
    ) -> None:
        """A query for a position, now; among those that wait the highest priority goes first, then the oldest.

        ``weight``: what a visit costs there against the mean.
        """
        asked = _Asked(item, position, visits, threads, weight)
        heapq.heappush(self._queue, (-priority, next(self._number), asked))
        self._fill()

    def progress(self) -> list[tuple[Hashable, int]]:
        """The queries in work, and the visits of each so far."""
        return [
            (asked.item, round(asked.visits - (end - self._part) * asked.threads / asked.weight))
            for end, _, asked in self._working
        ]

    def withdraw(self, item: Hashable) -> None:
        """A query is not wanted any more."""
        for found in [entry for entry in self._working if entry[2].item == item]:
            self._working.remove(found)
            self._threads -= found[2].threads
        self._queue = [entry for entry in self._queue if entry[2].item != item]
        heapq.heapify(self._queue)
        heapq.heapify(self._working)
        self._fill()

    def advance(self, now: float) -> list[tuple[Hashable, float]]:
        """Let time pass up to ``now``; returns the queries that ended, and when each did."""
        ended: list[tuple[Hashable, float]] = []
        while (end := self.next_end) is not None and end <= now:
            self._pass(end)
            self._part, _, asked = heapq.heappop(self._working)
            self._threads -= asked.threads
            self._searched[asked.position] = max(asked.visits, self._searched.get(asked.position, 0))
            ended.append((asked.item, end))
            self._fill()
        if now < math.inf:
            self._pass(max(now, self.now))
        return ended

    @property
    def speed(self) -> float:
        """Visits a second, now."""
        return self._scale * self._card.speed(self._threads)

    @property
    def _rate(self) -> float:
        """Visits a second of each thread."""
        return self.speed / self._threads

    def _pass(self, now: float) -> None:
        if self._working:
            made = self._rate * (now - self.now)
            self._part += made
            self.visits += made * self._threads
            self.full_seconds += (now - self.now) * (len(self._working) == self._places)
        self.now = now

    def _fill(self) -> None:
        while self._queue and len(self._working) < self._places:
            _, number, asked = heapq.heappop(self._queue)
            cost = max(1, asked.visits - self._searched.get(asked.position, 0)) * asked.weight
            heapq.heappush(self._working, (self._part + cost / asked.threads, number, asked))
            self._threads += asked.threads
