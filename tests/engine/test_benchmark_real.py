"""KataGo's own benchmark and our tuning with the real engine, as short as they can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.benchmarking import tuning_games
from pipeline.engine.benchmark import BenchmarkOptions, run_benchmark
from pipeline.engine.config import Threads
from pipeline.engine.provision import cache_dir
from pipeline.engine.startup import machine_facts
from pipeline.engine.tune import TuneOptions, Tuner
from pipeline.settings import load

pytestmark = pytest.mark.engine


def test_the_real_benchmark_is_read(real_setup, tmp_path: Path):
    told: list[tuple[int, int, int]] = []
    run = run_benchmark(
        real_setup,
        BenchmarkOptions(visits=4, positions=1, threads=(1, 2)),
        home=cache_dir() / "home",
        work_dir=tmp_path,
        on_progress=lambda _, progress: told.append(progress) if progress else None,
    )

    assert [speed.threads for speed in run.reading.speeds] == [1, 2]
    assert run.reading.recommended in (1, 2)
    assert run.reading.visits == 4
    assert all(speed.visits_per_second > 0 for speed in run.reading.speeds)
    assert run.is_complete
    assert run.backend == real_setup.backend
    assert run.device
    assert (1, 1, 1) in told
    assert (2, 1, 1) in told


def test_the_real_engine_is_tuned_on_the_samples(real_setup, tmp_path: Path):
    records = tuning_games([], load())
    assert len({record.width for record in records}) > 1
    outcome = Tuner(
        real_setup,
        records,
        machine=machine_facts(),
        options=TuneOptions(window=1.0, rounds=1, visits=3),
        state_dir=cache_dir() / "home",
        log_dir=tmp_path,
    ).tune([Threads(2, 1), Threads(4, 1)])

    assert [candidate.rounds for candidate in outcome.candidates] == [1, 1]
    assert outcome.best.threads in (Threads(2, 1), Threads(4, 1))
    assert outcome.best.speed > 0
