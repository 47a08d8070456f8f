"""How close a whole review comes to the engine's own limit, and what our own process costs.

    PYTHONPATH=tests .venv/bin/python benchmarks/throughput.py [--network FILE] [--games 12] [--rounds 2]
        [--visits 60] [--quick 12] [--max-moves 120] [--strategy adaptive] [--profile] [FOLDER ...]

In one run, alternating: (A) a whole review of the games, reports printed
beside the search; (B) the same engine, started anew, given the same
positions at the same budgets in the same order, all of them at once. Starting
the engine does not count in either. The ratio is visits/s of A by visits/s of
B. Of A also: CPU seconds of our own process (the printing thread and the
process that sets the pages apart, the engine not at all) for each visit and
each answer, memory of both as games go by, and
the seconds from an answer until the engine could be given its next query.
``cores`` is the processor time that the engine took a second, in A and in B. An engine that searches on the processor
is faster or slower by a twentieth from one minute to the next; the cores that it had do not change with that.

With ``--engine card --card h100-cuda --scale 0.5`` nothing is searched: a model takes the time of such a card at half
its speed (:mod:`modelled_engine`); ``model`` in the figures is what the model itself took in A and in B. With
``--plain-end`` the last positions have no free search threads.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any

import psutil
from engine_runs import add_options, chosen_setup, model_notes, planned, read_games, review

from pipeline import drive
from pipeline.console import QuietReporter
from pipeline.engine.provision import cache_dir
from pipeline.engine.setup import EngineSetup
from pipeline.engine.supervisor import AnalysisEngine
from pipeline.engine.work import EngineOptions, PositionResult, SearchJob
from pipeline.pressroom import PressRoom
from pipeline.publish import PlannedGame, Publisher

ME = psutil.Process()


class Recording(AnalysisEngine):
    """Remembers what it was asked, how long each answer was in our hands, and the processor cores that it took."""

    jobs: list[SearchJob]
    handling: list[float]
    cores: float

    def analyse(
        self, jobs: Iterable[SearchJob | None], look: Callable[[], object] = object
    ) -> Iterator[PositionResult]:
        """As its base class."""
        asked: list[SearchJob] = []
        handling: list[float] = []
        type(self).jobs, type(self).handling = asked, handling

        def noted() -> Iterator[SearchJob | None]:
            for job in jobs:
                if job is not None:
                    asked.append(job)
                yield job

        cpu, started = engine_cpu(), time.perf_counter()
        for result in super().analyse(noted(), look):
            begun = time.perf_counter()
            yield result
            handling.append(time.perf_counter() - begun)
        type(self).cores = (engine_cpu() - cpu) / (time.perf_counter() - started)


class CountedPress(PressRoom):
    """Knows what its process took, also when that is gone."""

    cpu_seconds = 0.0

    def close(self) -> None:
        """As its base class."""
        if self.pid:
            self.cpu_seconds += cpu_of(psutil.Process(self.pid))
        super().close()


class Memory(QuietReporter):
    """Notes our own memory after each game, and that of the process that prints."""

    def __init__(self, press: CountedPress) -> None:
        super().__init__()
        self._press = press
        self.megabytes: list[float] = []
        self.press_megabytes: list[float] = []

    def message(self, text: str) -> None:
        """A game is done, or something else happened."""
        self.megabytes.append(round(ME.memory_info().rss / 1e6, 1))
        if pid := self._press.pid:
            self.press_megabytes.append(round(psutil.Process(pid).memory_info().rss / 1e6, 1))


def engine_cpu() -> float:
    """CPU seconds of the engine that runs."""
    return sum(cpu_of(child) for child in ME.children() if "analysis" in child.cmdline())


def cpu_of(process: psutil.Process) -> float:
    """CPU seconds of a process, its children left out."""
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def printing_clock() -> Iterator[list[float]]:
    """CPU seconds of each publication, and of getting ready for the first, in their own thread of this process."""
    taken: list[float] = []
    works = {name: getattr(Publisher, name) for name in ("warm_up", "publish")}

    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **more: Any) -> Any:
            begun = time.thread_time()
            try:
                return work(*arguments, **more)
            finally:
                taken.append(time.thread_time() - begun)

        return run

    for name, work in works.items():
        setattr(Publisher, name, timed(work))
    try:
        yield taken
    finally:
        for name, work in works.items():
            setattr(Publisher, name, work)


def whole_review(games: list[PlannedGame], setup: EngineSetup, profile: cProfile.Profile | None) -> dict[str, Any]:
    """Round A."""
    press = CountedPress()
    memory = Memory(press)
    drive.AnalysisEngine = Recording  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder, printing_clock() as printing:
        begun = cpu_of(ME)
        if profile:
            profile.enable()
        summary = review(games, setup, Path(folder), reporter=memory, press=press)
        if profile:
            profile.disable()
        cpu = cpu_of(ME) - begun
    handling = Recording.handling
    return {
        "visits": summary.visits,
        "answers": summary.positions,
        "seconds": summary.search_seconds,
        "visits_per_second": summary.visits / summary.search_seconds,
        "cores": Recording.cores,
        "cpu_seconds": cpu,
        "cpu_printing": sum(printing) + press.cpu_seconds,
        "cpu_driving": cpu - sum(printing),
        "answer_to_next_query_ms": {
            "median": round(1000 * median(handling), 2),
            "p99": round(1000 * quantiles(handling, n=100)[-1], 2),
            "max": round(1000 * max(handling), 2),
            "sum_s": round(sum(handling), 2),
        },
        "megabytes": memory.megabytes,
        "press_megabytes": memory.press_megabytes,
    }


def saturated(jobs: list[SearchJob], setup: EngineSetup) -> dict[str, float]:
    """Round B."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Recording(
            setup,
            state_dir=cache_dir() / "home",
            log_dir=Path(folder),
            options=EngineOptions(max_in_flight=len(jobs)),
        ) as engine,
    ):
        engine.start()
        plain = [replace(job, threads=0) for job in jobs]  # all places are taken, whatever the review did at its end
        cpu, begun = cpu_of(ME), time.monotonic()
        visits = sum(result.evaluation.visits for result in engine.analyse(plain) if hasattr(result, "evaluation"))
        seconds = time.monotonic() - begun
        return {"visits_per_second": visits / seconds, "cores": Recording.cores, "cpu_seconds": cpu_of(ME) - cpu}


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, games=12, visits=60, quick=12, max_moves=120, engine="real", visit_us=0.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--profile", action="store_true", help="print where the first review spends its time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        setup = chosen_setup(options, Path(folder))
        games = planned(
            read_games(options.folders, options.games, options.max_moves),
            setup,
            options.visits,
            options.quick,
            options.strategy,
        )
        rounds = []
        for number in range(options.rounds):
            profile = cProfile.Profile() if options.profile and not number else None
            whole = whole_review(games, setup, profile)
            alone = saturated(Recording.jobs, setup)
            rounds.append((whole, alone))
            model = model_notes(Path(folder))
            if profile:
                pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(25)
    ratios = [whole["visits_per_second"] / alone["visits_per_second"] for whole, alone in rounds]
    answers = sum(whole["answers"] for whole, _ in rounds)
    visits = sum(whole["visits"] for whole, _ in rounds)
    driving = sum(whole["cpu_driving"] for whole, _ in rounds)
    per_answer, per_visit = driving / answers, driving / visits
    figures = {
        "games": len(games),
        "boards": sorted({f"{p.game.record.width}x{p.game.record.height}" for p in games}),
        "ratios": [round(ratio, 4) for ratio in ratios],
        "ratio": round(fmean(ratios), 4),
        "ratio_of_cores": round(fmean(whole["cores"] / alone["cores"] for whole, alone in rounds), 4),
        "cpu_ms_per_answer": round(1000 * per_answer, 3),
        "cpu_us_per_visit": round(1e6 * per_visit, 2),
        "visits_per_answer": round(visits / answers, 1),
        "share_of_a_core_at_300_visits_s": round(300 * per_visit, 4),
        "share_of_a_core_at_20000_visits_s_same_budgets": round(20_000 * per_visit, 3),
        "share_of_a_core_at_20000_visits_s_1000_a_position": round(20 * per_answer, 4),
        "cpu_seconds_printing_a_game": round(fmean(w["cpu_printing"] / len(games) for w, _ in rounds), 2),
        "rounds": [{"review": whole, "saturated": alone} for whole, alone in rounds],
        "model": model,
    }
    print(json.dumps(figures, indent=2))
    return int(figures["ratio"] < 0.98)


if __name__ == "__main__":
    sys.exit(main())
