"""What the display is told of the work that is left."""

from __future__ import annotations

from pipeline.console import QuietReporter
from pipeline.countdown import Countdown
from pipeline.evaluation import EngineIdentity
from pipeline.forecast import Forecast
from pipeline.needs import GamePlan
from pipeline.opengame import InFlight, Moment
from pipeline.plan import DEEP, PositionRequest

PLAN = GamePlan(turns=10, quick=0, deep=10, full=100, points=361)


def moment(busy: float) -> Moment:
    identity = EngineIdentity("0", "0", "network", "0" * 64, "none", "none")
    return Moment(identity, (), 0, 100.0, 0, 0.0, None, busy_seconds=busy, at_once=1)


def test_no_more_positions_are_done_than_there_are() -> None:
    """The display counts those of earlier runs of the engine, and of games that were given up, as done."""
    reporter, forecast = QuietReporter(), Forecast({"a": PLAN, "b": PLAN})
    reporter.tally.positions_done = 5000
    countdown = Countdown(forecast, reporter)
    for turn in range(5):
        forecast.asked("a", PositionRequest(turn, 100, DEEP))
        forecast.answered("a", PositionRequest(turn, 100, DEEP), turn + 1.0)
        reporter.tally.positions_done += 1
    forecast.forget("a")
    countdown.tick(moment(5.0))
    assert reporter.tally.positions == 5005 + 10
    assert reporter.tally.seconds_left(0.0) is not None


def test_a_speed_says_something_when_the_first_wave_is_answered() -> None:
    flight = InFlight()
    for _ in range(8):
        flight.asked(100)
    assert not flight.is_steady(4)
    for _ in range(4):
        flight.ended(100, is_answered=True)
    assert flight.is_steady(4)
    assert (flight.positions, flight.visits) == (4, 400)


def test_an_engine_that_gets_few_positions_is_not_waited_for() -> None:
    flight = InFlight()
    for _ in range(3):
        flight.asked(100)
    for _ in range(2):
        flight.ended(100, is_answered=True)
    flight.ended(100, is_answered=False)
    assert not flight.is_steady(128)
    flight.asked(100)
    flight.ended(100, is_answered=True)
    assert flight.is_steady(128)
