"""Statistics over many games as one printed page: of a player below ``students/``, or of the club."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.atomic import atomic_write_bytes, safe_file_name
from pipeline.publish import Folders
from pipeline.report.logo import load_logo
from pipeline.report.render import Renderer
from pipeline.report.student_view import Tables, build_club, build_student
from pipeline.settings import Settings
from pipeline.wording import student as words

if TYPE_CHECKING:
    from pipeline.store.many_games import Answer


def print_student(
    name: str,
    games: int,
    answers: Sequence[Answer],
    settings: Settings,
    file: Path | None = None,
    *,
    today: date | None = None,
) -> Path:
    """Print the page about one player; returns where it was written.

    Args:
        name: as it was asked for.
        games: number of the player's games.
        answers: what the dataset says of the player.
        settings: for the output folder, the club and its logo.
        file: instead of a file named after the player.
        today: the date that the document bears.

    Raises:
        StoreError, ConfigError: it cannot be written.
        RenderError, DependencyError: the page cannot be set.
    """
    report, found = settings.report, _tables(answers)
    logo = load_logo(report.logo) if report.logo else None
    view = build_student(found, games=games, name=name, created=_day(today), club=report.club, logo=logo)
    player = next((str(row["player"]) for row in found.get("summary", ()) if row["player"]), name)
    folder = Folders(settings.output.folder).students
    path = file or folder / safe_file_name([player], ".pdf")
    atomic_write_bytes(path, Renderer().render_sheet(view))
    return path


def print_club(
    games: int, answers: Sequence[Answer], settings: Settings, file: Path | None = None, *, today: date | None = None
) -> Path:
    """Print the page about all players. Arguments and errors as :func:`print_student`."""
    report = settings.report
    logo = load_logo(report.logo) if report.logo else None
    view = build_club(_tables(answers), games=games, created=_day(today), club=report.club, logo=logo)
    path = file or Folders(settings.output.folder).students / f"{words.CLUB_FILE}.pdf"
    atomic_write_bytes(path, Renderer().render_sheet(view))
    return path


def _tables(answers: Sequence[Answer]) -> Tables:
    return {answer.name: [dict(zip(answer.columns, row, strict=True)) for row in answer.rows] for answer in answers}


def _day(today: date | None) -> str:
    return (today or datetime.now().astimezone().date()).isoformat()
