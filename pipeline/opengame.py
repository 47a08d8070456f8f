"""A game in work, and what a command has to say about the games that it brings to the driver."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipeline.errors import FupanError
from pipeline.evaluation import EngineIdentity
from pipeline.plan import DEEP, AnalysisProfile, PositionRequest
from pipeline.schedule import GameTask
from pipeline.settings import ReportSettings


@dataclass(slots=True, eq=False)
class OpenGame:
    """A game in work: what is searched for it, and how its files are made.

    ``profile`` is that of the whole analysis, of which the task's may be the
    first part; ``level`` the pass that this work finishes; ``group`` as for
    :meth:`Publisher.publish`. ``mark`` is the caller's own.
    """

    task: GameTask
    profile: AnalysisProfile
    report: ReportSettings
    level: str = DEEP
    group: str | None = None
    mark: object = None
    visits: int = 0
    is_changed: bool = False
    wants_quick_report: bool = False


@dataclass(slots=True)
class InFlight:
    """What the engine was asked for and has not answered: positions and visits; ``answers`` counts what it has."""

    positions: int = 0
    visits: int = 0
    answers: int = 0
    most: int = 0

    def asked(self, visits: int) -> None:
        """One more."""
        self.visits += visits
        self.positions += 1
        self.most = max(self.most, self.positions)

    def ended(self, visits: int, *, is_answered: bool) -> None:
        """One less."""
        self.visits -= visits
        self.positions -= 1
        self.answers += is_answered

    def is_steady(self, at_once: int) -> bool:
        """Whether a speed says something: the first answers of many searches at once come late, and few of them.

        Args:
            at_once: positions that the engine works on side by side at most.
        """
        return self.answers >= min(at_once, self.most)


@dataclass(frozen=True, slots=True)
class Moment:
    """How a session stands.

    ``games`` are being searched, the files of ``publishing`` games are not
    written yet; a game took ``print_seconds`` to be written. ``open_visits`` were
    asked for and are not answered; ``until`` is the deadline; ``trouble`` is what the
    engine did in this session that somebody should know, in words. The engine has been
    busy for ``busy_seconds``, and works on up to ``at_once`` positions side by side (0: not known), with
    ``search`` threads on each; the last ones get those that nobody needs, for so many ``visits_a_thread`` (0: not).
    """

    identity: EngineIdentity
    games: tuple[OpenGame, ...]
    publishing: int
    visits_per_second: float
    open_visits: int
    print_seconds: float
    until: datetime | None
    trouble: str = ""
    busy_seconds: float = 0.0
    at_once: int = 0
    search: int = 1
    visits_a_thread: int = 0


class Work(Protocol):
    """Where games come from, and what is done with what becomes of them. Called from one thread."""

    def is_done(self, *, publishing: bool) -> bool:
        """Whether the engine is not needed any more; asked when no game is open. ``publishing``: files are written."""

    def next_game(self, *, urgent: bool) -> OpenGame | None:
        """Another game, with what is stored of it already; ``urgent``: only one that goes before all others."""

    def asked(self, game: OpenGame, request: PositionRequest, threads: int = 0) -> None:
        """A position was handed to the engine, with so many search threads (0: the usual ones)."""

    def tick(self, moment: Moment) -> Collection[OpenGame]:
        """About once a second, whatever the engine does; returns the games that are not to be searched on."""

    def answered(self, game: OpenGame, request: PositionRequest, busy_seconds: float) -> None:
        """It was searched; the engine has been busy for so long in this session."""

    def searched(self, game: OpenGame) -> bool:
        """All positions of a game are known; whether its files are to be written."""

    def published(self, game: OpenGame, report: Path, level: str) -> None:
        """The files of a game are written, and what they hold: less than its level when a deadline came."""

    def unfinished(self, game: OpenGame) -> None:
        """A deadline came before every position of a game was searched once: there is no report yet."""

    def incident(self, kind: str, text: str) -> None:
        """Something that mended itself and that somebody should know in the morning; ``kind`` is a code."""

    def failed(self, game: OpenGame, error: FupanError, *, publishing: bool) -> None:
        """A game cannot be searched, or its files cannot be written (``publishing``)."""
