"""What players of a rank would play: the profile to ask a human-style network for, and its answer. Pure.

Sources: ``docs/Analysis_Engine.md`` of KataGo (``humanSLProfile``: ``rank_20k`` to ``rank_9d``,
``proyear_1800`` to ``proyear_2023``; ``humanPolicy``: as ``policy``, row by row from the top
left, a pass last, -1 where a move is illegal; both need ``-human-model``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.evaluation import HumanMove
from pipeline.go.board import PASS, Color, Point, vertex_name
from pipeline.go.ranks import read_rank
from pipeline.go.record import GameRecord

MOST_KYU, MOST_DAN = 20, 9
PROFESSIONAL = "proyear_2023"
KEPT = 5


def profile_of(rank: str) -> str:
    """The profile of a rank as read; ``""`` when it says nothing. Ranks beyond the network's go to its last one."""
    found = read_rank(rank)
    if found is None:
        return ""
    if found.professional:
        return PROFESSIONAL
    letter, most = ("k", MOST_KYU) if found.is_kyu else ("d", MOST_DAN)
    return f"rank_{min(found.number, most)}{letter}"


def profile_at(record: GameRecord, turn: int) -> str:
    """The profile of the player to move after ``turn`` moves."""
    player = record.info.black if record.to_move(turn) is Color.BLACK else record.info.white
    return profile_of(player.rank)


def human_moves(policy: object, record: GameRecord, also: Sequence[str]) -> tuple[HumanMove, ...]:
    """The likeliest moves, at most ``KEPT``, and those of ``also``; empty where there is no such policy.

    Args:
        policy: ``humanPolicy`` of an answer.
        record: for the size of the board.
        also: vertices to keep whatever their probability.
    """
    names = [vertex_name(Point(col, row)) for row in reversed(range(record.height)) for col in range(record.width)]
    if not isinstance(policy, list) or len(policy) != len(names) + 1:
        return ()
    if not all(isinstance(p, int | float) and not isinstance(p, bool) and math.isfinite(p) for p in policy):
        return ()
    found = sorted(
        (HumanMove(name, min(1.0, float(p))) for name, p in zip([*names, PASS], policy, strict=True) if p >= 0),
        key=lambda move: -move.probability,
    )
    return tuple(move for i, move in enumerate(found) if i < KEPT or move.move in also)
