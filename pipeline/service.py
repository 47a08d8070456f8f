"""Install, remove and look at the service that watches an inbox."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pipeline
from pipeline.atomic import write_error
from pipeline.errors import ConfigError
from pipeline.inbox.listing import check_apart
from pipeline.service_unit import MARKER, Service, enable_commands, kept_environment, systemd_unit, windows_task
from pipeline.wording import service as words

ASK_SECONDS = 10.0
LAUNCHER = "fupan"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service's text lies, and in which encoding."""

    path: Path
    encoding: str
    is_windows: bool


def place_of(name: str, *, is_windows: bool, environment: Mapping[str, str] = os.environ) -> Place:
    """Where the text of a service belongs."""
    if is_windows:
        folder = Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "fupan"
        return Place(folder / f"{name}.xml", "utf-16", is_windows=True)
    config = environment.get("XDG_CONFIG_HOME") or ""
    home = Path(config) if config.startswith("/") else Path.home() / ".config"
    return Place(home / "systemd" / "user" / f"{name}.service", "utf-8", is_windows=False)


def describe_watch(name: str, inbox: Path, output: Path, settings_file: Path | None) -> Service:
    """The service that watches ``inbox`` as this program would do it from this folder.

    Raises:
        ConfigError: the inbox is missing, or output and inbox lie in each other.
    """
    check_apart(inbox, output)
    arguments = ["watch", str(_absolute(inbox)), "--output", str(_absolute(output))]
    if settings_file is not None:
        arguments += ["--settings", str(_absolute(settings_file))]
    # Surrogates (names that are no valid text) must survive; Path.cwd() keeps them.
    return Service(
        name, (*_program(), *arguments), str(Path.cwd()), str(_absolute(inbox)), kept_environment(os.environ)
    )


def text_of(service: Service, place: Place) -> str:
    """The unit or the task.

    Raises:
        ConfigError: name or paths cannot be written into one.
    """
    if place.is_windows:
        domain, user = os.environ.get("USERDOMAIN", ""), os.environ.get("USERNAME") or os.environ.get("USER", "")
        return windows_task(service, user=f"{domain}\\{user}" if domain else user)
    return systemd_unit(service, version=_systemd_version())


def write(place: Place, text: str) -> bool:
    """Write the text, readable for its owner only: the environment may hold the address of a database.

    Returns:
        Whether anything changed.

    Raises:
        ConfigError: the file is not ours, or cannot be written.
        StoreError: the disk is full.
    """
    data = text.encode(place.encoding)
    before = _read(place)
    if before == text:
        return False
    _check_ours(place, before)
    temporary = place.path.with_name(f".{place.path.name}.{os.getpid()}.tmp")
    try:
        place.path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(data)
        temporary.replace(place.path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise write_error(error, place.path) from error
    return True


def remove(place: Place) -> bool:
    """Remove the text; returns whether it was there.

    Raises:
        ConfigError: the file is not ours, or cannot be removed.
    """
    before = _read(place)
    if before is None:
        return False
    _check_ours(place, before)
    try:
        place.path.unlink()
    except OSError as error:
        raise write_error(error, place.path) from error
    return True


def next_steps(name: str, place: Place) -> list[str]:
    """What to run to start the service."""
    if place.is_windows:
        return [f'schtasks /Create /TN "{name}" /XML "{place.path}"', f'schtasks /Run /TN "{name}"']
    return list(enable_commands(name))


def stop_steps(name: str, place: Place) -> list[str]:
    """What to run to stop the service for good."""
    if place.is_windows:
        return [f'schtasks /End /TN "{name}"', f'schtasks /Delete /TN "{name}" /F']
    return [f"systemctl --user disable --now {name}.service", "systemctl --user daemon-reload"]


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What is known of a service; empty texts where the system cannot be asked, ``detail`` says why."""

    path: Path
    is_installed: bool
    command: str = ""
    active: str = ""
    enabled: str = ""
    linger: str = ""
    detail: str = ""


def state_of(name: str, place: Place) -> ServiceState:
    """Whether a service is installed, and what the system says of it."""
    text = _read(place)
    if text is None:
        return ServiceState(place.path, is_installed=False)
    pattern = r"<Arguments>(.*)</Arguments>" if place.is_windows else r"^ExecStart=(.*)$"
    found = re.search(pattern, text, re.MULTILINE)
    command = found[1] if found else ""
    if place.is_windows:
        active, detail = _ask(["schtasks", "/Query", "/TN", name, "/FO", "LIST"])
        return ServiceState(place.path, True, command, active=active, detail=detail)
    active, detail = _ask(["systemctl", "--user", "is-active", f"{name}.service"])
    enabled, _ = _ask(["systemctl", "--user", "is-enabled", f"{name}.service"])
    linger, _ = _ask(["loginctl", "show-user", getpass.getuser(), "--property=Linger", "--value"])
    known = active in words.ACTIVE
    return ServiceState(place.path, True, command, active if known else "", enabled, linger, "" if known else detail)


def _ask(command: Sequence[str]) -> tuple[str, str]:
    """First line of what a program prints, and of its complaint."""
    program = shutil.which(command[0])
    if program is None:
        return "", words.NO_PROGRAM.format(name=command[0])
    try:
        done = subprocess.run(
            [program, *command[1:]], capture_output=True, text=True, errors="replace", timeout=ASK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    return done.stdout.strip().partition("\n")[0], done.stderr.strip().partition("\n")[0]


def _systemd_version() -> int:
    found = re.match(r"systemd (\d+)", _ask(["systemctl", "--version"])[0])
    return int(found[1]) if found else 0


def _program() -> tuple[str, ...]:
    """How this program is run: the launcher of the checkout, or the interpreter with the package."""
    launcher = Path(pipeline.__file__).resolve().parent.parent / LAUNCHER
    if os.name == "posix" and launcher.is_file() and os.access(launcher, os.X_OK):
        return (str(launcher),)
    return (sys.executable, "-m", "pipeline")


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps "..", which a link would send elsewhere


def _read(place: Place) -> str | None:
    try:
        return place.path.read_bytes().decode(place.encoding, "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError("file.refused", path=place.path, detail=error.strerror or error) from error


def _check_ours(place: Place, text: str | None) -> None:
    if text is not None and MARKER not in text:
        raise ConfigError("service.not_ours", path=place.path)
