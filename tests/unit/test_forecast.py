"""The forecast is the estimate at first, learns from the games that are done, and is the truth in the end."""

import pytest

from pipeline.forecast import Forecast, GamePlan, Work, estimate
from pipeline.go.board import Color, Point
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.plan import AnalysisProfile, Strategy


def game(moves: int) -> GameRecord:
    colors = (Color.BLACK, Color.WHITE)
    return GameRecord(
        19, 19, tuple(Move(colors[i % 2], Point(i % 19, i // 19)) for i in range(moves)), 7.5, Ruleset.CHINESE
    )


def test_uniform_needs_every_position_at_full_budget():
    assert estimate(game(99), AnalysisProfile("n", 50, 0, Strategy.UNIFORM), 10) == Work(100, 5000)


def test_adaptive_adds_the_deep_positions_that_key_moments_need():
    assert estimate(game(99), AnalysisProfile("n", 100, 10), 10) == Work(125, 1000 + 2500)


PLAN = GamePlan(turns=10, quick=10, deep=4, full=100, points=361)


def play(forecast: Forecast, name: str, deep: int, *, busy: float = 0.0, quick_speed: float = 10.0) -> float:
    """Search a whole game; deep positions at 50 visits/s. Returns the busy seconds afterwards."""
    for _ in range(10):
        forecast.asked(name, "quick", 10)
        busy += 10 / quick_speed
        forecast.answered(name, "quick", 10, busy)
    for _ in range(deep):
        forecast.asked(name, "deep", 100)
        busy += 2
        forecast.answered(name, "deep", 100, busy)
    forecast.finished(name)
    return busy


def test_a_finished_game_counts_what_it_really_took():
    forecast = Forecast({"a": PLAN, "b": PLAN})
    assert (forecast.positions, forecast.visits) == (28, 1000)
    play(forecast, "a", 4)
    assert (forecast.positions, forecast.visits) == (28, 1000)
    play(forecast, "b", 6)
    assert (forecast.positions, forecast.visits) == (30, 1200)


def test_more_work_than_expected_is_counted():
    forecast = Forecast({"a": GamePlan(3, 0, 1, 10, 81)})
    for _ in range(3):
        forecast.asked("a", "deep", 10)
    assert forecast.visits == 30


def test_other_games_are_expected_to_be_like_those_that_are_done():
    forecast = Forecast({"a": PLAN, "b": PLAN, "c": PLAN})
    play(forecast, "a", 8)
    expected = 10 + 4 * (8 + 4) / (4 + 4)
    assert forecast.positions == pytest.approx(18 + 2 * expected, abs=1)


def test_each_pass_and_each_size_of_board_has_its_own_speed():
    small = GamePlan(turns=10, quick=10, deep=4, full=100, points=81)
    forecast = Forecast({"a": PLAN, "s": small, "b": PLAN, "t": small})
    assert forecast.seconds_left(0) is None
    busy = play(forecast, "a", 4, quick_speed=10)
    play(forecast, "s", 4, busy=busy, quick_speed=100)
    assert forecast.seconds_left(0) == pytest.approx((10 + 8) + (1 + 8))


def test_what_was_known_before_is_not_work():
    forecast = Forecast({"a": PLAN, "b": PLAN})
    forecast.known("b", [10] * 7 + [100] * 3)
    play(forecast, "a", 4)
    assert forecast.positions == 14 + 1
    assert forecast.seconds_left(0) == pytest.approx(2)


def test_a_batch_that_is_gone_on_with_is_not_forecast_from_nothing():
    """Half of every game is known, and half-way no game that is not opened yet may count as a whole one."""
    names = [f"game {number}" for number in range(8)]
    forecast = Forecast(dict.fromkeys(names, PLAN))
    for name in names:
        forecast.known(name, [10] * 8 + [100] * 2)
    busy = 0.0
    for name in names[:4]:
        for _ in range(2):
            forecast.asked(name, "deep", 100)
            busy += 2
            forecast.answered(name, "deep", 100, busy)
        forecast.finished(name)

    assert forecast.seconds_left(0) == pytest.approx(busy, rel=0.15)


def test_nothing_is_forecast_from_the_first_of_many_searches_at_once():
    """Sixteen searches run side by side: after the first answer the engine seems sixteen times as slow as it is."""
    forecast = Forecast({"a": GamePlan(turns=100, quick=0, deep=100, full=1000, points=361)})
    for _ in range(32):
        forecast.asked("a", "deep", 1000)
    forecast.answered("a", "deep", 1000, 53.0)
    assert forecast.seconds_left(31 * 1000) is None
    for _ in range(15):
        forecast.answered("a", "deep", 1000, 53.0)
    assert forecast.seconds_left(16 * 1000) == pytest.approx((8 + 68) * 53 / 16)


def test_a_speed_that_changes_is_noticed():
    plan = GamePlan(turns=400, quick=0, deep=400, full=100, points=361)
    forecast, busy = Forecast({"a": plan}), 0.0
    for number in range(300):
        forecast.asked("a", "deep", 100)
        busy += 2.0 if number < 200 else 6.0
        forecast.answered("a", "deep", 100, busy)

    assert forecast.seconds_left(0) == pytest.approx(100 * 6.0, rel=0.15)


def test_answers_that_come_in_waves_do_not_look_like_a_change_of_speed():
    """Sixteen deep searches side by side may end together, again and again."""
    forecast, busy = Forecast({"a": GamePlan(turns=400, quick=0, deep=400, full=1000, points=361)}), 0.0
    for _ in range(32):
        forecast.asked("a", "deep", 1000)
    for wave in range(1, 11):
        busy += 53.0
        for number in range(16):
            forecast.answered("a", "deep", 1000, busy + 0.01 * number)
            forecast.asked("a", "deep", 1000)
        left = forecast.seconds_left(32 * 1000)
        assert left == pytest.approx((400 - 16 * wave - 16) / 16 * 53, rel=0.25), wave


def test_a_short_game_is_not_expected_to_have_the_key_moments_of_a_long_one():
    """Of games of mixed lengths the short ones would otherwise say that all need less than was thought."""
    profile = AnalysisProfile("n", 100, 20)
    assert estimate(game(23), profile, 10) == Work(24 + 6, 24 * 20 + 6 * 100)
    assert estimate(game(249), profile, 10) == Work(250 + 30, 250 * 20 + 30 * 100)
