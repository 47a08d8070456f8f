"""The display is told what is still to come: often enough, and not more often than it matters."""

from __future__ import annotations

import time
from collections.abc import Sequence

from pipeline.console import Reporter
from pipeline.forecast import UNMEASURED_PRINT, Forecast
from pipeline.needs import Waiting
from pipeline.opengame import Moment

COUNTDOWN = 0.01  # of the time that is left passes before it is forecast again
MOST_COUNTDOWN = 30.0  # seconds


class Countdown:
    """Brings a forecast to the display, which counts down by itself in between.

    Args:
        forecast: fed by somebody else with what happens to games.
        reporter: its tally is told.
    """

    def __init__(self, forecast: Forecast, reporter: Reporter) -> None:
        self._forecast = forecast
        self._reporter = reporter
        self._next = 0.0

    def tick(self, moment: Moment, waiting: Sequence[Waiting] = ()) -> None:
        """About once a second; ``waiting`` as for :meth:`Forecast.seconds_left`."""
        forecast, tally, now = self._forecast, self._reporter.tally, time.monotonic()
        forecast.advance(moment.busy_seconds, moment.at_once, moment.search, moment.visits_a_thread)
        tally.speed = moment.visits_per_second
        if now < self._next:
            return  # thousands of games need not be looked at every second
        tally.positions = tally.positions_done + forecast.positions_left(waiting)
        printing = moment.print_seconds or UNMEASURED_PRINT
        seconds = forecast.seconds_left(print_seconds=printing, publishing=moment.publishing, waiting=waiting)
        if seconds is not None:
            tally.expect(seconds, now)
            self._next = now + min(MOST_COUNTDOWN, COUNTDOWN * seconds)
