"""A few lines that stay in their place and change: on a terminal by rich, elsewhere printed when they change."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

from pipeline.console import print_line
from pipeline.errors import StoreError
from pipeline.exits import StopRequested


def show_live(lines: Callable[[], Sequence[str]], *, every: float) -> None:
    """Show what ``lines`` says until Ctrl-C, which is the way to end it and no error.

    Args:
        lines: the text now; while the database cannot be read, why is shown instead.
        every: seconds between two looks.
    """
    try:
        if sys.stdout.isatty():
            _on_terminal(lines, every)
        else:
            _into_pipe(lines, every)
    except (KeyboardInterrupt, StopRequested):
        return


def _text(lines: Callable[[], Sequence[str]]) -> str:
    try:
        return "\n".join(lines())
    except StoreError as error:
        return f"{error.message}{error.advice}"


def _on_terminal(lines: Callable[[], Sequence[str]], every: float) -> None:
    from rich.console import Console  # noqa: PLC0415 - rich costs start-up time that pipes need not pay
    from rich.live import Live  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False, markup=False, emoji=False)
    with Live(Text(_text(lines)), console=console, auto_refresh=False, vertical_overflow="ellipsis") as live:
        while True:
            time.sleep(every)
            live.update(Text(_text(lines)), refresh=True)


def _into_pipe(lines: Callable[[], Sequence[str]], every: float) -> None:
    shown = ""
    while True:
        text = _text(lines)
        if text != shown:
            print_line(text)
            shown = text
        time.sleep(every)
