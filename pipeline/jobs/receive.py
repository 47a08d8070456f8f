"""From a settled file to committed jobs, and only then out of the inbox. Every step can be repeated."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipeline.atomic import atomic_write_bytes
from pipeline.errors import ConfigError, FupanError, GameError
from pipeline.inbox import moves
from pipeline.inbox.listing import FileChanged, read_settled
from pipeline.inbox.names import class_of, readable
from pipeline.inbox.stability import Signature
from pipeline.jobs.model import Arrival, Failure, FileOutcome
from pipeline.jobs.register import Decision, FileEntry, OpenMove, Register
from pipeline.wording.jobs import ERROR_TEXT, in_class

log = logging.getLogger(__name__)


class NotYet(Exception):
    """A file cannot be dealt with now.

    ``is_committed`` when only its move is left; ``is_guess`` when it was read
    but makes no sense and may still be growing.
    """

    def __init__(self, detail: str, *, is_committed: bool, is_guess: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_guess = is_guess
        self.is_committed = is_committed


class Reader(Protocol):
    """Reads a file that has come; see :class:`pipeline.arrivals.Arrivals`."""

    def __call__(self, path: Path, data: bytes, name: str, /) -> Arrival:
        """The games of a file.

        Raises:
            GameError: nothing in it can be analysed.
            ConfigError: the settings of its folder are broken.
        """


class Receiver:
    """Takes settled files in.

    Args:
        inbox: the folder watched.
        register: where decisions are committed.
        read: reads a file.
        now: local time, for the month's folder.
    """

    def __init__(self, inbox: Path, register: Register, read: Reader, *, now: Callable[[], datetime]) -> None:
        self._inbox = inbox
        self._register = register
        self._read = read
        self._now = now

    def take(
        self, relative: str, signature: Signature, *, is_old: bool = True, is_last_try: bool = False
    ) -> tuple[str, Decision]:
        """Decide about one settled file and move it; returns its shown name and the decision.

        Args:
            relative: its path below the inbox.
            signature: as it settled.
            is_old: it has not changed for so long that what cannot be read now never will be.
            is_last_try: refuse a file that cannot be read, instead of trying again.

        Raises:
            FileChanged: it is not settled any more.
            NotYet: it cannot be read or moved now.
            StoreError: nothing could be committed.
        """
        path = self._inbox / relative
        name = readable(path.name)
        shown = in_class(class_of(relative), name)
        try:
            data = read_settled(path, signature, file=name)
        except FileNotFoundError as error:
            raise FileChanged from error
        except OSError as error:
            detail = error.strerror or str(error)
            if not is_last_try:
                raise NotYet(detail, is_committed=False) from error
            entry = FileEntry(os.fsencode(path), name, "", class_of(relative))
            decision = self._refuse(entry, relative, GameError("game.unreadable", file=name, detail=detail))
        except GameError as error:
            entry = FileEntry(os.fsencode(path), name, "", class_of(relative))
            decision = self._refuse(entry, relative, error)
        else:
            entry = FileEntry(os.fsencode(path), name, hashlib.sha256(data).hexdigest(), class_of(relative))
            decision = self._decide(entry, relative, data, is_old=is_old, is_last_try=is_last_try)
        self._carry_out(path, decision, signature, shown)
        return shown, decision

    def repair(self) -> None:
        """Finish or undo the moves in which an earlier run was interrupted.

        Raises:
            StoreError: the decisions cannot be read.
        """
        for open_move in self._register.unmoved():
            try:
                self._repair(open_move)
            except OSError as error:
                log.warning("move not repaired: %r: %s", open_move.path, error)

    def _repair(self, open_move: OpenMove) -> None:
        source = Path(os.fsdecode(open_move.path))
        target = Path(os.fsdecode(open_move.decision.target))
        if os.path.lexists(source):
            return  # the next listing shows it, and the decision is found again
        if not target.is_file():
            if not self._inbox.is_dir() or not any(self._inbox.iterdir()):
                return  # not there, or only the folder on which it is mounted
        elif target.stat().st_size == 0 and open_move.sha256 != hashlib.sha256(b"").hexdigest():
            target.unlink()
        elif open_move.sha256 and hashlib.sha256(target.read_bytes()).hexdigest() != open_move.sha256:
            moves.put_back(target, source)
        self._register.moved(open_move.decision)

    def _decide(self, entry: FileEntry, relative: str, data: bytes, *, is_old: bool, is_last_try: bool) -> Decision:
        earlier = self._register.earlier(entry)
        if earlier is not None:
            return earlier
        try:
            arrival = self._read(self._inbox / relative, data, entry.name)
        except GameError as error:
            if not is_old:
                raise NotYet(error.message, is_committed=False, is_guess=True) from error
            return self._refuse(entry, relative, error)
        except ConfigError as error:
            if not is_last_try:
                raise NotYet(error.message, is_committed=False) from error
            return self._refuse(entry, relative, error)
        if arrival.is_cut_short and not is_old:
            raise NotYet("", is_committed=False, is_guess=True)
        return self._register.accept(entry, data, arrival, place=lambda outcome: self._place(outcome, relative))

    def _refuse(self, entry: FileEntry, relative: str, error: FupanError) -> Decision:
        failure = Failure(error.code, error.message, error.advice)
        return self._register.refuse(entry, failure, place=lambda outcome: self._place(outcome, relative))

    def _place(self, outcome: FileOutcome, relative: str) -> bytes:
        folder = moves.folder_for(outcome, self._now().strftime("%Y-%m"), relative)
        return os.fsencode(moves.free_target(self._inbox / folder, Path(relative).name))

    def _carry_out(self, path: Path, decision: Decision, signature: Signature, shown: str) -> None:
        target = Path(os.fsdecode(decision.target))
        try:
            if decision.failure is not None:
                text = ERROR_TEXT.format(name=shown, message=decision.failure.message, advice=decision.failure.advice)
                atomic_write_bytes(moves.error_file(target), text.encode())
            try:
                has_moved = moves.move(path, target, signature)
            except moves.TargetTaken:
                decision = self._register.retarget(decision, os.fsencode(moves.free_target(target.parent, path.name)))
                raise NotYet(str(target), is_committed=True) from None
        except (OSError, FupanError) as error:
            detail = error.message if isinstance(error, FupanError) else error.strerror or str(error)
            raise NotYet(detail, is_committed=True) from error
        if has_moved:
            self._register.moved(decision)
