"""Batches played on engines of every kind: half-way the forecast of a dozen games is within 15 % of the truth."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FULL, QUICK = 400, 40


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules of the benchmark of the forecast."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import forecast
    import forecast_again
    import forecast_replay

    return SimpleNamespace(again=forecast_again, replay=forecast_replay, forecast=forecast)


def batch(games: int, seed: int) -> list[dict[str, Any]]:
    """Games of 120 to 280 moves: a quick pass, a check, 14 to 26 printed positions, and some that follow."""
    chance = random.Random(seed)
    heads, plans = [], []
    for number in range(games):
        name, turns = f"game {number}", chance.randint(120, 280)
        budget = {"visits": FULL, "quick": QUICK, "strategy": "adaptive", "moments": 10, "is_timed": False}
        heads.append({"kind": "game", "game": name, "turns": turns, "points": 361, **budget})
        order = chance.sample(range(turns), turns)
        counts = [turns // 5, chance.randint(14, 26), chance.randint(2, 6), chance.randint(0, 2)]
        rounds = [[[turn, QUICK, "quick"] for turn in range(turns)]]
        rounds.append([[turn, FULL // 4, "deep"] for turn in order[: counts[0]]])
        used = 0
        for count in counts[1:]:
            rounds.append([[turn, FULL, "deep"] for turn in order[used : used + count]])
            used += count
        # The planner foresees the check and what is printed then, and not what follows.
        outlooks = [rounds[:1], rounds[1:3], rounds[2:3], rounds[3:4], rounds[4:5], []]
        for wanted, outlook in zip([*rounds, []], outlooks, strict=True):
            if wanted or not outlook:
                foreseen = [each for each in outlook if each]
                plans.append({"kind": "planned", "game": name, "wanted": wanted, "outlook": foreseen})
    return [*heads, *plans]


def errors(paper: Any, events: list[dict[str, Any]], **machine: Any) -> list[float | None]:
    """At a quarter, half and three quarters of the time."""
    run = paper.again.Again(events, paper.again.Machine(**machine)).run()
    return paper.replay.errors_of(paper.replay.replay(run), run[-1]["ended"], (0.25, 0.5, 0.75))


@pytest.mark.parametrize("at_once", [1, 8, 16, 200])
@pytest.mark.parametrize("games", [12, 24])
def test_half_way_the_forecast_is_right(paper, games, at_once):
    quarter, half, late = errors(
        paper, batch(games, seed=games), at_once=at_once, speed=2000.0, print_seconds=1.5, seed=at_once
    )

    assert half is not None
    assert abs(half) <= 0.15
    assert late is not None
    assert abs(late) <= 0.25
    assert quarter is None or abs(quarter) <= 0.25


@pytest.mark.parametrize("at_once", [1, 8, 200])
def test_a_handful_of_games_differ_more_and_are_still_forecast(paper, at_once):
    found = errors(paper, batch(6, seed=6), at_once=at_once, speed=2000.0, print_seconds=1.5, seed=at_once)
    assert found[1] is not None
    assert abs(found[1]) <= 0.25


def test_a_machine_that_becomes_half_as_fast_is_forecast_as_it_is_then(paper):
    slow_from = 12 * 5.0
    found = errors(paper, batch(12, seed=3), speed=2000.0, factor=lambda now: 1.0 if now < slow_from else 0.5)

    assert found[2] is not None
    assert abs(found[2]) <= 0.15


def test_printing_that_takes_longer_than_searching_decides(paper):
    found = errors(paper, batch(12, seed=4), speed=9_000.0, print_seconds=5.0)
    assert found[1] is not None
    assert abs(found[1]) <= 0.2


def test_the_end_that_is_shown_does_not_jump_about(paper):
    events = batch(12, seed=5)
    run = paper.again.Again(events, paper.again.Machine(speed=2000.0)).run()
    assert paper.replay.largest_jump(paper.replay.replay(run), run[-1]["ended"]) <= 0.1


def test_a_run_too_short_for_a_forecast_is_told_as_such(paper, capsys):
    listener = paper.forecast.Listener()
    listener.tally.search_started, listener.ended = 10.0, 12.0
    found = paper.forecast.errors(listener)
    assert found == {}
    assert paper.forecast.judged(found) == 2
    assert "too short" in capsys.readouterr().err
    assert [paper.forecast.judged({"50%": {"error": error}}) for error in (0.1, -0.2)] == [0, 1]
