"""A damaged database gives back what can still be read, and nothing that makes no sense."""

from __future__ import annotations

import os
import sqlite3

import pytest
import sqlalchemy as sa

from pipeline.errors import StoreError
from pipeline.store.database import Database
from pipeline.store.salvage import is_sound, salvage, set_aside

METADATA = sa.MetaData()
ROWS = sa.Table(
    "rows",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
COUNT = 2000


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "state" / "fupan.db"
    with Database(path, METADATA) as database, database.transaction() as connection:
        connection.execute(sa.insert(ROWS), [{"number": n, "data": bytes([n % 251]) * 200} for n in range(COUNT)])
    connection = sqlite3.connect(path)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    return path


def spoil(path, start, end):
    size = path.stat().st_size
    with path.open("r+b") as stream:
        stream.seek(int(size * start))
        stream.write(os.urandom(int(size * (end - start))))


def is_whole(row):
    return row["data"] == bytes([row["number"] % 251]) * 200


def saved_rows(path):
    with Database(path, METADATA) as database:
        result = salvage(set_aside_copy(path), database, [ROWS], {"rows": is_whole})
        with database.transaction() as connection:
            return result, connection.execute(sa.select(ROWS.c.number, ROWS.c.data)).all()


def set_aside_copy(path):
    return next(path.parent.glob("fupan.db.damaged-*"))


@pytest.mark.parametrize("places", [[(0.4, 0.45)], [(0.9, 1.0)], [(0.2, 0.22), (0.6, 0.65)]])
def test_rows_around_the_damage_are_saved(path, places):
    assert is_sound(path)
    for place in places:
        spoil(path, *place)
    assert not is_sound(path)
    before = path.read_bytes()
    aside = set_aside(path, "now")
    assert not path.exists()
    result, rows = saved_rows(path)
    assert result.damaged == aside
    assert result.rows == {"rows": len(rows)}
    assert len(rows) > COUNT * 0.5
    assert all(is_whole({"number": n, "data": data}) for n, data in rows)
    assert aside.read_bytes() == before, "the evidence is not touched"
    assert sorted(p.name for p in path.parent.iterdir() if p.name.startswith(".")) == []


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_nothing_is_saved_where_nothing_is_left(path, content):
    path.write_bytes(content)
    assert not is_sound(path)
    set_aside(path, "now")
    result, rows = saved_rows(path)
    assert rows == []
    assert result.rows == {"rows": 0}


def test_a_second_damaged_file_does_not_replace_the_first(path):
    first = set_aside(path, "now")
    path.write_bytes(b"second")
    assert set_aside(path, "now") != first
    assert first.exists()


def test_missing_empty_and_locked_are_not_damaged(path, tmp_path, monkeypatch):
    assert is_sound(tmp_path / "missing.db")
    (tmp_path / "empty.db").touch()
    assert is_sound(tmp_path / "empty.db")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin exclusive")
    monkeypatch.setattr("pipeline.store.salvage.LOCK_SECONDS", 0.05)
    assert is_sound(path)
    holder.close()


def test_a_database_that_cannot_be_renamed_is_told(path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.rename", refuse)
    with pytest.raises(StoreError):
        set_aside(path, "now")
