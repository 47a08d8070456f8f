"""How much work a batch still is, and how long it will take: pure arithmetic for the progress display."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.go.record import GameRecord
from pipeline.pace import Pace
from pipeline.plan import ADAPTIVE_SHARE, DEEP, ENOUGH, QUICK, AnalysisProfile, Strategy, needed_turns, quick_budget

# What is printed changes as it is searched deeper, so that a report with many mistakes has this many positions for each
# key moment searched. A short game has fewer: at most this share of its positions. Measured on 18 games with b6c96.
POSITIONS_A_MOMENT = 3
PRINTED_SHARE = 0.25
# So many games' worth of the plain estimate stands against what finished games really took.
TRUST_IN_ESTIMATE = 1.0
# No engine becomes faster or slower by more than this; a while that says so was too short.
MOST_CHANGE = 4.0


@dataclass(frozen=True, slots=True)
class Work:
    """An amount of searching."""

    positions: int
    visits: int


@dataclass(frozen=True, slots=True)
class GamePlan:
    """What a game will probably need: ``turns`` positions at ``quick`` visits, and ``deep`` times ``full`` visits.

    A position at a middle budget is a part of a deep one. ``points`` is the size
    of its board: the engine is faster on small ones.
    """

    turns: int
    quick: int
    deep: float
    full: int
    points: int

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
        printed = min(POSITIONS_A_MOMENT * moments, PRINTED_SHARE * turns)
        deep = min(turns, max(printed, turns * (ADAPTIVE_SHARE - quick / profile.visits)))
    return GamePlan(turns, quick, deep, profile.visits, points)


def estimate(record: GameRecord, profile: AnalysisProfile, moments: int) -> Work:
    """What a game will probably need from nothing; arguments as for :func:`plan_of`."""
    return plan_of(record, profile, moments).work


@dataclass(slots=True)
class _Progress:
    """What was asked of one game in this run, and what was known of it before."""

    plan: GamePlan
    asked: dict[str, float] = field(default_factory=lambda: {QUICK: 0, DEEP: 0})
    asked_positions: int = 0
    asked_visits: int = 0
    known: dict[str, float] = field(default_factory=lambda: {QUICK: 0, DEEP: 0})
    is_finished: bool = False


@dataclass(slots=True)
class _Speed:
    """What was measured of one pass on one size of board: visits in seconds, and positions open and answered."""

    visits: float = 0.0
    seconds: float = 0.0
    open: int = 0
    answered: int = 0


class Forecast:
    """What is left of a batch, learning as games go on.

    The quick pass is known beforehand. How much of a game is searched deeply is
    an estimate that is corrected by the games that are finished.
    Speed is measured for each size of board and each pass apart, in visits for
    each second in which the engine was busy. What the engine does now against what it
    did so far is measured over all of them together (:mod:`pipeline.pace`).
    """

    def __init__(self, plans: Mapping[str, GamePlan]) -> None:
        self._games = {game: _Progress(plan) for game, plan in plans.items()}
        self._speeds: dict[tuple[int, str], _Speed] = {}
        self._pace = Pace()  # expected seconds of work, and what it took
        self._busy = 0.0
        self._answered_visits = 0
        self._is_steady = False

    def known(self, game: str, visits: Iterable[int]) -> None:
        """Visits of the positions of a game that are stored from before; may be said again."""
        progress = self._games[game]
        depths, quick, full = list(visits), progress.plan.quick, progress.plan.full
        progress.known[QUICK] = sum(v >= quick * ENOUGH for v in depths)
        progress.known[DEEP] = sum(min(1.0, v / full) for v in depths if v * ENOUGH > quick or v >= full)

    def asked(self, game: str, level: str, visits: int) -> None:
        """One more position of a game was handed to the engine."""
        progress = self._games[game]
        share = visits / progress.plan.full if level == DEEP else 1
        progress.asked[level] = progress.asked.get(level, 0) + share
        progress.asked_positions += 1
        progress.asked_visits += visits
        self._speeds.setdefault((progress.plan.points, level), _Speed()).open += 1

    def answered(self, game: str, level: str, visits: int, busy_seconds: float) -> None:
        """An answer came when the engine had been busy for so long in all."""
        seconds, self._busy = max(0.0, busy_seconds - self._busy), busy_seconds
        speed = self._speeds.setdefault((self._games[game].plan.points, level), _Speed())
        speed.open -= 1
        speed.answered += 1
        # Many are searched side by side: the first of them come late, and then all at once.
        if speed.answered > max(1, speed.open) and speed.seconds > 0:
            self._pace.add(visits * speed.seconds / speed.visits, seconds)
        speed.visits += visits
        speed.seconds += seconds
        self._answered_visits += visits

    def finished(self, game: str) -> None:
        """A game needs nothing more."""
        self._games[game].is_finished = True

    @property
    def positions(self) -> int:
        """Positions of the whole batch, searched in this run or still to be searched."""
        factor = self._deep_factor()
        return sum(p.asked_positions + round(sum(_left(p, factor).values())) for p in self._games.values())

    @property
    def visits(self) -> int:
        """Visits of the whole batch, searched in this run or still to be searched."""
        factor = self._deep_factor()
        return sum(
            p.asked_visits + round(left[QUICK] * p.plan.quick + left[DEEP] * p.plan.full)
            for p in self._games.values()
            for left in (_left(p, factor),)
        )

    @property
    def games_left(self) -> int:
        """Games that still need something."""
        return sum(not p.is_finished for p in self._games.values())

    def seconds_left(self, open_visits: int) -> float | None:
        """Busy seconds of the engine that are still to come; ``None`` before anything is measured.

        The engine works on many positions at once, so the first answer comes
        late and says little: nothing is forecast until as much is answered as is
        being searched.

        Args:
            open_visits: visits that were asked for and are not answered; half of them count as done.
        """
        mean = self._mean_speed()
        self._is_steady = self._is_steady or self._answered_visits >= open_visits / 2
        if mean is None or not self._is_steady:
            return None
        seconds, factor = open_visits / 2 / mean, self._deep_factor()
        for progress in self._games.values():
            left, plan = _left(progress, factor), progress.plan
            for level, visits in ((QUICK, plan.quick), (DEEP, plan.full)):
                if left[level]:
                    seconds += left[level] * visits / self._speed_of(plan.points, level, mean)
        return seconds

    def quick_seconds(self) -> float | None:
        """Busy seconds for what is left of the quick pass to be asked for; ``None`` as long as :meth:`seconds_left`."""
        mean = self._mean_speed()
        if mean is None or not self._is_steady:
            return None
        return sum(
            _left(p, 0.0)[QUICK] * p.plan.quick / self._speed_of(p.plan.points, QUICK, mean)
            for p in self._games.values()
        )

    def _deep_factor(self) -> float:
        """How much games really have searched deeply, for each part that was expected."""
        finished = [p for p in self._games.values() if p.is_finished and p.plan.deep]
        if not finished:
            return 1.0
        typical = sum(p.plan.deep for p in finished) / len(finished) * TRUST_IN_ESTIMATE
        really = sum(p.known[DEEP] + p.asked[DEEP] for p in finished)
        return (really + typical) / (sum(p.plan.deep for p in finished) + typical)

    def _mean_speed(self) -> float | None:
        visits, seconds = _total(self._speeds.values())
        return visits / seconds * self._now if visits and seconds > 0 else None

    def _speed_of(self, points: int, level: str, mean: float) -> float:
        """Visits/s: as measured, or else on boards of this size, or else in all; by what it is now."""
        exact = self._speeds.get((points, level))
        same_size = [speed for (size, _), speed in self._speeds.items() if size == points]
        for measured in ([exact] if exact else [], same_size):
            visits, seconds = _total(measured)
            if visits and seconds > 0:
                return visits / seconds * self._now
        return mean

    @property
    def _now(self) -> float:
        """How fast the engine is in the last while, against what it was in all: 1 at first."""
        if not self._pace.is_long:
            return 1.0
        return min(MOST_CHANGE, max(1 / MOST_CHANGE, self._pace.per_second))


def _total(speeds: Iterable[_Speed]) -> tuple[float, float]:
    """Visits and seconds of several."""
    known = list(speeds)
    return sum(speed.visits for speed in known), sum(speed.seconds for speed in known)


def _left(progress: _Progress, deep_factor: float) -> dict[str, float]:
    """What is still to be asked for in each pass: positions, and deep positions or parts of them."""
    if progress.is_finished:
        return {QUICK: 0.0, DEEP: 0.0}
    plan = progress.plan
    quick = max(0, plan.turns - progress.known[QUICK] - progress.asked[QUICK]) if plan.quick else 0
    expected = min(plan.turns, plan.deep * deep_factor)
    return {QUICK: quick, DEEP: max(0.0, expected - progress.known[DEEP] - progress.asked[DEEP])}
