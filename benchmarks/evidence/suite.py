"""The material: made positions (``positions.toml``) and commented games (``games.toml`` and ``games/*.sgf``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.go.board import Color, Point, parse_vertex
from pipeline.go.record import GameRecord, Move, Ruleset, Source
from pipeline.go.sgf import read_sgf

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Position:
    """A position with one right answer (or a few of equal worth).

    ``wrong`` are moves that lose at least a 失误; ``tags`` are the explanations
    that fit them, one of which is to be given; ``never`` are such as would be
    untrue here.
    """

    name: str
    kind: str
    record: GameRecord  # without moves: turn 0 is the position
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    tags: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def after(self, vertex: str) -> GameRecord:
        """The record with one move played."""
        point = parse_vertex(vertex, self.record.width, self.record.height)
        return replace(self.record, moves=(*self.record.moves, Move(self.to_move, point)))

    @property
    def turn(self) -> int:
        """Moves before the position (a ko needs the move that took it)."""
        return self.record.total_turns

    @property
    def to_move(self) -> Color:
        """Who is to find the move."""
        return self.record.to_move(self.turn)


@dataclass(frozen=True, slots=True)
class Game:
    """A game with moves that a strong player called mistakes.

    ``mistakes`` were called a mistake, a losing move or the like; ``doubted``
    slack, questionable, premature, too small; ``praised`` were called right,
    good or necessary. ``level`` is ``strong`` or ``kyu``.
    """

    name: str
    record: GameRecord
    level: str
    by: str
    source: str
    mistakes: tuple[int, ...]
    doubted: tuple[int, ...]
    praised: tuple[int, ...]

    @property
    def labelled(self) -> tuple[int, ...]:
        """All moves about which something is known, ascending."""
        return tuple(sorted({*self.mistakes, *self.doubted, *self.praised}))


def positions(folder: Path = FOLDER) -> list[Position]:
    """All made positions."""
    data = tomllib.loads((folder / "positions.toml").read_text(encoding="utf-8"))
    return [_position(entry) for entry in data["position"]]


def games(folder: Path = FOLDER) -> list[Game]:
    """All games."""
    data = tomllib.loads((folder / "games.toml").read_text(encoding="utf-8"))
    found = []
    for entry in data["game"]:
        file = folder / "games" / entry["file"]
        (record, *_) = read_sgf(file.read_bytes(), file=file.name)
        found.append(
            Game(
                entry["name"],
                record,
                entry["level"],
                entry["by"],
                entry["source"],
                tuple(entry.get("mistakes", ())),
                tuple(entry.get("doubted", ())),
                tuple(entry.get("praised", ())),
            )
        )
    return found


def _position(entry: dict[str, object]) -> Position:
    rows = [line.split() for line in str(entry["board"]).strip().splitlines()]
    height, width = len(rows), len(rows[0])
    if any(len(row) != width for row in rows):
        raise ValueError(f"{entry['name']}: the rows differ in length")
    stones: dict[str, list[Point]] = {"X": [], "O": []}
    for index, row in enumerate(rows):
        for col, sign in enumerate(row):
            if sign in stones:
                stones[sign].append(Point(col, height - 1 - index))
            elif sign not in ".+":
                raise ValueError(f"{entry['name']}: {sign!r} in the diagram")
    first = Color(str(entry["to_move"]))
    moves = []
    for vertex in entry.get("before", ()):  # type: ignore[attr-defined]
        moves.append(Move(first, parse_vertex(vertex, width, height)))
        first = first.opponent
    if moves:  # "to_move" names who is to find the answer
        first = Color(str(entry["to_move"]))
        colors = [first if (len(moves) - i) % 2 == 0 else first.opponent for i in range(len(moves))]
        moves = [Move(color, move.point) for color, move in zip(colors, moves, strict=True)]
    record = GameRecord(
        width,
        height,
        tuple(moves),
        float(entry["komi"]),  # type: ignore[arg-type]
        Ruleset.CHINESE,
        setup_black=tuple(sorted(stones["X"])),
        setup_white=tuple(sorted(stones["O"])),
        first_to_play=moves[0].color if moves else first,
        source=Source(file=str(entry["name"])),
    )
    for turn in range(record.total_turns + 1):
        record.board_at(turn)
    return Position(
        str(entry["name"]),
        str(entry["kind"]),
        record,
        tuple(entry["right"]),  # type: ignore[arg-type]
        tuple(entry["wrong"]),  # type: ignore[arg-type]
        tuple(entry.get("tags", ())),  # type: ignore[arg-type]
        tuple(entry.get("never", ())),  # type: ignore[arg-type]
    )
