"""When the machine may be worked: windows by the clock on the wall. Pure; time is a parameter.

A window is written ``22:00-07:00``, with days before it where it does not hold
every day: ``周一-周五 22:00-07:00``, ``sat,sun 00:00-24:00``. A window that ends
before it begins runs past midnight and belongs to the day on which it begins.
A window that ends when it begins is the whole day and night.

What counts is what the clock on the wall shows. When it is put forward, the
hour that does not exist is not worked; when it is put back, the hour that
comes twice counts twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from pipeline.wording import hours as words

MINUTES_A_DAY = 24 * 60
MINUTES_A_WEEK = 7 * MINUTES_A_DAY
QUARTER = 15 * 60  # clocks are changed at full quarters of an hour (UTC)
_SPAN = re.compile(r"(?:(?P<days>\S.*?)\s+)?(?P<h1>\d{1,2}):(?P<m1>\d{2})\s*-\s*(?P<h2>\d{1,2}):(?P<m2>\d{2})")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the week, from minute ``start`` for ``length`` minutes; Monday 00:00 is minute 0."""

    start: int
    length: int

    def holds(self, minute: int) -> bool:
        """Whether a minute of the week lies in it."""
        return (minute - self.start) % MINUTES_A_WEEK < self.length


@dataclass(frozen=True, slots=True)
class WorkTimes:
    """Hours in which engines may run.

    ``windows`` are the hours of work (none: always), ``quiet`` is taken out of them.
    """

    windows: tuple[Span, ...] = ()
    quiet: tuple[Span, ...] = ()

    @property
    def is_always(self) -> bool:
        """Whether there is nothing to keep to."""
        return not self.windows and not self.quiet

    def is_open_at(self, minute: int) -> bool:
        """Whether a minute of the week (local time, Monday 00:00 is 0) is an hour of work."""
        is_window = not self.windows or any(span.holds(minute) for span in self.windows)
        return is_window and not any(span.holds(minute) for span in self.quiet)

    def is_open(self, now: float, zone: tzinfo | None = None) -> bool:
        """Whether engines may run.

        Args:
            now: seconds since 1970.
            zone: whose clock counts; ``None`` for this machine's.
        """
        return self.is_open_at(minute_of_week(datetime.fromtimestamp(now, zone)))

    def next_change(self, now: float, zone: tzinfo | None = None) -> float | None:
        """The first moment after ``now`` (seconds since 1970) from which the answer is another; ``None``: never.

        It is exact: the answer changes only where the clock on the wall shows a
        bound of a window, or where that clock itself is changed.
        """
        if self.is_always:
            return None
        is_open = self.is_open(now, zone)
        return next((m for m in self._candidates(now, zone) if self.is_open(m, zone) != is_open), None)

    def after(self, now: float, seconds: float, zone: tzinfo | None = None) -> float | None:
        """When so many seconds of work will be done; ``None`` if that is more than a month away or never."""
        at, left = now, seconds
        for _ in range(400):
            change = self.next_change(at, zone)
            if self.is_open(at, zone):
                if change is None or at + left <= change:
                    return at + left
                left -= change - at
            if change is None:
                return None
            at = change
        return None

    def _candidates(self, now: float, zone: tzinfo | None) -> list[float]:
        """Moments of the next eight days at which the answer may change, in order."""
        bounds = {
            s % MINUTES_A_DAY for span in (*self.windows, *self.quiet) for s in (span.start, span.start + span.length)
        }
        today = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        first = (int(now) // QUARTER + 1) * QUARTER
        moments = {float(first + step * QUARTER) for step in range(8 * MINUTES_A_DAY * 60 // QUARTER)}
        for day in range(-1, 9):
            midnight = today + timedelta(days=day)
            for bound in bounds:
                shown = midnight.replace(hour=bound // 60, minute=bound % 60)
                moments |= {shown.replace(fold=fold).timestamp() for fold in (0, 1)}
        return sorted(moment for moment in moments if moment > now)


def minute_of_week(shown: datetime) -> int:
    """What a clock on the wall shows, as a minute of the week from Monday 00:00."""
    return (shown.weekday() * 24 + shown.hour) * 60 + shown.minute


def parse_spans(texts: Iterable[str]) -> tuple[Span, ...]:
    """Windows as the user writes them.

    Raises:
        ValueError: not a window; its text says so in the user's language.
    """
    return tuple(span for text in texts for span in _parse(text))


def parse_times(windows: Iterable[str], quiet: Iterable[str]) -> WorkTimes:
    """Hours of work as the user writes them.

    Raises:
        ValueError: not a window, or nothing is left of the week; its text says so in the user's language.
    """
    times = WorkTimes(parse_spans(windows), parse_spans(quiet))
    if not any(times.is_open_at(minute) for minute in range(MINUTES_A_WEEK)):
        raise ValueError(words.NEVER_OPEN)
    return times


def _parse(text: str) -> list[Span]:
    found = _SPAN.fullmatch(text.translate(words.SIGNS).strip())
    if found is None:
        raise ValueError(words.BAD_SPAN.format(text=text))
    hours = (int(found["h1"]), int(found["m1"])), (int(found["h2"]), int(found["m2"]))
    start, end = (hour * 60 + minute for hour, minute in hours)
    if start >= MINUTES_A_DAY or end > MINUTES_A_DAY or any(minute > 59 for _, minute in hours):
        raise ValueError(words.BAD_SPAN.format(text=text))
    length = (end - start) % MINUTES_A_DAY or MINUTES_A_DAY
    days = _days(found["days"]) if found["days"] else range(7)
    return [Span(day * MINUTES_A_DAY + start, length) for day in sorted(days)]


def _days(text: str) -> set[int]:
    days: set[int] = set()
    for part in re.split(f"[{words.COMMAS}]", text):
        first, dash, last = (name.strip().casefold() for name in part.partition("-"))
        if not dash and first in words.DAY_GROUPS:
            days.update(words.DAY_GROUPS[first])
            continue
        if first not in words.DAYS or (dash and last not in words.DAYS):
            raise ValueError(words.BAD_DAY.format(text=part.strip()))
        begin = words.DAYS[first]
        end = words.DAYS[last] if dash else begin
        days.update((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    return days


def shown_moment(moment: float, now: float, zone: tzinfo | None = None) -> str:
    """A moment of the days to come as people say it: ``22:00``, ``周一 22:00``.

    Args:
        moment: seconds since 1970.
        now: seconds since 1970.
        zone: whose clock counts.
    """
    then = datetime.fromtimestamp(moment, zone)
    ahead = (then.date() - datetime.fromtimestamp(now, zone).date()).days
    return words.moment(then.weekday(), then.strftime("%H:%M"), days_ahead=ahead)
