"""Sharing out the engine's time over the positions, and its speed. Pure."""

from __future__ import annotations

import math

from pipeline.pace import Pace


class BusyMeter:
    """Splits the time during which work was open over the answers, by their visits.

    Many positions are searched at once, so the time of one is not its latency.
    Each answer takes its visits times the mean seconds a visit cost so far,
    the last open one takes what is left: the sum is the busy wall time, to the
    last microsecond. All times in seconds of one monotonic clock.
    """

    def __init__(self) -> None:
        self._mark: float | None = None
        self._pool = 0.0
        self._pace = Pace()
        self.busy_seconds = 0.0
        self.visits = 0

    def work_begins(self, now: float) -> None:
        """Work is open from now on; does nothing when it was already."""
        if self._mark is None:
            self._mark = now

    def pause(self, now: float) -> None:
        """The engine is down or idle: the time until :meth:`work_begins` is nobody's."""
        self._advance(now)
        self._mark = None

    def busy_at(self, now: float) -> float:
        """Seconds with work open up to ``now``; :attr:`busy_seconds` is that of the last answer."""
        return self.busy_seconds + (max(0.0, now - self._mark) if self._mark is not None else 0.0)

    def answered(self, now: float, visits: int, *, last: bool) -> float:
        """The share of an answer that arrived at ``now``; ``last``: nothing else is open."""
        self._advance(now)
        self.visits += visits
        self._pace.add(visits, self.busy_seconds - self._pace.seconds)
        share = self._pool
        if not last and self.visits:
            share = min(share, visits * self.busy_seconds / self.visits)
        self._pool -= share
        if last:
            self._mark = None
        return share

    def give_back(self, seconds: float) -> None:
        """A share whose answer is not used: the next answers take it."""
        self._pool += seconds

    def _advance(self, now: float) -> None:
        if self._mark is not None and now > self._mark:
            self._pool += now - self._mark
            self.busy_seconds += now - self._mark
            self._mark = now

    @property
    def visits_per_second(self) -> float:
        """Speed while work was open, in the last while (:mod:`pipeline.pace`); 0 before the first answer."""
        return self._pace.per_second


class ProgressWatch:
    """Decides when silence has lasted too long.

    Progress is a final answer, or a report from a search whose visits grew.
    The limit is ``max(floor, factor x running mean of the gaps)``. Silence counts
    only while somebody listens: after a pause of half the floor between two looks
    (a machine that slept, a program that was stopped) it is counted anew.
    """

    def __init__(self, floor: float, factor: float) -> None:
        self._floor = floor
        self._factor = factor
        self._mean_gap = 0.0
        self._since: float | None = None
        self._looked = -math.inf

    @property
    def limit(self) -> float:
        """Seconds of silence that are still patience."""
        return max(self._floor, self._factor * self._mean_gap)

    def reset(self, now: float) -> None:
        """Count silence from now on: work was sent, or nobody was listening."""
        self._since = now

    def progress(self, now: float) -> None:
        """Something came out of the engine's searches."""
        if self._since is not None:
            gap = max(0.0, now - self._since)
            self._mean_gap = gap if self._mean_gap == 0 else 0.9 * self._mean_gap + 0.1 * gap
        self._since = now

    def stalled(self, now: float) -> bool:
        """Whether the silence is longer than the limit. To be asked often, as long as anything is open."""
        if self._since is None:
            return False
        if now - max(self._since, self._looked) > self._floor / 2:
            self._since = now
        self._looked = now
        return now - self._since > self.limit
