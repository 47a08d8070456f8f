"""When nothing else is left, the last positions of a batch get the search threads that nobody needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fakes.engines import fake_setup, spiral_game
from fakes.printers import Printer

from pipeline import drive
from pipeline.console import QuietReporter
from pipeline.deadline import Deadline
from pipeline.engine.setup import Threads
from pipeline.engine.supervisor import AnalysisEngine
from pipeline.engine.work import PositionResult, SearchJob
from pipeline.inbox.intake import IntakeGame
from pipeline.outcome import RunSummary, Status
from pipeline.plan import DEEP, QUICK, AnalysisProfile, Strategy
from pipeline.publish import Folders, PlannedGame
from pipeline.search import BatchSearch
from pipeline.settings import load

FULL = 1024


@pytest.mark.parametrize("hours", [None, 12], ids=["to the end", "up to an hour"])
def test_the_last_positions_are_searched_with_all_threads(tmp_path, monkeypatch, hours):
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(tmp_path / "cache"))
    asked: list[SearchJob] = []

    class Noting(AnalysisEngine):
        def analyse(
            self, jobs: Iterable[SearchJob | None], look: Callable[[], object] = object
        ) -> Iterator[PositionResult]:
            def noted() -> Iterator[SearchJob | None]:
                for job in jobs:
                    if job is not None:
                        asked.append(job)
                    yield job

            return super().analyse(noted(), look)

    monkeypatch.setattr(drive, "AnalysisEngine", Noting)
    folders = Folders(tmp_path / "output")
    folders.create()
    setup = replace(fake_setup(tmp_path / "engine"), threads=Threads(64, 2))
    profile = AnalysisProfile("fake", FULL, 64, Strategy.ADAPTIVE)
    games = [spiral_game(length, size=9) for length in (14, 12)]
    todo = [PlannedGame(IntakeGame(game, Path("a.sgf"), game.game_id, load({})), profile) for game in games]
    summary = RunSummary()
    printer = Printer(folders)
    deadline = Deadline(datetime.now().astimezone() + timedelta(hours=hours)) if hours else None
    BatchSearch(folders, printer, QuietReporter(), summary, deadline=deadline).run(todo, setup)

    assert summary.count(Status.DONE) == 2
    assert all(job.threads == 0 for job in asked if job.request.level == QUICK), "so many at once need no more"
    deep = [job.threads for job in asked if job.request.level == DEEP]
    assert max(deep) > 2
    assert max(deep) <= FULL // 64
    assert len({(job.record.game_id, job.request.turn, job.request.visits) for job in asked}) == len(asked)
