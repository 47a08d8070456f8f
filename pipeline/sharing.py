"""How the engine's time is shared out over the positions that it works on side by side. Pure.

An engine with sixteen analysis threads works on sixteen positions at once, and
gives each the same part of its speed; others wait in its queue. So a
position's part of the busy time is the sum of all seconds in which it was in work, each
divided by the positions in work then. One of the last positions that is searched with the threads
of three others counts as four. What an answer cost is known that
way, whatever was searched beside it, and so is how far those are that are not answered yet. All
costs are in seconds of an engine whose places are all taken.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from pipeline.pace import Pace

# An engine with few positions in work is slower in all, but faster for each of them: with so many of its places taken,
# as a share of all and at most, it has half the speed that it could have at all. Two cores with one thread each for
# eight positions have it with one.
HALF_SPEED_SHARE = 1 / 8
HALF_SPEED_MOST = 8.0

# A graphics card, on which each position has several search threads, is the faster the more of its places are taken,
# up to this share of them (one H100: 64 of 512 threads have 0.37 of the speed, 128 have 0.69, 256 have 0.97).
CARD_FULL = 0.45

# Without a graphics card a further thread on one position is worth this part of a position more (two cores, b6c96:
# 1.14 and 1.36 times as fast with four and eight).
FREE_CORE = 0.2

# No engine becomes faster or slower by more than this; a while that says so was too short.
MOST_CHANGE = 4.0
# What one position costs differs from what another of its kind does: evenly, up to this share of the mean.
SPREAD = 0.4
GOLDEN = (5**0.5 - 1) / 2


def uneven(number: int, least: float = 0.0) -> float:
    """What the position of this number costs against the mean of its kind, when it is known to be more than ``least``.

    Positions that are searched side by side do not end together: the last of
    them have an engine for themselves that is slower in all. The numbers are spread as evenly as can be.
    """
    low = max(1.0 - SPREAD, least)
    return low + (number * GOLDEN % 1.0) * max(0.0, 1.0 + SPREAD - low)


def slowdown(in_work: float, at_once: int, search: int = 1) -> float:
    """How much slower an engine is in all with so few places taken: its full speed divided by that; at least 1.

    Args:
        in_work: positions in work, those with the threads of several counted as so many.
        at_once: places.
        search: search threads of each: more than one on a graphics card only.
    """
    if search > 1:
        return max(1.0, CARD_FULL * at_once / in_work)
    half = min(HALF_SPEED_SHARE * at_once, HALF_SPEED_MOST)
    return max(1.0, (in_work + half) / in_work * at_once / (at_once + half))


def places_of(threads: int, search: int) -> float:
    """How many places a position takes that has so many search threads, where ``search`` are usual; at least 1."""
    if search > 1:
        return max(1.0, threads / search)
    return 1.0 + FREE_CORE * max(0, threads - 1)


class Sharing:
    """Positions in work and in the engine's queue, which is served in the order of asking.

    ``at_once``: how many are worked on side by side at most; 0: all that are open. ``search``: usual threads of each.
    """

    def __init__(self) -> None:
        self.at_once = 0
        self.search = 1
        self._busy = 0.0
        self._part = 0.0  # seconds that a position would have got that had been in work from the beginning
        self._begun: dict[Hashable, float] = {}
        self._places: dict[Hashable, float] = {}
        self._taken = 0.0
        self._queue: dict[Hashable, None] = {}

    @property
    def in_work(self) -> int:
        """Positions that the engine works on."""
        return len(self._begun)

    def advance(self, busy_seconds: float) -> None:
        """The engine has been busy for so long in all."""
        if self._begun and busy_seconds > self._busy:
            slower = slowdown(self._taken, self.at_once, self.search) if self.at_once else 1.0
            self._part += (busy_seconds - self._busy) / self._taken / slower
        self._busy = max(self._busy, busy_seconds)

    def begin(self, key: Hashable, threads: int = 0) -> None:
        """A position was handed to the engine, with so many search threads (0: the usual ones)."""
        self._queue[key] = None
        self._places[key] = places_of(threads, self.search)
        self._promote()

    def end(self, key: Hashable) -> float:
        """It was answered, or will never be; returns its part of the busy seconds."""
        part = self.part_of(key)
        places = self._places.pop(key, 0.0)
        if self._begun.pop(key, None) is not None:
            self._taken = self._taken - places if self._begun else 0.0
        self._queue.pop(key, None)
        self._promote()
        return part

    def part_of(self, key: Hashable) -> float:
        """The part of the busy seconds that an open position has had so far; 0 while it waits."""
        begun = self._begun.get(key)
        return 0.0 if begun is None else (self._part - begun) * self._places[key]

    def places_of(self, key: Hashable) -> float:
        """The places that an open position takes: one, or more with the threads of others."""
        return self._places[key]

    def _promote(self) -> None:
        while self._queue and not 0 < self.at_once <= len(self._begun):
            key = next(iter(self._queue))
            del self._queue[key]
            self._begun[key] = self._part
            self._taken += self._places[key]


# So many positions' worth of the more general mean stands against what was measured of one kind.
TRUST_IN_MEAN = 4.0


@dataclass(slots=True)
class _Sum:
    """Positions answered, their visits, and what these counted for."""

    positions: int = 0
    visits: float = 0.0
    weight: float = 0.0

    def add(self, visits: float, weight: float) -> None:
        """One more."""
        self.positions += 1
        self.visits += visits
        self.weight += weight


class Costs:
    """Busy seconds a visit, by size of board and pass, as the engine is now.

    The engine's speed changes in the night (:mod:`pipeline.pace`), and what one kind of position costs
    against another hardly does: the speed is that of the last while over all
    kinds together, and a kind's share is measured over the whole night, each answer against the speed at
    its time. What is known of few positions is drawn towards the mean of the size of board, and
    that towards the mean of all: three answers say little.
    """

    def __init__(self) -> None:
        self.positions = 0
        self._pace = Pace()  # visits, each as much as its kind costs, and seconds
        self._sizes: dict[int, _Sum] = {}
        self._kinds: dict[tuple[int, str], _Sum] = {}

    def add(self, points: int, level: str, visits: int, seconds: float) -> None:
        """A position on a board of so many points took so much of the busy time."""
        self.positions += 1
        self._pace.add(visits * self._share(points, level), seconds)
        weight = seconds * self.speed
        self._sizes.setdefault(points, _Sum()).add(visits, weight)
        self._kinds.setdefault((points, level), _Sum()).add(visits, weight)

    @property
    def speed(self) -> float:
        """Visits of the mean kind a second in the last while; 0 before anything is measured."""
        pace = self._pace
        if not pace.seconds:
            return 0.0
        mean = pace.visits / pace.seconds
        return min(MOST_CHANGE * mean, max(mean / MOST_CHANGE, pace.per_second))

    def of(self, points: int, level: str) -> float:
        """Seconds a visit; 0 before anything is measured."""
        speed = self.speed
        return self._share(points, level) / speed if speed > 0 else 0.0

    def _share(self, points: int, level: str) -> float:
        """What a visit of this kind costs against one of the mean kind."""
        share = 1.0
        for found in (self._sizes.get(points), self._kinds.get((points, level))):
            if found is not None:
                trust = TRUST_IN_MEAN * found.visits / found.positions
                share = (found.weight + trust * share) / (found.visits + trust)
        return share
