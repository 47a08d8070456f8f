"""The evaluation dataset: ``positions/``, ``moves/`` and ``games/``, one Parquet file a game in each.

A file is named ``<game_id>-<profile_id>.parquet``; what only the quick pass
made is named ``<game_id>-<profile_id>-quick.parquet`` until the deep pass
replaces it, and ``-partial`` when a deadline cut the deep pass short. The games
file is written last: it is the commit mark.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.atomic import write_error
from pipeline.errors import FupanError, StoreError
from pipeline.evaluation import AnalysisInfo, Evaluation
from pipeline.folderindex import FolderIndex
from pipeline.go.record import GameRecord
from pipeline.review.model import GameReview

# Arrow takes long to import, and a run that finds everything done must not pay for it: so the
# modules that need it are imported inside the methods that do.
if TYPE_CHECKING:
    import pyarrow as pa

POSITIONS, MOVES, GAMES = "positions", "moves", "games"
DEEP = "deep"
# Errors that searching the game again would mend.
DAMAGED = frozenset({"store.bad_dataset", "store.no_game"})

_log = logging.getLogger(__name__)
_ID = re.compile(r"[0-9a-z]{1,64}")
_NAME = re.compile(r"(?P<game_id>[0-9a-z]{1,64})-(?P<profile_id>[0-9a-z]{1,64})(?:-[a-z]+)?\.parquet")


@dataclass(frozen=True, slots=True)
class StoredGameHeader:
    """What a list of stored games shows. ``name`` is the common name of the three files."""

    game_id: str
    profile_id: str
    name: str
    level: str
    network_key: str
    visits: int
    quick_visits: int
    strategy: str
    side: str | None
    finished_at: str
    black_name: str
    white_name: str
    black_player: str
    white_player: str
    date: str
    event: str
    result: str
    source_file: str
    total_moves: int

    @property
    def budget(self) -> int:
        """Visits that every needed position could get: the deep budget, or the quick one so far."""
        return self.visits if self.level == DEEP else self.quick_visits


@dataclass(frozen=True, slots=True)
class StoredGame:
    """A game as it was published; judging it again needs nothing else."""

    record: GameRecord
    info: AnalysisInfo
    evaluations: dict[int, Evaluation]


class Dataset:
    """The dataset under ``root`` (``<output>/evaluations``).

    Several processes may publish and read at the same time. Folders are made
    when the first game is published.

    Args:
        root: the folder.
        is_alone: whether no other process publishes; see :class:`FolderIndex`.

    Raises:
        StoreError: a file is damaged or newer than this program, or the disk is full.
        ConfigError: the folder may not be written to.
    """

    def __init__(self, root: Path, *, is_alone: bool = False) -> None:
        self.root = root
        self._index = FolderIndex(root / GAMES, _game_of, is_alone=is_alone)

    def publish(
        self, record: GameRecord, info: AnalysisInfo, evaluations: Mapping[int, Evaluation], review: GameReview
    ) -> None:
        """Write the three files of a game, the games file last, and drop what they supersede.

        Superseded is an analysis of the same game by the same network that this
        one covers: its budget is not deeper, and neither its strategy nor its
        side searched what this one left out. So is what is damaged.
        """
        from pipeline.store import rows, tables  # noqa: PLC0415

        name = _name(record.game_id, info.profile_id, info.level)
        tables.write_table(self._path(POSITIONS, name), rows.positions_table(record, info, evaluations))
        tables.write_table(self._path(MOVES, name), rows.moves_table(record, info, review))
        with self._index.changing(self._path(GAMES, name)):
            tables.write_table(self._path(GAMES, name), rows.games_table(record, info, review))
        self._drop_superseded(record.game_id, info, name)

    def is_complete(self, game_id: str, profile_id: str) -> bool:
        """Whether the deep pass of this analysis was published. Looks at file names only."""
        if not (_ID.fullmatch(game_id) and _ID.fullmatch(profile_id)):
            return False
        name = _name(game_id, profile_id, DEEP)
        return all(self._path(folder, name).is_file() for folder in (GAMES, MOVES, POSITIONS))

    def list_games(self) -> tuple[StoredGameHeader, ...]:
        """Headers of all published analyses, oldest first; damaged files are logged and left out."""
        found = self._headers(path for path in (self.root / GAMES).glob("*.parquet") if _game_of(path.name))
        return tuple(sorted(found, key=lambda header: (_age(header), header.name)))

    def find(self, game_id: str, network_key: str | None = None, min_visits: int = 0) -> StoredGameHeader | None:
        """The deepest analysis of a game, by this network, with at least this budget."""
        fitting = [
            header
            for header in self._of_game(game_id)
            if header.budget >= min_visits and network_key in {None, header.network_key}
        ]
        return max(fitting, key=lambda header: (header.budget, _age(header)), default=None)

    def analyses(self, game_id: str, network_key: str) -> tuple[StoredGameHeader, ...]:
        """All analyses of a game by this network."""
        return tuple(header for header in self._of_game(game_id) if header.network_key == network_key)

    def done_visits(self, game_id: str, network_key: str) -> dict[int, int]:
        """Turn -> the most visits that are stored, over all analyses by this network; unreadable ones are left out."""
        found: dict[int, int] = {}
        for header in self.analyses(game_id, network_key):
            try:
                table = self._read(POSITIONS, header.name, ["turn", "visits"])
            except (StoreError, FileNotFoundError) as error:
                _log.warning("%s: %s", header.name, error)
                continue
            for turn, visits in zip(table.column("turn").to_pylist(), table.column("visits").to_pylist(), strict=True):
                found[turn] = max(visits, found.get(turn, 0))
        return found

    def load_analysis(self, header: StoredGameHeader) -> StoredGame:
        """The game of this very analysis.

        Raises:
            StoreError: a file cannot be read.
        """
        return self._load(header.name)

    def match(self, text: str, among: Iterable[StoredGameHeader] | None = None) -> tuple[StoredGameHeader, ...]:
        """Headers whose game id starts with ``text``, or whose file name or a player's name contains it.

        ``among``: those of :meth:`list_games`, for who asks several times.
        """
        wanted = text.strip().casefold()
        if not wanted:
            return ()
        return tuple(
            header
            for header in (self.list_games() if among is None else among)
            if header.game_id.startswith(wanted)
            or any(
                wanted in name.casefold()
                for name in (
                    header.source_file,
                    header.black_name,
                    header.white_name,
                    header.black_player,
                    header.white_player,
                )
            )
        )

    def load(self, game_id: str, profile_id: str | None = None) -> StoredGame:
        """A published game; the analysis that finished last when no profile is named.

        Raises:
            StoreError: there is none, or a file cannot be read.
        """
        fitting = [header for header in self._of_game(game_id) if profile_id in {None, header.profile_id}]
        if not fitting:
            raise StoreError("store.no_game", path=self.root, game_id=game_id)
        name = max(fitting, key=lambda header: (_age(header), header.level == DEEP)).name
        return self._load(name)

    def load_deepest(self, game_id: str) -> StoredGame:
        """The deepest analysis of a game, whichever was finished last.

        Raises:
            StoreError: there is none, or a file cannot be read.
        """
        header = self.find(game_id)
        if header is None:
            raise StoreError("store.no_game", path=self.root, game_id=game_id)
        return self._load(header.name)

    def _load(self, name: str) -> StoredGame:
        from pipeline.store import rows  # noqa: PLC0415

        try:
            game: dict[str, Any] = self._read(GAMES, name).to_pylist()[0]
            moves = self._read(MOVES, name, ["move_number", "player", "vertex", "inserted"]).sort_by("move_number")
            columns: list[list[Any]] = [moves.column(column).to_pylist() for column in ("player", "vertex", "inserted")]
            record = rows.record_from(game, *columns)
            evaluations = rows.evaluations_from(self._read(POSITIONS, name), record.width * record.height)
            return StoredGame(record, rows.info_from(game), evaluations)
        except (ValueError, TypeError, KeyError, IndexError, FileNotFoundError) as error:
            raise StoreError("store.bad_dataset", path=self._path(GAMES, name), detail=error) from error

    def _of_game(self, game_id: str) -> list[StoredGameHeader]:
        return list(self._headers(self._index.find(game_id)))

    def _headers(self, paths: Iterable[Path]) -> Iterator[StoredGameHeader]:
        for path in sorted(paths):
            try:
                yield self._header(path)
            except FileNotFoundError:
                continue  # superseded by another process since the folder was listed
            except (FupanError, IndexError, TypeError) as error:
                _log.warning("left out of the list of games: %s: %s", path.name, error)

    def _header(self, path: Path) -> StoredGameHeader:
        return _header(path.stem, self._read(GAMES, path.stem, _HEADER_COLUMNS).to_pylist()[0])

    def _drop_superseded(self, game_id: str, info: AnalysisInfo, name: str) -> None:
        """Drop what this analysis covers, and what nobody can read: one such file would spoil the folder for others."""
        for path in self._index.find(game_id):
            if path.stem == name:
                continue
            try:
                if not _covers(info, self._header(path)):
                    continue
            except (FileNotFoundError, IndexError, TypeError):
                continue
            except StoreError as error:
                if error.code not in DAMAGED:
                    continue
            with self._index.changing(path):
                for folder in (GAMES, MOVES, POSITIONS):
                    old = self._path(folder, path.stem)
                    try:
                        old.unlink(missing_ok=True)
                    except OSError as error:
                        raise write_error(error, old) from error

    def _path(self, folder: str, name: str) -> Path:
        return self.root / folder / f"{name}.parquet"

    def _read(self, folder: str, name: str, columns: list[str] | None = None) -> pa.Table:
        from pipeline.store import tables  # noqa: PLC0415

        return tables.read_table(self._path(folder, name), folder, columns)


# A pass replaces what the passes before it made.
_DEPTH = {"quick": 0, "partial": 1, DEEP: 2}

_HEADER_COLUMNS = [
    *("game_id", "profile_id", "level", "network", "network_sha256", "visits", "quick_visits", "strategy", "side"),
    *("finished_at", "black_name", "white_name", "black_player", "white_player", "date", "event", "result"),
    *("source_file", "total_moves"),
]


def _game_of(name: str) -> str:
    """The game whose analysis a file of this name holds."""
    found = _NAME.fullmatch(name)
    return found["game_id"] if found else ""


def _header(name: str, row: Mapping[str, Any]) -> StoredGameHeader:
    values = dict(row)
    network, content = values.pop("network"), values.pop("network_sha256")
    return StoredGameHeader(name=name, network_key=f"{network}@{content[:12]}", **values)


def _name(game_id: str, profile_id: str, level: str) -> str:
    return f"{game_id}-{profile_id}" if level == DEEP else f"{game_id}-{profile_id}-{level}"


def _covers(info: AnalysisInfo, header: StoredGameHeader) -> bool:
    budget = info.visits if info.level == DEEP else info.quick_visits
    return (
        header.network_key == info.identity.network_key
        and header.budget <= budget
        and _DEPTH.get(header.level, 0) <= _DEPTH.get(info.level, 0)
        and (info.side is None or header.side == info.side)
        and (info.strategy in {header.strategy, "uniform"} or header.level != DEEP)
    )


def _age(header: StoredGameHeader) -> datetime:
    try:
        moment = datetime.fromisoformat(header.finished_at)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
