"""The evaluation journal: every finished position, on the disk before anything else happens to it.

One table, ``evaluation_journal``, in the state database. It is reached through
SQLAlchemy Core only, so that PostgreSQL can serve a school: a URL instead of a
path is all the difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import sqlalchemy as sa

from pipeline.errors import StoreError
from pipeline.evaluation import Evaluation
from pipeline.store import payload
from pipeline.store.database import Database

_metadata = sa.MetaData()
EVALUATIONS = sa.Table(
    "evaluation_journal",
    _metadata,
    sa.Column("game_id", sa.String(32), primary_key=True),
    sa.Column("network_key", sa.String(255), primary_key=True),
    sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("visits", sa.Integer, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)


class Entry(NamedTuple):
    """One evaluation as it is stored; ``payload`` is :func:`payload.encode`'s."""

    game_id: str
    network_key: str
    turn: int
    visits: int
    payload: bytes


class Journal:
    """Evaluations by game and network; use as a context manager.

    Safe for several threads and several processes. A put is durable when it
    returns. A row with more visits replaces one with fewer, never the other
    way. Values come back in single precision (:func:`payload.as_stored`).

    Args:
        path: SQLite file; its folder is made.
        url: SQLAlchemy URL of another database, instead of the file.

    Raises:
        StoreError: the database is full, locked, damaged or out of reach. Every
            method raises it.
        ConfigError: the folder may not be written to.
    """

    def __init__(self, path: Path, *, url: str | None = None) -> None:
        self._database = Database(path, _metadata, url=url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back the connections; everything put is durable already."""
        self._database.close()

    def put(self, game_id: str, network_key: str, evaluation: Evaluation) -> None:
        """Store one evaluation durably."""
        self.put_all(game_id, network_key, (evaluation,))

    def put_all(self, game_id: str, network_key: str, evaluations: Iterable[Evaluation]) -> None:
        """Store several evaluations of a game in one transaction: all of them or none."""
        self.write(Entry(game_id, network_key, e.turn, e.visits, payload.encode(e)) for e in evaluations)

    def write(self, entries: Iterable[Entry]) -> None:
        """Store what is encoded already in one transaction: all of it or nothing."""
        rows = [entry._asdict() for entry in entries]
        if rows:
            with self._database.transaction() as connection:
                connection.execute(self._upsert, rows)

    def done_visits(self, game_id: str, network_key: str) -> dict[int, int]:
        """Turn -> visits that are stored."""
        query = sa.select(EVALUATIONS.c.turn, EVALUATIONS.c.visits).where(*_of(game_id, network_key))
        with self._database.transaction() as connection:
            return {row.turn: row.visits for row in connection.execute(query)}

    def load(self, game_id: str, network_key: str) -> dict[int, Evaluation]:
        """Turn -> evaluation, in ascending order of turns."""
        query = (
            sa.select(EVALUATIONS.c.turn, EVALUATIONS.c.payload)
            .where(*_of(game_id, network_key))
            .order_by(EVALUATIONS.c.turn)
        )
        with self._database.transaction() as connection:
            rows = connection.execute(query).all()
        try:
            return {turn: payload.decode(data) for turn, data in rows}
        except ValueError as error:
            raise StoreError("store.corrupt", path=self._database.place, detail=error) from error

    def forget(self, game_id: str, network_key: str) -> None:
        """Delete what is stored of a game, for example once the dataset holds it."""
        with self._database.transaction() as connection:
            connection.execute(sa.delete(EVALUATIONS).where(*_of(game_id, network_key)))

    @cached_property
    def _upsert(self) -> Any:
        statement = self._database.insert(EVALUATIONS)
        fresh = statement.excluded
        return statement.on_conflict_do_update(
            index_elements=["game_id", "network_key", "turn"],
            set_={"visits": fresh.visits, "payload": fresh.payload},
            where=fresh.visits > EVALUATIONS.c.visits,
        )


def _of(game_id: str, network_key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return EVALUATIONS.c.game_id == game_id, EVALUATIONS.c.network_key == network_key
