"""What goes into the supervisor and what comes out."""

from __future__ import annotations

import logging
import random
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pipeline.engine.answers import Keep, Referee
from pipeline.engine.config import MachineFacts, Threads
from pipeline.engine.human import profile_at
from pipeline.engine.launch import LaunchOptions
from pipeline.engine.protocol import QueryOptions, build_query
from pipeline.errors import EngineCrashed, EngineError, EngineStartError, FupanError, QueryRejected, Stopped
from pipeline.evaluation import Evaluation
from pipeline.go.record import GameRecord
from pipeline.plan import PositionRequest

log = logging.getLogger(__name__)


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
    position, is at fault. ``boards`` are the sizes, columns and rows, of all games that
    this engine will get; ``None``: any. Positions on larger ones are refused.
    """

    machine: MachineFacts | None = None
    threads: Threads | None = None
    max_in_flight: int | None = None
    boards: frozenset[tuple[int, int]] | None = None
    ownership: bool = True
    keep: Keep = field(default_factory=Keep)
    override_settings: Mapping[str, object] = field(default_factory=dict)
    launch: LaunchOptions = field(default_factory=LaunchOptions)
    stall_floor: float = 60.0
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

    def backoff(self, fruitless: int, jitter: float) -> float:
        """Seconds before the next start after ``fruitless`` vain ones; ``jitter`` is a factor around 1."""
        return min(self.backoff_max, self.backoff_first * 2.0 ** min(fruitless, 30)) * jitter


@dataclass(slots=True)
class OpenJob:
    """A job on its way: what happened to it so far.

    ``heaviest`` is the largest budget among the jobs that were open with it: it
    may have to wait for any of them.
    """

    job: SearchJob
    query_id: str = ""
    visits_mark: int = 0
    heaviest: int = 0
    deaths: int = 0
    refusals: int = 0
    resent: bool = False
    visits_seen: int = 0

    def meet(self, other: OpenJob) -> None:
        """Both are open at the same time."""
        self.heaviest = max(self.heaviest, other.job.request.visits)
        other.heaviest = max(other.heaviest, self.job.request.visits)


class Retries:
    """Jobs that an engine's death left open: who goes again, who goes alone, who is to blame. Pure.

    A job that was open in ``suspect_deaths`` deaths is a suspect. Suspects are
    sent one by one with nothing else open, so that the next death names its cause.
    """

    def __init__(self, suspect_deaths: int) -> None:
        self._suspect_deaths = suspect_deaths
        self._backlog: deque[OpenJob] = deque()
        self._suspects: deque[OpenJob] = deque()
        self._alone: OpenJob | None = None

    def __len__(self) -> int:
        """Jobs that wait here; the one sent alone does not."""
        return len(self._backlog) + len(self._suspects)

    @property
    def holds_back(self) -> bool:
        """Whether nothing new may be sent: a suspect is alone, or waits to be."""
        return self._alone is not None or bool(self._suspects)

    def again(self, job: OpenJob) -> None:
        """Send this job once more, after what waits already."""
        self._backlog.append(job)

    def next(self, *, nothing_open: bool) -> OpenJob | None:
        """The job to send now, if any."""
        if self._suspects and self._alone is None and nothing_open:
            self._alone = self._suspects.popleft()
            return self._alone
        return self._backlog.popleft() if self._backlog and not self.holds_back else None

    def closed(self, job: OpenJob) -> None:
        """The engine survived this job."""
        if job is self._alone:
            self._alone = None

    def bury(self, owed: Sequence[OpenJob]) -> OpenJob | None:
        """The engine died owing these, oldest first; returns the job that killed it alone."""
        condemned, self._alone = self._alone, None
        for job in owed:
            job.deaths += 1
        again = [job for job in owed if job is not condemned]
        self._suspects.extend(job for job in again if job.deaths >= self._suspect_deaths)
        self._backlog.extendleft(reversed([job for job in again if job.deaths < self._suspect_deaths]))
        return condemned

    def clear(self) -> None:
        """Forget all of them."""
        self._backlog.clear()
        self._suspects.clear()
        self._alone = None


def revive(
    start: Callable[[], object],
    options: EngineOptions,
    fruitless: int,
    *,
    rng: random.Random,
    pause: Callable[[float], bool],
    cause: EngineError,
) -> None:
    """Start a dead engine again, with growing pauses.

    Args:
        start: raises EngineStartError when it does not come up, Stopped when nobody wants it any more.
        options: how often and how long.
        fruitless: deaths in a row without an answer between them.
        rng: spreads the pauses.
        pause: waits so many seconds; true when the waiting is to end for good.
        cause: the death.

    Raises:
        EngineCrashed, EngineStalled: it was tried often enough.
    """
    for attempt in range(options.max_start_attempts):
        if pause(options.backoff(fruitless - 1 + attempt, rng.uniform(0.5, 1.5))):
            return
        try:
            start()
        except Stopped:
            return
        except EngineStartError as error:
            log.warning("engine does not come up again: %s", error.code)
            cause = error
            continue
        return
    if isinstance(cause, EngineStartError):
        raise EngineCrashed("engine.no_restart", reason=cause.message, tail=cause.params.get("tail", "")) from cause
    raise cause


def rejected(job: SearchJob, field_name: str, reason: str) -> PositionFailed:
    """The engine refused the query."""
    return _failed("engine.rejected", job, field=field_name, reason=reason)


def refusal(job: SearchJob, referee: Referee, largest: tuple[int, int]) -> PositionFailed | None:
    """Why a position must not be sent to an engine whose largest board has so many columns and rows, if anything."""
    record = job.record
    if record.width > largest[0] or record.height > largest[1]:
        size = f"{record.width}x{record.height}"
        return _failed("engine.board_too_large", job, size=size, largest=f"{largest[0]}x{largest[1]}")
    reason = referee.objection(record, job.request)
    return rejected(job, "moves", reason) if reason else None


def implausible(job: SearchJob, reason: str) -> PositionFailed:
    """The engine answered twice what cannot be true."""
    return _failed("engine.implausible", job, reason=reason)


def poisonous(job: SearchJob) -> PositionFailed:
    """The position kills the engine, alone too."""
    return _failed("engine.poison", job)


def _failed(code: str, job: SearchJob, **params: object) -> PositionFailed:
    file = job.record.source.file or job.record.game_id
    return PositionFailed(job, QueryRejected(code, file=file, turn=job.request.turn, **params))


def query_line(item: OpenJob, options: QueryOptions, *, has_human: bool) -> str:
    """What the engine is sent for a position; ``has_human``: it runs a human-style network beside its own.

    Raises:
        ValueError: the position does not exist (:func:`pipeline.engine.protocol.build_query`).
    """
    record, request = item.job.record, item.job.request
    return build_query(
        item.query_id,
        record,
        request.turn,
        request.visits,
        priority=request.priority,
        profile=profile_at(record, request.turn) if has_human else "",
        options=options,
    )
