"""The user's side of the queue: look at it, cancel, pause, resume and retry, from any process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.jobs.backlog import PAUSED, VISITS_LEFT
from pipeline.jobs.liveness import is_stale
from pipeline.jobs.model import Failure, FileOutcome, Job, JobState, Level, sources
from pipeline.jobs.queue import local_report
from pipeline.jobs.tables import CONTROL, FILES, JOBS, WORKERS, failure_of, failure_values, job_of
from pipeline.store.database import Database


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker as it last reported; ``is_alive`` when that was within its lease and it still runs.

    ``seconds_left`` is what it forecast then for its own games and its part of those that wait; ``None``: nothing.
    """

    host: str
    pid: int
    inbox: str
    phase: str
    started_at: float
    seen_at: float
    speed: float
    engine: str
    trouble: str
    is_alive: bool
    network: str = ""
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class FileRefused:
    """A file that could not be analysed."""

    name: str
    group: str
    at: float
    failure: Failure


@dataclass(frozen=True, slots=True)
class QueueState:
    """All there is to see.

    ``counts`` has every level and state, zeros too; ``visits_left`` is what is
    expected; ``unserved`` counts queued jobs by networks that no living worker has.
    """

    is_paused: bool
    counts: dict[Level, dict[JobState, int]]
    visits_left: int
    running: tuple[Job, ...]
    failed: tuple[Job, ...]
    refused: tuple[FileRefused, ...]
    workers: tuple[WorkerSeen, ...]
    unserved: tuple[tuple[str, int], ...] = ()

    @property
    def speed(self) -> float:
        """Visits a second of all workers that are alive."""
        return sum(worker.speed for worker in self.workers if worker.is_alive)

    @property
    def seconds_left(self) -> float | None:
        """Forecast for all that is open; ``None`` while nothing is measured.

        It is the workers who know; the visits that are expected and their speed are a first guess.
        """
        told = [worker.seconds_left for worker in self.workers if worker.is_alive and worker.seconds_left is not None]
        if told:
            return max(told)
        return self.visits_left / self.speed if self.speed > 0 else None


class Desk:
    """Reads and steers the queue.

    Args:
        database: the state database with :data:`pipeline.jobs.tables.METADATA`.
        clock: seconds since 1970; by default the clock that all machines share.
        is_running: whether a process of this host may still exist; tells of a death before the lease ends.
        root: the output folder as this machine sees it, where paths are stored relative to it.

    Raises:
        StoreError: every method, when the database cannot be used.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] | None = None,
        is_running: Callable[[str, int], bool] = lambda _host, _pid: True,
        root: Path | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._is_running = is_running
        self._root = root

    def state(self, *, recent: int = 20) -> QueueState:
        """The queue now, with at most ``recent`` failures of each kind, newest first."""
        late = is_stale(self._database.now(self._clock), self._database.up_since(self._clock))
        seen = sa.select(*self._database.columns(WORKERS), late.label("is_late")).order_by(WORKERS.c.started_at)
        waiting = sa.select(JOBS.c.network, sa.func.count()).where(JOBS.c.state == JobState.QUEUED)
        counts = {level: dict.fromkeys(JobState, 0) for level in Level}
        left = sa.func.sum(VISITS_LEFT).label("visits")
        totals = sa.select(JOBS.c.level, JOBS.c.state, sa.func.count().label("jobs"), left)
        jobs = sa.select(*self._database.columns(JOBS))
        failed = jobs.where(JOBS.c.state == JobState.FAILED).order_by(JOBS.c.updated_at.desc())
        worked = jobs.where(JOBS.c.state.in_([JobState.RUNNING, JobState.PUBLISHING]))
        refused = sa.select(FILES).where(FILES.c.outcome == FileOutcome.FAILED).order_by(FILES.c.id.desc())
        visits_left = 0
        with self._database.transaction() as connection:
            for row in connection.execute(totals.group_by(JOBS.c.level, JOBS.c.state)):
                state = JobState(row.state)
                counts[Level(row.level)][state] = row.jobs
                if state in {JobState.QUEUED, JobState.RUNNING}:
                    visits_left += int(row.visits or 0)
            running = [self._job(row) for row in connection.execute(worked.order_by(JOBS.c.priority, JOBS.c.id))]
            failures = [self._job(row) for row in connection.execute(failed.limit(recent))]
            files = [
                FileRefused(row.name, row.class_name, row.at, failure)
                for row in connection.execute(refused.limit(recent))
                if (failure := failure_of(row)) is not None
            ]
            workers = [
                WorkerSeen(
                    row.host,
                    row.pid,
                    row.inbox,
                    row.phase,
                    row.started_at,
                    row.seen_at,
                    row.speed,
                    row.engine,
                    row.trouble,
                    not row.is_late and self._is_running(row.host, row.pid),
                    row.network,
                    row.seconds_left if row.seconds_left is None else round(row.seconds_left, 1),
                )
                for row in connection.execute(seen)
            ]
            queued = connection.execute(waiting.group_by(JOBS.c.network)).all()
            paused = bool(connection.execute(sa.select(CONTROL.c.value).where(CONTROL.c.name == PAUSED)).scalar())
        served = {worker.network for worker in workers if worker.is_alive}
        unserved = tuple((network, count) for network, count in queued if network and network not in served)
        return QueueState(
            paused, counts, visits_left, tuple(running), tuple(failures), tuple(files), tuple(workers), unserved
        )

    def jobs(self, states: Iterable[JobState] | None = None) -> list[Job]:
        """Jobs, all or in these states, in the order in which they came."""
        query = sa.select(*self._database.columns(JOBS)).order_by(JOBS.c.id)
        if states is not None:
            query = query.where(JOBS.c.state.in_(list(states)))
        with self._database.transaction() as connection:
            return [self._job(row) for row in connection.execute(query)]

    def finished_levels(self, short: int) -> dict[str, str]:
        """Deepest level that is done, by the first ``short`` characters of the game id."""
        query = sa.select(sa.func.substr(JOBS.c.game_id, 1, short), JOBS.c.level).where(JOBS.c.state == JobState.DONE)
        with self._database.transaction() as connection:
            rows = connection.execute(query.order_by(JOBS.c.priority)).all()
        return {row[0]: row[1] for row in rows}  # the deep one comes last

    def find(self, text: str) -> list[Job]:
        """Jobs whose game id starts with ``text``, or whose name or class contains it."""
        wanted = text.strip().casefold()
        return [
            job
            for job in self.jobs()
            if wanted and (job.game_id.startswith(wanted) or wanted in f"{job.group}/{job.name}".casefold())
        ]

    def cancel(self, jobs: Iterable[Job]) -> list[Job]:
        """Give these up; returns those that were still open."""
        return self._move(
            jobs, JobState.CANCELLED, sources(JobState.CANCELLED), finished_at=self._database.now(self._clock)
        )

    def pause(self, jobs: Iterable[Job]) -> list[Job]:
        """Leave these lying until they are resumed; returns those that were not finished."""
        return self._move(jobs, JobState.PAUSED, sources(JobState.PAUSED))

    def resume(self, jobs: Iterable[Job]) -> list[Job]:
        """Go on with these; returns those that were paused."""
        return self._move(jobs, JobState.QUEUED, [JobState.PAUSED])

    def retry(self, jobs: Iterable[Job]) -> list[Job]:
        """Try these again from where they stopped; returns those that had failed or been cancelled."""
        values = {"attempts": 0, "losses": 0, "not_before": 0.0, "finished_at": None, **failure_values(None)}
        return self._move(jobs, JobState.QUEUED, [JobState.FAILED, JobState.CANCELLED], **values)

    def pause_all(self, *, paused: bool) -> None:
        """Start no job any more (what is running is finished), or start them again."""
        with self._database.transaction() as connection:
            connection.execute(sa.delete(CONTROL).where(CONTROL.c.name == PAUSED))
            if paused:
                connection.execute(sa.insert(CONTROL).values(name=PAUSED, value="1"))

    def _move(self, jobs: Iterable[Job], target: JobState, origins: Iterable[JobState], **values: object) -> list[Job]:
        changed = []
        now = self._database.now(self._clock)
        with self._database.transaction() as connection:
            for job in jobs:
                done = connection.execute(
                    sa.update(JOBS)
                    .where(JOBS.c.id == job.id, JOBS.c.state.in_(list(origins)))
                    .values(state=target, owner=None, updated_at=now, **values)
                )
                if done.rowcount:
                    changed.append(job)
        return changed

    def _job(self, row: sa.Row[Any]) -> Job:
        job = job_of(row)
        return replace(job, report=local_report(job.report, self._root))
