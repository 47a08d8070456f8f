"""``stats``, ``student`` and ``export``: from the dataset to tables for people and for programs."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.atomic import atomic_path
from pipeline.errors import ConfigError
from pipeline.publish import Folders
from pipeline.settings import Settings
from pipeline.wording import statistics as words

if TYPE_CHECKING:
    from pipeline.store.many_games import Answer, KnownPlayer, ManyGames, Selection

GAP = 2
MAX_CELL = 28
MAX_PLAYERS_NAMED = 8


def club_statistics(settings: Settings, selection: Selection) -> tuple[int, tuple[Answer, ...]]:
    """Number of games, and the tables over all players.

    Raises:
        StoreError: a file was written by a newer version.
    """
    games, many = _open(settings, selection)
    return games, many.overview() if games else ()


def student_statistics(name: str, settings: Settings, selection: Selection) -> tuple[int, tuple[Answer, ...]]:
    """The player's number of games, and the tables about one player.

    Raises:
        ConfigError: nobody of that name, or several.
        StoreError: a file was written by a newer version.
    """
    _, many = _open(settings, selection)
    player = _the_player(name, many.find_players(name))
    return player.games, many.student(player)


def _open(settings: Settings, selection: Selection) -> tuple[int, ManyGames]:
    from pipeline.store.many_games import ManyGames  # noqa: PLC0415 - DuckDB is not needed elsewhere

    folders = Folders(settings.output.folder)
    many = ManyGames(folders.evaluations, folders.state)
    return many.refresh(selection), many


def _the_player(name: str, found: Sequence[KnownPlayer]) -> KnownPlayer:
    if not found:
        raise ConfigError("student.unknown", name=name)
    if len(found) > 1:
        listed = ", ".join(f"{player.name} ({player.games})" for player in found[:MAX_PLAYERS_NAMED])
        raise ConfigError("student.ambiguous", name=name, matches=listed)
    return found[0]


def as_lines(games: int, answers: Sequence[Answer]) -> list[str]:
    """The tables for a terminal, columns aligned by the width of Chinese characters."""
    if not answers:
        return [words.NO_GAMES]
    lines = [words.HEADING.format(games=games)]
    for answer in answers:
        if answer.rows:
            lines += ["", words.TABLE_TITLE.format(name=words.TABLES[answer.name]), *_aligned(answer)]
    return [*lines, "", *words.NOTES]


def as_values(games: int, answers: Sequence[Answer]) -> dict[str, object]:
    """The tables for a program: lists of objects with the columns' own names."""
    return {
        "games": games,
        **{a.name: [dict(zip(a.columns, row, strict=True)) for row in a.rows] for a in answers},
    }


def as_csv(answers: Sequence[Answer]) -> str:
    """The tables one below the other, each with its name and its head; raw values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for answer in answers:
        writer.writerow([f"# {answer.name}"])
        writer.writerow(answer.columns)
        writer.writerows([[_safe(value) for value in row] for row in answer.rows])
    return text.getvalue()


def write_workbook(answers: Sequence[Answer], path: Path) -> None:
    """The tables as an XLSX file, a sheet each: names in Chinese, numbers as they are.

    Raises:
        StoreError: the disk is full.
        ConfigError: the folder may not be written to.
    """
    from pipeline.store.spreadsheet import Sheet, write_xlsx  # noqa: PLC0415 - only workbooks need it

    sheets = [
        Sheet(
            words.TABLES[answer.name],
            [words.COLUMNS.get(column, column) for column in answer.columns],
            [[[_spoken(c, value) for c, value in zip(answer.columns, row, strict=True)] for row in answer.rows]],
        )
        for answer in answers
    ]
    with atomic_path(path) as temporary:
        write_xlsx(temporary, sheets)


def _spoken(column: str, value: object) -> object:
    """Text as the reader calls it; numbers and what is missing as they are."""
    return _safe(words.cell(column, value)) if isinstance(value, str) and value else value


def _safe(value: object) -> object:
    """Text of a game file must not become a formula in a spreadsheet."""
    return "'" + value if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _aligned(answer: Answer) -> list[str]:
    rows = [[words.COLUMNS.get(column, column) for column in answer.columns]]
    rows += [[_cut(words.cell(c, value)) for c, value in zip(answer.columns, row, strict=True)] for row in answer.rows]
    numeric = [
        all(isinstance(row[index], int | float) or row[index] is None for row in answer.rows)
        for index in range(len(answer.columns))
    ]
    widths = [max(_width(row[index]) for row in rows) for index in range(len(answer.columns))]
    return [
        (" " * GAP)
        .join(
            " " * (widths[i] - _width(text)) + text if numeric[i] else text + " " * (widths[i] - _width(text))
            for i, text in enumerate(row)
        )
        .rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1 for char in text
    )


def _cut(text: str) -> str:
    line = "".join(char if char.isprintable() else " " for char in text)
    while _width(line) > MAX_CELL:
        line = line[:-2] + "…"
    return line


def export(target: Path, table: str, kind: str, settings: Settings) -> list[tuple[Path, int]]:
    """Write tables of the dataset as files for other programs; returns each file and its rows.

    Raises:
        ConfigError: unknown table or format, or no games.
        StoreError: the disk is full, or the dataset cannot be read.
    """
    from pipeline.store.export import FORMATS, TABLES, export_table  # noqa: PLC0415

    if kind not in FORMATS:
        raise ConfigError("export.format", value=kind, known=", ".join(FORMATS))
    names = TABLES if table == "all" else (table,)
    if not set(names) <= set(TABLES):
        raise ConfigError("export.table", value=table, known=", ".join(("all", *TABLES)))
    dataset = Folders(settings.output.folder).evaluations
    if not any((dataset / "games").glob("*.parquet")):
        raise ConfigError("export.empty", path=dataset)
    written = []
    for name in names:
        path = target / f"{name}.{kind}"
        written.append((path, export_table(dataset, name, path, kind)))
    return written
