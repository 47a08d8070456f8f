"""What the user sees while work goes on: a live display on a terminal, heartbeat lines otherwise.

Everything goes to stderr; stdout belongs to results.
"""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pipeline.wording import cli as words

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

HEARTBEAT_SECONDS = 20.0


@dataclass(slots=True)
class Tally:
    """Counts of a run; the speed is measured over the whole search."""

    games: int = 0
    games_done: int = 0
    positions: int = 0
    positions_done: int = 0
    visits: int = 0
    visits_planned: int = 0
    search_started: float | None = None
    search_seconds: float = 0.0

    def speed(self, now: float) -> float:
        """Visits per second since the first search."""
        if self.search_started is None:
            return 0.0
        return self.visits / max(now - self.search_started, 0.001)

    def seconds_left(self, now: float) -> float | None:
        """Forecast from measured visits/s and visits still to do; ``None`` before anything is measured."""
        speed = self.speed(now)
        if speed <= 0:
            return None
        return max(0, self.visits_planned - self.visits) / speed


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
        """Print one line."""
        print(text, file=sys.stderr, flush=True)  # noqa: T201

    def refresh(self) -> None:
        """Print the tally if the last line is old enough."""
        now = time.monotonic()
        if now - self._last < HEARTBEAT_SECONDS or self.tally.search_started is None:
            return
        self._last = now
        left = self.tally.seconds_left(now)
        self.message(
            words.HEARTBEAT.format(
                games_done=self.tally.games_done,
                games=self.tally.games,
                positions_done=self.tally.positions_done,
                positions=self.tally.positions,
                speed=self.tally.speed(now),
                elapsed=words.duration(now - self._started),
                left="?" if left is None else words.duration(left),
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
        self._console = Console(stderr=True, highlight=False, markup=False)
        self._progress: Progress | None = None
        self._positions: TaskID | None = None
        self._downloads: dict[str, TaskID] = {}

    def message(self, text: str) -> None:
        """Print a line above the display."""
        self._console.print(text)

    def refresh(self) -> None:
        """Update the display."""
        tally, now = self.tally, time.monotonic()
        if tally.search_started is None:
            return
        progress = self._live()
        if self._positions is None:
            self._positions = progress.add_task(words.PROGRESS_POSITIONS, total=None, note="")
        left = tally.seconds_left(now)
        remaining = "" if left is None else f"{words.PROGRESS_LEFT} {words.duration(left)}"
        progress.update(
            self._positions,
            total=tally.positions,
            completed=tally.positions_done,
            description=f"{words.PROGRESS_GAMES} {tally.games_done}/{tally.games}",
            note=f"{tally.positions_done}/{tally.positions}  {tally.speed(now):.0f} visits/s  {remaining}",
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
