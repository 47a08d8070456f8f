"""A batch with a deadline: every game has its report by then, by importance, and a later run goes on from there."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.engines import fake_setup, spiral_game

from pipeline import drive
from pipeline.console import QuietReporter
from pipeline.deadline import Deadline
from pipeline.engine.config import Threads
from pipeline.go.record import GameRecord
from pipeline.inbox.intake import IntakeGame
from pipeline.outcome import RunSummary, Status
from pipeline.plan import AnalysisProfile, Strategy
from pipeline.publish import Folders, PlannedGame, Publisher
from pipeline.search import BatchSearch
from pipeline.settings import load
from pipeline.store.dataset import StoredGame

QUICK, FULL = 8, 64
IN_FLIGHT = 8  # may be searched again after a cut
START = datetime(2026, 11, 22, 22, tzinfo=UTC)


class Printer(Publisher):
    """Writes the dataset, and a word for the report."""

    def __init__(self, folders: Folders) -> None:
        super().__init__(folders, printed_on="2026-11-22")
        self.printed: list[tuple[str, str]] = []

    def print_report(self, game: StoredGame, *_: object, **__: object) -> Path:  # type: ignore[override]
        self.printed.append((game.record.game_id, game.info.level))
        return Path(f"{game.record.game_id}.pdf")


class Night:
    """A batch of games of 12 moves over a fake engine; every search takes a minute of its clock."""

    def __init__(self, place: Path, games: int) -> None:
        self.place = place
        self.folders = Folders(place / "output")
        self.folders.create()
        self.setup = replace(fake_setup(place / "engine"), threads=Threads(IN_FLIGHT // 2, 1))
        self.records = [spiral_game(12 + number, size=9) for number in range(games)]
        self.printer = Printer(self.folders)

    @property
    def searched(self) -> Counter[int]:
        """How many searches there were of each number of visits."""
        path = self.place / "engine" / "searched"
        lines = path.read_text().splitlines() if path.exists() else []
        return Counter(int(line.split()[1]) for line in lines)

    @property
    def minutes(self) -> int:
        return sum(self.searched.values())

    def run(self, minutes: float | None, *, visits: int = FULL, strategy: Strategy = Strategy.UNIFORM) -> RunSummary:
        """Search from now for so many minutes, or to the end."""
        begun, summary = self.minutes, RunSummary()
        deadline = None
        if minutes is not None:
            deadline = Deadline(
                START + timedelta(minutes=minutes),
                lambda: START + timedelta(minutes=self.minutes - begun),
                print_seconds=0.0,
                printed=1,
            )
        profile = AnalysisProfile(self.network, visits, QUICK, strategy)
        todo = [PlannedGame(self._game(record), profile) for record in self.records]
        todo = [p for p in todo if not self.printer.dataset.is_complete(p.game.record.game_id, profile.profile_id)]
        BatchSearch(self.folders, self.printer, QuietReporter(), summary, deadline=deadline).run(todo, self.setup)
        return summary

    def visits(self, record: GameRecord) -> list[int]:
        """Visits of each stored position of a game."""
        return [e.visits for e in self.printer.dataset.load(record.game_id).evaluations.values()]

    @property
    def network(self) -> str:
        from pipeline.engine.startup import file_sha256

        return f"fake-b1c1@{file_sha256(self.setup.network)[:12]}"

    def _game(self, record: GameRecord) -> IntakeGame:
        settings = load({})
        return IntakeGame(record, Path("game.sgf"), record.game_id, settings)


@pytest.fixture
def night(tmp_path, monkeypatch):
    monkeypatch.setattr(drive, "TICK_SECONDS", 0.0)
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(tmp_path / "cache"))
    return Night(tmp_path, games=4)


def positions(night: Night) -> int:
    return sum(record.total_turns + 1 for record in night.records)


def test_at_the_hour_every_game_has_a_report_that_says_how_deep_it_is(night):
    summary = night.run(positions(night) + 2 * IN_FLIGHT)

    assert summary.count(Status.DONE) == 4
    assert night.searched[QUICK] == positions(night), "every game has its quick pass first"
    assert 0 < night.searched[FULL] <= 3 * IN_FLIGHT, "and then what the time allows"
    levels = dict(night.printer.printed)
    assert "partial" in levels.values()
    assert set(levels.values()) <= {"partial", "deep"}, "a short game may be done"
    for record in night.records:
        assert min(night.visits(record)) >= QUICK


def test_a_later_run_without_a_deadline_goes_on_from_there(night):
    night.run(positions(night) + 2 * IN_FLIGHT)
    deep = night.searched[FULL]
    night.run(None)

    assert positions(night) <= night.searched[QUICK] <= positions(night) + IN_FLIGHT
    assert positions(night) <= night.searched[FULL] <= positions(night) + IN_FLIGHT
    assert deep < positions(night)
    assert all(header.level == "deep" for header in night.printer.dataset.list_games())
    assert len(night.printer.dataset.list_games()) == 4
    before = night.minutes
    night.run(None)
    assert night.minutes == before


def test_a_long_night_ends_when_every_position_has_the_full_budget(night):
    summary = night.run(10_000, strategy=Strategy.ADAPTIVE)

    assert summary.count(Status.DONE) == 4
    for record in night.records:
        assert night.visits(record) == [FULL] * (record.total_turns + 1)
    assert {header.level for header in night.printer.dataset.list_games()} == {"deep"}


def test_games_for_which_there_is_no_time_are_named_and_not_lost(night):
    summary = night.run(20)

    assert summary.count(Status.PENDING) > 0
    assert summary.count(Status.PENDING) + summary.count(Status.DONE) == 4
    before = night.searched[QUICK]
    night.run(None)
    assert before < positions(night) <= night.searched[QUICK] <= positions(night) + IN_FLIGHT
    assert len(night.printer.dataset.list_games()) == 4


def test_a_bigger_budget_later_uses_what_a_cut_night_knew(night):
    night.run(None, visits=16)
    night.run(positions(night) // 2, visits=FULL)
    deep = night.searched[FULL]
    assert deep > 0
    night.run(None, visits=FULL)
    known = sum(visits == FULL for record in night.records for visits in night.visits(record))
    assert known <= night.searched[FULL] <= known + IN_FLIGHT, "only what was in flight was searched twice"
