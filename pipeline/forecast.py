"""How much work a batch still is, and how long it will take: pure arithmetic for the progress display."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from pipeline.needs import (
    FULL_REPORT,
    GUESSED_ROUNDS,
    MOST_CHURN,
    GameNeeds,
    GamePlan,
    Outlook,
    Waiting,
    churn_after,
    rounds_of,
)
from pipeline.plan import DEEP, ENOUGH, QUICK, PositionRequest
from pipeline.rehearsal import Ahead, Engine, seconds_to_the_end
from pipeline.sharing import Costs, Sharing, uneven

# So many games' worth of the plain estimate stands against what the planner says of others.
TRUST_IN_ESTIMATE = 20.0
# So many positions' worth of the usual churn stands against what is seen in this batch.
TRUST_IN_CHURN = 50.0
# Seconds to print a game, before one was printed.
UNMEASURED_PRINT = 2.0
# A position that has had as much of the engine as it was expected to take still needs this share of that.
LEAST_LEFT = 0.1


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
        self._games: dict[str, GameNeeds] = {}
        self._past = _Past()
        for game, plan in plans.items():
            self.add(game, plan)
        self._sharing = Sharing()
        self._open: dict[Hashable, tuple[str, str, int]] = {}
        self._costs = Costs()
        self._is_steady = False
        self._visits_a_thread = 0
        self._judged = self._followed = 0

    def add(self, game: str, plan: GamePlan, cached: Mapping[int, int] | None = None) -> None:
        """One more game; ``cached``: turn -> visits that this run of the engine has made of it under another name."""
        self._games[game] = GameNeeds(plan, best=dict(cached or {}), cached=len(cached or {}))

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

    def _learn(self, progress: GameNeeds, full: int) -> None:
        """The planner foresees so many positions at the full budget: what has followed those that it knows now?"""
        known, followed = progress.judged(full)
        if progress.is_full_report:
            self._judged += known
            self._followed += followed
        progress.is_full_report = progress.planned_full >= FULL_REPORT * progress.plan.printable > 0

    def asked(self, game: str, request: PositionRequest, threads: int = 0) -> None:
        """One more position of a game was handed to the engine, with so many search threads (0: the usual ones)."""
        progress, turn, visits = self._games[game], request.turn, request.visits
        new = progress.new_visits(turn, visits)
        progress.best[turn] = max(visits, progress.best.get(turn, 0))
        if request.level == QUICK:
            progress.quick_asked += 1
        else:
            progress.deep_asked += new
            progress.full_asked += visits >= progress.plan.full * ENOUGH
            if progress.rounds:
                count, each = progress.rounds[0]
                progress.rounds[0] = (max(0, count - 1), each)
        self._open[game, turn] = (game, request.level, new)
        self._sharing.begin((game, turn), threads)

    def advance(self, busy_seconds: float, at_once: int, search: int = 1, visits_a_thread: int = 0) -> None:
        """The engine has been busy for so long in all.

        Args:
            busy_seconds: of the engine.
            at_once: positions that it works on side by side at most (0: not known).
            search: search threads on each of them.
            visits_a_thread: the last positions get the threads that nobody needs, with so many visits for each
                thread; 0: they do not.
        """
        self._sharing.advance(busy_seconds)
        self._sharing.at_once, self._sharing.search = at_once, search
        self._visits_a_thread = visits_a_thread

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
        """A game needs nothing more; may be said again."""
        progress = self._games.get(game)
        if progress is None:
            return
        progress.is_finished = True
        if progress.rounds is not None:
            self._learn(progress, 0)
        self.forget(game)
        self._past.add(progress)

    def forget(self, game: str) -> None:
        """A game is not searched on, and says nothing of others; may be said again."""
        progress = self._games.pop(game, None)
        for turn in progress.best if progress else ():  # one that was refused is never answered
            if self._open.pop((game, turn), None):
                self._sharing.end((game, turn))

    def positions_left(self, waiting: Iterable[Waiting] = ()) -> int:
        """Positions that are not answered, those in the engine included; ``waiting`` as for :meth:`seconds_left`."""
        churn = self._churn()
        factor = self._deep_factor(churn)
        left = self._games.values()
        ahead = len(self._open)
        ahead += sum(p.quick_left + sum(count for count, _ in p.deep_left(factor, churn)) for p in left)
        for each in waiting:
            ahead += each.games * sum(count for count, _ in self._rounds_of_waiting(each, factor))
        return ahead

    @property
    def games_left(self) -> int:
        """Games that still need something."""
        return len(self._games)

    def seconds_left(
        self, *, print_seconds: float = 0.0, publishing: int = 0, waiting: Iterable[Waiting] = ()
    ) -> float | None:
        """Busy seconds of the engine until the last game is printed; ``None`` before anything is measured.

        The engine works on many positions at once, so the first answers come
        late and say little: nothing is forecast until as many are answered as are
        being searched.

        Args:
            print_seconds: what a game takes to be printed.
            publishing: games that are searched and wait for the printer.
            waiting: games that were not added yet and are still to be searched.
        """
        self._is_steady = self._is_steady or self._costs.positions >= max(1, self._sharing.in_work)
        if not self._is_steady or not self._costs.speed:
            return None
        churn, in_work = self._churn(), self._open_seconds()
        factor = self._deep_factor(churn)
        ahead = []
        for game, progress in self._games.items():
            open_seconds, places = in_work.get(game, ((), ()))
            rounds = self._rounds_of(progress, factor, churn)
            ahead.append(Ahead(open_seconds, rounds, places, is_first_pass=self._is_first_pass(progress)))
        for each in waiting:
            cost = self._costs.of(0, each.level)  # on a board of a mean size
            rounds = [(count, visits * cost) for count, visits in self._rounds_of_waiting(each, factor)]
            ahead += [Ahead(rounds=rounds)] * each.games
        engine = Engine(self._sharing.at_once, self._sharing.search, self._visits_a_thread / self._costs.speed)
        return seconds_to_the_end(ahead, engine, print_seconds=print_seconds, publishing=publishing)

    def visits_left(self) -> dict[str, int]:
        """New visits that each game probably still needs, with those that the engine has been asked for."""
        churn = self._churn()
        factor = self._deep_factor(churn)
        left = {
            game: progress.quick_left * progress.plan.quick
            + sum(count * each for count, each in progress.deep_left(factor, churn))
            for game, progress in self._games.items()
        }
        for game, _, new in self._open.values():
            left[game] += new
        return {game: round(visits) for game, visits in left.items()}

    def quick_seconds(self) -> float | None:
        """Busy seconds for what is left of the quick pass to be asked for; ``None`` as long as :meth:`seconds_left`."""
        if not self._is_steady:
            return None
        left = self._games.values()
        return sum(p.quick_left * p.plan.quick * self._costs.of(p.plan.points, QUICK) for p in left)

    def _open_seconds(self) -> dict[str, tuple[list[float], list[float]]]:
        """Of each game the seconds that are left of its open positions, and their places, the oldest first."""
        found: dict[str, tuple[list[float], list[float]]] = {}
        for number, (key, (game, level, new)) in enumerate(self._open.items()):
            whole = new * self._costs.of(self._games[game].plan.points, level)
            part = self._sharing.part_of(key)
            left = max(LEAST_LEFT * whole, whole * uneven(number, part / whole) - part)
            seconds, places = found.setdefault(game, ([], []))
            seconds.append(left)
            places.append(self._sharing.places_of(key))
        return found

    def _rounds_of(self, progress: GameNeeds, factor: float, churn: float) -> list[tuple[int, float]]:
        plan = progress.plan
        deep = self._costs.of(plan.points, DEEP)
        rounds = [(count, visits * deep) for count, visits in progress.deep_left(factor, churn)]
        if not self._is_first_pass(progress):
            return rounds
        return [(progress.quick_left, plan.quick * self._costs.of(plan.points, QUICK)), *rounds]

    def _rounds_of_waiting(self, waiting: Waiting, factor: float) -> list[tuple[int, float]]:
        """Positions and new visits of each."""
        if waiting.level == QUICK:
            return rounds_of(waiting.positions, waiting.visits / max(1.0, waiting.positions), (1.0,))
        visits = factor * waiting.visits
        positions = min(waiting.positions, visits / waiting.full) if waiting.full else waiting.positions
        return rounds_of(positions, visits / max(1.0, positions), GUESSED_ROUNDS)

    @staticmethod
    def _is_first_pass(progress: GameNeeds) -> bool:
        return progress.rounds is None and not progress.full_asked and progress.plan.quick > 0

    def _churn(self) -> float:
        """How many positions follow each that is printed, where reports are full."""
        quick = [p.plan.quick for p in self._games.values() if p.plan.quick]
        searched = len(quick) + self._past.with_quick
        if not searched:
            return 0.0
        guess = churn_after((sum(quick) + self._past.quick) / searched)
        found = (self._followed + TRUST_IN_CHURN * guess) / (self._judged + TRUST_IN_CHURN)
        return min(MOST_CHURN, max(0.0, found))

    def _deep_factor(self, churn: float) -> float:
        """How much games really have to be searched deeply, for each part that the plan says."""
        deep = (p for p in self._games.values() if p.plan.deep)
        told = [(p.plan.deep, total) for p in deep if (total := p.deep_total(churn)) is not None]
        games = len(told) + self._past.told
        if not games:
            return 1.0
        expected = sum(deep for deep, _ in told) + self._past.expected
        typical = expected / games * TRUST_IN_ESTIMATE
        return (sum(total for _, total in told) + self._past.total + typical) / (expected + typical)


@dataclass(slots=True)
class _Past:
    """What finished games leave behind: visits of quick passes, deep positions as told and had."""

    with_quick: int = 0
    quick: int = 0
    told: int = 0
    expected: float = 0.0
    total: float = 0.0

    def add(self, progress: GameNeeds) -> None:
        """One more."""
        plan = progress.plan
        self.with_quick += plan.quick > 0
        self.quick += plan.quick
        total = progress.deep_total(0.0) if plan.deep else None
        if total is not None:
            self.told += 1
            self.expected += plan.deep
            self.total += total
