"""A file is committed first and moved then; whatever happens in between, the next look puts it right."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, GameError
from pipeline.inbox import moves
from pipeline.inbox.listing import list_inbox
from pipeline.inbox.watch import Waker
from pipeline.jobs.desk import Desk
from pipeline.jobs.model import Arrival, Level, NewGame
from pipeline.jobs.receive import NotYet, Receiver
from pipeline.jobs.reception import MAX_TRIES, Reception
from pipeline.jobs.register import Register
from pipeline.jobs.tables import METADATA
from pipeline.store.database import Database

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def read(path: Path, data: bytes, name: str) -> Arrival:
    """The content names the game; some contents are trouble."""
    if data.startswith(b"bad"):
        raise GameError("game.not_sgf", file=name)
    if data.startswith(b"config"):
        raise ConfigError("config.missing_file", path=path)
    is_cut_short = data.startswith(b"half")
    return Arrival((NewGame(data.decode(), name, 0, 5, {Level.DEEP: 50}, "p"),), "{}", is_cut_short=is_cut_short)


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def database(tmp_path):
    with Database(tmp_path / "fupan.db", METADATA) as opened:
        yield opened


@pytest.fixture
def receiver(inbox, database):
    return Receiver(inbox, Register(database, clock=lambda: 0.0), read, now=lambda: NOW)


@pytest.fixture
def jobs(database):
    return lambda: [job.game_id for job in Desk(database, clock=lambda: 0.0).jobs()]


def take(receiver: Receiver, inbox: Path, name: str, **how):
    return receiver.take(name, list_inbox(inbox)[name], **how)[1]


def found(inbox: Path) -> dict[str, str]:
    return {p.relative_to(inbox).as_posix(): p.read_text() for p in inbox.rglob("*") if p.is_file()}


def test_a_run_that_died_before_the_move_is_finished_and_not_taken_for_a_duplicate(inbox, receiver, jobs, monkeypatch):
    (inbox / "a.sgf").write_text("one")

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(moves, "move", die)
        with pytest.raises(KeyboardInterrupt):
            take(receiver, inbox, "a.sgf")
    assert jobs() == ["one"]
    assert take(receiver, inbox, "a.sgf").is_repeat
    assert found(inbox) == {"processed/2026-11/a.sgf": "one"}
    assert jobs() == ["one"]


def test_a_run_that_died_after_the_move_is_noted_as_done(inbox, receiver, database, monkeypatch):
    (inbox / "a.sgf").write_text("one")

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Register, "moved", die)
        with pytest.raises(KeyboardInterrupt):
            take(receiver, inbox, "a.sgf")
    receiver.repair()
    (inbox / "a.sgf").write_text("one")
    take(receiver, inbox, "a.sgf")
    assert found(inbox) == {"processed/2026-11/a.sgf": "one", "duplicate/a.sgf": "one"}


def test_another_file_under_a_moved_name_is_put_back_by_repair(inbox, receiver, monkeypatch):
    (inbox / "a.sgf").write_text("one")

    def replaced_and_killed(source, target, _):
        target.parent.mkdir(parents=True)
        source.write_text("another")
        source.replace(target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(moves, "move", replaced_and_killed)
        with pytest.raises(KeyboardInterrupt):
            take(receiver, inbox, "a.sgf")
    receiver.repair()
    assert found(inbox) == {"a.sgf": "another"}


def test_a_move_that_is_refused_is_tried_again(inbox, receiver, jobs, monkeypatch):
    (inbox / "a.sgf").write_text("one")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        with pytest.raises(NotYet) as caught:
            take(receiver, inbox, "a.sgf")
    assert caught.value.is_committed
    assert found(inbox) == {"a.sgf": "one"}
    take(receiver, inbox, "a.sgf")
    assert found(inbox) == {"processed/2026-11/a.sgf": "one"}
    assert jobs() == ["one"]


def test_a_place_taken_by_somebody_meanwhile_is_left_to_him(inbox, receiver, monkeypatch):
    (inbox / "a.sgf").write_text("one")
    theirs = inbox / "processed" / "2026-11" / "a.sgf"
    real = moves.move

    def late(source, target, signature):
        theirs.parent.mkdir(parents=True, exist_ok=True)
        theirs.write_text("theirs")
        return real(source, target, signature)

    with monkeypatch.context() as patch:
        patch.setattr(moves, "move", late)
        with pytest.raises(NotYet):
            take(receiver, inbox, "a.sgf")
    take(receiver, inbox, "a.sgf")
    assert found(inbox) == {"processed/2026-11/a.sgf": "theirs", "processed/2026-11/a (2).sgf": "one"}


def test_what_makes_no_sense_may_still_grow(inbox, receiver, jobs):
    (inbox / "a.sgf").write_text("bad so far")
    with pytest.raises(NotYet) as caught:
        take(receiver, inbox, "a.sgf", is_old=False)
    assert caught.value.is_guess
    (inbox / "a.sgf").write_text("whole")
    take(receiver, inbox, "a.sgf", is_old=False)
    assert jobs() == ["whole"]


def test_a_game_that_breaks_off_may_still_grow_but_is_taken_when_it_does_not(inbox, receiver, jobs):
    (inbox / "a.sgf").write_text("half a game")
    with pytest.raises(NotYet) as caught:
        take(receiver, inbox, "a.sgf", is_old=False)
    assert caught.value.is_guess
    assert jobs() == []
    take(receiver, inbox, "a.sgf", is_old=True)
    assert jobs() == ["half a game"]


def test_a_share_that_is_not_mounted_tells_nothing_about_an_interrupted_move(inbox, receiver, jobs, monkeypatch):
    (inbox / "a.sgf").write_text("one")

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(moves, "move", die)
        with pytest.raises(KeyboardInterrupt):
            take(receiver, inbox, "a.sgf")
    away = inbox.with_name("away")
    inbox.rename(away)
    inbox.mkdir()  # what is left of a mount point
    receiver.repair()
    inbox.rmdir()
    away.rename(inbox)
    take(receiver, inbox, "a.sgf")
    assert found(inbox) == {"processed/2026-11/a.sgf": "one"}, "its own job must not make it a duplicate"


class Looks:
    """A reception with a clock of its own."""

    def __init__(self, inbox: Path, receiver: Receiver) -> None:
        self.now = 0.0
        self.said: list[str] = []
        self.reception = Reception(
            inbox, receiver, settle=2.0, rescan=30.0, say=self.said.append, monotonic=lambda: self.now
        )

    def go_on(self, steps: int, seconds: float = 2.0) -> None:
        for _ in range(steps):
            self.reception.step()
            self.now += seconds


def test_five_hundred_files_at_once_are_all_taken(inbox, receiver, jobs):
    for number in range(500):
        (inbox / f"{number}.sgf").write_text(f"game{number}")
    looks = Looks(inbox, receiver)
    looks.go_on(3)
    assert len(jobs()) == 500
    assert len(list((inbox / "processed" / "2026-11").iterdir())) == 500
    assert looks.reception.is_drained


def test_a_broken_setting_of_a_class_is_told_and_in_the_end_refuses_the_file(inbox, receiver, jobs):
    (inbox / "a.sgf").write_text("config")
    (inbox / "b.sgf").write_text("fine")
    looks = Looks(inbox, receiver)
    looks.go_on(5)
    assert jobs() == ["fine"]
    assert not looks.reception.is_drained
    assert len([line for line in looks.said if "a.sgf" in line]) == 1
    looks.go_on(2**MAX_TRIES)
    looks.reception.step()
    assert set(found(inbox)) == {"failed/a.sgf", "failed/a.sgf.错误.txt", "processed/2026-11/b.sgf"}
    assert looks.reception.is_drained


def test_one_file_with_a_bug_does_not_stop_the_others(inbox, receiver, jobs):
    (inbox / "a.sgf").write_bytes(b"\xff")  # not even our reader's text: a UnicodeDecodeError
    (inbox / "b.sgf").write_text("fine")
    looks = Looks(inbox, receiver)
    looks.go_on(3)
    assert jobs() == ["fine"]


def test_an_inbox_that_is_gone_loses_no_file_and_is_told_once(inbox, receiver, jobs, tmp_path):
    looks = Looks(inbox, receiver)
    inbox.rename(tmp_path / "away")
    looks.go_on(3)
    assert not looks.reception.is_drained
    assert len(looks.said) == 1
    (tmp_path / "away" / "a.sgf").write_text("one")
    (tmp_path / "away").rename(inbox)
    looks.go_on(3)
    assert jobs() == ["one"]


def test_a_database_on_a_disk_that_became_read_only_is_said_and_waited_for(
    inbox, receiver, database, jobs, monkeypatch
):
    """As Linux does with a disk that fails. No file may leave the inbox before it is committed."""

    def can_write(allowed: bool) -> None:
        with database.transaction() as connection:
            connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if allowed else 'ON'}")

    (inbox / "a.sgf").write_text("one")
    looks = Looks(inbox, receiver)
    looks.go_on(1)
    can_write(False)
    stop, pauses = threading.Event(), []

    def wait(_, seconds: float) -> None:
        """In place of the pause: it is writable again after the second one."""
        pauses.append(seconds)
        looks.now += seconds
        if len(pauses) == 2:
            assert found(inbox) == {"a.sgf": "one"}
            can_write(True)
        if looks.reception.is_drained:
            stop.set()
        assert len(pauses) < 50

    monkeypatch.setattr(Waker, "wait", wait)
    looks.reception.run(stop, events=False)
    assert jobs() == ["one"]
    assert found(inbox) == {"processed/2026-11/a.sgf": "one"}
    assert [line.partition("：")[0] for line in looks.said] == ["收件暂停", "收件暂停", "收到 a.sgf"]
    assert "无法打开或写入" in looks.said[0]
