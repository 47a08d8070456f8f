"""Drive the engine over a batch: answers into the journal, finished games to the publisher."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from pipeline.console import Reporter
from pipeline.engine.provision import cache_dir
from pipeline.engine.setup import EngineSetup
from pipeline.engine.supervisor import AnalysisEngine
from pipeline.engine.work import PositionDone, SearchJob
from pipeline.errors import FupanError, QueryRejected, StoreError
from pipeline.evaluation import AnalysisInfo, EngineIdentity
from pipeline.forecast import Forecast, Work, estimate
from pipeline.gamework import analysis_info, printed_turns, recall
from pipeline.outcome import GameOutcome, RunSummary, Status
from pipeline.plan import DEEP
from pipeline.publish import Folders, PlannedGame, Publisher
from pipeline.schedule import GameTask, Scheduler
from pipeline.settings import ReportSettings
from pipeline.store.dataset import StoredGame
from pipeline.store.journal import Journal
from pipeline.store.payload import stored_form
from pipeline.wording import cli as words

log = logging.getLogger(__name__)

TUNING = "autotuning"  # "Performing autotuning": KataGo's words when it tunes for a device for the first time


class BatchSearch:
    """Searches what the batch still lacks and publishes each game as soon as it is complete.

    Publishing runs in one worker thread beside the search. Every answer is in
    the journal before anything else happens to it.
    """

    def __init__(
        self,
        folders: Folders,
        publisher: Publisher,
        reporter: Reporter,
        summary: RunSummary,
    ) -> None:
        self._folders = folders
        self._publisher = publisher
        self._reporter = reporter
        self._summary = summary
        self._settings: dict[str, ReportSettings] = {}
        self._publishing: deque[tuple[GameTask, Future[Path]]] = deque()

    def run(self, games: Sequence[PlannedGame], setup: EngineSetup) -> None:
        """Search and publish; what fails in one game is noted and the rest goes on.

        Raises:
            EngineError: the engine cannot be kept alive.
            StoreError: the journal or the dataset cannot be written.
        """
        with ExitStack() as stack:
            journal = stack.enter_context(Journal(self._folders.state / "fupan.db"))
            printer = stack.enter_context(ThreadPoolExecutor(max_workers=1, thread_name_prefix="publish"))
            self._reporter.message(words.STARTING_ENGINE.format(katago=setup.katago.name, network=setup.network.name))
            engine = AnalysisEngine(setup, state_dir=cache_dir() / "home", log_dir=self._folders.logs)
            stack.callback(engine.close)
            identity = engine.start(self._watch_tuning())
            self._reporter.message(
                words.ENGINE_READY.format(version=identity.version, device=identity.device, network=identity.network)
            )
            self._drive(games, engine, identity, journal, printer)

    def _drive(
        self,
        games: Sequence[PlannedGame],
        engine: AnalysisEngine,
        identity: EngineIdentity,
        journal: Journal,
        printer: ThreadPoolExecutor,
    ) -> None:
        tally = self._reporter.tally
        tally.games = len(games)
        tally.search_started = time.monotonic()
        tasks: dict[str, GameTask] = {}
        forecast = Forecast(self._estimate(games))
        scheduler = Scheduler(self._tasks(games, journal, tasks), self._printed_turns)

        def publish_finished() -> None:
            for task in scheduler.finished():
                forecast.finished(task.record.game_id)
                if not task.failed:
                    game = StoredGame(task.record, self._info(task, identity), task.evaluations)
                    future = printer.submit(self._publisher.publish, game, self._settings[task.record.game_id])
                    self._publishing.append((task, future))
            self._collect(journal, wait=False)

        def jobs() -> Iterator[SearchJob | None]:
            while not scheduler.exhausted:
                item = scheduler.next()
                publish_finished()
                if item is None:
                    yield None
                else:
                    task, request = item
                    forecast.asked(task.record.game_id, request.visits)
                    yield SearchJob((task.record.game_id, request.turn), task.record, request)

        try:
            for outcome in engine.analyse(jobs()):
                task = tasks[outcome.job.record.game_id]
                turn = outcome.job.request.turn
                if isinstance(outcome, PositionDone):
                    evaluation = stored_form(outcome.evaluation)
                    journal.put(task.record.game_id, task.profile.network, evaluation)
                    self._summary.positions += 1
                    self._summary.visits += evaluation.visits
                    tally.positions_done += 1
                    tally.visits += outcome.job.request.visits
                    scheduler.answered(task, evaluation)
                else:
                    log.warning("%s turn %d: %s", task.name, turn, outcome.error.message)
                    fatal = isinstance(outcome.error, QueryRejected)
                    if fatal and not task.failed:
                        self._fail(task, outcome.error)
                    scheduler.refused(task, turn, fatal=fatal)
                publish_finished()
                tally.visits_planned, tally.positions = forecast.visits, forecast.positions
                self._reporter.refresh()
            publish_finished()
        finally:
            self._summary.search_seconds = time.monotonic() - tally.search_started
            self._summary.restarts = engine.restarts
            self._collect(journal, wait=True)

    def _estimate(self, games: Sequence[PlannedGame]) -> dict[str, Work]:
        return {
            planned.game.record.game_id: estimate(
                planned.game.record, planned.profile, 2 * planned.game.settings.report.key_moments
            )
            for planned in games
        }

    def _watch_tuning(self) -> Callable[[str], None]:
        """A listener of the engine's start that says once that a first start may take minutes."""
        said: list[bool] = []

        def listen(line: str) -> None:
            if TUNING in line and not said:
                said.append(True)
                self._reporter.message(words.ENGINE_TUNING)

        return listen

    def _tasks(self, games: Sequence[PlannedGame], journal: Journal, tasks: dict[str, GameTask]) -> Iterator[GameTask]:
        """Open games one after the other with what is stored of them already."""
        dataset = self._publisher.dataset
        for planned in games:
            game = planned.game
            game_id = game.record.game_id
            self._settings[game_id] = game.settings.report
            task = GameTask(game.record, game.name, planned.profile)
            recall(task, dataset, journal)
            tasks[game_id] = task
            yield task

    def _printed_turns(self, task: GameTask) -> set[int]:
        return printed_turns(task, self._settings[task.record.game_id])

    def _info(self, task: GameTask, identity: EngineIdentity) -> AnalysisInfo:
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        return analysis_info(task, task.profile, identity, level=DEEP, finished_at=now)

    def _collect(self, journal: Journal, *, wait: bool) -> None:
        """Note the games whose files are written; ``wait`` for those that are not.

        Raises:
            StoreError: the disk is full or the dataset is broken; going on would not help.
        """
        while self._publishing and (wait or self._publishing[0][1].done()):
            task, future = self._publishing.popleft()
            try:
                report = future.result()
            except StoreError:
                raise
            except FupanError as error:
                self._fail(task, error)
                continue
            journal.forget(task.record.game_id, task.profile.network)
            self._reporter.tally.games_done += 1
            self._summary.outcomes.append(GameOutcome(task.name, Status.DONE, task.record.game_id, report))
            self._reporter.message(words.GAME_DONE.format(name=task.name, report=report))

    def _fail(self, task: GameTask, error: FupanError) -> None:
        self._summary.outcomes.append(GameOutcome(task.name, Status.FAILED, task.record.game_id, error=error))
        self._reporter.message(words.GAME_FAILED.format(name=task.name, message=error.message))
