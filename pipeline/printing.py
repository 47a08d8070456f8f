"""The one thread that writes the files of games while the search goes on."""

from __future__ import annotations

import concurrent.futures
import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from pipeline.errors import FupanError, StoreError, unexpected
from pipeline.opengame import OpenGame, Work
from pipeline.plan import DEEP, QUICK
from pipeline.publish import Publisher
from pipeline.store.dataset import StoredGame

log = logging.getLogger(__name__)

FIRST_IS_SLOWER = 1.7  # times, than the games after it: fonts and templates are loaded (measured: benchmarks/README.md)

CLOSED_PLACE = "store.not_writable"


class PrintingThread(ThreadPoolExecutor):
    """Games on their way to the disk, in order. Leaving its context waits for those that are being written.

    Args:
        publisher: writes the files of a game.
        measured: gets the seconds that a game took.
    """

    def __init__(self, publisher: Publisher, measured: Callable[[float], None]) -> None:
        super().__init__(max_workers=1, thread_name_prefix="publish")
        self._publisher = publisher
        self._measured = measured
        self._first = self._rest = 0.0
        self._written = 0
        self._waiting: deque[tuple[OpenGame, str, Future[tuple[Path, float]]]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def mean_seconds(self) -> float:
        """What a game takes to be written; the first one counts as what it would have taken later."""
        return (self._first / FIRST_IS_SLOWER + self._rest) / self._written if self._written else 0.0

    def warm_up(self) -> None:
        """Load what printing needs while there is nothing to print: the first game would wait seconds for it."""

        def load() -> None:
            with suppress(FupanError):  # the first game tells what is wrong
                self._publisher.warm_up()

        self.submit(load)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As its base class; what sets the pages may go then."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        self._publisher.close()

    def hand_over(self, game: OpenGame, stored: StoredGame) -> None:
        """Have the files of a game written."""

        def write() -> tuple[Path, float]:
            started = time.monotonic()
            return self._publisher.publish(stored, game.report, game.group), time.monotonic() - started

        self._waiting.append((game, stored.info.level, self.submit(write)))

    def cancel(self) -> None:
        """Give up those that are not begun; the journal has what they need."""
        for _, _, future in self._waiting:
            future.cancel()

    def collect(self, work: Work, *, wait: bool) -> None:
        """Tell of the games whose files are written; ``wait`` for those that are not, but for the cancelled ones.

        Raises:
            StoreError: the disk is full or read-only, or the dataset is broken; going on would not help.
        """
        while self._waiting and (wait or self._waiting[0][2].done()):
            game, level, future = self._waiting[0]
            concurrent.futures.wait((future,))  # may be interrupted: until it returns, the game stays in the list
            self._waiting.popleft()
            try:
                report, seconds = future.result()
            except CancelledError:
                continue
            except StoreError:
                raise
            except FupanError as error:
                if error.code == CLOSED_PLACE:  # to every game; it may be open again in an hour
                    raise StoreError("store.write_failed", **error.params) from error
                _failed(work, game, level, error)
            except Exception as error:
                log.exception("publishing %s", game.task.name)
                _failed(work, game, level, unexpected(error))
            else:
                self._note(seconds)
                self._measured(seconds)
                work.published(game, report, level)

    def _note(self, seconds: float) -> None:
        self._written += 1
        if self._written == 1:
            self._first = seconds
        else:
            self._rest += seconds


def _failed(work: Work, game: OpenGame, level: str, error: FupanError) -> None:
    if game.level == DEEP and level == QUICK:  # the report of the deep pass is still to come
        log.warning("first report of %s: %s", game.task.name, error.message)
    else:
        work.failed(game, error, publishing=True)
