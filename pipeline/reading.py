"""The state database for those who only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline import statedb
from pipeline.jobs.tables import JOBS
from pipeline.settings import Settings
from pipeline.store.reading import ReadOnlyDatabase


@contextmanager
def open_reading(settings: Settings) -> Iterator[ReadOnlyDatabase | None]:
    """The state database, which cannot be changed through it; ``None`` where nothing was ever queued.

    Raises:
        StoreError: it cannot be read.
    """
    if not statedb.exists(settings):
        yield None
        return
    with ReadOnlyDatabase(statedb.state_file(settings), url=statedb.state_url(settings)) as database:
        yield database if database.holds(JOBS) else None
