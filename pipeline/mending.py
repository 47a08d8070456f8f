"""When the state database is lost: set it aside, save what can be read, and queue again what has no report.

What is finished lies in the dataset, what was received lies in the inbox's
``processed`` folder; the database only knew what was still to do between both.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.errors import FupanError
from pipeline.inbox.listing import MAX_FILE_BYTES, PROCESSED, list_files
from pipeline.inbox.names import class_of, readable
from pipeline.jobs.model import PRIORITY, Arrival, FileOutcome, JobState, Level
from pipeline.jobs.register import FileEntry, Register
from pipeline.jobs.tables import CONTROL, FILES, JOBS, METADATA, SOURCES
from pipeline.publish import SHORT_ID, Folders
from pipeline.store import payload
from pipeline.store.database import Database
from pipeline.store.journal import EVALUATIONS
from pipeline.store.salvage import Row, Salvaged, is_sound, salvage, set_aside
from pipeline.wording import mending as words

log = logging.getLogger(__name__)

REBUILD = "rebuild"
Say = Callable[[str], None]


def mend(path: Path, folders: Folders, say: Say, *, is_damaged: bool = False) -> bool:
    """Make sure that the state database can be used; the caller holds the lock of the output folder.

    Args:
        path: SQLite file.
        folders: the output tree.
        say: tells the user.
        is_damaged: it is known to be, whatever a look at it says.

    Returns:
        Whether it was set aside.

    Raises:
        StoreError, ConfigError: it cannot be set aside, or no new one can be made.
    """
    if not path.exists():
        if any((folders.evaluations / "games").glob("*.parquet")):
            with Database(path, METADATA) as database:
                _wants_rebuild(database)  # somebody took it away: what was queued must be found again
        return False
    if not is_damaged and is_sound(path):
        return False
    say(words.DAMAGED.format(path=path))
    aside = set_aside(path, datetime.fromtimestamp(time.time()).astimezone().strftime("%Y%m%d-%H%M%S"))
    log.warning("state database damaged, set aside as %s", aside)
    with Database(path, METADATA) as database:
        with database.transaction() as connection:
            EVALUATIONS.metadata.create_all(connection)
        _wants_rebuild(database)
        saved = salvage(aside, database, [SOURCES, JOBS, FILES, CONTROL, EVALUATIONS], _TESTS)
        _drop_orphans(database)
    say(_saved(saved))
    return True


def rebuild(
    database: Database, inbox: Path, folders: Folders, read: Callable[[Path, bytes, str], Arrival], say: Say
) -> None:
    """Queue again what was received but has no finished analysis, if :func:`mend` found that the queue was lost.

    Args:
        database: the state database.
        inbox: the folder watched; its ``processed`` folder is read.
        folders: the output tree.
        read: the games of a file (:meth:`pipeline.arrivals.Arrivals.read`).
        say: tells the user.

    Raises:
        StoreError: the database cannot be used. It is tried again at the next start.
    """
    wanted = sa.select(CONTROL.c.value).where(CONTROL.c.name == REBUILD)
    with database.transaction() as connection:
        if connection.execute(wanted).scalar() is None:
            return
    reports = {path.stem.rpartition("_")[2]: path for path in folders.reports.rglob("*.pdf")}
    register = Register(database, clock=time.time)
    files = again = done = 0
    for path, relative in _received(inbox):
        try:
            data = path.read_bytes()
            arrival = read(inbox / relative, data, readable(path.name))
        except (OSError, FupanError) as error:
            log.info("not taken up again: %r: %s", path, error)
            continue
        files += 1
        name = readable(path.name)
        entry = FileEntry(os.fsencode(inbox / relative), name, hashlib.sha256(data).hexdigest(), class_of(relative))
        done += _note_finished(database, entry, arrival, reports)
        lost = _without_job(database, arrival)
        if not lost.games:
            continue
        lies = os.fsencode(path)

        def stays(_: FileOutcome, lies: bytes = lies) -> bytes:
            return lies

        decision = register.accept(entry, data, lost, place=stays)
        register.moved(decision)
        again += decision.games
    with database.transaction() as connection:
        connection.execute(sa.delete(CONTROL).where(CONTROL.c.name == REBUILD))
    say(words.REBUILT.format(files=files, done=done, again=again))


def _without_job(database: Database, arrival: Arrival) -> Arrival:
    """The games that have neither analysis nor job; one that the user cancelled, say, stays so."""
    wanted = {game.game_id for game in arrival.games if not game.is_known}
    query = sa.select(JOBS.c.game_id).where(JOBS.c.game_id.in_(wanted))
    with database.transaction() as connection:
        wanted -= set(connection.execute(query).scalars())
    return replace(arrival, games=tuple(game for game in arrival.games if game.game_id in wanted))


def _received(inbox: Path) -> Iterator[tuple[Path, str]]:
    """Every file in ``processed`` with the place below the inbox from which it came."""
    try:
        found = list(list_files(inbox / PROCESSED))
    except OSError:
        return
    for inner in found:
        month, _, relative = inner.partition("/")
        path = inbox / PROCESSED / inner
        if month and relative and path.stat().st_size <= MAX_FILE_BYTES:
            yield path, relative


def _note_finished(database: Database, entry: FileEntry, arrival: Arrival, reports: dict[str, Path]) -> int:
    """List finished games again, so that ``fupan list`` shows them."""
    now, count = time.time(), 0
    with database.transaction() as connection:
        for game in arrival.games:
            if not game.is_known:
                continue
            for level, visits in game.visits.items():
                values = {
                    "game_id": game.game_id,
                    "level": level,
                    "profile_id": game.profile_id,
                    "state": JobState.DONE,
                    "name": game.name,
                    "class_name": entry.group,
                    "source": entry.sha256,
                    "game_index": game.index,
                    "assumptions": arrival.assumptions,
                    "priority": PRIORITY[level],
                    "created_at": now,
                    "updated_at": now,
                    "finished_at": now,
                    "positions": game.positions,
                    "positions_done": game.positions,
                    "visits_expected": visits,
                    "visits_done": visits,
                    "report": str(reports.get(game.game_id[:SHORT_ID], "")),
                }
                done = connection.execute(database.insert(JOBS).values(**values).on_conflict_do_nothing())
                count += level is Level.DEEP and done.rowcount > 0
    return count


def _wants_rebuild(database: Database) -> None:
    with database.transaction() as connection:
        statement = database.insert(CONTROL).values(name=REBUILD, value="1").on_conflict_do_nothing()
        connection.execute(statement)


def _drop_orphans(database: Database) -> None:
    """Jobs whose source was not saved cannot be worked on; the files in ``processed`` bring them again."""
    open_states = [state for state in JobState if state.is_open]
    with database.transaction() as connection:
        kept = sa.select(SOURCES.c.sha256)
        connection.execute(sa.delete(JOBS).where(JOBS.c.state.in_(open_states), JOBS.c.source.not_in(kept)))


def _is_source(row: Row) -> bool:
    return hashlib.sha256(zlib.decompress(row["data"])).hexdigest() == str(row["sha256"])


def _is_job(row: Row) -> bool:
    return bool(JobState(row["state"]) and Level(row["level"]) and int(row["priority"]) >= 0 and row["game_id"])


def _is_evaluation(row: Row) -> bool:
    evaluation = payload.decode(row["payload"])
    return (evaluation.turn, evaluation.visits) == (row["turn"], row["visits"])


def _is_file(row: Row) -> bool:
    return bool(FileOutcome(row["outcome"])) and isinstance(row["target"], bytes)


_TESTS: dict[str, Callable[[dict[str, Any]], bool]] = {
    SOURCES.name: _is_source,
    JOBS.name: _is_job,
    FILES.name: _is_file,
    EVALUATIONS.name: _is_evaluation,
}


def _saved(saved: Salvaged) -> str:
    return words.SAVED.format(
        path=saved.damaged.name, positions=saved.rows[EVALUATIONS.name], jobs=saved.rows[JOBS.name]
    )
