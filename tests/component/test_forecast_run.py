"""The forecast of a real batch knows what the planner knows, and a recording of the run tells the same again."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes.engines import fake_setup, spiral_game
from fakes.plain_sgf import write_sgf
from fakes.printers import Printer

from pipeline import drive, watching
from pipeline.console import QuietReporter
from pipeline.engine.setup import Threads
from pipeline.forecast import Forecast
from pipeline.inbox.intake import IntakeGame
from pipeline.jobs.desk import Desk
from pipeline.jobs.tables import METADATA
from pipeline.needs import Outlook, Waiting
from pipeline.outcome import RunSummary, Status
from pipeline.plan import DEEP, AnalysisProfile, Strategy
from pipeline.publish import Folders, PlannedGame
from pipeline.search import BatchSearch
from pipeline.settings import FolderSettings, load
from pipeline.statedb import STATE_FILE
from pipeline.store.database import Database

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
AT_ONCE = 4


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
        printer = Printer(folders)
        BatchSearch(folders, printer, reporter, summary).run(todo, setup)
    assert summary.count(Status.DONE) == 4
    recorder.note("end", started=0.0, ended=1.0)
    recorder.write(tmp_path / "run.jsonl")
    events = tools.trace.read_trace(tmp_path / "run.jsonl")

    ticks = [event for event in events if event["kind"] == "tick"]
    assert {event["at_once"] for event in ticks} == {AT_ONCE}
    said = [event["left"] for event in ticks if event["left"] is not None]
    assert said
    assert said == pytest.approx([left for _, left in tools.replay.replay(events)], rel=0.01, abs=1e-6)
    assert said[-1] < max(said)


def test_what_the_planner_foresees_reaches_the_forecast(tmp_path, monkeypatch):
    """After the quick pass of the only game it is known how many positions are searched deeply."""
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(tmp_path / "cache"))
    folders = Folders(tmp_path / "output")
    folders.create()
    told: list[int] = []
    planned = Forecast.planned

    def listen(forecast: Forecast, game: str, outlook: Outlook) -> None:
        planned(forecast, game, outlook)
        if outlook:
            told.append(sum(map(len, outlook)))

    monkeypatch.setattr(Forecast, "planned", listen)
    game = spiral_game(40, size=9)
    profile = AnalysisProfile("fake", 64, 8, Strategy.ADAPTIVE)
    todo = [PlannedGame(IntakeGame(game, Path("a.sgf"), game.game_id, load({})), profile)]
    setup = replace(fake_setup(tmp_path / "engine"), threads=Threads(AT_ONCE, 1))
    summary = RunSummary()
    BatchSearch(folders, Printer(folders), QuietReporter(), summary).run(todo, setup)

    assert summary.positions > 41, "some are searched deeply"
    assert 41 + told[0] == pytest.approx(summary.positions, rel=0.1)


class Listener(QuietReporter):
    """Notes how many positions the display says there are, and how many of them are done."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[int, int]] = []
        self.left: list[float] = []

    def refresh(self) -> None:
        left = self.tally.seconds_left(time.monotonic())
        if left is not None:
            self.seen.append((self.tally.positions_done, self.tally.positions))
            self.left.append(left)


def watch(place: Path, monkeypatch: pytest.MonkeyPatch, until: datetime | None) -> tuple[Listener, RunSummary]:
    """Four games through the queue, at 8 and 64 visits."""
    monkeypatch.setattr(drive, "TICK_SECONDS", 0.0)
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(place / "cache"))
    network = place / "fake.bin"
    network.write_bytes(b"fake-b1c1\n8\n")
    setup = replace(fake_setup(place / "engine"), threads=Threads(AT_ONCE, 1), network=network)
    monkeypatch.setattr(watching, "find_engine", lambda *_: setup)
    monkeypatch.setattr(watching, "configure_logging", lambda *_, **__: None)
    monkeypatch.setattr(watching, "make_publisher", lambda settings, **_: Printer(Folders(settings.output.folder)))
    inbox = place / "inbox"
    inbox.mkdir()
    for number in range(4):
        (inbox / f"{number}.sgf").write_text(write_sgf(spiral_game(30 + number, size=9)), encoding="utf-8")
    settings = FolderSettings(
        {
            "output": {"folder": place / "output"},
            "analysis": {"visits": 64, "quick": 8},
            "inbox": {"settle_seconds": 0.1},
        }
    )
    listener = Listener()
    run = watching.WatchRun(settings, listener, once=True, until=until)
    run.run(inbox)
    return listener, run.summary


def test_the_queue_is_forecast_by_what_the_planner_says(tmp_path, monkeypatch):
    listener, summary = watch(tmp_path, monkeypatch, None)
    assert summary.count(Status.DONE) == 8
    assert listener.tally.positions == summary.positions
    assert listener.left[-1] == pytest.approx(0.0, abs=0.5)
    late = [positions for done, positions in listener.seen if done >= 0.7 * summary.positions]
    assert late[0] == pytest.approx(summary.positions, rel=0.15)


def test_up_to_an_hour_the_queue_counts_every_position_at_the_full_budget(tmp_path, monkeypatch):
    """There is time for all of it, and it is used: what ``adaptive`` would need is no forecast then."""
    waiting: list[Waiting] = []
    seconds_left = Forecast.seconds_left

    def listen(forecast: Forecast, **values: Any) -> float | None:
        left = seconds_left(forecast, **values)
        waiting.extend(values["waiting"] if left is not None else ())
        return left

    monkeypatch.setattr(Forecast, "seconds_left", listen)
    listener, summary = watch(tmp_path, monkeypatch, datetime.now().astimezone() + timedelta(hours=1))
    whole = sum(2 * (31 + number) for number in range(4))
    assert summary.positions >= whole
    middle = [positions for done, positions in listener.seen if done >= 0.6 * summary.positions]
    assert middle[0] >= 0.75 * summary.positions
    with Database(tmp_path / "output" / "state" / STATE_FILE, METADATA) as database:
        jobs = [job for job in Desk(database).jobs() if job.level == DEEP]
    assert len(jobs) == 4
    assert max(job.visits_expected / job.positions for job in jobs) < 32, "that is not what a game needs otherwise"
    assert {each.visits / each.positions for each in waiting if each.level == DEEP} == {64.0}, "nobody has begun them"
