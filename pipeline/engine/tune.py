"""Finding the threads that suit this engine, this network and this device, by measurement.

Each measurement starts the engine afresh (so none profits from another's
cache), keeps it as full as a review does, and counts the visits in a window of
time. All candidates are measured in turn, round after round and every other
round backwards, so that a machine that grows warm or busy treats them alike.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.engine.answers import Keep
from pipeline.engine.config import MachineFacts, default_threads
from pipeline.engine.launch import LaunchOptions
from pipeline.engine.setup import EngineSetup, Threads
from pipeline.engine.supervisor import AnalysisEngine
from pipeline.engine.work import EngineOptions, PositionDone, SearchJob
from pipeline.errors import EngineError, EngineStartError
from pipeline.go.record import GameRecord
from pipeline.plan import PositionRequest

log = logging.getLogger(__name__)

GOOD_ENOUGH = 0.98  # of the best speed: fewer threads are worth that much
_HOPELESS = 0.85
_MOST_TOTAL = 2048
_GPU_VISITS, _CPU_VISITS = 600, 40
_GPU_SHAPES = ((16, 4), (8, 4), (32, 2), (16, 8), (32, 4), (64, 4))
_KOMI_STEPS = 40
_GOLDEN = 0.6180339887  # its multiples spread evenly: a mix without chance


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """How long is measured, in seconds.

    ``window`` is one measurement without the engine's start, ``limit`` bounds
    everything: no measurement begins after it. ``visits`` are those of a
    position (``None``: as the hardware's usual ones).
    """

    window: float = 12.0
    rounds: int = 3
    limit: float = 900.0
    visits: int | None = None


@dataclass(slots=True)
class Candidate:
    """Threads and what was measured with them so far; ``failure`` is the error code of a start that failed."""

    threads: Threads
    visits: int = 0
    seconds: float = 0.0
    rounds: int = 0
    failure: str = ""

    @property
    def speed(self) -> float:
        """Visits a second; 0 before the first measurement."""
        return self.visits / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The choice, the default that it replaces, and all that was measured."""

    best: Candidate
    default: Candidate
    candidates: tuple[Candidate, ...]
    seconds: float


def candidates_for(setup: EngineSetup, machine: MachineFacts) -> list[Threads]:
    """The grid: the hardware's default first, then shapes around it, on each GPU or on the cores."""
    default = default_threads(setup, machine)
    if setup.is_gpu:
        gpus = max(1, machine.gpus)
        grid = [Threads(analysis * gpus, search) for analysis, search in _GPU_SHAPES]
    else:
        cores = machine.cpu_count
        shapes = ((cores, 1), (2 * cores, 1), (4 * cores, 1), (max(1, cores // 2), 2), (cores, 2))
        grid = [Threads(analysis, search) for analysis, search in shapes]
    return list(dict.fromkeys([default, *grid]))


def wider(best: Threads, tried: Sequence[Threads]) -> list[Threads]:
    """What to try beyond the widest that was tried, when that was the best: twice the positions."""
    if best.total < max(threads.total for threads in tried):
        return []
    more = Threads(2 * best.analysis, best.search)
    return [more] if more.total <= _MOST_TOTAL and more not in tried else []


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """The one with the fewest threads, and the fewest on one position, among those about as fast as the fastest.

    Threads on one position make its search worse at equal visits, and more
    positions at once delay the first report.

    Raises:
        ValueError: nothing was measured.
    """
    measured = [candidate for candidate in candidates if candidate.speed > 0]
    if not measured:
        raise ValueError("nothing was measured")
    top = max(candidate.speed for candidate in measured)
    good = [candidate for candidate in measured if candidate.speed >= GOOD_ENOUGH * top]
    return min(good, key=lambda c: (c.threads.total, c.threads.search, -c.speed))


def survivors(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those worth another round."""
    top = max((candidate.speed for candidate in candidates), default=0.0)
    return [c for c in candidates if not c.failure and c.speed >= _HOPELESS * top]


def endless_jobs(records: Sequence[GameRecord], visits: int, open_at_once: int) -> Iterator[SearchJob]:
    """Positions of all games and phases, mixed, without end; none is the same to the neural net twice.

    After the last position they begin again under another komi, which no cache knows.
    The first positions get only part of the visits, from little to all: then
    searches end evenly over time from the start, as in the middle of a long run.
    """
    places = sorted(
        ((turn * _GOLDEN + number / len(records)) % 1.0, number, turn)
        for number, record in enumerate(records)
        for turn in range(record.total_turns + 1)
    )
    sent = 0
    for step in range(_KOMI_STEPS):
        games = [replace(record, komi=record.komi + step) for record in records]
        for _, number, turn in places:
            share = min(1.0, (sent + 1) / open_at_once)
            sent += 1
            request = PositionRequest(turn, max(1, round(visits * share)), "tune")
            yield SearchJob((step, number, turn), games[number], request)


class Tuner:
    """Measures candidates on one set-up.

    Args:
        setup: engine and network.
        records: real games; mixed board sizes are best.
        machine: for the grid and the config.
        options: times.
        state_dir: KataGo's home.
        log_dir: for its log.
        on_measured: told after each measurement.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        setup: EngineSetup,
        records: Sequence[GameRecord],
        *,
        machine: MachineFacts,
        options: TuneOptions,
        state_dir: Path,
        log_dir: Path,
        on_measured: Callable[[Candidate], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._setup = setup
        self._records = records
        self._machine = machine
        self._options = options
        self._state_dir = state_dir
        self._log_dir = log_dir
        self._on_measured = on_measured
        self._clock = clock
        self._visits = options.visits or (_GPU_VISITS if setup.is_gpu else _CPU_VISITS)

    def tune(self, grid: Sequence[Threads] | None = None) -> Outcome:
        """Measure and choose.

        Args:
            grid: what to try; the first is the default to compare with.

        Raises:
            EngineStartError: the engine does not come up with the default threads.
            EngineError: it does not stay up with them.
        """
        begun = self._clock()
        candidates = [Candidate(threads) for threads in grid or candidates_for(self._setup, self._machine)]
        waiting = deque(candidates)
        while waiting and (not candidates[0].rounds or self._clock() - begun < self._options.limit):
            self._measure(waiting.popleft(), must_work=not candidates[0].rounds)
            if not waiting and grid is None:
                more = wider(choose(candidates).threads, [candidate.threads for candidate in candidates])
                waiting.extend(Candidate(threads) for threads in more)
                candidates += waiting
        for number in range(1, self._options.rounds):
            running = survivors(candidates)
            for candidate in reversed(running) if number % 2 else running:
                if len(running) > 1 and self._clock() - begun < self._options.limit:
                    self._measure(candidate, must_work=False)
        return Outcome(choose(self._comparable(candidates)), candidates[0], tuple(candidates), self._clock() - begun)

    def _comparable(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Without those that were measured much less often: drift would count for or against them."""
        rounds = max(candidate.rounds for candidate in candidates)
        return [candidate for candidate in candidates if candidate.rounds >= rounds - 1]

    def _measure(self, candidate: Candidate, *, must_work: bool) -> None:
        try:
            visits, seconds = self._window(candidate.threads)
        except EngineError as error:
            if must_work:
                raise
            log.warning("%s fails with %s", candidate.threads, error.code)
            candidate.failure = error.code
        else:
            candidate.visits += visits
            candidate.seconds += seconds
            candidate.rounds += 1
        if self._on_measured is not None:
            self._on_measured(candidate)

    def _window(self, threads: Threads) -> tuple[int, float]:
        """Visits and seconds between the answer that ends the warm-up and the last one of the window."""
        options = EngineOptions(
            machine=self._machine,
            threads=threads,
            keep=Keep(candidates=1, pv_length=1),
            launch=LaunchOptions(),
            max_fruitless=1,
            max_start_attempts=1,
            close_patience=1.0,
        )
        with AnalysisEngine(
            self._setup, state_dir=self._state_dir, log_dir=self._log_dir, options=options, clock=self._clock
        ) as engine:
            engine.start()
            answered = visits = 0
            since: float | None = None
            until = 0.0
            for result in engine.analyse(endless_jobs(self._records, self._visits, engine.max_in_flight)):
                if not isinstance(result, PositionDone):
                    continue
                answered += 1
                now = self._clock()
                if since is not None:
                    visits += result.evaluation.visits
                    until = now
                    if now - since >= self._options.window:
                        break
                elif answered >= threads.analysis:
                    since = now
        if since is None or until <= since:
            raise EngineStartError("tune.nothing_measured")
        return visits, until - since
