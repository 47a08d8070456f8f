"""What one more game costs where thousands lie already: do the searches for its files and rows stay cheap?

    PYTHONPATH=.:tests python benchmarks/many_files.py [--games 0 1000 2000 5000 10000] [--samples 8]

The files and rows of the games that lie there are made directly, empty, so that
this takes a minute where ``many_jobs.py`` takes an hour. All figures are
milliseconds of processor time, so that other work on the machine does no harm:

- ``publish``: quick and deep report of a game, from the first to the last file,
  with a stub in place of the printer (``shared``: where other machines write, too,
  and the folders are listed again after every change);
- ``recall``: what is stored of a game, before it is searched;
- ``claim``, ``pending``, ``status``, ``notes``, ``pulse``: the queue's questions;
- ``listing``: the dashboard's list of reports, first and again;
- ``name``: a place for one more file of a name that all the others have.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fakes.report_games import made_game
from without_printing import print_nothing

from pipeline.dashboard.library import Library
from pipeline.evaluation import AnalysisInfo
from pipeline.go.record import GameRecord
from pipeline.housekeeping import FailureNotes
from pipeline.inbox.moves import free_target
from pipeline.jobs.desk import Desk
from pipeline.jobs.model import PRIORITY, FileOutcome, JobState, Level
from pipeline.jobs.morning import pulse
from pipeline.jobs.queue import JobQueue
from pipeline.jobs.tables import FILES, JOBS, METADATA
from pipeline.plan import DEEP, QUICK
from pipeline.publish import Folders, Publisher
from pipeline.settings import ReportSettings
from pipeline.store.database import Database
from pipeline.store.dataset import StoredGame

CLASSES = ("", "甲班", "乙班", "丙班/周三")
REPORT = ReportSettings()


def lay_out(folders: Folders, inbox: Path, database: Database, start: int, end: int) -> None:
    """The files and rows of finished and of waiting games, half of each."""
    processed = inbox / "processed" / "2026-11"
    for folder in (processed, *(kind / c for kind in (folders.reports, folders.sgf) for c in CLASSES)):
        folder.mkdir(parents=True, exist_ok=True)
    rows = []
    files = []
    for number in range(start, end):
        game = f"{number:08x}".ljust(32, "0")
        group = CLASSES[number % len(CLASSES)]
        name = f"2026-11-21_甲_乙_{game[:8]}"
        for path in (
            folders.reports / group / f"{name}.pdf",
            folders.sgf / group / f"{name}.sgf",
            *(folders.evaluations / kind / f"{game}-{'a' * 12}.parquet" for kind in ("games", "moves", "positions")),
            processed / (f"棋谱 ({number + 1}).sgf" if number else "棋谱.sgf"),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        state = JobState.DONE if number % 2 else JobState.QUEUED
        common = {"game_id": game, "profile_id": "p", "state": state, "name": f"{number}.sgf", "source": f"sha{number}"}
        times = {"created_at": time.time(), "updated_at": time.time(), "visits_expected": 100}
        rows += [{**common, **times, "level": level, "priority": PRIORITY[level]} for level in Level]
        file = {"path": b"x", "name": "x", "sha256": f"sha{number}", "outcome": FileOutcome.TAKEN, "moved": True}
        files.append({**file, "target": b"x", "at": time.time()})
    with database.transaction() as connection:
        if rows:
            connection.execute(JOBS.insert(), rows)
            connection.execute(FILES.insert(), files)


def analysed(number: int, level: str) -> StoredGame:
    """A game of its own for each number."""
    made = made_game()
    record: GameRecord = replace(made.record, komi=number / 2)
    info: AnalysisInfo = replace(made.info, level=level, visits=500, quick_visits=50)
    return StoredGame(record, info, dict(made.evaluations))


def spent(work: Callable[[int], object], numbers: range) -> float:
    """Milliseconds of processor time for one call, the median."""
    times = []
    for number in numbers:
        started = time.process_time()
        work(number)
        times.append(1000 * (time.process_time() - started))
    return round(statistics.median(times), 2)


def measure(folders: Folders, inbox: Path, database: Database, samples: range) -> dict[str, float]:
    """The figures with what lies there now."""
    figures: dict[str, float] = {}
    half = len(samples) // 2
    for name, is_alone, numbers in (("", True, samples[:half]), ("_shared", False, samples[half:])):
        publisher = Publisher(folders, printed_on="2026-11-22", is_alone=is_alone)

        def publish(number: int, publisher: Publisher = publisher) -> None:
            for level in (QUICK, DEEP):
                publisher.publish(analysed(number, level), REPORT, CLASSES[number % len(CLASSES)])

        def recall(number: int, publisher: Publisher = publisher) -> None:
            publisher.dataset.analyses(analysed(number, DEEP).record.game_id, "x")

        first = time.process_time()
        publisher.report_of("x" * 32)
        publisher.dataset.find("x" * 32)
        figures[f"first_listing{name}"] = round(1000 * (time.process_time() - first), 2)
        figures[f"publish{name}"] = spent(publish, numbers)
        figures[f"recall{name}"] = spent(recall, numbers)
    queue, notes = JobQueue(database, "me"), FailureNotes(inbox, database)
    questions: dict[str, Callable[[], object]] = {
        "claim": queue.claim,
        "pending": queue.pending,
        "status": Desk(database).state,
        "notes": notes.refresh,
        "pulse": lambda: pulse(database, time.time() - 86_400),
        "name": lambda: free_target(inbox / "processed" / "2026-11", "棋谱.sgf"),
    }
    for name, question in questions.items():
        figures[name] = spent(lambda _, ask=question: ask(), range(5))  # type: ignore[misc]
    queue.give_back()
    now = [0.0]
    library = Library(folders, monotonic=lambda: now[0])
    for name in ("listing", "listing_again"):
        figures[name] = spent(lambda _: library.reports(), range(1))
        now[0] += 100
    return figures


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, nargs="+", default=[0, 1000, 2000, 5000, 10_000])
    parser.add_argument("--samples", type=int, default=8)
    options = parser.parse_args()
    Publisher._printed = print_nothing  # type: ignore[method-assign]
    lie, number = 0, 0
    with tempfile.TemporaryDirectory() as place:
        folders, inbox = Folders(Path(place) / "output"), Path(place) / "inbox"
        folders.create()
        Publisher(folders, printed_on="x").publish(analysed(1000, DEEP), REPORT, "")  # loads the libraries
        with Database(folders.state / "fupan.db", METADATA) as database:
            for games in sorted(options.games):
                lay_out(folders, inbox, database, lie, games)
                lie = games
                figures = measure(folders, inbox, database, range(number, number + options.samples))
                number += options.samples
                print(json.dumps({"games": games, **figures}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
