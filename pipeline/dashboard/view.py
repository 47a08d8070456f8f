"""What the dashboard shows: finished texts for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.dashboard.library import Library, Overview, Report
from pipeline.jobs.desk import QueueState
from pipeline.jobs.model import JobState, Level
from pipeline.jobs.outlook import seconds_left
from pipeline.queueview import percent
from pipeline.report.view_model import clean
from pipeline.wording import dashboard as words
from pipeline.wording import jobs as job_words
from pipeline.wording import morning as morning_words

PAGE_SIZE = 24
EARLIER = 14  # morning summaries that are offered
NAME_LIMIT, TEXT_LIMIT = 80, 500


@dataclass(frozen=True, slots=True)
class CountsView:
    """One level: name, and how many jobs are in each state."""

    level: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RunningView:
    """A game in work."""

    name: str
    level: str
    percent: int
    left: str


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A worker and its engine; ``phase`` says too when it is lost."""

    name: str
    phase: str
    speed: str
    engine: str
    inbox: str
    trouble: str


@dataclass(frozen=True, slots=True)
class FailureView:
    """What was not done, why, and what to do."""

    name: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report with its addresses; ``page`` empty where there is no HTML."""

    name: str
    group: str
    edition: str
    moment: str
    pdf: str
    page: str
    picture: str


@dataclass(frozen=True, slots=True)
class LinkView:
    """A text and where it leads."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class DashboardView:
    """The page."""

    labels: Mapping[str, str]
    club: str
    updated: str
    headline: str
    overviews: tuple[LinkView, ...]
    earlier: tuple[LinkView, ...]
    count_names: tuple[str, ...]
    counts: tuple[CountsView, ...]
    running: tuple[RunningView, ...]
    workers: tuple[WorkerView, ...]
    failures: tuple[FailureView, ...]
    query: str
    found: str
    reports: tuple[ReportView, ...]
    no_reports: str
    pages: str
    newer: int
    older: int


def build_dashboard(
    state: QueueState | None,
    library: Library,
    found: Sequence[Report],
    *,
    now: datetime,
    levels: Mapping[str, str],
    club: str = "",
    query: str = "",
    page: int = 1,
    trouble: str = "",
) -> DashboardView:
    """The page at a moment.

    Args:
        state: the queue; ``None`` when nothing was ever queued.
        library: where the morning summaries are.
        found: the reports to choose a page from.
        now: local time.
        levels: short game id -> level that is finished.
        club: name of the club.
        query: what ``found`` was looked for with; empty for all.
        page: which page of the reports, from 1.
        trouble: why the queue cannot be read, when it cannot.
    """
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = max(1, min(page, pages))
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    overviews = library.overviews()
    return DashboardView(
        labels=words.LABELS,
        club=clean(club, 40),
        updated=now.strftime("%H:%M:%S"),
        headline=trouble or _headline(state, now),
        overviews=tuple(_overview_links(overviews[0])) if overviews and overviews[0].day is None else (),
        earlier=tuple(
            LinkView(o.day.isoformat(), f"/overview/{o.day.isoformat()}.pdf") for o in overviews[: EARLIER + 1] if o.day
        ),
        count_names=tuple(words.COUNTS.values()),
        counts=_counts(state),
        running=_running(state, now),
        workers=_workers(state),
        failures=_failures(state),
        query=query,
        found=words.count(len(found)),
        reports=tuple(_report(report, levels) for report in shown),
        no_reports="" if shown else words.LABELS["no_match" if query else "no_reports"],
        pages=words.page_of(page, pages) if pages > 1 else "",
        newer=page - 1,
        older=page + 1 if page < pages else 0,
    )


def _headline(state: QueueState | None, now: datetime) -> str:
    if state is None:
        return words.NOTHING_YET
    waiting = sum(state.counts[Level.DEEP][s] for s in (JobState.QUEUED, JobState.RUNNING, JobState.PUBLISHING))
    waiting = waiting or sum(
        state.counts[Level.QUICK][s] for s in (JobState.QUEUED, JobState.RUNNING, JobState.PUBLISHING)
    )
    if not waiting:
        return words.EMPTY
    alive = any(worker.is_alive for worker in state.workers)
    parts = [words.PAUSED if state.is_paused else "" if alive else words.IDLE]
    parts.append(words.remaining(waiting, state.seconds_left if alive and not state.is_paused else None, now))
    return " ".join(part for part in parts if part)


def _overview_links(overview: Overview) -> list[LinkView]:
    links = []
    if overview.pdf:
        links.append(LinkView(words.LABELS["overview"], "/overview.pdf"))
    if overview.page:
        links.append(LinkView(words.LABELS["page"], "/overview.html"))
    return links


def _counts(state: QueueState | None) -> tuple[CountsView, ...]:
    if state is None:
        return ()
    return tuple(
        CountsView(
            job_words.LEVELS[level.value],
            tuple(
                counts[JobState(name)] + (counts[JobState.PUBLISHING] if name == "running" else 0)
                for name in words.COUNTS
            ),
        )
        for level, counts in state.counts.items()
    )


def _running(state: QueueState | None, now: datetime) -> tuple[RunningView, ...]:
    if state is None:
        return ()
    forecast = seconds_left(state.running, state.speed)
    return tuple(
        RunningView(
            clean(job_words.in_class(job.group, job.name), NAME_LIMIT),
            job_words.LEVELS[job.level.value],
            percent(job),
            words.left(forecast.get(job.id), now),
        )
        for job in state.running
    )


def _workers(state: QueueState | None) -> tuple[WorkerView, ...]:
    return tuple(
        WorkerView(
            name=words.worker(clean(worker.host, 60), worker.pid),
            phase=job_words.PHASES.get(worker.phase, worker.phase) if worker.is_alive else words.GONE,
            speed=words.speed(worker.speed) if worker.is_alive and worker.speed else "",
            engine=clean(worker.engine, 120),
            inbox=clean(worker.inbox, 120),
            trouble=clean(worker.trouble, TEXT_LIMIT),
        )
        for worker in (state.workers if state else ())
    )


def _failures(state: QueueState | None) -> tuple[FailureView, ...]:
    if state is None:
        return ()
    found = [
        (morning_words.failure_name(job_words.in_class(job.group, job.name), job.level.value), job.failure)
        for job in state.failed
    ]
    found += [(job_words.in_class(file.group, file.name), file.failure) for file in state.refused]
    return tuple(
        FailureView(clean(name, NAME_LIMIT), clean(failure.message, TEXT_LIMIT), clean(failure.advice, TEXT_LIMIT))
        for name, failure in found
        if failure is not None
    )


def _report(report: Report, levels: Mapping[str, str]) -> ReportView:
    level = levels.get(report.game, "")
    version = f"{report.changed:.0f}"
    return ReportView(
        name=report.name.removesuffix(report.game).strip(),
        group=report.group,
        edition=job_words.LEVELS.get(level, ""),
        moment=words.moment(datetime.fromtimestamp(report.changed).astimezone()),
        pdf=f"/report/{report.key}.pdf",
        page=f"/report/{report.key}.html" if report.page else "",
        picture=f"/report/{report.key}.png?v={version}",
    )
