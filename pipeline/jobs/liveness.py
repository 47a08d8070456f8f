"""Whether a worker lives: by its lease, and on a server by its connections too.

A lease says only late that somebody is dead. But where a process died and its
machine did not, the system closes its connections, and the server knows it at
once: so who has no connection any more is given up a third of a lease after its
last sign. A worker that merely lost its connection makes a new one with
its next renewal, long before that.
"""

from __future__ import annotations

import sqlalchemy as sa

from pipeline.jobs.tables import WORKERS

LEASE_SECONDS = 45.0
CONNECTION_SECONDS = 15.0  # three renewals
CLOCK_SLACK = 60.0
_PREFIX = "fupan "
_SESSIONS = sa.table("pg_stat_activity", sa.column("application_name"))


def sign_connection(connection: sa.Connection, owner: str) -> None:
    """Let a server know whose connection this is; it must be committed."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.select(sa.func.set_config("application_name", _PREFIX + owner, False)))


def is_stale(now: sa.ColumnElement[float], up_since: sa.ColumnElement[float]) -> sa.ColumnElement[bool]:
    """Whether a worker gave no sign for a whole lease in which the server was there to hear it."""
    is_late = sa.and_(WORKERS.c.seen_at < now - LEASE_SECONDS, up_since < now - LEASE_SECONDS)
    return sa.or_(is_late, WORKERS.c.seen_at > now + CLOCK_SLACK)


def is_dead(
    now: sa.ColumnElement[float], up_since: sa.ColumnElement[float], *, is_server: bool
) -> sa.ColumnElement[bool]:
    """Whether a worker's jobs may be taken: it is stale, or the server has no connection of it any more."""
    if not is_server:
        return is_stale(now, up_since)
    is_connected = sa.exists().where(_SESSIONS.c.application_name == _PREFIX + WORKERS.c.owner)
    is_silent = sa.and_(WORKERS.c.seen_at < now - CONNECTION_SECONDS, up_since < now - LEASE_SECONDS)
    return sa.or_(is_stale(now, up_since), sa.and_(is_silent, sa.not_(is_connected)))
