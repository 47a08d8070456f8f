"""What a game needs of the engine: before anything is known of it, and as the planner tells more. Pure."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pipeline.go.record import GameRecord
from pipeline.plan import (
    ADAPTIVE_SHARE,
    AnalysisProfile,
    PositionRequest,
    Strategy,
    needed_turns,
    quick_budget,
)

# All rounds of a game that are still to come, the one that begins first.
Outlook: TypeAlias = Sequence[Sequence[PositionRequest]]

# A key moment is printed with the positions before and after its move.
POSITIONS_A_MOMENT = 2
# Deeper results show other mistakes, which are printed too and have to be searched then. Where a report is full, what
# turns out to be no mistake makes room for another, and for each printed position so many follow that were not
# foreseen. The shallower the first pass, the more. Measured on 46 recorded games with quick passes of 8 to 32 visits.
CHURN = 1.4  # divided by the square root of the visits of the quick pass
MOST_CHURN = 0.6
# A short game has fewer mistakes than a report has room for: at most this share of its positions after the opening, in
# which there are few and which is as long as this share of the points of the board. Measured on 30 games with b6c96.
PRINTED_SHARE = 0.25
OPENING = 1 / 18
# What follows the quick pass comes in rounds of these shares, as long as the planner has not said it.
GUESSED_ROUNDS = (0.2, 0.5, 0.3)
# In a report that is not full hardly any position follows that was not foreseen: this share of the others'.
CHURN_NOT_FULL = 0.2
FULL_REPORT = 0.9  # of the positions that the most key moments need
MOST_FOLLOWING = 6  # rounds
LEAST_PART = 0.2  # of a position is not worth a round
LEAST_IN_ROUNDS = 3  # positions


@dataclass(frozen=True, slots=True)
class Work:
    """An amount of searching."""

    positions: int
    visits: int


@dataclass(frozen=True, slots=True)
class GamePlan:
    """What a game will probably need: ``turns`` positions at ``quick`` visits, and ``deep`` times ``full`` visits.

    A position at a middle budget is a part of a deep one. ``points`` is the size
    of its board: the engine is faster on small ones. ``printable`` positions are what
    the most key moments of a report need.
    """

    turns: int
    quick: int
    deep: float
    full: int
    points: int
    printable: int = 0

    @property
    def work(self) -> Work:
        """From nothing."""
        passes = self.turns if self.quick else 0
        return Work(passes + round(self.deep), passes * self.quick + round(self.deep * self.full))


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many ``games`` that nobody works on, at one ``level``; all else is a mean.

    ``positions`` has every one of a game, ``visits`` the new ones that are expected, ``done`` those that were made
    before it was put back; ``full`` is the budget of a position (0: not known).
    """

    level: str
    games: int
    positions: float
    visits: float
    done: float = 0.0
    full: int = 0


def plan_of(record: GameRecord, profile: AnalysisProfile, moments: int, *, to_the_full: bool = False) -> GamePlan:
    """What a game will probably need.

    Args:
        record: the game.
        profile: budgets and strategy.
        moments: key moments that a report prints at most.
        to_the_full: every position is to reach the full budget, as when there is time up to a deadline.
    """
    turns, points = len(needed_turns(record, profile.side)), record.width * record.height
    return plan_of_positions(turns, points, profile, moments, to_the_full=to_the_full)


def plan_of_positions(
    turns: int, points: int, profile: AnalysisProfile, moments: int, *, to_the_full: bool = False
) -> GamePlan:
    """What a game of so many positions on a board of so many points will probably need; the rest as :func:`plan_of`."""
    quick = quick_budget(profile)
    if to_the_full or profile.strategy is Strategy.UNIFORM:
        deep: float = turns
    else:
        printed = min(
            POSITIONS_A_MOMENT * moments / (1 - churn_after(quick)),
            PRINTED_SHARE * max(0.0, turns - points * OPENING),
        )
        deep = min(turns, max(printed, turns * (ADAPTIVE_SHARE - quick / profile.visits)))
    return GamePlan(turns, quick, deep, profile.visits, points, POSITIONS_A_MOMENT * moments)


def plan_of_first_pass(record: GameRecord, profile: AnalysisProfile) -> GamePlan:
    """What a game needs of which every position is searched once, with the visits of the profile, and no more."""
    turns = len(needed_turns(record, profile.side))
    return GamePlan(turns, profile.visits, 0.0, profile.visits, record.width * record.height)


def churn_after(quick: float) -> float:
    """How many positions usually follow each that is printed in a full report, after a quick pass of so many visits."""
    return min(MOST_CHURN, CHURN / math.sqrt(quick)) if quick > 0 else 0.0


def estimate(record: GameRecord, profile: AnalysisProfile, moments: int) -> Work:
    """What a game will probably need from nothing; arguments as for :func:`plan_of`."""
    return plan_of(record, profile, moments).work


@dataclass(slots=True)
class GameNeeds:
    """What was asked of one game in this run, and what was known of it before.

    ``best``: turn -> visits asked for, ``cached`` of them under another name; ``known_quick`` and ``known_deep``:
    positions stored from before, and parts of deep ones. ``rounds`` is what the planner said last: positions and new
    visits of each round, the one that has begun first; ``None`` before the quick pass tells anything. ``deep_asked``
    counts new visits, ``planned_full`` the positions at the full budget that were asked for or foreseen when the
    planner spoke last, ``judged_full`` those of which it knew the result.
    """

    plan: GamePlan
    best: dict[int, int] = field(default_factory=dict)
    cached: int = 0
    known_quick: float = 0
    known_deep: float = 0
    known_full: int = 0
    quick_asked: int = 0
    full_asked: int = 0
    deep_asked: float = 0.0
    outlook: object = None
    rounds: deque[tuple[int, float]] | None = None
    planned_full: int = 0
    judged_full: int = 0
    is_full_report: bool = False
    is_finished: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every position is to reach the full budget, so that nothing has to be guessed."""
        return self.plan.deep >= self.plan.turns

    @property
    def quick_left(self) -> int:
        """Positions of the quick pass that are still to be asked for."""
        if self.is_finished or not self.plan.quick:
            return 0
        return max(0, self.plan.turns - round(self.known_quick) - self.quick_asked)

    def new_visits(self, turn: int, visits: int) -> int:
        """What the engine does not have in its cache: it has searched the position before, less deeply."""
        return max(1, visits - self.best.get(turn, 0))

    def deep_left(self, factor: float, churn: float) -> list[tuple[int, float]]:
        """Rounds after the quick pass: positions, and new visits of each.

        Args:
            factor: what games need, for each part that the plan says.
            churn: how many positions follow each that is printed, where reports are full.
        """
        plan = self.plan
        if self.is_finished:
            return []
        if self.rounds is not None:
            return self._with_following(churn)
        if self.is_whole:
            return rounds_of(plan.turns - self.known_full - self.full_asked, self.whole, (1.0,))
        expected = min(plan.turns, plan.deep * factor)
        return rounds_of(expected - self.known_deep - self.deep_asked / self.whole, self.whole, GUESSED_ROUNDS)

    def _with_following(self, churn: float) -> list[tuple[int, float]]:
        """The rounds that the planner sees, and those that will probably follow.

        A round is waited for; less than a position is not worth one, and counts as work of the last one.
        """
        rounds = list(self.rounds or ())
        each = churn if self.is_full_report else churn * CHURN_NOT_FULL
        known = self.planned_full - self.judged_full
        parts = [known * each**number for number in range(1, MOST_FOLLOWING + 1)]
        expected = sum(parts)
        if expected < LEAST_IN_ROUNDS:
            parts = [expected]
        following = [part for part in parts if part >= 1.0]
        if rounds and rounds[-1][0]:
            count, visits = rounds[-1]
            rounds[-1] = (count, visits + (expected - sum(following)) * self.whole / count)
        return rounds + rounds_of(sum(following), self.whole, [part / sum(following) for part in following])

    def judged(self, full: int) -> tuple[int, int]:
        """The planner speaks, and foresees so many positions at the full budget.

        Returns the positions whose results it knows now, and how many followed that had not been foreseen.
        """
        known, followed = self.full_asked - self.judged_full, self.full_asked + full - self.planned_full
        self.judged_full, self.planned_full = self.full_asked, self.full_asked + full
        return known, followed

    @property
    def whole(self) -> float:
        """New visits of a deep position: what this run searched of it in the quick pass is in the engine's cache."""
        plan = self.plan
        searched_before = max(0.0, self.known_quick - self.cached) / plan.turns if plan.turns else 0.0
        return max(1.0, plan.full - plan.quick * max(0.0, 1.0 - searched_before))

    def deep_total(self, churn: float) -> float | None:
        """Deep positions of a game of which the planner has told, as the plan counts them; ``None`` of others."""
        if self.is_whole or (self.rounds is None and not self.is_finished):
            return None
        ahead = sum(count * visits for count, visits in self.deep_left(0.0, churn))
        return self.known_deep + (self.deep_asked + ahead) / max(1, self.plan.full - self.plan.quick)


def rounds_of(positions: float, visits: float, shares: Iterable[float]) -> list[tuple[int, float]]:
    """So many positions in rounds of these shares; the visits are right where the number of positions is not whole."""
    parts = [positions * share for share in shares]
    if sum(parts) < LEAST_IN_ROUNDS:
        parts = [sum(parts)]
    return [(max(1, round(each)), each * visits / max(1, round(each))) for each in parts if each > LEAST_PART]
