"""How the program ends: signals, complaints on stderr, exit codes (``docs/errors.md``)."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

from pipeline.errors import ConfigError, FupanError, Stopped, StoreError, Terminated
from pipeline.wording import cli as words
from pipeline.wording import incidents as incident_words

log = logging.getLogger(__name__)

DISK_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
# The place is wrong or closed, and another one would do; everything else is the disk's fault.
PLACE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR}

AGAIN_SECONDS = 0.1
TAIL_LINES = 8  # of what the engine said last
STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class StopRequested(BaseException):
    """The user or the system asked to stop.

    Not an ``Exception``, so that no handler that deals with one game's failure
    can take it for one. ``error`` is what to say and how to exit.
    """

    def __init__(self, error: Stopped) -> None:
        super().__init__(error.message)
        self.error = error


def stop_behind(error: BaseException) -> StopRequested | None:
    """The request to stop that ``error`` hides: what it interrupted may fail in its own way while it is left."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        if isinstance(found, StopRequested):
            return found
        seen.add(id(found))
        found = found.__cause__ or found.__context__
    return None


class _Hold:
    """Where the main thread must not be interrupted, and the signal that came meanwhile."""

    depth = 0
    came: int | None = None


@contextlib.contextmanager
def stops_later() -> Iterator[None]:
    """A request to stop that comes in here takes effect at the end; for what is over soon.

    A second one ends the program at once all the same.
    """
    if threading.current_thread() is not threading.main_thread():  # signals interrupt no other
        yield
        return
    _Hold.depth += 1
    try:
        yield
    finally:
        _Hold.depth -= 1
        if not _Hold.depth and _Hold.came is not None:
            number, _Hold.came = _Hold.came, None
            _stop(number)


def listen_for_signals() -> None:
    """First Ctrl-C, SIGTERM or closed terminal: stop in order. Second: at once."""
    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _on_signal)
    sys.unraisablehook = _on_unraisable


def _on_signal(number: int, _frame: FrameType | None) -> None:
    for each in STOPPING:
        if signal.getsignal(each) is _on_signal:
            signal.signal(each, signal.SIG_DFL)
    # Past the stream: it may be in the middle of a write, and cannot be entered twice.
    with contextlib.suppress(OSError):
        os.write(2, f"\n{words.INTERRUPTING}\n".encode(getattr(sys.stderr, "encoding", None) or "utf-8", "replace"))
    _stop_soon(number)


def _stop_soon(number: int) -> None:
    if _Hold.depth:
        _Hold.came = number
    else:
        _stop(number)


def _stop(number: int) -> NoReturn:
    stopped = Stopped if number == signal.SIGINT else Terminated
    raise StopRequested(stopped("run.interrupted"))


def _on_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Python drops what is raised in a finaliser or in the callback of a weak reference, a request to stop too."""
    if not isinstance(unraisable.exc_value, StopRequested):
        sys.__unraisablehook__(unraisable)
        return
    number = signal.SIGINT if unraisable.exc_value.error.exit_code == Stopped.exit_code else signal.SIGTERM
    signal.signal(number, _on_second_try)
    # Later and from outside: raised here it would be dropped again.
    again = threading.Timer(AGAIN_SECONDS, _signal_main_thread, [number])
    again.daemon = True
    again.start()


def _on_second_try(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    _stop_soon(number)


def _signal_main_thread(number: int) -> None:
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)


def exit_code_of(error: BaseException) -> int:
    """Say what happened and what to do about it; returns the exit code."""
    if isinstance(error, StopRequested):
        return _complain(error.error)
    if isinstance(error, FupanError):
        return _complain(error)
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        return _usage_error(error)
    if isinstance(error, OSError) and error.filename is not None:
        log.warning("operating system", exc_info=error)
        return _complain(_file_error(error))
    return _bug(error)


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def _complain(error: FupanError) -> int:
    _say(words.CANNOT.format(message=error.message))
    if error.advice:
        _say(words.ADVICE.format(advice=error.advice))
    tail = str(error.params.get("tail") or "").splitlines()[-TAIL_LINES:]
    if tail:
        shown = ("".join(c if c.isprintable() else " " for c in line) for line in tail)
        _say("\n".join([incident_words.LOG_TAIL, *(incident_words.LOG_LINE.format(line=line) for line in shown)]))
    log.info("exit %d: %s %s", error.exit_code, error.code, error.message)
    return error.exit_code


def _file_error(error: OSError) -> FupanError:
    path, detail = os.fsdecode(error.filename), error.strerror or error
    if error.errno in DISK_FULL:
        return StoreError("store.disk_full", path=path)
    if error.errno in PLACE:
        return ConfigError("file.refused", path=path, detail=detail)
    return StoreError("file.failed", path=path, detail=detail)


def _usage_error(error: BaseException) -> int:
    """Say in Chinese what is wrong with the command line."""
    kind, message = type(error).__name__, str(getattr(error, "message", ""))
    if kind == "NoArgsIsHelpError":  # no command at all: its message is the help
        _say(message)
        return 2
    parameter = getattr(error, "param", None)
    names = getattr(parameter, "opts", None) or [""]
    if getattr(parameter, "param_type_name", "") == "argument":
        names = [getattr(parameter, "metavar", None) or names[0]]
    name = getattr(error, "option_name", None) or names[0]
    template = words.USAGE.get(kind, words.USAGE["UsageError"])
    detail = template.format(name=name, detail=message or error)
    unknown = re.fullmatch(r"No such command '(.+)'\.", message)
    if unknown:
        detail = words.USAGE["NoSuchCommand"].format(detail=unknown.group(1))
    _say(words.CANNOT.format(message=detail))
    _say(words.USAGE_HELP)
    return 2


def _bug(error: BaseException) -> int:
    where = next((h.baseFilename for h in logging.getLogger("pipeline").handlers if hasattr(h, "baseFilename")), None)
    if where is None:
        traceback.print_exception(error)
    else:
        log.error("bug", exc_info=error)
    _say(words.BUG.format(detail=f"{type(error).__name__}: {error}", log=where or "stderr"))
    return 1
