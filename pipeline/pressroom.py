"""A press in a process of its own, beside the driver of the engine.

Setting the pages of a game takes a second or two of Python, and a fast engine
answers hundreds of times in that time: in one process each would wait for the other. And what
kills the press, or keeps it busy for ever, costs one report and not the night.

The processes talk through a pipe that only they have; what is sent over it is never stored.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import FupanError, RenderError, unexpected
from pipeline.press import OwnPress, Press, PrintedGame, PrintOrder

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

log = logging.getLogger(__name__)

MOST_SECONDS = 600.0  # for the pages of one game
START_SECONDS = 60.0  # until the process is there: a busy machine, a slow disk, a virus scanner
END_SECONDS = 5.0
TRIES = 2


@dataclass(frozen=True, slots=True)
class _Trouble:
    """An error on its way to the other process, which makes it anew. ``trace``: of one that nobody expected."""

    kind: type[FupanError]
    code: str
    params: dict[str, str | int | float]
    trace: str = ""

    @classmethod
    def of(cls, error: FupanError, trace: str = "") -> _Trouble:
        """What is no number becomes text: it may hold anything."""
        params = {name: value if isinstance(value, int | float) else str(value) for name, value in error.params.items()}
        return cls(type(error), error.code, params, trace)

    def again(self) -> FupanError:
        """The error."""
        return self.kind(self.code, **self.params)


class _Ended(Exception):
    """The process is gone. ``args``: its exit code."""


class PressRoom:
    """A :class:`Press` whose work is done by another process, which is started with the first order.

    A process that dies is started again and given its order once more; an order that kills it twice fails alone.
    Where no process can be started, the pages are set in this one. For several threads at a time.

    Args:
        press: makes the press in the other process; a function or class that can be imported there.
        patience: seconds that an order may take.
    """

    def __init__(self, press: Callable[[], Press] = OwnPress, *, patience: float = MOST_SECONDS) -> None:
        self._make = press
        self._patience = patience
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._line: Connection | None = None
        self._here: Press | None = None

    @property
    def pid(self) -> int | None:
        """Process id; ``None`` where there is none now."""
        return self._process.pid if self._process else None

    def warm_up(self) -> None:
        """As :meth:`Press.warm_up`."""
        self._ask(None)

    def print(self, order: PrintOrder) -> PrintedGame:
        """As :meth:`Press.print`.

        Raises:
            RenderError: also when the order kills the process twice, or takes longer than the patience lasts.
        """
        printed = self._ask(order)
        assert printed is not None
        return printed

    def close(self) -> None:
        """End the process; it is started again with the next order."""
        with self._lock:
            self._end(END_SECONDS)

    def _ask(self, order: PrintOrder | None) -> PrintedGame | None:
        with self._lock:
            code: object = None
            for _ in range(TRIES):
                if self._here is None and not self._begin():
                    self._here = self._make()
                if self._here is not None:
                    return _done(self._here, order)
                try:
                    answer = self._exchange(order)
                except _Ended as ended:
                    (code,) = ended.args
                    log.warning("the press ended with code %s", code)
                    continue
                if isinstance(answer, _Trouble):
                    if answer.trace:
                        log.error("in the press: %s", answer.trace)
                    raise answer.again()
                return answer
            raise RenderError("report.press_died", code=code)

    def _exchange(self, order: PrintOrder | None) -> PrintedGame | _Trouble | None:
        """Hand over an order and wait for what comes of it.

        Raises:
            _Ended: the process died over it.
            RenderError: it takes too long.
        """
        assert self._line is not None
        try:
            self._line.send(order)
            if self._line.poll(self._patience):
                answer: PrintedGame | _Trouble | None = self._line.recv()
                return answer
        except (EOFError, OSError):
            raise _Ended(self._end(END_SECONDS)) from None
        except BaseException:  # asked to stop in between: the answer would be taken for that of the next order
            self._end(0.0)
            raise
        self._end(0.0)
        raise RenderError("report.press_hung", minutes=round(self._patience / 60))

    def _begin(self) -> bool:
        """Have the process ready; whether it is."""
        if self._process is not None and self._process.is_alive():
            return True
        self._end(0.0)
        import multiprocessing  # noqa: PLC0415 - a run that finds everything done needs no process

        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._make), name="fupan-press", daemon=True)
        try:
            self._process.start()
            theirs.close()  # or the end of the process could not be seen
            if self._line.poll(START_SECONDS):
                self._line.recv()
                return True
            trouble = f"nothing heard for {START_SECONDS:.0f} s"
        except (EOFError, OSError) as error:
            trouble = f"{type(error).__name__} {error}"
        except BaseException:
            self._end(0.0)
            raise
        log.warning("no process for the press, pages are set in this one: %s", trouble)
        theirs.close()
        self._end(0.0)
        return False

    def _end(self, patience: float) -> int | None:
        """End the process, by force when it takes longer than ``patience`` seconds; returns its exit code."""
        process, line, self._process, self._line = self._process, self._line, None, None
        if line is not None:
            line.close()
        if process is None or process.pid is None:
            return None
        process.join(patience)
        if process.is_alive():
            process.kill()
            process.join(END_SECONDS)
        code = process.exitcode
        with contextlib.suppress(ValueError):  # held up in the kernel: it goes with this process
            process.close()
        return code


def _done(press: Press, order: PrintOrder | None) -> PrintedGame | None:
    if order is None:
        press.warm_up()
        return None
    return press.print(order)


def _serve(line: Connection, make: Callable[[], Press]) -> None:
    """The other process: orders until the pipe is closed, which the death of its owner does too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the driver, which waits for what is being printed
    logging.getLogger().addHandler(logging.NullHandler())  # two processes must not write one log file
    _be_silent()
    press = make()
    with contextlib.suppress(EOFError, OSError):
        line.send(None)
        while True:
            line.send(_answer(press, line.recv()))


def _be_silent() -> None:
    """What libraries say would run into the progress display, and who reads that would wait for this process too."""
    with Path(os.devnull).open("w") as nowhere:
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)


def _answer(press: Press, order: PrintOrder | None) -> PrintedGame | _Trouble | None:
    try:
        return _done(press, order)
    except FupanError as error:
        return _Trouble.of(error)
    except Exception as error:
        return _Trouble.of(unexpected(error), traceback.format_exc())
