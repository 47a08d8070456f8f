"""Kill the program at random, again and again, and count what is lost. Nothing may be.

    PYTHONPATH=.:tests python benchmarks/torture.py [--database sqlite|postgresql] [--games 300] [--kills 200]
        [--workers 2] [--restarts 0] [--seed 1] [--slow 2] [--print]

With SQLite one ``fupan watch`` runs on the fake engine. With PostgreSQL, which
the script starts on loopback itself, one ``fupan watch --no-worker`` receives
and several ``fupan worker`` analyse. Every few seconds one of these programs,
or an engine, is killed with SIGKILL and started again; ``--restarts`` also
crashes the database now and then. At the end all run undisturbed until all is
done, and the outcome is counted: files in each folder, reports, rows of the
dataset, positions searched twice, what is left in the journal. Printing is
replaced by a stub unless ``--print`` is given, so that the time goes into kills.
Exit code 1 when anything is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
import pyarrow.parquet as pq
from fakes import program
from fakes.postgres import PostgresServer
from fakes.program import Running, fupan, inbox_files, searched, set_up, sgf

POSITIONS = 14
ENTRY = Path(__file__).with_name("without_printing.py")


def game(number: int) -> bytes:
    """A game of its own for each number."""
    return sgf(number % 34, black=f"甲{number}").replace(b"KM[7]", b"KM[%d]" % (number // 34 % 10))


def kill_engine(process: subprocess.Popen[bytes]) -> bool:
    """Kill the fake engine under a running program; false when there is none."""
    for child in psutil.Process(process.pid).children(recursive=True):
        if "fake_katago" in " ".join(child.cmdline()):
            os.kill(child.pid, signal.SIGKILL)
            return True
    return False


class School:
    """The programs of all machines; whatever ends is started again."""

    def __init__(self, place: Path, commands: list[list[str]], faults: str) -> None:
        self._place = place
        self._commands = commands
        self._faults = faults
        self._running: list[Running] = []
        self.unexpected: list[str] = []

    def __enter__(self) -> School:
        self._running = [self._start(command) for command in self._commands]
        return self

    def __exit__(self, *_: object) -> None:
        for running in self._running:
            running.__exit__()

    def _start(self, command: list[str]) -> Running:
        return Running(self._place, *command, faults=self._faults)

    def revive(self) -> None:
        """Start again what ended by itself, and remember why."""
        for index, running in enumerate(self._running):
            code = running.process.poll()
            if code is not None:
                self.unexpected.append(f"{self._commands[index]} ended with {code}: {running.said[-500:]}")
                self._running[index] = self._start(self._commands[index])

    def kill(self, rng: random.Random) -> str:
        """Kill one program or engine; returns which kind."""
        index = rng.randrange(len(self._running))
        running = self._running[index]
        if rng.random() < 0.3 and kill_engine(running.process):
            return "engine"
        running.stop(signal.SIGKILL)
        self._running[index] = self._start(self._commands[index])
        return "watcher" if "watch" in self._commands[index] else "worker"


def torture(place: Path, options: argparse.Namespace, server: PostgresServer | None) -> dict[str, object]:
    """Run it; returns the figures."""
    rng = random.Random(options.seed)
    commands = [["watch", "inbox"]]
    if server is not None:
        commands = [["watch", "inbox", "--no-worker"], *([["worker"]] * options.workers)]
    dropped: dict[str, bytes] = {}
    done = {"watcher": 0, "worker": 0, "engine": 0, "database": 0}
    started = time.monotonic()
    batch = max(1, options.games // max(1, options.kills - 5))
    with School(place, commands, f"slow={options.slow}") as school:
        while sum(done.values()) - done["database"] < options.kills or len(dropped) < options.games:
            for number in range(len(dropped), min(options.games, len(dropped) + batch)):
                name = f"{number:04}.sgf"
                dropped[name] = game(number)
                (place / "inbox" / name).write_bytes(dropped[name])
            time.sleep(rng.uniform(0.3, 4.0))
            school.revive()
            done[school.kill(rng)] += 1
            if server is not None and rng.random() < options.restarts / options.kills:
                server.stop(hard=True)
                time.sleep(rng.uniform(0.0, 3.0))
                server.start()
                done["database"] += 1
        tortured = time.monotonic() - started
        unexpected = school.unexpected
    figures = count(place, dropped, settle(place, server, len(dropped)))
    return {"kills": done, "seconds_under_fire": round(tortured, 1), "ended_by_themselves": unexpected, **figures}


def settle(place: Path, server: PostgresServer | None, games: int) -> float:
    """Let everything be finished undisturbed; returns the seconds that it took."""
    started = time.monotonic()
    fupan(place, "watch", "inbox", "--once", *(["--no-worker"] if server else []), limit=3600)
    while True:
        if server is not None:
            fupan(place, "worker", "--once", limit=3600)
        state = json.loads(fupan(place, "status", "--json").stdout)
        if state["counts"]["deep"]["done"] >= games or time.monotonic() - started > 3600:
            return time.monotonic() - started
        fupan(place, "retry")
        if server is None:
            fupan(place, "watch", "inbox", "--once", limit=3600)


def count(place: Path, dropped: dict[str, bytes], settled: float) -> dict[str, object]:
    """What there is in the end."""
    output = place / "output"
    state = json.loads(fupan(place, "status", "--json").stdout)
    listed = json.loads(fupan(place, "list", "--json").stdout)
    turns = searched(place)
    quick = sum(number for line, number in turns.items() if line.endswith(" 10"))
    needed = len(dropped) * POSITIONS
    kept = {p.name: p.read_bytes() for p in (place / "inbox" / "processed").rglob("*.sgf")}
    rows = {p.stem: pq.read_metadata(p).num_rows for p in (output / "evaluations" / "positions").glob("*.parquet")}
    return {
        "games": len(dropped),
        "seconds_to_finish": round(settled, 1),
        "files": {folder or "left": len(names) for folder, names in inbox_files(place).items()},
        "files_lost_or_changed": sum(kept.get(name) != data for name, data in dropped.items()),
        "reports": len(list((output / "reports").rglob("*.pdf"))),
        "final_in_dataset": len(list((output / "evaluations" / "games").glob("*.parquet"))),
        "positions_missing": sum(POSITIONS - number for number in rows.values())
        + POSITIONS * (len(dropped) - len(rows)),
        "deep_done": state["counts"]["deep"]["done"],
        "jobs": len(listed),
        "quick_positions_needed": needed,
        "quick_positions_searched": quick,
        "share_searched_twice": round((quick - needed) / needed, 3),
        "database_bytes": sum(p.stat().st_size for p in (output / "state").glob("fupan.db*")),
        "left_over_files": len(list(output.rglob(".*.tmp"))),
    }


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--games", type=int, default=300)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--restarts", type=int, default=0, help="crashes of the database, about so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slow", type=int, default=2, help="milliseconds a search")
    parser.add_argument("--print", action="store_true", help="print real reports")
    options = parser.parse_args()
    if not options.print:
        program.ENTRY = [str(ENTRY)]
    with ExitStack() as stack:
        place = set_up(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        server = stack.enter_context(PostgresServer(is_durable=True)) if options.database == "postgresql" else None
        if server is not None:
            (place / "fupan.toml").write_text(f'[state]\nurl = "{server.database()}"\n')
        figures = torture(place, options, server)
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    whole = [figures[key] for key in ("reports", "final_in_dataset", "deep_done")]
    lost = (figures["files_lost_or_changed"], figures["positions_missing"])
    return int(lost != (0, 0) or whole != [figures["games"]] * 3)


if __name__ == "__main__":
    sys.exit(main())
