"""Arrow schemas of the dataset: the three tables, their columns, units and points of view.

Column names are an interface: columns may be added, none is renamed. Every
field carries its description in the metadata, the file's footer carries the
schema version and who wrote it. Reading is forward: a file of an older version
is accepted, columns that it lacks are null; a newer one is refused.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from pipeline import __version__
from pipeline.go.board import MAX_SIZE

SCHEMA_VERSION = 1
VERSION_KEY = b"fupan.schema_version"
TABLE_KEY = b"fupan.table"
CREATOR_KEY = b"fupan.creator"
OWNERSHIP_LENGTH = MAX_SIZE * MAX_SIZE


def _field(name: str, kind: pa.DataType, description: str, *, unit: str = "", nullable: bool = False) -> pa.Field[Any]:
    metadata = {"description": description} | ({"unit": unit} if unit else {})
    return pa.field(name, kind, nullable=nullable, metadata=metadata)


def _list_of(kind: pa.DataType, length: int = -1) -> pa.DataType:
    # Parquet names the items of a list "element"; Arrow's own default would come back changed.
    return pa.list_(pa.field("element", kind), length)


def _schema(table: str, fields: list[pa.Field[Any]]) -> pa.Schema:
    return pa.schema(
        fields,
        metadata={
            VERSION_KEY: str(SCHEMA_VERSION).encode(),
            TABLE_KEY: table.encode(),
            CREATOR_KEY: f"fupan {__version__}".encode(),
        },
    )


_TEXT, _SMALL, _INT, _FLOAT = pa.string(), pa.int16(), pa.int32(), pa.float32()
_FLAG, _VERTICES = pa.bool_(), _list_of(pa.string())
_GAME_ID = _field("game_id", _TEXT, "hash of board, set-up, moves, komi, rules: the same game in any file")
_PROFILE_ID = _field("profile_id", _TEXT, "hash of what defines the analysis: network, budgets, strategy, side")
_CANDIDATE = pa.struct(
    [
        pa.field("move", _TEXT, nullable=False),
        pa.field("order", _SMALL, nullable=False),
        pa.field("visits", _INT, nullable=False),
        pa.field("winrate", _FLOAT),
        pa.field("score_lead", _FLOAT),
        pa.field("score_stdev", _FLOAT),
        pa.field("lcb", _FLOAT),
        pa.field("prior", _FLOAT),
        pa.field("pv", _VERTICES, nullable=False),
    ]
)
_HUMAN = pa.struct([pa.field("move", _TEXT, nullable=False), pa.field("probability", _FLOAT, nullable=False)])
_CORRECTION = pa.struct([pa.field("code", _TEXT, nullable=False), pa.field("text", _TEXT, nullable=False)])

POSITIONS: pa.Schema = _schema(
    "positions",
    [
        _GAME_ID,
        _PROFILE_ID,
        _field("turn", _INT, "position after this many moves; 0 = before move 1"),
        _field("to_move", _TEXT, "who moves here: B or W"),
        _field("played", _TEXT, "GTP vertex played here, pass; null in the last position", nullable=True),
        _field("visits", _INT, "visits of this search"),
        _field("winrate", _FLOAT, "root winrate, Black's view", unit="0..1", nullable=True),
        _field("score_lead", _FLOAT, "root score lead, Black's view", unit="points", nullable=True),
        _field("score_stdev", _FLOAT, "standard deviation of the score", unit="points", nullable=True),
        _field("raw_winrate", _FLOAT, "network's winrate before search, Black's view", unit="0..1", nullable=True),
        _field("raw_score_lead", _FLOAT, "network's lead before search, Black's view", unit="points", nullable=True),
        _field("raw_st_wr_error", _FLOAT, "network's own short-term error of the winrate", unit="0..1", nullable=True),
        _field("raw_st_score_error", _FLOAT, "the same of the score", unit="points", nullable=True),
        _field(
            "candidates",
            _list_of(_CANDIDATE),
            "moves searched, best first (order 0 = the engine's choice); winrate, score_lead, lcb in Black's view; "
            "pv starts with the move",
        ),
        _field(
            "ownership",
            _list_of(pa.int8(), OWNERSHIP_LENGTH),
            "expected owner of each point, Black positive: the first board_width * board_height values row by row "
            "from the top left, the rest 0, so that all board sizes share one column; null when not kept",
            unit="percent",
            nullable=True,
        ),
        _field("level", _TEXT, "pass that made this value: quick or deep"),
        _field(
            "human",
            _list_of(_HUMAN),
            "moves of players of the mover's rank, likeliest first, the first choice and the move of the game among "
            "them, by a human-style network; null without one",
            nullable=True,
        ),
        _field("engine_seconds", pa.float64(), "this position's share of the search time", unit="s"),
    ],
)

MOVES: pa.Schema = _schema(
    "moves",
    [
        _GAME_ID,
        _PROFILE_ID,
        _field("move_number", _INT, "1 = first move; set-up stones are no moves"),
        _field("player", _TEXT, "who played: B or W"),
        _field("vertex", _TEXT, "GTP vertex, or pass"),
        _field(
            "inserted",
            _FLAG,
            "a pass that the file lacks and the reader put in (never judged); null = not kept by the writer",
            nullable=True,
        ),
        _field(
            "points_lost", _FLOAT, "joined loss, mover's view, signed; null = not judged", unit="points", nullable=True
        ),
        _field("winrate_lost", _FLOAT, "joined loss, mover's view, signed", unit="0..1", nullable=True),
        _field("points_lost_root", _FLOAT, "root before minus root after, mover's view", unit="points", nullable=True),
        _field(
            "points_lost_search",
            _FLOAT,
            "first choice minus this move inside the search before it; null when it had too few visits",
            unit="points",
            nullable=True,
        ),
        _field("winrate_lost_root", _FLOAT, "as points_lost_root", unit="0..1", nullable=True),
        _field("winrate_lost_search", _FLOAT, "as points_lost_search", unit="0..1", nullable=True),
        _field("category", _TEXT, "best, good, small_loss, slack, mistake, blunder, huge_blunder", nullable=True),
        _field("rank", _SMALL, "place among the candidates, 1 = first choice; null = not searched", nullable=True),
        _field("phase", _TEXT, "opening, middle, endgame", nullable=True),
        _field("forced", _FLAG, "the only move worth the name, and it was played", nullable=True),
        _field("settled", _FLAG, "the two estimates of the loss agree within one class", nullable=True),
        _field("key_moment", _SMALL, "number of the key moment in the report", nullable=True),
        _field("tags", _VERTICES, "what explains the move, e.g. unpunished"),
        _field("best_vertex", _TEXT, "the engine's first choice", nullable=True),
        _field("played_prior", _FLOAT, "network's probability of this move", unit="0..1", nullable=True),
        _field("visits_ratio", _FLOAT, "LizzieYzy's match of this move", unit="0..1", nullable=True),
        _field("complexity", _FLOAT, "KaTrain's complexity of the position", unit="0..1", nullable=True),
        _field("decided", _FLAG, "the game was as good as decided", nullable=True),
        _field("best_prior", _FLOAT, "network's probability of the first choice", unit="0..1", nullable=True),
        _field("points_error", _FLOAT, "standard error of points_lost", unit="points", nullable=True),
        _field(
            "confidence",
            _FLOAT,
            "chance that the true loss is on the same side of 1.5 points as points_lost",
            unit="0.5..1",
            nullable=True,
        ),
        _field("human_played", _FLOAT, "chance that players of this rank play the move", unit="0..1", nullable=True),
        _field("human_best", _FLOAT, "chance that they find the first choice", unit="0..1", nullable=True),
    ],
)

GAMES: pa.Schema = _schema(
    "games",
    [
        _GAME_ID,
        _PROFILE_ID,
        _field("black_name", _TEXT, "as read, rank taken off"),
        _field("white_name", _TEXT, "as read, rank taken off"),
        _field("black_rank", _TEXT, "as read; empty = none"),
        _field("white_rank", _TEXT, "as read; empty = none"),
        _field("black_player", _TEXT, "normalised identity for matching over games; empty = unknown"),
        _field("white_player", _TEXT, "normalised identity for matching over games; empty = unknown"),
        _field("date", _TEXT, "YYYY-MM-DD, YYYY-MM or YYYY where it could be read, else as written"),
        _field("event", _TEXT, "as read"),
        _field("round", _TEXT, "as read"),
        _field("place", _TEXT, "as read"),
        _field("board_width", _SMALL, "columns"),
        _field("board_height", _SMALL, "rows"),
        _field("komi", pa.float64(), "compensation of White", unit="points"),
        _field("ruleset", _TEXT, "KataGo's name of the rules"),
        _field("handicap", _SMALL, "handicap stones; 0 = even"),
        _field("handicap_text", _TEXT, "handicap as written"),
        _field("result", _TEXT, "B+3.5, W+R, B+T, W+F, B+, Draw, Void or ?"),
        _field("result_kind", _TEXT, "points, resign, time, forfeit, win, draw, void, unknown"),
        _field("result_winner", _TEXT, "B or W", nullable=True),
        _field("result_margin", pa.float64(), "margin of a counted game", unit="points", nullable=True),
        _field("result_raw", _TEXT, "as written"),
        _field("setup_black", _VERTICES, "stones before move 1"),
        _field("setup_white", _VERTICES, "stones before move 1"),
        _field("first_to_play", _TEXT, "B or W"),
        _field("total_moves", _INT, "moves of the game"),
        _field("losing_move", _INT, "the move that lost the game; null = no single one", nullable=True),
        _field("source_file", _TEXT, "name of the file that was read"),
        _field("source_sha256", _TEXT, "hash of its bytes"),
        _field("source_index", _INT, "which game of the file, from 0"),
        _field("source_games", _INT, "games in the file"),
        _field("charset", _TEXT, "codec that decoded it"),
        _field("corrections", _list_of(_CORRECTION), "what the reader corrected or assumed"),
        _field("engine_version", _TEXT, "KataGo's version"),
        _field("engine_git", _TEXT, "its commit"),
        _field("network", _TEXT, "network's name"),
        _field("network_sha256", _TEXT, "hash of the network file"),
        _field("backend", _TEXT, "opencl, cuda, tensorrt, eigen, unknown"),
        _field("device", _TEXT, "what computed"),
        _field("visits", _INT, "budget of a position at full depth"),
        _field("quick_visits", _INT, "budget of the first pass; 0 = none"),
        _field("strategy", _TEXT, "uniform or adaptive"),
        _field("level", _TEXT, "deepest finished pass: quick or deep; partial: a deadline cut the deep one short"),
        _field("side", _TEXT, "only this player's moves were searched at full depth: B or W", nullable=True),
        _field("positions", _INT, "positions searched"),
        _field("total_visits", pa.int64(), "visits of all positions"),
        _field("engine_seconds", pa.float64(), "search time of the game", unit="s"),
        _field("finished_at", _TEXT, "ISO 8601 with offset"),
    ],
)

TABLES: dict[str, pa.Schema] = {"positions": POSITIONS, "moves": MOVES, "games": GAMES}
