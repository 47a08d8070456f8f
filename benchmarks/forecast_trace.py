"""A real run as a list of events, so that any forecast can be tried on it afterwards in a second."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline import drive, gamework, search
from pipeline.forecast import UNMEASURED_PRINT
from pipeline.importance import importance
from pipeline.needs import plan_of
from pipeline.opengame import Moment, OpenGame
from pipeline.plan import PositionRequest
from pipeline.publish import PlannedGame
from pipeline.schedule import GameTask
from pipeline.settings import ReportSettings
from pipeline.store.dataset import StoredGame

Event = dict[str, Any]


class Recorder:
    """Notes what happens to a batch; times in seconds of the monotonic clock.

    ``game``: what is known of one beforehand. ``planned``: a round of the planner, with what it decided by.
    ``asked``, ``answered``: positions. ``tick``: how the session stood, and the seconds that it forecast. ``handed``,
    ``published``: a report on its way to the printer and from it.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []

    def note(self, kind: str, **values: object) -> None:
        """One event, now."""
        self.events.append({"kind": kind, "at": time.monotonic(), **values})

    def write(self, path: Path) -> None:
        """As JSON, one event a line."""
        path.write_text("".join(json.dumps(event) + "\n" for event in self.events), encoding="utf-8")


def read_trace(path: Path) -> list[Event]:
    """What :meth:`Recorder.write` wrote."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """While it lasts, every batch is noted."""

    class Noted(search._Batch):
        def __init__(self, games: Sequence[PlannedGame], *args: object, **values: object) -> None:
            super().__init__(games, *args, **values)  # type: ignore[arg-type]
            for planned in games:
                record, profile = planned.game.record, planned.profile
                moments = 2 * planned.game.settings.report.key_moments
                recorder.note(
                    "game",
                    game=record.game_id,
                    turns=plan_of(record, profile, moments).turns,
                    points=record.width * record.height,
                    moments=moments,
                    visits=profile.visits,
                    quick=profile.quick_visits,
                    strategy=profile.strategy.value,
                    is_timed=values.get("deadline") is not None,
                )

        def asked(self, game: OpenGame, request: PositionRequest, threads: int = 0) -> None:
            values = {"game": game.task.game_id, "turn": request.turn, "level": request.level}
            recorder.note("asked", **values, visits=request.visits, threads=threads)
            super().asked(game, request, threads)

        def answered(self, game: OpenGame, request: PositionRequest, busy_seconds: float) -> None:
            values = {"game": game.task.game_id, "turn": request.turn, "level": request.level}
            recorder.note("answered", **values, visits=request.visits, busy=busy_seconds)
            super().answered(game, request, busy_seconds)

        def tick(self, moment: Moment) -> Collection[OpenGame]:
            found = super().tick(moment)
            printing = moment.print_seconds or UNMEASURED_PRINT
            left = self._forecast.seconds_left(print_seconds=printing, publishing=moment.publishing)
            recorder.note(
                "tick",
                left=left,
                busy=moment.busy_seconds,
                at_once=moment.at_once,
                search=moment.search,
                visits_a_thread=moment.visits_a_thread,
                publishing=moment.publishing,
                print_seconds=moment.print_seconds,
                open_visits=moment.open_visits,
                speed=moment.visits_per_second,
            )
            return found

        def searched(self, game: OpenGame) -> bool:
            recorder.note("searched", game=game.task.game_id, planned=game.task.planned)
            return super().searched(game)

        def published(self, game: OpenGame, report: Path, level: str) -> None:
            recorder.note("published", game=game.task.game_id, level=level)
            super().published(game, report, level)

    def next_round(task: GameTask, report: ReportSettings, *, weigh: bool) -> list[PositionRequest]:
        done = task.done_visits
        wanted = gamework.next_round(task, report, weigh=weigh)
        reasons: dict[str, object] = {}
        if len(task.evaluations) == len(done) and len(done) > 1 and not (wanted and wanted[0].level == "quick"):
            review = gamework._judged(task, report)
            if review is not None:
                reasons = {
                    "printed": sorted(gamework.printed_turns(review, task.evaluations)),
                    "importance": importance(task.evaluations, review),
                    "lost": [round(move.points_lost, 2) for move in review.moves],
                }
        requests = [[request.turn, request.visits, request.level] for request in wanted]
        recorder.note("planned", game=task.game_id, wanted=requests, done=done, **reasons)
        return wanted

    def hand_over(printing: drive.PrintingThread, game: OpenGame, stored: StoredGame) -> None:
        recorder.note("handed", game=game.task.game_id, level=stored.info.level)
        hand(printing, game, stored)

    before, hand = search._Batch, drive.PrintingThread.hand_over
    search._Batch = Noted  # type: ignore[misc]
    drive.next_round = next_round
    drive.PrintingThread.hand_over = hand_over  # type: ignore[method-assign]
    try:
        yield
    finally:
        search._Batch = before  # type: ignore[misc]
        drive.next_round = gamework.next_round
        drive.PrintingThread.hand_over = hand  # type: ignore[method-assign]
