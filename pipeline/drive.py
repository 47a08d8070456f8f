"""The one driver of the engine: answers into the journal, finished games to the publisher, whoever brings the games."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

from pipeline.console import Reporter
from pipeline.deadline import Deadline
from pipeline.engine.provision import cache_dir
from pipeline.engine.setup import VISITS_A_THREAD, EngineSetup
from pipeline.engine.supervisor import AnalysisEngine
from pipeline.engine.work import EngineOptions, PositionDone, PositionFailed, PositionResult, SearchJob
from pipeline.errors import FupanError, QueryRejected, StoreError
from pipeline.evaluation import Evaluation
from pipeline.gamework import analysis_info, next_round, remember, spare_round
from pipeline.opengame import InFlight, Moment, OpenGame, Work
from pipeline.outcome import MOST_WARNINGS, RunSummary
from pipeline.plan import DEEP, PARTIAL, QUICK, PositionRequest, needed_turns
from pipeline.printing import PrintingThread
from pipeline.publish import Folders, Publisher
from pipeline.schedule import GameTask, Scheduler
from pipeline.store.dataset import StoredGame
from pipeline.store.journal import Entry, Journal
from pipeline.store.payload import decode, encode
from pipeline.wording import cli as words
from pipeline.wording import drive as drive_words
from pipeline.wording import incidents as incident_words

log = logging.getLogger(__name__)

TUNING = "autotuning"  # "Performing autotuning": KataGo's words when it tunes for a device for the first time
MAX_PUBLISHING = 8  # games whose files wait to be written; bounds the memory
TICK_SECONDS = 1.0
MAX_SKIPPED = 3  # positions without a result that a game may have; one with more is no review


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
        deadline: when everything has to be printed; ``None``: games are searched one after the other to their end.
        options: limits and times of the engine.
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
        deadline: Deadline | None = None,
        options: EngineOptions | None = None,
    ) -> None:
        self._setup = setup
        self._journal = journal
        self._reporter = reporter
        self._summary = summary
        self._deadline = deadline
        self._scheduler = Scheduler(self._plan, self._plan_spare if deadline else None)
        self._games: dict[GameTask, OpenGame] = {}
        self._come: list[PositionResult] = []
        self._in_flight = InFlight()
        self._is_last = False  # no other game can be taken into work just now
        self.is_closing = False
        self._printing = PrintingThread(publisher, deadline.measured if deadline else lambda _: None)
        self._next_tick = 0.0
        self._warned = 0
        self._told = 0
        self._trouble = ""
        self.engine = AnalysisEngine(
            setup, state_dir=cache_dir() / "home", log_dir=folders.logs, options=options or EngineOptions()
        )

    def run(self, work: Work) -> None:
        """Search and publish until the work is done or the deadline comes; what fails in one game is told to the work.

        However it ends, files that are being written are finished and noted.
        Those that only wait to be written are given up when the run is cut
        short: the journal has their positions, so they cost no search again.

        Raises:
            EngineError: the engine cannot be kept alive.
            StoreError: the journal or the dataset cannot be written.
        """
        with ExitStack() as stack:
            stack.enter_context(self._printing)
            stack.callback(self.engine.close)
            self._start()
            try:
                self._search(work)
                self._printing.collect(work, wait=True)
            except BaseException:
                self._printing.cancel()
                self._printing.collect(work, wait=True)
                raise

    def _drop(self, game: OpenGame) -> None:
        """Stop searching a game; answers that still come for it go into the journal only."""
        if self._games.pop(game.task, None) is not None:
            self._scheduler.drop(game.task)

    def _start(self) -> None:
        setup, say = self._setup, self._reporter.message
        say(words.STARTING_ENGINE.format(katago=setup.katago.name, network=setup.network.name))
        self._printing.warm_up()
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
        try:
            for outcome in self.engine.analyse(self._requests(work), lambda: self._look_around(work)):
                self._come.append(outcome)
                if self.engine.ready:
                    continue  # one transaction for what came together: a commit may take longer than an answer
                self._take_all(work)
                self._hand_on(work)
                self._reporter.refresh()
            for task in self._scheduler.open:  # cut short by the deadline
                self._scheduler.close(task, at_once=True)
            self._hand_on(work)
        finally:
            summary.search_seconds += time.monotonic() - started
            self._tell_news(work)
            self._take_all(work)  # what came before an interruption

    def _look_around(self, work: Work) -> None:
        """Whatever must not wait for an answer: a deep position may take minutes."""
        now = time.monotonic()
        if now < self._next_tick:
            return
        self._next_tick = now + TICK_SECONDS
        self._printing.collect(work, wait=False)
        self._tell_news(work)
        games = tuple(self._games.values())
        speed = self.engine.visits_per_second
        until = self._deadline.moment if self._deadline else None
        self._reporter.tally.until = until
        moment = Moment(
            self.engine.identity,
            games,
            len(self._printing),
            speed,
            self._in_flight.visits,
            self._printing.mean_seconds,
            until,
            self._trouble,
            self.engine.busy_seconds,
            self.engine.threads.analysis,
            self.engine.threads.search,
            VISITS_A_THREAD,
        )
        for game in work.tick(moment):
            self._drop(game)
        if self._deadline is not None:
            self._close_in_time(self._deadline)
        self._reporter.refresh()

    def _close_in_time(self, deadline: Deadline) -> None:
        """Give games to the printer early enough, those with least to gain first, while the others are searched on."""
        still_open = self._scheduler.closing_order()
        backlog = len(self._games) - len(still_open) + len(self._printing)
        is_steady = self._in_flight.is_steady(self.engine.threads.analysis)
        speed = self.engine.visits_per_second if is_steady else 0.0
        for task in deadline.to_close(still_open, backlog=backlog, open_visits=self._in_flight.visits, speed=speed):
            self.is_closing = True
            self._scheduler.close(task)
        if deadline.must_cut(len(self._games) + len(self._printing)):
            self.is_closing = True
            self.engine.cancel()

    def _requests(self, work: Work) -> Iterator[SearchJob | None]:
        """What the engine is to search; ends when there is nothing more, or all is over."""
        while True:
            job = self._next(work)
            self._hand_on(work)
            idle = job is None and not self._games
            if idle and (self.is_closing or work.is_done(publishing=len(self._printing) > 0)):
                return
            yield job

    def _next(self, work: Work) -> SearchJob | None:
        """The next position: of open urgent games, a new urgent one, the other open games, a new one, or foreseen."""
        scheduler = self._scheduler
        item = (
            scheduler.next(urgent=True)
            or self._next_of_new(work, urgent=True)
            or (self._deadline and self._next_of_new(work, urgent=False))  # importance is compared over all games
            or scheduler.next()
            or self._next_of_new(work, urgent=False)
        )
        if item is None:
            self._is_last = True
            item = scheduler.ahead()
        if item is None:
            return None
        task, request = item
        game = self._games[task]
        self._in_flight.asked(request.visits)
        threads = self.engine.threads.for_each(scheduler.demand, request.visits) if self._is_last else 0
        more = threads if threads > self.engine.threads.search else 0
        work.asked(game, request, more)
        return SearchJob(game, task.record, request, more)

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
        if self.is_closing or len(self._printing) >= MAX_PUBLISHING:
            return False
        game = work.next_game(urgent=urgent)
        if game is None:
            return False
        task = game.task
        self._games[task] = game
        if self._deadline:
            self._journal.put_all(task.game_id, task.profile.network, task.evaluations.values())
        self._is_last = False
        self._scheduler.add(task)
        self._park(task)
        return True

    def _plan(self, task: GameTask) -> list[PositionRequest]:
        game = self._games[task]
        if task.parked:
            remember(task, self._journal)
        wanted = self._round(game)
        if not wanted and task.make_up_quick():
            wanted = [replace(request, level=DEEP) for request in self._round(game)]
        if game.wants_quick_report and wanted and wanted[0].level != QUICK:
            game.wants_quick_report = False
            if self._deadline is None or self._may_print_twice(self._deadline):
                self._publish(game, QUICK)
        return wanted

    def _may_print_twice(self, deadline: Deadline) -> bool:
        """Whether a game gets a report of its first pass: the first does, to see how long that takes."""
        tally = self._reporter.tally
        is_first = not deadline.printed and not len(self._printing)
        return is_first or deadline.has_time_for_first_reports(tally.games - tally.games_done)

    def _round(self, game: OpenGame) -> list[PositionRequest]:
        return next_round(game.task, game.report, weigh=self._deadline is not None and not game.task.urgent)

    def _plan_spare(self, task: GameTask) -> list[PositionRequest]:
        return [] if task.urgent else spare_round(task, self._games[task].report)

    def _park(self, task: GameTask) -> None:
        """With a deadline all games are open at once: what lies in the journal need not lie in memory too."""
        if self._deadline and task.waiting and task.waiting[0].level != QUICK and not task.in_flight:
            task.park()

    def _take_all(self, work: Work) -> None:
        """Answers: first into the journal, whatever became of their games meanwhile."""
        outcomes = list(self._come)
        kept: list[Evaluation | None] = []
        entries: list[Entry] = []
        for outcome in outcomes:
            kept.append(None)
            if isinstance(outcome, PositionDone):
                assert isinstance(outcome.job.key, OpenGame)
                data = encode(outcome.evaluation)
                kept[-1] = stored = decode(data)  # judged now as it will be judged when it is read again
                task = outcome.job.key.task
                network = task.profile.network
                entries.append(Entry(task.game_id, network, stored.turn, stored.visits, data))
        try:
            self._journal.write(entries)
        except StoreError:
            self._come.clear()  # it was tried for long enough
            raise
        del self._come[: len(outcomes)]  # not before: a request to stop may come while they are written
        for outcome, evaluation in zip(outcomes, kept, strict=True):
            self._take(work, outcome, evaluation)

    def _take(self, work: Work, outcome: PositionResult, evaluation: Evaluation | None) -> None:
        """An answer that is in the journal, or a refusal."""
        game, turn, asked = outcome.job.key, outcome.job.request.turn, outcome.job.request.visits
        assert isinstance(game, OpenGame)
        task = game.task
        is_open = task in self._games
        self._in_flight.ended(asked, is_answered=evaluation is not None)
        if evaluation is not None:
            self._summary.positions += 1
            self._summary.visits += evaluation.visits
            self._reporter.tally.positions_done += 1
            work.answered(game, outcome.job.request, self.engine.busy_seconds)
            game.visits += asked
            game.is_changed = True
            if is_open:
                self._scheduler.answered(task, evaluation)
                self._park(task)
            return
        assert isinstance(outcome, PositionFailed)
        log.warning("%s turn %d: %s", task.name, turn, outcome.error.message)
        if not is_open:
            return
        if outcome.is_alone and self._may_skip(task, turn):
            self._tell_skipped(work, outcome.error)
            self._scheduler.refused(task, turn, fatal=False)
            return
        is_fatal = isinstance(outcome.error, QueryRejected)
        if is_fatal and not task.failed:
            work.failed(game, outcome.error, publishing=False)
        self._scheduler.refused(task, turn, fatal=is_fatal)

    def _may_skip(self, task: GameTask, turn: int) -> bool:
        """Whether the game is worth a report without this position (and those that were skipped before)."""
        task.skipped.add(turn)
        return len(task.skipped) <= min(MAX_SKIPPED, task.record.total_turns // 2)

    def _tell_skipped(self, work: Work, error: FupanError) -> None:
        text = incident_words.SKIPPED.format(message=error.message)
        if len(self._summary.skipped) < MOST_WARNINGS:
            self._summary.skipped.append(text)
        self._reporter.message(text)
        work.incident("skipped", text)

    def _hand_on(self, work: Work) -> None:
        """Hand games that are searched to the publishing thread, and note those that are written."""
        for task in self._scheduler.finished():
            game = self._games.pop(task)
            if task.failed or not work.searched(game):
                continue
            if task.planned:
                self._publish(game, game.level)
            elif set(needed_turns(task.record, task.profile.side)) - task.evaluations.keys() - task.skipped:
                work.unfinished(game)
            else:
                self._publish(game, PARTIAL if game.level == DEEP else game.level)
        self._printing.collect(work, wait=False)

    def _publish(self, game: OpenGame, level: str) -> None:
        task = game.task
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        quick = task.profile.quick_visits if level != DEEP else 0  # with a deadline not always that of the profile
        info = analysis_info(
            task, game.profile, self.engine.identity, level=level, finished_at=now, quick=quick or None
        )
        self._printing.hand_over(game, StoredGame(task.record, info, dict(task.evaluations)))

    def _tell_news(self, work: Work) -> None:
        """Say once that the engine had to be started again, and what it disliked."""
        summary, deaths = self._summary, self.engine.deaths
        for death in deaths[self._told :]:
            self._told += 1
            summary.restarts += 1
            summary.stalls += death.is_stall
            template = incident_words.STALLED if death.is_stall else incident_words.CRASHED
            text = template.format(code=death.exit_code, open=death.open)
            self._reporter.message(text)
            stalls = sum(each.is_stall for each in deaths)
            self._trouble = incident_words.restarting(len(deaths) - stalls, stalls, datetime.now().astimezone())
            work.incident("stalled" if death.is_stall else "crashed", text)
        fresh = self.engine.warnings[self._warned :]
        self._warned += len(fresh)
        for text in fresh:
            if self._summary.warn(text):
                self._reporter.message(drive_words.ENGINE_WARNING.format(text=text))
