"""Made positions told twice: as they are, and mirrored with the colours exchanged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fakes.positions import explained

from pipeline.go.board import COLUMN_LETTERS, Color
from pipeline.review.model import Fact


def explained_alike(drawing: str, *moves: str, **options: Any) -> tuple[Fact, ...]:
    """The facts of :func:`fakes.positions.explained`, after the twin position said the same."""
    facts = explained(drawing, *moves, **options)
    size = len(drawing.strip().splitlines())
    twin = explained(_drawing(drawing), *(_vertex(v, size) for v in moves), **_options(options, size))
    here = [(f.tag, f.vertex, f.owner, f.count, round(f.points, 6)) for f in facts]
    there = [(f.tag, _vertex(f.vertex, size), f.owner and f.owner.opponent, f.count, round(f.points, 6)) for f in twin]
    assert here == there
    return facts


def _options(options: dict[str, Any], size: int) -> dict[str, Any]:
    changed = dict(options)
    changed["color"] = options.get("color", Color.BLACK).opponent
    changed["earlier"] = [(color.opponent, _vertex(v, size)) for color, v in options.get("earlier", ())]
    for name in ("before", "after"):
        changed[name] = _ownership(options.get(name, ()), size)
    for name in ("variation", "answer"):
        changed[name] = [_vertex(v, size) for v in options.get(name, ())]
    changed["others"] = [(_vertex(v, size), *rest) for v, *rest in options.get("others", ())]
    return changed


def _drawing(drawing: str) -> str:
    swap = str.maketrans("XO", "OX")
    return "\n".join(line.replace(" ", "")[::-1].translate(swap) for line in drawing.strip().splitlines())


def _vertex(vertex: str, size: int) -> str:
    if vertex in ("", "pass"):
        return vertex
    return COLUMN_LETTERS[size - 1 - COLUMN_LETTERS.index(vertex[0])] + vertex[1:]


def _ownership(values: Sequence[int], size: int) -> tuple[int, ...]:
    rows = [values[start : start + size] for start in range(0, len(values), size)]
    return tuple(-value for row in rows for value in reversed(row))
