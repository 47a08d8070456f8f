"""Watching a folder: lock, inbox and worker put together, and kept going."""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.app import choose_budget, find_engine, make_publisher, network_key
from pipeline.arrivals import Arrivals
from pipeline.console import Reporter, configure_logging
from pipeline.deadline import Deadline
from pipeline.engine.provision import cache_dir
from pipeline.errors import AlreadyRunning, ConfigError, EngineError, FupanError, StoreError
from pipeline.gate import Gate, GatedQueue
from pipeline.housekeeping import FailureNotes, Housekeeper, work_waiting
from pipeline.inbox.listing import check_apart
from pipeline.inbox.mounts import is_network_folder
from pipeline.jobs.model import Failure
from pipeline.jobs.queue import JobQueue
from pipeline.jobs.receive import Receiver
from pipeline.jobs.reception import Reception
from pipeline.jobs.register import Register
from pipeline.jobs.tables import METADATA
from pipeline.mending import mend, rebuild
from pipeline.outcome import RunSummary
from pipeline.plan import CPU_BUDGET, GPU_BUDGET, Budget
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
CLOSED_SECONDS, CLOSED_ALIVE = 1.0, 10.0
MAX_MENDS = 3


def two_level_budget(settings: Settings, *, is_gpu: bool) -> Budget:
    """Visits in force, always with a quick level where the hardware's one is shallower than the full one."""
    budget, _ = choose_budget(settings, is_gpu=is_gpu)
    hardware = GPU_BUDGET if is_gpu else CPU_BUDGET
    return replace(budget, quick=budget.quick or min(hardware.quick, budget.full))


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
        self._gate = Gate(settings, reporter.message, clock=time.time)
        self._has_let_go = False
        self._shown, self._shown_at = ("", ""), float("-inf")
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
        try:
            with (
                hold(self._folders.state / "fupan.lock", AlreadyRunning("run.locked", path=self._folders.root)),
                hold(inbox_lock(inbox), AlreadyRunning("inbox.locked", path=inbox)),
            ):
                self._folders.sweep()
                self._watch_on_sound_state(inbox.absolute())
        finally:
            self.summary.seconds = time.monotonic() - started
        return self.summary

    def _watch_on_sound_state(self, inbox: Path) -> None:
        """Watch; a state database that is damaged, or becomes so, is set aside and made anew."""
        state, is_damaged = self._folders.state / STATE_FILE, False
        for tries in range(MAX_MENDS + 1):
            mend(state, self._folders, self._reporter.message, is_damaged=is_damaged)
            try:
                self._watch(inbox)
                return
            except StoreError as error:
                if error.code != "store.corrupt" or tries == MAX_MENDS:
                    raise
                log.warning("%s", error.message)
                is_damaged = True

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
            journal = stack.enter_context(Journal(self._folders.state / STATE_FILE))
            queue = GatedQueue(database, uuid.uuid4().hex, self._gate, clock=time.time)
            queue.register(host=socket.gethostname(), pid=os.getpid(), inbox=str(inbox))
            stack.callback(queue.leave)
            rebuild(database, inbox, self._folders, arrivals.read, reporter.message)
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
                lets_go=self._must_let_go,
                more_to_come=lambda: not (self._once and reception.is_drained),
                wait=lambda seconds: _wait(reception, seconds),
            )
            self.summary = worker.summary
            notes = FailureNotes(inbox, database)
            stack.enter_context(Housekeeper(notes.refresh, lambda: self._gate.check_room(*work_waiting(database))))
            try:
                self._keep_working(worker, queue, lambda: self._once and reception.is_drained)
            finally:
                self.refused = reception.refused
            self.pending = queue.pending().jobs
        if self._until is not None and self._is_over():
            reporter.message(words.REACHED_UNTIL.format(moment=self._until.strftime("%H:%M")))

    def _keep_working(self, worker: QueueWorker, queue: JobQueue, has_all: Callable[[], bool]) -> None:
        """Work while the gate is open; what ends the work is tried again after a growing pause, but for ``once``."""
        pause, worked = FIRST_PAUSE, -1
        while not self._is_over():
            try:
                self._has_let_go = False
                if not self._gate.begin():
                    if has_all() and not queue.pending().jobs:
                        return
                    self._wait_closed(queue)
                    continue
                worker.deadline = deadline = self._deadline()
                worker.work()
                if has_all() and not queue.pending().jobs:
                    return
                if not self._has_let_go:
                    if deadline is None or deadline.moment == self._until:
                        return
                    self._wait_for_end(deadline, queue)
            except (EngineError, StoreError) as error:
                if self._once or error.code == "store.corrupt":
                    raise
                log.warning("work interrupted: %s %s", error.code, error.message)
                pause = FIRST_PAUSE if worker.summary.positions > worked else min(MAX_PAUSE, pause * 2)
                worked = worker.summary.positions
                self._reporter.message(words.TROUBLE.format(message=error.message, seconds=pause))
                self._rest(pause, queue, error)

    def _must_let_go(self) -> bool:
        """Whether the engine is to be ended. Once said it stays so: the worker gives everything back then."""
        self._has_let_go = self._has_let_go or self._gate.has_narrowed
        return self._has_let_go

    def _deadline(self) -> Deadline | None:
        """When everything has to be printed: at ``until``, or at the end of the window if that is kept like it."""
        end = self._gate.end if self._settings.schedule.until_end else None
        moments = [self._until] if self._until else []
        moments += [datetime.fromtimestamp(end).astimezone()] if end else []
        return Deadline(min(moments), clock=_now) if moments else None

    def _wait_for_end(self, deadline: Deadline, queue: JobQueue) -> None:
        """Everything is printed some seconds before the end of the window: begin nothing new."""
        while deadline.seconds_left > 0 and not self._gate.has_narrowed and not self._is_over():
            self._wait_closed(queue)

    def _wait_closed(self, queue: JobQueue) -> None:
        """Wait for a second; renew the lease now and then, and when there is something new to show."""
        shown = (self._gate.phase, self._gate.trouble)
        if shown != self._shown or time.monotonic() - self._shown_at >= CLOSED_ALIVE:
            queue.alive(self._gate.phase, trouble=self._gate.trouble)
            self._shown, self._shown_at = shown, time.monotonic()
        time.sleep(CLOSED_SECONDS)

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
        return self._until is not None and time.time() >= self._until.timestamp()


def inbox_lock(inbox: Path) -> Path:
    """Where the lock of an inbox lies: not inside it, so that the share can be unmounted while we wait for it."""
    return cache_dir() / "locks" / f"{hashlib.sha256(os.fsencode(inbox.resolve())).hexdigest()[:16]}.lock"


@contextmanager
def hold(path: Path, taken: AlreadyRunning) -> Iterator[None]:
    """Hold the lock ``path``.

    Raises:
        AlreadyRunning: ``taken``, when another process holds it.
        ConfigError: it cannot be made.
    """
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise taken from error
    except OSError as error:
        raise ConfigError("output.not_writable", path=path, detail=error.strerror or error) from error
    try:
        yield
    finally:
        lock.release()


def _now() -> datetime:
    return datetime.fromtimestamp(time.time()).astimezone()


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
