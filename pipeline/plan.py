"""What is to be searched: which positions, how many visits, in which order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.go.board import Color
from pipeline.go.record import GameRecord


class Strategy(StrEnum):
    """How visits are spread over a game."""

    UNIFORM = "uniform"
    ADAPTIVE = "adaptive"


@dataclass(frozen=True, slots=True)
class AnalysisProfile:
    """What defines an analysis apart from the game.

    ``network`` is the network's name with its content hash. ``visits`` is the
    full budget of a position, ``quick_visits`` that of the first pass (0 =
    no first pass). ``side`` limits full depth to one player's moves.
    """

    network: str
    visits: int
    quick_visits: int = 0
    strategy: Strategy = Strategy.UNIFORM
    side: Color | None = None

    @property
    def profile_id(self) -> str:
        """12 hex digits; equal profiles have equal ids on every machine."""
        text = json.dumps(
            [self.network, self.visits, self.quick_visits, self.strategy.value, self.side and self.side.value],
            separators=(",", ":"),
        )
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class PositionRequest:
    """One position to search, to at least ``visits`` visits. Higher ``priority`` goes first."""

    turn: int
    visits: int
    level: str
    priority: int = 0


def needed_turns(record: GameRecord, side: Color | None) -> list[int]:
    """Positions that a review of ``side`` (``None``: both) needs, ascending.

    A move is judged from the position before and the one after it.
    """
    if side is None:
        return list(range(record.total_turns + 1))
    turns = {0, record.total_turns}
    for number, move in enumerate(record.moves, start=1):
        if move.color is side:
            turns |= {number - 1, number}
    return sorted(turns)


def plan_uniform(
    record: GameRecord, profile: AnalysisProfile, done_visits: Mapping[int, int], *, level: str = "deep"
) -> list[PositionRequest]:
    """Requests still to do so that every needed position has the budget of ``level``.

    Args:
        record: the game.
        profile: budgets.
        done_visits: turn -> visits that are stored already for this network.
        level: ``quick`` or ``deep``.
    """
    budget = profile.quick_visits if level == "quick" else profile.visits
    if budget <= 0:
        return []
    return [
        PositionRequest(turn, budget, level)
        for turn in needed_turns(record, profile.side)
        if done_visits.get(turn, 0) < budget
    ]
