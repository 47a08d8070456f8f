"""A worker's lease, renewed beside its work; and the sweep for jobs whose worker's lease ran out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from pipeline.errors import FupanError, StoreError
from pipeline.jobs.model import Failure
from pipeline.jobs.queue import JobQueue

log = logging.getLogger(__name__)

RENEW_SECONDS = 5.0
# A first start may tune the engine for minutes; a worker that is silent for longer hangs.
SILENCE_SECONDS = 900.0


class LeaseKeeper:
    """Renews the lease and sweeps in a thread of its own; use as a context manager.

    The lease is renewed only while the worker itself gives signs of life
    (:meth:`JobQueue.alive`), so that a worker that hangs loses its jobs in the end.

    Args:
        queue: the worker's view of the queue.
        every: seconds between two renewals.
        silence: seconds without a sign after which the worker is given up.
        monotonic: seconds.
    """

    def __init__(
        self,
        queue: JobQueue,
        *,
        every: float = RENEW_SECONDS,
        silence: float = SILENCE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._every = every
        self._silence = silence
        self._monotonic = monotonic
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=2.0)

    def step(self) -> None:
        """Renew and sweep once.

        Raises:
            StoreError: the database cannot be used now.
        """
        if self._monotonic() - self._queue.last_sign > self._silence:
            return
        self._queue.renew()
        take_over(self._queue, alone=False)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self.step()
            except StoreError as error:
                log.info("lease not renewed: %s", error.message)
            except Exception:
                log.exception("lease")


def take_over(queue: JobQueue, *, alone: bool) -> None:
    """Put back what dead workers left, and fail the jobs that cost too many of them; see :meth:`JobQueue.take_over`."""
    for job in queue.take_over(alone=alone):
        error = FupanError("job.kills_workers", file=job.name, count=job.losses)
        queue.give_up(job, Failure(error.code, error.message, error.advice))
