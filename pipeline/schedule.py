"""Which position is searched next, over all games in work: pure bookkeeping.

Games are opened in order and only as the engine has room, so that the first
report comes early; while a game waits for its last answers the next one is
already being searched, so that the engine never idles between games.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from pipeline.evaluation import Evaluation
from pipeline.go.record import GameRecord
from pipeline.plan import AnalysisProfile, PositionRequest


@dataclass(slots=True, eq=False)
class GameTask:
    """One game in work.

    ``evaluations`` holds the deepest result of each position, ``asked`` the
    highest budget that was requested for it in this run. ``urgent`` games go
    before the others.
    """

    record: GameRecord
    name: str
    profile: AnalysisProfile
    evaluations: dict[int, Evaluation] = field(default_factory=dict)
    asked: dict[int, int] = field(default_factory=dict)
    waiting: deque[PositionRequest] = field(default_factory=deque)
    in_flight: set[int] = field(default_factory=set)
    searched: int = 0
    failed: bool = False
    urgent: bool = False

    @property
    def done_visits(self) -> dict[int, int]:
        """Turn -> visits, counting a position that was asked for as served.

        An engine may end below the budget (a finished game, say); asking
        again would give the same answer.
        """
        stored = {turn: e.visits for turn, e in self.evaluations.items()}
        return {turn: max(stored.get(turn, 0), self.asked.get(turn, 0)) for turn in stored | self.asked}

    def keep(self, evaluation: Evaluation) -> None:
        """Take a result unless a deeper one is there already."""
        known = self.evaluations.get(evaluation.turn)
        if known is None or evaluation.visits >= known.visits:
            self.evaluations[evaluation.turn] = evaluation


# The next round of work on a game; empty when its analysis is complete. Never asks twice for what was asked.
Planner: TypeAlias = Callable[[GameTask], Iterable[PositionRequest]]


class Scheduler:
    """Hands out requests and learns of answers.

    Args:
        planner: what a game needs next by what is known of it now.
    """

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
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
        self._open.remove(task)

    def next(self, *, urgent: bool = False) -> tuple[GameTask, PositionRequest] | None:
        """The next position to search, or ``None`` when nothing can be asked just now.

        Args:
            urgent: of urgent games only; these go first anyway.
        """
        task = next((task for task in self._open if task.waiting and task.urgent), None)
        if task is None and not urgent:
            task = next((task for task in self._open if task.waiting), None)
        if task is None:
            return None
        request = task.waiting.popleft()
        task.asked[request.turn] = max(request.visits, task.asked.get(request.turn, 0))
        task.in_flight.add(request.turn)
        return task, request

    def answered(self, task: GameTask, evaluation: Evaluation) -> None:
        """An asked position has its result."""
        task.keep(evaluation)
        task.searched += 1
        self._settle(task, evaluation.turn)

    def refused(self, task: GameTask, turn: int, *, fatal: bool) -> None:
        """An asked position will have no result; ``fatal`` gives the whole game up."""
        if fatal:
            task.failed = True
            task.waiting.clear()
        self._settle(task, turn)

    def finished(self) -> Iterator[GameTask]:
        """Games that became complete (or failed) since the last call."""
        while self._finished:
            yield self._finished.popleft()

    def _settle(self, task: GameTask, turn: int) -> None:
        task.in_flight.discard(turn)
        if not task.in_flight and not task.waiting:
            self._plan(task)

    def _plan(self, task: GameTask) -> None:
        if not task.failed:
            task.waiting.extend(self._planner(task))
        if not task.waiting:
            self._open.remove(task)
            self._finished.append(task)
