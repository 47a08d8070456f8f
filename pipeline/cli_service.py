"""``fupan service``: the watch as a service of the system."""

from __future__ import annotations

import os
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli_options import Json, Output, SettingsFile, print_json
from pipeline.console import print_line
from pipeline.helptext import Application
from pipeline.settings import load
from pipeline.wording import service as words
from pipeline.wording.cli import METAVARS

H = words.HELP
DEFAULT_NAME = "fupan"

app = Application(help=H["service"], no_args_is_help=True)
Name = Annotated[str, typer.Option("--name", metavar=METAVARS["word"], help=H["name"])]


class Kind(StrEnum):
    """What keeps a service running."""

    SYSTEMD = "systemd"
    WINDOWS = "windows"


KindOption = Annotated[Kind | None, typer.Option("--kind", metavar=METAVARS["word"], help=H["kind"])]


def _is_windows(kind: Kind | None) -> bool:
    return kind is Kind.WINDOWS if kind else os.name == "nt"


@app.command("install", help=H["install"])
def install(
    inbox: Annotated[Path, typer.Argument(metavar=METAVARS["inbox"], readable=False, help=H["inbox"])],
    *,
    name: Name = DEFAULT_NAME,
    kind: KindOption = None,
    only_print: Annotated[bool, typer.Option("--print", help=H["print"])] = False,
    output: Output = None,
    settings_file: SettingsFile = None,
) -> None:
    """Write the service's file and say what to run."""
    from pipeline import service  # noqa: PLC0415 - keeps --help fast

    folder = load({"output": {"folder": output}}, file=settings_file).output.folder
    place = service.place_of(name, is_windows=_is_windows(kind))
    text = service.text_of(service.describe_watch(name, inbox, folder, settings_file), place)
    if only_print:
        print_line(text.rstrip())
        print_line("\n".join(["", words.PRINTED.format(path=place.path), *_indented(service.next_steps(name, place))]))
        return
    changed = service.write(place, text)
    print_line((words.WRITTEN if changed else words.UNCHANGED).format(path=place.path))
    print_line("\n".join([words.NEXT, *_indented(service.next_steps(name, place))]))
    if not place.is_windows:
        print_line(words.LINGER_WHY)
        print_line(words.LOGS.format(command=f"journalctl --user -u {name} -f"))


@app.command("uninstall", help=H["uninstall"])
def uninstall(*, name: Name = DEFAULT_NAME, kind: KindOption = None) -> None:
    """Remove the service's file and say what to run."""
    from pipeline import service  # noqa: PLC0415

    place = service.place_of(name, is_windows=_is_windows(kind))
    removed = service.remove(place)
    print_line((words.REMOVED if removed else words.NOT_INSTALLED).format(path=place.path))
    if removed:
        print_line("\n".join([words.AFTER_REMOVAL, *_indented(service.stop_steps(name, place))]))


@app.command("status", help=H["status"])
def status(*, name: Name = DEFAULT_NAME, kind: KindOption = None, as_json: Json = False) -> None:
    """Say whether the service is installed and runs."""
    from pipeline import service  # noqa: PLC0415

    place = service.place_of(name, is_windows=_is_windows(kind))
    state = service.state_of(name, place)
    if as_json:
        print_json(asdict(state))
        return
    if not state.is_installed:
        print_line(words.NOT_INSTALLED.format(path=place.path))
        return
    lines = [words.INSTALLED.format(path=place.path), words.RUNS.format(command=state.command)]
    if place.is_windows:
        lines.append(words.TASK_STATE.format(state=state.active or state.detail))
    elif not state.active:
        lines.append(words.STATE_UNKNOWN.format(detail=state.detail))
    else:
        lines.append(
            words.STATE.format(
                active=words.ACTIVE[state.active],
                enabled=words.ENABLED.get(state.enabled, state.enabled),
                linger=words.YES_NO.get(state.linger, state.linger),
            )
        )
    print_line("\n".join(lines))


def _indented(commands: list[str]) -> list[str]:
    return [f"    {command}" for command in commands]
