"""A request to stop that arrives where Python, or a library, drops exceptions."""

from __future__ import annotations

import signal
import subprocess
import sys

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
