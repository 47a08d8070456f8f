"""The one driver of the engine: answers into the journal, finished games to the publisher, whoever brings the games."""

from __future__ import annotations

import concurrent.futures
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipeline.console import Reporter
from pipeline.engine.provision import cache_dir
from pipeline.engine.setup import EngineSetup
from pipeline.engine.supervisor import AnalysisEngine
from pipeline.engine.work import PositionDone, PositionResult, SearchJob
from pipeline.errors import FupanError, QueryRejected, StoreError, unexpected
from pipeline.evaluation import EngineIdentity
from pipeline.gamework import analysis_info, next_round
from pipeline.outcome import RunSummary
from pipeline.plan import DEEP, AnalysisProfile, PositionRequest
from pipeline.publish import Folders, Publisher
from pipeline.schedule import GameTask, Scheduler
from pipeline.settings import ReportSettings
from pipeline.store.dataset import StoredGame
from pipeline.store.journal import Journal
from pipeline.store.payload import stored_form
from pipeline.wording import cli as words
from pipeline.wording import drive as drive_words

log = logging.getLogger(__name__)

TUNING = "autotuning"  # "Performing autotuning": KataGo's words when it tunes for a device for the first time
MAX_PUBLISHING = 8  # games whose files wait to be written; bounds the memory
TICK_SECONDS = 1.0


@dataclass(slots=True, eq=False)
class OpenGame:
    """A game in work: what is searched for it, and how its files are made.

    ``profile`` is that of the whole analysis, of which the task's may be the
    first part; ``level`` the pass that this work finishes; ``group`` as for
    :meth:`Publisher.publish`. ``mark`` is the caller's own.
    """

    task: GameTask
    profile: AnalysisProfile
    report: ReportSettings
    level: str = DEEP
    group: str | None = None
    mark: object = None
    visits: int = 0
    is_changed: bool = False


class Work(Protocol):
    """Where games come from, and what is done with what becomes of them. Called from one thread."""

    def is_over(self) -> bool:
        """Whether to stop now, whatever is open."""

    def is_done(self, *, publishing: bool) -> bool:
        """Whether the engine is not needed any more; asked when no game is open. ``publishing``: files are written."""

    def next_game(self, *, urgent: bool) -> OpenGame | None:
        """Another game, with what is stored of it already; ``urgent``: only one that goes before all others."""

    def asked(self, game: OpenGame, request: PositionRequest) -> None:
        """A position was handed to the engine."""

    def tick(self, session: Session) -> None:
        """About once a second, whatever the engine does."""

    def progress(self) -> None:
        """After every answer, before the display is refreshed."""

    def searched(self, game: OpenGame) -> bool:
        """All positions of a game are known; whether its files are to be written."""

    def published(self, game: OpenGame, report: Path) -> None:
        """The files of a game are written."""

    def failed(self, game: OpenGame, error: FupanError, *, publishing: bool) -> None:
        """A game cannot be searched, or its files cannot be written (``publishing``)."""


class Session:
    """One life of the engine. Use :meth:`run` once.

    Several games may be open at once, so that the engine is full to the end;
    publishing runs in one thread beside the search. Every answer is in the
    journal before anything else happens to it.

    Args:
        setup: engine and network.
        journal: where evaluations are kept until they are published.
        folders: the output tree.
        publisher: writes the files of a game.
        reporter: shows progress.
        summary: counts of the whole run; this session adds its own.
    """

    def __init__(
        self,
        setup: EngineSetup,
        journal: Journal,
        folders: Folders,
        publisher: Publisher,
        *,
        reporter: Reporter,
        summary: RunSummary,
    ) -> None:
        self._setup = setup
        self._journal = journal
        self._publisher = publisher
        self._reporter = reporter
        self._summary = summary
        self._scheduler = Scheduler(self._plan)
        self._games: dict[GameTask, OpenGame] = {}
        self._publishing: deque[tuple[OpenGame, Future[Path]]] = deque()
        self._printer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="publish")
        self._next_tick = 0.0
        self._warned = 0
        self.engine = AnalysisEngine(setup, state_dir=cache_dir() / "home", log_dir=folders.logs)

    @property
    def identity(self) -> EngineIdentity:
        """Who searches; only while :meth:`run` runs."""
        return self.engine.identity

    @property
    def games(self) -> tuple[OpenGame, ...]:
        """The games that are being searched."""
        return tuple(self._games.values())

    @property
    def is_publishing(self) -> bool:
        """Whether files of some game are not written yet."""
        return bool(self._publishing)

    def drop(self, game: OpenGame) -> None:
        """Stop searching a game; answers that still come for it go into the journal only."""
        if self._games.pop(game.task, None) is not None:
            self._scheduler.drop(game.task)

    def run(self, work: Work) -> None:
        """Search and publish until the work is done or over; what fails in one game is told to the work.

        However it ends, files that are being written are finished and noted.
        Those that only wait to be written are given up when the run is cut
        short: the journal has their positions, so they cost no search again.

        Raises:
            EngineError: the engine cannot be kept alive.
            StoreError: the journal or the dataset cannot be written.
        """
        with ExitStack() as stack:
            stack.enter_context(self._printer)
            stack.callback(self.engine.close)
            self._start()
            try:
                self._search(work)
                if work.is_over():
                    self._cancel_publishing()
                self._collect(work, wait=True)
            except BaseException:
                self._cancel_publishing()
                self._collect(work, wait=True)
                raise

    def _start(self) -> None:
        setup, say = self._setup, self._reporter.message
        say(words.STARTING_ENGINE.format(katago=setup.katago.name, network=setup.network.name))
        identity = self.engine.start(self._watch_tuning())
        say(words.ENGINE_READY.format(version=identity.version, device=identity.device, network=identity.network))

    def _watch_tuning(self) -> Callable[[str], None]:
        """A listener of the engine's start that says once that a first start may take minutes."""
        said: list[bool] = []

        def listen(line: str) -> None:
            if TUNING in line and not said:
                said.append(True)
                self._reporter.message(words.ENGINE_TUNING)

        return listen

    def _search(self, work: Work) -> None:
        tally, summary = self._reporter.tally, self._summary
        started = time.monotonic()
        tally.search_started = tally.search_started or started
        restarts = summary.restarts
        try:
            for outcome in self.engine.analyse(self._requests(work), lambda: self._look_around(work)):
                self._take(work, outcome)
                self._hand_on(work)
                summary.restarts = restarts + self.engine.restarts
                work.progress()
                self._reporter.refresh()
            self._hand_on(work)
        finally:
            self._show_warnings()
            summary.search_seconds += time.monotonic() - started
            summary.restarts = restarts + self.engine.restarts

    def _look_around(self, work: Work) -> None:
        """Whatever must not wait for an answer: a deep position may take minutes."""
        now = time.monotonic()
        if now < self._next_tick:
            return
        self._next_tick = now + TICK_SECONDS
        self._collect(work, wait=False)
        self._show_warnings()
        work.tick(self)
        if work.is_over():
            self.engine.cancel()
        self._reporter.refresh()

    def _requests(self, work: Work) -> Iterator[SearchJob | None]:
        """What the engine is to search; ends when there is nothing more, or all is over."""
        while not work.is_over():
            job = self._next(work)
            self._hand_on(work)
            if job is None and not self._games and work.is_done(publishing=self.is_publishing):
                return
            yield job

    def _next(self, work: Work) -> SearchJob | None:
        """The next position: of open urgent games, of a new urgent one, of the other open games, of a new one."""
        scheduler = self._scheduler
        item = (
            scheduler.next(urgent=True)
            or self._next_of_new(work, urgent=True)
            or scheduler.next()
            or self._next_of_new(work, urgent=False)
        )
        if item is None:
            return None
        task, request = item
        game = self._games[task]
        work.asked(game, request)
        return SearchJob(game, task.record, request)

    def _next_of_new(self, work: Work, *, urgent: bool) -> tuple[GameTask, PositionRequest] | None:
        """Open games until one has something to search."""
        while self._open(work, urgent=urgent):
            item = self._scheduler.next(urgent=urgent)
            if item is not None:
                return item
            self._hand_on(work)
        return None

    def _open(self, work: Work, *, urgent: bool) -> bool:
        """Take another game into work, unless too many wait to be written."""
        if len(self._publishing) >= MAX_PUBLISHING:
            return False
        game = work.next_game(urgent=urgent)
        if game is None:
            return False
        self._games[game.task] = game
        self._scheduler.add(game.task)
        return True

    def _plan(self, task: GameTask) -> list[PositionRequest]:
        return next_round(task, self._games[task].report)

    def _take(self, work: Work, outcome: PositionResult) -> None:
        """An answer: first into the journal, whatever became of its game meanwhile."""
        game, turn, asked = outcome.job.key, outcome.job.request.turn, outcome.job.request.visits
        assert isinstance(game, OpenGame)
        task = game.task
        is_open = task in self._games
        if isinstance(outcome, PositionDone):
            evaluation = stored_form(outcome.evaluation)
            self._journal.put(task.record.game_id, task.profile.network, evaluation)
            self._summary.positions += 1
            self._summary.visits += evaluation.visits
            self._reporter.tally.positions_done += 1
            self._reporter.tally.visits += asked
            game.visits += asked
            game.is_changed = True
            if is_open:
                self._scheduler.answered(task, evaluation)
            return
        log.warning("%s turn %d: %s", task.name, turn, outcome.error.message)
        if not is_open:
            return
        is_fatal = isinstance(outcome.error, QueryRejected)
        if is_fatal and not task.failed:
            work.failed(game, outcome.error, publishing=False)
        self._scheduler.refused(task, turn, fatal=is_fatal)

    def _hand_on(self, work: Work) -> None:
        """Hand games that are searched to the publishing thread, and note those that are written."""
        for task in self._scheduler.finished():
            game = self._games.pop(task)
            if task.failed or not work.searched(game):
                continue
            now = datetime.now().astimezone().isoformat(timespec="seconds")
            info = analysis_info(task, game.profile, self.identity, level=game.level, finished_at=now)
            stored = StoredGame(task.record, info, task.evaluations)
            future = self._printer.submit(self._publisher.publish, stored, game.report, game.group)
            self._publishing.append((game, future))
        self._collect(work, wait=False)

    def _cancel_publishing(self) -> None:
        for _, future in self._publishing:
            future.cancel()

    def _collect(self, work: Work, *, wait: bool) -> None:
        """Note the games whose files are written; ``wait`` for those that are not, but for the cancelled ones.

        Raises:
            StoreError: the disk is full or the dataset is broken; going on would not help.
        """
        while self._publishing and (wait or self._publishing[0][1].done()):
            game, future = self._publishing[0]
            concurrent.futures.wait((future,))  # may be interrupted: until it returns, the game stays in the list
            self._publishing.popleft()
            try:
                report = future.result()
            except CancelledError:
                continue
            except StoreError:
                raise
            except FupanError as error:
                work.failed(game, error, publishing=True)
            except Exception as error:
                log.exception("publishing %s", game.task.name)
                work.failed(game, unexpected(error), publishing=True)
            else:
                work.published(game, report)

    def _show_warnings(self) -> None:
        """Say once what the engine disliked."""
        fresh = self.engine.warnings[self._warned :]
        self._warned += len(fresh)
        for text in fresh:
            if text not in self._summary.warnings:
                self._summary.warnings.append(text)
                self._reporter.message(drive_words.ENGINE_WARNING.format(text=text))
