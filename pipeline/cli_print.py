"""Commands that print from stored analyses: ``report`` and ``workbook``. No engine is started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from pipeline import flags
from pipeline.cli_options import Club, Flags, Json, Level, Output, SettingsFile, Side, print_json
from pipeline.console import QuietReporter, make_reporter
from pipeline.outcome import RunSummary
from pipeline.settings import load
from pipeline.wording.cli import HELP as H
from pipeline.wording.cli import METAVARS as M
from pipeline.wording.cli import WORKBOOK_DONE

Games = Annotated[list[str] | None, typer.Argument(metavar=M["games"], help=H["games"])]
WorkbookGames = Annotated[list[str] | None, typer.Argument(metavar=M["games"], help=H["workbook_games"])]
Student = Annotated[str | None, typer.Option("--student", metavar=M["word"], help=H["problems_of"])]
Count = Annotated[int, typer.Option("--count", metavar=M["number"], min=1, max=200, help=H["count"])]
Choices = Annotated[bool, typer.Option("--choices/--no-choices", help=H["choices"])]
Again = Annotated[bool, typer.Option("--again", help=H["again"])]


def register(
    app: typer.Typer,
    *,
    summary: Callable[[RunSummary], dict[str, Any]],
    finish: Callable[[RunSummary], None],
) -> None:
    """Add the commands.

    Args:
        app: where to.
        summary: a run as plain values.
        finish: raises when a game failed.
    """

    @app.command(help=H["report"])
    def report(
        games: Games = None,
        *,
        output: Output = None,
        side: Side = None,
        club: Club = None,
        logo: flags.Logo = None,
        student: flags.Student = None,
        paper: flags.Paper = None,
        large_print: flags.LargePrint = None,
        colour: flags.Colour = None,
        columns: flags.Columns = None,
        coordinates: flags.Coordinates = None,
        moments: flags.Moments = None,
        figure_moves: flags.FigureMoves = None,
        record: flags.Record = None,
        booklet: flags.Booklet = None,
        html: flags.Html = None,
        sgf_branches: flags.SgfBranches = None,
        level: Level = None,
        settings_file: SettingsFile = None,
        as_json: Json = False,
    ) -> None:
        """Print stored games again."""
        from pipeline.app import reprint  # noqa: PLC0415 - keeps --help fast

        section = flags.report_section(
            club=club,
            logo=logo,
            student=student,
            paper=paper,
            large_print=large_print,
            colour=colour,
            columns=columns,
            coordinates=coordinates,
            moments=moments,
            figure_moves=figure_moves,
            record=record,
            booklet=booklet,
            html=html,
            sgf_branches=sgf_branches,
            level=level,
        )
        given: Flags = {"analysis": {"side": side}, "output": {"folder": output}, "report": section}
        settings = load(given, file=settings_file)
        reporter = QuietReporter() if as_json else make_reporter()
        done = reprint(games or [], settings, reporter)
        if as_json:
            print_json(summary(done))
        finish(done)

    @app.command(help=H["workbook"])
    def workbook(
        games: WorkbookGames = None,
        *,
        student: Student = None,
        count: Count = 12,
        choices: Choices = True,
        again: Again = False,
        output: Output = None,
        club: Club = None,
        logo: flags.Logo = None,
        paper: flags.Paper = None,
        large_print: flags.LargePrint = None,
        colour: flags.Colour = None,
        columns: flags.Columns = None,
        coordinates: flags.Coordinates = None,
        booklet: flags.Booklet = None,
        settings_file: SettingsFile = None,
        as_json: Json = False,
    ) -> None:
        """Print problems from stored games."""
        from pipeline.workbook import WorkbookRequest, make_workbook  # noqa: PLC0415 - keeps --help fast

        section = flags.report_section(
            club=club,
            logo=logo,
            student=student,
            paper=paper,
            large_print=large_print,
            colour=colour,
            columns=columns,
            coordinates=coordinates,
            booklet=booklet,
        )
        settings = load({"output": {"folder": output}, "report": section}, file=settings_file)
        request = WorkbookRequest(tuple(games or ()), count=count, choices=choices, again=again)
        made = make_workbook(request, settings)
        if as_json:
            print_json({"workbook": str(made.path), "problems": made.problems, "games": made.games})
        else:
            text = WORKBOOK_DONE.format(path=made.path, count=made.problems, games=made.games)
            make_reporter().message(text)
