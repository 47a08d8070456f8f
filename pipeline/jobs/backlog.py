"""What a queue still holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.jobs.model import WORKED_ON, JobState, Level
from pipeline.jobs.tables import CONTROL, JOBS
from pipeline.needs import Waiting

PAUSED = "paused"  # the name under which the control table says so


@dataclass(frozen=True, slots=True)
class Pending:
    """What will still be worked on: jobs, games whose final report is to come, and what no worker has taken of them."""

    jobs: int
    games: int
    waiting: tuple[Waiting, ...] = ()


# Visits of a job that are still to come; a planner may want more than was expected.
VISITS_LEFT = sa.case(
    (JOBS.c.visits_expected > JOBS.c.visits_done, JOBS.c.visits_expected - JOBS.c.visits_done), else_=0
)


def pending(connection: sa.Connection, conditions: Iterable[sa.ColumnElement[bool]] = ()) -> Pending:
    """The jobs that meet the conditions; while everything is paused only those that somebody works on."""
    paused = connection.execute(sa.select(CONTROL.c.value).where(CONTROL.c.name == PAUSED)).scalar()
    states = [*WORKED_ON] if paused else [JobState.QUEUED, *WORKED_ON]
    sums = {"positions": JOBS.c.positions, "visits": VISITS_LEFT, "done": JOBS.c.visits_done}
    query = (
        sa.select(
            JOBS.c.level,
            JOBS.c.state,
            sa.func.count().label("jobs"),
            *(sa.func.sum(column).label(name) for name, column in sums.items()),
        )
        .where(JOBS.c.state.in_(states), *conditions)
        .group_by(JOBS.c.level, JOBS.c.state)
    )
    rows = connection.execute(query).all()
    waiting = [row for level in (Level.QUICK, Level.DEEP) for row in rows if row.level == level]
    return Pending(
        sum(row.jobs for row in rows),
        sum(row.jobs for row in rows if row.level == Level.DEEP),
        tuple(
            Waiting(
                row.level, row.jobs, int(row.positions) / row.jobs, int(row.visits) / row.jobs, int(row.done) / row.jobs
            )
            for row in waiting
            if row.state == JobState.QUEUED
        ),
    )
