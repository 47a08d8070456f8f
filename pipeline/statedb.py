"""The state of an output folder: its own SQLite file, or the database that several machines share."""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import AlreadyRunning, ConfigError
from pipeline.jobs.tables import METADATA
from pipeline.publish import Folders
from pipeline.settings import Settings
from pipeline.store.database import Database
from pipeline.store.journal import Journal

STATE_FILE = "fupan.db"
PATIENCE = 600.0
MAX_WORKERS = 64  # on one machine
# Nobody takes so long to write a file that others may not take it for left over.
LEFT_OVER_SECONDS = 3600.0


def state_url(settings: Settings) -> str | None:
    """The database that is shared, if one is."""
    secret = settings.state.url
    return (secret.get_secret_value().strip() or None) if secret else None


def is_shared(settings: Settings) -> bool:
    """Whether other machines may use the same database and output folder."""
    url = state_url(settings)
    return url is not None and not url.startswith("sqlite:")


def shared_root(settings: Settings) -> Path | None:
    """The output folder to which stored paths are relative; ``None`` where they are stored as they are."""
    return settings.output.folder if is_shared(settings) else None


def state_file(settings: Settings) -> Path:
    """The SQLite file in force, when the database is no server."""
    url = state_url(settings)
    if url is not None and url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///"))
    return Folders(settings.output.folder).state / STATE_FILE


def exists(settings: Settings) -> bool:
    """Whether there can be a queue at all; nothing is made."""
    return is_shared(settings) or state_file(settings).exists()


def open_database(settings: Settings, *, patience: float = 0.0, say: Callable[[str], None] | None = None) -> Database:
    """The queue's database; errors as of :class:`Database`."""
    return Database(state_file(settings), METADATA, url=state_url(settings), patience=patience, say=say)


def open_journal(settings: Settings, *, patience: float = 0.0, say: Callable[[str], None] | None = None) -> Journal:
    """The evaluation journal, in the same database; errors as of :class:`Database`."""
    return Journal(state_file(settings), url=state_url(settings), patience=patience, say=say)


def once_each(say: Callable[[str], None]) -> Callable[[str], None]:
    """Say the same thing only once in a row, whoever says it."""
    last = ""

    def say_new(text: str) -> None:
        nonlocal last
        if text != last:
            last = text
            say(text)

    return say_new


@contextmanager
def instance(settings: Settings, inbox: Path | None) -> Iterator[Folders]:
    """This process's right to work here, and its output tree.

    With a file one process works; with a server each inbox has one watcher, and
    every machine as many workers as it likes, each with its own folder of logs.

    Raises:
        AlreadyRunning: another process has it.
        ConfigError: the output folder may not be written to.
    """
    root = settings.output.folder
    with ExitStack() as stack:
        if not is_shared(settings):
            folders = Folders(root)
            folders.create()
            lock = state_file(settings).parent / "fupan.lock"
            if not stack.enter_context(_held(lock)):
                raise AlreadyRunning("run.locked", path=root)
            folders.sweep()
            yield folders
            return
        state = Folders(root).state
        Folders(root).create()
        if inbox is not None:
            name = hashlib.sha256(str(inbox.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:12]
            if not stack.enter_context(_held(state / f"inbox-{name}.lock")):
                raise AlreadyRunning("run.locked", path=root)
        host = re.sub(r"[^0-9A-Za-z.-]", "-", socket.gethostname())[:48] or "host"
        for number in range(1, MAX_WORKERS + 1):
            log_name = host if number == 1 else f"{host}-{number}"
            if stack.enter_context(_held(state / f"worker-{log_name}.lock")):
                break
        else:
            raise AlreadyRunning("run.locked", path=root)
        folders = Folders(root, log_name)
        folders.create()
        folders.sweep(older_than=LEFT_OVER_SECONDS)
        yield folders


@contextmanager
def _held(path: Path) -> Iterator[bool]:
    """Whether the lock could be taken; it is held until the end."""
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    except OSError as error:
        raise ConfigError("output.not_writable", path=path, detail=error.strerror or error) from error
    try:
        yield True
    finally:
        lock.release()
