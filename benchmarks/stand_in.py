"""What :class:`pipeline.drive.Session` needs of an engine, for measurements without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from made_up_answers import Leads

from pipeline.engine.answers import Keep, Referee
from pipeline.engine.setup import Threads
from pipeline.engine.work import EngineDeath, PositionResult, SearchJob
from pipeline.evaluation import EngineIdentity


class StandIn:
    """All but the answers; ``threads`` are those that the driver reckons with."""

    threads: Threads

    def __init__(self, *_: object, **__: object) -> None:
        self.identity = EngineIdentity("0", "0", "made-up", "0" * 64, "none", "none")
        self.warnings: tuple[str, ...] = ()
        self.deaths: tuple[EngineDeath, ...] = ()
        self.restarts = self.ready = 0
        self._referee, self._leads = Referee(Keep()), Leads()
        self._is_over = False

    def start(self, *_: object) -> EngineIdentity:
        """Nothing to start."""
        return self.identity

    def close(self, **_: object) -> list[PositionResult]:
        """Nothing to end."""
        return []

    def cancel(self) -> None:
        """Nothing to give up."""

    def _wanted(self, source: Iterator[SearchJob | None], has_room: Callable[[], bool]) -> Iterator[SearchJob]:
        """The jobs that there are now, as long as there is room for them."""
        while not self._is_over and has_room():
            try:
                job = next(source)
            except StopIteration:
                self._is_over = True
                return
            if job is None:
                return
            yield job
