"""The commands over many games: ``stats``, ``student``, ``export``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.settings import load
from pipeline.wording import cli as words

if TYPE_CHECKING:
    from pipeline.store.many_games import Answer

H = words.HELP
Since = Annotated[str, typer.Option("--since", help=H["since"])]
Until = Annotated[str, typer.Option("--until", help=H["until"])]
Event = Annotated[str, typer.Option("--event", help=H["event"])]
Csv = Annotated[bool, typer.Option("--csv", help=H["csv"])]
Json = Annotated[bool, typer.Option("--json", help=H["json"])]
Output = Annotated[Path | None, typer.Option("--output", help=H["output"])]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help=H["settings"])]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(help=H["stats"])(stats)
    app.command(help=H["student"])(student)
    app.command(help=H["export"])(export)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


def _show_tables(games: int, answers: Sequence[Answer], *, as_json: bool, as_csv: bool) -> None:
    from pipeline import overview  # noqa: PLC0415

    if as_json:
        _print(json.dumps(overview.as_values(games, answers), ensure_ascii=False, indent=2))
    elif as_csv:
        _print(overview.as_csv(answers).rstrip("\n"))
    else:
        _print("\n".join(overview.as_lines(games, answers)))


def stats(
    *,
    since: Since = "",
    until: Until = "",
    event: Event = "",
    output: Output = None,
    settings_file: SettingsFile = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Statistics over all stored games."""
    from pipeline.overview import club_statistics  # noqa: PLC0415
    from pipeline.store.many_games import Selection  # noqa: PLC0415

    settings = load({"output": {"folder": output}}, file=settings_file)
    games, answers = club_statistics(settings, Selection(since, until, event))
    _show_tables(games, answers, as_json=as_json, as_csv=as_csv)


def student(
    name: Annotated[str, typer.Argument(help=H["student.name"])],
    *,
    since: Since = "",
    until: Until = "",
    event: Event = "",
    output: Output = None,
    settings_file: SettingsFile = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Statistics of one player."""
    from pipeline.overview import student_statistics  # noqa: PLC0415
    from pipeline.store.many_games import Selection  # noqa: PLC0415

    settings = load({"output": {"folder": output}}, file=settings_file)
    games, answers = student_statistics(name, settings, Selection(since, until, event))
    _show_tables(games, answers, as_json=as_json, as_csv=as_csv)


def export(
    folder: Annotated[Path, typer.Argument(help=H["export.folder"])],
    *,
    kind: Annotated[str, typer.Option("--format", help=H["export.format"])] = "csv",
    table: Annotated[str, typer.Option("--table", help=H["export.table"])] = "all",
    output: Output = None,
    settings_file: SettingsFile = None,
) -> None:
    """Write the dataset as files for other programs."""
    from pipeline.overview import export as export_tables  # noqa: PLC0415

    settings = load({"output": {"folder": output}}, file=settings_file)
    for path, rows in export_tables(folder, table, kind, settings):
        _print(words.EXPORTED.format(path=path, rows=rows))
