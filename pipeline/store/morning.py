"""What the dataset says about the games that were analysed since a moment, one line a game."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.store.schema import SCHEMA_VERSION, VERSION_KEY

# The clock of a file server may be off a little; the moment in the file itself decides.
CLOCK_SLACK = 600.0
BATCH = 500
LEVELS = ("quick", "partial", "deep")

_log = logging.getLogger(__name__)

_GAMES = """
SELECT game_id, black_name, black_rank, white_name, white_rank, date, event, result_kind, result_winner, result_margin,
       total_moves, level, visits, positions, total_visits, engine_seconds, finished_at, source_file, engine_version,
       network, device, m.*
FROM read_parquet($games, union_by_name = true) AS g LEFT JOIN (
    SELECT game_id AS id, profile_id AS profile,
           avg(visits_ratio) FILTER (player = 'B') AS black_match,
           arg_max(move_number, points_lost) FILTER (player = 'B') AS black_worst,
           max(points_lost) FILTER (player = 'B') AS black_loss,
           avg(visits_ratio) FILTER (player = 'W') AS white_match,
           arg_max(move_number, points_lost) FILTER (player = 'W') AS white_worst,
           max(points_lost) FILTER (player = 'W') AS white_loss
    FROM read_parquet($moves, union_by_name = true) WHERE points_lost IS NOT NULL GROUP BY ALL
) m ON m.id = g.game_id AND m.profile = g.profile_id
"""
_VERSIONS = "SELECT max(try_cast(decode(value) AS INTEGER)) FROM parquet_kv_metadata($games) WHERE key = $key"


@dataclass(frozen=True, slots=True)
class SideFigures:
    """One player: name and rank as read, LizzieYzy's match rate 0..1, the move that lost most points."""

    name: str
    rank: str
    match_rate: float | None
    worst_move: int | None
    worst_loss: float | None


@dataclass(frozen=True, slots=True)
class AnalysedGame:
    """One game, by its deepest analysis; ``finished_at`` in seconds since 1970."""

    game_id: str
    black: SideFigures
    white: SideFigures
    date: str
    event: str
    result_kind: str
    result_winner: str | None
    result_margin: float | None
    moves: int
    level: str
    visits: int
    positions: int
    total_visits: int
    engine_seconds: float
    finished_at: float
    source_file: str
    engine_version: str
    network: str
    device: str


def analysed_since(dataset: Path, since: float) -> tuple[AnalysedGame, ...]:
    """The games that were analysed since ``since`` (seconds since 1970), each once; damaged files are left out."""
    names = [
        path.name
        for path in sorted((dataset / "games").glob("*.parquet"))
        if not path.name.startswith(".") and _changed(path) >= since - CLOCK_SLACK
    ]
    best: dict[str, AnalysedGame] = {}
    with duckdb.connect() as connection:
        for start in range(0, len(names), BATCH):
            for game in _read(connection, dataset, names[start : start + BATCH]):
                known = best.get(game.game_id)
                if game.finished_at >= since and (known is None or _depth(game) > _depth(known)):
                    best[game.game_id] = game
    return tuple(best.values())


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0  # superseded since the folder was listed


def _depth(game: AnalysedGame) -> tuple[int, int, float]:
    return LEVELS.index(game.level) if game.level in LEVELS else -1, game.visits, game.finished_at


def _read(connection: duckdb.DuckDBPyConnection, dataset: Path, names: Sequence[str]) -> list[AnalysedGame]:
    """Read some files at once or, when one of them is damaged or newer, each by itself."""
    games = [str(dataset / "games" / name) for name in names]
    moves = [str(dataset / "moves" / name) for name in names]
    try:
        newest = connection.execute(_VERSIONS, {"games": games, "key": VERSION_KEY}).fetchone()
        if newest is not None and newest[0] is not None and newest[0] > SCHEMA_VERSION:
            raise duckdb.Error(f"schema version {newest[0]}")
        cursor = connection.execute(_GAMES, {"games": games, "moves": moves})
        columns = [str(column[0]) for column in cursor.description or ()]
        return [_game(dict(zip(columns, row, strict=True))) for row in cursor.fetchall()]
    except (duckdb.Error, ValueError, TypeError) as error:
        if len(names) == 1:
            _log.warning("left out of the overview: %s: %s", names[0], error)
            return []
        return [game for name in names for game in _read(connection, dataset, [name])]


def _game(row: dict[str, Any]) -> AnalysedGame:
    return AnalysedGame(
        game_id=row["game_id"],
        black=_side(row, "black"),
        white=_side(row, "white"),
        date=row["date"],
        event=row["event"],
        result_kind=row["result_kind"],
        result_winner=row["result_winner"],
        result_margin=row["result_margin"],
        moves=row["total_moves"],
        level=row["level"],
        visits=row["visits"],
        positions=row["positions"],
        total_visits=row["total_visits"],
        engine_seconds=row["engine_seconds"],
        finished_at=datetime.fromisoformat(row["finished_at"]).timestamp(),
        source_file=row["source_file"],
        engine_version=row["engine_version"],
        network=row["network"],
        device=row["device"],
    )


def _side(row: dict[str, Any], side: str) -> SideFigures:
    return SideFigures(
        row[f"{side}_name"],
        row[f"{side}_rank"],
        row[f"{side}_match"],
        row[f"{side}_worst"],
        row[f"{side}_loss"],
    )
