"""The queue for the eyes of users and programs: ``status``, ``list``, ``show``."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from pipeline.errors import ConfigError
from pipeline.jobs.desk import Desk, QueueState
from pipeline.jobs.model import Failure, Job, JobState, Level
from pipeline.jobs.outlook import seconds_left
from pipeline.jobs.tables import METADATA
from pipeline.reading import open_reading
from pipeline.settings import Settings
from pipeline.store.database import Database
from pipeline.wording import cli as cli_words
from pipeline.wording import jobs as words

STATE_FILE = Path("state") / "fupan.db"
STATUS_FORMAT = 1


@contextmanager
def open_desk(settings: Settings) -> Iterator[Desk | None]:
    """The desk of an output folder; ``None`` where nothing was ever queued (and nothing is made)."""
    path = settings.output.folder / STATE_FILE
    if not path.exists():
        yield None
        return
    with Database(path, METADATA) as database:
        yield Desk(database, clock=time.time, is_running=_may_run)


@contextmanager
def open_view(settings: Settings) -> Iterator[Desk | None]:
    """As :func:`open_desk` for those who only look: nothing is locked, and nothing can be changed."""
    with open_reading(settings) as database:
        yield Desk(database, clock=time.time, is_running=_may_run) if database else None


def empty_state() -> QueueState:
    """The queue where nothing was ever queued."""
    return QueueState(
        is_paused=False,
        counts={level: dict.fromkeys(JobState, 0) for level in Level},
        visits_left=0,
        running=(),
        failed=(),
        refused=(),
        workers=(),
    )


def _may_run(host: str, pid: int) -> bool:
    return host != socket.gethostname() or psutil.pid_exists(pid)


def find_jobs(desk: Desk | None, query: str) -> list[Job]:
    """The jobs that a query names.

    Raises:
        ConfigError: none.
    """
    jobs = desk.find(query) if desk else []
    if not jobs:
        raise ConfigError("job.unknown", query=query)
    return jobs


def parse_state(text: str | None) -> list[JobState] | None:
    """A state by its name; ``None`` for all.

    Raises:
        ConfigError: no such state.
    """
    if text is None:
        return None
    try:
        return [JobState(text)]
    except ValueError as error:
        known = cli_words.LIST_COMMA.join(state.value for state in JobState)
        raise ConfigError("job.bad_state", value=text, known=known) from error


def state_as_dict(state: QueueState, now: float) -> dict[str, Any]:
    """``status --json``: always the same keys; ``format`` grows when one changes its meaning. ``now`` as in a job."""
    left = state.seconds_left
    forecast = seconds_left(state.running, state.speed)
    return {
        "format": STATUS_FORMAT,
        "at": _moment(now),
        "paused": state.is_paused,
        "counts": {
            level.value: {job_state.value: count for job_state, count in counts.items()}
            for level, counts in state.counts.items()
        },
        "visits_left": state.visits_left,
        "visits_per_second": round(state.speed, 1),
        "seconds_left": None if left is None else round(left),
        "running": [
            {**job_as_dict(job), "seconds_left": round(forecast[job.id]) if job.id in forecast else None}
            for job in state.running
        ],
        "failed": [job_as_dict(job) for job in state.failed],
        "refused_files": [
            {
                "name": words.in_class(file.group, file.name),
                "at": _moment(file.at),
                "error": _failure(file.failure),
            }
            for file in state.refused
        ],
        "workers": [
            {**asdict(worker), "started_at": _moment(worker.started_at), "seen_at": _moment(worker.seen_at)}
            for worker in state.workers
        ],
    }


def job_as_dict(job: Job) -> dict[str, Any]:
    """A job for programs."""
    return {
        "id": job.id,
        "game_id": job.game_id,
        "level": job.level.value,
        "state": job.state.value,
        "name": job.name,
        "class": job.group,
        "profile_id": job.profile_id,
        "positions": job.positions,
        "positions_done": job.positions_done,
        "percent": percent(job),
        "attempts": job.attempts,
        "created_at": _moment(job.created_at),
        "started_at": _moment(job.started_at),
        "finished_at": _moment(job.finished_at),
        "report": job.report or None,
        "error": _failure(job.failure),
    }


def percent(job: Job) -> int:
    """How far a job is, judged by visits; 100 only when it is done."""
    if job.state is JobState.DONE:
        return 100
    return min(99, 100 * job.visits_done // max(1, job.visits_expected))


def status_lines(state: QueueState | None, now: float) -> list[str]:
    """``status`` for people."""
    if state is None or not (any(sum(counts.values()) for counts in state.counts.values()) or state.refused):
        return [words.STATUS_EMPTY]
    lines = [words.STATUS_PAUSED] if state.is_paused else []
    alive = [worker for worker in state.workers if worker.is_alive]
    for worker in alive:
        phase = words.PHASES.get(worker.phase, worker.phase)
        lines.append(
            words.STATUS_WORKER.format(
                phase=phase, host=worker.host, pid=worker.pid, speed=worker.speed, inbox=worker.inbox
            )
        )
        if worker.engine:
            lines.append(words.STATUS_ENGINE.format(engine=worker.engine))
        if worker.trouble:
            lines.append(words.STATUS_TROUBLE.format(text=worker.trouble))
    if not alive:
        lines.append(words.STATUS_NO_WORKER)
    for level, counts in state.counts.items():
        numbers = {job_state.value: count for job_state, count in counts.items()}
        numbers["running"] += numbers["publishing"]
        lines.append(words.STATUS_COUNTS.format(level=words.LEVELS[level.value], **numbers))
    if state.seconds_left:
        moment = datetime.fromtimestamp(now + state.seconds_left).astimezone()
        left = cli_words.duration(state.seconds_left)
        lines.append(words.STATUS_LEFT.format(left=left, moment=moment.strftime("%m-%d %H:%M")))
    if state.running:
        lines.append(words.STATUS_RUNNING)
        forecast = seconds_left(state.running, state.speed)
        lines += [
            words.STATUS_RUNNING_LINE.format(
                level=words.LEVELS[job.level.value], name=words.in_class(job.group, job.name), percent=percent(job)
            )
            + (
                words.STATUS_RUNNING_LEFT.format(left=cli_words.duration(forecast[job.id]))
                if job.id in forecast
                else ""
            )
            for job in state.running
        ]
    problems = [(words.in_class(job.group, job.name), job.failure) for job in state.failed]
    problems += [(words.in_class(file.group, file.name), file.failure) for file in state.refused]
    if problems:
        lines.append(words.STATUS_FAILED)
        lines += [
            words.STATUS_FAILED_LINE.format(name=name, message=failure.message, advice=failure.advice)
            for name, failure in problems
            if failure
        ]
    return lines


def list_lines(jobs: Sequence[Job]) -> list[str]:
    """``list`` for people: one line a game."""
    games: dict[str, dict[Level, Job]] = {}
    for job in jobs:
        games.setdefault(job.game_id, {})[job.level] = job
    return [
        words.LIST_LINE.format(
            game_id=game_id[:8],
            quick=_state(levels.get(Level.QUICK)),
            deep=_state(levels.get(Level.DEEP)),
            name=next(words.in_class(job.group, job.name) for job in levels.values()),
        )
        for game_id, levels in games.items()
    ] or [words.LIST_NONE]


def show_lines(job: Job) -> list[str]:
    """``show`` for people."""
    labels = words.SHOW
    values = {
        "game_id": job.game_id,
        "name": job.name,
        "group": job.group,
        "level": words.LEVELS[job.level.value],
        "state": words.STATES[job.state.value],
        "positions": f"{job.positions_done}/{job.positions} ({percent(job)}%)",
        "attempts": str(job.attempts) if job.attempts else "",
        "created": _moment(job.created_at) or "",
        "finished": _moment(job.finished_at) or "",
        "report": job.report,
        "reason": job.failure.message if job.failure else "",
        "advice": job.failure.advice if job.failure else "",
    }
    return [cli_words.INSPECT_LINE.format(name=labels[key], value=value) for key, value in values.items() if value]


def _state(job: Job | None) -> str:
    return words.STATES[job.state.value] if job else words.NOT_WANTED


def _failure(failure: Failure | None) -> dict[str, str] | None:
    return asdict(failure) if failure else None


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
