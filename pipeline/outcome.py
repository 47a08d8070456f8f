"""What a run did, for the summary on screen and for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pipeline.errors import FupanError


class Status(StrEnum):
    """How a game ended in this run."""

    DONE = "done"
    ALREADY = "already"
    DUPLICATE = "duplicate"
    OWN = "own"  # a file that this program wrote
    PENDING = "pending"  # the deadline came before its quick pass was done; what was searched is kept
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class GameOutcome:
    """What became of one game."""

    name: str
    status: Status
    game_id: str = ""
    report: Path | None = None
    error: FupanError | None = None


@dataclass(slots=True)
class RunSummary:
    """What a run did."""

    outcomes: list[GameOutcome] = field(default_factory=list)
    positions: int = 0
    visits: int = 0
    search_seconds: float = 0.0
    seconds: float = 0.0
    restarts: int = 0
    stalls: int = 0  # restarts because the engine had fallen silent
    warnings: list[str] = field(default_factory=list)  # the engine's own, each once
    skipped: list[str] = field(default_factory=list)  # positions that it cannot search, of games that are finished

    def count(self, status: Status) -> int:
        """How many games ended like this."""
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def failures(self) -> list[GameOutcome]:
        """The games that were not finished."""
        return [outcome for outcome in self.outcomes if outcome.status == Status.FAILED]
