"""The state database, a SQLite file by default or a PostgreSQL server: connections, transactions, patience."""

from __future__ import annotations

import functools
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from pipeline.atomic import write_error
from pipeline.errors import StoreError
from pipeline.exits import stop_behind, stops_later
from pipeline.store.address import parse_url, server_options, shown
from pipeline.store.failures import PASSING, store_error
from pipeline.store.layout import LOCK_INTAKE, begin_writing, ensure_layout, lock
from pipeline.wording import cluster as words

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

log = logging.getLogger(__name__)

BUSY_MILLISECONDS = 30_000
FIRST_PAUSE, MAX_PAUSE = 0.25, 5.0
START_PATIENCE = 30.0

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """Connections to the state database; use as a context manager.

    Safe for several threads, processes and, on a server, machines. What a
    transaction wrote is durable when it ends.

    Args:
        path: SQLite file; its folder is made.
        metadata: tables that are made or completed where they are missing or older.
        url: another database, instead of the file: ``postgresql://`` or ``sqlite:///``.
        patience: seconds for which :meth:`persist` waits for a server that is away; at the start half a minute at most.
        say: is told, once each, that a server is away and that it is back.

    Raises:
        StoreError: the database is full, locked, damaged, newer or out of reach.
            Every method raises it.
        ConfigError: the folder may not be written to, or the URL is none.
        DependencyError: the driver is missing.
    """

    def __init__(
        self,
        path: Path,
        metadata: sa.MetaData,
        *,
        url: str | None = None,
        patience: float = 0.0,
        say: Callable[[str], None] | None = None,
    ) -> None:
        address = sa.URL.create("sqlite", database=str(path)) if url is None else parse_url(url)
        self.is_server = address.drivername != "sqlite"
        self.place = shown(address)
        self._secret = str(address.password or "")
        self._patience = min(patience, START_PATIENCE)
        self._say = say or log.warning
        self._down = threading.Event()
        if not self.is_server:
            folder = Path(self.place).parent
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise write_error(error, Path(self.place)) from error
        self._engine = _engine(address)
        try:
            self.persist(lambda: self._lay_out(metadata))
        except BaseException:
            self._engine.dispose()
            raise
        self._patience = patience

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
        return postgresql.insert(table) if self.is_server else sqlite.insert(table)

    def columns(self, table: sa.Table) -> list[sa.ColumnElement[Any]]:
        """The columns of a table, to be selected."""
        return list(table.c)

    def now(self, clock: Callable[[], float] | None) -> sa.ColumnElement[float]:
        """Seconds since 1970: by ``clock``, or else by the clock that all machines share, the server's.

        SQLite is used by one machine, so its clock does there.
        """
        if clock is not None:
            return sa.literal(clock(), sa.Float)
        if not self.is_server:
            return sa.literal(time.time(), sa.Float)
        return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Float)

    def up_since(self, clock: Callable[[], float] | None) -> sa.ColumnElement[float]:
        """When the server was started: nobody could renew a lease before that. 0 for SQLite, or by another clock."""
        if clock is not None or not self.is_server:
            return sa.literal(0.0, sa.Float)
        return sa.cast(sa.extract("epoch", sa.func.pg_postmaster_start_time()), sa.Float)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: all of it or nothing."""
        try:
            with self._uninterrupted(), self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, sqlite3.Error) as error:
            # Interrupted in the middle of a query, PostgreSQL's driver cannot give its connection back in order.
            if (stop := stop_behind(error)) is not None:
                raise stop from None
            raise store_error(error, self.place, secret=self._secret) from error

    def _uninterrupted(self) -> AbstractContextManager[None]:
        """A file's transactions are short, and one that is left in the middle keeps its lock while the program ends.

        A server may be away for long, and frees what a connection held when that is closed.
        """
        return nullcontext() if self.is_server else stops_later()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that reads before it writes; on a server rows must be locked all the same."""
        with self.transaction() as connection:
            begin_writing(connection)
            yield connection

    @contextmanager
    def intake(self) -> Iterator[Connection]:
        """A transaction that no other of its kind runs beside: sources and the jobs that need them agree."""
        with self.transaction() as connection:
            lock(connection, LOCK_INTAKE)
            yield connection

    def persist(self, work: Callable[[], T]) -> T:
        """The result of ``work``, which is repeated while the server is away or busy, as patience allows.

        ``work`` must do no harm when it is done twice: a connection may be lost
        between a commit and the news of it.
        """
        started = time.monotonic()
        pause = FIRST_PAUSE
        while True:
            try:
                result = work()
            except StoreError as error:
                waited = time.monotonic() - started
                if error.code not in PASSING or waited + pause > self._patience:
                    raise
                if error.code == "store.unreachable" and not self._down.is_set():
                    self._down.set()
                    self._say(words.SERVER_AWAY.format(place=self.place, minutes=max(1, round(self._patience / 60))))
                log.info("state database, for %.0f s: %s", waited, error.message)
                time.sleep(pause)
                pause = min(MAX_PAUSE, pause * 2)
            else:
                if self._down.is_set():
                    self._down.clear()
                    self._say(words.SERVER_BACK.format(place=self.place))
                return result

    def _lay_out(self, metadata: sa.MetaData) -> None:
        with self.transaction() as connection:
            ensure_layout(connection, metadata, self.place)


class HasDatabase(Protocol):
    """Something that works on a database."""

    _database: Database


Q = TypeVar("Q", bound=HasDatabase)


def persistent(method: Callable[Concatenate[Q, P], T]) -> Callable[Concatenate[Q, P], T]:
    """A method that may be repeated, with :meth:`Database.persist`."""

    @functools.wraps(method)
    def call(self: Q, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._database.persist(lambda: method(self, *args, **kwargs))

    return call


def server_engine(url: sa.URL, **options: Any) -> Engine:
    """Connections to a server, with our time limits."""
    given = {key: value for key, value in url.query.items() if key != "options"}
    return sa.create_engine(url.set(query=given), **server_options(url), **options)


def _engine(url: sa.URL) -> Engine:
    if url.drivername != "sqlite":
        return server_engine(url)
    engine = sa.create_engine(url)

    @sa.event.listens_for(engine, "connect")
    def set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # A transaction that read first could not become a writer once another one has written.
        connection.isolation_level = "IMMEDIATE"
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={BUSY_MILLISECONDS}", "journal_mode=WAL", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
