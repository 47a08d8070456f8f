"""What goes into the supervisor and what comes out."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from pipeline.engine.answers import Keep, Referee
from pipeline.engine.config import MachineFacts, Threads
from pipeline.engine.human import profile_at
from pipeline.engine.launch import LaunchOptions
from pipeline.engine.protocol import QueryOptions, build_query
from pipeline.engine.startup import ended_from_outside
from pipeline.errors import EngineCrashed, EngineError, EngineStartError, FupanError, QueryRejected, Stopped
from pipeline.evaluation import Evaluation
from pipeline.go.record import GameRecord
from pipeline.plan import PositionRequest

log = logging.getLogger(__name__)

REPORT_EVERY = 20.0
LOST_AFTER = 8  # times the visits of all that can be open at once
ENDED_STARTS = 50  # in a row, by somebody from outside, until the engine is given up
ENDED_BACKOFF = 3  # they lengthen the pauses no more often than this


@dataclass(frozen=True, slots=True)
class SearchJob:
    """One position of one game to search; ``key`` is the caller's own mark.

    ``threads``: search threads on this position (0: as many as on every other).
    """

    key: Hashable
    record: GameRecord
    request: PositionRequest
    threads: int = 0


@dataclass(frozen=True, slots=True)
class PositionDone:
    """A position was searched; Black's view."""

    job: SearchJob
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class PositionFailed:
    """A position cannot be searched; the fault lies in this position, not in the engine.

    ``is_alone``: the other positions of its game are not concerned.
    """

    job: SearchJob
    error: FupanError
    is_alone: bool = False


PositionResult: TypeAlias = PositionDone | PositionFailed


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the engine is driven; times in seconds.

    ``max_in_flight`` defaults to twice the analysis threads and is never less:
    the engine's batch stays full while answers travel. ``stall_floor`` and
    ``stall_factor`` set the watchdog (:class:`ProgressWatch`). Positions that
    were open in ``suspect_deaths`` deaths are tried apart from the others, and the one
    that was open alone in as many is given up (:class:`pipeline.engine.retries.Retries`). After
    ``max_fruitless`` deaths without one answer between them, or
    ``max_start_attempts`` failed starts in a row, the engine is given up; starts that
    somebody ended from outside do not count.
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
    max_start_attempts: int = 10  # in about five minutes: whoever needed the memory may be gone by then
    max_implausible: int = 8
    drain_seconds: float = 120.0
    close_patience: float = 5.0

    @property
    def of_queries(self) -> QueryOptions:
        """What every query asks for."""
        return QueryOptions(
            ownership=self.ownership,
            pv_length=self.keep.pv_length,
            report_every=REPORT_EVERY,
            override_settings=self.override_settings,
        )

    def backoff(self, fruitless: int, jitter: float) -> float:
        """Seconds before the next start after ``fruitless`` vain ones; ``jitter`` is a factor around 1."""
        return min(self.backoff_max, self.backoff_first * 2.0 ** min(fruitless, 30)) * jitter


@dataclass(frozen=True, slots=True)
class EngineDeath:
    """The engine fell silent (``is_stall``) or ended by itself; ``open`` positions are searched again."""

    is_stall: bool
    exit_code: int | None
    open: int


@dataclass(slots=True, eq=False)
class OpenJob:
    """A job on its way: what happened to it so far.

    It was open in so many ``deaths`` of the engine, in ``kills`` of them alone; ``crowd``
    is the smallest number of jobs, itself among them, that were open in one.
    ``heaviest`` is the largest budget among the jobs that were open with it: it
    may have to wait for any of them.
    """

    job: SearchJob
    query_id: str = ""
    visits_mark: int = 0
    heaviest: int = 0
    deaths: int = 0
    crowd: int = 0
    kills: int = 0
    refusals: int = 0
    resent: bool = False
    visits_seen: int = 0

    def meet(self, other: OpenJob) -> None:
        """Both are open at the same time."""
        self.heaviest = max(self.heaviest, other.job.request.visits)
        other.heaviest = max(other.heaviest, self.job.request.visits)

    def seems_lost(self, visits: int, in_flight: int) -> bool:
        """Whether it was overtaken so often that its answer must be lost; ``visits``: all that were answered so far."""
        if self.resent or self.visits_seen:
            return False
        return visits - self.visits_mark >= LOST_AFTER * in_flight * self.heaviest


@dataclass(frozen=True, slots=True)
class Rest:
    """Waits without being deaf: asks ``is_over`` every ``tick`` seconds."""

    is_over: Callable[[], bool]
    wait: Callable[[float], object]
    tick: float

    def __call__(self, seconds: float) -> bool:
        """Wait for so many seconds; true when the waiting is to end for good."""
        while not self.is_over():
            if seconds <= 0:
                return False
            self.wait(min(self.tick, seconds))
            seconds -= self.tick
        return True


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
    failed = ended = 0
    while failed < options.max_start_attempts and ended < ENDED_STARTS:
        vain = fruitless - 1 + failed + min(ended, ENDED_BACKOFF)
        if pause(options.backoff(vain, rng.uniform(0.5, 1.5))):
            return
        try:
            start()
        except Stopped:
            return
        except EngineStartError as error:
            log.warning("engine does not come up again: %s", error.code)
            cause = error
            if ended_from_outside(error):
                ended += 1
            else:
                failed += 1
        else:
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
    return _failed("engine.implausible", job, is_alone=True, reason=reason)


def poisonous(job: SearchJob) -> PositionFailed:
    """The position kills the engine, alone too."""
    return _failed("engine.poison", job, is_alone=True)


def _failed(code: str, job: SearchJob, *, is_alone: bool = False, **params: object) -> PositionFailed:
    file = job.record.source.file or job.record.game_id
    return PositionFailed(job, QueryRejected(code, file=file, turn=job.request.turn, **params), is_alone)


def query_line(item: OpenJob, options: QueryOptions, *, has_human: bool) -> str:
    """What the engine is sent for a position; ``has_human``: it runs a human-style network beside its own.

    Raises:
        ValueError: the position does not exist (:func:`pipeline.engine.protocol.build_query`).
    """
    record, request = item.job.record, item.job.request
    if item.job.threads:
        settings = {**options.override_settings, "numSearchThreads": item.job.threads}
        options = replace(options, override_settings=settings)
    return build_query(
        item.query_id,
        record,
        request.turn,
        request.visits,
        priority=request.priority,
        profile=profile_at(record, request.turn) if has_human else "",
        options=options,
    )
