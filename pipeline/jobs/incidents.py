"""Trouble that mended itself, kept for the morning summary: who works at night must not hide it."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

import sqlalchemy as sa

from pipeline.jobs.tables import INCIDENTS
from pipeline.store.database import Database

KEPT_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Incident:
    """``kind`` is ``stalled``, ``crashed`` (the engine) or ``skipped`` (a position); ``text`` says it in words."""

    kind: str
    text: str
    key: str = field(default_factory=lambda: uuid4().hex)


def keep_incident(database: Database, incident: Incident, now: sa.ColumnElement[float]) -> None:
    """Store one, once however often this is repeated, and forget what is older than a month.

    Raises:
        StoreError: the database cannot be used.
    """
    values = {"key": incident.key, "at": now, "kind": incident.kind, "text": incident.text}
    with database.transaction() as connection:
        connection.execute(sa.delete(INCIDENTS).where(INCIDENTS.c.at < now - KEPT_SECONDS))
        connection.execute(database.insert(INCIDENTS).values(**values).on_conflict_do_nothing())


def incidents_since(database: Database, since: float) -> tuple[Incident, ...]:
    """Those since ``since`` (seconds since 1970), in order; none where an older program made the tables.

    Raises:
        StoreError: the database cannot be used.
    """
    with database.transaction() as connection:
        if not sa.inspect(connection).has_table(INCIDENTS.name):
            return ()
        query = sa.select(INCIDENTS).where(INCIDENTS.c.at >= since).order_by(INCIDENTS.c.at)
        return tuple(Incident(row.kind, row.text, row.key) for row in connection.execute(query))
