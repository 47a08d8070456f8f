"""The state of an output folder: its own SQLite file, or the database that several machines share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline.errors import AlreadyRunning
from pipeline.jobs.tables import METADATA
from pipeline.locks import hold, hold_first, inbox_locks, state_lock, worker_locks
from pipeline.publish import Folders
from pipeline.settings import Settings
from pipeline.store.database import Database
from pipeline.store.journal import Journal

STATE_FILE = "fupan.db"
PATIENCE = 600.0
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


def locks_output(settings: Settings) -> bool:
    """Whether the lock that a run holds is that of the output folder itself, so that no other run writes there.

    It lies beside the state file, which may be set to lie somewhere else.
    """
    return state_url(settings) is None


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
def instance(settings: Settings, inbox: Path | None = None) -> Iterator[Folders]:
    """This process's right to work here, by the rule of :mod:`pipeline.locks`; gives its output tree, which is made.

    Raises:
        AlreadyRunning: another process has it.
        ConfigError: the output folder may not be written to.
    """
    root = settings.output.folder
    folders = Folders(root)
    shared_state = folders.state if is_shared(settings) else None
    busy = AlreadyRunning("run.locked", path=root)
    with ExitStack() as stack:
        folders.create()
        for lock in inbox_locks(inbox, shared_state) if inbox is not None else ():
            stack.enter_context(hold(lock, AlreadyRunning("inbox.locked", path=inbox)))
        if shared_state is None:
            stack.enter_context(hold(state_lock(state_file(settings)), busy))
        else:
            places = worker_locks(shared_state)
            folders = Folders(root, places[stack.enter_context(hold_first(places, busy))])
            folders.create()
        folders.sweep(older_than=LEFT_OVER_SECONDS if shared_state is not None else 0.0)
        yield folders
