"""One contract for the fake and the real engine: what the driver relies on."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from dataclasses import replace

import pytest
from fakes.engines import alive, fake_setup, jobs_of, quick_options, spiral_game

from pipeline.engine import protocol
from pipeline.engine.config import Threads
from pipeline.engine.process import OutLine
from pipeline.engine.supervisor import AnalysisEngine, EngineOptions, PositionDone, SearchJob
from pipeline.go.board import Color, Point
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.plan import PositionRequest

VISITS = 6


@pytest.fixture(scope="module", params=["fake", pytest.param("real", marks=pytest.mark.engine)])
def engine(request, tmp_path_factory):
    """An engine that runs; the real one with the patience it needs."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "fake":
        if os.name != "posix":
            pytest.skip("the fake engine is started by a shell script")
        setup, options = fake_setup(folder), quick_options(stall_floor=10.0)
    else:
        setup, options = request.getfixturevalue("real_setup"), EngineOptions(threads=Threads(4, 1), backoff_first=0.1)
    with AnalysisEngine(setup, state_dir=folder / "state", log_dir=folder / "logs", options=options) as running:
        running.start()
        yield running


def talk(engine: AnalysisEngine, *lines: object, until: int, patience: float = 60.0) -> list[dict]:
    """Send raw lines, return the next ``until`` replies."""
    process = engine._process
    assert process is not None
    for line in lines:
        process.send(line if isinstance(line, str) else json.dumps(line))
    replies: list[dict] = []
    deadline = time.monotonic() + patience
    while len(replies) < until and time.monotonic() < deadline:
        message = process.receive(0.5)
        if isinstance(message, OutLine):
            replies.append(json.loads(message.text))
    assert len(replies) == until
    return replies


def query(query_id: str, **changes: object) -> dict:
    values = {"rules": "chinese", "komi": 7.0, "boardXSize": 9, "boardYSize": 9, "moves": [], "maxVisits": VISITS}
    return {"id": query_id, **values, **changes}


def test_it_says_who_it_is(engine):
    identity = engine.identity

    assert identity.version[0].isdigit()
    assert len(identity.git_hash) == 40
    assert identity.network
    assert len(identity.network_sha256) == 64
    assert identity.backend != "unknown"
    assert identity.device


def test_every_position_comes_back_once_with_all_its_visits(engine):
    record = spiral_game(12)

    results = list(engine.analyse(jobs_of(record, VISITS)))

    assert sorted(r.job.request.turn for r in results if isinstance(r, PositionDone)) == list(range(13))
    for result in results:
        evaluation = result.evaluation
        assert evaluation.visits >= VISITS
        assert evaluation.to_move is record.to_move(evaluation.turn)
        assert len(evaluation.ownership) == 81
        assert evaluation.best is not None
        assert [c.order for c in evaluation.candidates] == list(range(len(evaluation.candidates)))
        assert all(c.pv[0] == c.move for c in evaluation.candidates)
    assert engine.restarts == 0
    assert engine.warnings == ()


def test_a_position_may_have_search_threads_of_its_own(engine):
    jobs = [SearchJob(n, spiral_game(12), PositionRequest(8, 4 * VISITS, "deep"), n) for n in (0, 3)]

    results = list(engine.analyse(jobs))

    assert all(isinstance(result, PositionDone) and result.evaluation.visits >= 4 * VISITS for result in results)
    assert len(results) == 2
    assert engine.warnings == ()


@pytest.mark.parametrize("to_move", list(Color))
def test_values_are_blacks_whoever_moves(engine, to_move):
    stones = tuple(sorted(Point(c, r) for c, r in ((2, 2), (2, 6), (6, 2), (6, 6), (4, 4))))
    record = GameRecord(9, 9, (), 7.0, Ruleset.JAPANESE, setup_black=stones, first_to_play=to_move)

    (result,) = engine.analyse([SearchJob("one", record, PositionRequest(0, VISITS, "deep"))])

    assert result.evaluation.winrate > 0.7
    assert result.evaluation.score_lead > 5
    assert result.evaluation.candidates[0].winrate > 0.6
    assert result.evaluation.ownership[4 * 9 + 4] > 20


def test_rectangles_and_sizes_are_mixed(engine):
    records = [spiral_game(6, size=size) for size in (5, 13, 19)]
    wide = GameRecord(13, 7, (Move(Color.BLACK, Point(12, 6)),), 6.5, Ruleset.AGA)

    results = list(engine.analyse([job for r in (*records, wide) for job in jobs_of(r, 2)]))

    lengths = {len(r.evaluation.ownership) for r in results}
    assert lengths == {25, 169, 361, 91}


@pytest.mark.parametrize("ruleset", list(Ruleset))
def test_all_our_rulesets_are_known(engine, ruleset):
    record = GameRecord(9, 9, (), 6.5, ruleset)

    (result,) = engine.analyse([SearchJob("one", record, PositionRequest(0, 2, "deep"))])

    assert isinstance(result, PositionDone)


def test_the_right_player_moves_after_a_player_moved_twice(engine):
    colors = "BWWBB"
    moves = tuple(Move(Color(c), Point(i + 1, 4)) for i, c in enumerate(colors))
    record = GameRecord(9, 9, moves, 7.0, Ruleset.CHINESE)

    results = list(engine.analyse(jobs_of(record, 3)))

    assert {r.evaluation.turn: str(r.evaluation.to_move) for r in results} == dict(enumerate(colors + "W"))


@pytest.mark.parametrize("ruleset", [Ruleset.CHINESE, Ruleset.JAPANESE])
def test_positions_after_two_passes_are_searched(engine, ruleset):
    moves = (Move(Color.BLACK, Point(4, 4)), Move(Color.WHITE, None), Move(Color.BLACK, None))
    record = GameRecord(9, 9, moves, 7.0, ruleset)

    results = list(engine.analyse(jobs_of(record, VISITS)))

    assert sorted(r.evaluation.turn for r in results) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"moves": [["B", "E5"], ["W", "E5"]]}, "moves"),
        ({"moves": [["B", "A1"], ["W", "A2"], ["B", "J9"], ["W", "B1"], ["B", "A1"]]}, "moves"),
        ({"komi": 7.3}, "komi"),
        ({"rules": "no such rules"}, "rules"),
        ({"analyzeTurns": [3]}, "analyzeTurns"),
    ],
)
def test_a_bad_query_is_refused_by_id_and_field(engine, change, field):
    (reply,) = talk(engine, query("bad", **change), until=1)

    event = protocol.parse_line(json.dumps(reply))
    assert isinstance(event, protocol.ErrorReply)
    assert (event.id, event.field) == ("bad", field)


@pytest.mark.parametrize("line", ["garbage", "[]", '{"rules":"chinese"}', '{"id":"x","action":"dance"}'])
def test_a_line_that_is_no_query_is_refused_without_stopping_the_engine(engine, line):
    (reply,) = talk(engine, line, until=1)

    assert isinstance(protocol.parse_line(json.dumps(reply)), protocol.ErrorReply)


def test_an_unknown_field_is_a_warning_and_the_query_goes_on(engine):
    replies = talk(engine, query("typo", maxVisit=5), until=2)
    events = [protocol.parse_line(json.dumps(reply)) for reply in replies]

    assert isinstance(events[0], protocol.WarningReply)
    assert isinstance(events[1], protocol.Answer)


def test_each_turn_asked_for_is_answered_exactly_once(engine):
    moves = [["B", "E5"], ["W", "C3"]]
    replies = talk(
        engine,
        query("many", moves=moves, analyzeTurns=[0, 2]),
        query("after", priority=-1),
        until=3,
    )

    assert sorted((r["id"], r["turnNumber"]) for r in replies) == [("after", 0), ("many", 0), ("many", 2)]
    assert all(r["isDuringSearch"] is False for r in replies)


def test_terminated_queries_are_answered_too(engine):
    queries = [query(f"t{i}", maxVisits=100_000) for i in range(8)]
    replies = talk(engine, *queries, protocol.build_action("terminate_all", "stop"), until=9)

    finals = [r["id"] for r in replies if r.get("isDuringSearch") is False]
    assert sorted(finals) == [f"t{i}" for i in range(8)]


def test_a_killed_engine_costs_no_position(engine):
    before = engine.restarts
    results = []
    for result in engine.analyse(jobs_of(spiral_game(20), VISITS)):
        results.append(result)
        if len(results) == 7:
            os.kill(engine.pid, signal.SIGKILL)

    assert sorted(r.evaluation.turn for r in results) == list(range(21))
    assert engine.restarts == before + 1


def test_an_engine_that_was_stopped_for_a_moment_goes_on(engine):
    before, duplicates = engine.restarts, engine.counts.duplicate
    results = []
    for result in engine.analyse(jobs_of(spiral_game(20), VISITS)):
        results.append(result)
        if len(results) == 7:
            os.kill(engine.pid, signal.SIGSTOP)
            threading.Timer(0.5, os.kill, (engine.pid, signal.SIGCONT)).start()

    assert sorted(r.evaluation.turn for r in results) == list(range(21))
    assert (engine.restarts, engine.counts.duplicate) == (before, duplicates)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.engine)])
def small_engine(request, tmp_path):
    """An engine that was started for 9x9 only."""
    if request.param == "fake":
        setup, options = fake_setup(tmp_path), quick_options(stall_floor=10.0)
    else:
        setup, options = request.getfixturevalue("real_setup"), EngineOptions(threads=Threads(4, 1))
    options = replace(options, boards=frozenset({(9, 9)}))
    with AnalysisEngine(setup, state_dir=tmp_path / "state", log_dir=tmp_path / "logs", options=options) as running:
        running.start()
        yield running


def test_a_board_larger_than_the_buffer_is_never_answered(small_engine, tmp_path):
    """Why such a position must not be sent: there is not even an error."""
    (reply,) = talk(small_engine, query("large", boardXSize=13, boardYSize=13), query("small"), until=1)

    assert reply["id"] == "small"
    log = tmp_path / "logs" / "katago.log"
    deadline = time.monotonic() + 30
    while "larger x or y size" not in log.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_small_buffer_searches_small_boards(small_engine):
    results = list(small_engine.analyse(jobs_of(spiral_game(4), VISITS)))

    assert sorted(r.evaluation.turn for r in results if isinstance(r, PositionDone)) == [0, 1, 2, 3, 4]


def test_it_goes_when_told(engine):
    """Last of all: the engine is closed here."""
    pid = engine.pid
    begun = time.monotonic()
    engine.close()

    assert not alive(pid)
    assert time.monotonic() - begun < 10
