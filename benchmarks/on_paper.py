"""A whole review on a modelled graphics card, without waiting for it: the throughput ratio and the forecast.

    PYTHONPATH=tests .venv/bin/python benchmarks/on_paper.py [--card h100-cuda] [--games 12] [--visits 3000]
        [--quick 188] [--max-moves 400] [--print-seconds 1.0] [--seed 0] [--plain-end] [--record FILE] [FOLDER ...]

The driver, planner, scheduler, journal and forecast are those of a review. The engine and the printer are played by
:mod:`modelled_card` and a queue, and their time passes as fast as the answers can be made up, so that
only what the order of the work costs is seen: what our own process costs is left out (``throughput.py --engine card``
has it). ``ratio`` is visits/s of the review by visits/s of the same positions asked all at once; ``idle`` says
where the rest is: of each tenth of the time the share of the card's speed that was not used. ``errors`` are those of
the forecast, as of ``forecast.py``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import forecast as forecasting
import forecast_trace
from engine_runs import add_options, made_up_setup, planned, read_games, review
from modelled_card import CARDS, Card, CardModel, weight_of
from own_cpu import answer_for
from stand_in import StandIn

from pipeline import countdown, drive
from pipeline.engine import protocol
from pipeline.engine.meter import BusyMeter
from pipeline.engine.setup import Threads
from pipeline.engine.work import PositionDone, PositionResult, SearchJob
from pipeline.opengame import OpenGame, Work
from pipeline.store.dataset import StoredGame

TICK, IDLE = 0.5, 0.2  # seconds, as of the real engine


class Clock:
    """Seconds of the play."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """In the place of that of :mod:`time`."""
        return self.now


class PaperEngine(StandIn):
    """Takes the time of a modelled card."""

    clock: Clock
    card: Card
    scale: float
    seed: int
    jobs: list[SearchJob]
    speeds: list[tuple[float, float]]  # when, and visits/s from then on

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__()
        self.threads = self.card.threads
        self._model = CardModel(self.card, self.threads.analysis, self.scale)
        self._meter = BusyMeter()
        self._open: dict[int, SearchJob] = {}

    @property
    def visits_per_second(self) -> float:
        """As of the real one."""
        return self._meter.visits_per_second

    @property
    def busy_seconds(self) -> float:
        """As of the real one."""
        return self._meter.busy_at(self.clock.now)

    def analyse(
        self, jobs: Iterable[SearchJob | None], look: Callable[[], object] = object
    ) -> Iterator[PositionResult]:
        """Answer each job when the card would."""
        source = iter(jobs)
        while True:
            look()
            for job in self._wanted(source, lambda: len(self._open) < 2 * self.threads.analysis):
                self._ask(job)
            if self._is_over and not self._open:
                return
            end = self._model.next_end
            self.clock.now = min(self.clock.now + TICK, end) if end is not None else self.clock.now + IDLE
            for number, _ in self._model.advance(self.clock.now):
                yield self._answer(self._open.pop(int(str(number))))
            self._note()

    def _ask(self, job: SearchJob) -> None:
        assert not self._referee.objection(job.record, job.request)
        self.jobs.append(job)
        self._meter.work_begins(self.clock.now)
        self._open[len(self.jobs)] = job
        ask(self._model, len(self.jobs), job, job.threads or self.threads.search)
        self._note()

    def _note(self) -> None:
        self.speeds.append((self.clock.now, self._model.speed))

    def _answer(self, job: SearchJob) -> PositionDone:
        line = answer_for("p1", job.record, job.request.turn, job.request.visits, self._leads, self.seed)
        event = protocol.parse_line(line)
        assert isinstance(event, protocol.Answer)
        seconds = self._meter.answered(self.clock.now, job.request.visits, last=not self._open)
        return PositionDone(job, self._referee.judge(event, job.record, job.request, seconds))


def ask(model: CardModel, item: int, job: SearchJob, threads: int) -> None:
    """Give a job to a card."""
    name = f"{job.record.game_id} {job.request.turn}"
    model.ask(item, name, job.request.visits, threads, priority=job.request.priority, weight=weight_of(name))


def saturated_seconds(jobs: Iterable[SearchJob], card: Card, scale: float) -> float:
    """What the card takes for all of them, asked at once."""
    model = CardModel(card, card.threads.analysis, scale)
    for number, job in enumerate(jobs):
        ask(model, number, job, card.threads.search)
    return max((at for _, at in model.advance(float("inf"))), default=0.0)


class PaperPrinter:
    """The thread that prints, with the same seconds for every game."""

    clock: Clock
    mean_seconds = 0.0
    seconds: float

    def __init__(self, *_: object) -> None:
        self._waiting: deque[tuple[float, OpenGame, str]] = deque()
        self._free = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to wait for."""

    def warm_up(self) -> None:
        """Nothing to load."""

    def cancel(self) -> None:
        """Nothing to give up."""

    def hand_over(self, game: OpenGame, stored: StoredGame) -> None:
        """As the real one."""
        self._free = max(self._free, self.clock.now) + self.seconds
        self._waiting.append((self._free, game, stored.info.level))

    def collect(self, work: Work, *, wait: bool) -> None:
        """As the real one."""
        while self._waiting and (wait or self._waiting[0][0] <= self.clock.now):
            at, game, level = self._waiting.popleft()
            self.clock.now = max(self.clock.now, at)
            self.mean_seconds = self.seconds
            work.published(game, Path("none.pdf"), level)


def idle_tenths(speeds: list[tuple[float, float]], seconds: float, most: float) -> list[float]:
    """Of each tenth of the time the share of the card's speed that was not used."""
    made = [0.0] * 10
    for (begun, speed), (end, _) in zip(speeds, [*speeds[1:], (seconds, 0.0)], strict=True):
        for tenth in range(10):
            low, high = tenth * seconds / 10, (tenth + 1) * seconds / 10
            made[tenth] += max(0.0, min(end, high) - max(begun, low)) * speed
    return [round(1 - visits / (most * seconds / 10), 2) for visits in made]


def play(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The review; returns its figures."""
    clock = PaperEngine.clock = PaperPrinter.clock = Clock()
    card = PaperEngine.card = CARDS[options.card]
    PaperEngine.scale, PaperEngine.jobs, PaperEngine.speeds = options.scale, [], []
    PaperEngine.seed, PaperPrinter.seconds = options.seed, options.print_seconds
    if options.plain_end:
        Threads.for_each = lambda threads, *_: threads.search  # type: ignore[method-assign]
    drive.AnalysisEngine = PaperEngine  # type: ignore[misc, assignment]
    drive.PrintingThread = PaperPrinter  # type: ignore[misc, assignment]
    for module in (drive, countdown, forecasting, forecast_trace):
        module.time = SimpleNamespace(monotonic=clock.monotonic)  # type: ignore[attr-defined, assignment]
    found = read_games(options.folders, options.games, options.max_moves)
    setup = made_up_setup(folder / "engine", 0.0)
    games = planned(found, setup, options.visits, options.quick, options.strategy)
    listener, recorder = forecasting.Listener(), forecast_trace.Recorder()
    with ExitStack() as stack:
        if options.record:
            stack.enter_context(forecast_trace.recording(recorder))
        summary = review(games, setup, folder / "output", reporter=listener)
    if options.record:
        recorder.note("end", started=listener.tally.search_started, ended=listener.ended)
        recorder.write(options.record)
    alone = saturated_seconds(PaperEngine.jobs, card, options.scale)
    most = options.scale * card.speed(card.threads.total)
    deep = [job for job in PaperEngine.jobs if job.request.level != "quick"]
    return {
        "card": options.card,
        "games": len(games),
        "boards": sorted({f"{g.record.width}x{g.record.height}" for g in found}),
        "budgets": f"{options.quick}/{options.visits}",
        "positions": len(PaperEngine.jobs),
        "deep": len(deep),
        "with_free_threads": sum(job.threads > 0 for job in deep),
        "seconds": round(summary.search_seconds, 1),
        "saturated_s": round(alone, 1),
        "ratio": round(alone / summary.search_seconds, 3),
        "idle": idle_tenths(PaperEngine.speeds, summary.search_seconds, most),
        "printed_s": round(listener.ended, 1),
        "errors": {share: found["error"] for share, found in forecasting.errors(listener).items()},
    }


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, games=12, visits=3000, quick=188, max_moves=400, engine="card", scale=1.0)
    parser.add_argument("--print-seconds", type=float, default=1.0, help="what a report takes")
    parser.add_argument("--seed", type=int, default=0, help="other mistakes in the games")
    parser.add_argument("--record", type=Path, help="write what happened to this file, for forecast_replay.py")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(play(options, Path(folder))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
