"""What is to be searched: which positions, how many visits, in which order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.go.board import Color
from pipeline.go.record import GameRecord

QUICK = "quick"
DEEP = "deep"
PARTIAL = "partial"  # the deep pass was cut short by a deadline

# An engine may stop a few visits short of the budget (tree reuse, terminal positions).
ENOUGH = 0.9


class Strategy(StrEnum):
    """How visits are spread over a game."""

    UNIFORM = "uniform"
    ADAPTIVE = "adaptive"


@dataclass(frozen=True, slots=True)
class AnalysisProfile:
    """What defines an analysis apart from the game.

    ``network`` identifies the network by content. ``visits`` is the full
    budget of a position, ``quick_visits`` that of the first pass (0 = no
    first pass). ``side`` limits the search to what one player's moves need.
    """

    network: str
    visits: int
    quick_visits: int = 0
    strategy: Strategy = Strategy.ADAPTIVE
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
    """One position to search, to at least ``visits`` visits.

    ``priority`` is the engine's: higher goes first among what it was given.
    ``importance`` is ours (:mod:`pipeline.importance`): with a deadline the most
    important position of all games goes first.
    """

    turn: int
    visits: int
    level: str
    priority: int = 0
    importance: float = 0.0


@dataclass(frozen=True, slots=True)
class Budget:
    """Visits a position: ``quick`` for the first pass (0 = none), ``full`` for the positions that matter."""

    quick: int
    full: int
    strategy: Strategy = Strategy.ADAPTIVE


# What ``adaptive`` may spend on a game, as a share of ``uniform`` at the full budget. The quick pass and
# the printed positions come out of it; what they leave goes to the positions that are least certain.
ADAPTIVE_SHARE = 0.25

# An uncertain position is first searched to the full budget divided by this, and to the full one if it stays uncertain.
MIDDLE = 4

# Fewer positions than this in a round would let the engine run dry.
LEAST_ROUND = 8

# Measured on two CPU cores with b15c192 (about 50 visits/s): the samples end within ten minutes.
CPU_BUDGET = Budget(quick=20, full=100)
GPU_BUDGET = Budget(quick=600, full=10_000)


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


def turns_around(move_numbers: Iterable[int]) -> set[int]:
    """The positions before and after each of these moves (numbered from 1)."""
    return {turn for number in move_numbers for turn in (number - 1, number)}


def next_requests(
    record: GameRecord,
    profile: AnalysisProfile,
    done_visits: Mapping[int, int],
    printed_turns: Iterable[int] = (),
) -> list[PositionRequest]:
    """The next round of work on a game; empty when the analysis is complete.

    Rounds: the quick pass over all needed positions, then full depth:
    for all of them (``uniform``), or for ``printed_turns`` only
    (``adaptive``). With ``adaptive`` ask again after each round, since
    deeper results change which moves the report prints; the rounds end
    because a position is never asked for twice at the same budget.

    Args:
        record: the game.
        profile: budgets and strategy.
        done_visits: turn -> visits that are stored already for this network.
        printed_turns: positions that the report would print by what is known now.
    """
    needed = needed_turns(record, profile.side)
    adaptive = profile.strategy is Strategy.ADAPTIVE
    quick = quick_budget(profile)
    missing = [t for t in needed if done_visits.get(t, 0) < quick * ENOUGH]
    if missing:
        return [PositionRequest(turn, quick, QUICK) for turn in missing]
    wanted = sorted(set(printed_turns) & set(needed)) if adaptive else needed
    return [
        PositionRequest(turn, profile.visits, DEEP)
        for turn in wanted
        if done_visits.get(turn, 0) < profile.visits * ENOUGH
    ]


def quick_budget(profile: AnalysisProfile) -> int:
    """Visits of the first pass; 0 = none."""
    if profile.strategy is Strategy.ADAPTIVE and profile.quick_visits <= 0:
        return max(1, profile.visits // 16)
    return min(profile.quick_visits, profile.visits)


def uncertain_requests(
    record: GameRecord,
    profile: AnalysisProfile,
    done_visits: Mapping[int, int],
    importance: Mapping[int, float],
) -> list[PositionRequest]:
    """The round that follows when the printed positions are served: the least certain positions.

    Spends what ``adaptive`` has left of :data:`ADAPTIVE_SHARE`, half of it in a
    round, so that the second half follows what the first one found. Empty with
    ``uniform``, and when the share is spent. Ask :func:`next_requests` in between.

    Args:
        record: the game.
        profile: budgets and strategy.
        done_visits: turn -> visits that are stored already for this network.
        importance: turn -> how much deeper search of it is worth; missing = nothing.
    """
    if profile.strategy is not Strategy.ADAPTIVE:
        return []
    needed = needed_turns(record, profile.side)
    quick, middle = quick_budget(profile), profile.visits // MIDDLE
    rungs = [middle, profile.visits] if middle >= 2 * quick else [profile.visits]

    def rung(turn: int) -> int | None:
        """The next budget of a position; ``None`` when it has the full one."""
        return next((visits for visits in rungs if done_visits.get(turn, 0) < visits * ENOUGH), None)

    # A position at the full budget counts as if it had been at the middle one too, so that the share is never exceeded.
    spent = sum(quick + sum(v for v in rungs if done_visits.get(t, 0) >= v * ENOUGH) for t in needed)
    left = ADAPTIVE_SHARE * profile.visits * len(needed) - spent
    aim = left / 2 if left / 2 >= LEAST_ROUND * rungs[0] else left
    chosen: list[PositionRequest] = []
    for turn in sorted(needed, key=lambda t: (-importance.get(t, 0.0), t)):
        visits = rung(turn)
        if visits is None or visits > aim or importance.get(turn, 0.0) <= 0.0:
            continue
        aim -= visits
        chosen.append(PositionRequest(turn, visits, DEEP))
    return chosen
