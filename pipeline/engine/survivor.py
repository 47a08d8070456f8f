"""An engine that outlived the program: it hung or was stopped when we were killed, and still holds the card's memory.

An engine that works ends by itself when its standard input is closed. One that
does not read it any more has to be ended by whoever comes next.
"""

from __future__ import annotations

import contextlib
import json
import logging
from pathlib import Path

import psutil

from pipeline.atomic import atomic_write_bytes
from pipeline.errors import FupanError

log = logging.getLogger(__name__)

NAME = "engine.json"
GONE_SECONDS = 10.0
_SAME_SECONDS = 1.0


def remember(folder: Path, pid: int) -> None:
    """Note which engine was started, and by whom; a note that cannot be written is no reason not to work."""
    with contextlib.suppress(FupanError, OSError, psutil.Error):
        note = {"engine": _identity(psutil.Process(pid)), "program": _identity(psutil.Process())}
        atomic_write_bytes(folder / NAME, json.dumps(note).encode())


def end_survivor(folder: Path) -> int | None:
    """End the engine of the note, if it still runs and its program does not; returns its process id.

    A process is told from a later one with its number by the moment at which it was started.
    """
    try:
        note = json.loads((folder / NAME).read_bytes())
        engine = _running(note["engine"])
        if engine is None or _running(note["program"]) is not None:
            return None
        log.warning("ending engine %d, which outlived its program", engine.pid)
        ended = [*engine.children(recursive=True), engine]
        for process in ended:
            process.kill()
        psutil.wait_procs(ended, timeout=GONE_SECONDS)
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
    return engine.pid


def _identity(process: psutil.Process) -> dict[str, float]:
    return {"pid": process.pid, "started": process.create_time()}


def _running(identity: dict[str, float]) -> psutil.Process | None:
    try:
        process = psutil.Process(int(identity["pid"]))
        is_same = abs(process.create_time() - identity["started"]) < _SAME_SECONDS
        return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None
