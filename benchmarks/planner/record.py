"""Record searches of real games at a ladder of budgets, so that planners can be compared without an engine.

    PYTHONPATH=benchmarks python -m planner.record FILE.db --network NET.bin.gz [--katago FILE] [--full 160]
        [--most-flagged 12] GAME.sgf ...

In one database that a broken run continues, all games side by side so that a graphics card has enough to do:

- runs ``A`` and ``B``: every position at ``full/16``, ``/8``, ``/4``, ``/2`` and
  ``full`` visits, two engine processes, so that their noise is independent;
- runs ``C`` and ``D``: ten times ``full`` for the truth, on both positions of
  every move that A or B calls a mistake (3 points and more; with
  ``--most-flagged`` of so many, drawn at random), and of a random sample of the
  other moves.

Within a run a deeper search of a position re-uses the engine's cache of network
answers, as it does in the product.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from pipeline.app import equipped
from pipeline.engine.provision import cache_dir, ensure_setup
from pipeline.engine.supervisor import AnalysisEngine, PositionDone, SearchJob
from pipeline.evaluation import Evaluation
from pipeline.go.record import GameRecord
from pipeline.go.sgf import read_sgf
from pipeline.plan import PositionRequest, turns_around
from pipeline.review.judge import judge
from pipeline.settings import Settings
from pipeline.store.payload import decode, encode

TRUTH_FACTOR = 10
FLAGGED_POINTS = 3.0
SAMPLE = 8
LADDER = (16, 8, 4, 2, 1)

_TABLES = """
create table if not exists game(name text primary key, number integer, data blob, network text, full integer);
create table if not exists search(
    game text, run text, visits integer, turn integer, seconds real, payload blob,
    primary key(game, run, visits, turn));
create table if not exists chosen(game text, move integer, why text, primary key(game, move));
"""


class Recordings:
    """The database of recorded searches."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, timeout=60)
        self.connection.executescript(_TABLES)

    def put(self, game: str, run: str, visits: int, evaluation: Evaluation) -> None:
        """Store one search."""
        row = (game, run, visits, evaluation.turn, evaluation.engine_seconds, encode(evaluation))
        with self.connection:
            self.connection.execute("insert or replace into search values(?,?,?,?,?,?)", row)

    def choose(self, game: str, moves: Mapping[int, str]) -> None:
        """Store for which moves the truth is searched, and why."""
        rows = [(game, move, why) for move, why in moves.items()]
        with self.connection:
            self.connection.executemany("insert or replace into chosen values(?,?,?)", rows)

    def chosen(self, game: str) -> dict[int, str]:
        """Move number -> ``flagged`` or ``sample``; empty before that is chosen."""
        return dict(self.connection.execute("select move, why from chosen where game=?", (game,)).fetchall())

    def load(self, game: str, run: str, visits: int) -> dict[int, Evaluation]:
        """Turn -> evaluation, Black's view."""
        query = "select turn, payload from search where game=? and run=? and visits=?"
        return {turn: decode(data) for turn, data in self.connection.execute(query, (game, run, visits))}


def judged_moves(record: GameRecord) -> list[int]:
    """Numbers of the moves that are judged: a pass that the reader put in is not."""
    return [number for number, move in enumerate(record.moves, start=1) if not move.inserted]


def flagged_moves(recordings: Recordings, name: str, record: GameRecord, full: int) -> set[int]:
    """Numbers of the moves that run A or run B calls a mistake at the full budget."""
    flagged: set[int] = set()
    for run in "AB":
        review = judge(record, recordings.load(name, run, full))
        flagged |= {move.move_number for move in review.moves if move.points_lost >= FLAGGED_POINTS}
    return flagged


def chosen_moves(
    recordings: Recordings, name: str, record: GameRecord, full: int, most_flagged: int | None = None
) -> dict[int, str]:
    """Move number -> ``flagged`` or ``sample``, for which the truth is searched; the same on every call."""
    flagged = flagged_moves(recordings, name, record, full)
    others = [number for number in judged_moves(record) if number not in flagged]
    dice = random.Random(name)
    sample = dice.sample(others, min(SAMPLE, len(others)))
    if most_flagged is not None and len(flagged) > most_flagged:
        flagged = set(dice.sample(sorted(flagged), most_flagged))
    return dict.fromkeys(flagged, "flagged") | dict.fromkeys(sample, "sample")


def search(
    recordings: Recordings,
    engine: AnalysisEngine,
    run: str,
    visits: int,
    wanted: Sequence[tuple[str, GameRecord, set[int]]],
) -> None:
    """Search what is missing of the turns of these games at ``visits``."""
    jobs = [
        SearchJob((name, turn), record, PositionRequest(turn, visits, "deep"))
        for name, record, turns in wanted
        for turn in sorted(turns - set(recordings.load(name, run, visits)))
    ]
    started, got = time.monotonic(), 0
    for result in engine.analyse(jobs):
        name, turn = cast(tuple[str, int], result.job.key)
        if not isinstance(result, PositionDone):
            raise SystemExit(f"{name} turn {turn}: {result.error.message}")
        recordings.put(name, run, visits, result.evaluation)
        got += result.evaluation.visits
    took = time.monotonic() - started
    print(f"{run} {visits}: {len(jobs)} positions, {took:.0f} s, {got / max(took, 0.01):.0f}/s", flush=True)


def main() -> None:
    """Record what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path)
    parser.add_argument("--network", type=Path)
    parser.add_argument("--katago", type=Path, help="another engine than the one of this machine")
    parser.add_argument("--full", type=int, default=160)
    parser.add_argument("--most-flagged", type=int, help="truth for at most this many mistakes a game, drawn at random")
    parser.add_argument("--runs", default="ABCD", help="only these; the truth needs what A and B chose")
    parser.add_argument("games", type=Path, nargs="+")
    arguments = parser.parse_args()
    setup, _ = equipped(ensure_setup(katago=arguments.katago, network=arguments.network), Settings())
    recordings, full = Recordings(arguments.database), arguments.full
    games: dict[str, GameRecord] = {}
    for path in arguments.games:
        data = path.read_bytes()
        games[path.name] = read_sgf(data, file=path.name)[0]
        with recordings.connection as connection:
            row = (path.name, 0, data, setup.network.name, full)
            connection.execute("insert or ignore into game values(?,?,?,?,?)", row)
    everywhere = [(name, record, set(range(record.total_turns + 1))) for name, record in games.items()]
    with tempfile.TemporaryDirectory() as logs:

        def engine(run: str) -> AnalysisEngine:
            return AnalysisEngine(setup, state_dir=cache_dir() / "home", log_dir=Path(logs) / run)

        for run in (run for run in "AB" if run in arguments.runs):
            with engine(run) as fresh:
                for part in LADDER:
                    search(recordings, fresh, run, max(2, full // part), everywhere)
        for name, record in games.items():
            if not recordings.chosen(name):
                recordings.choose(name, chosen_moves(recordings, name, record, full, arguments.most_flagged))
        around = [(name, record, turns_around(recordings.chosen(name))) for name, record in games.items()]
        for run in (run for run in "CD" if run in arguments.runs):
            with engine(run) as fresh:
                search(recordings, fresh, run, TRUTH_FACTOR * full, around)


if __name__ == "__main__":
    main()
