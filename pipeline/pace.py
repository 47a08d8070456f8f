"""How fast something goes now: the mean of the last while, not of the whole night. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# The while is at least this long, in seconds, and at least this share of all the time so far: an answer may
# take minutes, and one game is not like the next. Searches side by side may end together, so it also holds several
# of the longest waits for an answer. It is at most twice as long.
LEAST_SECONDS = 30.0
LEAST_SHARE = 0.25
LEAST_WAITS = 4


@dataclass(slots=True)
class Pace:
    """Visits and the seconds that they took, from the beginning, and how fast the last of them were.

    Another program, heat or a second card may change the speed of an engine by
    half in the middle of the night; the mean of the whole night would say so in
    the morning.
    """

    visits: float = 0.0
    seconds: float = 0.0
    _longest: float = 0.0
    _older: tuple[float, float] = (0.0, 0.0)
    _newer: tuple[float, float] = (0.0, 0.0)

    def add(self, visits: float, seconds: float) -> None:
        """So many visits more, in so many seconds."""
        self.visits += visits
        self.seconds += seconds
        self._longest = max(self._longest, seconds)
        if self.seconds - self._newer[1] >= self._least:
            self._older, self._newer = self._newer, (self.visits, self.seconds)

    @property
    def _least(self) -> float:
        return max(LEAST_SECONDS, LEAST_SHARE * self.seconds, LEAST_WAITS * self._longest)

    @property
    def is_long(self) -> bool:
        """Whether the while is as long as it should be."""
        return self.recent[1] >= self._least

    @property
    def recent(self) -> tuple[float, float]:
        """Visits and seconds of the last while; all of them at first."""
        return self.visits - self._older[0], self.seconds - self._older[1]

    @property
    def per_second(self) -> float:
        """Visits a second in the last while; 0 before anything is measured."""
        visits, seconds = self.recent
        return visits / seconds if visits > 0 and seconds > 0 else 0.0
