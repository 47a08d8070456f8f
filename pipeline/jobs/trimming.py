"""What the evaluation journal keeps of games that were given up, and for how long."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from pipeline.jobs.model import OPEN
from pipeline.jobs.tables import JOBS
from pipeline.store.database import Database
from pipeline.store.journal import EVALUATIONS

KEEP_SECONDS = 30 * 86_400.0


def trim_journal(database: Database, *, clock: Callable[[], float] | None = None) -> int:
    """Drop the positions of games of which no job is open and none has changed for 30 days; returns how many.

    A game that failed or was cancelled keeps its positions for so long, because
    a retry goes on with them; after that it can still be tried again, from the
    start. A finished game has none left but what a worker that was given up for
    dead wrote late. Games without a job, from ``fupan review``, are left alone.

    Args:
        database: the state database.
        clock: seconds since 1970; by default the clock that all machines share.

    Raises:
        StoreError: the database cannot be used.
    """
    is_open = sa.case((JOBS.c.state.in_(list(OPEN)), 1), else_=0)
    given_up = (
        sa.select(JOBS.c.game_id)
        .group_by(JOBS.c.game_id)
        .having(sa.func.max(JOBS.c.updated_at) < database.now(clock) - KEEP_SECONDS, sa.func.sum(is_open) == 0)
    )
    with database.transaction() as connection:
        if not sa.inspect(connection).has_table(EVALUATIONS.name):
            return 0  # where files are only received, nobody has searched anything yet
        done = connection.execute(sa.delete(EVALUATIONS).where(EVALUATIONS.c.game_id.in_(given_up)))
    return max(0, done.rowcount)
