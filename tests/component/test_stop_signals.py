"""A request to stop that arrives where Python, or a library, drops exceptions."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.errors import Stopped, StoreError
from pipeline.exits import StopRequested
from pipeline.jobs.tables import METADATA
from pipeline.store.database import Database

# The signal arrives while the callback of a weak reference runs: what the handler raises there is dropped.
PROGRAM = """
import os, signal, sys, time, weakref
from pipeline.exits import StopRequested, exit_code_of, listen_for_signals

class Thing:
    pass

def callback(_):
    os.kill(os.getpid(), {number})
    for _ in range(1000):
        pass

listen_for_signals()
try:
    thing = Thing()
    reference = weakref.ref(thing, callback)
    del thing
    time.sleep(60)
except StopRequested as stop:
    sys.exit(exit_code_of(stop))
sys.exit(99)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals between processes there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_request_to_stop_is_not_lost_in_a_callback(number: signal.Signals, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(number=int(number))],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def clumsy(path: object) -> Database:
    """A database whose driver fails when a transaction is left in the middle, as PostgreSQL's does."""
    database = Database(path, METADATA)

    def fail(_: object) -> None:
        raise sa.exc.ProgrammingError("rollback", {}, Exception("connection in transaction status ACTIVE"))

    sa.event.listen(database._engine, "rollback", fail)
    return database


def test_a_request_to_stop_in_a_query_is_not_taken_for_trouble_with_the_database(tmp_path) -> None:
    with pytest.raises(StopRequested), clumsy(tmp_path / "state.db").transaction():
        raise StopRequested(Stopped("run.interrupted"))


def test_other_trouble_in_a_query_stays_trouble_with_the_database(tmp_path) -> None:
    with pytest.raises(StoreError), clumsy(tmp_path / "state.db").transaction():
        raise ValueError


HELD = """
import os, signal, sys
from pathlib import Path
from pipeline.exits import StopRequested, exit_code_of, listen_for_signals
from pipeline.jobs.tables import METADATA
from pipeline.store.database import Database
import sqlalchemy as sa

listen_for_signals()
database = Database(Path(sys.argv[1]), METADATA)
told = []
try:
    with database.transaction() as connection:
        connection.execute(sa.text("CREATE TABLE mark (number INTEGER)"))
        os.kill(os.getpid(), {number})
        told.append("went on")
        connection.execute(sa.text("INSERT INTO mark VALUES (5)"))
    told.append("too far")
except StopRequested as stop:
    with database.transaction() as connection:
        told.append(connection.execute(sa.text("SELECT number FROM mark")).scalar())
    print(told)
    sys.exit(exit_code_of(stop))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals between processes there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_request_to_stop_waits_for_the_end_of_a_transaction_and_then_takes_effect(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    """A connection that is left in the middle would lock the file while the program says goodbye."""
    done = subprocess.run(
        [sys.executable, "-c", HELD.format(number=int(number)), str(tmp_path / "state.db")],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.stdout == "['went on', 5]\n", done.stderr
    assert done.returncode == code
