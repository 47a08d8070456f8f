"""Keeps one engine busy and alive: feeding, restarting, resending, giving up on what kills it."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Self

from pipeline.engine import protocol, work
from pipeline.engine.answers import ImplausibleAnswer, Referee
from pipeline.engine.config import default_threads
from pipeline.engine.launch import Launcher
from pipeline.engine.meter import BusyMeter, ProgressWatch
from pipeline.engine.process import Ended, EngineProcess, OutLine
from pipeline.engine.retries import Retries
from pipeline.engine.setup import EngineSetup
from pipeline.engine.startup import machine_facts
from pipeline.engine.work import EngineOptions, OpenJob, PositionDone, PositionFailed, PositionResult, SearchJob
from pipeline.errors import EngineCrashed, EngineError, EngineStalled
from pipeline.evaluation import EngineIdentity

__all__ = ["AnalysisEngine", "EngineOptions", "PositionDone", "PositionFailed", "PositionResult", "SearchJob"]

log = logging.getLogger(__name__)

WARNINGS_KEPT = 100
REASON_WIDTH = 300
MOST_AT_ONCE = 64  # results that are gathered before they are handed out


class AnalysisEngine:
    """KataGo's analysis engine, kept running.

    Use :meth:`analyse` from one thread; :meth:`drain` and :meth:`cancel` may be
    called from any, and from signal handlers.

    Args:
        setup: engine and network.
        state_dir: where KataGo keeps its tuning.
        log_dir: for ``katago.log`` and the engine's config.
        options: limits and times.
        clock: seconds, monotonic.
        rng: spreads the back-off.
    """

    def __init__(
        self,
        setup: EngineSetup,
        *,
        state_dir: Path,
        log_dir: Path,
        options: EngineOptions = EngineOptions(),  # noqa: B008
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self._options = options
        self._clock = clock
        self._rng = rng or random.Random()  # noqa: S311
        machine = options.machine or machine_facts(gpus=max(1, len(setup.devices)))
        self.threads = options.threads or setup.threads or default_threads(setup, machine)
        self.max_in_flight = max(options.max_in_flight or 0, 2 * self.threads.analysis)
        self._query_options = options.of_queries
        self._has_human = setup.human_network is not None
        self._launcher = Launcher(
            setup,
            machine=machine,
            threads=self.threads,
            boards=options.boards,
            state_dir=state_dir,
            log_dir=log_dir,
            options=options.launch,
            clock=clock,
        )
        self._process: EngineProcess | None = None
        self._identity: EngineIdentity | None = None
        self._ledger: protocol.Ledger[OpenJob] = protocol.Ledger()
        self._retries = Retries(options.suspect_deaths)
        self._source_done = self._source_idle = False
        self._results: deque[PositionResult] = deque()
        self._sequence = 0
        self._fruitless = self._implausible = 0
        self._referee = Referee(options.keep)
        self._meter = BusyMeter()
        self._watch = ProgressWatch(options.stall_floor, options.stall_factor)
        self._warnings: list[str] = []
        self._cancelled, self._draining = threading.Event(), threading.Event()
        self._look: Callable[[], object] = object
        self.deaths: list[work.EngineDeath] = []

    @property
    def identity(self) -> EngineIdentity:
        """Who searches; RuntimeError before the start."""
        if self._identity is None:
            raise RuntimeError("the engine was not started")
        return self._identity

    @property
    def pid(self) -> int | None:
        """Process id of the engine that runs now."""
        return self._process.pid if self._process else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the engine disliked, each text once."""
        return tuple(self._warnings)

    @property
    def restarts(self) -> int:
        """How often it had to be started again."""
        return len(self.deaths)

    @property
    def counts(self) -> protocol.LedgerCounts:
        """How many lines of each kind came."""
        return self._ledger.counts

    @property
    def in_flight(self) -> int:
        """Positions that are pulled and not answered."""
        return len(self._ledger) + len(self._retries)

    @property
    def ready(self) -> int:
        """Results that :meth:`analyse` yields next, without waiting."""
        return len(self._results)

    @property
    def visits_per_second(self) -> float:
        """Speed while positions were open, in the last while."""
        return self._meter.visits_per_second

    @property
    def busy_seconds(self) -> float:
        """Wall time with positions open up to now: the sum of all ``engine_seconds`` when everything is answered."""
        return self._meter.busy_at(self._clock())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, on_progress: Callable[[str], None] | None = None) -> EngineIdentity:
        """Start the engine, ask who it is, and have it search one position.

        ``on_progress`` gets each line of standard error (a first start may tune for minutes).

        Raises:
            EngineStartError: with the most likely cause and the end of its log.
        """
        if self._process is None:
            self._process, self._identity = self._launcher.launch(
                expected=self._identity, on_progress=on_progress, stop=self._is_unwanted
            )
        return self.identity

    def analyse(
        self, jobs: Iterable[SearchJob | None], look: Callable[[], object] = object
    ) -> Iterator[PositionResult]:
        """Search positions; results come as they are finished, in any order, each job exactly once.

        Jobs are pulled lazily, while fewer than ``max_in_flight`` are open.
        ``None`` means that nothing is ready just now. Ends when the jobs are
        exhausted (or :meth:`drain` was called) and everything is answered, or at
        once after :meth:`cancel`. If the caller stops iterating, what is open stays
        open for the next call. ``look`` is called every ``tick`` seconds at least,
        also while the engine comes up again.

        Raises:
            EngineStartError: it does not come up at first.
            EngineCrashed, EngineStalled: it was given up.
        """
        source = iter(jobs)
        self._source_done, self._look = False, look
        if self._process is None:
            self.start()
        while not self._cancelled.is_set():
            look()
            yield from self._fill(source)
            finished = self._source_done or self._draining.is_set()
            if finished and not self.in_flight and not self._results:
                return
            trouble = self._gather()
            while self._results:
                yield self._results.popleft()
                self._watch.reset(self._clock())
            if trouble is not None:
                raise trouble
        self._abandon()

    def drain(self) -> None:
        """Pull no more jobs; :meth:`analyse` ends when what is open is answered."""
        self._draining.set()
        self._wake()

    def cancel(self) -> None:
        """Give up what is open; :meth:`analyse` ends now."""
        self._cancelled.set()
        self._wake()

    def close(self, *, drain: bool = False) -> list[PositionResult]:
        """End the engine: stdin closed, then SIGTERM, then SIGKILL, to its whole group.

        With ``drain`` it first waits for what is open, up to ``drain_seconds``. Returns
        the results that were not handed out.
        """
        results = [*self._results]
        self._results.clear()
        deadline = self._clock() + self._options.drain_seconds
        if drain and self._process is not None:
            self._draining.set()
            try:
                while self.in_flight and not self._cancelled.is_set() and self._clock() < deadline:
                    self._fill(iter(()))
                    results += self._step()
            except EngineError as error:
                log.warning("engine lost while draining: %s", error.code)
        self._abandon()
        process, self._process = self._process, None
        if process is not None:
            process.close(patience=self._options.close_patience)
        return results

    def _wake(self) -> None:
        if self._process is not None:
            self._process.wake()

    def _is_unwanted(self) -> bool:
        self._look()
        return self._cancelled.is_set()

    def _abandon(self) -> None:
        if self._process is not None and self._ledger:
            self._process.send(protocol.build_action("terminate_all", "stop"))
        self._ledger.clear()
        self._retries.clear()
        self._meter.pause(self._clock())

    def _fill(self, source: Iterator[SearchJob | None]) -> list[PositionFailed]:
        """Send what there is room for; returns the jobs that cannot be sent."""
        self._source_idle = False
        refused: list[PositionFailed] = []
        while len(self._ledger) < self.max_in_flight:
            waiting = self._retries.next(nothing_open=not self._ledger)
            if waiting is None:
                break
            self._submit(waiting)
        while (
            len(self._ledger) < self.max_in_flight
            and not refused
            and not (self._retries.holds_back or self._source_done or self._draining.is_set())
        ):
            try:
                job = next(source)
            except StopIteration:
                self._source_done = True
                break
            if job is None:
                self._source_idle = True
                break
            refusal = work.refusal(job, self._referee, self._launcher.largest_board)
            if refusal is not None:
                refused.append(refusal)
            else:
                self._submit(OpenJob(job))
        return refused

    def _submit(self, item: OpenJob) -> None:
        assert self._process is not None
        self._sequence += 1
        item.query_id = f"p{self._sequence}"
        item.visits_mark, item.visits_seen = self._meter.visits, 0
        record, request = item.job.record, item.job.request
        line = work.query_line(item, self._query_options, has_human=self._has_human)
        now = self._clock()
        if not self._ledger:
            self._meter.work_begins(now)
        self._watch.reset(now)
        self._ledger.open(item.query_id, [protocol.reported_turn(record, request.turn)], item)
        for other in self._ledger.items():
            item.meet(other)
        self._process.send(line)

    def _gather(self) -> EngineError | None:
        """Wait for something to happen, and take what came with it; returns why the engine was given up."""
        try:
            self._results.extend(self._step())
            while 0 < len(self._results) < MOST_AT_ONCE and self._process and (line := self._process.next_line()):
                self._results.extend(self._take(protocol.parse_line(line.text), line.at))
        except EngineError as error:
            return error
        return None

    def _step(self) -> list[PositionResult]:
        """Wait for one thing to happen and deal with it."""
        assert self._process is not None
        wait = self._options.idle_poll if self._source_idle else self._options.tick
        message = self._process.receive(wait)
        results: list[PositionResult] = []
        if isinstance(message, Ended):
            return self._died(EngineCrashed, "engine.crashed")
        if isinstance(message, OutLine):
            results = self._take(protocol.parse_line(message.text), message.at)
        if self._ledger and not results and self._watch.stalled(self._clock()):
            return self._died(EngineStalled, "engine.stalled")
        return results

    def _take(self, event: protocol.Event, at: float) -> list[PositionResult]:
        now = self._clock()
        results: list[PositionResult] = []
        match event:
            case protocol.Partial(id=query_id, visits=visits):
                item = self._ledger.find(query_id)
                if item is not None and visits > item.visits_seen:
                    item.visits_seen = visits
                    self._watch.progress(now)
            case protocol.WarningReply(text=text, field=name):
                self._warn(f"{name}: {text}")
            case protocol.Garbage(excerpt=excerpt):
                log.info("not a reply of the engine: %s", excerpt)
            case protocol.ErrorReply(id=None, text=text):
                self._warn(text)
        for item in self._ledger.settle(event):
            self._watch.progress(now)
            self._retries.closed(item)
            if isinstance(event, protocol.ErrorReply):
                self._fruitless = 0
                if not self._ledger:
                    self._meter.pause(at)
                results.append(work.rejected(item.job, event.field, event.text))
            elif isinstance(event, protocol.Answer):
                results += self._judge(item, event, at)
        if isinstance(event, protocol.Answer):
            self._chase_lost()
        return results

    def _judge(self, item: OpenJob, answer: protocol.Answer, at: float) -> list[PositionResult]:
        seconds = self._meter.answered(at, protocol.visits_of(answer.payload), last=not self._ledger)
        try:
            evaluation = self._referee.judge(answer, item.job.record, item.job.request, seconds)
        except ImplausibleAnswer as refusal:
            self._meter.give_back(seconds)
            return self._refuse(item, str(refusal)[:REASON_WIDTH])
        self._fruitless = self._implausible = 0
        return [PositionDone(item.job, evaluation)]

    def _refuse(self, item: OpenJob, reason: str) -> list[PositionResult]:
        """Ask once more after an answer that cannot be true, then fail the position; too many: the engine."""
        self._implausible += 1
        item.refusals += 1
        log.warning("implausible answer for turn %d: %s", item.job.request.turn, reason)
        if self._implausible >= self._options.max_implausible:
            self._retries.again(item)
            raise EngineCrashed("engine.nonsense", reason=reason, network=self.identity.network)
        if item.refusals < 2:
            self._retries.again(item)
            return []
        return [work.implausible(item.job, reason)]

    def _chase_lost(self) -> None:
        """Ask again for a position that was overtaken so often that its answer must be lost."""
        oldest = self._ledger.oldest()
        if oldest is None or self._process is None or not oldest.seems_lost(self._meter.visits, self.max_in_flight):
            return
        log.warning("answer for turn %d seems lost, asking again", oldest.job.request.turn)
        self._process.send(protocol.build_action("terminate", f"stop-{oldest.query_id}", terminateId=oldest.query_id))
        self._ledger.withdraw(oldest.query_id)
        oldest.resent = True
        self._submit(oldest)

    def _warn(self, text: str) -> None:
        if text not in self._warnings and len(self._warnings) < WARNINGS_KEPT:
            self._warnings.append(text)
            log.warning("engine: %s", text)

    def _died(self, kind: type[EngineError], code: str) -> list[PositionResult]:
        """Bury the process, sort what it owed, bring up the next one."""
        assert self._process is not None
        process, self._process = self._process, None
        exit_code = process.kill() if kind is EngineStalled else process.close(patience=1.0)
        tail = process.stderr_tail()
        self._meter.pause(self._clock())
        owed = self._ledger.clear()
        condemned = self._retries.bury(owed)
        self._fruitless += 1
        self.deaths.append(work.EngineDeath(kind is EngineStalled, exit_code, len(owed)))
        log.warning("engine died (%s, exit code %s) with %d positions open", code, exit_code, len(owed))
        error = kind(code, exit_code=exit_code, open=len(owed), tail=tail, log=self._launcher.log_file)
        if self._fruitless > self._options.max_fruitless:
            raise error
        rest = work.Rest(self._is_unwanted, self._cancelled.wait, self._options.tick)
        work.revive(self.start, self._options, self._fruitless, rng=self._rng, pause=rest, cause=error)
        if condemned is None or self._cancelled.is_set():
            return []
        return [work.poisonous(condemned.job)]
