"""What is left of a batch, played to its end on paper: positions, rounds, and the printer. Pure.

While many positions wait, what is left takes its work divided by the speed.
The end of a batch is slower: a game asks in rounds, each of which waits for the
last answer of the one before, so that places of the engine stay empty, and the last
game is printed when nothing is searched any more. With few games and an engine
that works on hundreds of positions at once, that is most of the time, unless the last positions get the threads
that nobody needs, and the next round does not wait for all answers of the one before
(:meth:`pipeline.schedule.Scheduler.ahead`).
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.plan import may_plan_ahead
from pipeline.sharing import places_of, slowdown, uneven

# More positions than this are not played: all but the last games are taken as work that fills the engine.
MOST_PLAYED = 3000


@dataclass(frozen=True, slots=True)
class Engine:
    """Positions that are searched side by side, and the usual search threads of each.

    ``seconds_a_thread``: the last positions get the threads that nobody needs, if each of them has so much to do;
    0: they do not.
    """

    at_once: int
    search: int = 1
    seconds_a_thread: float = 0.0

    def places(self, demand: int, seconds: float) -> float:
        """Places of a position that takes so many seconds, when no more than so many are still searched."""
        threads = min(self.at_once * self.search // demand, int(seconds / self.seconds_a_thread))
        return places_of(threads, self.search)

    def slowdown(self, in_work: float) -> float:
        """As :func:`pipeline.sharing.slowdown`."""
        return slowdown(in_work, self.at_once, self.search)


@dataclass(slots=True)
class Ahead:
    """What a game still needs, in busy seconds of an engine that is full.

    ``open``: of each position in work or in the engine's queue, the oldest first. ``rounds``: positions
    and seconds for each of them; a round begins when the one before is answered. Where something
    is open, the first one is what is not asked yet of the round that has begun, and may be empty.
    ``places`` are those that the open positions take; none: one each. ``is_first_pass``: nothing can be
    planned before the last answer of the first round.
    """

    open: Sequence[float] = ()
    rounds: Sequence[tuple[int, float]] = ()
    places: Sequence[float] = ()
    is_first_pass: bool = False

    @property
    def positions(self) -> int:
        """All of them."""
        return len(self.open) + sum(count for count, _ in self.rounds)

    @property
    def seconds(self) -> float:
        """All of them."""
        return math.fsum(self.open) + math.fsum(count * each for count, each in self.rounds)


@dataclass(slots=True)
class _Game:
    rounds: deque[tuple[int, float]]
    unasked: int = 0
    each: float = 0.0
    unanswered: int = 0
    fresh: int = 0
    is_first_pass: bool = False

    def begin(self) -> bool:
        """Begin the next round if there is one."""
        self.fresh = 0
        while self.rounds and not self.unasked:
            self.unasked, self.each = self.rounds.popleft()
        return self.unasked > 0

    @property
    def may_go_on(self) -> bool:
        """Whether a further round is planned before the last answers of this one, as an idle engine has it."""
        is_ready = bool(self.unanswered and self.rounds) and not self.is_first_pass
        return is_ready and may_plan_ahead(self.fresh, self.unanswered)


@dataclass(slots=True)
class _Stage:
    """The engine and the printer at one moment of the play."""

    engine: Engine
    print_seconds: float
    printed: float
    now: float = 0.0
    part: float = 0.0
    taken: float = 0.0
    working: list[tuple[float, int, int, float]] = field(default_factory=list)
    queue: deque[tuple[float, int, float]] = field(default_factory=deque)
    number: int = 0
    asked: int = 0

    def fill(self) -> None:
        """Take positions from the queue into work."""
        while self.queue and len(self.working) < self.engine.at_once:
            seconds, game, places = self.queue.popleft()
            self.number += 1  # which also keeps the heap from comparing more
            heapq.heappush(self.working, (self.part + seconds / places, self.number, game, places))
            self.taken += places

    def step(self) -> int:
        """Go on until a position is answered; returns its game."""
        end, _, game, places = heapq.heappop(self.working)
        self.now += (end - self.part) * self.taken * self.engine.slowdown(self.taken)
        self.part = end
        self.taken = self.taken - places if self.working else 0.0
        return game

    def print_one(self) -> None:
        """A game is searched."""
        self.printed = max(self.printed, self.now) + self.print_seconds


def seconds_to_the_end(games: Sequence[Ahead], engine: Engine, *, print_seconds: float, publishing: int) -> float:
    """Busy seconds until the last game is printed.

    Args:
        games: in the order in which they are searched; each of them is still to be printed.
        engine: what it works on side by side.
        print_seconds: what a game takes to be printed.
        publishing: games that are searched and wait for the printer.
    """
    engine = replace(engine, at_once=max(1, engine.at_once))
    bulk, played = _split(games)
    seconds = math.fsum(game.seconds for game in bulk)
    printed = max(publishing * print_seconds, (publishing + len(bulk)) * print_seconds - seconds)
    return seconds + _Play(played, _Stage(engine, print_seconds, printed)).run()


def _split(games: Sequence[Ahead]) -> tuple[list[Ahead], list[Ahead]]:
    """Games that only fill the engine, and those that are played: the open ones and the last ones."""
    bulk: list[Ahead] = []
    played: list[Ahead] = []
    positions = 0
    for game in reversed(games):
        positions += game.positions
        (bulk if positions > MOST_PLAYED and played and not game.open else played).append(game)
    return bulk, played[::-1]


class _Play:
    """Games, an engine and a printer, position by position."""

    def __init__(self, games: Sequence[Ahead], stage: _Stage) -> None:
        self._stage = stage
        self._is_last = False
        self._asking: list[int] = []  # games with something to ask, as a heap: the first opened goes first
        self._unopened = deque(index for index, game in enumerate(games) if not game.open)
        self._states: list[_Game] = []
        for index, game in enumerate(games):
            places = game.places or (1.0,) * len(game.open)
            stage.queue.extend((seconds, index, each) for seconds, each in zip(game.open, places, strict=True))
            state = _Game(deque(game.rounds), unanswered=len(game.open), is_first_pass=game.is_first_pass)
            self._states.append(state)
            if state.unanswered and state.rounds:
                state.unasked, state.each = state.rounds.popleft()
                if state.unasked:
                    self._asking.append(index)

    def run(self) -> float:
        """Seconds until everything is printed."""
        stage = self._stage
        self._ask()
        stage.fill()
        while stage.working:
            index = stage.step()
            state = self._states[index]
            state.unanswered -= 1
            state.fresh += 1
            if not state.unanswered and not state.unasked:
                state.is_first_pass = False
                self._begin(index)
            self._ask()
            stage.fill()
        return max(stage.now, stage.printed)

    def _begin(self, index: int) -> None:
        """Begin the next round of a game; without one it is searched."""
        if self._states[index].begin():
            heapq.heappush(self._asking, index)
        else:
            self._stage.print_one()

    def _ask(self) -> None:
        stage = self._stage
        while len(stage.working) + len(stage.queue) < 2 * stage.engine.at_once:
            if self._asking:
                self._ask_one(self._asking[0])
            elif self._unopened:
                self._begin(self._unopened.popleft())
            elif not self._go_on():
                return

    def _ask_one(self, index: int) -> None:
        game, stage = self._states[index], self._stage
        game.unasked -= 1
        game.unanswered += 1
        stage.asked += 1
        seconds, places = game.each * uneven(stage.asked), 1.0
        if self._is_last:
            unasked = sum(self._states[each].unasked for each in self._asking)
            places = stage.engine.places(1 + unasked + len(stage.working) + len(stage.queue), seconds)
        stage.queue.append((seconds, index, places))
        if not game.unasked:
            heapq.heappop(self._asking)

    def _go_on(self) -> bool:
        """No other game can be opened: begin a round that need not wait for all answers of the one before."""
        self._is_last = self._stage.engine.seconds_a_thread > 0
        if not self._is_last:
            return False
        for index, state in enumerate(self._states):
            if state.may_go_on and state.begin():
                heapq.heappush(self._asking, index)
                return True
        return False
