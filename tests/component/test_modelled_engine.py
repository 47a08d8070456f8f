"""A review on the modelled card of the benchmarks ends as on a real engine, and costs nothing twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes.engines import spiral_game
from fakes.printers import Printer

from pipeline.console import QuietReporter
from pipeline.engine.setup import Threads
from pipeline.inbox.intake import IntakeGame
from pipeline.outcome import RunSummary, Status
from pipeline.plan import AnalysisProfile, Strategy
from pipeline.publish import Folders, PlannedGame
from pipeline.search import BatchSearch
from pipeline.settings import load

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import engine_runs

    return SimpleNamespace(runs=engine_runs)


def test_a_review_on_a_modelled_card(tmp_path, monkeypatch, tools):
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(tmp_path / "cache"))
    place = tmp_path / "engine"
    setup = replace(tools.runs.card_setup(place, "h100-cuda", 10.0), threads=Threads(8, 4))
    profile = AnalysisProfile("card", 640, 40, Strategy.ADAPTIVE)
    games = [spiral_game(length, size=9) for length in (20, 24)]
    todo = [PlannedGame(IntakeGame(game, Path("a.sgf"), game.game_id, load({})), profile) for game in games]
    folders, summary = Folders(tmp_path / "output"), RunSummary()
    folders.create()
    BatchSearch(folders, Printer(folders), QuietReporter(), summary).run(todo, setup)

    assert summary.count(Status.DONE) == 2
    assert summary.restarts == 0
    (notes,) = tools.runs.model_notes(place)
    assert notes["answers"] == summary.positions + 1, "one proves that the engine has come up"
    assert notes["visits"] < summary.visits, "what was searched before costs nothing again"
