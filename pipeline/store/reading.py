"""The state database for those who only look: nothing is made, nothing is locked, nothing can be changed."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from pipeline.store.address import parse_url, shown
from pipeline.store.database import BUSY_MILLISECONDS, Database, server_engine

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry


log = logging.getLogger(__name__)


class ReadOnlyDatabase(Database):
    """A view of the state database beside the worker that writes it.

    Each transaction sees one state of the database and holds up no writer
    (SQLite's WAL). Use as a context manager, as :class:`Database`.

    Args:
        path: SQLite file that exists.
        url: SQLAlchemy URL of another database, instead of the file.

    Raises:
        StoreError: every method, when the database cannot be read.
    """

    def __init__(self, path: Path, *, url: str | None = None) -> None:
        address = sa.URL.create("sqlite", database=str(path)) if url is None else parse_url(url)
        self.is_server = address.drivername != "sqlite"
        self.place = shown(address)
        self._secret = str(address.password or "")
        self._patience = 0.0
        self._say = log.info
        self._down = threading.Event()
        if self.is_server:
            self._engine = server_engine(address, execution_options={"postgresql_readonly": True})
            return
        uri = Path(self.place).absolute().as_uri()
        file = sa.URL.create("sqlite", database=uri, query={"mode": "ro", "uri": "true"})
        self._engine = engine = sa.create_engine(file)

        @sa.event.listens_for(engine, "connect")
        def set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
            # Without this the driver would begin no transaction for a SELECT, and each would see another state.
            connection.isolation_level = None
            cursor = connection.cursor()
            for pragma in (f"busy_timeout={BUSY_MILLISECONDS}", "query_only=ON"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @sa.event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

    def holds(self, table: sa.Table) -> bool:
        """Whether the table was made: where only files were reviewed there is no queue."""
        with self.transaction() as connection:
            return sa.inspect(connection).has_table(table.name)

    def columns(self, table: sa.Table) -> list[sa.ColumnElement[Any]]:
        """As its base class; null where an older program made the table, which nobody has completed yet."""
        with self.transaction() as connection:
            known = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
        return [column if column.name in known else sa.null().label(column.name) for column in table.c]
