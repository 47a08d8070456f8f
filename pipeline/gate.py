"""What may be worked on now: hours of work and room on the disk, for whoever owns an engine."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipeline.diskspace import SpaceRule, bytes_needed
from pipeline.jobs.model import Job, Level
from pipeline.jobs.queue import JobQueue
from pipeline.settings import Settings
from pipeline.store.database import Database
from pipeline.wording import hours as words
from pipeline.worktimes import shown_moment

EVERYTHING = frozenset(Level)
LOOK_SECONDS = 1.0
MB = 1_000_000


class Admission(StrEnum):
    """Why work goes on, or not."""

    OPEN = "open"
    QUICK_ONLY = "quick"  # out of hours, but first reports are wanted
    CLOSED = "closed"
    LOW_SPACE = "space"


@dataclass(frozen=True, slots=True)
class Look:
    """What may be worked on; ``until`` is when hours begin (or end, while they last), for people; may be empty.

    ``change`` is the same as seconds since 1970, ``free`` the room on the disk in bytes.
    """

    admission: Admission = Admission.OPEN
    until: str = ""
    free: int = 0
    change: float | None = None

    @property
    def levels(self) -> frozenset[Level]:
        """Levels that may be worked on."""
        if self.admission is Admission.OPEN:
            return EVERYTHING
        return frozenset({Level.QUICK}) if self.admission is Admission.QUICK_ONLY else frozenset()


class Gate:
    """Looks at clock and disk, at most once a second; says when something changes. For one thread.

    Args:
        settings: hours of work, reserve, and the output folder, whose disk counts.
        say: shows a line to the user.
        clock: seconds since 1970.
        monotonic: seconds; decides how often to look.
    """

    def __init__(
        self,
        settings: Settings,
        say: Callable[[str], None],
        *,
        clock: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._times = settings.schedule.times
        self._quick_by_day = settings.schedule.quick_by_day
        self._folder = settings.output.folder
        self._space = SpaceRule(settings.output.reserve_mb * MB)
        self._say = say
        self._clock = clock
        self._monotonic = monotonic
        self._looked = float("-inf")
        self._last = Look()
        self._session = EVERYTHING
        self._warned_of = 0

    def look(self) -> Look:
        """What may be worked on now."""
        now = self._monotonic()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            before, self._last = self._last, self._judge()
            if self._last.admission is not before.admission:
                self._announce(before)
        return self._last

    def begin(self) -> frozenset[Level]:
        """A session of work begins; returns the levels that it may work on."""
        self._session = self.look().levels
        return self._session

    @property
    def has_narrowed(self) -> bool:
        """Whether the session works on what may not be worked on any more: engine and games are to be let go."""
        return not self._session <= self.look().levels

    @property
    def end(self) -> float | None:
        """When the hours of work end that last now, in seconds since 1970."""
        look = self.look()
        return look.change if look.admission is Admission.OPEN else None

    def check_room(self, games: int, positions: int) -> None:
        """Tell the user early if the disk will hardly hold the reports of what is queued; again when that has doubled.

        May be called from another thread than the rest.
        """
        needed, free = bytes_needed(games, positions), _free_bytes(self._folder)
        if free is not None and needed > self._warned_of and free - needed < self._space.reserve:
            self._warned_of = 2 * needed
            sizes = {"needed": needed / MB, "free": free / MB, "reserve": self._space.reserve / MB}
            self._say(words.SPACE_TIGHT.format(path=self._folder, **sizes))

    @property
    def phase(self) -> str:
        """How a worker that waits is shown in the list of workers; see :func:`pipeline.wording.jobs.phase`."""
        admission, until = self._last.admission, self._last.until
        if admission is Admission.LOW_SPACE:
            return "space"
        return f"closed {until}".strip() if admission is not Admission.OPEN else "idle"

    @property
    def trouble(self) -> str:
        """What keeps the work from going on, if it is anything that somebody should mend."""
        if self._last.admission is not Admission.LOW_SPACE:
            return ""
        return words.LOW_SPACE.format(
            free=self._last.free / MB, reserve=self._space.reserve / MB, path=self._folder.absolute()
        )

    def _judge(self) -> Look:
        free = _free_bytes(self._folder)
        was_low = self._last.admission is Admission.LOW_SPACE
        if free is not None and self._space.is_low(free, was_low=was_low):
            return Look(Admission.LOW_SPACE, free=free)
        now = self._clock()
        if self._times.is_always:
            return Look(free=free or 0)
        change = self._times.next_change(now)
        until = shown_moment(change, now) if change is not None else ""
        if self._times.is_open(now):
            return Look(Admission.OPEN, until, free or 0, change)
        return Look(Admission.QUICK_ONLY if self._quick_by_day else Admission.CLOSED, until, free or 0, change)

    def _announce(self, before: Look) -> None:
        look = self._last
        if look.admission is Admission.LOW_SPACE:
            self._say(self.trouble)
            return
        if before.admission is Admission.LOW_SPACE:
            self._say(words.SPACE_BACK.format(free=look.free / MB))
        if look.admission is Admission.CLOSED:
            self._say(words.CLOSED.format(until=look.until))
        elif look.admission is Admission.QUICK_ONLY:
            self._say(words.QUICK_ONLY.format(until=look.until))
        elif look.until:
            self._say(words.OPEN.format(until=look.until))


class GatedQueue(JobQueue):
    """A worker's view of the queue that hands out only what the gate lets through; else as :class:`JobQueue`."""

    def __init__(self, database: Database, owner: str, gate: Gate, **options: Any) -> None:
        super().__init__(database, owner, **options)
        self._gate = gate

    def claim(self, level: Level | None = None) -> Job | None:
        """As :meth:`JobQueue.claim`."""
        levels = self._gate.look().levels
        if level is None and levels == {Level.QUICK}:
            level = Level.QUICK
        return super().claim(level) if levels and (level is None or level in levels) else None

    def shown(self, phase: str) -> str:
        """As :meth:`JobQueue.shown`; who has nothing to do out of hours is shown as waiting for them."""
        return self._gate.phase if phase == "idle" else phase


def _free_bytes(folder: Path) -> int | None:
    with suppress(OSError):
        return shutil.disk_usage(folder).free
    return None
