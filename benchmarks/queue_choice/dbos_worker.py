"""One worker on DBOS Transact 3.4 with a search that only waits: ``dbos_worker.py URL LOG init|add|work|left ...``.

Needs ``dbos``, ``filelock`` and ``psycopg``, nothing of ours. What had to be
written by hand lies between the two marks: the settings that make SQLite
durable, a clock that SQLite before 3.42 lacks, and the sweep that takes over the jobs of dead workers.
"""

import asyncio
import hashlib
import os
import sqlite3
import sys
import time
import uuid
from pathlib import Path

import filelock
import psycopg
import sqlalchemy as sa
from dbos import DBOS, DBOSClient

WIDTH, PAYLOAD = 4, 490
URL, LOG, COMMAND, *NUMBERS = sys.argv[1:]
ME = uuid.uuid4().hex
# by hand: begin
LITE = URL.startswith("sqlite")
ENGINE = sa.create_engine(URL) if LITE else None
HELD: dict[str, object] = {}

if ENGINE is not None:

    @sa.event.listens_for(ENGINE, "connect")
    def prepare(connection, _record):
        """As the library would not do it by itself."""
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute("PRAGMA " + pragma)
        if sqlite3.sqlite_version_info < (3, 42):
            connection.create_function("unixepoch", -1, lambda *_: round(time.time(), 3))


def lock(worker):
    """A lock that is free only when its holder is dead."""
    if LITE:
        HELD[worker] = filelock.FileLock(f"{sa.make_url(URL).database}.{worker}.lock", timeout=0)
        HELD[worker].acquire()
        return HELD[worker].release
    server = HELD.get("server")
    if server is None or server.closed:
        HELD["server"] = server = psycopg.connect(URL, autocommit=True)
        for name, value in (("idle", 20), ("interval", 10), ("count", 3)):
            server.execute(f"SET tcp_keepalives_{name} = {value}")
    key = int.from_bytes(hashlib.sha256(worker.encode()).digest()[:8], "big", signed=True)
    if not server.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()[0]:
        raise filelock.Timeout(worker)
    return lambda: server.execute("SELECT pg_advisory_unlock(%s)", [key])


def sweep():
    """Queue again what dead workers left."""
    for worker in {item.executor_id for item in DBOS.list_workflows(status="PENDING", load_input=False)} - {ME}:
        try:
            release = lock(worker)
        except filelock.Timeout:
            continue
        for item in DBOS.list_workflows(status="PENDING", executor_id=worker, load_input=False):
            DBOS.resume_workflow(item.workflow_id, queue_name="games")
        release()


# by hand: end


@DBOS.step()
async def search(job, turn, seconds):
    """One position."""
    await asyncio.sleep(seconds)
    with Path(LOG).open("a") as lines:
        lines.write(f"{job} {turn} {os.getpid()}\n")
    return os.urandom(PAYLOAD)


@DBOS.workflow()
async def review(job, positions, seconds):
    """One game."""
    for start in range(0, positions, WIDTH):
        turns = range(start, min(positions, start + WIDTH))
        await asyncio.gather(*[search(job, turn, seconds) for turn in turns])
    return positions


def client():
    """The side that adds jobs and looks at them."""
    if ENGINE is not None:
        return DBOSClient(system_database_engine=ENGINE, application_name="choice")
    return DBOSClient(system_database_url=URL, application_name="choice")


def launch():
    """Start the library; it makes its tables."""
    lock(ME)
    DBOS(
        config={
            "name": "choice",
            "system_database_url": URL,
            "system_database_engine": ENGINE,
            "executor_id": ME,
            "application_version": "1",
            "log_level": "ERROR",
        }
    )
    DBOS.launch()
    DBOS.register_queue("games", worker_concurrency=1, polling_interval_sec=0.5)


def work():
    """Work for ever."""
    launch()
    while True:
        time.sleep(5)
        try:
            if not LITE:
                lock(ME)
            sweep()
        except (psycopg.Error, filelock.Timeout, sa.exc.SQLAlchemyError):
            continue


if COMMAND == "work":
    work()
elif COMMAND == "init":
    launch()
    DBOS.destroy()
elif COMMAND == "add":
    jobs, positions, seconds = int(NUMBERS[0]), int(NUMBERS[1]), float(NUMBERS[2])
    for number in range(jobs):
        options = {"queue_name": "games", "workflow_name": "review", "workflow_id": f"game-{number}"}
        client_ = globals().setdefault("CLIENT", client())
        client_.enqueue(options, f"game-{number}", positions, seconds)
else:
    listed = client().list_workflows(name="review", load_input=False)
    print(sum(item.status != "SUCCESS" for item in listed))
