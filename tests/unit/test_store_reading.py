"""Looking at the state database: one state of it at a time, and never a change."""

import sqlite3

import pytest
import sqlalchemy as sa

from pipeline.errors import StoreError
from pipeline.jobs.desk import Desk
from pipeline.jobs.queue import JobQueue
from pipeline.jobs.tables import CONTROL, JOBS, METADATA
from pipeline.store.database import Database
from pipeline.store.reading import ReadOnlyDatabase


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "fupan.db"
    with Database(path, METADATA) as database, database.transaction() as connection:
        connection.execute(sa.insert(CONTROL).values(name="a", value="1"))
    return path


def names(connection):
    return [row.name for row in connection.execute(sa.select(CONTROL.c.name).order_by(CONTROL.c.name))]


def test_a_reader_sees_one_state_and_the_writer_goes_on(path):
    with ReadOnlyDatabase(path) as reading, Database(path, METADATA) as writing:
        with reading.transaction() as connection:
            assert names(connection) == ["a"]
            with writing.transaction() as other:
                other.execute(sa.insert(CONTROL).values(name="b", value="1"))
            assert names(connection) == ["a"], "the same state until the transaction ends"
        with reading.transaction() as connection:
            assert names(connection) == ["a", "b"]


@pytest.mark.parametrize("change", ["DELETE FROM control", "DROP TABLE control", "PRAGMA journal_mode=DELETE"])
def test_nothing_can_be_changed(path, change):
    with ReadOnlyDatabase(path) as reading:
        with pytest.raises(StoreError), reading.transaction() as connection:  # noqa: PT012 - the end may raise too
            connection.exec_driver_sql(change)
            raise StoreError("store.database", path=path, detail="not refused")
        with reading.transaction() as connection:
            assert names(connection) == ["a"]


def test_a_queue_that_an_older_program_made_can_be_looked_at(path):
    """Who only looks must not wait until somebody works on it and completes the tables."""
    with Database(path, METADATA) as database:
        queue = JobQueue(database, "me")
        queue.register(host="here", pid=1, inbox="")
        queue.alive("search", speed=10.0)
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE workers DROP COLUMN seconds_left")
        connection.execute("ALTER TABLE jobs DROP COLUMN visits_foreseen")
    with ReadOnlyDatabase(path) as reading:
        (worker,) = Desk(reading).state().workers
        assert Desk(reading).jobs() == []
    assert (worker.speed, worker.seconds_left) == (10.0, None)


def test_a_file_without_a_queue_is_told_from_one_with(path, tmp_path):
    other = tmp_path / "other.db"
    sqlite3.connect(other).execute("CREATE TABLE journal (turn INTEGER)")
    with ReadOnlyDatabase(path) as reading:
        assert reading.holds(JOBS)
    with ReadOnlyDatabase(other) as reading:
        assert not reading.holds(JOBS)


@pytest.mark.parametrize("name", ["b d.db", "c%20d?mode=rwc#x.db", "数据.db"])
def test_odd_names_and_files_that_are_not_there(tmp_path, name):
    if "?" not in name:
        with Database(tmp_path / name, METADATA):
            pass
        with ReadOnlyDatabase(tmp_path / name) as reading:
            assert reading.holds(JOBS)
    with pytest.raises(StoreError), ReadOnlyDatabase(tmp_path / f"no {name}") as reading:
        reading.holds(JOBS)
    assert not (tmp_path / f"no {name}").exists(), "nothing is made"
