"""Presses with named faults. The key of an order is the club on it; PDF and SGF are a few bytes."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from pipeline.errors import DependencyError, RenderError
from pipeline.press import PrintedGame, PrintOrder

OWNER = os.environ.get("FAKE_PRESS_OWNER", "")


class FakePress:
    """``dies``: is killed; ``dies once FILE``: only where FILE is not yet; ``hangs``, ``fails``, ``surprises``."""

    def __init__(self) -> None:
        if OWNER and str(os.getpid()) != OWNER:  # as where antivirus programs or limits let no process come up
            os._exit(3)

    def warm_up(self) -> None:
        """What is missing is told."""
        raise DependencyError("dependency.fonts", folder=Path("fonts"))

    def print(self, order: PrintOrder) -> PrintedGame:
        """By the key of the order."""
        club = order.options.club
        fault, _, file = club.rpartition(" ") if "/" in club else (club, "", "")
        if fault == "dies" or (fault == "dies once" and not Path(file).exists()):
            if file:
                Path(file).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "hangs":
            threading.Event().wait()
        if fault == "fails":
            raise RenderError("report.template", detail=ValueError("odd"))
        if fault == "surprises":
            raise ZeroDivisionError("nobody expected it")
        return PrintedGame(f"%PDF {order.options.club}".encode(), str(os.getpid()).encode())

    def close(self) -> None:
        """Nothing is held."""
