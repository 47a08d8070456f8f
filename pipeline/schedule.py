"""Which position is searched next, over all games of a batch: pure bookkeeping.

Games are opened in order and only as the engine has room, so that the first
report comes early; while a game waits for its last answers the next one is
already being searched, so that the engine never idles between games.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.evaluation import Evaluation
from pipeline.go.record import GameRecord
from pipeline.plan import AnalysisProfile, PositionRequest, next_requests


@dataclass(slots=True)
class GameTask:
    """One game in work.

    ``evaluations`` holds the deepest result of each position, ``asked`` the
    highest budget that was requested for it in this run.
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


class Scheduler:
    """Hands out requests and learns of answers.

    Args:
        games: tasks in the order of work; pulled lazily.
        printed_turns: which positions the report on a task would print by what is known now.
    """

    def __init__(
        self,
        games: Iterable[GameTask],
        printed_turns: Callable[[GameTask], Iterable[int]],
    ) -> None:
        self._games: Iterator[GameTask] = iter(games)
        self._printed_turns = printed_turns
        self._open: list[GameTask] = []
        self._finished: deque[GameTask] = deque()
        self._more_games = True

    def next(self) -> tuple[GameTask, PositionRequest] | None:
        """The next position to search, or ``None`` when nothing can be asked just now."""
        while True:
            for task in self._open:
                if task.waiting:
                    request = task.waiting.popleft()
                    task.asked[request.turn] = max(request.visits, task.asked.get(request.turn, 0))
                    task.in_flight.add(request.turn)
                    return task, request
            if not self._more_games:
                return None
            opened = next(self._games, None)
            if opened is None:
                self._more_games = False
                return None
            self._open.append(opened)
            self._plan(opened)

    @property
    def exhausted(self) -> bool:
        """Whether no request will ever come again."""
        return not self._more_games and not self._open

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
            done: Mapping[int, int] = task.done_visits
            task.waiting.extend(next_requests(task.record, task.profile, done))
            if not task.waiting:
                task.waiting.extend(next_requests(task.record, task.profile, done, self._printed_turns(task)))
        if not task.waiting:
            self._open.remove(task)
            self._finished.append(task)
