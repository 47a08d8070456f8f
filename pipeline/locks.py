"""Locks against two instances: one on an output folder, one on an inbox of this machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.engine.provision import cache_dir
from pipeline.errors import AlreadyRunning, ConfigError


def inbox_lock(inbox: Path) -> Path:
    """Where the lock of an inbox lies: not inside it, so that the share can be unmounted while we wait for it."""
    return cache_dir() / "locks" / f"{hashlib.sha256(os.fsencode(inbox.resolve())).hexdigest()[:16]}.lock"


@contextmanager
def hold(path: Path, taken: AlreadyRunning) -> Iterator[None]:
    """Hold the lock ``path``.

    Raises:
        AlreadyRunning: ``taken``, when another process holds it.
        ConfigError: it cannot be made.
    """
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise taken from error
    except OSError as error:
        raise ConfigError("file.refused", path=path, detail=error.strerror or error) from error
    try:
        yield
    finally:
        lock.release()
