"""What the engine's start tells: device, backend, and why it failed."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pipeline.engine import missing
from pipeline.engine.config import MachineFacts
from pipeline.engine.hardware import usable_memory, usable_threads
from pipeline.engine.setup import EngineSetup
from pipeline.errors import EngineStartError

_BACKEND = re.compile(r"(?:^|: )([A-Za-z]+)(?: \(CPU\))? backend thread")
_DEVICES = (
    re.compile(r"Using OpenCL Device \d+: (.+?) \(.*\) OpenCL"),
    re.compile(r"Found GPU (.+?) memory \d"),
    re.compile(r"Metal backend.*?: (Apple [^,(]+)"),
)

# First match wins: the specific before the general. Error texts of KataGo, the OpenCL loader, CUDA and the linker.
_CAUSES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("engine.start.library", re.compile(r"error while loading shared libraries: (?P<detail>[^\s:]+)")),
    ("engine.start.glibc", re.compile(r"version [`'](?P<detail>GLIBC(?:XX)?_[\d.]+)' not found")),
    (
        "engine.start.memory",
        re.compile(
            r"(?P<detail>out of memory|CL_MEM_OBJECT_ALLOCATION_FAILURE|CL_OUT_OF_(?:RESOURCES|HOST_MEMORY)"
            r"|bad_alloc|cudaErrorMemoryAllocation)",
            re.IGNORECASE,
        ),
    ),
    (
        "engine.start.driver",
        re.compile(
            r"(?P<detail>CUDA driver version is insufficient[^\n]*|[^\n]*driver.{0,40}too old[^\n]*"
            r"|PTX was compiled with an unsupported toolchain|CUDA_ERROR_UNSUPPORTED_PTX_VERSION"
            r"|unsupported display driver / cuda driver combination)",
            re.IGNORECASE,
        ),
    ),
    (
        "engine.start.old_card",
        re.compile(
            r"(?P<detail>no kernel image is available for execution on the device"
            r"|Target GPU SM \d+ is not supported by this TensorRT release)",
            re.IGNORECASE,
        ),
    ),
    (
        "engine.start.no_device",
        re.compile(
            r"(?P<detail>CL_PLATFORM_NOT_FOUND|clGetPlatformIDs|No OpenCL (?:platforms|devices)[^\n]*|error -1001"
            r"|no CUDA-capable device[^\n]*)",
            re.IGNORECASE,
        ),
    ),
    (
        "engine.start.network",
        re.compile(
            r"(?P<detail>Error loading or parsing model file[^\n]*|[^\n]*(?:unsupported|unknown) model version[^\n]*)",
            re.IGNORECASE,
        ),
    ),
    ("engine.start.config", re.compile(r"(?P<detail>[^\n]*(?:ConfigParsing|Could not find key|config file)[^\n]*)")),
)
_ILLEGAL_INSTRUCTION = -4


class StartupFacts:
    """Reads backend and device out of standard error, line by line."""

    def __init__(self, setup: EngineSetup) -> None:
        self._found_backend = ""
        self._found_device = ""
        self._setup = setup

    def feed(self, line: str) -> None:
        """Look at one line; anything unknown is ignored."""
        if match := _BACKEND.search(line):
            self._found_backend = match.group(1).lower()
        for pattern in _DEVICES:
            if match := pattern.search(line):
                self._found_device = match.group(1).strip()

    @property
    def complete(self) -> bool:
        """Whether both backend and device were seen."""
        return bool(self._found_backend and self._found_device)

    @property
    def backend(self) -> str:
        """What the engine says it uses, else what the setup says."""
        return self._found_backend or self._setup.backend

    @property
    def device(self) -> str:
        """The device's name, else what the setup says; may be empty."""
        return self._found_device or self._setup.device


def start_error(
    setup: EngineSetup, *, exit_code: int | None, tail: str, log_file: Path, reason: str = ""
) -> EngineStartError:
    """The clearest error for a start that failed.

    Args:
        setup: what was started.
        exit_code: ``None`` when it was still running.
        tail: last lines of its standard error.
        log_file: where the whole of it is.
        reason: code to use when no known cause shows in ``tail``.
    """
    last = next((line for line in reversed(tail.splitlines()) if line.strip()), "")
    common = {
        "katago": setup.katago,
        "network": setup.network.name,
        "exit_code": exit_code,
        "log": log_file,
        "tail": tail,
    }
    if exit_code == _ILLEGAL_INSTRUCTION:
        return EngineStartError("engine.start.cpu", detail=last, **common)
    lost = missing.find_missing(tail, setup.backend)
    if lost is not None:
        detail = {"detail": lost.library, "component": lost.component, "command": lost.command}
        return EngineStartError("engine.start.missing_library", **detail, **common)
    if exit_code in missing.DLL_NOT_FOUND:
        return EngineStartError("engine.start.missing_dll", command=missing.command_for(setup.backend), **common)
    for code, pattern in _CAUSES:
        if match := pattern.search(tail):
            return EngineStartError(code, detail=match.group("detail").strip()[:300], **common)
    return EngineStartError(reason or "engine.start.failed", detail=last[:300] or "-", **common)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def machine_facts(gpus: int = 1) -> MachineFacts:
    """The machine that we run on: usable cores and memory, within the limits of a container."""
    return MachineFacts(cpu_count=usable_threads(), memory_bytes=usable_memory(), gpus=gpus)
