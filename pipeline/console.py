"""What the user sees while work goes on: a live display on a terminal, heartbeat lines otherwise.

Everything goes to stderr; stdout belongs to results.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pipeline.errors import StoreError
from pipeline.wording import cli as words
from pipeline.wording import drive as drive_words

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

HEARTBEAT_SECONDS = 20.0


@dataclass(slots=True)
class Tally:
    """Counts of a run. ``speed`` is in visits/s; ``until`` is the deadline."""

    games: int = 0
    games_done: int = 0
    positions: int = 0
    positions_done: int = 0
    speed: float = 0.0
    search_started: float | None = None
    until: datetime | None = None
    _end: float | None = None

    def expect(self, seconds: float, now: float) -> None:
        """All will be done in so many seconds from ``now``."""
        self._end = now + seconds

    def expect_nothing(self) -> None:
        """Nothing is measured any more."""
        self._end = None

    def seconds_left(self, now: float) -> float | None:
        """Forecast; ``None`` before anything is measured."""
        return None if self._end is None else max(0.0, self._end - now)

    def printed_in(self, now: float) -> float | None:
        """Seconds until every report is printed: all is done, or the deadline has come; ``None`` as before."""
        left = self.seconds_left(now)
        if left is None or self.until is None:
            return left
        return min(left, max(0.0, (self.until - datetime.now().astimezone()).total_seconds()))

    def forecast(self, now: float) -> str:
        """When all will be done, in words."""
        left = self.seconds_left(now)
        if left is None:
            return drive_words.FORECAST_UNKNOWN
        end = datetime.now().astimezone() + timedelta(seconds=left)
        return drive_words.forecast(end, left, self.until)


def prepare_streams() -> None:
    """Make stdout and stderr safe to write to: closed ones go nowhere, odd characters become ``?``."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - for good
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def print_line(text: str) -> None:
    """Print a result on stdout; a reader that has left (``| head``) is no error.

    Raises:
        StoreError: it cannot be written, for example to a full disk.
    """
    try:
        print(text, flush=True)  # noqa: T201
    except OSError as error:
        # What is still buffered would raise once more when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise StoreError("file.failed", path=words.STDOUT, detail=error.strerror or error) from error


class Reporter(Protocol):
    """Receives what happens; implementations decide how to show it."""

    tally: Tally

    def message(self, text: str) -> None:
        """Say one line."""

    def refresh(self) -> None:
        """Show the tally again, as often or rarely as fits."""

    def download(self, name: str, done: int, total: int) -> None:
        """Bytes of a download so far."""

    def close(self) -> None:
        """Leave the terminal clean."""


class QuietReporter:
    """Shows nothing (tests, ``--json`` with nothing to say)."""

    def __init__(self) -> None:
        self.tally = Tally()

    def message(self, text: str) -> None:
        """Drop it."""

    def refresh(self) -> None:
        """Nothing to show."""

    def download(self, name: str, done: int, total: int) -> None:
        """Nothing to show."""

    def close(self) -> None:
        """Nothing to clean."""


class HeartbeatReporter:
    """Plain lines for logs and pipes: one every :data:`HEARTBEAT_SECONDS` at most."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._started = time.monotonic()
        self._last = self._started
        self._download = ("", 0)

    def message(self, text: str) -> None:
        """Print one line; a night's work goes on when nobody can read it any more."""
        with contextlib.suppress(OSError):
            print(text, file=sys.stderr, flush=True)  # noqa: T201

    def refresh(self) -> None:
        """Print the tally if the last line is old enough."""
        now = time.monotonic()
        if now - self._last < HEARTBEAT_SECONDS or self.tally.search_started is None:
            return
        self._last = now
        self.message(
            words.HEARTBEAT.format(
                games_done=self.tally.games_done,
                games=self.tally.games,
                positions_done=self.tally.positions_done,
                positions=self.tally.positions,
                speed=self.tally.speed,
                elapsed=words.duration(now - self._started),
                forecast=self.tally.forecast(now),
            )
        )

    def download(self, name: str, done: int, total: int) -> None:
        """Print the state of a download now and then, and once that it is complete."""
        now = time.monotonic()
        complete = done >= total and self._download != (name, total)
        if complete or (done < total and now - self._last >= HEARTBEAT_SECONDS / 4):
            self._last = now
            self._download = (name, done)
            self.message(words.DOWNLOAD_LINE.format(name=name, done=done / 1e6, total=total / 1e6))

    def close(self) -> None:
        """Nothing to clean."""


class LiveReporter:
    """A live display for a terminal."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - rich costs start-up time that pipes need not pay

        self.tally = Tally()
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._progress: Progress | None = None
        self._positions: TaskID | None = None
        self._downloads: dict[str, TaskID] = {}

    def message(self, text: str) -> None:
        """Print a line above the display."""
        self._console.print(text, soft_wrap=True)

    def refresh(self) -> None:
        """Update the display."""
        tally, now = self.tally, time.monotonic()
        if tally.search_started is None:
            return
        progress = self._live()
        if self._positions is None:
            self._positions = progress.add_task(words.PROGRESS_POSITIONS, total=None, note="")
        progress.update(
            self._positions,
            total=tally.positions,
            completed=tally.positions_done,
            description=f"{words.PROGRESS_GAMES} {tally.games_done}/{tally.games}",
            note=f"{tally.positions_done}/{tally.positions}  {tally.speed:.0f} visits/s  {tally.forecast(now)}",
        )

    def download(self, name: str, done: int, total: int) -> None:
        """Update the bar of one download."""
        progress = self._live()
        if name not in self._downloads:
            self._downloads[name] = progress.add_task(name, total=total, note="")
        progress.update(
            self._downloads[name], completed=done, total=total, note=f"{done / 1e6:.0f}/{total / 1e6:.0f} MB"
        )

    def close(self) -> None:
        """Stop the live display."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
            self._positions = None
            self._downloads.clear()

    def _live(self) -> Progress:
        if self._progress is None:
            from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[note]}"),
                console=self._console,
            )
            self._progress.start()
        return self._progress


def make_reporter() -> Reporter:
    """The reporter that fits stderr."""
    return LiveReporter() if sys.stderr.isatty() else HeartbeatReporter()


def configure_logging(folder: Path | None, *, verbose: bool) -> None:
    """Log to ``<folder>/fupan.log`` (rotating), and to stderr when verbose.

    The log is for developers; users read the reporter's lines.
    """
    logging.raiseExceptions = False  # a full disk must not fill the screen with the logger's own tracebacks
    root = logging.getLogger("pipeline")
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    layout = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    if folder is not None:
        file = RotatingFileHandler(
            folder / "fupan.log", maxBytes=5_000_000, backupCount=5, encoding="utf-8", delay=True
        )
        file.setFormatter(layout)
        root.addHandler(file)
    if verbose:
        screen = logging.StreamHandler()
        screen.setFormatter(layout)
        root.addHandler(screen)
    root.propagate = False
