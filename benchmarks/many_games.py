"""How long ``stats`` and ``student`` take over a made dataset of a million moves.

    python benchmarks/many_games.py [GAMES] [FOLDER]

4,500 games of 223 moves by 300 players over three years. Last figures (two shared
cores with other work on them, DuckDB 2.0; the first reading makes the joined copy,
10 MB)::

    first reading of all files: 4500 games, 1003500 moves: read 7.0 s
    again: read 0.09 s, overview 0.65 s, one student 0.18 s
    fupan stats: 1.23 s
    fupan student player7: 0.74 s
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.go.board import COLUMN_LETTERS
from pipeline.store import schema
from pipeline.store.many_games import ManyGames

MOVES = 223
PLAYERS = 300
PROFILE = "0123456789ab"
CATEGORIES = ("best", "good", "small_loss", "slack", "mistake", "blunder", "huge_blunder")
BOUNDS = (0.05, 0.5, 1.5, 3.0, 6.0, 12.0)
TAGS = ("tenuki", "urgent_point", "missed_capture", "overplay", "endgame_size", "lost_lower_right", "unpunished")


def table(rows: pa.Schema, columns: dict[str, list[object]], count: int) -> pa.Table:
    """A table of a schema from some columns; the others are null, empty or zero."""
    arrays = []
    for field in rows:
        if field.name in columns:
            arrays.append(pa.array(columns[field.name], field.type))
        elif field.nullable:
            arrays.append(pa.nulls(count, field.type))
        else:
            empty: object = "" if pa.types.is_string(field.type) else [] if pa.types.is_list(field.type) else 0
            arrays.append(pa.array([empty] * count, field.type))
    return pa.Table.from_arrays(arrays, schema=rows)


def make(folder: Path, games: int) -> None:
    """Write the games and moves of a made dataset."""
    source = random.Random(1)
    for name in ("games", "moves"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for index in range(games):
        game_id = f"{index:016x}"
        losses = [max(0.0, source.gauss(0, 2)) for _ in range(MOVES)]
        classes = [CATEGORIES[sum(loss > bound for bound in BOUNDS)] for loss in losses]
        moves: dict[str, list[object]] = {
            "game_id": [game_id] * MOVES,
            "profile_id": [PROFILE] * MOVES,
            "move_number": list(range(1, MOVES + 1)),
            "player": ["B" if i % 2 == 0 else "W" for i in range(MOVES)],
            "vertex": [f"{source.choice(COLUMN_LETTERS)}{source.randrange(1, 20)}" for _ in range(MOVES)],
            "points_lost": list(losses),
            "points_lost_root": list(losses),
            "winrate_lost": [loss / 100 for loss in losses],
            "category": list(classes),
            "rank": [1 if loss < 0.05 else 3 for loss in losses],
            "phase": ["opening" if i < 50 else "middle" if i < 150 else "endgame" for i in range(MOVES)],
            "complexity": [source.random() for _ in range(MOVES)],
            "tags": [[source.choice(TAGS)] if loss > 1.5 else [] for loss in losses],
        }
        black, white = source.sample(range(PLAYERS), 2)
        date = f"{2024 + index % 3}-{source.randrange(1, 13):02d}-{source.randrange(1, 29):02d}"
        game: dict[str, list[object]] = {
            "game_id": [game_id],
            "profile_id": [PROFILE],
            "black_name": [f"player{black}"],
            "white_name": [f"player{white}"],
            "black_player": [f"player{black}"],
            "white_player": [f"player{white}"],
            "date": [date],
            "board_width": [19],
            "board_height": [19],
            "result_winner": [source.choice("BW")],
            "level": ["deep"],
            "visits": [1000],
            "total_moves": [MOVES],
        }
        pq.write_table(table(schema.MOVES, moves, MOVES), folder / "moves" / f"{game_id}-{PROFILE}.parquet")
        pq.write_table(table(schema.GAMES, game, 1), folder / "games" / f"{game_id}-{PROFILE}.parquet")


def main() -> None:
    """Make the dataset, then time the first reading, the second, and the commands."""
    games = int(sys.argv[1]) if len(sys.argv) > 1 else 4500
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(scratch)
        dataset, state = root / "evaluations", root / "state"
        if not dataset.is_dir():
            make(dataset, games)
        for label in ("first reading of all files", "again"):
            start = time.perf_counter()
            many = ManyGames(dataset, state)
            count = many.refresh()
            read = time.perf_counter() - start
            many.overview()
            both = time.perf_counter() - start
            (player,) = many.find_players("player7")
            many.student(player)
            total = time.perf_counter() - start
            print(
                f"{label}: {count} games, {count * MOVES} moves: read {read:.2f} s, overview {both - read:.2f} s, "
                f"one student {total - both:.2f} s"
            )
        for command in (["stats"], ["student", "player7"]):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "pipeline", *command, "--output", str(root)],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            print(f"fupan {' '.join(command)}: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
