"""A game record as plain SGF (FF[4], UTF-8): what the reader must read back to the same ``game_id``."""

from __future__ import annotations

import re

from pipeline.go.board import Color
from pipeline.go.record import GameRecord, Player, ResultKind
from pipeline.go.sgf_write import point_to_sgf, result_to_sgf

_TO_ESCAPE = re.compile(r"([\\\]])")


def escape_text(value: str) -> str:
    """A text as SGF property value: backslashes and closing brackets escaped."""
    return _TO_ESCAPE.sub(r"\\\1", value)


def write_sgf(record: GameRecord) -> str:
    """The whole record as text: set-up, komi, rules, names, result, moves."""
    info = record.info
    size = str(record.width) if record.width == record.height else f"{record.width}:{record.height}"
    parts = [f"(;GM[1]FF[4]CA[UTF-8]SZ[{size}]KM[{record.komi:g}]RU[{record.ruleset.value}]"]
    if record.handicap:
        parts.append(f"HA[{record.handicap}]")
    elif info.handicap_text:
        parts.append(f"HA[{escape_text(info.handicap_text)}]")
    parts += _player(info.black, "B")
    parts += _player(info.white, "W")
    for key, value in (("DT", info.date), ("EV", info.event), ("RO", info.round), ("PC", info.place)):
        if value:
            parts.append(f"{key}[{escape_text(value)}]")
    if info.result.kind is not ResultKind.UNKNOWN:
        parts.append(f"RE[{result_to_sgf(info.result)}]")
    parts.append(f"PL[{record.first_to_play}]\n")
    for key, points in (("AB", record.setup_black), ("AW", record.setup_white)):
        if points:
            parts.append(key + "".join(f"[{point_to_sgf(p, record.height)}]" for p in points))
    for number, move in enumerate(record.moves):
        if number % 10 == 0:
            parts.append("\n")
        parts.append(f";{Color(move.color)}[{point_to_sgf(move.point, record.height)}]")
    return "".join(parts) + ")\n"


def _player(player: Player, color: str) -> list[str]:
    parts = [f"P{color}[{escape_text(player.name)}]"] if player.name else []
    if player.rank:
        parts.append(f"{color}R[{escape_text(player.rank)}]")
    return parts
