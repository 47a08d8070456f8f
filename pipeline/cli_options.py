"""What the commands share: options, flags, and printing results to stdout."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.wording import cli as words

H = words.HELP
Flags = dict[str, dict[str, Any]]

Output = Annotated[Path | None, typer.Option("--output", help=H["output"])]
Visits = Annotated[int | None, typer.Option("--visits", help=H["visits"])]
Quick = Annotated[int | None, typer.Option("--quick", help=H["quick"])]
Strategy = Annotated[str | None, typer.Option("--strategy", help=H["strategy"])]
Side = Annotated[str | None, typer.Option("--side", help=H["side"])]
Rules = Annotated[str | None, typer.Option("--rules", help=H["rules"])]
Komi = Annotated[float | None, typer.Option("--komi", help=H["komi"])]
Katago = Annotated[Path | None, typer.Option("--katago", help=H["katago"])]
Network = Annotated[Path | None, typer.Option("--network", help=H["network"])]
Prefer = Annotated[str | None, typer.Option("--prefer", help=H["prefer"])]
Level = Annotated[str | None, typer.Option("--level", help=H["level"])]
Club = Annotated[str | None, typer.Option("--club", help=H["club"])]
Json = Annotated[bool, typer.Option("--json", help=H["json"])]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help=H["settings"])]
Verbose = Annotated[bool, typer.Option("--verbose", help=H["verbose"])]


def print_line(text: str) -> None:
    """Print a line of a result."""
    sys.stdout.write(text + "\n")


def print_json(value: object) -> None:
    """Print a result for programs."""
    print_line(json.dumps(value, ensure_ascii=False, indent=2, default=str))
