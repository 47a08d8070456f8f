"""The command that draws one position of a game. No engine is started."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline import flags
from pipeline.cli_options import Json, Output, SettingsFile, print_json
from pipeline.console import make_reporter
from pipeline.helptext import Application
from pipeline.settings import FolderSettings
from pipeline.wording import diagram as words
from pipeline.wording.cli import METAVARS as M

H = words.HELP
app = Application()


@app.command(help=H["diagram"])
def diagram(
    game: Annotated[str, typer.Argument(metavar=M["games"], help=H["game"])],
    *,
    file: Annotated[
        Path | None, typer.Option("-o", "--file", metavar=M["file"], readable=False, help=H["file"])
    ] = None,
    move: Annotated[int | None, typer.Option("--move", metavar=M["number"], min=0, max=9999, help=H["move"])] = None,
    last: Annotated[int | None, typer.Option("--last", metavar=M["number"], min=0, max=999, help=H["last"])] = None,
    figure: Annotated[str | None, typer.Option("--figure", metavar=M["word"], help=H["figure"])] = None,
    line: Annotated[str | None, typer.Option("--line", "--variation", metavar=M["word"], help=H["line"])] = None,
    show: Annotated[str | None, typer.Option("--show", metavar=M["word"], help=H["show"])] = None,
    first_number: Annotated[
        int | None, typer.Option("--from", metavar=M["number"], min=1, max=999, help=H["from"])
    ] = None,
    part: Annotated[str | None, typer.Option("--part", metavar=M["word"], help=H["part"])] = None,
    mark: Annotated[list[str] | None, typer.Option("--mark", metavar=M["word"], help=H["mark"])] = None,
    caption: Annotated[str, typer.Option("--caption", metavar=M["word"], help=H["caption"])] = "",
    coordinates: flags.Coordinates = None,
    colour: flags.Colour = None,
    cell: Annotated[float, typer.Option("--cell", metavar=M["number"], min=1, max=30, help=H["cell"])] = 4.2,
    width: Annotated[
        float | None, typer.Option("--width", metavar=M["number"], min=10, max=500, help=H["width"])
    ] = None,
    dpi: Annotated[int, typer.Option("--dpi", metavar=M["number"], min=30, max=1200, help=H["dpi"])] = 300,
    number: Annotated[int, typer.Option("--game", metavar=M["number"], min=1, help=H["number"])] = 1,
    output: Output = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """Draw a position."""
    from pipeline.diagrams import DiagramRequest, draw_diagram  # noqa: PLC0415 - keeps --help fast

    section = flags.report_section(coordinates=coordinates, colour=colour)
    folders = FolderSettings({"output": {"folder": output}, "report": section}, file=settings_file)
    request = DiagramRequest(
        game,
        file=file,
        number=number,
        move=move,
        last=last,
        figure=figure,
        line=line,
        show=show,
        first_number=first_number,
        part=part,
        marks=tuple(mark or ()),
        caption=caption,
        cell_mm=cell,
        width_mm=width,
        dpi=dpi,
    )
    path = draw_diagram(request, folders)
    print_json({"diagram": str(path)}) if as_json else make_reporter().message(words.DONE.format(path=path))
