"""The loop over the inbox: list, see what has settled, take it in. No file can end it."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import StoreError
from pipeline.inbox.listing import FileChanged, list_inbox
from pipeline.inbox.names import readable
from pipeline.inbox.stability import SettleTracker, Signature
from pipeline.inbox.watch import Waker
from pipeline.jobs.model import FileOutcome
from pipeline.jobs.receive import NotYet, Receiver
from pipeline.jobs.register import Decision
from pipeline.wording import jobs as words

log = logging.getLogger(__name__)

MAX_TRIES = 6
GRACE = 5  # settle times that a file which makes no sense may still grow
TROUBLE_SECONDS = 10.0
BLIND_RESCAN = 5.0  # without events the listing is all there is


class Reception:
    """Watches one inbox.

    Args:
        inbox: the folder.
        receiver: takes settled files in.
        settle: seconds without change until a file is settled.
        rescan: seconds between two listings at most.
        say: shows a line to the user.
        monotonic: seconds.
    """

    def __init__(
        self,
        inbox: Path,
        receiver: Receiver,
        *,
        settle: float,
        rescan: float,
        say: Callable[[str], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._inbox = inbox
        self._receiver = receiver
        self._settle = settle
        self._rescan = rescan
        self._say = say
        self._monotonic = monotonic
        self._tracker = SettleTracker(settle, retry_first=max(settle, 0.2))
        self._is_gone = False
        self._is_mount = os.path.ismount(inbox)
        self._waker: Waker | None = None
        self._stuck: set[str] = set()  # committed, or given up, but it cannot be moved
        self.news = threading.Event()
        self.is_drained = False
        self.refused = 0

    def run(self, stop: threading.Event, *, events: bool) -> None:
        """Go on until ``stop`` is set."""
        with Waker(self._inbox, events=events) as self._waker:
            while not stop.is_set():
                try:
                    pause = self.step()
                except StoreError as error:
                    pause = TROUBLE_SECONDS
                    self._say(words.INBOX_TROUBLE.format(message=error.message, seconds=pause))
                except Exception:
                    log.exception("inbox")
                    pause = TROUBLE_SECONDS
                if not self._waker.has_events:
                    pause = min(pause, BLIND_RESCAN)
                self._waker.wait(pause)

    def wake(self) -> None:
        """List now."""
        if self._waker is not None:
            self._waker.wake()

    def step(self) -> float:
        """List once and deal with what has settled; returns how long to wait at most, in seconds.

        Raises:
            StoreError: nothing can be committed now.
        """
        now = self._monotonic()
        try:
            self._check_mounted()
            if self._is_gone:
                self._receiver.repair()
            listing = list_inbox(self._inbox)
        except OSError as error:
            self.is_drained = False
            if not self._is_gone:
                self._is_gone = True
                self._say(words.INBOX_GONE.format(inbox=self._inbox, detail=error.strerror or error))
            return self._rescan
        if self._is_gone:
            self._is_gone = False
            self._say(words.INBOX_BACK.format(inbox=self._inbox))
        self._stuck &= set(listing)
        for relative in self._tracker.observe(listing, now):
            self._take(relative, listing[relative], now)
        # Drained is what a listing shows, not what we think that we did.
        self.is_drained = listing.keys() <= self._stuck
        return self._rescan if self.is_drained else min(self._rescan, self._settle / 2)

    def _check_mounted(self) -> None:
        """An unmounted share leaves an empty folder behind, which says nothing about what lies in the inbox."""
        if self._is_mount and not os.path.ismount(self._inbox):
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN), str(self._inbox))

    def _take(self, relative: str, signature: Signature, now: float) -> None:
        try:
            is_old = self._tracker.age(relative, now) >= self._settle * GRACE
            shown, decision = self._receiver.take(relative, signature, is_old=is_old)
        except FileChanged:
            self._tracker.changed(relative)
        except NotYet as trouble:
            self._put_off(relative, signature, trouble, now)
        except StoreError:
            raise
        except Exception:
            # A bug over one file must not stop the others; it is tried again, less and less often.
            log.exception("file %r", relative)
            self._tracker.postpone(relative, now)
        else:
            self._report(shown, decision)

    def _put_off(self, relative: str, signature: Signature, trouble: NotYet, now: float) -> None:
        tries = self._tracker.postpone(relative, now)
        if tries == 2 and not trouble.is_guess:
            template = words.MOVE_FAILED if trouble.is_committed else words.FILE_UNREADABLE
            self._say(template.format(name=readable(relative), detail=trouble.detail))
        if tries < MAX_TRIES:
            return
        self._stuck.add(relative)
        if not trouble.is_committed:
            with contextlib.suppress(FileChanged, NotYet):
                self._report(*self._receiver.take(relative, signature, is_last_try=True))

    def _report(self, shown: str, decision: Decision) -> None:
        self.news.set()
        if decision.is_repeat:
            return
        if decision.failure is not None:
            self.refused += 1
            self._say(words.FILE_FAILED.format(name=shown, message=decision.failure.message))
        elif decision.outcome is FileOutcome.DUPLICATE:
            self._say(words.FILE_DUPLICATE.format(name=shown))
        else:
            self._say(words.FILE_TAKEN.format(name=shown, games=decision.games))
