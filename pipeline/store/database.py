"""The state database, SQLite by default: connections, transactions, and what their errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pipeline.atomic import write_error
from pipeline.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

BUSY_MILLISECONDS = 30_000


class Database:
    """Connections to the state database; use as a context manager.

    Safe for several threads and several processes. What a transaction wrote is
    durable when it ends.

    Args:
        path: SQLite file; its folder is made.
        url: SQLAlchemy URL of another database, instead of the file.
        metadata: tables that are made when they are missing.

    Raises:
        StoreError: the database is full, locked, damaged or out of reach. Every
            method raises it.
        ConfigError: the folder may not be written to.
    """

    def __init__(self, path: Path, metadata: sa.MetaData, *, url: str | None = None) -> None:
        self.place = str(path) if url is None else sa.make_url(url).render_as_string(hide_password=True)
        if url is None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise write_error(error, path) from error
        self._engine = _engine(url or f"sqlite:///{path}")
        try:
            with self.transaction() as connection:
                metadata.create_all(connection)
        except BaseException:
            self._engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back the connections; everything committed is durable already."""
        self._engine.dispose()

    def insert(self, table: sa.Table) -> Any:
        """An ``INSERT`` of this database's dialect, which knows ``ON CONFLICT``."""
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        return insert(table)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: all of it or nothing."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise store_error(error, self.place) from error


def _engine(url: str) -> Engine:
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
            # A transaction that read first could not become a writer once another one has written.
            connection.isolation_level = "IMMEDIATE"
            cursor = connection.cursor()
            for pragma in (f"busy_timeout={BUSY_MILLISECONDS}", "journal_mode=WAL", "synchronous=FULL"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    return engine


def store_error(error: Exception, place: str) -> StoreError:
    """What a failure of the database means for the user."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = str(cause)
    lowered = text.casefold()
    if "disk is full" in lowered or "no space left" in lowered:
        return StoreError("store.disk_full", path=place)
    if "is locked" in lowered:
        return StoreError("store.locked", path=place)
    if "malformed" in lowered or "not a database" in lowered:
        return StoreError("store.corrupt", path=place, detail=text)
    if "readonly" in lowered or "unable to open" in lowered:
        return StoreError("store.unwritable_database", path=place, detail=text)
    return StoreError("store.database", path=place, detail=text)
