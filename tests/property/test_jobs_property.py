"""Whatever users and workers do in whatever order, and whoever dies when: every job ends, and ends once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from fakes.postgres import emptied
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from pipeline.jobs.desk import Desk
from pipeline.jobs.model import TRANSITIONS, Arrival, Failure, JobState, Level, NewGame
from pipeline.jobs.queue import JobQueue
from pipeline.jobs.register import FileEntry, Register
from pipeline.jobs.tables import METADATA
from pipeline.store.database import Database

GAMES = st.sampled_from(["a", "b", "c"])
FAILURE = Failure("game.no_moves", "went wrong", "do something")


class Queueing(RuleBasedStateMachine):
    server = ""

    @initialize()
    def start(self):
        self.folder = tempfile.TemporaryDirectory()
        url = emptied(self.server, METADATA) if self.server else None
        self.database = Database(Path(self.folder.name) / "fupan.db", METADATA, url=url)
        self.now = 1_000_000.0
        self.starts = 0
        self.published: list[int] = []
        self.known: dict[int, JobState] = {}
        self.desk = Desk(self.database, clock=lambda: self.now)
        self.restart()

    def teardown(self):
        self.database.close()
        self.folder.cleanup()

    @rule()
    def restart(self):
        """kill -9 and a new start."""
        self.starts += 1
        self.queue = JobQueue(self.database, f"worker{self.starts}", clock=lambda: self.now)
        for job in self.queue.take_over(alone=True):
            self.queue.give_up(job, FAILURE)
        self.mine: list = []

    @rule(game=GAMES)
    def drop(self, game):
        register = Register(self.database, clock=lambda: self.now)
        new = NewGame(game, game, 0, 5, {Level.QUICK: 5, Level.DEEP: 50}, "p")
        entry = FileEntry(game.encode(), game, game)
        register.accept(entry, b"x", Arrival((new,), "{}"), place=lambda _: b"")

    @rule()
    def claim(self):
        mine = self.queue.still_mine()  # one that was cancelled and dropped again may come back
        job = self.queue.claim()
        if job is not None:
            assert job.id not in mine
            self.mine.append(job)

    @rule(outcome=st.sampled_from(["publish", "fail", "again", "give_back"]))
    def go_on(self, outcome):
        if not self.mine:
            return
        job = self.mine.pop()
        if outcome == "publish":
            if self.queue.publishing(job.id):
                assert self.queue.source(job) is not None
                assert self.queue.done(job.id, "report", "p")
                self.published.append(job.id)
        elif outcome == "fail":
            self.queue.failed(job.id, FAILURE)
        elif outcome == "again":
            self.queue.again(job, FAILURE)
        else:
            self.queue.give_back()
            self.mine.clear()

    @rule(command=st.sampled_from(["cancel", "pause", "resume", "retry"]), game=GAMES)
    def steer(self, command, game):
        getattr(self.desk, command)(self.desk.find(game))

    @rule(seconds=st.sampled_from([1.0, 100.0, 5000.0]))
    def wait(self, seconds):
        self.now += seconds

    @invariant()
    def nothing_is_lost(self):
        jobs = self.desk.jobs()
        assert set(self.known) <= {job.id for job in jobs}
        assert len({(job.game_id, job.level) for job in jobs}) == len(jobs)
        for job in jobs:
            assert (job.owner is not None) == (job.state in {JobState.RUNNING, JobState.PUBLISHING})
            assert self.published.count(job.id) == (job.state is JobState.DONE)
            assert job.state is JobState.DONE or self.queue.source(job) is not None
        self.known = {job.id: job.state for job in jobs}

    @rule()
    def everything_can_be_finished(self):
        self.desk.resume(self.desk.jobs())
        self.desk.retry(self.desk.jobs())
        self.restart()
        self.now += 1e6
        while (job := self.queue.claim()) is not None:
            assert self.queue.publishing(job.id)
            assert self.queue.done(job.id, "report", "p")
            self.published.append(job.id)
        assert {job.state for job in self.desk.jobs()} <= {JobState.DONE}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_queueing(request, kind):
    machine = type("Machine", (Queueing,), {})
    if kind == "postgresql":
        machine.server = request.getfixturevalue("shared_postgres_url")
    examples = 20 if kind == "sqlite" else 8  # a server takes longer to answer
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None))


def test_every_state_has_a_way_out_but_none_leaves_the_table():
    assert set(TRANSITIONS) == set(JobState)
    assert all(ways <= set(JobState) for ways in TRANSITIONS.values())
