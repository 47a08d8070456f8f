"""What is left of a batch, played to its end on paper: positions, rounds, and the printer. Pure.

While many positions wait, what is left takes its work divided by the speed.
The end of a batch is slower: a game asks in rounds, each of which waits for the
last answer of the one before, so that places of the engine stay empty, and the last
game is printed when nothing is searched any more. With few games and an engine
that works on hundreds of positions at once, that is most of the time.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.sharing import slowdown, uneven

# More positions than this are not played: all but the last games are taken as work that fills the engine.
MOST_PLAYED = 3000


@dataclass(slots=True)
class Ahead:
    """What a game still needs, in busy seconds of an engine that is full.

    ``open``: of each position in work or in the engine's queue, the oldest first. ``rounds``: positions
    and seconds for each of them; a round begins when the one before is answered. Where something
    is open, the first one is what is not asked yet of the round that has begun, and may be empty.
    """

    open: Sequence[float] = ()
    rounds: Sequence[tuple[int, float]] = ()

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

    def begin(self) -> bool:
        """Begin the next round if there is one."""
        while self.rounds and not self.unasked:
            self.unasked, self.each = self.rounds.popleft()
        return self.unasked > 0


@dataclass(slots=True)
class _Stage:
    """The engine and the printer at one moment of the play."""

    at_once: int
    print_seconds: float
    printed: float
    now: float = 0.0
    part: float = 0.0
    working: list[tuple[float, int, int]] = field(default_factory=list)
    queue: deque[tuple[float, int]] = field(default_factory=deque)
    number: int = 0
    asked: int = 0

    def fill(self) -> None:
        """Take positions from the queue into work."""
        while self.queue and len(self.working) < self.at_once:
            seconds, game = self.queue.popleft()
            self.number += 1  # which also keeps the heap from comparing more
            heapq.heappush(self.working, (self.part + seconds, self.number, game))

    def step(self) -> int:
        """Go on until a position is answered; returns its game."""
        count = len(self.working)
        end, _, game = heapq.heappop(self.working)
        self.now += (end - self.part) * count * slowdown(count, self.at_once)
        self.part = end
        return game

    def print_one(self) -> None:
        """A game is searched."""
        self.printed = max(self.printed, self.now) + self.print_seconds


def seconds_to_the_end(games: Sequence[Ahead], at_once: int, *, print_seconds: float, publishing: int) -> float:
    """Busy seconds until the last game is printed.

    Args:
        games: in the order in which they are searched; each of them is still to be printed.
        at_once: positions that the engine works on side by side.
        print_seconds: what a game takes to be printed.
        publishing: games that are searched and wait for the printer.
    """
    at_once = max(1, at_once)
    bulk, played = _split(games)
    seconds = math.fsum(game.seconds for game in bulk)
    printed = max(publishing * print_seconds, (publishing + len(bulk)) * print_seconds - seconds)
    return seconds + _play(played, _Stage(at_once, print_seconds, printed))


def _split(games: Sequence[Ahead]) -> tuple[list[Ahead], list[Ahead]]:
    """Games that only fill the engine, and those that are played: the open ones and the last ones."""
    bulk: list[Ahead] = []
    played: list[Ahead] = []
    positions = 0
    for game in reversed(games):
        positions += game.positions
        (bulk if positions > MOST_PLAYED and played and not game.open else played).append(game)
    return bulk, played[::-1]


def _play(games: Sequence[Ahead], stage: _Stage) -> float:
    states = [_Game(deque(game.rounds), unanswered=len(game.open)) for game in games]
    asking: list[int] = []  # games with something to ask, as a heap: the first opened goes first
    unopened = deque(index for index, game in enumerate(games) if not game.open)
    stage.queue.extend((seconds, index) for index, game in enumerate(games) for seconds in game.open)
    for index, state in enumerate(states):
        if state.unanswered and state.rounds:
            state.unasked, state.each = state.rounds.popleft()
            if state.unasked:
                asking.append(index)

    def ask() -> None:
        while len(stage.working) + len(stage.queue) < 2 * stage.at_once:
            if not asking:
                if not unopened:
                    return
                index = unopened.popleft()
                if states[index].begin():
                    heapq.heappush(asking, index)
                else:
                    stage.print_one()
                continue
            game = states[asking[0]]
            game.unasked -= 1
            game.unanswered += 1
            stage.asked += 1
            stage.queue.append((game.each * uneven(stage.asked), asking[0]))
            if not game.unasked:
                heapq.heappop(asking)

    ask()
    stage.fill()
    while stage.working:
        index = stage.step()
        state = states[index]
        state.unanswered -= 1
        if not state.unanswered and not state.unasked:
            if state.begin():
                heapq.heappush(asking, index)
            else:
                stage.print_one()
        ask()
        stage.fill()
    return max(stage.now, stage.printed)
