"""What is swept and noted beside the work: nothing of anybody else's, and nothing twice."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipeline.atomic import temporary_beside
from pipeline.housekeeping import ClockWatch, FailureNotes, Housekeeper, Seldom, sweep_inbox
from pipeline.jobs.desk import Desk
from pipeline.jobs.model import Arrival, Failure, Level, NewGame
from pipeline.jobs.queue import JobQueue
from pipeline.jobs.register import FileEntry, Register
from pipeline.jobs.tables import METADATA
from pipeline.publish import Folders
from pipeline.store.database import Database

HOUR = 3600.0


def put(path: Path, *, age: float = 0.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def left_over(folder: Path, *, age: float = 0.0) -> Path:
    return put(temporary_beside(folder / "x"), age=age)


def test_leftovers_are_swept_everywhere_in_the_output_and_nothing_else_is(tmp_path):
    folders = Folders(tmp_path / "output")
    folders.create()
    places = ("", "reports/甲班", "sgf", "html/甲班", "workbooks", "evaluations/games", "概览", "state/thumbnails/ab")
    swept = [left_over(folders.root / place) for place in places]
    kept = [
        put(folders.root / "棋谱" / ".0123456789abcdef.tmp"),  # a folder of the user's
        put(folders.reports / ".draft.tmp"),
        put(folders.reports / "甲.pdf"),
        put(folders.state / "fupan.db"),
    ]
    folders.sweep()
    assert not [path for path in swept if path.exists()]
    assert all(path.exists() for path in kept)


def test_where_others_write_only_old_leftovers_are_swept(tmp_path):
    folders = Folders(tmp_path / "output")
    folders.create()
    old = [left_over(folders.reports, age=2 * HOUR), left_over(folders.root, age=2 * HOUR)]
    young = [left_over(folders.reports), left_over(folders.root)]
    folders.sweep(older_than=HOUR)
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in young)


def test_leftovers_in_the_inbox_are_swept_and_games_are_not(tmp_path):
    places = ("", "failed/甲班", "duplicate", "processed/2026-11/甲班")
    swept = [left_over(tmp_path / place, age=2 * HOUR) for place in places]
    kept = [
        left_over(tmp_path / "failed"),
        put(tmp_path / "甲班" / ".0123456789abcdef.tmp", age=2 * HOUR),
        put(tmp_path / "一.sgf", age=2 * HOUR),
        put(tmp_path / "processed" / "2026-11" / "二.sgf", age=2 * HOUR),
    ]
    assert sweep_inbox(tmp_path, "2026-11", older_than=HOUR) == len(swept)
    assert not [path for path in swept if path.exists()]
    assert all(path.exists() for path in kept)


def test_a_chore_that_is_seldom_done():
    now, done = [0.0], []
    first = Seldom(lambda: done.append("first"), seconds=100, monotonic=lambda: now[0])
    later = Seldom(lambda: done.append("later"), seconds=100, at_once=False, monotonic=lambda: now[0])
    for now[0] in (0.0, 50.0, 99.0, 100.0, 150.0, 200.0):
        first()
        later()
    assert done == ["first", "first", "later", "first", "later"]


def test_a_chore_that_fails_is_done_again_when_it_is_time_and_holds_up_no_other():
    now, done = [0.0], []

    def fail() -> None:
        done.append("failing")
        raise OSError

    keeper = Housekeeper(Seldom(fail, seconds=10, monotonic=lambda: now[0]), lambda: done.append("other"), seconds=1000)
    for now[0] in (0.0, 5.0, 10.0):
        keeper.round()
    assert done == ["failing", "other", "other", "failing", "other"]


def test_a_clock_that_is_set_is_said_once_and_the_time_services_small_steps_are_not():
    shown, passed, said = [1e9], [0.0], []
    watch = ClockWatch(said.append, clock=lambda: shown[0], monotonic=lambda: passed[0])
    for jump in (0, 2, -3 * HOUR, 0, -2, 90 * 60, 0):
        shown[0] += 5 + jump
        passed[0] += 5
        watch()
    assert [line.partition("（")[0] for line in said] == [
        "系统时间往回拨了 3 小时 0 分",
        "系统时间往前跳了 1 小时 30 分",
    ]


@pytest.fixture
def database(tmp_path):
    with Database(tmp_path / "fupan.db", METADATA) as opened:
        yield opened


def test_notes_of_very_many_failures_are_written_once_and_go_with_a_retry(database, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.housekeeping.BATCH", 4)
    inbox, names = tmp_path / "inbox", [f"{number}.sgf" for number in range(10)]
    register, queue = Register(database), JobQueue(database, "me")
    for number, name in enumerate(names):
        target = os.fsencode(inbox / "processed" / "2026-11" / "甲班" / name)
        game = NewGame(f"{number:032x}", name, 0, 10, {Level.QUICK: 10, Level.DEEP: 100}, "p")
        entry = FileEntry(os.fsencode(inbox / name), name, f"sha{name}", "甲班")
        register.accept(entry, b"", Arrival((game,), "{}"), place=lambda _, target=target: target)
    for level in (Level.QUICK, Level.DEEP):
        while job := queue.claim(level):
            queue.failed(job.id, Failure("x", f"{level.value} broken", "z"))
    notes = FailureNotes(inbox, database)
    notes.refresh()
    written = sorted((inbox / "failed" / "甲班").iterdir())
    assert len(written) == len(names)
    assert all("deep broken" in path.read_text(encoding="utf-8") for path in written)
    first = {path: path.stat().st_mtime_ns for path in written}
    notes.refresh()
    FailureNotes(inbox, database).refresh()
    assert {path: path.stat().st_mtime_ns for path in (inbox / "failed" / "甲班").iterdir()} == first
    Desk(database).retry(Desk(database).find("3.sgf"))
    notes.refresh()
    assert len(list((inbox / "failed" / "甲班").iterdir())) == len(names) - 1
