"""The journal keeps the positions of games that were given up while a retry may want them, and not for ever."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from fakes.postgres import emptied

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Color
from pipeline.jobs.desk import Desk
from pipeline.jobs.model import Arrival, Failure, Level, NewGame
from pipeline.jobs.queue import JobQueue
from pipeline.jobs.register import FileEntry, Register
from pipeline.jobs.tables import METADATA
from pipeline.jobs.trimming import KEEP_SECONDS, trim_journal
from pipeline.store.database import Database
from pipeline.store.journal import EVALUATIONS, Journal

NET = "net@0123456789ab"


class Clock:
    now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


class State:
    """A database with one game in each state, each with two positions."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self.database, self.journal, self.clock = database, journal, Clock()
        self.desk = Desk(database, clock=self.clock)
        for name in ("failed", "cancelled", "paused", "waiting", "done"):
            self.drop(name)
        queue = JobQueue(database, "me", clock=self.clock)
        jobs = {job.game_id: job for job in self.desk.jobs()}
        self.desk.pause([jobs["paused"], jobs["waiting"], jobs["cancelled"]])
        for _ in range(2):
            job = queue.claim()
            if job.game_id == "failed":
                queue.failed(job.id, Failure("x", "y", "z"))
            else:
                queue.publishing(job.id)
                queue.done(job.id, "r.pdf", "p")
        self.desk.resume([jobs["waiting"]])
        self.desk.cancel([jobs["cancelled"]])
        for name in (*jobs, "reviewed"):
            journal.put_all(name, NET, [evaluation(0), evaluation(1)])

    def drop(self, name: str) -> None:
        new = NewGame(name, name, 0, 10, {Level.DEEP: 100}, "p")
        entry = FileEntry(name.encode(), name, f"sha-{name}")
        register = Register(self.database, clock=self.clock)
        register.accept(entry, b"data", Arrival((new,), "{}"), place=lambda _: b"")

    def trim(self) -> int:
        return trim_journal(self.database, clock=self.clock)

    @property
    def kept(self) -> set[str]:
        with self.database.transaction() as connection:
            return set(connection.execute(sa.select(EVALUATIONS.c.game_id)).scalars())


def evaluation(turn: int) -> Evaluation:
    best = Candidate("Q16", 0, 100, 0.5, 1.5, 10.0, 0.25, 0.5, ("Q16", "D4"))
    return Evaluation(turn, Color.BLACK, 100, 0.5, 1.5, 10.0, 0.5, 1.0, 0.125, 2.0, (best,), tuple(range(81)))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    if request.param == "postgresql":
        return emptied(request.getfixturevalue("shared_postgres_url"), METADATA, EVALUATIONS.metadata)
    return None


@pytest.fixture
def state(url, tmp_path):
    path = tmp_path / "fupan.db"
    with Database(path, METADATA, url=url) as database, Journal(path, url=url) as journal:
        yield State(database, journal)


def test_positions_are_kept_for_thirty_days_and_a_retry_goes_on_with_them(state):
    state.clock.now += KEEP_SECONDS - 1
    assert state.trim() == 0
    assert state.desk.retry(state.desk.find("failed"))
    state.clock.now += 2
    state.trim()
    assert {"failed"} <= state.kept
    assert len(state.journal.load("failed", NET)) == 2


def test_after_that_they_go_but_never_those_of_open_or_unknown_games(state):
    state.clock.now += KEEP_SECONDS + 1
    assert state.trim() == 2 * len({"failed", "cancelled", "done"})
    assert state.kept == {"paused", "waiting", "reviewed"}
    assert state.trim() == 0


def test_a_game_without_its_positions_can_still_be_tried_again(state):
    state.clock.now += KEEP_SECONDS + 1
    state.trim()
    assert state.desk.retry(state.desk.find("failed"))
    job = JobQueue(state.database, "me", clock=state.clock).claim()
    assert JobQueue(state.database, "me").source(job) is not None


def test_where_nothing_was_searched_yet_there_is_nothing_to_trim(tmp_path):
    with Database(tmp_path / "fupan.db", METADATA) as database:
        assert trim_journal(database) == 0
