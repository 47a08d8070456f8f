"""The forecast is the estimate at first and the truth in the end."""

from pipeline.forecast import Forecast, Work, estimate
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


def test_adaptive_adds_two_deep_positions_for_each_key_moment():
    assert estimate(game(99), AnalysisProfile("n", 100, 10), 10) == Work(120, 1000 + 2000)


def test_a_finished_game_counts_what_it_really_took():
    forecast = Forecast({"a": Work(10, 100), "b": Work(10, 100)})
    forecast.asked("a", 30)
    assert (forecast.positions, forecast.visits) == (20, 200)
    forecast.finished("a")
    assert (forecast.positions, forecast.visits) == (11, 130)


def test_more_work_than_expected_is_counted():
    forecast = Forecast({"a": Work(1, 10)})
    for _ in range(3):
        forecast.asked("a", 10)
    assert forecast.visits == 30
