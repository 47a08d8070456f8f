"""The jobs of a queue as work for the driver: claimed, gone on with, told of and finished."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.arrivals import Arrivals
from pipeline.console import Reporter
from pipeline.countdown import Countdown
from pipeline.errors import ConfigError, FupanError, GameError, RenderError, StoreError
from pipeline.forecast import Forecast
from pipeline.gamework import recall, restore_deepest
from pipeline.jobs.incidents import Incident
from pipeline.jobs.model import Failure, Job, JobState, Level
from pipeline.jobs.outlook import fair_share
from pipeline.jobs.queue import JobQueue, Progress
from pipeline.jobs.share import Share
from pipeline.needs import Waiting, plan_of, plan_of_first_pass
from pipeline.opengame import Moment, OpenGame
from pipeline.outcome import GameOutcome, RunSummary, Status
from pipeline.plan import DEEP, PARTIAL, QUICK, PositionRequest, Strategy
from pipeline.publish import Publisher
from pipeline.schedule import GameTask
from pipeline.store.journal import Journal
from pipeline.wording import drive as drive_words
from pipeline.wording import jobs as words

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerTimes:
    """Seconds: between two looks at the queue, and of idling until the engine (and its memory) is given back."""

    tick: float = 1.0
    idle_close: float = 300.0


class QueueWork:
    """A :class:`pipeline.opengame.Work` over the queue. A quick job that arrives goes before the deep ones."""

    def __init__(
        self,
        queue: JobQueue,
        first: Job,
        journal: Journal,
        publisher: Publisher,
        *,
        reporter: Reporter,
        arrivals: Arrivals,
        summary: RunSummary,
        more_to_come: Callable[[], bool],
        times: WorkerTimes,
        lets_go: Callable[[], bool],
        cancel: Callable[[], None],
        has_deadline: bool,
    ) -> None:
        self._has_deadline = has_deadline
        self._forecast = Forecast({})
        self._countdown = Countdown(self._forecast, reporter)
        reporter.tally.expect_nothing()
        self._full = 0  # the deepest budget of the games so far, in visits
        self._in_cache: set[str] = set()  # games of which this run of the engine has made the quick pass
        self._lets_go = lets_go
        self._cancel = cancel
        self._queue = queue
        self._first: Job | None = first
        self._journal = journal
        self._publisher = publisher
        self._reporter = reporter
        self._arrivals = arrivals
        self._summary = summary
        self._more_to_come = more_to_come
        self._times = times
        self._share = Share(queue)
        self._next_look: dict[bool, float] = {True: 0.0, False: 0.0}
        self._idle_since: float | None = None

    def is_done(self, *, publishing: bool) -> bool:
        """Whether nothing is to come, or nothing came for so long that the engine is given back."""
        now = time.monotonic()
        self._idle_since = self._idle_since or now
        if publishing:
            return False
        if self._lets_go():
            return True
        if not self._more_to_come() and not self._queue.pending().jobs:
            return True
        return now - self._idle_since >= self._times.idle_close

    def next_game(self, *, urgent: bool) -> OpenGame | None:
        """Claim jobs until one has something to do."""
        if self._first is not None:
            job, self._first = self._first, None
            game = self._begin(job)
            if game is not None:
                return game
        if not urgent and self._share.is_full:
            return None
        now = time.monotonic()
        while now >= self._next_look[urgent]:
            job_or_none = self._queue.claim(Level.QUICK if urgent else None)
            if job_or_none is None:
                self._next_look[urgent] = now + self._times.tick
                return None
            game = self._begin(job_or_none)
            if game is not None:
                return game
        return None

    def _begin(self, job: Job) -> OpenGame | None:
        """Read the game again and remember what is known of it; ``None`` if there is nothing to do."""
        source = self._queue.source(job)
        try:
            if source is None:
                raise GameError("job.source_lost", file=job.name)
            game = self._arrivals.resume(job, *source)
        except (GameError, ConfigError) as error:
            self._fail(job, error)
            return None
        profile, is_quick = game.profile, job.level is Level.QUICK
        self._full = max(self._full, profile.visits)
        if not is_quick:
            self._share.took(job.id)
        if is_quick:
            if self._publisher.dataset.is_complete(job.game_id, profile.profile_id):
                self._skip(job, profile.profile_id)
                return None
            profile = replace(profile, visits=profile.quick_visits, quick_visits=0, strategy=Strategy.UNIFORM)
        task = GameTask(game.record, words.in_class(job.group, job.name), profile, urgent=is_quick)
        recall(task, self._publisher.dataset, self._journal)
        if is_quick:
            plan = plan_of_first_pass(game.record, profile)
        else:
            moments = 2 * game.report.key_moments
            plan = plan_of(game.record, profile, moments, to_the_full=self._has_deadline)
        cached = task.done_visits if job.game_id in self._in_cache else None
        self._forecast.add(str(job.id), plan, cached)
        self._forecast.known(str(job.id), task.done_visits.values())
        return OpenGame(
            task, game.profile, game.report, level=job.level.value, group=job.group, mark=job, visits=job.visits_done
        )

    def _skip(self, job: Job, profile_id: str) -> None:
        """A quick report must never replace the deep one that is there already."""
        report = self._publisher.report_of(job.game_id)
        self._queue.publishing(job.id)
        self._queue.done(job.id, str(report or ""), profile_id)

    def asked(self, game: OpenGame, request: PositionRequest, threads: int = 0) -> None:
        """Work has come: the engine is not idle."""
        self._idle_since = None
        key = _key(game)
        self._forecast.planned(key, game.task.outlook)
        self._forecast.asked(key, replace(request, level=QUICK) if game.task.urgent else request, threads)

    def answered(self, game: OpenGame, request: PositionRequest, busy_seconds: float) -> None:
        """The queue is told once a second only."""
        self._forecast.answered(_key(game), request, busy_seconds)

    def tick(self, moment: Moment) -> Collection[OpenGame]:
        """Say that we live, note progress, and drop what was cancelled, paused or taken over."""
        pending = self._queue.pending()
        self._countdown.tick(moment, self._share_of(pending.waiting, moment.visits_per_second))
        self._tell_progress(moment.games)
        identity = moment.identity
        phase = "search" if moment.games or moment.publishing else "idle"
        device = f"KataGo {identity.version}, {identity.device}, {identity.network}"
        tally = self._reporter.tally
        tally.games = tally.games_done + pending.games
        self._queue.alive(
            phase,
            speed=moment.visits_per_second,
            engine=device,
            trouble=moment.trouble,
            seconds_left=tally.printed_in(time.monotonic()),
        )
        if self._lets_go():
            self._cancel()
            return moment.games  # back to the queue; what was answered is in the journal
        mine = self._queue.still_mine()
        lost = [game for game in moment.games if _job(game).id not in mine]
        for game in lost:
            log.info("job %d is not ours any more", _job(game).id)
        dropped = [*lost, *self._left_to_others(moment, mine, pending.games)] if moment.until else lost
        for game in dropped:
            self._forecast.forget(_key(game))
        return dropped

    def _share_of(self, waiting: Sequence[Waiting], speed: float) -> list[Waiting]:
        """What this worker will probably take of the jobs that nobody has taken; up to an hour each in full."""
        others = self._queue.other_speeds() if waiting else []
        shares = [replace(w, games=fair_share(w.games, speed, others), full=self._full) for w in waiting]
        if not self._has_deadline:
            return shares
        return [
            replace(w, visits=max(w.visits, w.positions * w.full - w.done)) if w.level == DEEP else w for w in shares
        ]

    def _tell_progress(self, games: Iterable[OpenGame]) -> None:
        changed = [game for game in games if game.is_changed]
        left = self._forecast.visits_left() if changed else {}
        self._queue.progress(_progress(game, left.get(_key(game))) for game in changed)
        for game in changed:
            game.is_changed = False

    def _left_to_others(self, moment: Moment, mine: set[int], games: int) -> list[OpenGame]:
        """Games that were opened beyond this worker's share, and are put back."""
        resting = {
            _job(game).id: game.visits for game in moment.games if not game.task.in_flight and not game.task.closed
        }
        speed = moment.visits_per_second
        back = self._share.adjust(mine, resting, games=games, speed=speed, until=moment.until)
        return [game for game in moment.games if _job(game).id in back]

    def searched(self, game: OpenGame) -> bool:
        """Whether the job is still ours; the deep job of this game may go now."""
        self._next_look[False] = 0.0
        if game.task.urgent:
            self._in_cache.add(game.task.game_id)
        if game.task.planned:  # one that a deadline cut short is still to be searched some day
            self._forecast.finished(_key(game))
        return self._queue.publishing(_job(game).id)

    def unfinished(self, game: OpenGame) -> None:
        """The job goes back to the queue when the worker stops."""

    def published(self, game: OpenGame, report: Path, level: str) -> None:
        """The job is done; one that a deadline cut short goes back to the queue when the worker stops."""
        job = _job(game)
        if level == PARTIAL:
            self._queue.progress([Progress(job.id, len(game.task.evaluations), game.visits)])
            self._summary.add(GameOutcome(game.task.name, Status.DONE, job.game_id, report))
            self._reporter.message(drive_words.PARTIAL_REPORT.format(name=game.task.name, report=report))
            return
        if job.level is Level.DEEP:
            self._journal.forget(job.game_id, self._arrivals.network)
        self._queue.progress([Progress(job.id, job.positions, game.visits)])
        profile_id = game.profile.profile_id
        if not self._queue.done(job.id, str(report), profile_id) and job.level is Level.QUICK:
            restore_deepest(self._publisher, job.game_id, profile_id, game.report, job.group)
        if job.level is Level.DEEP:
            self._reporter.tally.games_done += 1
        self._summary.add(GameOutcome(game.task.name, Status.DONE, job.game_id, report))
        level = words.LEVELS[job.level.value]
        self._reporter.message(words.JOB_DONE.format(level=level, name=game.task.name, report=report))

    def incident(self, kind: str, text: str) -> None:
        """The morning summary tells of it."""
        try:
            self._queue.note(Incident(kind, text))
        except StoreError as error:  # if it is more than that, the next answer will tell
            log.warning("incident: %s", error.message)

    def failed(self, game: OpenGame, error: FupanError, *, publishing: bool) -> None:
        """A job that cannot be searched or rendered has failed for good; other trouble with its files may pass."""
        self._forecast.finished(_key(game))
        if publishing and not isinstance(error, RenderError):
            self._try_again(_job(game), error)
        else:
            self._fail(_job(game), error)

    def _fail(self, job: Job, error: FupanError) -> None:
        self._queue.failed(job.id, Failure(error.code, error.message, error.advice))
        name = words.in_class(job.group, job.name)
        self._summary.add(GameOutcome(name, Status.FAILED, job.game_id, error=error))
        level = words.LEVELS[job.level.value]
        self._reporter.message(words.JOB_FAILED.format(name=name, level=level, message=error.message))

    def _try_again(self, job: Job, error: FupanError) -> None:
        state = self._queue.again(job, Failure(error.code, error.message, error.advice))
        if state is JobState.FAILED:
            self._fail(job, error)
            return
        name, level = words.in_class(job.group, job.name), words.LEVELS[job.level.value]
        self._reporter.message(words.JOB_AGAIN.format(name=name, level=level, message=error.message))


def _job(game: OpenGame) -> Job:
    assert isinstance(game.mark, Job)
    return game.mark


def _progress(game: OpenGame, visits_left: int | None) -> Progress:
    foreseen = None if visits_left is None else game.visits + visits_left
    return Progress(_job(game).id, len(game.task.done_visits), game.visits, foreseen)


def _key(game: OpenGame) -> str:
    """The name of a job in the forecast: the quick and the deep one of a game are apart."""
    return str(_job(game).id)
