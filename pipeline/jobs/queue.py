"""The worker's side of the queue: claim, report progress, finish, and take over what a dead worker left."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.jobs.model import WORKED_ON, Failure, Job, JobState, Level, RetryRule, sources
from pipeline.jobs.tables import CONTROL, JOBS, SOURCES, WORKERS, failure_values, job_of
from pipeline.store.database import Database

LEASE_SECONDS = 60.0
CLOCK_SLACK = 60.0
PAUSED = "paused"
_WAITING_BEFORE = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)


@dataclass(frozen=True, slots=True)
class Pending:
    """What will still be worked on: jobs, games whose final report is to come, and the visits expected."""

    jobs: int
    games: int
    quick_visits: int
    deep_visits: int

    @property
    def visits(self) -> int:
        """Visits of both levels."""
        return self.quick_visits + self.deep_visits


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: positions and visits finished."""

    job: int
    positions: int
    visits: int


class JobQueue:
    """Jobs as one worker sees them. Safe for several threads, processes and machines.

    Whatever a worker changes, it changes only where it is still the owner: a
    worker that was given up for dead and comes back does no harm. Methods
    that return ``bool`` say whether this worker still owned the job.

    Args:
        database: the state database with :data:`pipeline.jobs.tables.METADATA`.
        owner: this worker; a new name for every start.
        clock: seconds since 1970.
        rule: how often and when failures are repeated.

    Raises:
        StoreError: every method, when the database cannot be used.
    """

    def __init__(
        self, database: Database, owner: str, *, clock: Callable[[], float], rule: RetryRule | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._rule = rule or RetryRule()
        self.owner = owner

    def register(self, *, host: str, pid: int, inbox: str) -> None:
        """Make this worker known; forgets workers that are gone."""
        now = self._clock()
        values = {"host": host, "pid": pid, "inbox": inbox, "phase": "start", "started_at": now, "seen_at": now}
        with self._database.transaction() as connection:
            connection.execute(sa.delete(WORKERS).where(_stale(now)))
            connection.execute(sa.insert(WORKERS).values(owner=self.owner, **values))

    def alive(self, phase: str, *, speed: float = 0.0, engine: str = "", trouble: str = "") -> None:
        """Renew this worker's lease, and say what it does."""
        values = {"phase": phase, "speed": speed, "engine": engine, "trouble": trouble, "seen_at": self._clock()}
        with self._database.transaction() as connection:
            connection.execute(sa.update(WORKERS).where(WORKERS.c.owner == self.owner).values(**values))

    def give_back(self) -> None:
        """Put back what is not finished, at no cost to it."""
        with self._database.transaction() as connection:
            connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.owner == self.owner, JOBS.c.state.in_(WORKED_ON))
                .values(state=JobState.QUEUED, owner=None, updated_at=self._clock())
            )

    def leave(self) -> None:
        """Sign off."""
        self.give_back()
        with self._database.transaction() as connection:
            connection.execute(sa.delete(WORKERS).where(WORKERS.c.owner == self.owner))

    def take_over(self, *, alone: bool) -> list[Job]:
        """Put back what dead workers left; returns the jobs given up because they kill every worker.

        Args:
            alone: this worker holds the lock of the database, so all others are
                dead; else those are that did not renew their lease.
        """
        now = self._clock()
        dead = [JOBS.c.state.in_(WORKED_ON), JOBS.c.owner != self.owner]
        if not alone:
            alive = sa.select(WORKERS.c.owner).where(sa.not_(_stale(now)))
            dead.append(JOBS.c.owner.not_in(alive))
        losses = JOBS.c.losses + 1
        with self._database.transaction() as connection:
            connection.execute(
                sa.update(JOBS)
                .where(*dead)
                .values(state=JobState.QUEUED, owner=None, losses=losses, updated_at=now, not_before=0.0)
            )
            if alone:
                connection.execute(sa.delete(WORKERS).where(WORKERS.c.owner != self.owner))
            rows = connection.execute(
                sa.select(JOBS).where(JOBS.c.state == JobState.QUEUED, JOBS.c.losses > self._rule.max_losses)
            )
            return [job_of(row) for row in rows.all()]

    def claim(self, level: Level | None = None) -> Job | None:
        """The job to do next, now this worker's; ``None`` when there is none, or the queue is paused.

        The deep analysis of a game waits until its quick one was searched or given up.

        Args:
            level: claim only jobs of this level.
        """
        now = self._clock()
        first = JOBS.alias("first")
        quick_waits = sa.exists().where(
            first.c.game_id == JOBS.c.game_id, first.c.level == Level.QUICK, first.c.state.in_(_WAITING_BEFORE)
        )
        # A job that was last touched in the future tells of a clock set back: its pause means nothing.
        is_due = sa.or_(JOBS.c.not_before <= now, JOBS.c.updated_at > now + CLOCK_SLACK)
        wanted = [JOBS.c.state == JobState.QUEUED, is_due, sa.or_(JOBS.c.level == Level.QUICK, sa.not_(quick_waits))]
        if level is not None:
            wanted.append(JOBS.c.level == level)
        paused = sa.select(CONTROL.c.value).where(CONTROL.c.name == PAUSED)
        query = sa.select(JOBS).where(*wanted).order_by(JOBS.c.priority, JOBS.c.id).limit(1)
        while True:
            with self._database.transaction() as connection:
                if connection.execute(paused).scalar():
                    return None
                row = connection.execute(query).one_or_none()
                if row is None:
                    return None
                changed = connection.execute(
                    sa.update(JOBS)
                    .where(JOBS.c.id == row.id, JOBS.c.state == JobState.QUEUED)
                    .values(
                        state=JobState.RUNNING,
                        owner=self.owner,
                        updated_at=now,
                        started_at=sa.func.coalesce(JOBS.c.started_at, now),
                    )
                )
                if changed.rowcount:
                    return job_of(connection.execute(sa.select(JOBS).where(JOBS.c.id == row.id)).one())

    def progress(self, done: Iterable[Progress]) -> None:
        """Note how far jobs are; what makes progress is no danger to its worker."""
        now = self._clock()
        with self._database.transaction() as connection:
            for item in done:
                connection.execute(
                    self._mine(item.job).values(
                        positions_done=item.positions, visits_done=item.visits, losses=0, updated_at=now
                    )
                )

    def still_mine(self) -> set[int]:
        """Ids of the jobs that this worker may go on with: not cancelled, paused or taken over."""
        query = sa.select(JOBS.c.id).where(JOBS.c.owner == self.owner, JOBS.c.state.in_(WORKED_ON))
        with self._database.transaction() as connection:
            return set(connection.execute(query).scalars())

    def publishing(self, job: int) -> bool:
        """Searched; its files are being written."""
        return self._move(job, JobState.PUBLISHING)

    def done(self, job: int, report: str, profile_id: str) -> bool:
        """All files of the job are on the disk, analysed by this profile.

        Its source is dropped when no other job needs it.
        """
        values = {
            "report": report,
            "profile_id": profile_id,
            "finished_at": self._clock(),
            "owner": None,
            **failure_values(None),
        }
        with self._database.transaction() as connection:
            owned = self._move_in(connection, job, JobState.DONE, values)
            needed = sa.select(JOBS.c.source).where(JOBS.c.state != JobState.DONE)
            mine = sa.select(JOBS.c.source).where(JOBS.c.id == job)
            connection.execute(sa.delete(SOURCES).where(SOURCES.c.sha256.in_(mine), SOURCES.c.sha256.not_in(needed)))
        return owned

    def failed(self, job: int, failure: Failure) -> bool:
        """It will not succeed by being repeated."""
        return self._move(
            job, JobState.FAILED, {"finished_at": self._clock(), "owner": None, **failure_values(failure)}
        )

    def again(self, job: Job, failure: Failure) -> JobState:
        """It failed in a way that may pass: queued again after a pause, or failed when that was the last time."""
        attempts = job.attempts + 1
        if attempts >= self._rule.max_attempts:
            self.failed(job.id, failure)
            return JobState.FAILED
        values = {
            "attempts": attempts,
            "owner": None,
            "not_before": self._clock() + self._rule.pause(attempts),
            **failure_values(failure),
        }
        self._move(job.id, JobState.QUEUED, values)
        return JobState.QUEUED

    def give_up(self, job: Job, failure: Failure) -> None:
        """A job that nobody owns is failed, whatever it waits for."""
        with self._database.transaction() as connection:
            connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.id == job.id, JOBS.c.owner.is_(None))
                .values(
                    state=JobState.FAILED,
                    finished_at=self._clock(),
                    updated_at=self._clock(),
                    **failure_values(failure),
                )
            )

    def pending(self) -> Pending:
        """What will still be worked on, unless somebody pauses or cancels it."""
        paused = sa.select(CONTROL.c.value).where(CONTROL.c.name == PAUSED)
        left = sa.func.sum(JOBS.c.visits_expected - JOBS.c.visits_done)
        with self._database.transaction() as connection:
            states = [*WORKED_ON] if connection.execute(paused).scalar() else [JobState.QUEUED, *WORKED_ON]
            query = sa.select(JOBS.c.level, sa.func.count(), left).where(JOBS.c.state.in_(states))
            rows = {level: (jobs, visits) for level, jobs, visits in connection.execute(query.group_by(JOBS.c.level))}
        quick, quick_visits = rows.get(Level.QUICK, (0, 0))
        deep, deep_visits = rows.get(Level.DEEP, (0, 0))
        return Pending(quick + deep, deep, max(0, int(quick_visits)), max(0, int(deep_visits)))

    def source(self, job: Job) -> tuple[str, bytes] | None:
        """Name and bytes of the file that a job came from; ``None`` when it was dropped."""
        query = sa.select(SOURCES.c.name, SOURCES.c.data).where(SOURCES.c.sha256 == job.source)
        with self._database.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return (row.name, zlib.decompress(row.data)) if row else None

    def _mine(self, job: int) -> sa.Update:
        return sa.update(JOBS).where(JOBS.c.id == job, JOBS.c.owner == self.owner, JOBS.c.state.in_(WORKED_ON))

    def _move(self, job: int, target: JobState, values: dict[str, Any] | None = None) -> bool:
        with self._database.transaction() as connection:
            return self._move_in(connection, job, target, values or {})

    def _move_in(self, connection: sa.Connection, job: int, target: JobState, values: dict[str, Any]) -> bool:
        statement = self._mine(job).where(JOBS.c.state.in_(sources(target)))
        changed = connection.execute(statement.values(state=target, updated_at=self._clock(), **values))
        return bool(changed.rowcount)


def _stale(now: float) -> sa.ColumnElement[bool]:
    return sa.or_(WORKERS.c.seen_at < now - LEASE_SECONDS, WORKERS.c.seen_at > now + CLOCK_SLACK)
