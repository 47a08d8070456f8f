"""Keep a worker at work for days: in the hours that the gate allows, and again after whatever goes wrong."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime

from pipeline.console import Reporter
from pipeline.deadline import Deadline
from pipeline.errors import EngineError, FupanError, StoreError
from pipeline.gate import Gate
from pipeline.jobs.queue import JobQueue
from pipeline.wording import jobs as words
from pipeline.worker import QueueWorker

log = logging.getLogger(__name__)

FIRST_PAUSE, MAX_PAUSE = 5.0, 300.0  # after trouble
CLOSED_SECONDS, CLOSED_ALIVE = 1.0, 10.0  # between two looks at the gate, and two renewals of the lease meanwhile
DAMAGED = "store.corrupt"


class Keeper:
    """Runs a worker again and again. Give :meth:`must_let_go` to the worker as its ``lets_go``.

    Args:
        gate: hours of work and room on the disk.
        reporter: shows what happens.
        until: when to stop for good.
        once: trouble is not for us to sit out: it is raised.
        until_end: the end of a window is kept like ``until``, every night.
    """

    def __init__(
        self, gate: Gate, reporter: Reporter, *, until: datetime | None, once: bool = False, until_end: bool = False
    ) -> None:
        self._gate = gate
        self._reporter = reporter
        self._until = until
        self._once = once
        self._until_end = until_end
        self._has_let_go = False
        self._shown, self._shown_at = ("", ""), float("-inf")

    @property
    def is_over(self) -> bool:
        """Whether ``until`` has come."""
        return self._until is not None and time.time() >= self._until.timestamp()

    def must_let_go(self) -> bool:
        """Whether the engine is to be ended. Once said it stays so: the worker gives everything back then."""
        self._has_let_go = self._has_let_go or self._gate.has_narrowed
        return self._has_let_go

    def keep_working(self, worker: QueueWorker, queue: JobQueue, has_all: Callable[[], bool]) -> None:
        """Work while the gate is open; what ends the work is tried again after a growing pause.

        Args:
            worker: does the work.
            queue: its view of the queue.
            has_all: whether nothing will be queued any more, so that an empty queue is the end.

        Raises:
            EngineError, StoreError: with ``once``; a damaged database always.
        """
        pause, worked = FIRST_PAUSE, -1
        while not self.is_over:
            try:
                if self._work(worker, queue, has_all):
                    return
            except (EngineError, StoreError) as error:
                if self._once or error.code == DAMAGED:
                    raise
                log.warning("work interrupted: %s %s", error.code, error.message)
                pause = FIRST_PAUSE if worker.summary.positions > worked else min(MAX_PAUSE, pause * 2)
                worked = worker.summary.positions
                self._reporter.message(words.TROUBLE.format(message=error.message, seconds=pause))
                self._rest(pause, queue, error)

    def _work(self, worker: QueueWorker, queue: JobQueue, has_all: Callable[[], bool]) -> bool:
        """Work once, or wait for a second while the gate is closed; whether all is done."""
        self._has_let_go = False
        if not self._gate.begin():
            if has_all() and not queue.pending().jobs:
                return True
            self._wait(queue)
            return False
        worker.deadline = deadline = self._deadline()
        worker.work()
        self._shown_at = float("-inf")
        if has_all() and not queue.pending().jobs:
            return True
        if self._has_let_go:
            return False
        if deadline is None or deadline.moment == self._until:
            return True
        # Everything was printed some seconds before the end of the window: begin nothing new.
        while deadline.seconds_left > 0 and not self._gate.has_narrowed and not self.is_over:
            self._wait(queue)
        return False

    def _deadline(self) -> Deadline | None:
        end = self._gate.end if self._until_end else None
        moments = [self._until] if self._until else []
        moments += [datetime.fromtimestamp(end).astimezone()] if end else []
        return Deadline(min(moments), clock=_now) if moments else None

    def _wait(self, queue: JobQueue) -> None:
        """Wait for a second; renew the lease now and then, and when there is something new to show."""
        shown = (self._gate.phase, self._gate.trouble)
        if shown != self._shown or time.monotonic() - self._shown_at >= CLOSED_ALIVE:
            queue.alive(self._gate.phase, trouble=self._gate.trouble)
            self._shown, self._shown_at = shown, time.monotonic()
        time.sleep(CLOSED_SECONDS)

    def _rest(self, pause: float, queue: JobQueue, error: FupanError) -> None:
        deadline = time.monotonic() + pause
        while time.monotonic() < deadline and not self.is_over:
            try:
                queue.alive("trouble", trouble=error.message)
            except StoreError as again:
                log.warning("state database: %s", again.message)
            time.sleep(min(1.0, pause))


def _now() -> datetime:
    return datetime.fromtimestamp(time.time()).astimezone()
