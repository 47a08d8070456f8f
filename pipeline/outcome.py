"""What a run did, for the summary on screen and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipeline.errors import FupanError
from pipeline.wording import drive as drive_words
from pipeline.wording import incidents as words

MOST_WARNINGS = 100


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
    """What a run did. Games are noted with :meth:`add`.

    ``keeps`` is how many of the newest games are kept by name (``None``: all of
    them): a ``watch`` goes on for months, and what became of each game is in its
    queue. The counts are of all games always.
    """

    outcomes: list[GameOutcome] = field(default_factory=list)
    positions: int = 0
    visits: int = 0
    search_seconds: float = 0.0
    seconds: float = 0.0
    restarts: int = 0
    stalls: int = 0  # restarts because the engine had fallen silent
    warnings: list[str] = field(default_factory=list)  # the engine's own, each once
    skipped: list[str] = field(default_factory=list)  # positions that it cannot search, of games that are finished
    keeps: int | None = None
    _counts: Counter[Status] = field(default_factory=Counter)

    def add(self, outcome: GameOutcome) -> None:
        """A game has ended."""
        self._counts[outcome.status] += 1
        self.outcomes.append(outcome)
        if self.keeps is not None and len(self.outcomes) > 2 * self.keeps:
            del self.outcomes[: -self.keeps]

    def warn(self, text: str) -> bool:
        """Note what the engine disliked; whether it is new. Very many different ones are not kept."""
        if text in self.warnings or len(self.warnings) >= MOST_WARNINGS:
            return False
        self.warnings.append(text)
        return True

    def count(self, status: Status) -> int:
        """How many games ended like this."""
        return self._counts[status]

    @property
    def games(self) -> int:
        """How many games ended at all."""
        return self._counts.total()

    @property
    def failures(self) -> list[GameOutcome]:
        """The games that were not finished, of those that are kept."""
        return [outcome for outcome in self.outcomes if outcome.status == Status.FAILED]

    @property
    def engine_news(self) -> list[str]:
        """What the teacher is told of the engine at the end: restarts, positions left out, its own warnings."""
        told = [words.restarts(self.restarts - self.stalls, self.stalls)] if self.restarts else []
        return told + self.skipped + [drive_words.ENGINE_WARNING.format(text=text) for text in self.warnings]

    @property
    def engine_facts(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "engine_restarts": self.restarts,
            "engine_stalls": self.stalls,
            "positions_skipped": self.skipped,
            "engine_warnings": self.warnings,
        }
