"""A queue that was lost comes back from what lies in the inbox and in the dataset, and no further."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pipeline.errors import GameError
from pipeline.jobs.desk import Desk
from pipeline.jobs.model import Arrival, JobState, Level, NewGame
from pipeline.jobs.tables import METADATA
from pipeline.mending import mend, rebuild
from pipeline.publish import Folders
from pipeline.store.database import Database

FINISHED = "f" * 8


class Place:
    """An inbox with received files, and an output folder; the content of a file names its game."""

    def __init__(self, root: Path) -> None:
        self.inbox = root / "inbox"
        self.folders = Folders(root / "output")
        self.folders.create()
        self.state = self.folders.state / "fupan.db"
        self.said: list[str] = []

    def receive(self, name: str, game: str) -> None:
        path = self.inbox / "processed" / "2026-11" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(game)

    def read(self, path: Path, data: bytes, name: str) -> Arrival:
        game = data.decode()
        if game == "bad":
            raise GameError("game.not_sgf", file=name)
        is_known = game.startswith("f")
        return Arrival((NewGame(game, name, 0, 5, {Level.QUICK: 5, Level.DEEP: 50}, "p", is_known=is_known),), "{}")

    def mend(self, **how) -> bool:
        return mend(self.state, self.folders, self.said.append, **how)

    def rebuild(self) -> dict[tuple[str, str], JobState]:
        with Database(self.state, METADATA) as database:
            rebuild(database, self.inbox, self.folders, self.read, self.said.append)
            jobs = Desk(database, clock=lambda: 0.0).jobs()
            self.groups = {job.name: job.group for job in jobs}
            self.reports = {job.name: job.report for job in jobs}
            return {(job.name, job.level.value): job.state for job in jobs}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_what_was_received_is_queued_again_and_what_is_finished_is_listed(place):
    place.state.write_bytes(b"nonsense" * 1000)
    place.receive("a.sgf", "aaaa")
    place.receive("甲班/f.sgf", FINISHED)
    place.receive("坏.sgf", "bad")
    (place.folders.reports / f"x_{FINISHED}.pdf").write_bytes(b"")
    assert place.mend()
    jobs = place.rebuild()
    assert jobs == {
        ("a.sgf", "quick"): JobState.QUEUED,
        ("a.sgf", "deep"): JobState.QUEUED,
        ("f.sgf", "quick"): JobState.DONE,
        ("f.sgf", "deep"): JobState.DONE,
    }
    assert place.groups["f.sgf"] == "甲班"
    assert place.reports["f.sgf"].endswith(f"x_{FINISHED}.pdf")
    assert "2 个收下的文件，1 盘已经完成，1 盘重新排队" in place.said[-1]
    said = len(place.said)
    assert place.rebuild() == jobs
    assert len(place.said) == said, "once is enough"


def test_a_sound_database_is_left_alone_and_nothing_is_queued_by_itself(place):
    with Database(place.state, METADATA):
        pass
    place.receive("a.sgf", "aaaa")
    assert not place.mend()
    assert place.rebuild() == {}
    assert place.said == []


def test_a_new_output_folder_does_not_take_up_the_games_of_years(place):
    place.receive("a.sgf", "aaaa")
    assert not place.mend()
    assert place.rebuild() == {}


def test_a_job_that_could_be_read_keeps_its_state(place):
    place.receive("a.sgf", "aaaa")
    place.state.write_bytes(b"nonsense" * 1000)
    place.mend()
    place.rebuild()
    with Database(place.state, METADATA) as database:
        desk = Desk(database, clock=lambda: 0.0)
        desk.cancel(desk.jobs())
    with sqlite3.connect(place.state) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert place.mend(is_damaged=True)
    assert set(place.rebuild().values()) == {JobState.CANCELLED}
    assert len(list(place.folders.state.glob("fupan.db.damaged-*"))) == 2
