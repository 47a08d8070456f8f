"""Watching a folder: lock, inbox and worker put together, and kept going."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
import uuid
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.app import choose_budget, find_engine, make_publisher, network_key
from pipeline.arrivals import Arrivals
from pipeline.console import Reporter, configure_logging
from pipeline.deadline import Deadline
from pipeline.errors import AlreadyRunning, ConfigError, EngineError, FupanError, StoreError
from pipeline.inbox.listing import check_apart
from pipeline.inbox.mounts import is_network_folder
from pipeline.jobs.model import Failure
from pipeline.jobs.queue import JobQueue
from pipeline.jobs.receive import Receiver
from pipeline.jobs.reception import Reception
from pipeline.jobs.register import Register
from pipeline.jobs.tables import METADATA
from pipeline.morning import OverviewKeeper
from pipeline.outcome import RunSummary
from pipeline.plan import Budget
from pipeline.presets import base_budget
from pipeline.publish import Folders
from pipeline.settings import FolderSettings, InboxSettings, Settings
from pipeline.store.database import Database
from pipeline.store.journal import Journal
from pipeline.wording import jobs as words
from pipeline.worker import QueueWorker

log = logging.getLogger(__name__)

STATE_FILE = "fupan.db"
LOCAL_SETTLE, NETWORK_SETTLE = 2.0, 10.0
LOCAL_RESCAN, NETWORK_RESCAN = 30.0, 5.0
FIRST_PAUSE, MAX_PAUSE = 5.0, 300.0


def two_level_budget(settings: Settings, *, is_gpu: bool) -> Budget:
    """Visits in force, always with a quick level where the preset's or the hardware's one is shallower."""
    budget, _ = choose_budget(settings, is_gpu=is_gpu)
    base = base_budget(settings.analysis.preset, is_gpu=is_gpu)
    return replace(budget, quick=budget.quick or min(base.quick, budget.full))


class WatchRun:
    """One run of ``fupan watch``. Use :meth:`run` once.

    Args:
        folders: settings in force, by folder.
        reporter: shows what happens.
        once: end when all that lies in the inbox is done.
        until: local time at which to stop.
        verbose: log to the screen too.
    """

    def __init__(
        self, folders: FolderSettings, reporter: Reporter, *, once: bool, until: datetime | None, verbose: bool = False
    ) -> None:
        self._folder_settings = folders
        self._settings = settings = folders.general
        self._reporter = reporter
        self._once = once
        self._until = until
        self._verbose = verbose
        self._folders = Folders(settings.output.folder)
        self.summary = RunSummary()
        self.pending = 0
        self.refused = 0

    def run(self, inbox: Path) -> RunSummary:
        """Watch ``inbox``; returns what was done.

        Raises:
            ConfigError, DependencyError, AlreadyRunning: nothing can be done.
            EngineError, StoreError: with ``once`` only; else the work is tried again after a pause.
        """
        started = time.monotonic()
        check_apart(inbox, self._folders.root)
        _check_writable(inbox)
        self._folders.create()
        configure_logging(self._folders.logs, verbose=self._verbose)
        if hasattr(signal, "SIGIO") and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGIO, signal.SIG_IGN)  # see inbox.listing: asking for writers may raise it
        lock = FileLock(self._folders.state / "fupan.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise AlreadyRunning("run.locked", path=self._folders.root) from error
        try:
            self._folders.sweep()
            self._watch(inbox.absolute())
        finally:
            lock.release()
            self.summary.seconds = time.monotonic() - started
        return self.summary

    def _watch(self, inbox: Path) -> None:
        settings, reporter = self._settings, self._reporter
        setup = find_engine(settings, reporter)
        publisher = make_publisher(settings)
        arrivals = Arrivals(
            inbox,
            self._folder_settings,
            network_key(setup.network),
            budget_of=lambda folder: two_level_budget(folder, is_gpu=setup.is_gpu),
            is_known=publisher.dataset.is_complete,
        )
        with ExitStack() as stack:
            database = stack.enter_context(Database(self._folders.state / STATE_FILE, METADATA))
            stack.enter_context(OverviewKeeper(settings, reporter.message))
            journal = stack.enter_context(Journal(self._folders.state / STATE_FILE))
            queue = JobQueue(database, uuid.uuid4().hex, clock=time.time)
            queue.register(host=socket.gethostname(), pid=os.getpid(), inbox=str(inbox))
            stack.callback(queue.leave)
            self._take_over(queue)
            reception, events = self._reception(inbox, database, arrivals)
            stop = threading.Event()
            thread = threading.Thread(
                target=reception.run, args=(stop,), kwargs={"events": events}, name="inbox", daemon=True
            )
            thread.start()
            stack.callback(_stop, thread, stop, reception)
            worker = QueueWorker(
                queue,
                journal,
                self._folders,
                publisher,
                reporter=reporter,
                arrivals=arrivals,
                setup=setup,
                more_to_come=lambda: not (self._once and reception.is_drained),
                wait=lambda seconds: _wait(reception, seconds),
                deadline=Deadline(self._until) if self._until else None,
            )
            self.summary = worker.summary
            try:
                self._keep_working(worker, queue)
            finally:
                self.refused = reception.refused
            self.pending = queue.pending().jobs
        if self._until is not None and self._is_over():
            reporter.message(words.REACHED_UNTIL.format(moment=self._until.strftime("%H:%M")))

    def _keep_working(self, worker: QueueWorker, queue: JobQueue) -> None:
        """Work; what ends the work is tried again after a growing pause, unless there is only this ``once``."""
        pause, worked = FIRST_PAUSE, -1
        while True:
            try:
                worker.work()
                return
            except (EngineError, StoreError) as error:
                if self._once:
                    raise
                log.warning("work interrupted: %s %s", error.code, error.message)
                pause = FIRST_PAUSE if worker.summary.positions > worked else min(MAX_PAUSE, pause * 2)
                worked = worker.summary.positions
                self._reporter.message(words.TROUBLE.format(message=error.message, seconds=pause))
                self._rest(pause, queue, error)
            if self._is_over():
                return

    def _rest(self, pause: float, queue: JobQueue, error: FupanError) -> None:
        deadline = time.monotonic() + pause
        while time.monotonic() < deadline and not self._is_over():
            try:
                queue.alive("trouble", trouble=error.message)
            except StoreError as again:
                log.warning("state database: %s", again.message)
            time.sleep(min(1.0, pause))

    def _take_over(self, queue: JobQueue) -> None:
        for job in queue.take_over(alone=True):
            error = FupanError("job.kills_workers", file=job.name, count=job.losses)
            queue.give_up(job, Failure(error.code, error.message, error.advice))
        waiting = queue.pending().jobs
        if waiting:
            self._reporter.message(words.TAKEN_UP.format(count=waiting))

    def _reception(self, inbox: Path, database: Database, arrivals: Arrivals) -> tuple[Reception, bool]:
        """The inbox's loop, and whether it can rely on events."""
        receiver = Receiver(
            inbox, Register(database, clock=time.time), arrivals.read, now=lambda: datetime.now().astimezone()
        )
        receiver.repair()
        settle, rescan, events = timing(self._settings.inbox, is_network=is_network_folder(inbox))
        how = words.BY_EVENTS if events else words.BY_POLLING.format(seconds=rescan)
        self._reporter.message(
            words.ONCE.format(inbox=inbox) if self._once else words.WATCHING.format(inbox=inbox, how=how)
        )
        if self._until is not None:
            self._reporter.message(words.UNTIL.format(moment=self._until.strftime("%m-%d %H:%M")))
        reception = Reception(
            inbox, receiver, settle=settle, rescan=rescan, say=self._reporter.message, monotonic=time.monotonic
        )
        return reception, events

    def _is_over(self) -> bool:
        return self._until is not None and datetime.now().astimezone() >= self._until


def timing(settings: InboxSettings, *, is_network: bool) -> tuple[float, float, bool]:
    """Settle time and rescan time in seconds, and whether to ask the system for events."""
    polls = settings.polling == "always" or (settings.polling == "auto" and is_network)
    settle = settings.settle_seconds or (NETWORK_SETTLE if is_network else LOCAL_SETTLE)
    rescan = settings.rescan_seconds or (NETWORK_RESCAN if polls else LOCAL_RESCAN)
    return settle, rescan, not polls


def _wait(reception: Reception, seconds: float) -> None:
    reception.news.wait(seconds)
    reception.news.clear()


def _stop(thread: threading.Thread, stop: threading.Event, reception: Reception) -> None:
    stop.set()
    reception.wake()
    thread.join(timeout=10.0)


def _check_writable(inbox: Path) -> None:
    probe = inbox / f".fupan-{os.getpid()}.tmp"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ConfigError("inbox.not_writable", path=inbox, detail=error.strerror or error) from error
