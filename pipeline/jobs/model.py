"""What a job is and which way it may go. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands.

    ::

        QUEUED ──────▶ RUNNING ──────▶ PUBLISHING ──────▶ DONE
          ▲  │          │  │  │            │   │
          │  │          │  │  └────────────┴───┼──▶ FAILED     the game's own fault, or out of attempts
          │  │          │  └───────────────────┘
          ├──┼──────────┴── worker lost, or a failure that may pass: again after a pause
          │  ├──▶ PAUSED ◀── RUNNING                           pause; resume leads back to QUEUED
          │  └──▶ CANCELLED ◀── RUNNING, PAUSED                cancel
          └───────────────────── FAILED, CANCELLED             retry, or the same game dropped again

    ``QUEUED``, ``RUNNING``, ``PUBLISHING`` and ``PAUSED`` are open, the others final.
    """

    QUEUED = "queued"
    RUNNING = "running"
    PUBLISHING = "publishing"
    DONE = "done"
    PAUSED = "paused"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self in OPEN


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.PAUSED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(
        {JobState.PUBLISHING, JobState.QUEUED, JobState.FAILED, JobState.PAUSED, JobState.CANCELLED}
    ),
    JobState.PUBLISHING: frozenset({JobState.DONE, JobState.QUEUED, JobState.FAILED}),
    JobState.PAUSED: frozenset({JobState.QUEUED, JobState.CANCELLED}),
    JobState.FAILED: frozenset({JobState.QUEUED}),
    JobState.CANCELLED: frozenset({JobState.QUEUED}),
    JobState.DONE: frozenset({JobState.QUEUED}),  # only for another profile: a deeper analysis was asked for
}
OPEN = frozenset({JobState.QUEUED, JobState.RUNNING, JobState.PUBLISHING, JobState.PAUSED})
WORKED_ON = frozenset({JobState.RUNNING, JobState.PUBLISHING})


def sources(target: JobState) -> list[JobState]:
    """The states from which ``target`` may be reached."""
    return [state for state, ways in TRANSITIONS.items() if target in ways]


class Level(StrEnum):
    """How deep a job goes: a first report soon, and the final one."""

    QUICK = "quick"
    DEEP = "deep"


PRIORITY = {Level.QUICK: 10, Level.DEEP: 20}  # lower goes first


class FileOutcome(StrEnum):
    """What became of a file of the inbox; also decides the folder that it is moved to."""

    TAKEN = "processed"
    DUPLICATE = "duplicate"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed, as the user is told."""

    code: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Job:
    """One game at one level.

    ``group`` is the class (sub-folder of the inbox, ``""`` at the top).
    ``assumptions`` are the reader's defaults when the game was read, as JSON.
    ``attempts`` counts failures that may pass, ``losses`` how often a worker
    was lost over it since its last progress. ``network`` is the key of the
    network that is to search it (``""``: any), ``orders`` names the settings
    that it came with. Times are seconds since 1970.
    """

    id: int
    game_id: str
    level: Level
    profile_id: str
    state: JobState
    name: str
    group: str
    source: str  # SHA-256 of the file
    index: int  # which game of the file, from 0
    assumptions: str
    priority: int
    created_at: float
    updated_at: float
    started_at: float | None
    finished_at: float | None
    not_before: float
    owner: str | None
    attempts: int
    losses: int
    positions: int
    positions_done: int
    visits_expected: int
    visits_done: int
    report: str
    failure: Failure | None
    network: str = ""
    orders: str = ""


@dataclass(frozen=True, slots=True)
class NewGame:
    """A game that a file brought, before anything is stored.

    ``visits`` maps the levels that are wanted to the visits expected for them,
    ``profile_id`` names the analysis; ``is_known`` says that a finished analysis of it exists already.
    """

    game_id: str
    name: str
    index: int
    positions: int
    visits: dict[Level, int]
    profile_id: str
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a file brought.

    ``assumptions`` are the reader's defaults and ``orders`` the settings that
    are in force for its class, both as JSON; ``network`` is the key of the
    network that is to search the games, ``""`` for any. ``is_cut_short``: a game
    ends in the middle, as in a file of which the rest is still to come.
    """

    games: tuple[NewGame, ...]
    assumptions: str
    orders: str = ""
    network: str = ""
    is_cut_short: bool = False


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How failures that may pass are repeated; times in seconds.

    ``max_losses``: a job over which this many workers were lost in a row,
    without one position finished in between, is given up.
    """

    max_attempts: int = 5
    first_pause: float = 15.0
    factor: float = 4.0
    max_losses: int = 20

    def pause(self, attempts: int) -> float:
        """Seconds to wait after the ``attempts``-th failure (from 1)."""
        return self.first_pause * self.factor ** (attempts - 1)
