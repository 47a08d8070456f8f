"""Wake up when something may have happened in the inbox.

Nothing relies on it: whoever waits here lists the folder afterwards. On a
network share, or where the system cannot tell, it is a plain timer.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Self

log = logging.getLogger(__name__)


class Waker:
    """Waits for changes below a folder; use as a context manager.

    Args:
        folder: watched with all that is below it.
        events: whether to ask the system for events at all.
    """

    def __init__(self, folder: Path, *, events: bool) -> None:
        self._folder = folder
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="inbox-events", daemon=True) if events else None
        self.has_events = events

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._wake.set()

    def wait(self, seconds: float) -> None:
        """Return after ``seconds``, or earlier when something changed or :meth:`wake` was called."""
        self._wake.wait(seconds)
        self._wake.clear()

    def wake(self) -> None:
        """End a wait now."""
        self._wake.set()

    def _listen(self) -> None:
        try:
            from watchfiles import watch  # noqa: PLC0415 - not needed on shares

            for _ in watch(
                self._folder,
                watch_filter=None,
                debounce=400,
                step=100,
                stop_event=self._stop,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                self._wake.set()
        except Exception as error:
            log.info("no events from %s, polling instead: %s", self._folder, error)
        self.has_events = False
