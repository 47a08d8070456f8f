"""The worker's side of the queue: claim, report progress, finish, and take over what a dead worker left."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.jobs.backlog import PAUSED, Pending, pending
from pipeline.jobs.incidents import Incident, keep_incident
from pipeline.jobs.liveness import CLOCK_SLACK, is_dead, sign_connection
from pipeline.jobs.model import OPEN, WORKED_ON, Failure, Job, JobState, Level, RetryRule, sources
from pipeline.jobs.tables import CONTROL, JOBS, ORDERS, SOURCES, WORKERS, failure_values, job_of
from pipeline.store.database import Database, persistent

AT_WORK = ("start", "engine", "idle", "search")  # phases of workers that take jobs
_WAITING_BEFORE = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: positions and visits finished; ``foreseen`` is how many visits it will have been in the end."""

    job: int
    positions: int
    visits: int
    foreseen: int | None = None


class JobQueue:
    """Jobs as one worker sees them. Safe for several threads, processes and machines.

    Whatever a worker changes, it changes only where it is still the owner: a
    worker that was given up for dead and comes back does no harm. Methods
    that return ``bool`` say whether this worker still owned the job.

    A server that is away is waited for as long as the database has patience;
    therefore every method does no harm when it is carried out twice.

    Args:
        database: the state database with :data:`pipeline.jobs.tables.METADATA`.
        owner: this worker; a new name for every start.
        clock: seconds since 1970; by default the clock that all machines share.
        rule: how often and when failures are repeated.
        network: key of this worker's network; it takes only jobs for it, and those for any.
        any_network: take the jobs for other networks too, and make them jobs for this one.
        root: the output folder as this machine sees it; paths are stored relative to it.

    Raises:
        StoreError: every method, when the database cannot be used.
    """

    def __init__(
        self,
        database: Database,
        owner: str,
        *,
        clock: Callable[[], float] | None = None,
        rule: RetryRule | None = None,
        network: str = "",
        any_network: bool = False,
        root: Path | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rule = rule or RetryRule()
        self._network = network
        self._any_network = any_network
        self._root = root
        self._card: dict[str, Any] = {}
        self._held: set[int] = set()
        self._is_unsure = False
        self._done_at: float | None = None
        self.owner = owner
        self.last_sign = time.monotonic()

    @persistent
    def register(self, *, host: str, pid: int, inbox: str) -> None:
        """Make this worker known; forgets workers that are gone."""
        now = self._now()
        self._card = {"host": host, "pid": pid, "inbox": inbox, "network": self._network, "phase": "start"}
        with self._database.transaction() as connection:
            connection.execute(sa.delete(WORKERS).where(self._dead(now)))
            self._sign_in(connection, now)

    @persistent
    def alive(
        self,
        phase: str,
        *,
        speed: float = 0.0,
        engine: str = "",
        trouble: str = "",
        seconds_left: float | None = None,
    ) -> None:
        """Renew this worker's lease, and say what it does, and when it will have done all that it knows of."""
        self.last_sign = time.monotonic()
        self._done_at = None if seconds_left is None else self.last_sign + seconds_left
        self._card = {**self._card, "phase": self.shown(phase), "speed": speed, "engine": engine, "trouble": trouble}
        self.renew()

    def shown(self, phase: str) -> str:
        """What a phase is called where others see it."""
        return phase

    def renew(self) -> None:
        """Renew this worker's lease; does not wait for a server that is away."""
        now = self._now()
        done_at = self._done_at  # another thread renews too
        left = None if done_at is None else max(0.0, done_at - time.monotonic())
        with self._database.transaction() as connection:
            sign_connection(connection, self.owner)
            changed = connection.execute(
                sa.update(WORKERS)
                .where(WORKERS.c.owner == self.owner)
                .values(seen_at=now, seconds_left=left, **self._card)
            )
            if not changed.rowcount and "host" in self._card:
                self._sign_in(connection, now)  # given up for dead by somebody meanwhile

    @persistent
    def give_back(self) -> None:
        """Put back what is not finished, at no cost to it."""
        with self._database.transaction() as connection:
            connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.owner == self.owner, JOBS.c.state.in_(WORKED_ON))
                .values(state=JobState.QUEUED, owner=None, updated_at=self._now())
            )
        self._held.clear()

    @persistent
    def put_back(self, jobs: Collection[int]) -> None:
        """Leave these jobs to others, at no cost to them."""
        mine = sa.update(JOBS).where(JOBS.c.id.in_(list(jobs)), JOBS.c.owner == self.owner)
        with self._database.transaction() as connection:
            connection.execute(mine.where(JOBS.c.state == JobState.RUNNING).values(state=JobState.QUEUED, owner=None))
        self._held -= set(jobs)

    @persistent
    def other_speeds(self) -> list[float]:
        """Visits a second of the other workers that take jobs for this worker's network now."""
        able = [WORKERS.c.owner != self.owner, WORKERS.c.network == self._network, WORKERS.c.phase.in_(AT_WORK)]
        query = sa.select(WORKERS.c.speed).where(*able, sa.not_(self._dead(self._now())))
        with self._database.transaction() as connection:
            return list(connection.execute(query).scalars())

    @persistent
    def leave(self) -> None:
        """Sign off."""
        self.give_back()
        with self._database.transaction() as connection:
            connection.execute(sa.delete(WORKERS).where(WORKERS.c.owner == self.owner))

    @persistent
    def take_over(self, *, alone: bool) -> list[Job]:
        """Put back what dead workers left; returns the jobs given up because they kill every worker.

        Args:
            alone: this worker holds the lock of the database, so all others are
                dead and all jobs are for its network; else see :mod:`pipeline.jobs.liveness`.
        """
        now = self._now()
        dead = [JOBS.c.state.in_(WORKED_ON), JOBS.c.owner != self.owner]
        if not alone:
            alive = sa.select(WORKERS.c.owner).where(sa.not_(self._dead(now)))
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
                others = sa.update(JOBS).where(JOBS.c.state.in_(OPEN), JOBS.c.network != self._network)
                connection.execute(others.values(network=self._network))
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
        return self._database.persist(lambda: self._claim(level))

    def _claim(self, level: Level | None) -> Job | None:
        now = self._now()
        first = JOBS.alias("first")
        # Another worker's quick report must be written before the deep one may follow it.
        is_written_elsewhere = sa.and_(first.c.state == JobState.PUBLISHING, first.c.owner != self.owner)
        quick_waits = sa.exists().where(
            first.c.game_id == JOBS.c.game_id,
            first.c.level == Level.QUICK,
            sa.or_(first.c.state.in_(_WAITING_BEFORE), is_written_elsewhere),
        )
        # A job that was last touched in the future tells of a clock set back: its pause means nothing.
        is_due = sa.or_(JOBS.c.not_before <= now, JOBS.c.updated_at > now + CLOCK_SLACK)
        in_turn = sa.or_(JOBS.c.level == Level.QUICK, sa.not_(quick_waits))
        wanted = [JOBS.c.state == JobState.QUEUED, is_due, in_turn, *self._for_me()]
        if level is not None:
            wanted.append(JOBS.c.level == level)
        paused = sa.select(CONTROL.c.value).where(CONTROL.c.name == PAUSED)
        query = sa.select(JOBS).where(*wanted).order_by(JOBS.c.priority, JOBS.c.id).limit(1)
        query = query.with_for_update(skip_locked=True, of=JOBS)
        job: Job | None = None
        with self._database.writing() as connection:
            if self._is_unsure:
                self._let_go(connection)
            self._is_unsure = True
            row = None if connection.execute(paused).scalar() else connection.execute(query).one_or_none()
            if row is not None:
                values = {"state": JobState.RUNNING, "owner": self.owner, "updated_at": now, "visits_foreseen": None}
                started = sa.func.coalesce(JOBS.c.started_at, now)
                connection.execute(sa.update(JOBS).where(JOBS.c.id == row.id).values(started_at=started, **values))
                if self._network and row.network != self._network:
                    bound = sa.update(JOBS).where(JOBS.c.game_id == row.game_id, JOBS.c.state.in_(OPEN))
                    connection.execute(bound.values(network=self._network))
                job = job_of(connection.execute(sa.select(JOBS).where(JOBS.c.id == row.id)).one())
        self._is_unsure = False
        if job is not None:
            self._held.add(job.id)
        return job

    def _let_go(self, connection: sa.Connection) -> None:
        """Put back a job that was claimed when the connection was lost before anybody heard of it."""
        connection.execute(
            sa.update(JOBS)
            .where(JOBS.c.owner == self.owner, JOBS.c.state == JobState.RUNNING, JOBS.c.id.not_in(list(self._held)))
            .values(state=JobState.QUEUED, owner=None)
        )

    def progress(self, done: Iterable[Progress]) -> None:
        """Note how far jobs are; what makes progress is no danger to its worker."""
        items = sorted(done, key=lambda item: item.job)  # one order for all, so that nobody waits in a circle
        if items:
            self._note(items)

    @persistent
    def _note(self, items: Sequence[Progress]) -> None:
        now = self._now()
        with self._database.transaction() as connection:
            for item in items:
                foreseen = {} if item.foreseen is None else {"visits_foreseen": item.foreseen}
                connection.execute(
                    self._mine(item.job).values(
                        positions_done=item.positions, visits_done=item.visits, losses=0, updated_at=now, **foreseen
                    )
                )

    @persistent
    def still_mine(self) -> set[int]:
        """Ids of the jobs that this worker may go on with: not cancelled, paused or taken over."""
        query = sa.select(JOBS.c.id).where(JOBS.c.owner == self.owner, JOBS.c.state.in_(WORKED_ON))
        with self._database.transaction() as connection:
            mine = set(connection.execute(query).scalars())
        self._held &= mine
        return mine

    def publishing(self, job: int) -> bool:
        """Searched; its files are being written."""
        return self._move(job, JobState.PUBLISHING)

    @persistent
    def done(self, job: int, report: str, profile_id: str) -> bool:
        """All files of the job are on the disk, analysed by this profile.

        Its source is dropped when no other job needs it.
        """
        values = {
            "report": relative_report(report, self._root),
            "profile_id": profile_id,
            "finished_at": self._now(),
            "owner": None,
            **failure_values(None),
        }
        with self._database.intake() as connection:
            owned = self._move_in(connection, job, JobState.DONE, values)
            needed = sa.exists().where(JOBS.c.source == SOURCES.c.sha256, JOBS.c.state != JobState.DONE)
            mine = sa.select(JOBS.c.source).where(JOBS.c.id == job).scalar_subquery()
            connection.execute(sa.delete(SOURCES).where(SOURCES.c.sha256 == mine, sa.not_(needed)))
        self._held.discard(job)
        return owned

    def failed(self, job: int, failure: Failure) -> bool:
        """It will not succeed by being repeated."""
        return self._move(job, JobState.FAILED, {"finished_at": self._now(), "owner": None, **failure_values(failure)})

    def again(self, job: Job, failure: Failure) -> JobState:
        """It failed in a way that may pass: queued again after a pause, or failed when that was the last time."""
        attempts = job.attempts + 1
        if attempts >= self._rule.max_attempts:
            self.failed(job.id, failure)
            return JobState.FAILED
        values = {
            "attempts": attempts,
            "owner": None,
            "not_before": self._now() + self._rule.pause(attempts),
            **failure_values(failure),
        }
        self._move(job.id, JobState.QUEUED, values)
        return JobState.QUEUED

    @persistent
    def note(self, incident: Incident) -> None:
        """Keep trouble that mended itself for the morning summary."""
        keep_incident(self._database, incident, self._now())

    @persistent
    def give_up(self, job: Job, failure: Failure) -> None:
        """A job that nobody owns is failed, whatever it waits for."""
        with self._database.transaction() as connection:
            connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.id == job.id, JOBS.c.owner.is_(None))
                .values(
                    state=JobState.FAILED,
                    finished_at=self._now(),
                    updated_at=self._now(),
                    **failure_values(failure),
                )
            )

    @persistent
    def pending(self) -> Pending:
        """What will still be worked on with this worker's network, unless somebody pauses or cancels it."""
        with self._database.transaction() as connection:
            return pending(connection, self._for_me())

    @persistent
    def source(self, job: Job) -> tuple[str, bytes, str] | None:
        """Name and bytes of the file that a job came from, and its orders; ``None`` when it was dropped."""
        query = sa.select(SOURCES.c.name, SOURCES.c.data).where(SOURCES.c.sha256 == job.source)
        orders = sa.select(ORDERS.c.data).where(ORDERS.c.key == job.orders)
        with self._database.transaction() as connection:
            row = connection.execute(query).one_or_none()
            given = connection.execute(orders).scalar() or ""
        return (row.name, zlib.decompress(row.data), given) if row else None

    def _mine(self, job: int) -> sa.Update:
        return sa.update(JOBS).where(JOBS.c.id == job, JOBS.c.owner == self.owner, JOBS.c.state.in_(WORKED_ON))

    @persistent
    def _move(self, job: int, target: JobState, values: dict[str, Any] | None = None) -> bool:
        with self._database.transaction() as connection:
            return self._move_in(connection, job, target, values or {})

    def _move_in(self, connection: sa.Connection, job: int, target: JobState, values: dict[str, Any]) -> bool:
        # Where it stands already, the news of an earlier try was lost.
        statement = self._mine(job).where(JOBS.c.state.in_([*sources(target), target]))
        changed = connection.execute(statement.values(state=target, updated_at=self._now(), **values))
        return bool(changed.rowcount)

    def _for_me(self) -> list[sa.ColumnElement[bool]]:
        """Which jobs this worker can do."""
        return [JOBS.c.network.in_(["", self._network])] if self._network and not self._any_network else []

    def _now(self) -> sa.ColumnElement[float]:
        return self._database.now(self._clock)

    def _sign_in(self, connection: sa.Connection, now: sa.ColumnElement[float]) -> None:
        card = self._database.insert(WORKERS).values(owner=self.owner, started_at=now, seen_at=now, **self._card)
        connection.execute(card.on_conflict_do_nothing())

    def _dead(self, now: sa.ColumnElement[float]) -> sa.ColumnElement[bool]:
        return is_dead(now, self._database.up_since(self._clock), is_server=self._database.is_server)


def relative_report(report: str, root: Path | None) -> str:
    """A path below the output folder as all machines can understand it; others as they are."""
    if root is None or not report or not Path(report).is_relative_to(root):
        return report
    return Path(report).relative_to(root).as_posix()


def local_report(report: str, root: Path | None) -> str:
    """The inverse of :func:`relative_report`, on a machine of its own."""
    return str(root / report) if root is not None and report else report
