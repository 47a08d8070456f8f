"""Record searches of real games at a ladder of budgets, so that planners can be compared without an engine.

    PYTHONPATH=benchmarks python -m planner.record FILE.db --network NET.bin.gz [--full 160] GAME.sgf ...

For every game, in one database that a broken run continues:

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
from contextlib import ExitStack
from pathlib import Path

from pipeline.engine.provision import cache_dir, ensure_setup
from pipeline.engine.supervisor import AnalysisEngine, PositionDone, SearchJob
from pipeline.evaluation import Evaluation
from pipeline.go.record import GameRecord
from pipeline.go.sgf import read_sgf
from pipeline.plan import PositionRequest, turns_around
from pipeline.review.judge import judge
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

    def load(self, game: str, run: str, visits: int) -> dict[int, Evaluation]:
        """Turn -> evaluation, Black's view."""
        query = "select turn, payload from search where game=? and run=? and visits=?"
        return {turn: decode(data) for turn, data in self.connection.execute(query, (game, run, visits))}


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
    others = [number for number in range(1, record.total_turns + 1) if number not in flagged]
    dice = random.Random(name)
    sample = dice.sample(others, min(SAMPLE, len(others)))
    if most_flagged is not None and len(flagged) > most_flagged:
        flagged = set(dice.sample(sorted(flagged), most_flagged))
    return dict.fromkeys(flagged, "flagged") | dict.fromkeys(sample, "sample")


def search(
    recordings: Recordings,
    engine: AnalysisEngine,
    name: str,
    record: GameRecord,
    run: str,
    visits: int,
    turns: set[int],
) -> None:
    """Search what is missing of ``turns`` at ``visits``."""
    todo = sorted(turns - set(recordings.load(name, run, visits)))
    started = time.monotonic()
    jobs = (SearchJob(turn, record, PositionRequest(turn, visits, "deep")) for turn in todo)
    for result in engine.analyse(jobs):
        if isinstance(result, PositionDone):
            recordings.put(name, run, visits, result.evaluation)
        else:
            raise SystemExit(f"{name} turn {result.job.request.turn}: {result.error.message}")
    took = time.monotonic() - started
    print(
        f"{name} {run} {visits}: {len(todo)} positions, {took:.0f} s, {len(todo) * visits / max(took, 0.01):.0f}/s",
        flush=True,
    )


def main() -> None:
    """Record what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path)
    parser.add_argument("--network", type=Path)
    parser.add_argument("--full", type=int, default=160)
    parser.add_argument("--most-flagged", type=int, help="truth for at most this many mistakes a game, drawn at random")
    parser.add_argument("games", type=Path, nargs="+")
    arguments = parser.parse_args()
    setup = ensure_setup(network=arguments.network)
    recordings = Recordings(arguments.database)
    full = arguments.full
    with ExitStack() as stack, tempfile.TemporaryDirectory() as logs:
        engines: dict[str, AnalysisEngine] = {}

        def engine(run: str) -> AnalysisEngine:
            if run not in engines:
                made = AnalysisEngine(setup, state_dir=cache_dir() / "home", log_dir=Path(logs) / run)
                engines[run] = stack.enter_context(made)
            return engines[run]

        for path in arguments.games:
            record = read_sgf(path.read_bytes(), file=path.name)[0]
            with recordings.connection as connection:
                row = (path.name, 0, path.read_bytes(), setup.network.name, full)
                connection.execute("insert or ignore into game values(?,?,?,?,?)", row)
            everywhere = set(range(record.total_turns + 1))
            for run in "AB":
                for part in LADDER:
                    search(recordings, engine(run), path.name, record, run, max(2, full // part), everywhere)
            chosen = chosen_moves(recordings, path.name, record, full, arguments.most_flagged)
            with recordings.connection as connection:
                rows = [(path.name, move, why) for move, why in chosen.items()]
                connection.executemany("insert or replace into chosen values(?,?,?)", rows)
            for run in "CD":
                search(recordings, engine(run), path.name, record, run, TRUTH_FACTOR * full, turns_around(chosen))


if __name__ == "__main__":
    main()
