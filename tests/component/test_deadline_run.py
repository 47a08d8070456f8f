"""A batch with a deadline: every game has its report by then, by importance, and a later run goes on from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.engines import fake_setup, spiral_game
from fakes.printers import Printer

from pipeline import drive
from pipeline.console import QuietReporter
from pipeline.deadline import LEAST_FIRST, Deadline
from pipeline.engine.setup import Threads
from pipeline.engine.supervisor import AnalysisEngine
from pipeline.go.record import GameRecord
from pipeline.inbox.intake import IntakeGame
from pipeline.outcome import RunSummary, Status
from pipeline.plan import AnalysisProfile, Strategy
from pipeline.publish import Folders, PlannedGame
from pipeline.search import BatchSearch
from pipeline.settings import load
from pipeline.store.dataset import StoredGame

QUICK, FULL = 8, 64
IN_FLIGHT = 8  # may be searched again after a cut
START = datetime(2026, 11, 22, 22, tzinfo=UTC)


class NotingPrinter(Printer):
    """Notes how deep the first passes were."""

    def __init__(self, folders: Folders) -> None:
        super().__init__(folders)
        self.first_passes: set[int] = set()

    def print_report(self, game: StoredGame, *rest: object, **more: object) -> Path:  # type: ignore[override]
        """Nothing is drawn."""
        if game.info.level == "quick":
            self.first_passes.add(game.info.quick_visits)
        return super().print_report(game, *rest, **more)


class Night:
    """A batch of games of 12 moves over a fake engine; every search takes a minute of its clock."""

    def __init__(self, place: Path, games: int) -> None:
        self.place = place
        self.folders = Folders(place / "output")
        self.folders.create()
        self.setup = replace(fake_setup(place / "engine"), threads=Threads(IN_FLIGHT // 2, 1))
        self.records = [spiral_game(12 + number, size=9) for number in range(games)]
        self.printer = NotingPrinter(self.folders)

    @property
    def searched(self) -> Counter[int]:
        """How many searches there were of each number of visits."""
        path = self.place / "engine" / "searched"
        lines = path.read_text().splitlines() if path.exists() else []
        return Counter(int(line.split()[1]) for line in lines)

    @property
    def minutes(self) -> int:
        return sum(self.searched.values())

    def run(
        self,
        minutes: float | None,
        *,
        visits: int = FULL,
        strategy: Strategy = Strategy.UNIFORM,
        quick: int = QUICK,
        reporter: QuietReporter | None = None,
        clock: Callable[[], float] | None = None,
    ) -> RunSummary:
        """Search from now for so many minutes of the clock (by default: searches), or to the end."""
        clock = clock or (lambda: self.minutes)
        begun, summary = clock(), RunSummary()
        deadline = None
        if minutes is not None:
            deadline = Deadline(
                START + timedelta(minutes=minutes),
                lambda: START + timedelta(minutes=clock() - begun),
                print_seconds=0.0,
                printed=1,
            )
        profile = AnalysisProfile(self.network, visits, quick, strategy)
        todo = [PlannedGame(self._game(record), profile) for record in self.records]
        todo = [p for p in todo if not self.printer.dataset.is_complete(p.game.record.game_id, profile.profile_id)]
        reporter = reporter or QuietReporter()
        BatchSearch(self.folders, self.printer, reporter, summary, deadline=deadline).run(todo, self.setup)
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


def test_the_first_answers_of_an_engine_that_searches_many_at_once_stop_nothing(night, monkeypatch):
    """They come together and late, and by the first of them it would need hours for what it has been given."""
    night.setup = replace(fake_setup(night.place / "slow", "visit_us=3000"), threads=night.setup.threads)
    reporter, first_wave = QuietReporter(), night.setup.threads.analysis
    speed = property(lambda _: 1000.0 if reporter.tally.positions_done >= first_wave else 1e-6)
    monkeypatch.setattr(AnalysisEngine, "visits_per_second", speed)
    summary = night.run(10_000, visits=16, reporter=reporter)

    assert (summary.count(Status.DONE), summary.count(Status.PENDING)) == (4, 0)
    assert {min(night.visits(record)) for record in night.records} == {16}


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


def test_with_too_little_time_for_the_first_pass_every_game_still_has_a_report(night, monkeypatch):
    """The engine makes one visit a second by its own meter and by the clock on the wall."""
    night.setup = replace(night.setup, threads=Threads(1, 1))  # so that few positions are in flight
    quick, seconds = 32, 1200

    def visits() -> float:
        return float(sum(visits * count for visits, count in night.searched.items()))

    monkeypatch.setattr(AnalysisEngine, "busy_seconds", property(lambda _: visits()))
    monkeypatch.setattr(AnalysisEngine, "visits_per_second", 1.0)
    assert quick * positions(night) > 1.5 * seconds, "there is no time for the whole of it"
    said: list[str] = []
    reporter = QuietReporter()
    monkeypatch.setattr(reporter, "message", said.append)
    summary = night.run(seconds / 60, visits=512, quick=quick, reporter=reporter, clock=lambda: visits() / 60)

    assert (summary.count(Status.DONE), summary.count(Status.PENDING)) == (4, 0)
    depths = [visits for record in night.records for visits in night.visits(record)]
    assert LEAST_FIRST <= min(depths) < quick
    assert sum("初步分析" in line and "时间不够" in line for line in said) == 1
    assert min(night.printer.first_passes) < quick, "the first report says how deep it is"
    night.run(None, visits=512, quick=quick)
    assert min(visits for record in night.records for visits in night.visits(record)) >= 0.9 * 512


def test_a_first_report_of_a_uniform_search_says_its_own_visits(night):
    night.run(10_000, quick=0)
    assert night.printer.first_passes == {FULL // 8}


def test_a_run_that_goes_on_shows_what_is_left_and_not_all_of_it(night):
    class Listener(QuietReporter):
        first = 0

        def refresh(self) -> None:
            self.first = self.first or self.tally.positions

    night.run(positions(night) + 2 * IN_FLIGHT)
    known = sum(visits >= FULL for record in night.records for visits in night.visits(record))
    listener = Listener()
    night.run(None, reporter=listener)

    assert listener.first <= positions(night) - known + IN_FLIGHT
