"""Fetching a wheel through pip, so that the user's own mirror, proxy and certificate settings hold."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from pipeline.engine.addresses import socks_proxy
from pipeline.engine.assets import WheelSpec
from pipeline.errors import DependencyError

_POLL_SECONDS = 0.25
_PIP_CHECK_SECONDS = 60.0
_OPTIONS = (
    "--no-deps",
    "--only-binary=:all:",
    "--ignore-requires-python",
    "--no-cache-dir",
    "--disable-pip-version-check",
    "--no-input",
    "--progress-bar=off",
)
# The part of a long complaint that says why
_CAUSE = re.compile(
    r"Connection refused|Connection reset by peer|Network is unreachable|No route to host|Name or service not known"
    r"|Temporary failure in name resolution|certificate verify failed|[Rr]ead timed out|[Tt]imed out"
)
_NETWORK_SIGNS = (
    "Connection",
    "Failed to establish",
    "timed out",
    "Timeout",
    "name resolution",
    "Name or service not known",
    "getaddrinfo",
    "ProxyError",
    "SSLError",
    "IncompleteRead",
    "IncompleteDownload",
    "HTTPError",
    "Retrying",
    "incomplete-download",
)


class WheelSource(Protocol):
    """Where wheels come from; the tests bring their own."""

    def fetch(self, wheel: WheelSpec, folder: Path, on_bytes: Callable[[int], None]) -> Path:
        """Put the wheel into ``folder`` and return its path; ``on_bytes`` gets the bytes so far.

        Raises:
            DependencyError: it cannot be had.
        """
        ...


@functools.cache
def pip_command() -> tuple[str, ...] | None:
    """How to start pip: that of this environment, otherwise that of the Python beneath it; None without any."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    for python in dict.fromkeys((sys.executable, base)):
        if not python:
            continue
        command = (python, "-m", "pip")
        try:
            done = subprocess.run(
                [*command, "--version"],
                capture_output=True,
                timeout=_PIP_CHECK_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        if done.returncode == 0:
            return command
    return None


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder; files that vanish meanwhile count nothing."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(root) / name).stat().st_size
            except OSError:
                continue
    return total


def explain_failure(wheel: WheelSpec, output: str, folder: Path) -> DependencyError:
    """The error that pip's output stands for."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    detail = (errors or lines or ["-"])[-1].removeprefix("ERROR:").strip()[:300]
    name = wheel.requirement
    if "No space left on device" in output or "[Errno 28]" in output:
        return DependencyError("provision.no_space", path=folder, needed=-(-wheel.size // 1_000_000), free="?")
    if "DO NOT MATCH THE HASHES" in output:
        return DependencyError("provision.checksum", name=name)
    if "SOCKS support" in output:
        return DependencyError("install.socks", name=name, proxy=socks_proxy("https://pypi.org/") or "SOCKS")
    troubles = [line for line in lines if any(sign in line for sign in _NETWORK_SIGNS)]
    if troubles:
        cause = _CAUSE.search(output)
        return DependencyError("provision.network", name=name, detail=cause.group() if cause else troubles[-1][:300])
    if "No matching distribution" in output:
        return DependencyError("provision.not_offered", name=name)
    return DependencyError("provision.pip_failed", name=name, detail=detail)


class PipSource:
    """``pip download`` in a process of its own.

    pip writes into a temporary folder first, so that one is pointed below
    ``folder`` and its size is the progress. pip's cache stays out of it: it
    would keep a second copy of half a gigabyte.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = tuple(command) if command is not None else None

    def fetch(self, wheel: WheelSpec, folder: Path, on_bytes: Callable[[int], None]) -> Path:
        """See ``WheelSource``."""
        command = self._command or pip_command()
        if command is None:
            raise DependencyError("provision.no_pip", command=f"{sys.executable} -m ensurepip --upgrade")
        temporary, target = folder / "tmp", folder / "wheel"
        temporary.mkdir()
        target.mkdir()
        environment = {
            "PIP_RESUME_RETRIES": "5",
            **os.environ,
            "TMPDIR": str(temporary),
            "TEMP": str(temporary),
            "TMP": str(temporary),
            "PYTHONIOENCODING": "utf-8",
            "LC_ALL": "C.UTF-8",
        }
        log = folder / "pip.log"
        with (
            log.open("wb") as sink,
            subprocess.Popen(
                [*command, "download", *_OPTIONS, *wheel.options, "-d", str(target), wheel.requirement],
                stdout=sink,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=environment,
            ) as process,
        ):
            try:
                while process.poll() is None:
                    on_bytes(min(wheel.size, folder_bytes(folder)))
                    time.sleep(_POLL_SECONDS)
            except BaseException:
                process.kill()
                raise
        wheels = sorted(target.glob("*.whl"))
        if process.returncode != 0 or len(wheels) != 1:
            raise explain_failure(wheel, log.read_text(encoding="utf-8", errors="replace"), folder.parent)
        on_bytes(wheel.size)
        return wheels[0]
