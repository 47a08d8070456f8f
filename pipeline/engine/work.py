"""What goes into the supervisor and what comes out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pipeline.engine.answers import Keep
from pipeline.engine.config import MachineFacts, Threads
from pipeline.engine.launch import LaunchOptions
from pipeline.errors import FupanError
from pipeline.evaluation import Evaluation
from pipeline.go.record import GameRecord
from pipeline.plan import PositionRequest


@dataclass(frozen=True, slots=True)
class SearchJob:
    """One position of one game to search; ``key`` is the caller's own mark."""

    key: Hashable
    record: GameRecord
    request: PositionRequest


@dataclass(frozen=True, slots=True)
class PositionDone:
    """A position was searched; Black's view."""

    job: SearchJob
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class PositionFailed:
    """A position cannot be searched; the fault lies in this position, not in the engine."""

    job: SearchJob
    error: FupanError


PositionResult: TypeAlias = PositionDone | PositionFailed


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the engine is driven; times in seconds.

    ``max_in_flight`` defaults to twice the analysis threads and is never less:
    the engine's batch stays full while answers travel. ``stall_floor`` and
    ``stall_factor`` set the watchdog (:class:`ProgressWatch`). A position that
    was open in ``suspect_deaths`` deaths is retried alone. After
    ``max_fruitless`` deaths without one answer between them, or
    ``max_start_attempts`` failed starts in a row, the engine is given up.
    ``max_implausible`` refused answers in a row mean that the engine, not a
    position, is at fault.
    """

    machine: MachineFacts | None = None
    threads: Threads | None = None
    max_in_flight: int | None = None
    ownership: bool = True
    keep: Keep = field(default_factory=Keep)
    override_settings: Mapping[str, object] = field(default_factory=dict)
    launch: LaunchOptions = field(default_factory=LaunchOptions)
    stall_floor: float = 120.0
    stall_factor: float = 8.0
    tick: float = 0.5
    idle_poll: float = 0.2
    backoff_first: float = 1.0
    backoff_max: float = 60.0
    suspect_deaths: int = 2
    max_fruitless: int = 8
    max_start_attempts: int = 5
    max_implausible: int = 8
    drain_seconds: float = 120.0
    close_patience: float = 5.0


@dataclass(slots=True)
class OpenJob:
    """A job on its way: what happened to it so far."""

    job: SearchJob
    query_id: str = ""
    visits_mark: int = 0
    deaths: int = 0
    refusals: int = 0
    resent: bool = False
    visits_seen: int = 0
