"""Where the visits go after the quick pass."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.report_games import random_game

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Color, Point
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.importance import importance
from pipeline.plan import ADAPTIVE_SHARE, MIDDLE, AnalysisProfile, Strategy, further_rounds, next_requests
from pipeline.review.uncertainty import uncertainty

FULL, QUICK = 1600, 100


def game(moves: int) -> GameRecord:
    colors = [Color.BLACK, Color.WHITE]
    played = tuple(Move(colors[i % 2], Point(i % 19, i // 19)) for i in range(moves))
    return GameRecord(19, 19, played, 7.5, Ruleset.CHINESE)


def profile(strategy: Strategy = Strategy.ADAPTIVE, side: Color | None = None) -> AnalysisProfile:
    return AnalysisProfile("net", FULL, QUICK, strategy, side)


def plan_all(
    record: GameRecord, weights: dict[int, float], printed: set[int], given: AnalysisProfile
) -> tuple[dict[int, int], int]:
    """What a whole game is searched to, and all the visits that were asked for."""
    done: dict[int, int] = {}
    asked = 0
    while requests := next_requests(record, given, done, printed, weights):
        for request in requests:
            assert request.visits > done.get(request.turn, 0), "asked twice for the same"
            done[request.turn] = request.visits
            asked += request.visits
    return done, asked


def test_the_least_certain_positions_get_the_visits_that_are_left():
    record = game(200)
    done, asked = plan_all(record, {turn: 1.0 + turn for turn in range(201)}, set(range(10)), profile())
    assert {turn for turn in range(10) if done[turn] == FULL} == set(range(10))
    deepened = {turn for turn, visits in done.items() if visits > QUICK} - set(range(10))
    assert deepened == set(range(min(deepened), 201))
    assert min(done.values()) == QUICK
    assert 0.9 * ADAPTIVE_SHARE * FULL * 201 < asked <= ADAPTIVE_SHARE * FULL * 201


def test_printed_positions_get_the_full_budget_even_beyond_the_share():
    record = game(40)
    done, _ = plan_all(record, dict.fromkeys(range(41), 1.0), set(range(30)), profile())
    assert all(done[turn] == FULL for turn in range(30))
    assert all(done[turn] == QUICK for turn in range(30, 41))


def test_uniform_has_game_over_to_choose():
    record = game(20)
    done, asked = plan_all(record, dict.fromkeys(range(21), 1.0), set(), profile(Strategy.UNIFORM))
    assert asked == 21 * (QUICK + FULL)
    assert set(done.values()) == {FULL}


def test_one_players_review_spends_nothing_on_positions_it_does_not_need():
    record = game(100)
    record = GameRecord(
        19, 19, (*record.moves[:50], *(Move(Color.WHITE, m.point) for m in record.moves[50:])), 7.5, Ruleset.CHINESE
    )
    done, _ = plan_all(record, dict.fromkeys(range(101), 1.0), set(), profile(side=Color.BLACK))
    assert max(turn for turn in done if turn != 100) == 49


def test_a_small_budget_leaves_nothing_over_after_the_quick_pass():
    record = game(100)
    small = AnalysisProfile("net", 100, 24, Strategy.ADAPTIVE)
    done = {request.turn: request.visits for request in next_requests(record, small, {}, ())}
    assert set(done.values()) == {24}
    assert next_requests(record, small, done, (), dict.fromkeys(range(101), 1.0)) == []


def evaluated(visits: int = 100, **changes: float) -> Evaluation:
    told = {"stdev": 10.0, "first": 3.0, "error": 0.0, "glance": 3.0} | changes
    first = round(visits * 0.9)
    candidates = (
        Candidate("D4", 0, first, 0.5, told["first"], 10.0, 0.5, 0.5, ("D4",)),
        Candidate("Q4", 1, visits - first, 0.5, 2.0, 10.0, 0.5, 0.2, ("Q4",)),
    )
    return Evaluation(
        0, Color.BLACK, visits, 0.5, 3.0, told["stdev"], 0.5, told["glance"], 0.0, told["error"], candidates
    )


@pytest.mark.parametrize("sign", [{"stdev": 30.0}, {"first": 5.0}, {"error": 2.0}, {"glance": 1.0}, {"visits": 25}])
def test_a_position_that_looks_unsure_counts_as_less_certain(sign):
    assert uncertainty(evaluated(**sign)) > uncertainty(evaluated())


def test_what_is_no_longer_printed_after_a_deeper_search_leaves_its_visits_to_others():
    record, given = game(200), profile()
    done = dict.fromkeys(range(201), QUICK)
    weights = {turn: 300.0 - turn for turn in range(201)}
    first = next_requests(record, given, done, range(30), weights)
    assert {request.visits for request in first} == {FULL // MIDDLE}
    done |= {request.turn: request.visits for request in first}

    assert {request.visits for request in next_requests(record, given, done, range(30), weights)} == {FULL}
    others = next_requests(record, given, done, range(20), weights)
    assert {request.visits for request in others} == {FULL // MIDDLE}
    assert not {request.turn for request in others} & {request.turn for request in first}


def test_depth_goes_to_the_position_before_a_mistake_not_to_the_one_after_it():
    made = random_game(size=9, length=20, mistakes=[5])
    weights = importance(made.evaluations, made.review)
    assert weights[4] > 2 * weights[5]
    assert weights[5] == pytest.approx(weights[7])


def test_a_mistake_in_a_decided_game_is_worth_less_depth():
    made = random_game(size=9, length=20, mistakes=[3, 5])
    moves = tuple(replace(move, decided=move.move_number == 5) for move in made.review.moves)
    weights = importance(made.evaluations, replace(made.review, moves=moves))
    assert weights[8] < weights[4] < weights[2]


def test_what_would_be_printed_is_searched_somewhat_deeper_first():
    record = game(200)
    done = dict.fromkeys(range(201), QUICK)
    weights = dict.fromkeys(range(201), 1.0) | {1: 2.0, 2: 2.0}
    raised = next_requests(record, profile(), done, {1, 2}, weights)
    assert {request.visits for request in raised} == {FULL // MIDDLE}
    assert {1, 2} < {request.turn for request in raised}
    done |= {request.turn: request.visits for request in raised}
    deep = next_requests(record, profile(), done, {1, 2}, weights)
    assert [(request.turn, request.visits) for request in deep] == [(1, FULL), (2, FULL)]


def test_where_the_quick_pass_is_not_much_shallower_nothing_lies_in_between():
    record = game(100)
    near = AnalysisProfile("net", 100, 20, Strategy.ADAPTIVE)
    requests = next_requests(record, near, dict.fromkeys(range(101), 20), {5, 6}, {})
    assert [(r.turn, r.visits) for r in requests] == [(5, 100), (6, 100)]


@pytest.mark.parametrize("strategy", list(Strategy))
def test_the_rounds_that_are_foreseen_are_those_that_come_when_no_verdict_changes(strategy):
    record, given = game(200), profile(strategy)
    printed, weights = set(range(30)), {turn: 1.0 + turn for turn in range(201)}
    foreseen = further_rounds(record, given, {}, printed, weights)

    done: dict[int, int] = {}
    for number, wanted in enumerate(foreseen):
        assert wanted == next_requests(record, given, done, printed, weights), number
        done |= {request.turn: request.visits for request in wanted}
    assert next_requests(record, given, done, printed, weights) == []
    assert len(foreseen) >= 2
