"""Kill the watching program at random, again and again, and count what is lost. Nothing may be.

    PYTHONPATH=tests python benchmarks/torture.py [--games 30] [--kills 60] [--seed 1] [--slow 5]

Games are dropped into an inbox while ``fupan watch`` runs on the fake engine;
every few seconds the worker, or its engine, is killed with SIGKILL. At the end
the program runs undisturbed until all is done, and the outcome is counted:
files in each folder, reports, rows of the dataset, positions searched twice.
Exit code 1 when anything is missing.

Last figures (two CPU cores, SQLite, seed 1, defaults): 60 kills in 200 s, 50 of
the program and 10 of the engine; of 30 games every file, every report and every
dataset file was there exactly once, 5.5 % of the quick positions were searched
twice (those in flight), the database had 0.24 MB.
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
from pathlib import Path

import psutil
from fakes.program import Running, fupan, inbox_files, searched, set_up, sgf


def kill_engine(process: subprocess.Popen[bytes]) -> bool:
    """Kill the fake engine under a running program; false when there is none."""
    for child in psutil.Process(process.pid).children(recursive=True):
        if "fake_katago" in " ".join(child.cmdline()):
            os.kill(child.pid, signal.SIGKILL)
            return True
    return False


def torture(place: Path, games: int, kills: int, seed: int, slow: int) -> dict[str, object]:
    """Run it; returns the figures."""
    rng = random.Random(seed)
    dropped: dict[str, bytes] = {}
    done = {"worker": 0, "engine": 0}
    started = time.monotonic()
    while sum(done.values()) < kills:
        with Running(place, "watch", "inbox", faults=f"slow={slow}") as running:
            while running.process.poll() is None and sum(done.values()) < kills:
                if len(dropped) < games:
                    name = f"{len(dropped):03}.sgf"
                    dropped[name] = sgf(len(dropped) % 34, black=f"甲{len(dropped)}")
                    if len(dropped) > 34:
                        dropped[name] = dropped[name].replace(b"KM[7]", b"KM[%d]" % (len(dropped) // 34 * 2))
                    (place / "inbox" / name).write_bytes(dropped[name])
                try:
                    running.process.wait(rng.uniform(0.3, 6.0))
                except subprocess.TimeoutExpired:
                    if rng.random() < 0.3 and kill_engine(running.process):
                        done["engine"] += 1
                    else:
                        running.stop(signal.SIGKILL)
                        done["worker"] += 1
                        break
    tortured = time.monotonic() - started
    last = fupan(place, "watch", "inbox", "--once")
    while json.loads(fupan(place, "status", "--json").stdout)["failed"]:
        fupan(place, "retry")
        last = fupan(place, "watch", "inbox", "--once")
    files = inbox_files(place)
    state = json.loads(fupan(place, "status", "--json").stdout)
    output = place / "output"
    turns = searched(place)
    quick = sum(count for line, count in turns.items() if line.endswith(" 10"))
    needed = len(dropped) * 14
    kept = {p.name: p.read_bytes() for p in (place / "inbox" / "processed").rglob("*.sgf")}
    return {
        "games": len(dropped),
        "kills": done,
        "seconds_under_fire": round(tortured, 1),
        "exit_code": last.returncode,
        "files": {folder or "left": len(names) for folder, names in files.items()},
        "files_lost_or_changed": sum(kept.get(name) != data for name, data in dropped.items()),
        "reports": len(list((output / "reports").rglob("*.pdf"))),
        "final_in_dataset": len(list((output / "evaluations" / "games").glob("*.parquet"))),
        "deep_done": state["counts"]["deep"]["done"],
        "quick_positions_needed": needed,
        "quick_positions_searched": quick,
        "share_searched_twice": round((quick - needed) / needed, 3),
        "database_bytes": sum(p.stat().st_size for p in (output / "state").glob("fupan.db*")),
    }


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=30)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slow", type=int, default=5, help="milliseconds a search")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = torture(set_up(Path(folder)), options.games, options.kills, options.seed, options.slow)
    print(json.dumps(figures, indent=2))
    whole = [figures[key] for key in ("reports", "final_in_dataset", "deep_done")]
    return int(figures["files_lost_or_changed"] != 0 or whole != [figures["games"]] * 3)


if __name__ == "__main__":
    sys.exit(main())
