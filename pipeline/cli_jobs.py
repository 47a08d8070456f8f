"""Commands that watch a folder, look at the queue and steer it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli_options import (
    Club,
    Flags,
    Json,
    Katago,
    Komi,
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
from pipeline.console import Reporter, make_reporter, print_line
from pipeline.deadline import next_time
from pipeline.errors import BatchIncomplete
from pipeline.helptext import Application
from pipeline.outcome import Status
from pipeline.settings import FolderSettings, load
from pipeline.wording import cli as cli_words
from pipeline.wording import jobs as words
from pipeline.wording.cli import METAVARS
from pipeline.wording.cluster import HELP as CLUSTER

if TYPE_CHECKING:
    from pipeline.watching import WatchRun

if TYPE_CHECKING:
    from pipeline.jobs.desk import QueueState

H = words.HELP
LIVE_SECONDS = 2.0

app = Application()
Games = Annotated[list[str] | None, typer.Argument(metavar=METAVARS["games"], help=H["game"])]


@app.command(help=H["watch"])
def watch(
    inbox: Annotated[Path, typer.Argument(metavar=METAVARS["inbox"], readable=False, help=H["inbox"])],
    *,
    once: Annotated[bool, typer.Option("--once", help=H["once"])] = False,
    no_worker: Annotated[bool, typer.Option("--no-worker", help=CLUSTER["no_worker"])] = False,
    until: Until = None,
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
    prefer: Prefer = None,
    club: Club = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Watch a folder."""
    from pipeline.watching import WatchRun  # noqa: PLC0415 - keeps --help fast

    flags: Flags = {
        "engine": {"katago": katago, "network": network, "prefer": prefer},
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
        "report": {"club": club},
    }
    folders = FolderSettings(flags, file=settings_file, tops=[inbox])
    end = next_time(until, datetime.fromtimestamp(time.time()).astimezone()) if until else None
    reporter = make_reporter()
    run = WatchRun(folders, reporter, once=once, until=end, works=not no_worker, verbose=verbose)
    _run(run, inbox, reporter, as_json=as_json)


@app.command(help=CLUSTER["worker"])
def worker(
    *,
    once: Annotated[bool, typer.Option("--once", help=CLUSTER["worker_once"])] = False,
    until: Until = None,
    any_network: Annotated[bool, typer.Option("--any-network", help=CLUSTER["any_network"])] = False,
    output: Output = None,
    katago: Katago = None,
    network: Network = None,
    prefer: Prefer = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Work for a queue."""
    from pipeline.watching import WatchRun  # noqa: PLC0415 - keeps --help fast

    flags: Flags = {
        "engine": {"katago": katago, "network": network, "prefer": prefer},
        "output": {"folder": output},
    }
    end = next_time(until, datetime.now().astimezone()) if until else None
    reporter = make_reporter()
    folders = FolderSettings(flags, file=settings_file)
    run = WatchRun(folders, reporter, once=once, until=end, any_network=any_network, verbose=verbose)
    _run(run, None, reporter, as_json=as_json)


def _run(run: WatchRun, inbox: Path | None, reporter: Reporter, *, as_json: bool) -> None:
    """Watch or work, and say at the end what was done."""
    try:
        run.run(inbox)
    finally:
        reporter.close()
        summary = run.summary
        failed = summary.count(Status.FAILED) + run.refused
        if run.has_begun:
            reporter.message(
                words.WATCH_SUMMARY.format(
                    done=summary.games - summary.count(Status.FAILED),
                    failed=failed,
                    pending=run.pending,
                    elapsed=cli_words.duration(summary.seconds),
                )
            )
        for text in summary.engine_news:
            reporter.message(text)
        if as_json:
            print_json(
                {
                    "done": summary.games - summary.count(Status.FAILED),
                    "failed": failed,
                    "pending": run.pending,
                    "positions_searched": summary.positions,
                    "visits": summary.visits,
                    **summary.engine_facts,
                    "seconds": round(summary.seconds, 2),
                }
            )
    if failed:
        raise BatchIncomplete("run.incomplete", count=failed)


@app.command(help=H["status"])
def status(
    *,
    live: Annotated[bool, typer.Option("--watch", help=H["live"])] = False,
    output: Output = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """Show the queue."""
    from pipeline.queueview import empty_state, open_view, state_as_dict, status_lines  # noqa: PLC0415

    settings = load({"output": {"folder": output}}, file=settings_file)

    times = settings.schedule.times

    def look() -> QueueState | None:
        with open_view(settings) as desk:
            return desk.state() if desk else None

    if as_json:
        print_json(state_as_dict(look() or empty_state(), time.time()))
        while live:
            time.sleep(LIVE_SECONDS)
            print_json(state_as_dict(look() or empty_state(), time.time()))
    elif live:
        from pipeline.live import show_live  # noqa: PLC0415 - rich is not needed otherwise

        show_live(lambda: status_lines(look(), time.time(), times), every=LIVE_SECONDS)
    else:
        print_line("\n".join(status_lines(look(), time.time(), times)))


@app.command("list", help=H["list"])
def list_games(
    *,
    state: Annotated[str | None, typer.Option("--state", metavar=METAVARS["word"], help=H["state"])] = None,
    output: Output = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """List the games in the queue."""
    from pipeline.queueview import job_as_dict, list_lines, open_view, parse_state  # noqa: PLC0415

    settings = load({"output": {"folder": output}}, file=settings_file)
    wanted = parse_state(state)
    with open_view(settings) as desk:
        jobs = desk.jobs(wanted) if desk else []
    print_json([job_as_dict(job) for job in jobs]) if as_json else print_line("\n".join(list_lines(jobs)))


@app.command(help=H["show"])
def show(
    game: Annotated[str, typer.Argument(metavar=METAVARS["games"], help=H["game"])],
    *,
    output: Output = None,
    settings_file: SettingsFile = None,
    as_json: Json = False,
) -> None:
    """Show one game."""
    from pipeline.queueview import find_jobs, job_as_dict, open_view, show_lines  # noqa: PLC0415

    settings = load({"output": {"folder": output}}, file=settings_file)
    with open_view(settings) as desk:
        jobs = find_jobs(desk, game)
    if as_json:
        print_json([job_as_dict(job) for job in jobs])
    else:
        print_line("\n\n".join("\n".join(show_lines(job)) for job in jobs))


def _steer(command: str, games: Sequence[str] | None, output: Path | None, settings_file: Path | None) -> None:
    """Apply one of the desk's methods to the games named, or to all of them."""
    from pipeline.jobs.desk import Desk  # noqa: PLC0415
    from pipeline.jobs.model import Job  # noqa: PLC0415
    from pipeline.queueview import find_jobs, open_desk  # noqa: PLC0415

    methods: dict[str, Callable[[Desk, list[Job]], list[Job]]] = {
        "retry": Desk.retry,
        "cancel": Desk.cancel,
        "pause": Desk.pause,
        "resume": Desk.resume,
    }
    settings = load({"output": {"folder": output}}, file=settings_file)
    with open_desk(settings) as desk:
        found = {job.id: job for query in games or () for job in find_jobs(desk, query)}
        if desk is None:
            print_line(words.CHANGED_NONE)
            return
        if not games and command in {"pause", "resume"}:
            desk.pause_all(paused=command == "pause")
            print_line(words.QUEUE_PAUSED if command == "pause" else words.QUEUE_RESUMED)
            if command == "pause":
                return
        changed = methods[command](desk, list(found.values()) if games else desk.jobs())
    for job in changed:
        name = words.in_class(job.group, job.name)
        print_line(words.CHANGED[command].format(name=name, level=words.LEVELS[job.level.value]))
    if not changed and (games or command != "resume"):
        print_line(words.CHANGED_NONE)


@app.command(help=H["retry"])
def retry(games: Games = None, *, output: Output = None, settings_file: SettingsFile = None) -> None:
    """Try failed games again."""
    _steer("retry", games, output, settings_file)


@app.command(help=H["cancel"])
def cancel(
    games: Annotated[list[str], typer.Argument(metavar=METAVARS["games"], help=H["game"])],
    *,
    output: Output = None,
    settings_file: SettingsFile = None,
) -> None:
    """Give games up."""
    _steer("cancel", games, output, settings_file)


@app.command(help=H["pause"])
def pause(games: Games = None, *, output: Output = None, settings_file: SettingsFile = None) -> None:
    """Pause games, or all of the queue."""
    _steer("pause", games, output, settings_file)


@app.command(help=H["resume"])
def resume(games: Games = None, *, output: Output = None, settings_file: SettingsFile = None) -> None:
    """Go on with games, or with all of the queue."""
    _steer("resume", games, output, settings_file)
