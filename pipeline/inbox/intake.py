"""Collect and read the files of a batch. One bad file never stops the others."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.errors import ConfigError, FupanError, GameError, unexpected
from pipeline.go.board import Color
from pipeline.go.defaults import ReadDefaults
from pipeline.go.formats import SUPPORTED_SUFFIXES, read_game_file
from pipeline.go.record import GameRecord, Ruleset
from pipeline.go.text import identity
from pipeline.inbox.names import readable
from pipeline.settings import FolderSettings, Settings

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 32_000_000
OWN_OUTPUT = "game.own_output"
SIDES = {"black": Color.BLACK, "white": Color.WHITE, "both": None}


@dataclass(frozen=True, slots=True)
class IntakeGame:
    """A game that was read.

    ``name`` is how messages call it, ``settings`` are those of its folder,
    ``side`` is the player to review (``None``: both).
    """

    record: GameRecord
    path: Path
    name: str
    settings: Settings
    side: Color | None = None


@dataclass(frozen=True, slots=True)
class IntakeFailure:
    """A file (or a game in it) that cannot be analysed."""

    path: Path
    error: FupanError


@dataclass(slots=True)
class Intake:
    """What a batch consists of.

    ``duplicates`` are (game, name of the equal game read before it),
    ``own`` are files that this program wrote itself.
    """

    files: int = 0
    games: list[IntakeGame] = field(default_factory=list)
    failures: list[IntakeFailure] = field(default_factory=list)
    duplicates: list[tuple[IntakeGame, str]] = field(default_factory=list)
    own: list[IntakeFailure] = field(default_factory=list)


def collect(paths: Iterable[Path], *, exclude: Path | None = None) -> list[Path]:
    """Files to read: named files as they are, folders searched for game files, sorted by name.

    Hidden files and everything below ``exclude`` (the output folder) are left out.

    Raises:
        ConfigError: a path does not exist or is closed to us, or nothing was found in a folder.
    """
    found: list[Path] = []
    for path in paths:
        if _is_folder(path):
            inside = sorted(_walk(path, os.path.realpath(exclude) if exclude else None))
            if not inside:
                raise ConfigError("input.empty", path=path)
            found.extend(inside)
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def _is_folder(path: Path) -> bool:
    try:
        if not stat.S_ISDIR(path.stat().st_mode):
            return False
        with os.scandir(path):
            return True
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ConfigError("input.missing", path=path) from error
    except OSError as error:
        raise ConfigError("input.unreadable", path=path, detail=error.strerror or error) from error


def _walk(folder: Path, exclude: str | None) -> Iterator[Path]:
    """Game files, and folders inside that cannot be opened: reading them will say why."""
    closed: list[OSError] = []
    for where, folders, files in os.walk(folder, onerror=closed.append):
        here = Path(where)
        folders[:] = sorted(
            f for f in folders if not f.startswith(".") and (exclude is None or os.path.realpath(here / f) != exclude)
        )
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in SUPPORTED_SUFFIXES:
                yield here / name
    for error in closed:
        yield Path(error.filename)


def read_all(files: Iterable[Path], folders: FolderSettings) -> Intake:
    """Read every file; failures are collected, equal games kept once.

    Raises:
        ConfigError: the ``fupan.toml`` of a folder of games is broken.
    """
    intake = Intake()
    seen: dict[str, str] = {}
    for path in files:
        intake.files += 1
        settings = folders.for_file(path)
        try:
            records = read_game_file(_read_bytes(path), file=shown_name(path), defaults=read_defaults(settings))
        except GameError as error:
            (intake.own if error.code == OWN_OUTPUT else intake.failures).append(IntakeFailure(path, error))
            continue
        except Exception as error:
            log.exception("reader: %s", path)
            intake.failures.append(IntakeFailure(path, unexpected(error)))
            continue
        for record in records:
            name = shown_name(path)
            if record.source.games_in_file > 1:
                name = f"{name} #{record.source.index + 1}"
            known = with_aliases(record, settings.students.aliases)
            game = IntakeGame(known, path, name, settings, side_to_review(known, settings))
            if record.game_id in seen:
                intake.duplicates.append((game, seen[record.game_id]))
            else:
                seen[record.game_id] = name
                intake.games.append(game)
    return intake


def read_defaults(settings: Settings) -> ReadDefaults:
    """What the reader assumes where a file is silent, and what overrides it."""
    analysis = settings.analysis
    return ReadDefaults(
        ruleset=Ruleset(analysis.default_rules),
        komi=analysis.default_komi,
        forced_ruleset=Ruleset(analysis.rules) if analysis.rules else None,
        forced_komi=analysis.komi,
        fox_komi=analysis.fox_komi,
        max_games=analysis.max_games_per_file,
    )


def with_aliases(record: GameRecord, aliases: Mapping[str, str]) -> GameRecord:
    """The record with each player's identity replaced by that of the name he is known by."""
    known = {identity(spelling): identity(name) for spelling, name in aliases.items()}
    info = record.info
    black, white = (
        replace(player, identity=known.get(player.identity, player.identity)) for player in (info.black, info.white)
    )
    return replace(record, info=replace(info, black=black, white=white))


def side_to_review(record: GameRecord, settings: Settings) -> Color | None:
    """Whose moves are reviewed; ``None`` for both.

    With ``side = "student"`` that is the one player who is a student; when
    both are, or neither, the game is reviewed for both.
    """
    side = settings.analysis.side
    if side != "student":
        return SIDES[side]
    students = {identity(name) for name in settings.students.names}
    students |= {
        identity(settings.students.aliases[name])
        for name in settings.students.names
        if name in settings.students.aliases
    }
    found = [
        color
        for color, player in ((Color.BLACK, record.info.black), (Color.WHITE, record.info.white))
        if player.identity and player.identity in students
    ]
    return found[0] if len(found) == 1 else None


def shown_name(path: Path) -> str:
    """The file's name as text that can always be printed and stored: no stray bytes, no control characters."""
    return readable(path.name)


def _read_bytes(path: Path) -> bytes:
    name = shown_name(path)
    try:
        if path.is_dir():
            os.scandir(path).close()
        if not path.is_file():
            raise GameError("game.unreadable", file=name, detail="not a regular file")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise GameError("game.too_large", file=name, size=size)
        return path.read_bytes()
    except OSError as error:
        raise GameError("game.unreadable", file=name, detail=error.strerror or error) from error
