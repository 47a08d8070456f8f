"""How good the forecast is on the way: what it says at 25, 50 and 75 % of the time, against what happened.

    PYTHONPATH=tests .venv/bin/python benchmarks/forecast.py [--engine fake|real|card] [--network FILE] [--games 8]
        [--visits 60] [--quick 12] [--max-moves 150] [--until SECONDS] [--queue | --record FILE] [FOLDER ...]

Games (``samples`` unless folders are named) are reviewed to the end; the
forecast that the display shows is noted every second. The error is that of the
time that was then still to come: (forecast - truth) / truth. Starting the
engine does not count, printing does. ``at`` has what was forecast so early only.
Exit code 1 when the error half-way is above 15 %, 2 when nothing was forecast by then: the run was too short.
With ``--engine card`` a modelled graphics card takes the engine's place, as in ``throughput.py``.
With ``--queue`` the games go through the queue, as ``fupan watch --once`` takes them. With ``--until`` the run has a
deadline so many seconds after its start; what the display says then is the deadline, where that comes first.
With ``--record FILE`` the run can be replayed (``forecast_replay.py``).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from engine_runs import add_options, chosen_setup, planned, read_games, review, watched
from forecast_trace import Recorder, recording

from pipeline.console import QuietReporter
from pipeline.deadline import Deadline

SHARES = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9)


class Listener(QuietReporter):
    """Notes what the display would show."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[float, float]] = []
        self.ended = 0.0

    def message(self, text: str) -> None:
        """The last one says that the last game is printed."""
        self.ended = time.monotonic()

    def refresh(self) -> None:
        """Note the forecast."""
        now = time.monotonic()
        left = self.tally.printed_in(now)
        if left is not None:
            self.seen.append((now, left))


def errors(listener: Listener) -> dict[str, dict[str, float]]:
    """At each tenth, 25 and 75 % of the run: the forecast of the seconds left, the truth, and the error.

    What is before the first forecast is left out.
    """
    started, ended = listener.tally.search_started, listener.ended
    assert started is not None
    found = {}
    for share in SHARES:
        moment = started + share * (ended - started)
        seen = [item for item in listener.seen if item[0] <= moment]
        if not seen:
            continue
        said = max(0.0, seen[-1][1] - (moment - seen[-1][0]))
        truth = ended - moment
        found[f"{share:.0%}"] = {
            "forecast_s": round(said, 1),
            "truth_s": round(truth, 1),
            "error": round((said - truth) / truth, 3),
        }
    return found


def judged(found: dict[str, dict[str, float]]) -> int:
    """The exit code."""
    if "50%" not in found:
        print("nothing was forecast half-way: the run was too short", file=sys.stderr)
        return 2
    return int(abs(found["50%"]["error"]) > 0.15)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, games=8, visits=60, quick=12, max_moves=150, engine="fake", visit_us=400.0)
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--record", type=Path, help="write what happened to this file, for forecast_replay.py")
    way.add_argument("--queue", action="store_true", help="through the queue, as fupan watch --once")
    parser.add_argument("--until", type=float, help="seconds from the start to the deadline")
    options = parser.parse_args()
    listener, recorder = Listener(), Recorder()
    until = datetime.now().astimezone() + timedelta(seconds=options.until) if options.until else None
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        setup = chosen_setup(options, place / "engine")
        games = read_games(options.folders, options.games, options.max_moves)
        todo = planned(games, setup, options.visits, options.quick, options.strategy)
        deadline = Deadline(until) if until else None
        with recording(recorder):
            if options.queue:
                summary = watched(games, setup, place / "watched", options, reporter=listener, until=until)
            else:
                summary = review(todo, setup, place / "output", reporter=listener, deadline=deadline)
        recorder.note("end", started=listener.tally.search_started, ended=listener.ended)
        if options.record:
            recorder.write(options.record)
        found = errors(listener)
    print(
        json.dumps(
            {
                "games": len(games),
                "boards": sorted({f"{g.record.width}x{g.record.height}" for g in games}),
                "positions": summary.positions,
                "visits": summary.visits,
                "search_s": round(summary.search_seconds, 1),
                "at": found,
            },
            indent=2,
        )
    )
    return judged(found)


if __name__ == "__main__":
    sys.exit(main())
