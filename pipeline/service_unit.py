"""Texts that make a watch a service: a systemd user unit, a task for the Windows Task Scheduler. Pure."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from pipeline.errors import ConfigError
from pipeline.wording import service as words

MARKER = "fupan-service"
UNIT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_.-]{0,99}")
_REFUSED_IN_PROGRAM = frozenset("\"'\\")  # systemd takes them in arguments, not in the name of the program
# From here on systemd lengthens the pause between restarts by itself.
SYSTEMD_WITH_STEPS = 254
# Ending a search, printing what is searched (up to eight reports) and closing the engine.
STOP_SECONDS = 120
RESTART_SECONDS, RESTART_MAX_SECONDS, RESTART_STEPS = 10, 600, 6
USAGE_EXIT, INCOMPLETE_EXIT, TERMINATED_EXIT = 2, 7, 143
# What decides which engine is found, whose drivers it gets, and how names and times are read.
KEPT_VARIABLES = frozenset(
    {"PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "XDG_CACHE_HOME", "CUDA_VISIBLE_DEVICES"}
    | {"OCL_ICD_VENDORS", "OCL_ICD_FILENAMES"}
)


@dataclass(frozen=True, slots=True)
class Service:
    """A watch that is to run by itself.

    ``command`` is the program with its arguments, ``folder`` the working folder
    (whose ``fupan.toml`` counts); all paths are absolute.
    """

    name: str
    command: tuple[str, ...]
    folder: str
    inbox: str
    environment: Mapping[str, str] = field(default_factory=dict)


def check(service: Service) -> None:
    """Refuse what cannot be written into a unit.

    Raises:
        ConfigError: a name that systemd does not take, or a line break in a path.
    """
    if UNIT_NAME.fullmatch(service.name) is None:
        raise ConfigError("service.bad_name", value=service.name)
    for text in (*service.command, service.folder, service.inbox):
        if any(ord(char) < 32 or ord(char) == 127 for char in text):
            raise ConfigError("service.bad_path", path=repr(text))


def kept_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """What of an environment the service needs: our own variables, and what engines are found and driven by."""
    return {
        name: value
        for name, value in sorted(variables.items())
        if value
        and (name in KEPT_VARIABLES or (name.startswith("FUPAN_") and not name.startswith("FUPAN_TEST_")))
        and not any(ord(char) < 32 for char in value)
    }


def systemd_unit(service: Service, *, version: int = 0) -> str:
    """The text of a user unit.

    What is not there on purpose: options that hide devices or forbid memory
    that is both written and run (``PrivateDevices``, ``MemoryDenyWriteExecute``)
    would take the GPU away; those that need a mount namespace
    (``ProtectSystem``, ``PrivateTmp``) are not granted to user units everywhere.

    Args:
        service: what is to run.
        version: of systemd; 0 if unknown.

    Raises:
        ConfigError: see :func:`check`.
    """
    check(service)
    words_of_command = list(service.command)
    if _REFUSED_IN_PROGRAM & set(words_of_command[0]):
        words_of_command.insert(0, "/usr/bin/env")
    program, *arguments = words_of_command
    command = " ".join([_quoted(program), *(_quoted(text, is_argument=True) for text in arguments)])
    inbox = _specifiers(_printable(service.inbox))
    lines = [
        words.UNIT_HEADER.format(
            marker=f"{MARKER} {service.name}", folder=_printable(service.folder), name=service.name
        ).rstrip(),
        "[Unit]",
        f"Description={words.DESCRIPTION.format(inbox=inbox)}",
        # Waiting for a share that is not mounted yet is the program's own business, and so is giving up never.
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStart={command}",
        f"WorkingDirectory={_specifiers(service.folder)}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in service.environment.items()),
        "Restart=on-failure",
        f"RestartSec={RESTART_SECONDS}",
    ]
    if version >= SYSTEMD_WITH_STEPS:
        lines += [f"RestartSteps={RESTART_STEPS}", f"RestartMaxDelaySec={RESTART_MAX_SECONDS}"]
    lines += [
        f"RestartPreventExitStatus={USAGE_EXIT}",
        f"SuccessExitStatus={INCOMPLETE_EXIT} {TERMINATED_EXIT}",
        # Only the program itself is asked to stop; it ends its engine in order. What is left then is killed.
        "KillMode=mixed",
        f"TimeoutStopSec={STOP_SECONDS}",
        # An engine that runs out of memory is started again by the program.
        "OOMPolicy=continue",
        "Nice=10",
        "IOSchedulingClass=idle",
        "UMask=0022",
        "NoNewPrivileges=yes",
        "LockPersonality=yes",
        "RestrictSUIDSGID=yes",
        "SystemCallArchitectures=native",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str, *, is_argument: bool = False) -> str:
    """A word of a unit file in double quotes, as :manpage:`systemd.service(5)` reads it.

    Specifiers (``%``) are resolved everywhere, variables (``$``) in arguments of a command only. Bytes that
    are no UTF-8 are written as escapes, because a unit file has to be text.
    """
    shown = []
    for char in _specifiers(text):
        if char in '"\\':
            shown.append("\\" + char)
        elif char == "$" and is_argument:
            shown.append("$$")
        elif "\udc80" <= char <= "\udcff":
            shown.append(f"\\x{ord(char) - 0xDC00:02x}")
        else:
            shown.append(char)
    return '"' + "".join(shown) + '"'


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _printable(text: str) -> str:
    return os.fsencode(text).decode("utf-8", "replace")


def windows_task(service: Service, *, user: str) -> str:
    r"""The XML of a task that runs while ``user`` is logged on, and is begun again a minute after it failed.

    To be stored as UTF-16, which is what ``schtasks /XML`` reads for certain.

    Args:
        service: what is to run; Windows paths.
        user: ``DOMAIN\name``.

    Raises:
        ConfigError: see :func:`check`.
    """
    check(service)
    program, *arguments = service.command
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>{escape(words.DESCRIPTION.format(inbox=service.inbox))} ({MARKER})</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>{escape(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{escape(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>255</Count>
    </RestartOnFailure>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(subprocess.list2cmdline(arguments))}</Arguments>
      <WorkingDirectory>{escape(service.folder)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def enable_commands(name: str) -> Sequence[str]:
    """What the user runs to start a unit now and at every boot."""
    return (
        "systemctl --user daemon-reload",
        f"systemctl --user enable --now {name}.service",
        "loginctl enable-linger",
    )
