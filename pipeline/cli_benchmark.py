"""Commands that measure the engine, and the table of presets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli_options import Json, Prefer, SettingsFile, print_json
from pipeline.console import make_reporter, print_line
from pipeline.errors import ConfigError
from pipeline.settings import load
from pipeline.wording.benchmark import HELP as H
from pipeline.wording.cli import LIST_COMMA
from pipeline.wording.cli import METAVARS as M

_MINUTE = 60.0
# Minutes, unless the user says otherwise
_LIMIT, _TUNE_LIMIT = 30.0, 15.0

Files = list[Path]


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``engine``."""
    app.command("benchmark", help=H["benchmark"])(benchmark)
    app.command("presets", help=H["presets"])(presets)


def parse_threads(text: str | None) -> tuple[int, ...] | None:
    """Numbers separated by commas.

    Raises:
        ConfigError: something else.
    """
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= 4096 for part in parts):
        raise ConfigError("benchmark.bad_threads", value=text)
    return tuple(dict.fromkeys(int(part) for part in parts))


def _refuse(code: str, flags: Mapping[str, object]) -> None:
    """What was given and would change nothing is not passed over in silence."""
    if given := [flag for flag, value in flags.items() if value is not None]:
        raise ConfigError(code, flags=LIST_COMMA.join(given))


def benchmark(
    games: Annotated[Files | None, typer.Argument(metavar=M["paths"], readable=False, help=H["games"])] = None,
    *,
    tune: Annotated[bool, typer.Option("--tune", help=H["tune"])] = False,
    katago: Annotated[
        Files | None, typer.Option("--katago", metavar=M["file"], readable=False, help=H["katago"])
    ] = None,
    network: Annotated[
        Files | None, typer.Option("--network", metavar=M["file"], readable=False, help=H["network"])
    ] = None,
    prefer: Prefer = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar=M["folder"], readable=False, help=H["output"])
    ] = None,
    visits: Annotated[
        int | None, typer.Option("--visits", metavar=M["number"], min=2, max=1_000_000, help=H["visits"])
    ] = None,
    positions: Annotated[
        int | None, typer.Option("--positions", metavar=M["number"], min=1, max=1000, help=H["positions"])
    ] = None,
    threads: Annotated[str | None, typer.Option("--threads", metavar=M["word"], help=H["threads"])] = None,
    limit: Annotated[
        float | None, typer.Option("--limit", metavar=M["number"], min=0.01, max=1440, help=H["limit"])
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar=M["number"], min=0.01, max=600, show_default=False, help=H["seconds"]),
    ] = None,
    rounds: Annotated[
        int | None, typer.Option("--rounds", metavar=M["number"], min=1, max=20, show_default=False, help=H["rounds"])
    ] = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """Measure engines and networks, or the best threads."""
    from pipeline import benchmarking, comparison  # noqa: PLC0415 - keeps --help fast
    from pipeline.engine.benchmark import BenchmarkOptions  # noqa: PLC0415
    from pipeline.engine.tune import TuneOptions  # noqa: PLC0415

    numbers = parse_threads(threads)
    if tune:
        _refuse("benchmark.not_with_tune", {"--threads": threads, "--positions": positions})
    else:
        _refuse("benchmark.only_with_tune", {"--seconds": seconds, "--rounds": rounds, M["paths"]: games})
    # With --tune the one engine that a review would use is meant.
    chosen = {"katago": katago[0] if katago and tune else None, "network": network[0] if network and tune else None}
    settings = load({"engine": {**chosen, "prefer": prefer}}, file=settings_file)
    folder = output or settings.output.folder / benchmarking.FOLDER
    reporter = make_reporter()
    try:
        if tune:
            minutes = _TUNE_LIMIT if limit is None else limit
            options = TuneOptions(limit=minutes * _MINUTE, visits=visits)
            options = replace(options, window=seconds or options.window, rounds=rounds or options.rounds)
            result = benchmarking.tune(settings, reporter, games=games or [], folder=folder, options=options)
        else:
            minutes = _LIMIT if limit is None else limit
            what = BenchmarkOptions(visits, positions, numbers, limit=minutes * _MINUTE)
            run = benchmarking.Comparison(settings, reporter, katago or [], network or [], folder, what)
            result = comparison.as_dict(comparison.with_factors(run.run()))
    finally:
        reporter.close()
    if as_json:
        print_json(result)
    elif not tune:
        print_line((folder / benchmarking.PAGE).read_text(encoding="utf-8"))


def presets(*, as_json: Json = False) -> None:
    """List the presets."""
    from pipeline import comparison  # noqa: PLC0415

    if as_json:
        print_json({name: comparison.preset_as_dict(budget) for name, budget in comparison.preset_budgets().items()})
    else:
        print_line("\n".join(comparison.preset_lines()))
