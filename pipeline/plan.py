"""What is to be searched: which positions, how many visits, in which order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
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


# What ``adaptive`` plans to spend on a game, as a share of ``uniform`` at the full budget: the quick pass, the
# positions that are worth most, and the printed ones. Positions that turn out to be printed only after
# that come on top: together a quarter (benchmarks/README.md).
ADAPTIVE_SHARE = 0.24

# The positions that are worth most get the full budget divided by MIDDLE. Error falls slowly with visits, so many
# positions at a quarter tell more than a quarter of them at the full budget (measured: benchmarks/README.md).
MIDDLE = 4

# A first pass of a few visits misses mistakes that nothing finds again. It has this many, or an eighth of a small
# full budget (benchmarks/README.md).
LEAST_FIRST_PASS = 32

# When printed positions turn out not to be printed, others get what was meant for them, if these are at least so
# many: fewer would let the engine run dry.
LEAST_ROUND = 8

# Measured on two CPU cores with b15c192 (about 50 visits/s): the samples end within ten minutes.
CPU_BUDGET = Budget(quick=20, full=100)
GPU_BUDGET = Budget(quick=600, full=10_000)


def needed_turns(record: GameRecord, side: Color | None) -> list[int]:
    """Positions that a review of ``side`` (``None``: both) needs, ascending.

    A move is judged from the position before and the one after it; a pass that the
    reader put in is not judged.
    """
    if side is None:
        return list(range(record.total_turns + 1))
    turns = {0, record.total_turns}
    for number, move in enumerate(record.moves, start=1):
        if move.color is side and not move.inserted:
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
    importance: Mapping[int, float] | None = None,
) -> list[PositionRequest]:
    """The next round of work on a game; empty when the analysis is complete.

    The first round is the quick pass over all needed positions. With
    ``uniform`` the full budget for all of them follows. With ``adaptive``:

    1. the most important positions at a middle budget, with what is left of
       :data:`ADAPTIVE_SHARE` when the printed ones will have had theirs: most
       false alarms end here and are not printed;
    2. the printed positions at the full budget, whatever the share says.

    With ``adaptive`` ask again after each round, since deeper results change
    which moves the report prints; the rounds end because a position is never
    asked for twice at the same budget.

    Args:
        record: the game.
        profile: budgets and strategy.
        done_visits: turn -> visits that are stored already for this network.
        printed_turns: positions that the report would print by what is known now.
        importance: turn -> how much deeper search of it is worth; missing = nothing.
    """
    needed = needed_turns(record, profile.side)
    quick = quick_budget(profile)
    missing = [t for t in needed if done_visits.get(t, 0) < quick * ENOUGH]
    if missing:
        return [PositionRequest(turn, quick, QUICK) for turn in missing]
    if profile.strategy is Strategy.UNIFORM:
        return _below(profile.visits, needed, done_visits)
    printed = set(printed_turns) & set(needed)
    return _most_important(profile, needed, done_visits, printed, importance or {}) or _below(
        profile.visits, sorted(printed), done_visits
    )


def further_rounds(
    record: GameRecord,
    profile: AnalysisProfile,
    done_visits: Mapping[int, int],
    printed_turns: Collection[int] = (),
    importance: Mapping[int, float] | None = None,
) -> list[list[PositionRequest]]:
    """All rounds that are still to come if no verdict changes any more, the next one first.

    Arguments as for :func:`next_requests`.
    """
    done, rounds = dict(done_visits), []
    while wanted := next_requests(record, profile, done, printed_turns, importance):
        rounds.append(wanted)
        done.update((request.turn, request.visits) for request in wanted)
    return rounds


def least_first_pass(full: int) -> int:
    """Visits that a first pass needs to be of use before a search of ``full`` visits; at least 1."""
    return max(1, min(full // 8, LEAST_FIRST_PASS))


def quick_budget(profile: AnalysisProfile) -> int:
    """Visits of the first pass; 0 = none."""
    if profile.strategy is Strategy.ADAPTIVE and profile.quick_visits <= 0:
        return max(profile.visits // 16, least_first_pass(profile.visits))
    return min(profile.quick_visits, profile.visits)


def may_plan_ahead(fresh: int, in_flight: int) -> bool:
    """Whether a round is worth planning before the last answers of the one before: enough is new since then.

    Args:
        fresh: answers since the last planning.
        in_flight: positions of the game that are not answered yet.
    """
    return fresh >= max(1, in_flight // 4)


def _below(visits: int, turns: Iterable[int], done_visits: Mapping[int, int]) -> list[PositionRequest]:
    return [PositionRequest(turn, visits, DEEP) for turn in turns if done_visits.get(turn, 0) < visits * ENOUGH]


def middle_budget(profile: AnalysisProfile) -> int:
    """Visits of a position that is worth more than the quick pass; the full budget when that is hardly shallower."""
    middle = profile.visits // MIDDLE
    return middle if middle >= 2 * quick_budget(profile) else profile.visits


def _most_important(
    profile: AnalysisProfile,
    needed: Sequence[int],
    done_visits: Mapping[int, int],
    printed: AbstractSet[int],
    importance: Mapping[int, float],
) -> list[PositionRequest]:
    """The positions that are worth most, for what is left of the share."""
    full, middle = profile.visits, middle_budget(profile)
    to_middle = {request.turn for request in _below(middle, needed, done_visits)}
    to_full = {request.turn for request in _below(full, needed, done_visits)}
    raised = len(needed) - len(to_middle)
    spent = quick_budget(profile) * len(needed) + full * (len(needed) - len(to_full) + len(printed & to_full))
    if middle < full:
        spent += middle * raised
    room = (ADAPTIVE_SHARE * len(needed) * full - spent) / middle
    if raised and room < LEAST_ROUND:
        return []
    chosen: list[int] = []
    for turn in sorted(to_middle, key=lambda t: (-importance.get(t, 0.0), t)):
        if room < 1 or importance.get(turn, 0.0) <= 0.0:
            break
        if middle < full or turn not in printed:
            room -= 1
            chosen.append(turn)
    return _below(middle, chosen, done_visits)
