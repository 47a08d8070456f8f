"""Command line: flags -> settings -> app; errors -> exit codes."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

import pipeline
from pipeline import cli_benchmark, cli_diagram, cli_jobs, cli_print, cli_seeing, cli_service, exits, flags
from pipeline.cli_options import (
    Club,
    Flags,
    Human,
    Json,
    Katago,
    Komi,
    Level,
    Network,
    Output,
    Prefer,
    Preset,
    Quick,
    Rules,
    SettingsFile,
    Side,
    Strategy,
    Until,
    Verbose,
    Visits,
    print_json,
)
from pipeline.commands_statistics import register
from pipeline.console import Reporter, make_reporter, prepare_streams, print_line
from pipeline.deadline import next_time
from pipeline.errors import BatchIncomplete, ConfigError, FupanError
from pipeline.helptext import Application
from pipeline.outcome import GameOutcome, RunSummary, Status
from pipeline.settings import CONFIG_NAME, FolderSettings, load
from pipeline.wording import cli as words
from pipeline.wording import drive as drive_words
from pipeline.wording import install as install_words

H, M, INSTALL = words.HELP, words.METAVARS, install_words.HELP
app = Application(help=words.APP_HELP, no_args_is_help=True, pretty_exceptions_enable=False)
engine_app = Application(help=H["engine"], no_args_is_help=True)
config_app = Application(help=H["config"], no_args_is_help=True)
app.add_typer(cli_jobs.app)
app.add_typer(cli_seeing.app)
app.add_typer(cli_diagram.app)
app.add_typer(engine_app, name="engine")
app.add_typer(config_app, name="config")
app.add_typer(cli_service.app, name="service")


def _error_as_dict(error: FupanError | None) -> dict[str, str] | None:
    return {"code": error.code, "message": error.message, "advice": error.advice} if error else None


def _outcome_as_dict(outcome: GameOutcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "status": outcome.status.value,
        "game_id": outcome.game_id,
        "report": str(outcome.report) if outcome.report else None,
        "error": _error_as_dict(outcome.error),
    }


def _summary_as_dict(summary: RunSummary) -> dict[str, Any]:
    return {
        "games": [_outcome_as_dict(outcome) for outcome in summary.outcomes],
        "positions_searched": summary.positions,
        "visits": summary.visits,
        "search_seconds": round(summary.search_seconds, 2),
        "seconds": round(summary.seconds, 2),
        **summary.engine_facts,
    }


def _show_summary(summary: RunSummary, folder: Path, reporter: Reporter) -> None:
    done, already, failed = (summary.count(s) for s in (Status.DONE, Status.ALREADY, Status.FAILED))
    reporter.message(
        words.SUMMARY.format(done=done, already=already, failed=failed, elapsed=words.duration(summary.seconds))
    )
    if summary.positions:
        speed = summary.visits / max(summary.search_seconds, 0.001)
        reporter.message(words.SUMMARY_SEARCH.format(positions=summary.positions, visits=summary.visits, speed=speed))
    for text in summary.engine_news:
        reporter.message(text)
    if pending := summary.count(Status.PENDING):
        reporter.message(drive_words.PENDING.format(count=pending))
    if done or already:
        reporter.message(words.SUMMARY_REPORTS.format(folder=folder / "reports"))
    if summary.count(Status.FAILED):
        reporter.message(words.FAILURES_HEADING)
        for outcome in summary.failures:
            if outcome.error is not None:
                error = outcome.error
                reporter.message(
                    words.FAILURE_LINE.format(name=outcome.name, message=error.message, advice=error.advice)
                )


def _finish(summary: RunSummary) -> None:
    if summary.count(Status.FAILED):
        raise BatchIncomplete("run.incomplete", count=summary.count(Status.FAILED))


@app.command(help=H["review"])
def review(
    paths: Annotated[list[Path], typer.Argument(metavar=M["paths"], readable=False, help=H["paths"])],
    *,
    visits: Visits = None,
    quick: Quick = None,
    preset: Preset = None,
    output: Output = None,
    strategy: Strategy = None,
    side: Side = None,
    rules: Rules = None,
    komi: Komi = None,
    katago: Katago = None,
    network: Network = None,
    human_network: Human = None,
    prefer: Prefer = None,
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
    until: Until = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Review files and folders."""
    from pipeline.app import ReviewRun  # noqa: PLC0415 - keeps --help fast

    given: Flags = {
        "engine": {"katago": katago, "network": network, "human_network": human_network, "prefer": prefer},
        "analysis": {
            "visits": visits,
            "quick": quick,
            "preset": preset,
            "strategy": strategy,
            "side": side,
            "rules": rules,
            "komi": komi,
        },
        "output": {"folder": output},
        "report": flags.report_section(
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
        ),
    }
    folders = FolderSettings(given, file=settings_file, tops=paths)
    settings = folders.general
    end = next_time(until, datetime.now().astimezone()) if until else None
    reporter = make_reporter()
    run = ReviewRun(folders, reporter, until=end, verbose=verbose)
    try:
        run.run(paths)
    finally:
        reporter.close()
        if run.summary.outcomes or run.summary.positions:
            _show_summary(run.summary, settings.output.folder, reporter)
        if as_json:
            print_json(_summary_as_dict(run.summary))
    _finish(run.summary)


cli_print.register(app, summary=_summary_as_dict, finish=_finish)
register(app)


@app.command(help=H["inspect"])
def inspect(
    files: Annotated[list[Path], typer.Argument(metavar=M["files"], readable=False, help=H["file"])],
    *,
    rules: Rules = None,
    komi: Komi = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """Show what the reader makes of a file."""
    from pipeline.inspection import inspect_files, lines_of  # noqa: PLC0415

    folders = FolderSettings({"analysis": {"rules": rules, "komi": komi}}, file=settings_file, tops=files)
    games = inspect_files(files, folders)
    if as_json:
        print_json(games)
    else:
        print_line("\n\n".join("\n".join(lines_of(game)) for game in games))


@engine_app.command("install", help=H["engine.install"])
def engine_install(
    *,
    backend: Annotated[str | None, typer.Option("--backend", metavar=M["word"], help=INSTALL["backend"])] = None,
    version: Annotated[str | None, typer.Option("--version", metavar=M["word"], help=INSTALL["version"])] = None,
    mirror: Annotated[str | None, typer.Option("--mirror", metavar=M["word"], help=INSTALL["mirror"])] = None,
    network: Annotated[str | None, typer.Option("--network", metavar=M["word"], help=INSTALL["network"])] = None,
    sha256: Annotated[str | None, typer.Option("--sha256", metavar=M["word"], help=INSTALL["sha256"])] = None,
    prefer: Prefer = None,
    verify: Annotated[bool, typer.Option("--verify", help=H["verify"])] = False,
    settings_file: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """Provision engine and network."""
    from pipeline import installation  # noqa: PLC0415

    given = {"prefer": prefer, "mirror": mirror}
    load({"engine": given | {"backend": backend}}, file=settings_file)  # says what is wrong with the flags
    settings = load({"engine": given}, file=settings_file)
    reporter = make_reporter()
    try:
        wish = installation.Wish(backend if backend != "auto" else None, version, network, sha256, verify)
        outcome = installation.install(wish, settings, reporter)
    except exits.StopRequested as stop:
        raise exits.StopRequested(type(stop.error)("install.interrupted")) from None
    finally:
        reporter.close()
    facts, lines = installation.report(outcome, installation.in_force(settings))
    print_json(facts) if as_json else print_line("\n".join(lines))


@engine_app.command("info", help=H["engine.info"])
def engine_info(
    katago: Katago = None,
    network: Network = None,
    prefer: Prefer = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """Say which engine and network would be used."""
    from pipeline.app import equipped, locate_engine  # noqa: PLC0415
    from pipeline.installation import present  # noqa: PLC0415

    settings = load({"engine": {"katago": katago, "network": network, "prefer": prefer}}, file=settings_file)
    setup = locate_engine(settings)
    facts, lines = present(setup, equipped(setup, settings)[1] if setup else None)
    print_json(facts) if as_json else print_line("\n".join(lines))


@engine_app.command("remove", help=INSTALL["remove"])
def engine_remove(
    names: Annotated[list[str], typer.Argument(metavar=M["word"], help=INSTALL["remove.names"])],
    as_json: Json = False,
) -> None:
    """Take engines or networks away."""
    from pipeline import installation  # noqa: PLC0415

    facts, lines = installation.remove(names)
    print_json(facts) if as_json else print_line("\n".join(lines))


cli_benchmark.register(engine_app)


@app.command(help=H["doctor"])
def doctor(
    output: Output = None,
    katago: Katago = None,
    network: Network = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """Check this machine."""
    from pipeline.inspection import doctor_report  # noqa: PLC0415

    settings = load(
        {"engine": {"katago": katago, "network": network}, "output": {"folder": output}}, file=settings_file
    )
    healthy, items, lines = doctor_report(settings)
    print_json(items) if as_json else print_line("\n".join(lines))
    if not healthy:
        raise typer.Exit(4)


@config_app.command("show", help=H["config.show"])
def config_show(settings_file: SettingsFile = None) -> None:
    """Print the settings in force as JSON."""
    print_line(load(file=settings_file).model_dump_json(indent=2))


@config_app.command("init", help=H["config.init"])
def config_init() -> None:
    """Write a commented settings file into this folder."""
    target = Path(CONFIG_NAME)
    try:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(words.CONFIG_TEMPLATE)
    except FileExistsError as error:
        raise ConfigError("config.exists", path=target) from error
    except OSError as error:
        raise ConfigError("output.not_writable", path=target, detail=error.strerror) from error
    print_line(words.CONFIG_WRITTEN.format(path=target))


def _version(value: bool) -> None:
    if value:
        print_line(f"fupan {pipeline.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help=H["version"])] = False,
) -> None:
    """Nothing to do before a command."""


def run(arguments: list[str] | None = None) -> int:
    """Run a command line; returns the exit code (``docs/errors.md``)."""
    prepare_streams()
    try:
        code = typer.main.get_command(app).main(args=arguments, prog_name="fupan", standalone_mode=False)
    except (Exception, exits.StopRequested) as error:
        return exits.exit_code_of(error)
    finally:
        logging.shutdown()
    return code if isinstance(code, int) else 0
