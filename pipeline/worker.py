"""The worker: jobs from the queue through one engine to the publisher, until told to stop."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pipeline.arrivals import Arrivals, ResumedGame
from pipeline.console import Reporter
from pipeline.engine.provision import cache_dir
from pipeline.engine.setup import EngineSetup
from pipeline.engine.supervisor import AnalysisEngine
from pipeline.engine.work import PositionDone, PositionResult, SearchJob
from pipeline.errors import ConfigError, FupanError, GameError, QueryRejected, RenderError, StoreError, unexpected
from pipeline.evaluation import EngineIdentity
from pipeline.gamework import analysis_info, printed_turns, recall, restore_deepest
from pipeline.jobs.model import Failure, Job, JobState, Level
from pipeline.jobs.queue import JobQueue, Progress
from pipeline.outcome import GameOutcome, RunSummary, Status
from pipeline.plan import Strategy
from pipeline.publish import Folders, Publisher
from pipeline.schedule import GameTask, Scheduler
from pipeline.store.dataset import StoredGame
from pipeline.store.journal import Journal
from pipeline.store.payload import stored_form
from pipeline.wording import cli as cli_words
from pipeline.wording import jobs as words

log = logging.getLogger(__name__)

MAX_OPEN = 48  # games of one worker; others may have room sooner
MAX_PUBLISHING = 8  # games whose files wait to be written; bounds the memory
QUICK_PRIORITY = 1


@dataclass(frozen=True, slots=True)
class WorkerTimes:
    """Seconds: between two looks at the queue, and of idling until the engine (and its memory) is given back."""

    tick: float = 1.0
    idle_close: float = 300.0


@dataclass(slots=True)
class OpenJob:
    """A job in work with the scheduler of its game."""

    job: Job
    task: GameTask
    game: ResumedGame
    scheduler: Scheduler
    visits: int = 0
    is_changed: bool = False


class QueueWorker:
    """Works off the queue with one engine.

    Several games are open at once, so that the engine is full; a quick job that
    arrives goes before the deep ones that are open. Every answer is in the
    journal before anything else happens to it.

    Args:
        queue: this worker's view of the queue.
        journal: where evaluations are kept until they are published.
        folders: the output tree.
        publisher: writes the files of a game.
        reporter: shows progress.
        arrivals: reads the games of jobs.
        setup: engine and network.
        is_over: whether to stop now.
        more_to_come: whether to wait when the queue is empty.
        wait: sleeps for at most so many seconds, less when a file came.
        times: see there.
    """

    def __init__(
        self,
        queue: JobQueue,
        journal: Journal,
        folders: Folders,
        publisher: Publisher,
        *,
        reporter: Reporter,
        arrivals: Arrivals,
        setup: EngineSetup,
        is_over: Callable[[], bool],
        more_to_come: Callable[[], bool],
        wait: Callable[[float], None],
        times: WorkerTimes = WorkerTimes(),
    ) -> None:
        self._queue = queue
        self._journal = journal
        self._folders = folders
        self._publisher = publisher
        self._reporter = reporter
        self._arrivals = arrivals
        self._setup = setup
        self._is_over = is_over
        self._more_to_come = more_to_come
        self._wait = wait
        self._times = times
        self._open: dict[int, OpenJob] = {}
        self._publishing: deque[tuple[OpenJob, Future[Path]]] = deque()
        self._next_tick = 0.0
        self._next_claim = 0.0
        self._next_quick = 0.0
        self._idle_since: float | None = None
        self.summary = RunSummary()

    def work(self) -> None:
        """Go on until all is over.

        Raises:
            EngineError: the engine cannot be kept alive.
            StoreError: queue, journal or dataset cannot be used.
            Every job that was open is back in the queue then.
        """
        try:
            self._queue.give_back()  # what the last time could not, because the database was away
            while not self._is_over():
                self._queue.alive("idle")
                job = self._queue.claim()
                if job is not None:
                    self._session(job)
                elif not self._more_to_come() and not self._queue.pending().jobs:
                    return
                else:
                    self._wait(self._times.tick)
        finally:
            self._open.clear()
            self._publishing.clear()
            self._queue.give_back()

    def _session(self, first: Job) -> None:
        """One life of the engine."""
        with ExitStack() as stack:
            printer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="publish")
            stack.callback(printer.shutdown, wait=True, cancel_futures=True)
            setup = self._setup
            self._queue.alive("engine")
            self._reporter.message(
                cli_words.STARTING_ENGINE.format(katago=setup.katago.name, network=setup.network.name)
            )
            engine = AnalysisEngine(setup, state_dir=cache_dir() / "home", log_dir=self._folders.logs)
            stack.callback(engine.close)
            identity = engine.start()
            self._reporter.message(
                cli_words.ENGINE_READY.format(
                    version=identity.version, device=identity.device, network=identity.network
                )
            )
            tally = self._reporter.tally
            started = time.monotonic()
            tally.search_started = tally.search_started or started
            restarts = self.summary.restarts
            try:
                self._start(first)
                for outcome in engine.analyse(self._requests(engine, identity, printer)):
                    self._take(outcome)
                    self._collect_searched(identity, printer)
                    self._reporter.refresh()
                if not self._is_over():
                    self._collect_searched(identity, printer)
                    self._collect_published(wait=True)
            finally:
                self.summary.search_seconds += time.monotonic() - started
                self.summary.restarts = restarts + engine.restarts

    def _requests(
        self, engine: AnalysisEngine, identity: EngineIdentity, printer: ThreadPoolExecutor
    ) -> Iterator[SearchJob | None]:
        """What the engine is to search; ends when there is nothing more, or all is over."""
        while True:
            now = time.monotonic()
            if now >= self._next_tick:
                self._next_tick = now + self._times.tick
                self._tick(engine, identity)
            if self._is_over():
                engine.cancel()
                return
            request = self._next(now)
            self._collect_searched(identity, printer)
            if request is not None:
                self._idle_since = None
                yield request
                continue
            if not self._open and not self._publishing and self._is_idle_long(now):
                return
            yield None

    def _is_idle_long(self, now: float) -> bool:
        """Whether the engine is not needed any more."""
        self._idle_since = self._idle_since or now
        if not self._more_to_come() and not self._queue.pending().jobs:
            return True
        return now - self._idle_since >= self._times.idle_close

    def _next(self, now: float) -> SearchJob | None:
        """The next position: of open quick jobs, of a new quick job, of open deep jobs, of a new one."""
        request = self._from_open(Level.QUICK)
        if request is None and now >= self._next_quick:
            request = self._from_new(Level.QUICK)
            if request is None:
                self._next_quick = now + self._times.tick
        if request is None:
            request = self._from_open(Level.DEEP)
        if request is None and now >= self._next_claim:
            request = self._from_new(None)
            if request is None:
                self._next_claim = now + self._times.tick
        return request

    def _from_open(self, level: Level) -> SearchJob | None:
        for item in self._open.values():
            if item.job.level is level:
                request = self._ask(item)
                if request is not None:
                    return request
        return None

    def _from_new(self, level: Level | None) -> SearchJob | None:
        """Claim jobs until one has something to search."""
        while len(self._publishing) < MAX_PUBLISHING and len(self._open) < MAX_OPEN and not self._is_over():
            job = self._queue.claim(level)
            if job is None:
                return None
            item = self._start(job)
            request = self._ask(item) if item else None
            if request is not None:
                return request
            if item is not None:
                return None  # everything is known: publish it before the next one is claimed
        return None

    @staticmethod
    def _ask(item: OpenJob) -> SearchJob | None:
        following = item.scheduler.next()
        if following is None:
            return None
        task, request = following
        if item.job.level is Level.QUICK:
            request = replace(request, priority=QUICK_PRIORITY)
        return SearchJob((item.job.id, request.turn), task.record, request)

    def _start(self, job: Job) -> OpenJob | None:
        """Read the game again and remember what is known of it; ``None`` if there is nothing to do."""
        source = self._queue.source(job)
        try:
            if source is None:
                raise GameError("job.source_lost", file=job.name)
            game = self._arrivals.resume(job, *source)
        except (GameError, ConfigError) as error:
            self._fail(job, error)
            return None
        profile = game.profile
        if job.level is Level.QUICK:
            if self._publisher.dataset.is_complete(job.game_id, profile.profile_id):
                self._skip(job, profile.profile_id)
                return None
            profile = replace(profile, visits=profile.quick_visits, quick_visits=0, strategy=Strategy.UNIFORM)
        task = GameTask(game.record, words.in_class(job.group, job.name), profile)
        recall(task, self._publisher.dataset, self._journal)
        scheduler = Scheduler([task], lambda known: printed_turns(known, game.report))
        item = OpenJob(job, task, game, scheduler, visits=job.visits_done)
        self._open[job.id] = item
        return item

    def _skip(self, job: Job, profile_id: str) -> None:
        """A quick report must never replace the deep one that is there already."""
        report = self._folders.report_of(job.game_id)
        self._queue.publishing(job.id)
        self._queue.done(job.id, str(report or ""), profile_id)

    def _take(self, outcome: PositionResult) -> None:
        """An answer: first into the journal, whatever became of its job meanwhile."""
        key = outcome.job.key
        assert isinstance(key, tuple)
        item = self._open.get(key[0])
        turn, asked = outcome.job.request.turn, outcome.job.request.visits
        if isinstance(outcome, PositionDone):
            evaluation = stored_form(outcome.evaluation)
            self._journal.put(outcome.job.record.game_id, self._arrivals.network, evaluation)
            self.summary.positions += 1
            self.summary.visits += evaluation.visits
            tally = self._reporter.tally
            tally.positions_done += 1
            tally.visits += asked
            if item is not None:
                item.visits += asked
                item.is_changed = True
                item.scheduler.answered(item.task, evaluation)
            return
        log.warning("%s turn %d: %s", outcome.job.record.source.file, turn, outcome.error.message)
        if item is None:
            return
        is_fatal = isinstance(outcome.error, QueryRejected)
        item.scheduler.refused(item.task, turn, fatal=is_fatal)
        if is_fatal:
            del self._open[item.job.id]
            self._fail(item.job, outcome.error)

    def _collect_searched(self, identity: EngineIdentity, printer: ThreadPoolExecutor) -> None:
        """Hand games that are searched to the publisher."""
        for item in list(self._open.values()):
            if not item.scheduler.exhausted:
                continue
            del self._open[item.job.id]
            if not self._queue.publishing(item.job.id):
                continue
            info = analysis_info(
                item.task,
                item.game.profile,
                identity,
                level=item.job.level.value,
                finished_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            )
            game = StoredGame(item.task.record, info, item.task.evaluations)
            future = printer.submit(self._publisher.publish, game, item.game.report, item.job.group)
            self._publishing.append((item, future))
            self._next_claim = 0.0  # the deep job of this game may go now
        self._collect_published(wait=False)

    def _collect_published(self, *, wait: bool) -> None:
        """Note the games whose files are written.

        Raises:
            StoreError: the disk is full or the dataset is broken; going on would not help.
        """
        while self._publishing and (wait or self._publishing[0][1].done()):
            item, future = self._publishing.popleft()
            job = item.job
            try:
                report = future.result()
            except StoreError:
                raise
            except RenderError as error:
                self._fail(job, error)
            except FupanError as error:
                self._try_again(job, error)
            except Exception as error:
                log.exception("publishing %s", job.name)
                self._try_again(job, unexpected(error))
            else:
                self._done(item, report)

    def _done(self, item: OpenJob, report: Path) -> None:
        job = item.job
        if job.level is Level.DEEP:
            self._journal.forget(job.game_id, self._arrivals.network)
        self._queue.progress([Progress(job.id, job.positions, item.visits)])
        profile_id = item.game.profile.profile_id
        if not self._queue.done(job.id, str(report), profile_id) and job.level is Level.QUICK:
            restore_deepest(self._publisher, job.game_id, profile_id, item.game.report, job.group)
        if job.level is Level.DEEP:
            self._reporter.tally.games_done += 1
        self.summary.outcomes.append(GameOutcome(item.task.name, Status.DONE, job.game_id, report))
        level = words.LEVELS[job.level.value]
        self._reporter.message(words.JOB_DONE.format(level=level, name=item.task.name, report=report))

    def _fail(self, job: Job, error: FupanError) -> None:
        self._queue.failed(job.id, Failure(error.code, error.message, error.advice))
        name = words.in_class(job.group, job.name)
        self.summary.outcomes.append(GameOutcome(name, Status.FAILED, job.game_id, error=error))
        level = words.LEVELS[job.level.value]
        self._reporter.message(words.JOB_FAILED.format(name=name, level=level, message=error.message))

    def _try_again(self, job: Job, error: FupanError) -> None:
        state = self._queue.again(job, Failure(error.code, error.message, error.advice))
        if state is JobState.FAILED:
            self._fail(job, error)
            return
        name, level = words.in_class(job.group, job.name), words.LEVELS[job.level.value]
        self._reporter.message(words.JOB_AGAIN.format(name=name, level=level, message=error.message))

    def _tick(self, engine: AnalysisEngine, identity: EngineIdentity) -> None:
        """Once a second: say that we live, note progress, and drop what was cancelled, paused or taken over."""
        changed = [item for item in self._open.values() if item.is_changed]
        if changed:
            self._queue.progress(Progress(item.job.id, len(item.task.evaluations), item.visits) for item in changed)
            for item in changed:
                item.is_changed = False
        phase = "search" if self._open or self._publishing else "idle"
        device = f"KataGo {identity.version}, {identity.device}, {identity.network}"
        self._queue.alive(phase, speed=engine.visits_per_second, engine=device)
        mine = self._queue.still_mine()
        for number in self._open.keys() - mine:
            log.info("job %d is not ours any more", number)
            del self._open[number]
        tally, pending = self._reporter.tally, self._queue.pending()
        tally.visits_planned = tally.visits + pending.visits
        tally.games = tally.games_done + pending.games
        # What is still to come, in positions of the size of those so far.
        mean = tally.visits / max(1, tally.positions_done)
        tally.positions = tally.positions_done + round(pending.visits / max(1.0, mean))
