"""What is printed at the hour of ``--until``, how long before it, and how the time was used.

    PYTHONPATH=tests .venv/bin/python benchmarks/deadline.py --seconds 120 [--engine fake|real] [--network FILE]
        [--games 6] [--visits 160] [--quick 16] [--strategy adaptive|uniform] [--max-moves 150] [FOLDER ...]

Games (``samples`` unless folders are named) are reviewed up to a deadline so
many seconds after the start of the engine is begun. Exit code 1 when a game has
no report at the hour.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from engine_runs import add_options, chosen_setup, planned, read_games

from pipeline.app import make_publisher
from pipeline.console import QuietReporter
from pipeline.deadline import Deadline
from pipeline.outcome import RunSummary, Status
from pipeline.publish import Folders
from pipeline.search import BatchSearch
from pipeline.settings import FolderSettings


class Listener(QuietReporter):
    """Keeps what was said, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[float, str]] = []

    def message(self, text: str) -> None:
        """Note it."""
        self.said.append((time.time(), text))


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, games=6, visits=160, quick=16, max_moves=150, engine="fake", visit_us=400.0)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    listener, summary = Listener(), RunSummary()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        setup = chosen_setup(options, place / "engine")
        games = read_games(options.folders, options.games, options.max_moves)
        folders = Folders(place / "output")
        folders.create()
        publisher = make_publisher(FolderSettings({"output": {"folder": folders.root}}).general)
        moment = datetime.now().astimezone() + timedelta(seconds=options.seconds)
        search = BatchSearch(folders, publisher, listener, summary, deadline=Deadline(moment))
        search.run(planned(games, setup, options.visits, options.quick, options.strategy), setup)
        stored = [publisher.dataset.load(header.game_id) for header in publisher.dataset.list_games()]
        depths = [[e.visits for e in game.evaluations.values()] for game in stored]
    every = sorted(visits for game in depths for visits in game)
    print(
        json.dumps(
            {
                "games": len(games),
                "printed": summary.count(Status.DONE),
                "without_report": summary.count(Status.PENDING),
                "levels": sorted(game.info.level for game in stored),
                "least_visits_of_each_game": sorted(min(game) for game in depths),
                "median_visits": statistics.median(every) if every else 0,
                "full": sum(visits >= 0.9 * options.visits for visits in every),
                "positions": len(every),
                "visits_per_second": round(summary.visits / max(summary.search_seconds, 0.001), 1),
                "last_report_seconds_before": round(moment.timestamp() - listener.said[-1][0], 1),
                "search_share_of_the_time": round(summary.search_seconds / options.seconds, 3),
            },
            indent=2,
        )
    )
    return int(summary.count(Status.DONE) < len(games) or listener.said[-1][0] > moment.timestamp())


if __name__ == "__main__":
    sys.exit(main())
