"""Questions about all published games, answered by DuckDB from a joined copy of the dataset.

Thousands of small files take seconds to open, so the judged moves of all games
are kept, joined with what is asked of their games, in one Parquet file in the
state folder. It is a cache and nothing else: each row bears the file that it came
from and that file's time, :meth:`ManyGames.refresh` reads what is new and drops
what is gone, and when the file is missing or damaged it is made again.

A game that was analysed several times counts once: its deepest analysis. Answers
are tables of plain values; nothing here speaks Chinese.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.atomic import atomic_path
from pipeline.errors import ConfigError, StoreError
from pipeline.store import questions as sql
from pipeline.store.schema import SCHEMA_VERSION, VERSION_KEY

CACHE_NAME = "many-games-3.parquet"
BATCH = 1000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which games count: dates as ``2026``, ``2026-03`` or ``2026-03-15``, both ends included.

    A game without a date is left out when either date is given. ``event`` is a
    part of the event's name.
    """

    since: str = ""
    until: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A table: its name, the names of its columns, and plain values. Rates are 0..1, losses points."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class KnownPlayer:
    """A player of the dataset: normalised identity, a name as it was written, number of games."""

    identity: str
    name: str
    games: int


class ManyGames:
    """All games of a dataset.

    Args:
        dataset: the folder with ``games`` and ``moves``.
        cache: folder for the joined copy.
    """

    def __init__(self, dataset: Path, cache: Path) -> None:
        self._dataset = dataset
        self._cache = cache / CACHE_NAME
        self._db = duckdb.connect()

    def refresh(self, selection: Selection = Selection()) -> int:
        """Read what is new and select; returns how many games the selection holds.

        Damaged files are logged and left out.

        Raises:
            StoreError: a file was written by a newer version, or the disk is full.
        """
        now = {
            path.name: path.stat().st_mtime_ns
            for path in (self._dataset / "games").glob("*.parquet")
            if not path.name.startswith(".")
        }
        stored = self._open_cache()
        kept = {name for name, stamp in now.items() if stored.get(name) == stamp}
        if kept != set(stored) or len(kept) != len(now):
            self._renew(now, kept)
        for name, value in (("since", selection.since), ("until", selection.until), ("event", selection.event)):
            self._set(name, value.strip())
        self._db.execute(sql.CHOOSE)
        self._db.execute(sql.SELECTED)
        return self._number("SELECT count(*) FROM chosen")

    def find_players(self, text: str) -> tuple[KnownPlayer, ...]:
        """Players whose name is ``text``; when there is none, those whose name contains it."""
        self._set("text", text.strip().casefold())
        found = [KnownPlayer(*row) for row in self._db.execute(sql.FIND_PLAYERS).fetchall()]
        exact = [p for p in found if text.strip().casefold() in (p.identity, p.name.casefold())]
        return tuple(exact or found)

    def overview(self) -> tuple[Answer, ...]:
        """All players, phases, months and the commonest mistakes of the selection."""
        self._set("who", "")
        self._db.execute(sql.ASK_ALL)
        return self._ask("players", "phases", "all_months", "tags")

    def student(self, player: KnownPlayer) -> tuple[Answer, ...]:
        """Everything about one player in the selection."""
        self._set("who", player.identity)
        self._db.execute(sql.ASK_ONE)
        return self._ask("summary", "months", "phases", "tags", "zones", "regions", "colours", "worst")

    def _ask(self, *names: str) -> tuple[Answer, ...]:
        answers = []
        for name in names:
            cursor = self._db.execute(sql.QUESTIONS[name])
            columns = tuple(str(column[0]) for column in cursor.description or ())
            answers.append(Answer(name, columns, tuple(tuple(row) for row in cursor.fetchall())))
        return tuple(answers)

    def _open_cache(self) -> dict[str, int]:
        """The files that the joined copy holds, with their times; it becomes the table ``stored``."""
        self._db.execute("DROP VIEW IF EXISTS stored")
        self._db.execute("DROP TABLE IF EXISTS renewed")
        if self._cache.is_file():
            try:
                self._db.execute(sql.OPEN_CACHE.format(path=_quoted(self._cache)))
                return dict(self._db.execute("SELECT DISTINCT file, stamp FROM stored").fetchall())
            except duckdb.Error as error:
                _log.warning("made again: %s: %s", self._cache, error)
        self._db.execute(f"CREATE OR REPLACE TEMP VIEW stored AS {sql.EMPTY}")
        return {}

    def _renew(self, now: Mapping[str, int], kept: set[str]) -> None:
        self._db.execute("CREATE OR REPLACE TEMP TABLE kept (file VARCHAR)")
        if kept:
            self._db.execute("INSERT INTO kept SELECT unnest(?)", [sorted(kept)])
        self._db.execute("CREATE OR REPLACE TEMP TABLE renewed AS SELECT * FROM stored SEMI JOIN kept USING (file)")
        fresh = sorted(set(now) - kept)
        for start in range(0, len(fresh), BATCH):
            self._add({name: now[name] for name in fresh[start : start + BATCH]})
        self._db.execute("CREATE OR REPLACE TEMP VIEW stored AS SELECT * FROM renewed")
        try:
            with atomic_path(self._cache) as temporary:
                self._db.execute(f"COPY renewed TO {_quoted(temporary)} (FORMAT parquet, COMPRESSION zstd)")
        except ConfigError as error:
            _log.warning("statistics are not kept: %s", error.message)

    def _add(self, files: Mapping[str, int]) -> None:
        """Read some files at once or, when one of them is damaged, each by itself."""
        try:
            self._check_version(files)
            self._db.execute(
                sql.ADD,
                {
                    "games": self._paths("games", files),
                    "moves": self._paths("moves", files),
                    "stamps": [*files.values()],
                    "files": [*files],
                },
            )
        except duckdb.Error as error:
            if len(files) == 1:
                _log.warning("left out of the statistics: %s: %s", next(iter(files)), error)
                return
            for name, stamp in files.items():
                self._add({name: stamp})

    def _check_version(self, files: Mapping[str, int]) -> None:
        rows = self._db.execute(sql.VERSIONS, {"games": self._paths("games", files), "key": VERSION_KEY}).fetchall()
        for path, found in rows:
            text = bytes(found).decode("ascii", "replace")
            if text.isdigit() and int(text) > SCHEMA_VERSION:
                raise StoreError("store.newer_schema", path=path, found=text, supported=SCHEMA_VERSION)

    def _paths(self, folder: str, files: Mapping[str, int]) -> list[str]:
        return [str(self._dataset / folder / name) for name in files]

    def _set(self, name: str, value: str) -> None:
        self._db.execute(f"SET VARIABLE {name} = ?", [value])

    def _number(self, query: str) -> int:
        row = self._db.execute(query).fetchone()
        return int(row[0]) if row else 0


def _quoted(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"'{text}'"
