"""Our queue beside DBOS Transact: the same jobs, the same deaths, side by side.

    PYTHONPATH=$PWD:$PWD/tests:$PWD/benchmarks python -m queue_choice.run [--dbos-python PYTHON] [--jobs 4]
        [--positions 60]

``--dbos-python`` is a Python of another environment that has ``dbos`` 3.4,
``filelock`` and ``psycopg`` (``dbos`` is no dependency of ours); without it only
our own queue is measured. A job is a game of so many positions, four of them
searched at a time, each stored before the next four begin (490 random bytes,
the size of an evaluation). On SQLite and on PostgreSQL:

1. a search that takes no time: ms of the processor that the worker uses for each position, bytes of the database;
2. a worker with nothing to do: its share of a core, its memory;
3. a search that takes time: the worker that has the first job gets SIGKILL (on
   PostgreSQL another one is at work, on SQLite it is started again), and then
   the server crashes and comes back: seconds until the next position of the
   killed one's job, and how many positions were searched twice.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import psycopg
from fakes.postgres import PostgresServer

HERE = Path(__file__).parent
LIMIT = 900.0


class Side:
    """One of the two, on one database."""

    def __init__(self, python: str, script: Path, url: str, log: Path) -> None:
        self._command = [python, str(script), url, str(log)]
        self._log = log

    def call(self, *arguments: object) -> str:
        """Run a command to its end."""
        command = [*self._command, *map(str, arguments)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=LIMIT)
        return done.stdout.strip()

    def start(self, positions: int, seconds: float) -> subprocess.Popen[bytes]:
        """Start a worker."""
        return subprocess.Popen([*self._command, "work", str(positions), str(seconds)])

    def searched(self) -> list[tuple[str, str, int]]:
        """Job, turn and process of every search, in order."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [(job, turn, int(pid)) for job, turn, pid in (line.split() for line in lines)]

    def wait(self, searches: int) -> None:
        """Until so many searches are done."""
        deadline = time.monotonic() + LIMIT
        while len(self.searched()) < searches:
            assert time.monotonic() < deadline, "nothing comes any more"
            time.sleep(0.02)

    def wait_done(self, searches: int) -> None:
        """Until no job is left."""
        self.wait(searches)
        deadline = time.monotonic() + LIMIT
        while self.call("left") != "0":
            assert time.monotonic() < deadline, "jobs are left"
            time.sleep(2.0)


def cpu_seconds(process: psutil.Process) -> float:
    """What a process has used of the processor."""
    times = process.cpu_times()
    return float(times.user + times.system)


def end(*processes: subprocess.Popen[bytes]) -> None:
    """Kill workers."""
    for process in processes:
        process.kill()
        process.wait()


def size_of(url: str) -> int:
    """Bytes of a database."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.stat().st_size
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])


def overhead(side: Side, url: str, jobs: int, positions: int) -> dict[str, float]:
    """Part 1 and 2."""
    side.call("init")
    empty = size_of(url)
    side.call("add", jobs, positions, 0.0)
    worker = side.start(positions, 0.0)
    process = psutil.Process(worker.pid)
    side.wait(1)
    started, used, first = time.monotonic(), cpu_seconds(process), len(side.searched())
    side.wait_done(jobs * positions)
    count = jobs * positions - first
    spent, used = time.monotonic() - started, cpu_seconds(process) - used
    grown = size_of(url) - empty
    before = cpu_seconds(process)
    time.sleep(20.0)
    idle = (cpu_seconds(process) - before) / 20.0
    memory = process.memory_info().rss
    end(worker)
    return {
        "cpu_ms_a_position": round(1000 * used / count, 2),
        "ms_a_position_at_most": round(1000 * spent / count, 1),
        "bytes_a_position": round(grown / (jobs * positions)),
        "idle_percent_of_a_core": round(100 * idle, 2),
        "memory_mb": round(memory / 1e6),
    }


def deaths(side: Side, jobs: int, positions: int, server: PostgresServer | None) -> dict[str, float]:
    """Part 3."""
    side.call("init")
    side.call("add", jobs, positions, 0.2)
    workers = [side.start(positions, 0.2)]
    side.wait(8)
    if server is not None:
        workers.append(side.start(positions, 0.2))
        side.wait(24)
    struck_job, _, victim = side.searched()[0]
    struck, known = time.monotonic(), len(side.searched())
    end(workers[0])
    if server is None:
        workers[0] = side.start(positions, 0.2)
    while not any(job == struck_job and pid != victim for job, _, pid in side.searched()[known:]):
        assert time.monotonic() - struck < LIMIT, "nobody takes over"
        time.sleep(0.05)
    figures = {"seconds_to_take_over": round(time.monotonic() - struck, 1)}
    if server is not None:
        known = len(side.searched())
        server.stop(hard=True)
        time.sleep(5.0)
        server.start()
        back = time.monotonic()
        side.wait(known + 5)
        figures["seconds_after_the_server_is_back"] = round(time.monotonic() - back, 1)
    side.wait_done(jobs * positions)
    end(*(worker for worker in workers if worker.poll() is None))
    times = Counter((job, turn) for job, turn, _ in side.searched())
    assert len(times) == jobs * positions, "positions are missing"
    return {**figures, "positions_searched_twice": sum(times.values()) - len(times)}


def by_hand(script: Path) -> int:
    """Lines of a script between its marks."""
    text = script.read_text()
    inside = text.split("# by hand: begin")[-1].split("# by hand: end")[0] if "# by hand: begin" in text else ""
    return sum(bool(line.strip()) for line in inside.splitlines())


def main() -> int:
    """Run all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dbos-python")
    parser.add_argument("--sides", nargs="+", default=["own", "dbos"])
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--positions", type=int, default=60)
    options = parser.parse_args()
    sides = {"own": (sys.executable, HERE / "own.py")} if "own" in options.sides else {}
    if options.dbos_python and "dbos" in options.sides:
        sides["dbos"] = (options.dbos_python, HERE / "dbos_worker.py")
    for name, (python, script) in sides.items():
        for kind in options.databases:
            with ExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                server = stack.enter_context(PostgresServer(is_durable=True)) if kind == "postgresql" else None
                urls = [server.database() if server else f"sqlite:///{folder / f'{part}.db'}" for part in range(2)]
                first = overhead(
                    Side(python, script, urls[0], folder / "log0"), urls[0], options.jobs, options.positions
                )
                second = deaths(Side(python, script, urls[1], folder / "log1"), options.jobs, options.positions, server)
            print(
                json.dumps({"queue": name, "database": kind, "lines_by_hand": by_hand(script), **first, **second}),
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
