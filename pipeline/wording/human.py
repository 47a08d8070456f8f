"""What players of the same rank would do, by a human-style network."""

from __future__ import annotations

from pipeline.wording import terms

RARE = 0.02


def _chance(value: float) -> str:
    return "不到2%" if value < RARE else f"约{value * 100:.0f}%"


def same_rank(played: float, best: float, best_vertex: str) -> str:
    """How likely players of this rank play the move, and find the better one; both 0..1."""
    return f"同等水平的棋手{_chance(played)}也会这样下，能走到{terms.vertex(best_vertex)}的{_chance(best)}。"
