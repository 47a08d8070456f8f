"""What a watch does beside receiving and searching, every few seconds: notes about failures, a look at the disk."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy as sa

from pipeline.atomic import atomic_write_bytes, sweep
from pipeline.errors import FupanError
from pipeline.inbox.listing import DUPLICATE, FAILED, PROCESSED
from pipeline.inbox.moves import error_file, free_target
from pipeline.inbox.names import readable
from pipeline.jobs.model import FileOutcome, JobState, Level
from pipeline.jobs.tables import FILES, JOBS
from pipeline.store.database import Database
from pipeline.wording import notes as words
from pipeline.wording.jobs import ERROR_SUFFIX

log = logging.getLogger(__name__)

ROUND_SECONDS = 5.0
SELDOM_SECONDS = 3600.0
CLOCK_SECONDS = 60.0
BATCH = 500
MAX_NOTE_BYTES = 20_000


class FailureNotes:
    """Keeps a text in ``failed/`` for every game that was received but could not be analysed.

    The game's file lies in ``processed/`` by then and stays there; the text
    says where, why, and what to do. It goes away when the game is tried again.

    Args:
        inbox: the folder watched.
        database: the state database.
    """

    def __init__(self, inbox: Path, database: Database) -> None:
        self._inbox = inbox
        self._database = database
        self._notes: dict[str, Path] | None = None

    def refresh(self) -> None:
        """Write the notes that are missing, and remove those that are out of date.

        Raises:
            StoreError: the database cannot be read.
            OSError, ConfigError: the inbox cannot be written to now.
        """
        failed = self._failed()
        if self._notes is None:
            self._notes = self._find()
        for game_id in self._notes.keys() - failed:
            self._notes[game_id].unlink(missing_ok=True)
            del self._notes[game_id]
        new = sorted(failed - self._notes.keys())
        for start in range(0, len(new), BATCH):
            for row in self._rows(new[start : start + BATCH]):
                if row.game_id not in self._notes:
                    self._notes[row.game_id] = self._write(row)

    def _failed(self) -> set[str]:
        """Games that have failed."""
        query = sa.select(JOBS.c.game_id).where(JOBS.c.state == JobState.FAILED)
        with self._database.transaction() as connection:
            return set(connection.execute(query).scalars())

    def _rows(self, games: Sequence[str]) -> list[sa.Row[tuple[object, ...]]]:
        """Failed jobs with the place of their file, the deep level's first where both have failed."""
        failed = sa.and_(JOBS.c.state == JobState.FAILED, JOBS.c.game_id.in_(games))
        where = (
            sa.select(FILES.c.sha256, sa.func.max(FILES.c.id).label("id"))
            .where(FILES.c.outcome == FileOutcome.TAKEN, FILES.c.sha256.in_(sa.select(JOBS.c.source).where(failed)))
            .group_by(FILES.c.sha256)
            .subquery()
        )
        query = (
            sa.select(JOBS, FILES.c.target)
            .join_from(JOBS, where, where.c.sha256 == JOBS.c.source, isouter=True)
            .join(FILES, FILES.c.id == where.c.id, isouter=True)
            .where(failed)
            .order_by(JOBS.c.level, JOBS.c.id)
        )
        with self._database.transaction() as connection:
            return list(connection.execute(query).all())

    def _find(self) -> dict[str, Path]:
        """Notes that earlier runs wrote."""
        found = {}
        for path in (self._inbox / FAILED).rglob(f"*{ERROR_SUFFIX}"):
            if path.is_file() and path.stat().st_size <= MAX_NOTE_BYTES:
                game_id = words.game_of_note(path.read_text(encoding="utf-8", errors="replace"))
                if game_id:
                    found[game_id] = path
        return found

    def _write(self, row: sa.Row[tuple[object, ...]]) -> Path:
        target = Path(os.fsdecode(row.target)) if row.target else None
        lies = target.relative_to(self._inbox) if target and target.is_relative_to(self._inbox) else None
        # processed/YYYY-MM/class/name -> failed/class/name
        folder = self._inbox.joinpath(FAILED, *(lies.parts[2:-1] if lies and len(lies.parts) > 3 else ()))
        note = error_file(free_target(folder, row.name.replace("/", "_")))
        shown = readable(str(lies)) if lies else ""
        text = words.failure_note(
            name=row.name,
            level=row.level,
            message=row.error_message,
            advice=row.error_advice,
            place=shown,
            game_id=row.game_id,
        )
        atomic_write_bytes(note, text.encode())
        return note


class Housekeeper:
    """Runs chores in a thread of its own; no chore that fails can disturb the work. Use as a context manager.

    Args:
        chores: called one after the other, every ``seconds``; what they return is of no interest.
        seconds: between two rounds.
    """

    def __init__(self, *chores: Callable[[], object], seconds: float = ROUND_SECONDS) -> None:
        self._chores = chores
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def __enter__(self) -> Housekeeper:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10.0)
        self.round()

    def round(self) -> None:
        """Do every chore once."""
        for chore in self._chores:
            try:
                chore()
            except (OSError, FupanError) as error:
                log.info("housekeeping: %s", error)
            except Exception:
                log.exception("housekeeping")

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            self.round()


class Seldom:
    """A chore that is done only now and then.

    Args:
        chore: what is to be done.
        seconds: between two times.
        at_once: do it the first time, too, and not only ``seconds`` later.
        monotonic: seconds.
    """

    def __init__(
        self,
        chore: Callable[[], object],
        *,
        seconds: float = SELDOM_SECONDS,
        at_once: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chore = chore
        self._seconds = seconds
        self._monotonic = monotonic
        self._next = monotonic() + (0.0 if at_once else seconds)

    def __call__(self) -> None:
        """Do it, if it is time."""
        if self._monotonic() >= self._next:
            self._next = self._monotonic() + self._seconds
            self._chore()


class ClockWatch:
    """A chore that says when the system's clock was set: hours of work and ``--until`` follow the new time.

    Args:
        say: tells the user.
        clock: seconds since 1970.
        monotonic: seconds that nobody can set.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say = say
        self._clock, self._monotonic = clock, monotonic
        self._ahead = clock() - monotonic()

    def __call__(self) -> None:
        """Compare the clocks; small steps are the time service's."""
        ahead = self._clock() - self._monotonic()
        moved, self._ahead = ahead - self._ahead, ahead
        if abs(moved) >= CLOCK_SECONDS:
            self._say(words.clock_moved(moved))


def sweep_inbox(inbox: Path, month: str, *, older_than: float) -> int:
    """Remove what killed programs of ours left half-written in an inbox; returns how many files.

    Of the processed files only those of this ``month`` (``YYYY-MM``) are looked through: there may be years of them.
    """
    folders = (inbox / FAILED, inbox / DUPLICATE, inbox / PROCESSED / month)
    return sweep(inbox, older_than=older_than, is_deep=False) + sum(
        sweep(folder, older_than=older_than) for folder in folders
    )


def work_waiting(database: Database) -> tuple[int, int]:
    """Games whose final report is still to come, and their positions.

    Raises:
        StoreError: the database cannot be read.
    """
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(JOBS.c.positions), 0)).where(
        JOBS.c.level == Level.DEEP, JOBS.c.state.in_([JobState.QUEUED, JobState.RUNNING])
    )
    with database.transaction() as connection:
        games, positions = connection.execute(query).one()
    return int(games), int(positions)
