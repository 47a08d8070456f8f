"""What happened in the queue since a moment, for the morning summary."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.jobs.desk import FileRefused
from pipeline.jobs.incidents import Incident, incidents_since
from pipeline.jobs.model import OPEN, FileOutcome, Job, JobState
from pipeline.jobs.tables import FILES, JOBS, failure_of, job_of
from pipeline.store.database import Database


@dataclass(frozen=True, slots=True)
class Happenings:
    """``jobs`` that changed since then or are still open, in the order in which they came; files that were no use.

    ``incidents``: trouble that mended itself.
    """

    jobs: tuple[Job, ...] = ()
    refused: tuple[FileRefused, ...] = ()
    duplicates: int = 0
    incidents: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True)
class Pulse:
    """How far the queue is: what ended, when the last of it did, files that were no use, whether work waits."""

    ended: int = 0
    newest: float = 0.0
    files: int = 0
    is_busy: bool = False


def pulse(database: Database, since: float) -> Pulse:
    """A look at the queue that costs the same however long it is; ``since`` as for :func:`happenings`.

    Raises:
        StoreError: the database cannot be used.
    """
    final = sa.and_(JOBS.c.updated_at >= since, JOBS.c.state.not_in(list(OPEN)))
    busy = sa.select(JOBS.c.id).where(JOBS.c.state.in_([JobState.QUEUED, JobState.RUNNING, JobState.PUBLISHING]))
    files = sa.and_(FILES.c.at >= since, FILES.c.outcome != FileOutcome.TAKEN)
    with database.transaction() as connection:
        ended, last = connection.execute(sa.select(sa.func.count(), sa.func.max(JOBS.c.updated_at)).where(final)).one()
        count, file = connection.execute(sa.select(sa.func.count(), sa.func.max(FILES.c.at)).where(files)).one()
        is_busy = connection.execute(busy.limit(1)).first() is not None
    return Pulse(ended, max(last or 0.0, file or 0.0), count, is_busy)


def happenings(database: Database, since: float) -> Happenings:
    """What the queue knows of the time since ``since`` (seconds since 1970).

    Raises:
        StoreError: the database cannot be used.
    """
    recent = sa.or_(JOBS.c.updated_at >= since, JOBS.c.state.in_(list(OPEN)))
    jobs = sa.select(*database.columns(JOBS)).where(recent).order_by(JOBS.c.id)
    files = sa.select(FILES).where(FILES.c.at >= since, FILES.c.outcome != FileOutcome.TAKEN).order_by(FILES.c.id)
    with database.transaction() as connection:
        found = tuple(job_of(row) for row in connection.execute(jobs))
        rows = connection.execute(files).all()
    refused = (FileRefused(row.name, row.class_name, row.at, failure) for row in rows if (failure := failure_of(row)))
    duplicates = sum(row.outcome == FileOutcome.DUPLICATE for row in rows)
    return Happenings(found, tuple(refused), duplicates, incidents_since(database, since))
