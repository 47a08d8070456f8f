"""One worker on our queue with a search that only waits: ``own.py URL LOG init|add|work|left ...``; see ``run.py``."""

from __future__ import annotations

import os
import sys
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

from pipeline.jobs.desk import Desk
from pipeline.jobs.lease import LeaseKeeper, take_over
from pipeline.jobs.model import Arrival, JobState, Level, NewGame
from pipeline.jobs.queue import JobQueue, Progress
from pipeline.jobs.register import FileEntry, Register
from pipeline.jobs.tables import METADATA
from pipeline.store.database import Database
from pipeline.store.journal import Entry, Journal

WIDTH, PAYLOAD, NETWORK = 4, 490, "net"


def add(database: Database, jobs: int, positions: int) -> None:
    """Queue so many jobs."""
    register = Register(database)
    for number in range(jobs):
        name = f"game-{number}"
        game = NewGame(name, name, 0, positions, {Level.DEEP: positions}, "p")
        register.accept(FileEntry(name.encode(), name, name), b"(;)", Arrival((game,), "{}"), place=lambda _: b"")


def work(url: str, database: Database, log: Path, positions: int, seconds: float) -> None:
    """Work for ever."""
    with ExitStack() as stack:
        journal = stack.enter_context(Journal(file_of(url), url=url, patience=600))
        queue = JobQueue(database, uuid.uuid4().hex)
        queue.register(host="", pid=os.getpid(), inbox="")
        take_over(queue, alone=not database.is_server)
        stack.enter_context(LeaseKeeper(queue))
        while True:
            queue.alive("idle")
            job = queue.claim()
            if job is None:
                time.sleep(0.5)
                continue
            known = journal.done_visits(job.game_id, NETWORK)
            missing = [turn for turn in range(positions) if turn not in known]
            for start in range(0, len(missing), WIDTH):
                turns = missing[start : start + WIDTH]
                time.sleep(seconds)
                with log.open("a") as lines:
                    lines.writelines(f"{job.game_id} {turn} {os.getpid()}\n" for turn in turns)
                journal.write(Entry(job.game_id, NETWORK, turn, 1, os.urandom(PAYLOAD)) for turn in turns)
            queue.progress([Progress(job.id, positions, positions)])
            queue.publishing(job.id)
            queue.done(job.id, "", "p")


def file_of(url: str) -> Path:
    """The SQLite file, if it is one."""
    return Path(url.removeprefix("sqlite:///"))


def main() -> None:
    """Entry point."""
    url, log, command, *numbers = sys.argv[1:]
    with Database(file_of(url), METADATA, url=url, patience=600) as database:
        if command == "add":
            add(database, int(numbers[0]), int(numbers[1]))
        elif command == "work":
            work(url, database, Path(log), int(numbers[0]), float(numbers[1]))
        elif command == "left":
            print(sum(job.state is not JobState.DONE for job in Desk(database).jobs()))


if __name__ == "__main__":
    main()
