"""The forecast is the estimate at first, learns from the games that are known, and is the truth in the end."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.forecast import TRUST_IN_ESTIMATE, Forecast
from pipeline.go.board import Color, Point
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.needs import GamePlan, Waiting, Work, estimate, plan_of_first_pass
from pipeline.plan import DEEP, QUICK, AnalysisProfile, PositionRequest, Strategy


def game(moves: int) -> GameRecord:
    colors = (Color.BLACK, Color.WHITE)
    return GameRecord(
        19, 19, tuple(Move(colors[i % 2], Point(i % 19, i // 19)) for i in range(moves)), 7.5, Ruleset.CHINESE
    )


def test_uniform_needs_every_position_at_full_budget():
    assert estimate(game(99), AnalysisProfile("n", 50, 0, Strategy.UNIFORM), 10) == Work(100, 5000)


def test_adaptive_adds_the_deep_positions_that_key_moments_need():
    assert estimate(game(99), AnalysisProfile("n", 100, 10), 10) == Work(120, 1000 + 1999)


PLAN = GamePlan(turns=10, quick=10, deep=4, full=100, points=361)


def quick(turn: int, visits: int = 10) -> PositionRequest:
    return PositionRequest(turn, visits, QUICK)


def deep(turn: int, visits: int = 100) -> PositionRequest:
    return PositionRequest(turn, visits, DEEP)


def search(forecast: Forecast, name: str, request: PositionRequest, busy: float) -> float:
    """A position alone: asked for, and answered when the engine has been busy for so long; returns that."""
    forecast.asked(name, request)
    forecast.answered(name, request, busy)
    return busy


def play(forecast: Forecast, name: str, count: int, *, busy: float = 0.0, quick_speed: float = 10.0) -> float:
    """Search a whole game; a deep position takes 9 seconds. Returns the busy seconds afterwards."""
    for turn in range(10):
        busy = search(forecast, name, quick(turn), busy + 10 / quick_speed)
    forecast.planned(name, [[deep(turn) for turn in range(count)]])
    for turn in range(count):
        busy = search(forecast, name, deep(turn), busy + 9.0)
    forecast.finished(name)
    return busy


def test_a_finished_game_counts_what_it_really_took():
    forecast = Forecast({"a": PLAN, "b": PLAN})
    assert forecast.positions_left() == 28
    play(forecast, "a", 4)
    assert forecast.positions_left() == 14
    play(forecast, "b", 6)
    assert (forecast.positions_left(), forecast.games_left) == (0, 0)


def test_more_work_than_expected_is_counted():
    forecast = Forecast({"a": GamePlan(3, 0, 1, 10, 81)})
    for turn in range(3):
        forecast.asked("a", deep(turn, 10))
    assert forecast.positions_left() == 3


def test_other_games_are_expected_to_be_like_those_that_are_done():
    forecast = Forecast({"a": PLAN, "b": PLAN, "c": PLAN})
    play(forecast, "a", 8)
    expected = 10 + 4 * (8 + 4 * TRUST_IN_ESTIMATE) / (4 + 4 * TRUST_IN_ESTIMATE)
    assert forecast.positions_left() == pytest.approx(2 * expected, abs=2)


def test_what_the_planner_says_of_a_game_counts_before_anything_of_it_is_searched_deeply():
    forecast, busy = Forecast({"a": PLAN, "b": PLAN}), 0.0
    for turn in range(10):
        busy = search(forecast, "a", quick(turn), busy + 1.0)
    before = forecast.seconds_left()
    outlook = [[deep(turn, 25) for turn in range(2)], [deep(turn) for turn in range(9)]]
    forecast.planned("a", outlook)
    told = forecast.seconds_left()
    assert before is not None
    assert told is not None
    # Nine of ten are searched deeply instead of four, two of them in two steps, which costs nothing.
    assert told - before >= 5 * 9.0
    forecast.planned("a", outlook)
    assert forecast.seconds_left() == told
    assert forecast.positions_left() == pytest.approx(11 + 10 + 4 * (9 + 8) / 12, abs=2)


def test_visits_that_the_engine_has_in_its_cache_are_no_work():
    """A position that was searched with 50 visits before reaches 100 in half of the time."""
    plan = GamePlan(turns=20, quick=50, deep=20, full=100, points=361)
    forecast, busy = Forecast({"a": plan}), 0.0
    for turn in range(20):
        busy = search(forecast, "a", quick(turn, 50), busy + 5.0)
    assert forecast.seconds_left() == pytest.approx(20 * 5.0, rel=0.05)


def test_what_follows_unforeseen_in_one_game_is_expected_of_the_others():
    """A report is full, and every mistake that proves to be none makes room for another."""
    plan = GamePlan(turns=200, quick=100, deep=20, full=1000, points=361, printable=20)

    def left(following: int) -> float:
        forecast, busy = Forecast(dict.fromkeys("ab", plan)), 0.0
        for name in "ab":
            for turn in range(200):
                busy = search(forecast, name, quick(turn, 100), busy + 1.0)
        first = 0
        for count in (20, *[following] * 3):
            forecast.planned("a", [[deep(turn, 1000) for turn in range(first, first + count)]] if count else [])
            for turn in range(first, first + count):
                busy = search(forecast, "a", deep(turn, 1000), busy + 9.0)
            first += count
        forecast.finished("a")
        forecast.planned("b", [[deep(turn, 1000) for turn in range(20)]])
        seconds = forecast.seconds_left()
        assert seconds is not None
        return seconds

    assert left(0) == pytest.approx(20 * 9.0, rel=0.15)
    assert left(10) > 1.3 * left(0)


def test_each_pass_and_each_size_of_board_has_its_own_speed():
    small = GamePlan(turns=10, quick=10, deep=4, full=100, points=81)
    forecast = Forecast({"a": PLAN, "s": small, "b": PLAN, "t": small})
    assert forecast.seconds_left() is None
    busy = play(forecast, "a", 4, quick_speed=10)
    play(forecast, "s", 4, busy=busy, quick_speed=100)
    assert forecast.seconds_left() == pytest.approx((10 + 36) + (1 + 36), rel=0.15)


def test_what_was_known_before_is_not_work():
    forecast = Forecast({"a": PLAN, "b": PLAN})
    forecast.known("b", [10] * 7 + [100] * 3)
    play(forecast, "a", 4)
    assert forecast.positions_left() == 1
    assert forecast.seconds_left() == pytest.approx(10.0, rel=0.15), "another run's cache is gone"


def test_a_batch_that_is_gone_on_with_is_not_forecast_from_nothing():
    """Half of every game is known, and half-way no game that is not opened yet may count as a whole one."""
    names = [f"game {number}" for number in range(8)]
    forecast = Forecast(dict.fromkeys(names, PLAN))
    for name in names:
        forecast.known(name, [10] * 8 + [100] * 2)
    busy = 0.0
    for name in names[:4]:
        forecast.planned(name, [[deep(0), deep(1)]])
        for turn in range(2):
            busy = search(forecast, name, deep(turn), busy + 2.0)
        forecast.finished(name)

    assert forecast.seconds_left() == pytest.approx(busy, rel=0.15)


def test_nothing_is_forecast_from_the_first_of_many_searches_at_once():
    """Sixteen searches run side by side: after the first answer the engine seems sixteen times as slow as it is."""
    forecast = Forecast({"a": GamePlan(turns=100, quick=0, deep=100, full=1000, points=361)})
    forecast.advance(0.0, 16)
    for turn in range(32):
        forecast.asked("a", deep(turn, 1000))
    forecast.answered("a", deep(0, 1000), 53.0)
    assert forecast.seconds_left() is None
    for turn in range(1, 16):
        forecast.answered("a", deep(turn, 1000), 53.0)
    assert forecast.seconds_left() == pytest.approx(84 * 53 / 16, rel=0.05)


def test_positions_in_work_are_half_done_while_no_answer_comes():
    """A deep position may take minutes."""
    forecast = Forecast({"a": GamePlan(turns=48, quick=0, deep=48, full=1000, points=361)})
    forecast.advance(0.0, 16)
    for turn in range(32):
        forecast.asked("a", deep(turn, 1000))
    for turn in range(16):
        forecast.answered("a", deep(turn, 1000), 160.0)
    forecast.advance(240.0, 16)
    assert forecast.seconds_left() == pytest.approx(32 * 10.0 - 80.0, rel=0.1)


def test_a_speed_that_changes_is_noticed():
    plan = GamePlan(turns=400, quick=0, deep=400, full=100, points=361)
    forecast, busy = Forecast({"a": plan}), 0.0
    for turn in range(300):
        busy = search(forecast, "a", deep(turn), busy + (2.0 if turn < 200 else 6.0))

    assert forecast.seconds_left() == pytest.approx(100 * 6.0, rel=0.15)


def test_answers_that_come_in_waves_do_not_look_like_a_change_of_speed():
    """Sixteen deep searches side by side may end together, again and again."""
    forecast, busy = Forecast({"a": GamePlan(turns=400, quick=0, deep=400, full=1000, points=361)}), 0.0
    forecast.advance(0.0, 16)
    for turn in range(32):
        forecast.asked("a", deep(turn, 1000))
    for wave in range(10):
        busy += 53.0
        for number in range(16):
            forecast.answered("a", deep(16 * wave + number, 1000), busy + 0.01 * number)
            forecast.asked("a", deep(16 * wave + number + 32, 1000))
        assert forecast.seconds_left() == pytest.approx((400 - 16 * (wave + 1)) / 16 * 53, rel=0.15), wave


def test_a_position_that_is_refused_is_forgotten_with_its_game():
    forecast = Forecast({"a": PLAN, "b": PLAN})
    forecast.asked("a", quick(0))
    play(forecast, "b", 4)
    forecast.finished("a")
    assert forecast.seconds_left() == 0.0
    forecast.answered("a", quick(0), 1000.0)
    assert forecast.seconds_left() == 0.0


STEPS = st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.floats(0.0, 30.0)), max_size=80)


@given(STEPS, st.integers(0, 12))
def test_whatever_comes_the_forecast_is_a_time_and_falls_while_time_passes(steps, at_once):
    names = [f"game {number}" for number in range(3)]
    forecast, busy = Forecast(dict.fromkeys(names, PLAN)), 0.0
    forecast.advance(busy, at_once)
    todo = {name: [*map(quick, range(10)), *map(deep, range(5))] for name in names}
    is_open: list[tuple[str, PositionRequest]] = []
    for number, asks, seconds in steps:
        busy += seconds
        name = names[number]
        if (
            asks
            and todo[name]
            and not any(open_name == name and todo[name][0].level == DEEP for open_name, _ in is_open)
        ):
            request = todo[name].pop(0)
            if request == deep(0):
                forecast.planned(name, [[request, *todo[name]]])
            forecast.asked(name, request)
            is_open.append((name, request))
        elif is_open:
            forecast.answered(*is_open.pop(0), busy)
        forecast.advance(busy, at_once)
        left = forecast.seconds_left()
        assert left is None or (math.isfinite(left) and left >= 0)
        forecast.advance(busy := busy + 1.0, at_once)
        later = forecast.seconds_left()
        assert (later is None) == (left is None)
        if left is not None and later is not None:
            assert later <= left * 1.1 + 1e-6


def test_a_short_game_is_not_expected_to_have_the_key_moments_of_a_long_one():
    """Of games of mixed lengths the short ones would otherwise say that all need less than was thought."""
    profile = AnalysisProfile("n", 100, 20)
    assert estimate(game(23), profile, 10) == Work(24 + 1, 24 * 20 + 99)
    assert estimate(game(249), profile, 10) == Work(250 + 29, 250 * 20 + 2911)


def test_an_opening_has_fewer_mistakes_than_a_fight_on_a_small_board():
    profile = AnalysisProfile("n", 100, 20)
    small = GameRecord(9, 9, game(40).moves[:40], 7.5, Ruleset.CHINESE)
    assert estimate(small, profile, 10).positions > estimate(game(40), profile, 10).positions


def test_games_that_come_later_count_and_those_that_leave_do_not():
    forecast = Forecast({"a": PLAN})
    busy = play(forecast, "a", 4)
    assert forecast.seconds_left() == 0.0
    forecast.add("b", PLAN)
    whole = forecast.seconds_left()
    assert whole > 0.5 * busy
    search(forecast, "b", quick(0), busy + 1.0)
    forecast.asked("b", quick(1))
    forecast.forget("b")
    assert (forecast.seconds_left(), forecast.games_left) == (0.0, 0)
    forecast.forget("b")
    forecast.add("b", PLAN)
    assert forecast.seconds_left() == pytest.approx(whole, rel=0.1)


def test_games_that_nobody_has_begun_take_what_is_expected_of_them():
    forecast = Forecast({"a": PLAN})
    busy = play(forecast, "a", 4)
    forecast.add("b", PLAN)
    one = forecast.seconds_left()
    waiting = [Waiting(QUICK, 3, 10, 100.0), Waiting(DEEP, 3, 10, 400.0)]
    assert forecast.seconds_left(waiting=waiting) == pytest.approx(one + 3 * busy, rel=0.1)
    assert forecast.seconds_left(waiting=waiting, print_seconds=1000.0) > 7000.0, "each is printed at both levels"


def test_a_first_pass_alone_needs_nothing_deeper():
    profile = AnalysisProfile("n", 20, 0, Strategy.UNIFORM)
    plan = plan_of_first_pass(game(99), profile)
    forecast = Forecast({"a": plan, "b": plan})
    assert forecast.positions_left() == 200
    for turn in range(100):
        search(forecast, "a", quick(turn, 20), turn + 1.0)
    assert forecast.seconds_left() == pytest.approx(100.0, rel=0.05)
    assert forecast.visits_left() == {"a": 0, "b": 2000}


def test_what_the_engine_has_in_its_cache_of_a_game_costs_nothing():
    """The quick job of a game and the deep one have different names."""
    forecast = Forecast({})
    forecast.add("deep", PLAN, dict.fromkeys(range(10), 10))
    forecast.known("deep", [10] * 10)
    assert forecast.visits_left()["deep"] == pytest.approx(4 * 90, rel=0.1)
    forecast.planned("deep", [[deep(0), deep(1)]])
    assert forecast.visits_left()["deep"] == pytest.approx(2 * 90, rel=0.15)
    forecast.add("stored", PLAN)
    forecast.known("stored", [10] * 10)
    assert forecast.visits_left()["stored"] == pytest.approx(4 * 100, rel=0.1)


def test_what_a_game_still_needs_is_known_as_soon_as_the_planner_says_it():
    forecast = Forecast({"a": PLAN})
    assert forecast.visits_left()["a"] == pytest.approx(10 * 10 + 4 * 90, rel=0.15)
    for turn in range(10):
        search(forecast, "a", quick(turn), turn + 1.0)
    forecast.planned("a", [[deep(0), deep(1)]])
    assert forecast.visits_left()["a"] == pytest.approx(180, rel=0.15)
    forecast.asked("a", deep(0))
    assert forecast.visits_left()["a"] == pytest.approx(180, rel=0.15), "it is not answered yet"
