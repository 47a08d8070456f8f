"""The work of ``fupan review``: a batch of games, each published as soon as it is complete."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline import statedb
from pipeline.console import Reporter
from pipeline.countdown import Countdown
from pipeline.deadline import LEAST_FIRST, Deadline
from pipeline.drive import Session
from pipeline.engine.setup import EngineSetup
from pipeline.engine.work import EngineOptions
from pipeline.errors import FupanError
from pipeline.forecast import Forecast
from pipeline.gamework import recall
from pipeline.needs import GamePlan, plan_of
from pipeline.opengame import Moment, OpenGame
from pipeline.outcome import GameOutcome, RunSummary, Status
from pipeline.plan import PARTIAL, QUICK, AnalysisProfile, PositionRequest
from pipeline.publish import Folders, PlannedGame, Publisher
from pipeline.schedule import GameTask
from pipeline.store.journal import Journal
from pipeline.wording import cli as words
from pipeline.wording import drive as drive_words


class BatchSearch:
    """Searches what the batch still lacks and publishes each game as soon as it is complete.

    What fails in one game is noted and the rest goes on. The journal is that of
    ``open_journal``, by default the SQLite file of the output folder.
    """

    def __init__(
        self,
        folders: Folders,
        publisher: Publisher,
        reporter: Reporter,
        summary: RunSummary,
        *,
        deadline: Deadline | None = None,
        options: EngineOptions | None = None,
        open_journal: Callable[[], Journal] | None = None,
    ) -> None:
        self._open_journal = open_journal or (lambda: Journal(folders.state / statedb.STATE_FILE))
        self._deadline = deadline
        self._options = options
        self._folders = folders
        self._publisher = publisher
        self._reporter = reporter
        self._summary = summary

    def run(self, games: Sequence[PlannedGame], setup: EngineSetup) -> None:
        """Search and publish.

        Raises:
            EngineError: the engine cannot be kept alive.
            StoreError: the journal or the dataset cannot be written.
        """
        with self._open_journal() as journal:
            session = Session(
                setup,
                journal,
                self._folders,
                self._publisher,
                reporter=self._reporter,
                summary=self._summary,
                deadline=self._deadline,
                options=_for_boards_of(games, self._options),
            )
            batch = _Batch(games, journal, self._publisher, self._reporter, self._summary, deadline=self._deadline)
            session.run(batch)
            batch.give_up_rest()


def _for_boards_of(games: Sequence[PlannedGame], options: EngineOptions | None) -> EngineOptions:
    """All games of a batch are known before the engine starts, so it need not be ready for larger boards."""
    sizes = frozenset((planned.game.record.width, planned.game.record.height) for planned in games)
    return replace(options or EngineOptions(), boards=sizes)


class _Batch:
    """A :class:`pipeline.opengame.Work` over games that are all known from the start."""

    def __init__(
        self,
        games: Sequence[PlannedGame],
        journal: Journal,
        publisher: Publisher,
        reporter: Reporter,
        summary: RunSummary,
        *,
        deadline: Deadline | None,
    ) -> None:
        self._deadline = deadline
        self._first_share, self._said_cut = 1.0, False
        self._waiting = deque(games)
        self._journal = journal
        self._publisher = publisher
        self._reporter = reporter
        self._summary = summary
        self._forecast = Forecast({p.game.record.game_id: self._plan(p) for p in games})
        for planned in games:
            self._forecast.known(planned.game.record.game_id, self._stored(planned).values())
        self._countdown = Countdown(self._forecast, reporter)
        reporter.tally.games = len(games)

    def _plan(self, planned: PlannedGame) -> GamePlan:
        moments = 2 * planned.game.settings.report.key_moments
        to_the_full = self._deadline is not None
        return plan_of(planned.game.record, self._searched(planned), moments, to_the_full=to_the_full)

    def _searched(self, planned: PlannedGame) -> AnalysisProfile:
        """With a deadline there is a first pass whatever the profile says, for every game has to have a report."""
        profile = planned.profile
        if self._deadline is None or profile.quick_visits:
            return profile
        return replace(profile, quick_visits=max(1, profile.visits // 8))

    def _stored(self, planned: PlannedGame) -> dict[int, int]:
        """Turn -> visits that are known from before: a batch that is gone on with is not forecast from nothing."""
        game_id, network = planned.game.record.game_id, planned.profile.network
        found = self._publisher.dataset.done_visits(game_id, network)
        for turn, visits in self._journal.done_visits(game_id, network).items():
            found[turn] = max(visits, found.get(turn, 0))
        return found

    def is_done(self, *, publishing: bool) -> bool:
        return not self._waiting

    def next_game(self, *, urgent: bool) -> OpenGame | None:
        if urgent or not self._waiting:
            return None
        planned = self._waiting.popleft()
        game = planned.game
        task = GameTask(game.record, game.name, self._searched(planned))
        recall(task, self._publisher.dataset, self._journal)
        self._forecast.known(task.game_id, task.done_visits.values())
        is_timed = self._deadline is not None
        if is_timed:
            task.limit_quick(self._first_share, LEAST_FIRST)
        return OpenGame(task, planned.profile, game.settings.report, wants_quick_report=is_timed)

    def asked(self, game: OpenGame, request: PositionRequest, threads: int = 0) -> None:
        self._forecast.planned(game.task.game_id, game.task.outlook)
        self._forecast.asked(game.task.game_id, request, threads)

    def answered(self, game: OpenGame, request: PositionRequest, busy_seconds: float) -> None:
        self._forecast.answered(game.task.game_id, request, busy_seconds)

    def tick(self, moment: Moment) -> Collection[OpenGame]:
        self._countdown.tick(moment)
        if self._deadline is not None:
            self._fit_first_pass(self._deadline, moment)
        return ()

    def _fit_first_pass(self, deadline: Deadline, moment: Moment) -> None:
        """Make the first pass of the games to come shallower when the time would not do for all of them."""
        seconds = self._forecast.quick_seconds()
        if not seconds:
            return
        games = len(moment.games) + len(self._waiting) + moment.publishing
        open_seconds = moment.open_visits / moment.visits_per_second if moment.visits_per_second > 0 else 0.0
        share = deadline.first_pass_share(games=games, seconds=seconds, open_seconds=open_seconds)
        if share < 1.0 and not self._said_cut:
            self._said_cut = True
            self._reporter.message(drive_words.FIRST_PASS_CUT)
        self._first_share = share
        for game in moment.games:
            if game.task.waiting and game.task.waiting[0].level == QUICK:
                game.task.limit_quick(share, LEAST_FIRST)

    def searched(self, game: OpenGame) -> bool:
        if game.task.planned:  # one that a deadline cut short is still to be searched some day
            self._forecast.finished(game.task.game_id)
        return True

    def published(self, game: OpenGame, report: Path, level: str) -> None:
        task = game.task
        if level == QUICK:
            self._reporter.message(drive_words.QUICK_REPORT.format(name=task.name, report=report))
            return
        self._reporter.tally.games_done += 1
        self._summary.add(GameOutcome(task.name, Status.DONE, task.game_id, report))
        done = drive_words.PARTIAL_REPORT if level == PARTIAL else words.GAME_DONE
        self._reporter.message(done.format(name=task.name, report=report))
        self._journal.forget(task.game_id, task.profile.network)

    def unfinished(self, game: OpenGame) -> None:
        self._postpone(game.task.name, game.task.game_id)

    def give_up_rest(self) -> None:
        """Note the games that the deadline came before."""
        while self._waiting:
            game = self._waiting.popleft().game
            self._postpone(game.name, game.record.game_id)

    def _postpone(self, name: str, game_id: str) -> None:
        self._summary.add(GameOutcome(name, Status.PENDING, game_id))
        self._reporter.message(drive_words.NO_TIME.format(name=name))

    def incident(self, kind: str, text: str) -> None:
        """The summary of the run tells of it."""

    def failed(self, game: OpenGame, error: FupanError, *, publishing: bool) -> None:
        name, game_id = game.task.name, game.task.game_id
        self._forecast.finished(game_id)
        self._summary.add(GameOutcome(name, Status.FAILED, game_id, error=error))
        self._reporter.message(words.GAME_FAILED.format(name=name, message=error.message))
