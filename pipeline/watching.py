"""Watching a folder: lock, inbox and worker put together, and kept going."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipeline import statedb
from pipeline.app import choose_budget, find_engine, make_publisher, network_key
from pipeline.arrivals import Arrivals
from pipeline.atomic import temporary_beside
from pipeline.console import Reporter, configure_logging
from pipeline.engine.setup import EngineSetup
from pipeline.errors import ConfigError, StoreError
from pipeline.gate import Gate, GatedQueue
from pipeline.housekeeping import ClockWatch, FailureNotes, Housekeeper, Seldom, sweep_inbox, work_waiting
from pipeline.inbox.listing import check_apart
from pipeline.inbox.mounts import is_network_folder
from pipeline.jobs.lease import LeaseKeeper, take_over
from pipeline.jobs.queue import JobQueue
from pipeline.jobs.receive import Receiver
from pipeline.jobs.reception import Reception
from pipeline.jobs.register import Register
from pipeline.jobs.trimming import trim_journal
from pipeline.keeping import DAMAGED, Keeper
from pipeline.mending import mend, rebuild
from pipeline.morning import OverviewKeeper
from pipeline.outcome import RunSummary
from pipeline.plan import DEEP, AnalysisProfile, Budget
from pipeline.presets import base_budget
from pipeline.pressroom import PressRoom
from pipeline.publish import Folders, Publisher
from pipeline.settings import FolderSettings, InboxSettings, Settings
from pipeline.store.database import Database
from pipeline.wording import cluster as cluster_words
from pipeline.wording import jobs as words
from pipeline.worker import QueueWorker

log = logging.getLogger(__name__)

LOCAL_SETTLE, NETWORK_SETTLE = 2.0, 10.0
LOCAL_RESCAN, NETWORK_RESCAN = 30.0, 5.0
MAX_MENDS = 3


def two_level_budget(settings: Settings, *, is_gpu: bool) -> Budget:
    """Visits in force, always with a quick level where the preset's or the hardware's one is shallower."""
    budget, _ = choose_budget(settings, is_gpu=is_gpu)
    base = base_budget(settings.analysis.preset, is_gpu=is_gpu)
    return replace(budget, quick=budget.quick or min(base.quick, budget.full))


class WatchRun:
    """One run of ``fupan watch`` or ``fupan worker``. Use :meth:`run` once.

    Args:
        folders: settings in force, by folder.
        reporter: shows what happens.
        once: end when all that lies in the inbox is done.
        until: local time at which to stop.
        works: analyse; else only receive what comes.
        any_network: take jobs that were meant for other networks too.
        verbose: log to the screen too.
    """

    def __init__(
        self,
        folders: FolderSettings,
        reporter: Reporter,
        *,
        once: bool,
        until: datetime | None,
        works: bool = True,
        any_network: bool = False,
        verbose: bool = False,
    ) -> None:
        self._folder_settings = folders
        self._settings = settings = folders.general
        self._reporter = reporter
        self._once = once
        self._until = until
        self._works = works
        self._any_network = any_network
        self._verbose = verbose
        self._folders = Folders(settings.output.folder)
        self._gate = Gate(settings, reporter.message, clock=time.time)
        self._keeper = Keeper(self._gate, reporter, until=until, once=once, until_end=settings.schedule.until_end)
        self.summary = RunSummary()
        self.has_begun = False
        self.pending = 0
        self.refused = 0

    def run(self, inbox: Path | None) -> RunSummary:
        """Watch ``inbox``, or with ``None`` only work; returns what was done.

        Raises:
            ConfigError, DependencyError, AlreadyRunning: nothing can be done.
            EngineError, StoreError: with ``once`` only; else the work is tried again after a pause.
        """
        started = time.monotonic()
        if inbox is not None:
            check_apart(inbox, self._folders.root)
            _check_writable(inbox)
        if hasattr(signal, "SIGIO") and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGIO, signal.SIG_IGN)  # see inbox.listing: asking for writers may raise it
        try:
            with statedb.instance(self._settings, inbox) as self._folders:
                configure_logging(self._folders.logs, verbose=self._verbose)
                if inbox is not None:
                    sweep_inbox(inbox, time.strftime("%Y-%m"), older_than=statedb.LEFT_OVER_SECONDS)
                self._watch_on_sound_state(inbox.absolute() if inbox is not None else None)
        finally:
            self.summary.seconds = time.monotonic() - started
        return self.summary

    def _watch_on_sound_state(self, inbox: Path | None) -> None:
        """Watch; a state file that is damaged, or becomes so, is set aside and made anew. A server mends itself."""
        if statedb.is_shared(self._settings):
            self._watch(inbox)
            return
        state, is_damaged = statedb.state_file(self._settings), False
        for tries in range(MAX_MENDS + 1):
            mend(state, self._folders, self._reporter.message, is_damaged=is_damaged)
            try:
                self._watch(inbox)
                return
            except StoreError as error:
                if error.code != DAMAGED or tries == MAX_MENDS:
                    raise
                log.warning("%s", error.message)
                is_damaged = True

    def _watch(self, inbox: Path | None) -> None:
        settings, reporter = self._settings, self._reporter
        setup = find_engine(settings, reporter) if self._works else None
        publisher = make_publisher(settings, is_alone=statedb.locks_output(settings), press=PressRoom())
        arrivals = self._arrivals(inbox, setup, publisher)
        say = statedb.once_each(reporter.message)
        with ExitStack() as stack:
            database = stack.enter_context(statedb.open_database(settings, patience=statedb.PATIENCE, say=say))
            self.has_begun = True
            stack.enter_context(OverviewKeeper(settings, reporter.message))
            queue = GatedQueue(
                database,
                uuid.uuid4().hex,
                self._gate,
                network=arrivals.network if self._works else "",
                any_network=self._any_network,
                root=statedb.shared_root(settings),
            )
            if self._works:
                queue.register(host=socket.gethostname(), pid=os.getpid(), inbox=str(inbox or ""))
                stack.callback(queue.leave)
                if inbox is not None:
                    rebuild(database, inbox, self._folders, arrivals.read, reporter.message)
                self._take_over(queue, alone=not database.is_server)
                stack.enter_context(LeaseKeeper(queue))
            reception = self._receive(stack, inbox, database, arrivals) if inbox is not None else None
            chores: list[Callable[[], object]] = [
                lambda: self._gate.check_room(*work_waiting(database)),
                ClockWatch(reporter.message),
                Seldom(lambda: trim_journal(database)),
                Seldom(lambda: self._folders.sweep(older_than=statedb.LEFT_OVER_SECONDS), at_once=False),
            ]
            if inbox is not None:
                chores.insert(0, FailureNotes(inbox, database).refresh)
            stack.enter_context(Housekeeper(*chores))

            def has_all() -> bool:
                return self._once and (reception is None or reception.is_drained)

            try:
                if setup is not None:
                    journal = stack.enter_context(statedb.open_journal(settings, patience=statedb.PATIENCE, say=say))
                    if reception is None:
                        message = cluster_words.WORKING
                        reporter.message(
                            message.format(place=database.place, network=arrivals.network, output=self._folders.root)
                        )
                    worker = QueueWorker(
                        queue,
                        journal,
                        self._folders,
                        publisher,
                        reporter=reporter,
                        arrivals=arrivals,
                        setup=setup,
                        lets_go=self._keeper.must_let_go,
                        more_to_come=lambda: not has_all(),
                        wait=lambda seconds: _wait(reception, seconds),
                    )
                    self.summary = worker.summary
                    self._keeper.keep_working(worker, queue, has_all)
                else:
                    reporter.message(cluster_words.RECEIVING)
                    while not (self._keeper.is_over or has_all()):
                        _wait(reception, 1.0)
            finally:
                self.refused = reception.refused if reception is not None else 0
            self.pending = queue.pending().jobs
        if self._until is not None and self._keeper.is_over:
            reporter.message(words.REACHED_UNTIL.format(moment=self._until.strftime("%H:%M")))

    def _arrivals(self, inbox: Path | None, setup: EngineSetup | None, publisher: Publisher) -> Arrivals:
        network = setup.network if setup else self._settings.engine.network
        key = network_key(network) if network else ""
        is_gpu = setup is None or setup.is_gpu
        dataset = publisher.dataset

        def is_known(game_id: str, profile: AnalysisProfile) -> bool:
            if profile.network:
                return dataset.is_complete(game_id, profile.profile_id)
            found = dataset.find(game_id, min_visits=profile.visits)
            return found is not None and found.level == DEEP

        return Arrivals(
            inbox,
            self._folder_settings,
            key,
            budget_of=lambda folder: two_level_budget(folder, is_gpu=is_gpu),
            is_known=is_known,
            decides=setup is not None,
        )

    def _receive(self, stack: ExitStack, inbox: Path, database: Database, arrivals: Arrivals) -> Reception:
        """Start the inbox's thread."""
        reception, events = self._reception(inbox, database, arrivals)
        stop = threading.Event()
        thread = threading.Thread(
            target=reception.run, args=(stop,), kwargs={"events": events}, name="inbox", daemon=True
        )
        thread.start()
        stack.callback(_stop, thread, stop, reception)
        return reception

    def _take_over(self, queue: JobQueue, *, alone: bool) -> None:
        take_over(queue, alone=alone)
        waiting = queue.pending().jobs
        if waiting and alone:
            self._reporter.message(words.TAKEN_UP.format(count=waiting))

    def _reception(self, inbox: Path, database: Database, arrivals: Arrivals) -> tuple[Reception, bool]:
        """The inbox's loop, and whether it can rely on events."""
        receiver = Receiver(inbox, Register(database), arrivals.read, now=lambda: datetime.now().astimezone())
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


def timing(settings: InboxSettings, *, is_network: bool) -> tuple[float, float, bool]:
    """Settle time and rescan time in seconds, and whether to ask the system for events."""
    polls = settings.polling == "always" or (settings.polling == "auto" and is_network)
    settle = settings.settle_seconds or (NETWORK_SETTLE if is_network else LOCAL_SETTLE)
    rescan = settings.rescan_seconds or (NETWORK_RESCAN if polls else LOCAL_RESCAN)
    return settle, rescan, not polls


def _wait(reception: Reception | None, seconds: float) -> None:
    if reception is None:
        time.sleep(seconds)
        return
    reception.news.wait(seconds)
    reception.news.clear()


def _stop(thread: threading.Thread, stop: threading.Event, reception: Reception) -> None:
    stop.set()
    reception.wake()
    thread.join(timeout=10.0)


def _check_writable(inbox: Path) -> None:
    probe = temporary_beside(inbox / "probe")
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ConfigError("inbox.not_writable", path=inbox, detail=error.strerror or error) from error
