"""A stand-in for ``katago analysis`` that takes the time of a graphics card: nothing is searched.

Run as a program by ``--engine card`` of ``throughput.py`` and ``forecast.py``. The protocol is that of the fake
engine, the answers have KataGo's shape and size, and each comes when the card would have given it
(:mod:`modelled_card`). ``MODELLED_CARD`` names the card, ``MODELLED_SCALE`` is a factor of its speed: on a machine
with few cores a slower card leaves time for the program that is measured. At the end one line with the model's own
processor time and how late it was goes to ``FAKE_KATAGO_STATE``/``model.jsonl``.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).resolve().parent
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS.parent / "tests"), str(BENCHMARKS.parent)]

from fakes.fake_katago import FakeKatago  # noqa: E402
from made_up_answers import Leads, Position, made_up_answer  # noqa: E402
from modelled_card import CARDS, CardModel, weight_of  # noqa: E402

from pipeline.go.board import parse_vertex  # noqa: E402

REPORT_EVERY = 20.0  # seconds
LEISURE = 0.01  # seconds without an answer that are enough to make one up


class ModelledKatago(FakeKatago):
    """The fake engine with the time of a card and answers of full size."""

    def __init__(self, argv: list[str]) -> None:
        super().__init__(argv)
        self.card = CardModel(CARDS[os.environ["MODELLED_CARD"]], self.threads, float(os.environ["MODELLED_SCALE"]))
        self.each = int(self.config.get("numSearchThreadsPerAnalysisThread", 1))
        self.leads = Leads()
        self.following: dict[str, tuple[str, str]] = {}  # the next move, once a later position was asked for
        self.asked = 0
        self.open: dict[int, dict[str, Any]] = {}
        self.unprepared: deque[int] = deque()
        self.stamped: queue.Queue[tuple[float, str | None]] = queue.Queue()
        self.begun = time.monotonic()
        self.late = self.latest = self.blocked = self.reported = 0.0

    def pump(self) -> None:
        """Queries count from when they come, whatever the model is busy with."""
        for line in sys.stdin:
            self.stamped.put((time.monotonic(), line))
        self.stamped.put((time.monotonic(), None))

    def run(self) -> None:
        """Until the standard input is closed and, unless it is to quit at once, all is answered."""
        self.come_up()
        threading.Thread(target=self.pump, daemon=True).start()
        closed = False
        while not (closed and (self.quit_at_once or not self.waiting)):
            end = self.card.next_end
            moment = time.monotonic() - self.begun
            wait = None if end is None else max(0.0, min(end, self.reported + REPORT_EVERY) - moment)
            if wait and wait > LEISURE and self.stamped.empty() and self.prepare():
                continue
            try:
                at, line = self.stamped.get(timeout=wait)
            except queue.Empty:
                self.pass_to(time.monotonic())
                self.report()
                continue
            self.pass_to(at)
            if line is None:
                closed = True
            else:
                self.handle(line)
                self.send_on()
        self.note()

    def pass_to(self, at: float) -> None:
        """Answer what the card has ended by then."""
        for number, ended in self.card.advance(at - self.begun):
            position = self.open.pop(number)
            self.waiting.remove(position)
            line = position.get("line") or self.line_of(position)
            self.answers += 1
            late = time.monotonic() - self.begun - ended
            self.late, self.latest = self.late + late, max(self.latest, late)
            self.write_line(line)

    def prepare(self) -> bool:
        """Make up the answer that is probably wanted next; false: all are made. Many searches may end together."""
        while self.unprepared:
            position = self.open.get(self.unprepared.popleft())
            if position is not None:
                position["line"] = self.line_of(position)
                return True
        return False

    def report(self) -> None:
        """How far the searches are, from time to time, so that nobody takes the engine for dead."""
        if self.card.now - self.reported < REPORT_EVERY:
            return
        self.reported = self.card.now
        for number, visits in self.card.progress():
            position = self.open[number]
            head = {"id": position["id"], "turnNumber": position["turn"], "isDuringSearch": True}
            self.write({**head, "moveInfos": [], "rootInfo": {"visits": visits}})

    def send_on(self) -> None:
        """Give the card what came, and take back what was withdrawn."""
        if len(self.waiting) < len(self.open):
            known = {position["sequence"] for position in self.waiting}
            for number in [number for number in self.open if number not in known]:
                del self.open[number]
                self.card.withdraw(number)
        fresh = itertools.takewhile(lambda position: position["sequence"] > self.asked, reversed(self.waiting))
        for position in [*fresh][::-1]:
            self.asked = position["sequence"]
            self.open[self.asked] = position
            self.unprepared.append(self.asked)
            self.card.ask(
                self.asked,
                position["name"],
                position["visits"],
                position["threads"],
                priority=position["priority"],
                weight=weight_of(position["name"]),
            )

    def positions(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        """As the fake engine, with what the model needs of each."""
        found: list[dict[str, Any]] = super().positions(query)
        what = (query.get(key) for key in ("boardXSize", "boardYSize", "komi", "initialStones", "initialPlayer"))
        start = json.dumps([*what])
        for position in found:
            moves = [(color, vertex) for color, vertex in query["moves"][: position["turn"]]]
            name = start + " ".join(vertex for _, vertex in moves)
            if moves:
                self.following[start + " ".join(vertex for _, vertex in moves[:-1])] = moves[-1]
            threads = query.get("overrideSettings", {}).get("numSearchThreads", self.each)
            position |= {"name": name, "start": start, "moves": moves, "threads": threads}
        return found

    def line_of(self, position: dict[str, Any]) -> str:
        """The answer."""
        board, moves, start = position["board"], position["moves"], position["start"]
        played = None
        if (following := self.following.get(position["name"])) is not None:
            point = parse_vertex(following[1], board.width, board.height)
            played = point, self.leads.after(start, [*moves, following])
        lead = self.leads.after(start, moves)
        asked = Position(position["name"], board, position["player"], lead, played)
        return made_up_answer(position["id"], position["turn"], asked, position["visits"])

    def write_line(self, line: str) -> None:
        """An answer as it is."""
        begun = time.monotonic()
        sys.stdout.buffer.write(line.encode() + b"\n")
        sys.stdout.buffer.flush()
        self.blocked += time.monotonic() - begun

    def note(self) -> None:
        """What the model itself took."""
        if self.state is not None and self.answers > 1:
            figures = {
                "answers": self.answers,
                "cpu_seconds": time.process_time(),
                "seconds": time.monotonic() - self.begun,
                "visits": round(self.card.visits),
                "full_seconds": self.card.full_seconds,
                "late_ms_mean": 1000 * self.late / self.answers,
                "late_ms_most": 1000 * self.latest,
                "blocked_seconds": self.blocked,
            }
            with (self.state / "model.jsonl").open("a") as stream:
                stream.write(json.dumps({k: round(v, 2) for k, v in figures.items()}) + "\n")


if __name__ == "__main__":
    ModelledKatago(sys.argv[1:]).run()
