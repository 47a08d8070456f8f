"""The supervisor against an engine with faults: every position comes back exactly once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from fakes.engines import alive, fake_setup, jobs_of, quick_options, searched, spiral_game

from pipeline.engine.launch import LaunchOptions
from pipeline.engine.supervisor import AnalysisEngine, PositionDone, PositionFailed, SearchJob
from pipeline.errors import EngineCrashed, EngineStalled, EngineStartError, QueryRejected, Stopped
from pipeline.go.board import Color, Point
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.plan import PositionRequest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the fake engine is started by a shell script")

GAME = spiral_game(30)
JOBS = jobs_of(GAME)


@pytest.fixture
def build(tmp_path):
    """Engines with faults, closed after the test."""
    engines: list[AnalysisEngine] = []

    def make(faults: str = "", **options: object) -> AnalysisEngine:
        engine = AnalysisEngine(
            fake_setup(tmp_path, faults),
            state_dir=tmp_path / "state",
            log_dir=tmp_path / "logs",
            options=quick_options(**options),
        )
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        engine.close()


def turns(results, kind=PositionDone) -> list[int]:
    return sorted(result.job.request.turn for result in results if isinstance(result, kind))


ALL = list(range(31))


def test_every_position_is_searched_once(build, tmp_path):
    engine = build()
    results = list(engine.analyse(JOBS))

    assert turns(results) == ALL
    assert sorted(searched(tmp_path)) == ALL
    assert engine.restarts == 0
    assert engine.warnings == ()


def test_the_engine_says_who_it_is(build):
    engine = build()
    identity = engine.start()

    assert identity.version == "1.18.1"
    assert identity.network == "fake-b1c1"
    assert len(identity.network_sha256) == 64
    assert (identity.backend, identity.device) == ("opencl", "Fake GPU 9000")
    assert engine.identity is identity


def test_results_know_position_and_share_of_time(build):
    engine = build("slow=2")
    results = list(engine.analyse(JOBS))

    for result in results:
        assert result.evaluation.turn == result.job.request.turn
        assert result.evaluation.visits >= 20
        assert len(result.evaluation.ownership) == 81
    total = sum(result.evaluation.engine_seconds for result in results)
    assert total == pytest.approx(engine.busy_seconds)
    assert engine.visits_per_second == pytest.approx(31 * 20 / total)


@pytest.mark.parametrize(
    ("faults", "restarts"),
    [
        ("crash_after_n=5@2", 2),
        ("crash_after_n=0@1", 1),
        ("exit0=7@2", 2),
        ("hang=5@1", 1),
        ("frozen=5@1", 1),
        ("missing_turn=9@1", 1),
        ("garbage", 0),
        ("split_line", 0),
        ("out_of_order", 0),
        ("duplicate", 0),
        ("partial", 0),
        ("stderr_flood=400", 0),
        ("error_without_id", 0),
        ("warning", 0),
        ("huge_line", 0),
        ("nan_once=4,crash_after_n=12@1", 1),
        ("garbage,duplicate,split_line,out_of_order,partial,crash_after_n=11@2", 2),
    ],
)
def test_no_fault_loses_or_repeats_a_position(build, faults, restarts):
    engine = build(faults)

    results = list(engine.analyse(JOBS))

    assert turns(results) == ALL
    assert engine.restarts == restarts
    assert engine.in_flight == 0
    assert sum(result.evaluation.engine_seconds for result in results) == pytest.approx(engine.busy_seconds)


def test_a_crash_repeats_only_what_was_in_flight(build, tmp_path):
    engine = build("crash_after_n=10@1,out_of_order")

    assert turns(engine.analyse(JOBS)) == ALL
    again = [turn for turn, times in Counter(searched(tmp_path)).items() if times > 1]
    assert len(again) <= engine.max_in_flight


def test_what_the_engine_dislikes_is_surfaced_once(build):
    engine = build("warning,error_without_id")
    list(engine.analyse(JOBS))

    assert len(engine.warnings) == 2
    assert any("foo" in text for text in engine.warnings)
    assert engine.counts.warnings == 31


def test_a_refused_position_fails_alone(build):
    results = list(build("error_with_id=6").analyse(JOBS))

    assert turns(results) == [turn for turn in ALL if turn != 6]
    (failed,) = [result for result in results if isinstance(result, PositionFailed)]
    assert isinstance(failed.error, QueryRejected)
    assert failed.job.request.turn == 6
    assert "6" in failed.error.message


def test_a_game_with_an_illegal_move_fails_and_is_not_sent(build, tmp_path):
    moves = (Move(Color.BLACK, Point(4, 4)), Move(Color.WHITE, Point(4, 4)))
    illegal = GameRecord(9, 9, moves, 7.0, Ruleset.CHINESE)

    results = list(build().analyse([*jobs_of(illegal), *JOBS]))

    assert turns(results) == ALL
    assert [r.error.code for r in results if isinstance(r, PositionFailed)] == ["engine.rejected"] * 3
    assert len(searched(tmp_path)) == 31


SMALL = frozenset({(9, 9)})


def test_a_larger_board_than_the_engine_was_started_for_is_not_sent(build, tmp_path):
    engine = build(boards=SMALL)

    results = list(engine.analyse([*jobs_of(spiral_game(4, size=13)), *JOBS, *jobs_of(spiral_game(2, size=19))]))

    assert turns(results) == ALL
    errors = [result.error for result in results if isinstance(result, PositionFailed)]
    assert [error.code for error in errors] == ["engine.board_too_large"] * 8
    assert all(isinstance(error, QueryRejected) for error in errors)
    assert "13x13" in errors[0].message
    assert "9x9" in errors[0].message
    assert len(searched(tmp_path)) == 31


def test_a_restarted_engine_has_the_same_buffer(build, tmp_path):
    engine = build("crash_after_n=5@1", boards=SMALL)

    assert turns(engine.analyse(JOBS)) == ALL
    assert engine.restarts == 1
    assert "maxBoardXSizeForNNBuffer = 9\n" in (tmp_path / "logs" / "analysis.cfg").read_text()


def test_a_position_that_kills_the_engine_fails_alone(build):
    engine = build("poison=6")
    results = list(engine.analyse(JOBS))

    assert turns(results) == [turn for turn in ALL if turn != 6]
    assert turns(results, PositionFailed) == [6]
    assert engine.restarts == 3


def test_positions_that_fail_for_different_reasons(build):
    results = list(build("poison=6,error_with_id=8").analyse(JOBS))

    assert turns(results, PositionFailed) == [6, 8]
    assert len(turns(results)) == 29


@pytest.mark.parametrize("fault", ["nan=6", "few_visits=6", "illegal=6"])
def test_an_answer_that_stays_impossible_is_never_stored(build, tmp_path, fault):
    results = list(build(fault).analyse(JOBS))

    assert turns(results) == [turn for turn in ALL if turn != 6]
    assert turns(results, PositionFailed) == [6]
    assert searched(tmp_path).count(6) == 2, "it is asked once more"


def test_an_engine_that_talks_nonsense_throughout_is_stopped(build):
    engine = build("nan=-1")
    with pytest.raises(EngineCrashed) as caught:
        list(engine.analyse(JOBS))

    assert caught.value.code == "engine.nonsense"


def test_an_engine_that_dies_on_everything_is_given_up(build):
    engine = build("crash_after_n=0", max_fruitless=3)
    with pytest.raises(EngineCrashed) as caught:
        list(engine.analyse(JOBS))

    assert caught.value.code == "engine.crashed"
    assert "KataGo v1.18.1" in str(caught.value.params["tail"])
    assert engine.restarts == 4


def test_an_engine_that_never_answers_is_given_up(build):
    engine = build("hang=0", max_fruitless=1, stall_floor=0.2)
    with pytest.raises(EngineStalled):
        list(engine.analyse(JOBS))


def replacing(engine: AnalysisEngine, folder: Path, script: str) -> list:
    """Results of all jobs, while another program takes the engine's place in the file system."""
    results = []
    for result in engine.analyse(JOBS):
        results.append(result)
        (folder / "katago").write_text(script)
    return results


def test_an_engine_that_cannot_come_up_again_is_given_up(build, tmp_path):
    engine = build("crash_after_n=3@1", max_start_attempts=2)
    with pytest.raises(EngineCrashed) as caught:
        replacing(engine, tmp_path, "#!/bin/sh\necho no more >&2\nexit 3\n")

    assert caught.value.code == "engine.no_restart"
    assert "no more" in caught.value.message


def test_another_version_after_a_restart_is_refused(build, tmp_path):
    """Results of two engines would be mixed in one dataset."""
    engine = build("crash_after_n=3@1", max_start_attempts=1)
    upgrade = (tmp_path / "katago").read_text().replace("exec", "FAKE_KATAGO_VERSION=1.19.0 exec")
    with pytest.raises(EngineCrashed) as caught:
        replacing(engine, tmp_path, upgrade)

    assert "1.19.0" in caught.value.message


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ("oom_at_start", "engine.start.memory"),
        ("bad_network", "engine.start.network"),
        ("poison_canary", "engine.start.failed"),
    ],
)
def test_a_failed_start_names_its_cause(build, faults, code):
    with pytest.raises(EngineStartError) as caught:
        build(faults).start()

    assert caught.value.code == code
    assert "KataGo v1.18.1" in str(caught.value.params["tail"])


def test_a_start_without_network_or_program(build, tmp_path):
    engine = build()
    (tmp_path / "fake.bin.gz").unlink()
    with pytest.raises(EngineStartError) as caught:
        engine.start()
    assert caught.value.code == "engine.start.no_network"

    other = build()
    (tmp_path / "katago").unlink()
    with pytest.raises(EngineStartError) as caught:
        other.start()
    assert caught.value.code == "engine.start.not_executable"


def test_a_silent_start_runs_out_of_patience(build):
    engine = build("slow_start=60", launch=LaunchOptions(start_timeout=60, start_silence=0.4))
    with pytest.raises(EngineStartError) as caught:
        engine.start()

    assert caught.value.code == "engine.start.timeout"


def test_an_engine_that_is_stopped_while_it_comes_up_again_is_noticed(build, monkeypatch):
    from pipeline.engine import launch

    monkeypatch.setattr(launch, "RESTART_FACTOR", 1.0)
    engine = build("crash_after_n=5@1", launch=LaunchOptions(start_silence=300, restart_silence=2.0), stall_floor=20.0)
    spawn, starts = engine._launcher._spawn, []

    def slow_second_start():
        process = spawn()
        starts.append(process.pid)
        if len(starts) == 2:
            os.kill(process.pid, signal.SIGSTOP)
        return process

    engine._launcher._spawn = slow_second_start
    results = list(engine.analyse(JOBS))

    assert turns(results) == ALL
    assert len(starts) == 3


def test_tuning_is_given_time_while_it_talks(build):
    lines: list[str] = []
    engine = build("tuning=1.0", launch=LaunchOptions(start_timeout=60, start_silence=0.6))

    engine.start(lines.append)

    assert sum("Tuning" in line for line in lines) > 5


def test_a_start_can_be_cancelled(build):
    engine = build("slow_start=60")
    threading.Timer(0.2, engine.cancel).start()

    with pytest.raises(Stopped):
        engine.start()


def test_jobs_are_pulled_only_as_the_engine_needs_them(build):
    engine = build()
    pulled = 0

    def source():
        nonlocal pulled
        for job in JOBS:
            pulled += 1
            yield job

    for finished, _ in enumerate(engine.analyse(source()), start=1):
        assert pulled <= finished + engine.max_in_flight
    assert pulled == 31


def test_nothing_ready_is_waited_for(build):
    """A source that has nothing for a while does not stop what is open, and is asked again."""

    def source():
        for number, job in enumerate(JOBS):
            if number % 3 == 0:
                yield None
            yield job
        yield None

    assert turns(build().analyse(source())) == ALL


def test_several_games_share_the_engine(build):
    other = spiral_game(12, size=19)
    jobs = [job for pair in zip(JOBS, jobs_of(other, key="other"), strict=False) for job in pair]

    results = list(build().analyse(jobs))

    assert Counter(result.job.key for result in results) == Counter(job.key for job in jobs)
    assert {len(r.evaluation.ownership) for r in results if r.job.record is other} == {361}


def test_the_right_player_moves_when_one_moved_twice(build):
    colors = "BWBBWWB"
    moves = tuple(Move(Color(c), Point(i, 4)) for i, c in enumerate(colors))
    record = GameRecord(9, 9, moves, 7.0, Ruleset.JAPANESE)

    results = list(build().analyse(jobs_of(record)))

    assert {r.evaluation.turn: str(r.evaluation.to_move) for r in results} == dict(enumerate(colors + "W"))


def test_draining_finishes_what_is_open(build):
    engine = build("slow=5")
    results = []
    for result in engine.analyse(JOBS):
        results.append(result)
        if len(results) == 5:
            engine.drain()

    assert 5 < len(results) <= 5 + engine.max_in_flight
    assert engine.in_flight == 0


def test_cancelling_ends_at_once(build):
    engine = build("slow=50")
    results = []
    for result in engine.analyse(JOBS):
        results.append(result)
        engine.cancel()

    assert len(results) == 1
    assert engine.in_flight == 0


def test_closing_with_drain_hands_over_the_rest(build):
    engine = build("slow=5")
    stream = engine.analyse(JOBS)
    first = [next(stream) for _ in range(3)]
    stream.close()
    still_open = engine.in_flight
    rest = engine.close(drain=True)

    assert len(rest) == still_open > 0
    assert not set(turns(first)) & set(turns(rest))


def test_a_second_call_goes_on_where_the_first_was_left(build):
    engine = build()
    source = iter(JOBS)
    stream = engine.analyse(source)
    first = [next(stream) for _ in range(7)]
    stream.close()

    assert turns(first + list(engine.analyse(source))) == ALL


def test_closing_leaves_no_process(build):
    engine = build("hang=3")
    engine.start()
    pid = engine.pid
    engine._options = quick_options(close_patience=0.1)
    stream = engine.analyse(JOBS)
    for _ in range(3):
        next(stream)
    stream.close()
    begun = time.monotonic()
    engine.close()

    assert pid is not None
    assert not alive(pid)
    assert time.monotonic() - begun < 5


def test_ctrl_c_does_not_reach_the_engine(build):
    engine = build()
    engine.start()
    assert engine.pid is not None

    assert os.getpgid(engine.pid) != os.getpgid(0)
    assert os.getsid(engine.pid) != os.getsid(0)


def killing(engine: AnalysisEngine, results: list, after: set[int], sig: signal.Signals):
    for result in engine.analyse(JOBS):
        results.append(result)
        if len(results) in after:
            assert engine.pid is not None
            os.kill(engine.pid, sig)


@pytest.mark.parametrize("sig", [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM])
def test_an_engine_that_is_killed_or_stopped_from_outside(build, sig):
    engine = build("slow=3")
    results: list = []

    killing(engine, results, {6, 17}, sig)

    assert turns(results) == ALL
    assert engine.restarts == 2


def test_a_slow_consumer_is_no_stalled_engine(build):
    """The engine runs dry while its results are being printed: that is not its fault."""
    engine = build(stall_floor=0.15)
    results = []
    for number, result in enumerate(engine.analyse(JOBS)):
        results.append(result)
        if number in (3, 20):
            threading.Event().wait(0.4)

    assert turns(results) == ALL
    assert engine.restarts == 0


def test_a_deep_search_that_shows_progress_is_not_stalled(build):
    engine = build("partial,slow=120", stall_floor=0.6)
    jobs = [SearchJob(t, GAME, PositionRequest(t, 5000, "deep")) for t in range(3)]

    assert turns(engine.analyse(jobs)) == [0, 1, 2]
    assert engine.restarts == 0
    assert engine.counts.partial == 6


def test_an_answer_that_got_lost_is_asked_for_again_while_work_goes_on(build):
    engine = build("missing_once=0", stall_floor=60)
    others = [job for number in range(5) for job in jobs_of(spiral_game(36), key=f"other{number}")[1:]]

    results = list(engine.analyse([JOBS[0], *others]))

    assert turns(results).count(0) == 1
    assert len(results) == 1 + len(others)
    assert engine.restarts == 0


def test_a_quick_position_that_waits_behind_deep_ones_is_not_taken_for_lost(build, caplog):
    engine = build(stall_floor=60)
    deep = [SearchJob(t, GAME, PositionRequest(t, 5000, "deep")) for t in range(20)]
    quick = [SearchJob(t, GAME, PositionRequest(t, 5, "quick")) for t in range(20, 30)]
    mixed = [*deep[:7], quick[0], *deep[7:], *quick[1:]]

    results = turns(engine.analyse(mixed))

    assert results == list(range(30))
    assert "seems lost" not in caplog.text


def test_the_log_keeps_what_the_engine_said(build, tmp_path):
    engine = build("stderr_flood=50")
    list(engine.analyse(JOBS))
    engine.close()

    text = (tmp_path / "logs" / "katago.log").read_text()
    assert "Started, ready" in text
    assert text.count("flood 49") == 31
