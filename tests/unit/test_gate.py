"""What may be worked on: hours and room on the disk, with a clock and a disk of the test's own."""

from __future__ import annotations

import shutil
from collections import namedtuple
from datetime import datetime

import pytest

from pipeline import gate as module
from pipeline.diskspace import SpaceRule, bytes_needed
from pipeline.gate import Admission, Gate, GatedQueue
from pipeline.jobs.model import Arrival, Level, NewGame
from pipeline.jobs.register import FileEntry, Register
from pipeline.jobs.tables import METADATA
from pipeline.settings import Settings
from pipeline.store.database import Database
from pipeline.wording.jobs import phase

Usage = namedtuple("Usage", "total used free")
MB = 1_000_000


class World:
    """A gate whose clock and disk can be set."""

    def __init__(self, tmp_path, monkeypatch, **schedule):
        self.now = datetime(2026, 11, 23, 20, 0).astimezone().timestamp()
        self.free = 10_000 * MB
        self.ticks = 0.0
        self.said: list[str] = []
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, self.free))
        settings = Settings(schedule=schedule, output={"folder": tmp_path, "reserve_mb": 500})
        self.gate = Gate(settings, self.said.append, clock=lambda: self.now, monotonic=self.monotonic)

    def monotonic(self) -> float:
        self.ticks += module.LOOK_SECONDS
        return self.ticks

    def at(self, hour: int, day: int = 23) -> None:
        self.now = datetime(2026, 11, day, hour, 0).astimezone().timestamp()


def test_without_settings_everything_is_let_through_and_nothing_is_said(tmp_path, monkeypatch):
    world = World(tmp_path, monkeypatch)
    assert world.gate.begin() == set(Level)
    assert not world.gate.has_narrowed
    assert world.said == []


def test_hours_open_and_close(tmp_path, monkeypatch):
    world = World(tmp_path, monkeypatch, window="22:00-07:00")
    assert world.gate.begin() == set()
    assert phase(world.gate.phase) == "等待 22:00"
    world.at(22)
    assert world.gate.begin() == set(Level)
    world.at(6, 24)
    assert not world.gate.has_narrowed
    world.at(7, 24)
    assert world.gate.has_narrowed
    assert len(world.said) == 3


def test_first_reports_by_day_end_the_session_of_the_night_and_not_the_other_way_round(tmp_path, monkeypatch):
    world = World(tmp_path, monkeypatch, window="22:00-07:00", quick_by_day=True)
    assert world.gate.begin() == {Level.QUICK}
    world.at(22)
    assert not world.gate.has_narrowed, "the engine that runs may go on with everything"
    world.gate.begin()
    world.at(7, 24)
    assert world.gate.has_narrowed


def test_room_is_looked_at_whatever_the_hour(tmp_path, monkeypatch):
    world = World(tmp_path, monkeypatch, window="22:00-07:00", quick_by_day=True)
    world.free = 499 * MB
    assert world.gate.begin() == set()
    assert world.gate.look().admission is Admission.LOW_SPACE
    assert "499" in world.gate.trouble
    world.free = 510 * MB
    assert world.gate.begin() == set(), "not before there is clearly enough"
    world.free = 520 * MB
    assert world.gate.begin() == {Level.QUICK}
    assert world.gate.trouble == ""


def test_too_little_room_for_what_is_queued_is_told_once_until_it_is_twice_as_much(tmp_path, monkeypatch):
    world = World(tmp_path, monkeypatch)
    world.free = 600 * MB
    world.gate.check_room(10, 2500)
    assert world.said == []
    for games in (60, 60, 70, 130):
        world.gate.check_room(games, games * 250)
    assert len(world.said) == 2


def test_out_of_hours_only_quick_jobs_are_handed_out(tmp_path, monkeypatch):
    world = World(tmp_path, monkeypatch, window="22:00-07:00", quick_by_day=True)
    with Database(tmp_path / "fupan.db", METADATA) as database:
        register = Register(database, clock=lambda: world.now)
        game = NewGame("aa", "a.sgf", 0, 5, {Level.QUICK: 5, Level.DEEP: 50}, "p")
        register.accept(FileEntry(b"a", "a.sgf", "0"), b"a", Arrival((game,), "{}"), place=lambda _: b"b")
        queue = GatedQueue(database, "me", world.gate, clock=lambda: world.now)
        quick = queue.claim()
        assert quick.level is Level.QUICK
        queue.publishing(quick.id)
        assert queue.claim(Level.DEEP) is None
        assert queue.claim() is None
        world.at(23)
        assert queue.claim().level is Level.DEEP


@pytest.mark.parametrize(("free", "was_low", "is_low"), [(99, False, True), (100, False, False), (109, True, True)])
def test_the_space_rule_has_a_gap(free, was_low, is_low):
    assert SpaceRule(100).is_low(free, was_low=was_low) is is_low
    assert not SpaceRule(100).is_low(110, was_low=True)


def test_no_reserve_is_never_low():
    assert not SpaceRule(0).is_low(0, was_low=True)


def test_an_evening_of_forty_games_takes_about_a_hundred_megabytes():
    assert 50 * MB < bytes_needed(40, 40 * 250) < 200 * MB


@pytest.mark.parametrize(
    ("code", "shown"),
    [("search", "分析"), ("closed", "等待开放时段"), ("closed 周一 22:00", "等待 周一 22:00"), ("x", "x")],
)
def test_phases_are_shown_in_words(code, shown):
    assert phase(code) == shown
