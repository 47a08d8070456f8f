"""Thousands of games through the queue with the fake engine: does the time for one stay the same?

    PYTHONPATH=.:tests python benchmarks/many_jobs.py [--database sqlite|postgresql] [--games 10000] [--step 1000]
        [--print]

Files go through the inbox of ``fupan watch --no-worker``; then ``fupan worker``
(SQLite: ``fupan watch``) works them off with an engine that answers at once. A
stub takes the printer's place, because printing 10,000 reports would take hours
and is measured elsewhere (``print_speed.py``); with ``--print``, for some
hundred games, the difference is the printer's share. Every ``--step`` games it
notes

- the seconds, and the processor time of our own process (without the engine's)
  for one game, which holds on a machine that does other work too,
- memory, the size of the database, and how long ``fupan status`` takes,

and at the end how the last step compares with the first. The morning summary
is part of what is measured. All 10,000 games, on a quiet machine:

    PYTHONPATH=.:tests python benchmarks/many_jobs.py --games 10000 --step 1000
    PYTHONPATH=.:tests python benchmarks/many_jobs.py --games 300 --step 100 --print
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
from fakes import program
from fakes.postgres import PostgresServer
from fakes.program import LAST, Running, fupan, set_up, sgf

from pipeline import statedb
from pipeline.jobs.model import JobState, Level
from pipeline.queueview import open_desk
from pipeline.settings import Settings, load

KOMI = [f"{half / 2:g}" for half in range(20)]


def game(number: int) -> bytes:
    """A game of 14 moves of its own for each number up to 22,000."""
    last, rest = number % len(LAST), number // len(LAST)
    other = [point for point in LAST if point != LAST[last]]
    text = sgf(last, black=f"甲{number}")[:-1] + f";W[{other[rest % len(other)]}])".encode()
    return text.replace(b"KM[7]", f"KM[{KOMI[rest // len(other) % len(KOMI)]}]".encode())


class Watch:
    """Notes time, memory, size and latency as numbers of games are reached."""

    def __init__(self, place: Path, settings: Settings, url: str | None, step: int) -> None:
        self._place = place
        self._settings = settings
        self._url = url
        self._step = step

    def until(self, games: int, how_many: Callable[[], int], running: Running) -> list[dict[str, float]]:
        """One line for each step."""
        lines: list[dict[str, float]] = []
        process = psutil.Process(running.process.pid)
        started = last = time.monotonic()
        used, done = 0.0, 0
        while done < games:
            goal = min(games, done + self._step)
            while (reached := how_many()) < goal:
                assert running.process.poll() is None, running.said
                time.sleep(0.2)
            now = time.monotonic()
            times = process.cpu_times()
            spent, used = times.user + times.system - used, times.user + times.system
            line = {
                "games": reached,
                "ms_a_game": round(1000 * (now - last) / (reached - done), 1),
                "cpu_ms_a_game": round(1000 * spent / (reached - done), 1),
                "memory_mb": round(process.memory_info().rss / 1e6),
                "database_mb": round(self.size() / 1e6, 2),
                **self.latency(),
            }
            print(json.dumps(line), flush=True)
            lines.append(line)
            last, done = now, reached
        print(f"all: {time.monotonic() - started:.0f} s, {used:.0f} s of our own processor time", flush=True)
        if len(lines) > 2:  # the first step holds the start of the program and of the engine
            ratio = lines[-1]["cpu_ms_a_game"] / lines[1]["cpu_ms_a_game"]
            print(f"processor time a game, last step to second: {ratio:.2f}", flush=True)
        return lines

    def size(self) -> int:
        """Bytes of the database."""
        if self._url is None:
            return sum(p.stat().st_size for p in (self._place / "output" / "state").glob("fupan.db*"))
        with psycopg.connect(self._url) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
            assert row is not None
            return int(row[0])

    def latency(self) -> dict[str, float]:
        """Milliseconds of the query behind ``status``, and of the whole command."""
        with open_desk(self._settings) as desk:
            assert desk is not None
            started = time.perf_counter()
            desk.state()
            query = time.perf_counter() - started
        started = time.perf_counter()
        fupan(self._place, "status")
        return {"state_ms": round(1000 * query, 1), "status_ms": round(1000 * (time.perf_counter() - started))}


def count_jobs(settings: Settings, state: JobState | None) -> int:
    """Deep jobs, all or in a state."""
    if not statedb.exists(settings):
        return 0
    with open_desk(settings) as desk:
        assert desk is not None
        counts = desk.state(recent=1).counts[Level.DEEP]
    return sum(counts.values()) if state is None else counts[state]


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--games", type=int, default=10_000)
    parser.add_argument("--step", type=int, default=1000)
    parser.add_argument("--print", action="store_true", help="print real reports")
    options = parser.parse_args()
    if not options.print:
        program.ENTRY = [str(Path(__file__).with_name("without_printing.py"))]
    with ExitStack() as stack:
        place = set_up(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        url = None
        if options.database == "postgresql":
            url = stack.enter_context(PostgresServer(is_durable=True)).database()
            (place / "fupan.toml").write_text(f'[state]\nurl = "{url}"\n')
        settings = load({"output": {"folder": place / "output"}, "state": {"url": url}})
        watch = Watch(place, settings, url, options.step)
        for number in range(options.games):
            (place / "inbox" / f"{number:05}.sgf").write_bytes(game(number))
        print("intake", flush=True)
        with Running(place, "watch", "inbox", "--no-worker") as running:
            watch.until(options.games, lambda: count_jobs(settings, None), running)
        print("work", flush=True)
        with Running(place, *(["worker"] if url else ["watch", "inbox"])) as running:
            watch.until(options.games, lambda: count_jobs(settings, JobState.DONE), running)
    return 0


if __name__ == "__main__":
    sys.exit(main())
