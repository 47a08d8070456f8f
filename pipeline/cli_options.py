"""What the commands share: options, flags, and printing results to stdout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.console import print_line
from pipeline.wording import cli as words
from pipeline.wording import jobs as job_words
from pipeline.wording.benchmark import PRESET_HELP

H, M = words.HELP, words.METAVARS
Flags = dict[str, dict[str, Any]]

Output = Annotated[Path | None, typer.Option("--output", metavar=M["folder"], readable=False, help=H["output"])]
Visits = Annotated[int | None, typer.Option("--visits", metavar=M["number"], help=H["visits"])]
Quick = Annotated[int | None, typer.Option("--quick", metavar=M["number"], help=H["quick"])]
Preset = Annotated[str | None, typer.Option("--preset", metavar=M["word"], help=PRESET_HELP)]
Strategy = Annotated[str | None, typer.Option("--strategy", metavar=M["word"], help=H["strategy"])]
Side = Annotated[str | None, typer.Option("--side", metavar=M["word"], help=H["side"])]
Rules = Annotated[str | None, typer.Option("--rules", metavar=M["word"], help=H["rules"])]
Komi = Annotated[float | None, typer.Option("--komi", metavar=M["number"], help=H["komi"])]
Katago = Annotated[Path | None, typer.Option("--katago", metavar=M["file"], readable=False, help=H["katago"])]
Network = Annotated[Path | None, typer.Option("--network", metavar=M["file"], readable=False, help=H["network"])]
Human = Annotated[
    Path | None, typer.Option("--human-network", metavar=M["file"], readable=False, help=H["human_network"])
]
Prefer = Annotated[str | None, typer.Option("--prefer", metavar=M["word"], help=H["prefer"])]
Level = Annotated[str | None, typer.Option("--level", metavar=M["word"], help=H["level"])]
Club = Annotated[str | None, typer.Option("--club", metavar=M["word"], help=H["club"])]
Json = Annotated[bool, typer.Option("--json", help=H["json"])]
SettingsFile = Annotated[Path | None, typer.Option("--settings", metavar=M["file"], readable=False, help=H["settings"])]
Until = Annotated[str | None, typer.Option("--until", metavar=M["word"], help=job_words.HELP["until"])]
Verbose = Annotated[bool, typer.Option("--verbose", help=H["verbose"])]


def print_json(value: object) -> None:
    """Print a result for programs."""
    print_line(json.dumps(value, ensure_ascii=False, indent=2, default=str))
