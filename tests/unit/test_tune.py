"""Which threads are tried, on what, and which are chosen."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from fakes.engines import fake_setup, spiral_game

from pipeline.engine.config import MachineFacts, default_threads
from pipeline.engine.setup import EngineSetup, Origin, Threads
from pipeline.engine.tune import Candidate, TuneOptions, Tuner, candidates_for, choose, endless_jobs, survivors, wider
from pipeline.errors import EngineError

CPU = EngineSetup(Path("katago"), Path("net"), Origin.FLAG)
GPU = replace(CPU, is_gpu=True)


def measured(analysis: int, search: int, speed: float, rounds: int = 1) -> Candidate:
    return Candidate(Threads(analysis, search), round(speed * 100), 100.0, rounds)


@pytest.mark.parametrize("setup", [CPU, GPU])
@pytest.mark.parametrize("machine", [MachineFacts(1), MachineFacts(2), MachineFacts(64), MachineFacts(16, gpus=4)])
def test_the_grid_begins_with_the_default_and_has_nothing_twice(setup, machine):
    grid = candidates_for(setup, machine)

    assert grid[0] == default_threads(setup, machine)
    assert len(set(grid)) == len(grid) <= 8
    assert all(threads.analysis >= 1 and threads.search >= 1 for threads in grid)


def test_every_gpu_gets_its_share():
    one, four = (candidates_for(GPU, MachineFacts(16, gpus=count)) for count in (1, 4))

    assert [4 * threads.analysis for threads in one] == [threads.analysis for threads in four]


def test_fewer_threads_win_within_two_percent():
    assert choose([measured(16, 4, 1000), measured(8, 4, 985), measured(32, 4, 1003)]).threads == Threads(8, 4)
    assert choose([measured(16, 4, 1000), measured(8, 4, 975)]).threads == Threads(16, 4)
    assert choose([measured(16, 4, 1000), measured(32, 2, 1000)]).threads == Threads(32, 2)
    with pytest.raises(ValueError, match="nothing"):
        choose([Candidate(Threads(1, 1))])


def test_what_failed_or_is_far_behind_is_not_measured_again():
    failed = Candidate(Threads(64, 4), failure="engine.start.memory")
    left = survivors([measured(16, 4, 1000), measured(8, 4, 860), measured(4, 4, 800), failed])

    assert [candidate.threads.analysis for candidate in left] == [16, 8]


def test_the_widest_being_best_more_is_tried():
    tried = [Threads(16, 4), Threads(64, 4)]

    assert wider(Threads(64, 4), tried) == [Threads(128, 4)]
    assert wider(Threads(16, 4), tried) == []
    assert wider(Threads(512, 4), [Threads(512, 4)]) == []


def test_positions_are_mixed_and_never_the_same_to_the_net():
    games = [spiral_game(20, 9), spiral_game(40, 13)]
    jobs = list(islice(endless_jobs(games, visits=100, open_at_once=8), 200))
    seen = {(job.record.width, job.request.turn, job.record.komi) for job in jobs}

    assert len(seen) == 200
    assert {job.record.width for job in jobs[:8]} == {9, 13}
    assert [job.request.visits for job in jobs[:9]] == [12, 25, 38, 50, 62, 75, 88, 100, 100]


def test_all_candidates_are_measured_in_turn(tmp_path):
    told: list[tuple[Threads, int]] = []
    grid = [Threads(2, 1), Threads(1, 2), Threads(4, 1)]
    tuner = Tuner(
        fake_setup(tmp_path, "slow=2"),
        [spiral_game(30, 9), spiral_game(30, 13)],
        machine=MachineFacts(2),
        options=TuneOptions(window=0.1, rounds=2, visits=10),
        state_dir=tmp_path / "home",
        log_dir=tmp_path / "logs",
        on_measured=lambda candidate: told.append((candidate.threads, candidate.rounds)),
    )
    outcome = tuner.tune(grid)

    assert told[:3] == [(threads, 1) for threads in grid]
    again = [threads for threads, rounds in told[3:] if rounds == 2]
    assert again == [threads for threads in reversed(grid) if threads in again]
    assert outcome.default.threads == grid[0]
    assert outcome.best.threads in grid
    assert all(candidate.speed > 0 and candidate.seconds >= 0.1 for candidate in outcome.candidates)


def test_after_the_limit_only_the_default_has_been_measured(tmp_path):
    tuner = Tuner(
        fake_setup(tmp_path),
        [spiral_game(30, 9)],
        machine=MachineFacts(2),
        options=TuneOptions(window=0.05, rounds=3, visits=5, limit=0.0),
        state_dir=tmp_path / "home",
        log_dir=tmp_path / "logs",
    )
    outcome = tuner.tune([Threads(2, 1), Threads(1, 1)])

    assert outcome.best.threads == Threads(2, 1)
    assert [candidate.rounds for candidate in outcome.candidates] == [1, 0]


def test_threads_that_the_device_cannot_hold_are_passed_over(tmp_path):
    setup = fake_setup(tmp_path)
    program = setup.katago.read_text().splitlines()[-1]
    setup.katago.write_text(
        "#!/bin/sh\n"
        f'if grep -q "numAnalysisThreads = 64" "{tmp_path}/logs/analysis.cfg"\n'
        f'then echo "CUDA error: out of memory" >&2; exit 1; fi\n{program}\n'
    )
    tuner = Tuner(
        setup,
        [spiral_game(30, 9)],
        machine=MachineFacts(2),
        options=TuneOptions(window=0.05, rounds=1, visits=5),
        state_dir=tmp_path / "home",
        log_dir=tmp_path / "logs",
    )
    outcome = tuner.tune([Threads(2, 1), Threads(64, 4)])

    assert outcome.best.threads == Threads(2, 1)
    assert outcome.candidates[1].failure == "engine.start.memory"
    with pytest.raises(EngineError):
        tuner.tune([Threads(64, 4), Threads(2, 1)])
