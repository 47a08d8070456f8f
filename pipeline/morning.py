"""The morning summary: what the night brought, gathered from queue and dataset, printed, and kept up to date."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from pipeline.atomic import atomic_write_bytes
from pipeline.errors import ConfigError, FupanError, unexpected
from pipeline.jobs.desk import Desk, QueueState
from pipeline.jobs.model import OPEN, Job, JobState
from pipeline.jobs.morning import Happenings, Pulse, happenings, pulse
from pipeline.jobs.queue import AT_WORK
from pipeline.publish import SHORT_ID, Folders
from pipeline.reading import open_reading
from pipeline.report.morning_view import FailureLine, GameLine, Night, OpenLine, SideLine, Work, build_morning
from pipeline.settings import Settings
from pipeline.store.morning import AnalysedGame, SideFigures, analysed_since
from pipeline.wording import incidents as incident_words
from pipeline.wording import jobs as job_words
from pipeline.wording import morning as words

log = logging.getLogger(__name__)

NOON = 12
LOOK_SECONDS = 5.0
# While work goes on the summary is at most so old; when the queue is empty it is written at once.
REFRESH_SECONDS = 600.0
# Fifteen pages or so. Ten thousand lines would take minutes and gigabytes to set; the web page has them all.
MAX_PRINTED = 600
MAX_SKIPPED = 5


@dataclass(frozen=True, slots=True)
class WrittenOverview:
    """The files of a summary, and what stands in it; ``pdf`` is ``None`` when there was nothing to say."""

    pdf: Path | None
    page: Path | None
    night: Night


def default_since(now: datetime) -> datetime:
    """Noon of the day before: the evening, the night, and what of today is over."""
    return (now - timedelta(days=1)).replace(hour=NOON, minute=0, second=0, microsecond=0)


def parse_since(text: str, now: datetime) -> datetime:
    """A time of day (the last one that is over), a date, or both.

    Raises:
        ConfigError: none of these.
    """
    try:
        if ":" in text and "-" not in text:
            hour, minute = (int(part) for part in text.split(":"))
            moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
            return moment if moment <= now else moment - timedelta(days=1)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError("overview.bad_since", value=text) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def gather(settings: Settings, since: datetime, now: datetime) -> Night:
    """What happened between two moments: games from the dataset, the rest from the queue.

    Raises:
        StoreError: the state database cannot be read.
    """
    folders, start = Folders(settings.output.folder), since.timestamp()
    found, state = _queue(settings, start)
    games = analysed_since(folders.evaluations, start)
    group_of = {job.game_id: job.group for job in found.jobs}
    reports = _files(folders.reports, ".pdf", games)
    pages = _files(folders.html, ".html", games)
    lines, places = [], {}
    for game in sorted(games, key=lambda game: _in_order(game.source_file)):
        report = reports.get(game.game_id)
        place = report.parent if report else None
        group = group_of.get(game.game_id) or (
            place.relative_to(folders.reports).as_posix().removeprefix(".") if place else ""
        )
        if place is not None:
            places[group] = (Path(folders.root.name) / place.relative_to(folders.root)).as_posix()
        lines.append(_line(game, group, _address(folders, report), _address(folders, pages.get(game.game_id))))
    waiting = [job for job in found.jobs if job.state in OPEN]
    return Night(
        since=since,
        now=now,
        games=tuple(sorted(lines, key=lambda line: _in_order(line.group))),
        failures=tuple(_failures(found, start)),
        open=tuple(_open_line(job) for job in sorted(waiting, key=lambda job: (job.state is JobState.QUEUED, job.id))),
        open_games=len({job.game_id for job in waiting}),
        seconds_left=state.seconds_left if state else None,
        is_paused=state.is_paused if state else False,
        duplicates=found.duplicates,
        work=_work(games, found, start),
        troubles=(*_troubles(state), *_mended(found)),
        folders=tuple(places.items()),
    )


def write_overview(settings: Settings, *, now: datetime, since: datetime | None = None) -> WrittenOverview:
    """Write the summary as PDF and HTML: the latest in the output folder, one of each day below.

    Nothing is written when there is nothing to say.

    Raises:
        StoreError: the state database cannot be read, or the disk is full.
        ConfigError: the folder may not be written to.
        RenderError, DependencyError: the pages cannot be set.
    """
    from pipeline.report.logo import load_logo  # noqa: PLC0415 - what prints is loaded when something is printed
    from pipeline.report.render import Renderer  # noqa: PLC0415

    folders, report = Folders(settings.output.folder), settings.report
    night = gather(settings, since or default_since(now), now)
    if night.is_empty:
        return WrittenOverview(None, None, night)
    places = ((folders.root / words.FILE_NAME, ""), (folders.root / words.FOLDER / now.date().isoformat(), "../"))
    logo = load_logo(report.logo) if report.logo else None
    view_of = partial(build_morning, night, club=report.club, logo=logo, colour=report.colour)
    view, printed = view_of(), view_of(limit=MAX_PRINTED)
    renderer = Renderer()
    pdfs = renderer.render_morning(printed, ups=[up for _, up in places])
    pages = [renderer.render_morning_page(view, up=up) for _, up in places]
    for (place, _), pdf, page in reversed(list(zip(places, pdfs, pages, strict=True))):
        atomic_write_bytes(place.with_suffix(".pdf"), pdf)
        atomic_write_bytes(place.with_suffix(".html"), page)
    latest = places[0][0]
    return WrittenOverview(latest.with_suffix(".pdf"), latest.with_suffix(".html"), night)


class OverviewKeeper:
    """Keeps the summary of a running ``watch`` up to date; use as a context manager.

    A thread looks at the queue. It writes when the queue has become empty,
    every ten minutes while games are finished, and once more at the end. What
    goes wrong is said and never ends the work.

    Args:
        settings: settings in force.
        say: tells the user.
        look: seconds between two looks.
        refresh: seconds between two summaries while work goes on.
    """

    def __init__(
        self,
        settings: Settings,
        say: Callable[[str], None],
        *,
        look: float = LOOK_SECONDS,
        refresh: float = REFRESH_SECONDS,
    ) -> None:
        self._settings = settings
        self._say = say
        self._look, self._refresh = look, refresh
        self._folders = Folders(settings.output.folder)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="overview", daemon=True)
        self._seen = Pulse()
        self._written = time.monotonic()

    def __enter__(self) -> Self:
        try:
            now = self._pulse()
        except FupanError as failure:
            log.warning("overview: %s", failure)
        else:
            # Else the last run came to no summary of what it did.
            if now.newest <= _changed(self._folders.root / f"{words.FILE_NAME}.pdf"):
                self._seen = now
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=60.0)
        self._keep(at_end=True)

    def _run(self) -> None:
        while not self._stop.wait(self._look):
            self._keep(at_end=False)

    def _keep(self, *, at_end: bool) -> None:
        """Write when there is something new and it is time."""
        try:
            now = self._pulse()
            is_time = at_end or not now.is_busy or time.monotonic() - self._written >= self._refresh
            if replace(now, is_busy=self._seen.is_busy) == self._seen or not is_time:
                return
            self._seen, self._written = now, time.monotonic()
            written = write_overview(self._settings, now=datetime.now().astimezone())
        except FupanError as failure:
            self._say(words.KEPT.format(message=failure.message))
        except Exception as failure:
            log.exception("overview")
            self._say(words.KEPT.format(message=unexpected(failure).message))
        else:
            if written.pdf is not None:
                self._say(said(written))

    def _pulse(self) -> Pulse:
        since = default_since(datetime.now().astimezone()).timestamp()
        with open_reading(self._settings) as database:
            return pulse(database, since) if database else Pulse()


def said(written: WrittenOverview) -> str:
    """What the user is told of a summary."""
    night = written.night
    return words.WRITTEN.format(
        path=written.pdf, done=len(night.games), failed=words.failed(night.failed_games, night.failed_files)
    )


def _queue(settings: Settings, since: float) -> tuple[Happenings, QueueState | None]:
    with open_reading(settings) as database:
        if database is None:
            return Happenings(), None
        return happenings(database, since), Desk(database, clock=time.time).state()


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _troubles(state: QueueState | None) -> Iterable[str]:
    """What keeps workers from their work now; what one that works on has overcome is among the incidents."""
    for worker in state.workers if state else ():
        if worker.is_alive and worker.trouble and worker.phase not in AT_WORK:
            yield worker.trouble


def _mended(found: Happenings) -> Iterable[str]:
    """Trouble that mended itself: how often the engine was started again, and what was left out."""
    kinds = Counter(incident.kind for incident in found.incidents)
    if kinds["crashed"] or kinds["stalled"]:
        yield incident_words.restarts(kinds["crashed"], kinds["stalled"])
    skipped = [incident.text for incident in found.incidents if incident.kind == "skipped"]
    yield from skipped[:MAX_SKIPPED]
    if len(skipped) > MAX_SKIPPED:
        yield incident_words.MORE.format(count=len(skipped) - MAX_SKIPPED)


def _in_order(name: str) -> bytes:
    """A key that sorts Chinese names as file managers do: the common characters by their reading."""
    return name.encode("gb18030", "replace")


def _files(folder: Path, suffix: str, games: Iterable[AnalysedGame]) -> dict[str, Path]:
    """The report of each game; one for a single player where there is no other."""
    wanted = {game.game_id[:SHORT_ID]: game.game_id for game in games}
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob(f"*{suffix}")) if wanted and folder.is_dir() else ():
        parts = path.stem.split("_")
        short = next((part for part in reversed(parts) if part in wanted), None)
        if short is not None and (parts[-1] == short or wanted[short] not in found):
            found[wanted[short]] = path
    return found


def _address(folders: Folders, path: Path | None) -> str:
    return quote(os.fsencode(path.relative_to(folders.root).as_posix())) if path else ""


def _line(game: AnalysedGame, group: str, report: str, page: str) -> GameLine:
    return GameLine(
        number=game.game_id[:SHORT_ID],
        group=group,
        black=_side(game.black),
        white=_side(game.white),
        result=(game.result_kind, game.result_winner, game.result_margin),
        moves=game.moves,
        level=game.level,
        report=report,
        page=page,
    )


def _side(side: SideFigures) -> SideLine:
    return SideLine(side.name, side.rank, side.match_rate, side.worst_move, side.worst_loss)


def _failures(found: Happenings, since: float) -> Iterable[FailureLine]:
    for job in found.jobs:
        if job.state is JobState.FAILED and job.failure is not None and job.updated_at >= since:
            name = job_words.in_class(job.group, job.name)
            yield FailureLine(name, job.level.value, job.failure.message, job.failure.advice)
    for file in found.refused:
        yield FailureLine(job_words.in_class(file.group, file.name), "", file.failure.message, file.failure.advice)


def _open_line(job: Job) -> OpenLine:
    percent = min(99, 100 * job.visits_done // max(1, job.visits_expected))
    return OpenLine(job_words.in_class(job.group, job.name), job.level.value, job.state.value, percent)


def _work(games: Iterable[AnalysedGame], found: Happenings, since: float) -> Work:
    done = list(games)
    starts = [job.started_at for job in found.jobs if job.started_at is not None and job.started_at >= since]
    ends = [job.finished_at for job in found.jobs if job.finished_at is not None and job.finished_at >= since]
    engines = dict.fromkeys(words.engine(game.engine_version, game.device, game.network) for game in done)
    work = Work(
        visits=sum(game.total_visits for game in done),
        positions=sum(game.positions for game in done),
        engine_seconds=sum(game.engine_seconds for game in done),
        engines=tuple(engines),
    )
    if not starts or not ends:
        return work
    return replace(work, first=_moment(min(starts)), last=_moment(max(ends)))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()
