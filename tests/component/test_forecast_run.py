"""The forecast of a real batch knows what the planner knows, and a recording of the run tells the same again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes.engines import fake_setup, spiral_game

from pipeline import drive
from pipeline.console import QuietReporter
from pipeline.engine.setup import Threads
from pipeline.inbox.intake import IntakeGame
from pipeline.outcome import RunSummary, Status
from pipeline.plan import AnalysisProfile, Strategy
from pipeline.publish import Folders, PlannedGame, Publisher
from pipeline.search import BatchSearch
from pipeline.settings import load
from pipeline.store.dataset import StoredGame

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
AT_ONCE = 4


class Printer(Publisher):
    """Writes the dataset, and a word for the report."""

    def print_report(self, game: StoredGame, *_: object, **__: object) -> Path:  # type: ignore[override]
        return Path(f"{game.record.game_id}.pdf")


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import forecast_replay
    import forecast_trace

    return SimpleNamespace(replay=forecast_replay, trace=forecast_trace)


def test_a_recorded_run_is_forecast_as_it_was(tmp_path, monkeypatch, tools):
    monkeypatch.setattr(drive, "TICK_SECONDS", 0.0)
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(tmp_path / "cache"))
    folders = Folders(tmp_path / "output")
    folders.create()
    setup = replace(fake_setup(tmp_path / "engine"), threads=Threads(AT_ONCE, 1))
    profile = AnalysisProfile("fake", 64, 8, Strategy.ADAPTIVE)
    games = [spiral_game(12 + number, size=9) for number in range(4)]
    todo = [PlannedGame(IntakeGame(game, Path("a.sgf"), game.game_id, load({})), profile) for game in games]
    recorder, summary, reporter = tools.trace.Recorder(), RunSummary(), QuietReporter()
    with tools.trace.recording(recorder):
        printer = Printer(folders, printed_on="2026-11-23")
        BatchSearch(folders, printer, reporter, summary).run(todo, setup)
    assert summary.count(Status.DONE) == 4
    recorder.note("end", started=0.0, ended=1.0)
    recorder.write(tmp_path / "run.jsonl")
    events = tools.trace.read_trace(tmp_path / "run.jsonl")

    ticks = [event for event in events if event["kind"] == "tick"]
    assert {event["at_once"] for event in ticks} == {AT_ONCE}
    assert [event["busy"] for event in ticks] == sorted(event["busy"] for event in ticks)
    said = [event["left"] for event in ticks if event["left"] is not None]
    assert said
    assert said == pytest.approx([left for _, left in tools.replay.replay(events)], rel=0.01, abs=1e-6)
    assert said[-1] < max(said)


def test_what_the_planner_foresees_is_in_the_number_of_positions(tmp_path, monkeypatch):
    """After the quick pass of the only game it is known how many positions are searched deeply."""
    monkeypatch.setattr(drive, "TICK_SECONDS", 0.0)
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(tmp_path / "cache"))
    folders = Folders(tmp_path / "output")
    folders.create()
    seen: list[tuple[int, int]] = []

    class Listener(QuietReporter):
        def refresh(self) -> None:
            seen.append((self.tally.positions_done, self.tally.positions))

    game = spiral_game(40, size=9)
    planned = PlannedGame(
        IntakeGame(game, Path("a.sgf"), game.game_id, load({})), AnalysisProfile("fake", 64, 8, Strategy.ADAPTIVE)
    )
    summary = RunSummary()
    BatchSearch(folders, Printer(folders, printed_on="2026-11-23"), Listener(), summary).run(
        [planned], replace(fake_setup(tmp_path / "engine"), threads=Threads(AT_ONCE, 1))
    )
    done = summary.positions
    after_quick = next(positions for number, positions in seen if number > 41 + 1)
    assert after_quick == pytest.approx(done, abs=0.1 * done)
