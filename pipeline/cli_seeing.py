"""Commands that show what was done: the morning summary and the dashboard."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from pipeline.cli_options import Club, Json, Output, SettingsFile, print_json
from pipeline.console import make_reporter, print_line
from pipeline.helptext import Application
from pipeline.settings import load
from pipeline.wording import dashboard as dashboard_words
from pipeline.wording import morning as words
from pipeline.wording.cli import METAVARS

app = Application()


@app.command(help=words.HELP["overview"])
def overview(
    *,
    since: Annotated[str | None, typer.Option("--since", metavar=METAVARS["word"], help=words.HELP["since"])] = None,
    output: Output = None,
    club: Club = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """Write the morning summary."""
    from pipeline.morning import parse_since, said, write_overview  # noqa: PLC0415 - keeps --help fast

    settings = load({"output": {"folder": output}, "report": {"club": club}}, file=settings_file)
    now = datetime.now().astimezone()
    written = write_overview(settings, now=now, since=parse_since(since, now) if since else None)
    if as_json:
        night = written.night
        print_json(
            {
                "pdf": str(written.pdf) if written.pdf else None,
                "html": str(written.page) if written.page else None,
                "since": night.since.isoformat(timespec="seconds"),
                "done": len(night.games),
                "failed_games": night.failed_games,
                "failed_files": night.failed_files,
                "open_games": night.open_games,
            }
        )
    else:
        print_line(said(written) if written.pdf else words.LABELS["nothing"])


@app.command(help=dashboard_words.HELP["dashboard"])
def dashboard(
    *,
    host: Annotated[
        str, typer.Option("--host", metavar=METAVARS["word"], help=dashboard_words.HELP["host"])
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar=METAVARS["number"], min=0, max=65535, help=dashboard_words.HELP["port"])
    ] = 8361,
    output: Output = None,
    club: Club = None,
    settings_file: SettingsFile = None,
) -> None:
    """Serve the read-only web page."""
    from pipeline.dashboard.serve import serve  # noqa: PLC0415 - keeps --help fast

    settings = load({"output": {"folder": output}, "report": {"club": club}}, file=settings_file)
    serve(settings, host=host, port=port, say=make_reporter().message)
