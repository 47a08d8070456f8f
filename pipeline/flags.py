"""Command-line flags about print, shared by the commands that print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.wording.cli import HELP as H
from pipeline.wording.cli import METAVARS as M

Logo = Annotated[Path | None, typer.Option("--logo", metavar=M["file"], readable=False, help=H["logo"])]
Student = Annotated[str | None, typer.Option("--for", metavar=M["word"], help=H["for"])]
Paper = Annotated[str | None, typer.Option("--paper", metavar=M["word"], help=H["paper"])]
LargePrint = Annotated[bool | None, typer.Option("--large-print/--normal-print", help=H["large_print"])]
Colour = Annotated[bool | None, typer.Option("--colour/--grey", help=H["colour"])]
Columns = Annotated[int | None, typer.Option("--columns", metavar=M["number"], help=H["columns"])]
Coordinates = Annotated[str | None, typer.Option("--coordinates", metavar=M["word"], help=H["coordinates"])]
Moments = Annotated[int | None, typer.Option("--moments", metavar=M["number"], help=H["moments"])]
FigureMoves = Annotated[int | None, typer.Option("--figure-moves", metavar=M["number"], help=H["figure_moves"])]
Record = Annotated[bool | None, typer.Option("--record/--no-record", help=H["record"])]
Booklet = Annotated[bool | None, typer.Option("--booklet/--no-booklet", help=H["booklet"])]
Html = Annotated[bool | None, typer.Option("--html/--no-html", help=H["html"])]

SgfBranches = Annotated[float | None, typer.Option("--sgf-branches", metavar=M["number"], help=H["sgf_branches"])]


def report_section(
    *,
    club: str | None = None,
    logo: Path | None = None,
    student: str | None = None,
    paper: str | None = None,
    large_print: bool | None = None,
    colour: bool | None = None,
    columns: int | None = None,
    coordinates: str | None = None,
    moments: int | None = None,
    figure_moves: int | None = None,
    record: bool | None = None,
    booklet: bool | None = None,
    html: bool | None = None,
    sgf_branches: float | None = None,
    level: str | None = None,
) -> dict[str, Any]:
    """The flags as the ``report`` section of the settings; ``None`` for those not given."""
    return {
        "club": club,
        "logo": logo,
        "student": student,
        "paper": paper.upper() if paper else None,
        "large_print": large_print,
        "colour": colour,
        "columns": columns,
        "coordinates": coordinates,
        "key_moments": moments,
        "moves_per_figure": figure_moves,
        "record": record,
        "booklet": booklet,
        "html": html,
        "sgf_branches": sgf_branches,
        "level": level,
    }
