"""Points and results as SGF (FF[4]) spells them."""

from __future__ import annotations

from pipeline.go.board import Point
from pipeline.go.record import Result, ResultKind

_KIND_CODES = {ResultKind.RESIGN: "R", ResultKind.TIME: "T", ResultKind.FORFEIT: "F", ResultKind.WIN: ""}


def point_to_sgf(point: Point | None, height: int) -> str:
    """SGF coordinates of a point on a board of this height; ``""`` for a pass."""
    if point is None:
        return ""
    return chr(97 + point.col) + chr(97 + height - 1 - point.row)


def result_to_sgf(result: Result) -> str:
    """``RE`` as FF[4] spells it; ``?`` when unknown. Margins in points."""
    if result.kind is ResultKind.DRAW:
        return "0"
    if result.kind is ResultKind.VOID:
        return "Void"
    if result.winner is None:
        return "?"
    if result.kind is ResultKind.POINTS and result.margin is not None:
        return f"{result.winner}+{result.margin:g}"
    return f"{result.winner}+{_KIND_CODES.get(result.kind, '')}"
