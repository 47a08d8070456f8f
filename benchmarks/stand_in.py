"""What :class:`pipeline.drive.Session` needs of an engine, for measurements without one."""

from __future__ import annotations

from made_up_answers import Leads

from pipeline.engine.answers import Keep, Referee
from pipeline.engine.setup import Threads
from pipeline.engine.work import EngineDeath, PositionResult
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

    def start(self, *_: object) -> EngineIdentity:
        """Nothing to start."""
        return self.identity

    def close(self, **_: object) -> list[PositionResult]:
        """Nothing to end."""
        return []

    def cancel(self) -> None:
        """Nothing to give up."""
