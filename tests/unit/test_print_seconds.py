"""What a report is said to take: the first one, for which everything is loaded, does not speak for the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipeline import printing
from pipeline.opengame import OpenGame
from pipeline.plan import DEEP
from pipeline.printing import FIRST_IS_SLOWER, PrintingThread
from pipeline.settings import ReportSettings
from pipeline.store.dataset import StoredGame


class Taking:
    """A publisher, and the clock by which each report takes so many seconds."""

    def __init__(self, seconds: list[float]) -> None:
        self._seconds = iter(seconds)
        self._now = 0.0

    def monotonic(self) -> float:
        return self._now

    def publish(self, *_: object) -> Path:
        self._now += next(self._seconds)
        return Path("a.pdf")

    def close(self) -> None:
        """Nothing is held."""


def printed(monkeypatch: pytest.MonkeyPatch, *seconds: float) -> Iterator[float]:
    """The mean after each report."""
    publisher = Taking([*seconds])
    monkeypatch.setattr(printing, "time", publisher)
    work = cast("Any", SimpleNamespace(published=lambda *_: None))
    game = cast("OpenGame", SimpleNamespace(report=ReportSettings(), group=None))
    stored = cast("StoredGame", SimpleNamespace(info=SimpleNamespace(level=DEEP)))
    with PrintingThread(cast("Any", publisher), lambda _: None) as thread:
        for _ in seconds:
            thread.hand_over(game, stored)
            thread.collect(work, wait=True)
            yield thread.mean_seconds


def test_the_first_report_does_not_speak_for_the_others(monkeypatch):
    assert [*printed(monkeypatch, 3.0 * FIRST_IS_SLOWER, 2.0, 4.0)] == pytest.approx([3.0, 2.5, 3.0])
