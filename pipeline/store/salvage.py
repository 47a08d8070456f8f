"""A damaged SQLite state database: find out, set it aside, and save the rows that can still be read."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.atomic import write_error
from pipeline.errors import StoreError
from pipeline.store.database import Database

COMPANIONS = ("", "-wal", "-shm")
LOCK_SECONDS = 30.0
BATCH = 500
MAX_ROWID = 2**62
_DAMAGE = ("malformed", "not a database", "file is encrypted")

Row = dict[str, Any]
Test = Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Salvaged:
    """Where the damaged file lies now, and how many rows of each table were saved."""

    damaged: Path
    rows: Mapping[str, int] = field(default_factory=dict)


def is_sound(path: Path) -> bool:
    """Whether a database can be trusted; one that is missing, empty, locked or out of reach is not called damaged."""
    if not path.is_file() or path.stat().st_size == 0:
        return True
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error as error:
        return not any(word in str(error).casefold() for word in _DAMAGE)


def set_aside(path: Path, mark: str) -> Path:
    """Rename a database and what belongs to it; returns the new path.

    Raises:
        StoreError, ConfigError: it cannot be renamed.
    """
    number, target = 1, path.with_name(f"{path.name}.damaged-{mark}")
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}.damaged-{mark}-{number}")
    try:
        # The database goes first: without it nobody would take the others for his own.
        for suffix in COMPANIONS:
            source = path.with_name(path.name + suffix)
            if source.exists():
                source.rename(target.with_name(target.name + suffix))
    except OSError as error:
        raise write_error(error, path) from error
    return target


def salvage(damaged: Path, database: Database, tables: Iterable[sa.Table], tests: Mapping[str, Test]) -> Salvaged:
    """Copy what can be read of a damaged database into a new one; what is there already stays.

    Args:
        damaged: file; it is not changed.
        database: the new one, with the tables.
        tables: what to copy.
        tests: by table, whether a row makes sense.

    Raises:
        StoreError: the new database cannot be written.
    """
    rows = {}
    copy = damaged.with_name(f".{damaged.name}.tmp")
    try:
        for suffix in COMPANIONS[:2]:
            source = damaged.with_name(damaged.name + suffix)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + suffix))
        for table in tables:
            good = (row for row in _readable(copy, table) if _makes_sense(row, tests.get(table.name)))
            rows[table.name] = _insert(database, table, good)
    except OSError as error:
        raise write_error(error, copy) from error
    finally:
        for suffix in COMPANIONS:
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)
    return Salvaged(damaged, rows)


def _readable(path: Path, table: sa.Table) -> Iterator[Row]:
    """All rows that can be reached: after each damaged place it is looked further and further on."""
    after, step = 0, 1
    while after + step < MAX_ROWID:
        try:
            for number, row in _read(path, table, after):
                after, step = number, 1
                yield row
            return
        except sqlite3.Error:
            after, step = after + step, step * 2


def _read(path: Path, table: sa.Table, after: int) -> Iterator[tuple[int, Row]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        there = {line[1] for line in connection.execute(f'PRAGMA table_info("{table.name}")')}
        names = [column.name for column in table.columns if column.name in there]
        if not names:
            return
        listed = ", ".join(f'"{name}"' for name in names)
        query = f'SELECT rowid, {listed} FROM "{table.name}" WHERE rowid > ? ORDER BY rowid'  # noqa: S608 - our own names
        for number, *values in connection.execute(query, (after,)):
            yield number, dict(zip(names, values, strict=True))


def _makes_sense(row: Row, test: Test | None) -> bool:
    if test is None:
        return True
    try:
        return test(row)
    except Exception:  # whatever a damaged value makes of the code that reads it
        return False


def _insert(database: Database, table: sa.Table, rows: Iterable[Row]) -> int:
    count = 0
    for batch in _batches(rows):
        try:
            count += _insert_all(database, table, batch)
        except StoreError as error:
            if error.code != "store.database":
                raise
            count += sum(_insert_one(database, table, row) for row in batch)
    return count


def _insert_all(database: Database, table: sa.Table, rows: Sequence[Row]) -> int:
    with database.transaction() as connection:
        done = connection.execute(database.insert(table).on_conflict_do_nothing(), rows)
    return max(0, done.rowcount)


def _insert_one(database: Database, table: sa.Table, row: Row) -> int:
    try:
        return _insert_all(database, table, [row])
    except StoreError as error:
        if error.code != "store.database":
            raise
        return 0  # a value that the table refuses


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
