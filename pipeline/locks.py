"""Locks against a second instance: the one mechanism, and the one rule of who locks what.

A lock is a file that the operating system holds for a process, so that it ends
with the process, however that dies; a file that is left lying means nothing.
Nobody waits: who comes second is told at once (exit code 8).

============== ===================================================== ======================================
What           Its lock                                              Who takes it, and why
============== ===================================================== ======================================
State file     ``fupan.lock`` beside the SQLite file                 ``review``, ``watch``, ``worker``: the
                                                                     others' jobs count as left by the dead
Shared output  ``state/worker-HOST-N.lock`` in it, the first free N  the same, where a server has the state:
                                                                     any number at once, each with its logs
Inbox          in this machine's cache, by its real path             ``watch``: two would move one file,
                                                                     whatever their output and state
Inbox, with    ``state/inbox-HASH.lock`` in the shared output, by    ``watch``: the same for two machines
a server       the path                                              that mount the inbox at one path
============== ===================================================== ======================================

All are taken in this order by :func:`pipeline.statedb.instance`. What only
looks (``status``, ``dashboard``, ``report``) locks nothing. The lock of an inbox
does not lie in it, so that the share can be unmounted while we wait for it.
The cache of engines and the workbook's history have locks of their own, which
are waited for: they keep a moment's work whole, not an instance alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.engine.provision import cache_dir
from pipeline.errors import AlreadyRunning, ConfigError

MAX_WORKERS = 64  # on one machine


def state_lock(state_file: Path) -> Path:
    """The lock of a SQLite file, and so of the output folder that it belongs to."""
    return state_file.parent / "fupan.lock"


def worker_locks(state: Path) -> dict[Path, str]:
    """The places of this machine's programs at a shared output: lock -> name of the folder of its logs."""
    host = re.sub(r"[^0-9A-Za-z.-]", "-", socket.gethostname())[:48] or "host"
    names = [host if number == 1 else f"{host}-{number}" for number in range(1, MAX_WORKERS + 1)]
    return {state / f"worker-{name}.lock": name for name in names}


def inbox_locks(inbox: Path, shared_state: Path | None) -> list[Path]:
    """The locks of an inbox: this machine's, and that of all machines where they share a state folder."""
    locks = [cache_dir() / "locks" / f"{_key(inbox.resolve())[:16]}.lock"]
    if shared_state is not None:
        locks.append(shared_state / f"inbox-{_key(inbox.absolute())[:12]}.lock")
    return locks


@contextmanager
def hold(path: Path, taken: AlreadyRunning) -> Iterator[None]:
    """Hold the lock ``path``; errors as of :func:`hold_first`."""
    with hold_first([path], taken):
        yield


@contextmanager
def hold_first(paths: Iterable[Path], taken: AlreadyRunning) -> Iterator[Path]:
    """Hold the first of these locks that is free; gives its path.

    Raises:
        AlreadyRunning: ``taken``, when others hold them all.
        ConfigError: one cannot be made.
    """
    lock, path = _first_free(paths, taken)
    try:
        yield path
    finally:
        lock.release()


def _first_free(paths: Iterable[Path], taken: AlreadyRunning) -> tuple[FileLock, Path]:
    for path in paths:
        lock = FileLock(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            continue
        except OSError as error:
            raise ConfigError("file.refused", path=path, detail=error.strerror or error) from error
        return lock, path
    raise taken


def _key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()
