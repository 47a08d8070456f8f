"""One engine process: its pipes, its log, and how it is ended. Knows nothing of the protocol."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, TypeAlias

log = logging.getLogger(__name__)

LOG_NAME = "katago.log"
LOG_BYTES = 2_000_000
LOG_BACKUPS = 3
TAIL_LINES = 50
TAIL_WIDTH = 400
LOG_WIDTH = 4000
UNKILLABLE_SECONDS = 20.0
MAX_LINE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OutLine:
    """A line of standard output, and the clock's reading when it had arrived."""

    text: str
    at: float


@dataclass(frozen=True, slots=True)
class ErrLine:
    """A line of standard error; only sent on while ``forward_stderr`` is set."""

    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Standard output is closed: nothing more will come. Always the last message."""


@dataclass(frozen=True, slots=True)
class Woken:
    """Somebody wants the receiver to look around (:meth:`EngineProcess.wake`)."""


Message: TypeAlias = OutLine | ErrLine | Ended | Woken


class EngineProcess:
    """A child process in a group of its own, with three pumps.

    Ctrl-C in the terminal does not reach it, so a batch can finish what is
    open. Lines may be megabytes long; bytes that are not UTF-8 are replaced.
    Standard error is always drained, into a rotating log.

    Args:
        argv: program and arguments.
        environment: added to our own environment.
        log_file: where standard error goes.
        clock: seconds, monotonic.

    Raises:
        OSError: the program cannot be started.
    """

    def __init__(
        self, argv: Sequence[str], *, environment: Mapping[str, str], log_file: Path, clock: Callable[[], float]
    ) -> None:
        self._clock = clock
        self._held: Message | None = None
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._outgoing: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.forward_stderr = True
        self.last_sign_of_life = clock()
        log_file.parent.mkdir(parents=True, exist_ok=True)
        self._popen = _spawn(argv, environment)
        self._log = RotatingFileHandler(
            log_file, maxBytes=LOG_BYTES, backupCount=LOG_BACKUPS, encoding="utf-8", delay=True
        )
        self._threads = [
            threading.Thread(target=pump, name=f"katago-{pump.__name__.strip('_')}", daemon=True)
            for pump in (self._read_stdout, self._read_stderr, self._write_stdin)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Process id, which is its group's id too."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """``None`` while it runs; negative: the signal that ended it (POSIX)."""
        return self._popen.poll()

    def stderr_tail(self) -> str:
        """The last lines of standard error."""
        return "\n".join(self._tail)

    def send(self, line: str) -> None:
        """Queue a line for standard input; never blocks, whatever the engine does."""
        self._outgoing.put(line)

    def receive(self, timeout: float) -> Message | None:
        """The next message, or ``None`` after ``timeout`` seconds."""
        if self._held is not None:
            held, self._held = self._held, None
            return held
        try:
            return self._messages.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return None

    def next_line(self) -> OutLine | None:
        """The next message, if it is here already and a line of standard output; else it stays."""
        if self._held is None:
            try:
                message = self._messages.get_nowait()
            except queue.Empty:
                return None
            if isinstance(message, OutLine):
                return message
            self._held = message
        return None

    def wake(self) -> None:
        """Make :meth:`receive` return now. Safe in a signal handler."""
        self._messages.put(Woken())

    def close(self, *, patience: float, grace: float = 2.0) -> int:
        """End it: close stdin, wait ``patience``, then SIGTERM, wait ``grace``, then SIGKILL.

        Returns its exit code. Safe to call twice.
        """
        self._outgoing.put(None)
        if not self._ends_within(patience):
            self._signal("SIGTERM")
            if not self._ends_within(grace):
                self._signal("SIGKILL")
        return self._reap()

    def kill(self) -> int:
        """End it at once, even when it is stopped (SIGSTOP)."""
        self._signal("SIGKILL")
        return self._reap()

    def _ends_within(self, seconds: float) -> bool:
        try:
            self._popen.wait(timeout=max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _signal(self, name: str) -> None:
        if self._popen.poll() is not None:
            return
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.Signals[name])
        elif name == "SIGTERM":
            self._popen.terminate()
        else:
            self._popen.kill()

    def _reap(self) -> int:
        try:
            code = self._popen.wait(timeout=UNKILLABLE_SECONDS)
        except subprocess.TimeoutExpired:
            # A driver that hangs holds its process in the kernel; waiting for that would hold up the night.
            log.warning("engine process %d cannot be ended", self._popen.pid)
            code = -signal.SIGTERM
        self._outgoing.put(None)
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
        for thread in self._threads:
            thread.join(timeout=5)
        self._log.close()
        return code

    def _read_stdout(self) -> None:
        stream = _pipe(self._popen.stdout)
        with stream:
            while raw := stream.readline(MAX_LINE):
                self.last_sign_of_life = at = self._clock()
                text = raw.decode("utf-8", errors="replace").strip()
                if text:
                    self._messages.put(OutLine(text, at))
        self._messages.put(Ended())

    def _read_stderr(self) -> None:
        stream = _pipe(self._popen.stderr)
        with stream:
            while raw := stream.readline(MAX_LINE):
                self.last_sign_of_life = self._clock()
                text = raw.decode("utf-8", errors="replace").rstrip()
                if not text:
                    continue
                self._tail.append(text[:TAIL_WIDTH])
                with contextlib.suppress(OSError, ValueError):
                    self._log.emit(logging.LogRecord("katago", logging.INFO, "", 0, text[:LOG_WIDTH], None, None))
                if self.forward_stderr:
                    self._messages.put(ErrLine(text[:TAIL_WIDTH]))

    def _write_stdin(self) -> None:
        stream = _pipe(self._popen.stdin)
        try:
            with stream:
                while (line := self._outgoing.get()) is not None:
                    stream.write(line.encode("utf-8") + b"\n")
                    if self._outgoing.empty():
                        stream.flush()
        except (OSError, ValueError):
            return  # the engine is gone; its closed standard output says so to the receiver


def _spawn(argv: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        list(argv),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        start_new_session=os.name == "posix",
        creationflags=flags,
    )


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream
