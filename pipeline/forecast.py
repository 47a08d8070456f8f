"""How much work a batch still is: pure arithmetic for the progress display."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.go.record import GameRecord
from pipeline.plan import AnalysisProfile, Strategy, needed_turns


@dataclass(frozen=True, slots=True)
class Work:
    """An amount of searching."""

    positions: int
    visits: int


def estimate(record: GameRecord, profile: AnalysisProfile, moments: int) -> Work:
    """What a game will probably need from nothing.

    Args:
        record: the game.
        profile: budgets and strategy.
        moments: key moments that a report prints at most; each needs two deep positions.
    """
    return estimate_positions(len(needed_turns(record, profile.side)), profile, moments)


def estimate_positions(turns: int, profile: AnalysisProfile, moments: int) -> Work:
    """What a game with so many positions will probably need; the rest as :func:`estimate`."""
    if profile.strategy is Strategy.UNIFORM:
        quick = turns if profile.quick_visits else 0
        return Work(turns + quick, turns * profile.visits + quick * min(profile.quick_visits, profile.visits))
    deep = min(turns, 2 * moments)
    return Work(turns + deep, turns * min(profile.quick_visits, profile.visits) + deep * profile.visits)


class Forecast:
    """Estimates, corrected by what was really asked as games go on.

    An open game counts as its estimate until more than that was asked; a
    finished one as what was asked.
    """

    def __init__(self, estimates: Mapping[str, Work]) -> None:
        self._expected = dict(estimates)
        self._asked = dict.fromkeys(estimates, Work(0, 0))

    def asked(self, game: str, visits: int) -> None:
        """One more position of a game was handed to the engine."""
        so_far = self._asked[game]
        self._asked[game] = Work(so_far.positions + 1, so_far.visits + visits)

    def finished(self, game: str) -> None:
        """A game needs nothing more."""
        self._expected[game] = Work(0, 0)

    @property
    def positions(self) -> int:
        """Positions of the whole batch."""
        return sum(max(self._asked[g].positions, self._expected[g].positions) for g in self._expected)

    @property
    def visits(self) -> int:
        """Visits of the whole batch."""
        return sum(max(self._asked[g].visits, self._expected[g].visits) for g in self._expected)
