"""A recorded run once more on another engine, on paper: as many positions at once, as fast, as even as one likes.

What a game asks for in which round hangs on its own results only, so the
rounds of a recording can be played on any engine: a GPU that works on
two hundred positions at once, a machine that becomes half as fast half-way, a quiet one where the recorded
one was not. What comes out is a recording like the one that went in.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from forecast_trace import Event

from pipeline.sharing import slowdown


@dataclass(frozen=True, slots=True)
class Machine:
    """An engine on paper.

    ``speed`` is in new visits a second when all places are taken; ``factor`` gives its speed at a moment against
    that. ``spread`` is the standard deviation of what a visit costs, as a share of it, from one position to the next;
    games differ by a quarter of that. ``print_seconds`` is what a report takes.
    """

    at_once: int = 8
    speed: float = 100.0
    spread: float = 0.2
    print_seconds: float = 1.0
    seed: int = 1
    factor: Callable[[float], float] = lambda _: 1.0
    slower: Callable[[int, int], float] = slowdown


Request: TypeAlias = tuple[int, int, str]  # turn, visits, level


@dataclass(slots=True)
class _Asked:
    game: str
    request: Request
    left: float


@dataclass(slots=True)
class _Game:
    rounds: deque[Event]
    waiting: deque[Request] = field(default_factory=deque)
    open: int = 0
    best: dict[int, int] = field(default_factory=dict)
    cost: float = 1.0


class Again:
    """Plays a recording on a machine; :attr:`events` is the new one."""

    def __init__(self, events: Sequence[Event], machine: Machine) -> None:
        self._machine = machine
        self._chance = random.Random(machine.seed)
        self._heads = [event for event in events if event["kind"] == "game"]
        self._games: dict[str, _Game] = {}
        for event in events:
            if event["kind"] == "planned":
                self._games.setdefault(event["game"], _Game(deque())).rounds.append(event)
        for game in self._games.values():
            game.cost = max(0.3, self._chance.gauss(1.0, machine.spread / 4))
        self._unopened = deque(head["game"] for head in self._heads if head["game"] in self._games)
        self._asking: list[str] = []
        self._queue: deque[_Asked] = deque()
        self._working: list[_Asked] = []
        self._now = self._busy = 0.0
        self._printing: deque[float] = deque()
        self._printed_at = 0.0
        self._prints = 0
        self.events: list[Event] = [{**head, "at": 0.0} for head in self._heads]

    def run(self) -> list[Event]:
        """Play it; returns the new recording."""
        self._tick()
        next_tick = 1.0
        self._fill()
        while self._working or self._queue:
            machine = self._machine
            count = len(self._working)
            rate = machine.speed * machine.factor(self._now) / machine.slower(count, machine.at_once) / count
            least = min(item.left for item in self._working)
            step = min(least / rate, next_tick - self._now)
            for item in self._working:
                item.left -= rate * step
            self._now += step
            if self._now >= next_tick - 1e-9:
                self._tick()
                next_tick += 1.0
            for item in [item for item in self._working if item.left <= 1e-9]:
                self._working.remove(item)
                self._answer(item)
            self._fill()
        ended = max(self._now, self._printed_at)
        self.events.append({"kind": "end", "at": ended, "started": 0.0, "ended": ended})
        return self.events

    def _tick(self) -> None:
        while self._printing and self._printing[0] <= self._now:
            self._printing.popleft()
            self._prints += 1
        self._note(
            "tick",
            busy=self._now,
            at_once=self._machine.at_once,
            publishing=len(self._printing),
            print_seconds=self._machine.print_seconds if self._prints else 0.0,
            open_visits=sum(item.request[1] for item in (*self._working, *self._queue)),
            speed=0.0,
        )

    def _answer(self, item: _Asked) -> None:
        name, (turn, visits, level) = item.game, item.request
        self._note("answered", game=name, turn=turn, visits=visits, level=level, busy=self._now)
        game = self._games[name]
        game.open -= 1
        if not game.open and not game.waiting:
            self._plan(name)

    def _plan(self, name: str) -> None:
        game = self._games[name]
        event = game.rounds.popleft() if game.rounds else {"kind": "planned", "game": name, "wanted": []}
        self.events.append({**event, "at": self._now})
        game.waiting.extend((turn, visits, level) for turn, visits, level in event["wanted"])
        if not game.waiting:
            self._note("searched", game=name, planned=True)
            self._printed_at = max(self._printed_at, self._now) + self._machine.print_seconds
            self._printing.append(self._printed_at)
            if name in self._asking:
                self._asking.remove(name)
        elif name not in self._asking:
            self._asking.append(name)

    def _fill(self) -> None:
        while len(self._working) + len(self._queue) < 2 * self._machine.at_once:
            name = next((name for name in self._asking if self._games[name].waiting), None)
            if name is None:
                if not self._unopened:
                    break
                self._plan(self._unopened.popleft())
                continue
            game = self._games[name]
            turn, visits, level = request = game.waiting.popleft()
            new = max(1, visits - game.best.get(turn, 0))
            game.best[turn] = visits
            game.open += 1
            self._note("asked", game=name, turn=turn, visits=visits, level=level)
            even = max(0.2, self._chance.gauss(1.0, self._machine.spread))
            self._queue.append(_Asked(name, request, new * even * game.cost))
        while self._queue and len(self._working) < self._machine.at_once:
            self._working.append(self._queue.popleft())

    def _note(self, kind: str, **values: object) -> None:
        self.events.append({"kind": kind, "at": self._now, **values})
