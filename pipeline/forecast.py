"""How much work a batch still is, and how long it will take: pure arithmetic for the progress display."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pipeline.go.record import GameRecord
from pipeline.plan import (
    ADAPTIVE_SHARE,
    DEEP,
    ENOUGH,
    QUICK,
    AnalysisProfile,
    PositionRequest,
    Strategy,
    needed_turns,
    quick_budget,
)
from pipeline.rehearsal import Ahead, seconds_to_the_end
from pipeline.sharing import Costs, Sharing, uneven

# All rounds of a game that are still to come, the one that begins first.
Outlook: TypeAlias = Sequence[Sequence[PositionRequest]]

# What is printed changes as it is searched deeper, so that a report with many mistakes has this many positions for each
# key moment searched. A short game has fewer: at most this share of its positions after the opening, in which there are
# few mistakes and which is as long as this share of the points of the board. Measured on 30 games with b6c96.
POSITIONS_A_MOMENT = 3
PRINTED_SHARE = 0.25
OPENING = 1 / 18
# So many games' worth of the plain estimate stands against what finished games really took.
TRUST_IN_ESTIMATE = 2.0
# What follows the quick pass comes in rounds of these shares, as long as the planner has not said it.
GUESSED_ROUNDS = (0.2, 0.5, 0.3)
# Deeper results show other mistakes, which are printed too and have to be searched then. For each printed position so
# many follow that were not foreseen: where a report is full, what turns out to be no mistake makes room for another;
# where it is not, hardly any. The shallower the first pass, the more. Measured on 31 recorded games (quick
# passes of 8 to 25 visits); so many positions' worth of that stands against what is seen in this batch.
CHURN = 1.5  # divided by the square root of the visits of the quick pass
CHURN_NOT_FULL = 0.2  # of that
MOST_CHURN = 0.6
TRUST_IN_CHURN = 50.0
LEAST_PART = 0.2  # of a position is not worth a round
FULL_REPORT = 0.9  # of the positions that the most key moments need
MOST_FOLLOWING = 6  # rounds
# Seconds to print a game, before one was printed.
UNMEASURED_PRINT = 2.0
# A position that has had as much of the engine as it was expected to take still needs this share of that.
LEAST_LEFT = 0.1


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
        printed = min(POSITIONS_A_MOMENT * moments, PRINTED_SHARE * max(0.0, turns - points * OPENING))
        deep = min(turns, max(printed, turns * (ADAPTIVE_SHARE - quick / profile.visits)))
    return GamePlan(turns, quick, deep, profile.visits, points, 2 * moments)


def estimate(record: GameRecord, profile: AnalysisProfile, moments: int) -> Work:
    """What a game will probably need from nothing; arguments as for :func:`plan_of`."""
    return plan_of(record, profile, moments).work


@dataclass(slots=True)
class _Progress:
    """What was asked of one game in this run, and what was known of it before.

    ``best``: turn -> visits asked for; ``known_quick`` and ``known_deep``: positions stored from before, and parts of
    deep ones. ``rounds`` is what the planner said last: positions and new visits of each round, the
    one that has begun first; ``None`` before the quick pass tells anything. ``deep_asked`` counts new visits,
    ``planned_full`` the positions at the full budget that were asked for or foreseen when the planner spoke last,
    ``judged_full`` those of which it knew the result.
    """

    plan: GamePlan
    order: int
    best: dict[int, int] = field(default_factory=dict)
    known_quick: float = 0
    known_deep: float = 0
    known_full: int = 0
    quick_asked: int = 0
    full_asked: int = 0
    deep_asked: float = 0.0
    asked_positions: int = 0
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
            return [*self.rounds, *self.following(churn)]
        if self.is_whole:
            return _rounds(plan.turns - self.known_full - self.full_asked, self.whole, (1.0,))
        expected = min(plan.turns, plan.deep * factor)
        return _rounds(expected - self.known_deep, self.whole, GUESSED_ROUNDS)

    def following(self, churn: float) -> list[tuple[int, float]]:
        """Rounds that the planner does not see yet."""
        each = churn if self.is_full_report else churn * CHURN_NOT_FULL
        shares = [each**number for number in range(1, MOST_FOLLOWING + 1)]
        return _rounds(self.planned_full - self.judged_full, self.whole, shares)

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
        searched_before = self.known_quick / plan.turns if plan.turns else 0.0
        return plan.full - plan.quick * max(0.0, 1.0 - searched_before)

    def deep_total(self, churn: float) -> float | None:
        """Deep positions of a game of which the planner has told, as the plan counts them; ``None`` of others."""
        if self.is_whole or (self.rounds is None and not self.is_finished):
            return None
        ahead = sum(count * visits for count, visits in self.deep_left(0.0, churn))
        return self.known_deep + (self.deep_asked + ahead) / max(1, self.plan.full - self.plan.quick)


def _rounds(positions: float, visits: float, shares: Iterable[float]) -> list[tuple[int, float]]:
    """So many positions in rounds of these shares; the visits are right where the number of positions is not whole."""
    wanted = [positions * share for share in shares if positions * share > LEAST_PART]
    return [(max(1, round(each)), each * visits / max(1, round(each))) for each in wanted]


class Forecast:
    """What is left of a batch, learning as games go on.

    The quick pass is known beforehand. What follows in a game the planner itself
    says as soon as its quick pass is known (:func:`pipeline.plan.further_rounds`); games that are not so far are
    expected to be like the others, against what the plan says. The cost of a visit is measured for
    each size of board and each pass, each position with its part of the engine's
    time (:mod:`pipeline.sharing`), and only visits count that the engine has not in its cache from a search of
    the same position before. What the engine does now against what it did so far is measured over all of
    them together (:mod:`pipeline.pace`). The rest is played to the end (:mod:`pipeline.rehearsal`).
    """

    def __init__(self, plans: Mapping[str, GamePlan]) -> None:
        self._games = {game: _Progress(plan, order) for order, (game, plan) in enumerate(plans.items())}
        self._left = dict.fromkeys(plans)
        self._sharing = Sharing()
        self._open: dict[Hashable, tuple[str, str, int]] = {}
        self._costs = Costs()
        self._is_steady = False
        self._judged = self._followed = 0

    def known(self, game: str, visits: Iterable[int]) -> None:
        """Visits of the positions of a game that are stored from before; may be said again."""
        progress = self._games[game]
        depths, quick, full = list(visits), progress.plan.quick, progress.plan.full
        progress.known_quick = sum(v >= quick * ENOUGH for v in depths)
        progress.known_deep = sum(min(1.0, v / full) for v in depths if v * ENOUGH > quick or v >= full)
        progress.known_full = sum(v >= full * ENOUGH for v in depths)

    def planned(self, game: str, outlook: Outlook) -> None:
        """What the planner wants of a game: the round that begins, and all that would follow by what is known now.

        May be said again with the same object, which changes nothing.
        """
        progress = self._games[game]
        if outlook is progress.outlook:
            return
        progress.outlook = outlook
        if progress.is_whole or not outlook or outlook[0][0].level == QUICK:
            return
        best, rounds = dict(progress.best), deque[tuple[int, float]]()
        for wanted in outlook:
            new = sum(max(1, request.visits - best.get(request.turn, 0)) for request in wanted)
            best.update((request.turn, request.visits) for request in wanted)
            rounds.append((len(wanted), new / len(wanted)))
        progress.rounds = rounds
        self._learn(progress, sum(r.visits >= progress.plan.full * ENOUGH for wanted in outlook for r in wanted))

    def _learn(self, progress: _Progress, full: int) -> None:
        """The planner foresees so many positions at the full budget: what has followed those that it knows now?"""
        known, followed = progress.judged(full)
        if progress.is_full_report:
            self._judged += known
            self._followed += followed
        progress.is_full_report = progress.planned_full >= FULL_REPORT * progress.plan.printable > 0

    def asked(self, game: str, request: PositionRequest) -> None:
        """One more position of a game was handed to the engine."""
        progress, turn, visits = self._games[game], request.turn, request.visits
        new = progress.new_visits(turn, visits)
        progress.best[turn] = max(visits, progress.best.get(turn, 0))
        progress.asked_positions += 1
        if request.level == QUICK:
            progress.quick_asked += 1
        else:
            progress.deep_asked += new
            progress.full_asked += visits >= progress.plan.full * ENOUGH
            if progress.rounds:
                count, each = progress.rounds[0]
                progress.rounds[0] = (max(0, count - 1), each)
        self._open[game, turn] = (game, request.level, new)
        self._sharing.begin((game, turn))

    def advance(self, busy_seconds: float, at_once: int) -> None:
        """The engine has been busy for so long in all, with up to so many positions side by side (0: not known)."""
        self._sharing.advance(busy_seconds)
        self._sharing.at_once = at_once

    def answered(self, game: str, request: PositionRequest, busy_seconds: float) -> None:
        """An answer came when the engine had been busy for so long in all."""
        key = game, request.turn
        found = self._open.pop(key, None)
        self._sharing.advance(busy_seconds)
        seconds = self._sharing.end(key)
        if found is None:
            return
        _, level, new = found
        self._costs.add(self._games[game].plan.points, level, new, seconds)

    def finished(self, game: str) -> None:
        """A game needs nothing more."""
        progress = self._games[game]
        progress.is_finished, progress.outlook = True, None
        if progress.rounds is not None:
            self._learn(progress, 0)
        progress.rounds = None
        self._left.pop(game, None)
        for turn in progress.best:  # one that was refused is never answered
            if self._open.pop((game, turn), None):
                self._sharing.end((game, turn))
        progress.best.clear()

    @property
    def positions(self) -> int:
        """Positions of the whole batch, searched in this run or still to be searched."""
        churn = self._churn()
        factor = self._deep_factor(churn)
        left = (self._games[game] for game in self._left)
        ahead = sum(p.quick_left + sum(count for count, _ in p.deep_left(factor, churn)) for p in left)
        return ahead + sum(p.asked_positions for p in self._games.values())

    @property
    def games_left(self) -> int:
        """Games that still need something."""
        return len(self._left)

    def seconds_left(self, *, print_seconds: float = 0.0, publishing: int = 0) -> float | None:
        """Busy seconds of the engine until the last game is printed; ``None`` before anything is measured.

        The engine works on many positions at once, so the first answers come
        late and say little: nothing is forecast until as many are answered as are
        being searched.

        Args:
            print_seconds: what a game takes to be printed.
            publishing: games that are searched and wait for the printer.
        """
        self._is_steady = self._is_steady or self._costs.positions >= max(1, self._sharing.in_work)
        if not self._is_steady or not self._costs.speed:
            return None
        churn, waiting = self._churn(), self._open_seconds()
        factor = self._deep_factor(churn)
        ahead = [
            Ahead(waiting.get(game, ()), self._rounds_of(self._games[game], factor, churn)) for game in self._left
        ]
        return seconds_to_the_end(
            ahead, self._sharing.at_once, print_seconds=print_seconds, publishing=publishing
        )

    def quick_seconds(self) -> float | None:
        """Busy seconds for what is left of the quick pass to be asked for; ``None`` as long as :meth:`seconds_left`."""
        if not self._is_steady:
            return None
        left = (self._games[game] for game in self._left)
        return sum(p.quick_left * p.plan.quick * self._costs.of(p.plan.points, QUICK) for p in left)

    def _open_seconds(self) -> dict[str, list[float]]:
        """Of each game the seconds that are left of its open positions, the oldest first."""
        found: dict[str, list[float]] = {}
        for number, (key, (game, level, new)) in enumerate(self._open.items()):
            whole = new * self._costs.of(self._games[game].plan.points, level)
            part = self._sharing.part_of(key)
            left = max(LEAST_LEFT * whole, whole * uneven(number, part / whole) - part)
            found.setdefault(game, []).append(left)
        return found

    def _rounds_of(self, progress: _Progress, factor: float, churn: float) -> list[tuple[int, float]]:
        plan = progress.plan
        deep = self._costs.of(plan.points, DEEP)
        rounds = [(count, visits * deep) for count, visits in progress.deep_left(factor, churn)]
        if progress.rounds is not None or progress.full_asked or not plan.quick:
            return rounds
        return [(progress.quick_left, plan.quick * self._costs.of(plan.points, QUICK)), *rounds]

    def _churn(self) -> float:
        """How many positions follow each that is printed, where reports are full."""
        quick = [p.plan.quick for p in self._games.values() if p.plan.quick]
        if not quick:
            return 0.0
        guess = min(MOST_CHURN, CHURN / math.sqrt(sum(quick) / len(quick)))
        found = (self._followed + TRUST_IN_CHURN * guess) / (self._judged + TRUST_IN_CHURN)
        return min(MOST_CHURN, max(0.0, found))

    def _deep_factor(self, churn: float) -> float:
        """How much games really have to be searched deeply, for each part that the plan says."""
        told = [(p.plan.deep, total) for p in self._games.values() if (total := p.deep_total(churn)) is not None]
        if not told:
            return 1.0
        expected = sum(deep for deep, _ in told)
        typical = expected / len(told) * TRUST_IN_ESTIMATE
        return (sum(total for _, total in told) + typical) / (expected + typical) if expected else 1.0
