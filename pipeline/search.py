"""The work of ``fupan review``: a batch of games, each published as soon as it is complete."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from pipeline.console import Reporter
from pipeline.drive import OpenGame, Session
from pipeline.engine.setup import EngineSetup
from pipeline.errors import FupanError
from pipeline.forecast import Forecast, Work, estimate
from pipeline.gamework import recall
from pipeline.outcome import GameOutcome, RunSummary, Status
from pipeline.plan import PositionRequest
from pipeline.publish import Folders, PlannedGame, Publisher
from pipeline.schedule import GameTask
from pipeline.store.journal import Journal
from pipeline.wording import cli as words


class BatchSearch:
    """Searches what the batch still lacks and publishes each game as soon as it is complete.

    What fails in one game is noted and the rest goes on.
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

    def run(self, games: Sequence[PlannedGame], setup: EngineSetup) -> None:
        """Search and publish.

        Raises:
            EngineError: the engine cannot be kept alive.
            StoreError: the journal or the dataset cannot be written.
        """
        with Journal(self._folders.state / "fupan.db") as journal:
            session = Session(
                setup, journal, self._folders, self._publisher, reporter=self._reporter, summary=self._summary
            )
            session.run(_Batch(games, journal, self._publisher, self._reporter, self._summary))


class _Batch:
    """A :class:`pipeline.drive.Work` over games that are all known from the start."""

    def __init__(
        self,
        games: Sequence[PlannedGame],
        journal: Journal,
        publisher: Publisher,
        reporter: Reporter,
        summary: RunSummary,
    ) -> None:
        self._waiting = deque(games)
        self._journal = journal
        self._publisher = publisher
        self._reporter = reporter
        self._summary = summary
        self._forecast = Forecast({planned.game.record.game_id: _estimate(planned) for planned in games})
        reporter.tally.games = len(games)

    def is_over(self) -> bool:
        return False

    def is_done(self, *, publishing: bool) -> bool:
        return not self._waiting

    def next_game(self, *, urgent: bool) -> OpenGame | None:
        if urgent or not self._waiting:
            return None
        planned = self._waiting.popleft()
        game, profile = planned.game, planned.profile
        task = GameTask(game.record, game.name, profile)
        recall(task, self._publisher.dataset, self._journal)
        return OpenGame(task, profile, game.settings.report)

    def asked(self, game: OpenGame, request: PositionRequest) -> None:
        self._forecast.asked(game.task.record.game_id, request.visits)

    def tick(self, session: Session) -> None:
        pass

    def progress(self) -> None:
        tally = self._reporter.tally
        tally.visits_planned, tally.positions = self._forecast.visits, self._forecast.positions

    def searched(self, game: OpenGame) -> bool:
        self._forecast.finished(game.task.record.game_id)
        return True

    def published(self, game: OpenGame, report: Path) -> None:
        task = game.task
        self._reporter.tally.games_done += 1
        self._summary.outcomes.append(GameOutcome(task.name, Status.DONE, task.record.game_id, report))
        self._reporter.message(words.GAME_DONE.format(name=task.name, report=report))
        self._journal.forget(task.record.game_id, task.profile.network)

    def failed(self, game: OpenGame, error: FupanError, *, publishing: bool) -> None:
        name, game_id = game.task.name, game.task.record.game_id
        self._forecast.finished(game_id)
        self._summary.outcomes.append(GameOutcome(name, Status.FAILED, game_id, error=error))
        self._reporter.message(words.GAME_FAILED.format(name=name, message=error.message))


def _estimate(planned: PlannedGame) -> Work:
    return estimate(planned.game.record, planned.profile, 2 * planned.game.settings.report.key_moments)
