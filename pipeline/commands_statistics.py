"""The commands over many games: ``stats``, ``student``, ``export``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli_options import Json, Output, SettingsFile, print_json
from pipeline.console import print_line
from pipeline.settings import load
from pipeline.wording import cli as words
from pipeline.wording import student as sheet_words

if TYPE_CHECKING:
    from pipeline.store.many_games import Answer

H, M = words.HELP, words.METAVARS
Since = Annotated[str, typer.Option("--since", metavar=M["word"], help=H["since"])]
Until = Annotated[str, typer.Option("--until", metavar=M["word"], help=H["until"])]
Event = Annotated[str, typer.Option("--event", metavar=M["word"], help=H["event"])]
S = sheet_words.HELP
Pdf = Annotated[bool, typer.Option("--pdf", help=S["pdf"])]
PdfFile = Annotated[Path | None, typer.Option("-o", "--file", metavar=M["file"], readable=False, help=S["file"])]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", metavar=M["file"], readable=False, help=S["xlsx"])]
Csv = Annotated[bool, typer.Option("--csv", help=H["csv"])]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(help=H["stats"])(stats)
    app.command(help=H["student"])(student)
    app.command(help=H["export"])(export)


def _show_tables(games: int, answers: Sequence[Answer], *, as_json: bool, as_csv: bool) -> None:
    from pipeline import overview  # noqa: PLC0415

    if as_json:
        print_json(overview.as_values(games, answers))
    elif as_csv:
        print_line(overview.as_csv(answers).rstrip("\n"))
    else:
        print_line("\n".join(overview.as_lines(games, answers)))


def _write(
    answers: Sequence[Answer], print_page: Callable[[], Path] | None, xlsx: Path | None, *, as_json: bool
) -> None:
    """Write the files that were asked for and say where they are."""
    from pipeline.overview import write_workbook  # noqa: PLC0415

    written = {}
    if print_page is not None:
        written["pdf"] = str(print_page())
    if xlsx is not None:
        write_workbook(answers, xlsx)
        written["xlsx"] = str(xlsx)
    if as_json:
        print_json(written)
    else:
        for path in written.values():
            print_line(sheet_words.WRITTEN.format(path=path))


def stats(
    *,
    since: Since = "",
    until: Until = "",
    event: Event = "",
    output: Output = None,
    settings_file: SettingsFile = None,
    as_pdf: Pdf = False,
    file: PdfFile = None,
    xlsx: Xlsx = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Statistics over all stored games."""
    from pipeline.overview import club_statistics  # noqa: PLC0415
    from pipeline.store.many_games import Selection  # noqa: PLC0415

    settings = load({"output": {"folder": output}}, file=settings_file)
    games, answers = club_statistics(settings, Selection(since, until, event))
    if answers and (as_pdf or file or xlsx):
        from pipeline.sheets import print_club  # noqa: PLC0415

        pdf = partial(print_club, games, answers, settings, file) if as_pdf or file else None
        _write(answers, pdf, xlsx, as_json=as_json)
        return
    _show_tables(games, answers, as_json=as_json, as_csv=as_csv)


def student(
    name: Annotated[str, typer.Argument(metavar=M["player"], help=H["student.name"])],
    *,
    since: Since = "",
    until: Until = "",
    event: Event = "",
    output: Output = None,
    settings_file: SettingsFile = None,
    as_pdf: Pdf = False,
    file: PdfFile = None,
    xlsx: Xlsx = None,
    as_csv: Csv = False,
    as_json: Json = False,
) -> None:
    """Statistics of one player."""
    from pipeline.overview import student_statistics  # noqa: PLC0415
    from pipeline.store.many_games import Selection  # noqa: PLC0415

    settings = load({"output": {"folder": output}}, file=settings_file)
    games, answers = student_statistics(name, settings, Selection(since, until, event))
    if as_pdf or file or xlsx:
        from pipeline.sheets import print_student  # noqa: PLC0415

        pdf = partial(print_student, name, games, answers, settings, file) if as_pdf or file else None
        _write(answers, pdf, xlsx, as_json=as_json)
        return
    _show_tables(games, answers, as_json=as_json, as_csv=as_csv)


def export(
    folder: Annotated[Path, typer.Argument(metavar=M["target"], readable=False, help=H["export.folder"])],
    *,
    kind: Annotated[str, typer.Option("--format", metavar=M["word"], help=H["export.format"])] = "csv",
    table: Annotated[str, typer.Option("--table", metavar=M["word"], help=H["export.table"])] = "all",
    output: Output = None,
    settings_file: SettingsFile = None,
) -> None:
    """Write the dataset as files for other programs."""
    from pipeline.overview import export as export_tables  # noqa: PLC0415

    settings = load({"output": {"folder": output}}, file=settings_file)
    for path, rows in export_tables(folder, table, kind, settings):
        print_line(words.EXPORTED.format(path=path, rows=rows))
