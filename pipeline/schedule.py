"""Which position is searched next, over all games in work: pure bookkeeping.

Games are opened in order and only as the engine has room, so that the first
report comes early; while a game waits for its last answers the next one is
already being searched, so that the engine never idles between games.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from pipeline.evaluation import Evaluation
from pipeline.go.record import GameRecord
from pipeline.plan import QUICK, AnalysisProfile, PositionRequest, may_plan_ahead


@dataclass(slots=True, eq=False)
class GameTask:
    """One game in work.

    ``evaluations`` holds the deepest result of each position, ``asked`` the
    highest budget that was requested for it in this run, ``skipped`` the positions that
    the engine cannot search. ``urgent`` games go
    before the others. ``planned`` says that the planner wants nothing more,
    ``closed`` that nothing more is to be asked. With ``parked`` the results lie in the
    journal only, and ``evaluations`` is empty. ``memory`` is what the planner found
    out about the results so far; it goes with them. ``cut_quick`` are the visits of the quick
    pass that the profile really wants, while it is made with fewer (0: it is not). ``outlook``
    are the rounds that the planner saw when it was asked last, from the one that it gave on; empty as long as
    the quick pass says nothing. ``fresh`` counts the answers since then.
    """

    record: GameRecord
    name: str
    profile: AnalysisProfile
    evaluations: dict[int, Evaluation] = field(default_factory=dict)
    asked: dict[int, int] = field(default_factory=dict)
    waiting: deque[PositionRequest] = field(default_factory=deque)
    in_flight: set[int] = field(default_factory=set)
    skipped: set[int] = field(default_factory=set)
    searched: int = 0
    failed: bool = False
    urgent: bool = False
    planned: bool = False
    closed: bool = False
    parked: dict[int, int] = field(default_factory=dict)
    memory: object = None
    cut_quick: int = 0
    outlook: Sequence[Sequence[PositionRequest]] = ()
    fresh: int = 0
    game_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.game_id = self.record.game_id  # a hash over all moves, wanted at every answer

    @property
    def done_visits(self) -> dict[int, int]:
        """Turn -> visits, counting a position that was asked for as served.

        An engine may end below the budget (a finished game, say); asking
        again would give the same answer. One that was skipped is not asked for again at any budget.
        """
        stored = self.parked | {turn: e.visits for turn, e in self.evaluations.items()}
        done = {turn: max(stored.get(turn, 0), self.asked.get(turn, 0)) for turn in stored | self.asked}
        return done | dict.fromkeys(self.skipped, self.profile.visits)

    def keep(self, evaluation: Evaluation) -> None:
        """Take a result unless a deeper one is there already."""
        known = self.evaluations.get(evaluation.turn)
        if known is None or evaluation.visits >= known.visits:
            self.evaluations[evaluation.turn] = evaluation

    def park(self) -> None:
        """Give back the memory of the results, which the journal has."""
        self.parked |= {turn: e.visits for turn, e in self.evaluations.items()}
        self.evaluations.clear()
        self.memory = None

    def limit_quick(self, share: float, least: int) -> None:
        """Make what is left of the quick pass with this share of its visits, but ``least``; never more than before.

        :meth:`make_up_quick` undoes it.
        """
        whole = self.cut_quick or self.profile.quick_visits
        visits = max(min(whole, least), int(whole * share))
        if visits >= self.profile.quick_visits:
            return
        self.cut_quick = whole
        self.profile = replace(self.profile, quick_visits=visits)
        self.waiting = deque(
            replace(request, visits=visits) if request.level == QUICK else request for request in self.waiting
        )

    def make_up_quick(self) -> bool:
        """Want the whole quick pass again, if it was limited; returns whether it was."""
        if not self.cut_quick:
            return False
        self.profile = replace(self.profile, quick_visits=self.cut_quick)
        self.cut_quick = 0
        return True


# The next round of work on a game; empty when its analysis is complete. Never asks twice for what was asked.
Planner: TypeAlias = Callable[[GameTask], Iterable[PositionRequest]]


class Scheduler:
    """Hands out requests and learns of answers.

    Without ``spare`` games are searched one after the other. With it they are searched up to a deadline:
    first the quick pass of every game, then by importance over all of them, then
    what is spare, by importance too, until the games are closed. Where nothing else is to be
    done just now, :meth:`ahead` has more.

    Args:
        planner: what a game needs next by what is known of it now.
        spare: what would still be worth searching in a game that needs nothing.
    """

    def __init__(self, planner: Planner, spare: Planner | None = None) -> None:
        self._planner = planner
        self._spare = spare
        self._open: list[GameTask] = []
        self._finished: deque[GameTask] = deque()

    @property
    def open(self) -> tuple[GameTask, ...]:
        """The games in work, in the order in which they were added."""
        return tuple(self._open)

    def add(self, task: GameTask) -> None:
        """Take a game into work; one that needs nothing is finished at once."""
        self._open.append(task)
        self._plan(task)

    def drop(self, task: GameTask) -> None:
        """Forget a game; answers that still come for it must not be handed in."""
        if task in self._open:
            self._open.remove(task)
        else:  # it was finished since somebody looked last
            self._finished.remove(task)

    def next(self, *, urgent: bool = False) -> tuple[GameTask, PositionRequest] | None:
        """The next position to search, or ``None`` when nothing can be asked just now.

        Args:
            urgent: only what goes before another game is opened: urgent games and,
                with a deadline, quick passes.
        """
        task = next((task for task in self._open if task.waiting and self._is_urgent(task)), None)
        if task is None and not urgent:
            waiting = (task for task in self._open if task.waiting)
            task = next(waiting, None) if self._spare is None else max(waiting, key=_rank, default=None)
        if task is None:
            return None
        request = task.waiting.popleft()
        task.asked[request.turn] = max(request.visits, task.asked.get(request.turn, 0))
        task.in_flight.add(request.turn)
        return task, request

    def ahead(self) -> tuple[GameTask, PositionRequest] | None:
        """A position of a game whose last positions are still searched, planned by what is known of it so far.

        For an engine that would be idle otherwise: a round that waits for its last answer keeps it waiting too.
        """
        for task in self._open:
            is_deep = task.in_flight <= task.evaluations.keys() | task.parked.keys()  # the quick pass is known
            is_ready = is_deep and not (task.waiting or task.closed or task.failed)
            if is_ready and may_plan_ahead(task.fresh, len(task.in_flight)):
                task.fresh = 0
                task.waiting.extend(self._wanted(task))
                if task.waiting:
                    return self.next()
        return None

    @property
    def demand(self) -> int:
        """Positions that are being searched or could be asked for now."""
        return sum(len(task.waiting) + len(task.in_flight) for task in self._open)

    def answered(self, task: GameTask, evaluation: Evaluation) -> None:
        """An asked position has its result."""
        task.keep(evaluation)
        task.searched += 1
        task.fresh += 1
        self._settle(task, evaluation.turn)

    def refused(self, task: GameTask, turn: int, *, fatal: bool) -> None:
        """An asked position will have no result; ``fatal`` gives the whole game up."""
        if fatal:
            task.failed = True
            task.waiting.clear()
        self._settle(task, turn)

    def close(self, task: GameTask, *, at_once: bool = False) -> None:
        """Ask nothing more of a game; it is finished when what is in flight is answered, or ``at_once``."""
        task.closed = True
        task.waiting.clear()
        if at_once:
            for turn in task.in_flight:  # no answer will come
                task.asked.pop(turn, None)
            task.in_flight.clear()
        if not task.in_flight:
            self._plan(task)

    def closing_order(self) -> list[GameTask]:
        """The open games that are not closed, the one with least to gain first."""
        return sorted((task for task in self._open if not task.closed), key=_rank)

    def finished(self) -> Iterator[GameTask]:
        """Games that became complete (or failed) since the last call."""
        while self._finished:
            yield self._finished.popleft()

    def _settle(self, task: GameTask, turn: int) -> None:
        task.in_flight.discard(turn)
        if not task.in_flight and not task.waiting:
            self._plan(task)

    def _is_urgent(self, task: GameTask) -> bool:
        return task.urgent or (self._spare is not None and task.waiting[0].level == QUICK)

    def _plan(self, task: GameTask) -> None:
        task.fresh = 0
        if not task.failed:
            wanted = self._wanted(task)
            if not task.closed:
                task.waiting.extend(wanted)
        if not task.waiting:
            self._open.remove(task)
            self._finished.append(task)

    def _wanted(self, task: GameTask) -> list[PositionRequest]:
        """What is planned of a game, or else what is spare, the most important first; nothing that is searched now."""
        planned = list(self._planner(task))
        task.planned = not planned
        wanted = [request for request in planned if request.turn not in task.in_flight]
        if not wanted and self._spare is not None and not task.closed:
            wanted = [request for request in self._spare(task) if request.turn not in task.in_flight]
        return sorted(wanted, key=lambda request: -request.importance)


def _rank(task: GameTask) -> tuple[bool, float]:
    """The quick pass goes first, then what is planned, then what is spare, the most important first."""
    if not task.waiting:
        return not task.planned, 0.0
    first = task.waiting[0]
    return not task.planned, math.inf if first.level == QUICK else first.importance
