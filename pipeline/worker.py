"""The worker of ``fupan watch``: jobs from the queue through the engine to the publisher, until told to stop."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.arrivals import Arrivals
from pipeline.console import Reporter
from pipeline.deadline import Deadline
from pipeline.drive import Session
from pipeline.engine.setup import EngineSetup
from pipeline.jobs.model import Job
from pipeline.jobs.queue import JobQueue
from pipeline.outcome import RunSummary
from pipeline.publish import Folders, Publisher
from pipeline.queuework import QueueWork, WorkerTimes
from pipeline.store.journal import Journal

KEPT_OUTCOMES = 1_000  # games of a night and more; the queue has them all


class QueueWorker:
    """Works off the queue with one engine.

    Several games are open at once, so that the engine is full; a quick job that
    arrives goes before the deep ones that are open. Every answer is in the
    journal before anything else happens to it.

    Args:
        queue: this worker's view of the queue.
        journal: where evaluations are kept until they are published.
        folders: the output tree.
        publisher: writes the files of a game.
        reporter: shows progress.
        arrivals: reads the games of jobs.
        setup: engine and network.
        more_to_come: whether to wait when the queue is empty.
        wait: sleeps for at most so many seconds, less when a file came.
        times: see there; by default the usual ones.
        deadline: when to stop, with everything printed; may be changed between two calls of :meth:`work`.
        lets_go: whether to stop at once and give the engine back; once true it stays so until :meth:`work` has ended.
    """

    def __init__(
        self,
        queue: JobQueue,
        journal: Journal,
        folders: Folders,
        publisher: Publisher,
        *,
        reporter: Reporter,
        arrivals: Arrivals,
        setup: EngineSetup,
        more_to_come: Callable[[], bool],
        wait: Callable[[float], None],
        times: WorkerTimes | None = None,
        deadline: Deadline | None = None,
        lets_go: Callable[[], bool] = lambda: False,
    ) -> None:
        self._lets_go = lets_go
        self._queue = queue
        self._journal = journal
        self._folders = folders
        self._publisher = publisher
        self._reporter = reporter
        self._arrivals = arrivals
        self._setup = setup
        self.deadline = deadline
        self._more_to_come = more_to_come
        self._wait = wait
        self._times = times or WorkerTimes()
        self.summary = RunSummary(keeps=KEPT_OUTCOMES)

    def work(self) -> None:
        """Go on until nothing is to come, or the deadline comes.

        Raises:
            EngineError: the engine cannot be kept alive.
            StoreError: queue, journal or dataset cannot be used.
            Every job that was open is back in the queue then.
        """
        try:
            self._queue.give_back()  # what the last time could not, because the database was away
            while not self._is_over() and not self._lets_go():
                self._queue.alive("idle")
                job = self._queue.claim()
                if job is not None:
                    if self._session(job):
                        return
                elif not self._more_to_come() and not self._queue.pending().jobs:
                    return
                else:
                    self._wait(self._times.tick)
        finally:
            self._queue.give_back()

    def _is_over(self) -> bool:
        return self.deadline is not None and self.deadline.seconds_left <= 0

    def _session(self, first: Job) -> bool:
        """One life of the engine; whether the deadline ended it."""
        self._queue.alive("engine")
        session = Session(
            self._setup,
            self._journal,
            self._folders,
            self._publisher,
            reporter=self._reporter,
            summary=self.summary,
            deadline=self.deadline,
        )
        session.run(self._jobs(first, session.engine.cancel))
        return session.is_closing

    def _jobs(self, first: Job, cancel: Callable[[], None]) -> QueueWork:
        return QueueWork(
            self._queue,
            first,
            self._journal,
            self._publisher,
            reporter=self._reporter,
            arrivals=self._arrivals,
            summary=self.summary,
            more_to_come=self._more_to_come,
            times=self._times,
            lets_go=self._lets_go,
            cancel=cancel,
            has_deadline=self.deadline is not None,
        )
