"""The one place that knows where the state database is, for those who only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.jobs.tables import JOBS
from pipeline.publish import Folders
from pipeline.settings import Settings
from pipeline.store.reading import ReadOnlyDatabase

STATE_FILE = "fupan.db"


@contextmanager
def open_reading(settings: Settings) -> Iterator[ReadOnlyDatabase | None]:
    """The state database, which cannot be changed through it; ``None`` where nothing was ever queued.

    Raises:
        StoreError: it cannot be read.
    """
    path = Folders(settings.output.folder).state / STATE_FILE
    if not path.exists():
        yield None
        return
    with ReadOnlyDatabase(path) as database:
        yield database if database.holds(JOBS) else None
