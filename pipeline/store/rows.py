"""Between the project's values and Arrow tables. No files here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import pyarrow as pa

from pipeline.evaluation import AnalysisInfo, Candidate, EngineIdentity, Evaluation, HumanMove
from pipeline.go.board import Color, Point, parse_vertex, vertex_name
from pipeline.go.record import (
    Correction,
    GameInfo,
    GameRecord,
    Move,
    Player,
    Result,
    ResultKind,
    Ruleset,
    Source,
)
from pipeline.review.model import GameReview
from pipeline.store import schema

_RESULT_LETTERS = {ResultKind.RESIGN: "R", ResultKind.TIME: "T", ResultKind.FORFEIT: "F"}
_RESULT_WORDS = {ResultKind.DRAW: "Draw", ResultKind.VOID: "Void"}
_NUMBERS = (
    "winrate",
    "score_lead",
    "score_stdev",
    "raw_winrate",
    "raw_score_lead",
    "raw_st_wr_error",
    "raw_st_score_error",
)
_CANDIDATE_NUMBERS = ("winrate", "score_lead", "score_stdev", "lcb", "prior")
_REVIEW_COLUMNS = tuple(
    name
    for name in schema.MOVES.names
    if name not in {"game_id", "profile_id", "move_number", "player", "vertex", "inserted", "tags"}
)


def positions_table(record: GameRecord, info: AnalysisInfo, evaluations: Mapping[int, Evaluation]) -> pa.Table:
    """One row for each evaluation, in order of turns."""
    ordered = [evaluations[turn] for turn in sorted(evaluations)]
    columns: dict[str, Any] = {
        "game_id": [record.game_id] * len(ordered),
        "profile_id": [info.profile_id] * len(ordered),
        "turn": [e.turn for e in ordered],
        "to_move": [e.to_move.value for e in ordered],
        "played": [record.moves[e.turn].vertex if e.turn < record.total_turns else None for e in ordered],
        "visits": [e.visits for e in ordered],
        **{name: [_finite(getattr(e, name)) for e in ordered] for name in _NUMBERS},
        "candidates": _candidates_array([e.candidates for e in ordered]),
        "ownership": _ownership_array([e.ownership for e in ordered]),
        "level": [e.level for e in ordered],
        "human": [
            [{"move": h.move, "probability": h.probability} for h in e.human] if e.human else None for e in ordered
        ],
        "engine_seconds": [e.engine_seconds for e in ordered],
    }
    return _table(columns, schema.POSITIONS)


def moves_table(record: GameRecord, info: AnalysisInfo, review: GameReview) -> pa.Table:
    """One row for each move of the game; verdicts are null where it was not judged."""
    judged = {move.move_number: move for move in review.moves}
    numbers = range(1, record.total_turns + 1)
    columns: dict[str, Any] = {
        "game_id": [record.game_id] * record.total_turns,
        "profile_id": [info.profile_id] * record.total_turns,
        "move_number": list(numbers),
        "player": [move.color.value for move in record.moves],
        "vertex": [move.vertex for move in record.moves],
        "inserted": [move.inserted for move in record.moves],
        "tags": [list(judged[n].tags) if n in judged else [] for n in numbers],
        **{name: [_finite(getattr(judged.get(n), name, None)) for n in numbers] for name in _REVIEW_COLUMNS},
    }
    return _table(columns, schema.MOVES)


def games_table(record: GameRecord, info: AnalysisInfo, review: GameReview) -> pa.Table:
    """The one row of a game."""
    game, result, source, engine = record.info, record.info.result, record.source, info.identity
    row: dict[str, Any] = {
        "game_id": record.game_id,
        "profile_id": info.profile_id,
        "black_name": game.black.name,
        "white_name": game.white.name,
        "black_rank": game.black.rank,
        "white_rank": game.white.rank,
        "black_player": game.black.identity,
        "white_player": game.white.identity,
        "date": game.date,
        "event": game.event,
        "round": game.round,
        "place": game.place,
        "board_width": record.width,
        "board_height": record.height,
        "komi": record.komi,
        "ruleset": record.ruleset.value,
        "handicap": record.handicap,
        "handicap_text": game.handicap_text,
        "result": result_text(result),
        "result_kind": result.kind.value,
        "result_winner": result.winner.value if result.winner else None,
        "result_margin": result.margin,
        "result_raw": result.raw,
        "setup_black": [vertex_name(p) for p in record.setup_black],
        "setup_white": [vertex_name(p) for p in record.setup_white],
        "first_to_play": record.first_to_play.value,
        "total_moves": record.total_turns,
        "losing_move": review.losing_move,
        "source_file": source.file,
        "source_sha256": source.sha256,
        "source_index": source.index,
        "source_games": source.games_in_file,
        "charset": source.charset,
        "corrections": [{"code": c.code, "text": c.text} for c in record.corrections],
        "engine_version": engine.version,
        "engine_git": engine.git_hash,
        "network": engine.network,
        "network_sha256": engine.network_sha256,
        "backend": engine.backend,
        "device": engine.device,
        "visits": info.visits,
        "quick_visits": info.quick_visits,
        "strategy": info.strategy,
        "level": info.level,
        "side": info.side.value if info.side else None,
        "positions": info.positions,
        "total_visits": info.total_visits,
        "engine_seconds": info.engine_seconds,
        "finished_at": info.finished_at,
    }
    return _table({name: [_encodable(value)] for name, value in row.items()}, schema.GAMES)


def result_text(result: Result) -> str:
    """The result as SGF writes it: ``B+3.5``, ``W+R``, ``Draw``; ``?`` when unknown."""
    if result.winner is None:
        return _RESULT_WORDS.get(result.kind, "?")
    if result.kind is ResultKind.POINTS and result.margin is not None:
        return f"{result.winner}+{result.margin:g}"
    return f"{result.winner}+{_RESULT_LETTERS.get(result.kind, '')}"


def record_from(
    game: Mapping[str, Any], players: Sequence[str], vertices: Sequence[str], inserted: Sequence[bool | None]
) -> GameRecord:
    """The record that the games row and the columns of the moves table describe.

    Files from before ``inserted`` was kept (null) say only that the reader put in
    passes: then every pass counts as one of them.

    Raises:
        ValueError: a value that no writer of ours produces.
    """
    width, height = game["board_width"], game["board_height"]

    def points(names: Iterable[str]) -> tuple[Point, ...]:
        found = (parse_vertex(name, width, height) for name in names)
        return tuple(point for point in found if point is not None)

    corrections = tuple(Correction(c["code"], c["text"]) for c in game["corrections"])
    has_inserted = any(correction.code == "moves.pass_inserted" for correction in corrections)

    def move(player: str, vertex: str, was_inserted: bool | None) -> Move:
        point = parse_vertex(vertex, width, height)
        known = has_inserted if was_inserted is None else was_inserted
        return Move(Color(player), point, inserted=point is None and known)

    return GameRecord(
        width=width,
        height=height,
        moves=tuple(move(*row) for row in zip(players, vertices, inserted, strict=True)),
        komi=game["komi"],
        ruleset=Ruleset(game["ruleset"]),
        handicap=game["handicap"],
        setup_black=points(game["setup_black"]),
        setup_white=points(game["setup_white"]),
        first_to_play=Color(game["first_to_play"]),
        info=GameInfo(
            black=Player(game["black_name"], game["black_rank"], game["black_player"]),
            white=Player(game["white_name"], game["white_rank"], game["white_player"]),
            date=game["date"],
            event=game["event"],
            round=game["round"],
            place=game["place"],
            result=Result(
                ResultKind(game["result_kind"]),
                _color(game["result_winner"]),
                game["result_margin"],
                game["result_raw"],
            ),
            handicap_text=game["handicap_text"],
        ),
        corrections=corrections,
        source=Source(
            game["source_file"], game["source_sha256"], game["charset"], game["source_index"], game["source_games"]
        ),
    )


def info_from(game: Mapping[str, Any]) -> AnalysisInfo:
    """How the game of a games row was analysed."""
    return AnalysisInfo(
        identity=EngineIdentity(
            game["engine_version"],
            game["engine_git"],
            game["network"],
            game["network_sha256"],
            game["backend"],
            game["device"],
        ),
        profile_id=game["profile_id"],
        visits=game["visits"],
        quick_visits=game["quick_visits"],
        strategy=game["strategy"],
        level=game["level"],
        positions=game["positions"],
        total_visits=game["total_visits"],
        engine_seconds=game["engine_seconds"],
        finished_at=game["finished_at"],
        side=_color(game["side"]),
    )


def evaluations_from(table: pa.Table, area: int) -> dict[int, Evaluation]:
    """Turn -> evaluation of a positions table; ``area`` is the number of points of the board."""
    columns: dict[str, list[Any]] = {
        name: table.column(name).to_pylist() for name in schema.POSITIONS.names if name != "candidates"
    }
    candidates = _candidates_from(table.column("candidates").combine_chunks())
    found: dict[int, Evaluation] = {}
    for row, turn in enumerate(columns["turn"]):
        numbers = {name: _number(columns[name][row]) for name in _NUMBERS}
        ownership = columns["ownership"][row]
        found[turn] = Evaluation(
            turn=turn,
            to_move=Color(columns["to_move"][row]),
            visits=columns["visits"][row],
            candidates=candidates[row],
            ownership=tuple(ownership[:area]) if ownership else (),
            level=columns["level"][row],
            engine_seconds=columns["engine_seconds"][row],
            human=tuple(HumanMove(h["move"], h["probability"]) for h in columns["human"][row] or ()),
            **numbers,
        )
    return found


def _candidates_array(rows: Sequence[Sequence[Candidate]]) -> Any:
    kind: Any = schema.POSITIONS.field("candidates").type
    flat = [candidate for row in rows for candidate in row]
    variations = pa.ListArray.from_arrays(
        pa.array(_offsets(len(c.pv) for c in flat), pa.int32()),
        pa.array([vertex for c in flat for vertex in c.pv], pa.string()),
        type=kind.value_type.field("pv").type,
    )
    arrays: list[Any] = [
        pa.array([c.move for c in flat], pa.string()),
        pa.array([c.order for c in flat], pa.int16()),
        pa.array([c.visits for c in flat], pa.int32()),
        *(pa.array([_finite(getattr(c, name)) for c in flat], pa.float32()) for name in _CANDIDATE_NUMBERS),
        variations,
    ]
    values = pa.StructArray.from_arrays(arrays, fields=list(kind.value_type))
    return pa.ListArray.from_arrays(pa.array(_offsets(len(row) for row in rows), pa.int32()), values, type=kind)


def _candidates_from(column: Any) -> list[tuple[Candidate, ...]]:
    values = column.flatten()
    fields = {name: values.field(name).to_pylist() for name in ("move", "order", "visits", *_CANDIDATE_NUMBERS)}
    pv = values.field("pv")
    vertices = pv.flatten().to_pylist()
    bounds = _offsets(pv.value_lengths().to_pylist())
    flat = [
        Candidate(
            move=fields["move"][index],
            order=fields["order"][index],
            visits=fields["visits"][index],
            pv=tuple(vertices[start:stop]),
            **{name: _number(fields[name][index]) for name in _CANDIDATE_NUMBERS},
        )
        for index, (start, stop) in enumerate(pairwise(bounds))
    ]
    return [tuple(flat[start:stop]) for start, stop in pairwise(_offsets(column.value_lengths().to_pylist()))]


def _ownership_array(rows: Sequence[Sequence[int]]) -> Any:
    length = schema.OWNERSHIP_LENGTH
    padding = [0] * length
    return pa.array(
        [[*row, *padding[len(row) :]] if row else None for row in rows],
        schema.POSITIONS.field("ownership").type,
    )


def _table(columns: Mapping[str, Any], table_schema: pa.Schema) -> pa.Table:
    return pa.Table.from_arrays(
        [
            column if isinstance(column, pa.Array) else pa.array(column, table_schema.field(name).type)
            for name in table_schema.names
            for column in [columns[name]]
        ],
        schema=table_schema,
    )


def _offsets(lengths: Iterable[int]) -> list[int]:
    return list(accumulate(lengths, initial=0))


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _color(value: str | None) -> Color | None:
    return Color(value) if value else None


def _encodable(value: Any) -> Any:
    # File names that are not UTF-8 come as lone surrogates, which Arrow cannot hold.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
