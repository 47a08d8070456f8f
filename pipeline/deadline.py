"""Working up to an hour of the clock: when to stop searching so that everything is printed by then. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TypeVar

from pipeline.errors import ConfigError
from pipeline.wording.drive import WIDE_COLON

Game = TypeVar("Game")

FIRST_PRINT = 4.0  # seconds to print a game before one was measured: the renderer is loaded too
SPARE_SECONDS = 3.0  # for closing the engine, and for what is not measured
DRAIN_FACTOR = 1.25  # the last positions have the engine to themselves and cannot fill its batch
FIRST_SHARE = 0.8  # of the time that is left may be planned for the first pass; speeds waver
PRINTING_SHARE = 0.25  # of the time that is left may be printed for, or there are no reports of the first pass
LEAST_FIRST = 6  # visits: about 4 dan (:data:`pipeline.presets.STRENGTH`); a report of less would mislead


def next_time(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The next moment at which the clock shows ``HH:MM``: today, or else tomorrow.

    By the clock on the wall: over a change to or from summer time it is not
    24 hours later. An hour that comes twice counts both times; one that is
    skipped is the moment an hour after the clock jumped over it.

    Args:
        text: the time of day; a Chinese colon will do.
        now: aware.
        zone: where the clock hangs; ``None``: the zone of this system.

    Raises:
        ConfigError: not a time of day.
    """
    try:
        hour, minute = (int(part) for part in text.replace(WIDE_COLON, ":").split(":"))
        today = now.astimezone(zone).replace(tzinfo=None, hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    except ValueError as error:
        raise ConfigError("inbox.bad_time", value=text) from error
    candidates = (today, today.replace(fold=1), today + timedelta(days=1))
    moments = [(c.replace(tzinfo=zone) if zone else c.astimezone()) for c in candidates]
    # Compared in UTC: within one zone Python compares the hands of the clock only.
    return next(m for m in moments if m.astimezone(UTC) > now.astimezone(UTC))


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass(slots=True)
class Deadline:
    """The hour at which every report has to be printed.

    Args:
        moment: the hour, aware.
        clock: the time, aware.
        print_seconds: seconds that a game takes to be printed, as measured so far.
    """

    moment: datetime
    clock: Callable[[], datetime] = _now
    print_seconds: float = FIRST_PRINT
    printed: int = 0

    @property
    def seconds_left(self) -> float:
        """Until the hour; negative after it."""
        return (self.moment - self.clock()).total_seconds()

    def measured(self, seconds: float) -> None:
        """A game was printed: the slowest counts most, for a night must not end on an average."""
        fading = self.print_seconds * 0.9 + seconds * 0.1
        self.print_seconds = seconds if not self.printed else max(seconds, fading)
        self.printed += 1

    def printing(self, games: int) -> float:
        """Seconds that have to be kept for printing so many games."""
        return SPARE_SECONDS + games * self.print_seconds

    def has_time_for_first_reports(self, games: int) -> bool:
        """Whether so many games may have a report of their first pass too, and another one at the hour."""
        return self.printing(2 * games) <= PRINTING_SHARE * self.seconds_left

    def search_seconds(self, games: int) -> float:
        """Seconds that are left for searching when so many games have to be printed afterwards."""
        return max(0.0, self.seconds_left - self.printing(games))

    def first_pass_share(self, *, games: int, seconds: float, open_seconds: float) -> float:
        """Which share of the first pass there is time for, so that every game has a report at the hour; at most 1.

        Args:
            games: games that have to be printed.
            seconds: how long the rest of their first pass takes that is not asked for yet.
            open_seconds: how long what the engine has been asked for takes.
        """
        if seconds <= 0:
            return 1.0
        left = self.search_seconds(games) - DRAIN_FACTOR * open_seconds
        return min(1.0, max(0.0, FIRST_SHARE * left / seconds))

    def must_close(self, *, games: int, backlog: int, open_visits: int, speed: float) -> bool:
        """Whether one of ``games`` has to be given to the printer now: it must never wait, and end in time.

        Args:
            games: games that are still searched.
            backlog: games that were given to the printer, or wait for their last answers.
            open_visits: visits of the positions that the engine is searching.
            speed: measured visits/s; 0 when nothing is measured.
        """
        drain = DRAIN_FACTOR * open_visits / speed if speed > 0 else 0.0
        if self.search_seconds(games + backlog) > drain:
            return False
        return backlog * self.print_seconds <= drain + self.print_seconds

    def to_close(self, games: Sequence[Game], *, backlog: int, open_visits: int, speed: float) -> list[Game]:
        """The first of ``games`` that have to be given to the printer now; the rest as for :meth:`must_close`."""
        for number in range(len(games)):
            left = len(games) - number
            if not self.must_close(games=left, backlog=backlog + number, open_visits=open_visits, speed=speed):
                return list(games[:number])
        return list(games)

    def must_cut(self, games: int) -> bool:
        """Whether what is still searched comes too late for the printer."""
        return self.search_seconds(games) <= 0
