"""A night in small: real engine, real files in bursts, programs killed at random; then everything is counted.

    PYTHONPATH=$PWD:$PWD/tests python benchmarks/night.py --place FOLDER [--network FILE] [--kills 6] [--full 16]
        [--quick 4] [--workers 2] [--seed 1] GAME.sgf ...

One ``fupan watch --no-worker`` receives and ``--workers`` ``fupan worker``
analyse and print, on a PostgreSQL server of its own. The files are dropped in
bursts, every second one into a class folder, and beside them a copy of the
first under another name and a file that is no game. Every few seconds one
program or engine gets SIGKILL and is started again. Then all run undisturbed
until the queue is empty. Everything is kept in FOLDER, so that it can be looked
at. Exit code 1 when a file, a report or a position is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pypdfium2
from fakes import program
from fakes.postgres import PostgresServer
from fakes.program import Running, fupan, inbox_files

CLASSES = ("", "甲班", "", "乙班")
MOVED = ("processed", "failed", "duplicate")


def real_environment(options: argparse.Namespace) -> dict[str, str]:
    """What every program gets: the machine's own engine, little depth, files that settle fast."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FUPAN_")}
    network = {"FUPAN_ENGINE__NETWORK": str(options.network.resolve())} if options.network else {}
    return {
        **kept,
        **network,
        "FUPAN_ANALYSIS__VISITS": str(options.full),
        "FUPAN_ANALYSIS__QUICK": str(options.quick),
        "FUPAN_INBOX__SETTLE_SECONDS": "1",
        "FUPAN_INBOX__RESCAN_SECONDS": "1",
        "PYTHONUNBUFFERED": "1",
    }


def strike(running: Running, rng: random.Random) -> str:
    """Kill a program, or its engine if it has one; returns which."""
    children = psutil.Process(running.process.pid).children(recursive=True)
    engines = [child for child in children if "analysis" in child.cmdline()]
    if engines and rng.random() < 0.4:
        engines[0].kill()
        return "engine"
    running.process.kill()
    running.process.wait()
    return "program"


def drop(inbox: Path, number: int, file: Path) -> Path:
    """Put a file into its class's folder; returns where."""
    folder = inbox / CLASSES[number % len(CLASSES)]
    folder.mkdir(exist_ok=True)
    return Path(shutil.copyfile(file, folder / file.name))


def night(place: Path, options: argparse.Namespace) -> dict[str, object]:
    """Run it; returns what happened to whom."""
    rng = random.Random(options.seed)
    inbox = place / "inbox"
    commands = [["watch", "inbox", "--no-worker"], *([["worker"]] * options.workers)]
    running = [Running(place, *command) for command in commands]
    waiting = list(enumerate(options.games))
    struck = {"engine": 0, "program": 0}
    started = time.monotonic()
    try:
        while waiting or sum(struck.values()) < options.kills:
            burst = rng.randint(1, 3)
            for number, file in waiting[:burst]:
                drop(inbox, number, file)
            del waiting[:burst]
            time.sleep(rng.uniform(5.0, options.pause))
            index = rng.randrange(len(running))
            if running[index].process.poll() is None and sum(struck.values()) < options.kills:
                struck[strike(running[index], rng)] += 1
            for place_in_list, command in enumerate(commands):
                if running[place_in_list].process.poll() is not None:
                    running[place_in_list] = Running(place, *command)
        under_fire = time.monotonic() - started
        while not is_done(place, options.games):
            assert time.monotonic() - started < options.limit, "the queue does not become empty"
            time.sleep(10.0)
        finished = time.monotonic() - started - under_fire
    finally:
        for one in running:
            one.process.send_signal(signal.SIGTERM)
        for one in running:
            one.process.wait(300)
    return {"killed": struck, "seconds_under_fire": round(under_fire), "seconds_after": round(finished)}


def is_done(place: Path, games: list[Path]) -> bool:
    """Whether all is received and finished."""
    state = json.loads(fupan(place, "status", "--json", limit=900).stdout)
    still = sum(
        state["counts"][level][name] for level in ("quick", "deep") for name in ("queued", "running", "publishing")
    )
    left = [path for path in (place / "inbox").rglob("*.sgf") if path.name in {game.name for game in games}]
    return still == 0 and not any(path.relative_to(place / "inbox").parts[0] not in MOVED for path in left)


def count(place: Path) -> dict[str, object]:
    """What there is in the morning."""
    output = place / "output"
    pages = {}
    for path in sorted((output / "reports").rglob("*.pdf")):
        with pypdfium2.PdfDocument(path) as pdf:
            pages[str(path.relative_to(output / "reports"))] = len(pdf)
    positions = (output / "evaluations" / "positions").glob("*.parquet")
    rows = {path.stem: pq.read_metadata(path).num_rows for path in positions}
    headers = [pq.read_table(p).to_pylist()[0] for p in (output / "evaluations" / "games").glob("*.parquet")]
    return {
        "files": {folder or "left": names for folder, names in inbox_files(place).items()},
        "reports": pages,
        "games_in_dataset": len(headers),
        "levels": sorted(str(header.get("level")) for header in headers),
        "positions": rows,
        "annotated_sgf": len(list((output / "sgf").rglob("*.sgf"))),
        "morning": sorted(path.name for path in output.glob("今日概览*")),
        "left_over_files": len(list(output.rglob(".*.tmp"))),
    }


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--place", type=Path, required=True, help="an empty or missing folder")
    parser.add_argument("--network", type=Path)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--pause", type=float, default=30.0, help="at most so many seconds between two kills")
    parser.add_argument("--full", type=int, default=16)
    parser.add_argument("--quick", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=36_000.0)
    parser.add_argument("games", nargs="+", type=Path)
    options = parser.parse_args()
    place = options.place.resolve()
    (place / "inbox").mkdir(parents=True)
    copy, no_game = place / "副本.sgf", place / "不是棋谱.sgf"
    shutil.copyfile(options.games[0], copy)
    no_game.write_text("这不是棋谱。", encoding="utf-8")
    options.games += [copy, no_game]
    program.environment = lambda *_: real_environment(options)
    with PostgresServer(is_durable=True) as server:
        (place / "fupan.toml").write_text(f'[state]\nurl = "{server.database()}"\n')
        figures = night(place, options)
        figures |= count(place)
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    files = figures["files"]
    assert isinstance(files, dict)
    received = len(files["processed"])  # files that hold a game that another one brought are duplicates
    whole = len(figures["reports"]) == figures["games_in_dataset"] == received  # type: ignore[arg-type]
    return int(not whole or sum(map(len, files.values())) < len(options.games))


if __name__ == "__main__":
    sys.exit(main())
