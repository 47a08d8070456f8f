"""One database for several machines: made once, not lost by a restart, with one clock, and silent about passwords."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
import sqlalchemy as sa
from fakes.postgres import ENCODED, PASSWORD, emptied

from pipeline.errors import ConfigError, DependencyError, FupanError, StoreError
from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Color
from pipeline.jobs import liveness
from pipeline.jobs.desk import Desk
from pipeline.jobs.lease import LeaseKeeper, take_over
from pipeline.jobs.model import Arrival, JobState, Level, NewGame
from pipeline.jobs.queue import JobQueue
from pipeline.jobs.register import FileEntry, Register
from pipeline.jobs.tables import METADATA
from pipeline.store import address
from pipeline.store.database import Database
from pipeline.store.journal import EVALUATIONS, Journal

NET = "net@0123456789ab"


@pytest.fixture
def url(shared_postgres_url):
    return emptied(shared_postgres_url, METADATA, EVALUATIONS.metadata)


@pytest.fixture
def database(url, tmp_path):
    with Database(tmp_path / "unused.db", METADATA, url=url, patience=60) as opened:
        yield opened


def evaluation(turn, visits=100):
    best = Candidate("Q16", 0, visits, 0.5, 1.5, 10.0, 0.25, 0.5, ("Q16", "D4"))
    return Evaluation(turn, Color.BLACK, visits, 0.5, 1.5, 10.0, 0.5, 1.0, 0.125, 2.0, (best,), tuple(range(81)))


def drop(database, *names, levels=None, network="", orders=""):
    for name in names:
        new = NewGame(name, name, 0, 10, levels or {Level.DEEP: 100}, "p")
        entry = FileEntry(name.encode(), name, f"sha-{name}")
        arrival = Arrival((new,), "{}", orders, network)
        Register(database).accept(entry, b"data", arrival, place=lambda _: b"")


def states(database):
    return {(job.game_id, job.level.value): job.state.value for job in Desk(database).jobs()}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_programs_that_start_together_make_the_tables_once(postgres, tmp_path, kind):
    url = postgres.database() if kind == "postgresql" else None

    def start(_):
        with Database(tmp_path / "fupan.db", METADATA, url=url) as database:
            drop(database, "a")
            return len(Desk(database).jobs())

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(start, range(6))) == [1] * 6


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_older_layout_is_completed_and_a_newer_one_refused(postgres, tmp_path, kind):
    url = postgres.database() if kind == "postgresql" else None
    path = tmp_path / "fupan.db"
    with Database(path, METADATA, url=url) as database:
        drop(database, "a")
        with database.transaction() as connection:
            for statement in ("ALTER TABLE jobs DROP COLUMN orders", "DROP INDEX jobs_by_level", "DROP TABLE orders"):
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql("UPDATE state_layout SET fingerprint = 'older'")
    with Database(path, METADATA, url=url) as database:
        assert [job.orders for job in Desk(database).jobs()] == [""]
        drop(database, "b", orders='{"report": {}}')
        queue = JobQueue(database, "me")
        taken = {job.game_id: queue.source(job)[2] for job in (queue.claim(), queue.claim())}
        assert taken == {"a": "", "b": '{"report": {}}'}
        with database.transaction() as connection:
            assert "jobs_by_level" in {index["name"] for index in sa.inspect(connection).get_indexes("jobs")}
            connection.exec_driver_sql("UPDATE state_layout SET version = 99")
    with pytest.raises(StoreError) as caught:
        Database(path, METADATA, url=url)
    assert caught.value.code == "store.newer_database"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_job_is_claimed_by_one_worker_only(url, tmp_path, kind):
    def claim_all(number):
        with Database(tmp_path / "fupan.db", METADATA, url=url if kind == "postgresql" else None) as database:
            queue = JobQueue(database, f"worker{number}")
            return [job.id for job in iter(queue.claim, None)]

    with Database(tmp_path / "fupan.db", METADATA, url=url if kind == "postgresql" else None) as database:
        drop(database, *(f"game{number}" for number in range(40)))
        with ThreadPoolExecutor(6) as pool:
            claimed = [job for jobs in pool.map(claim_all, range(6)) for job in jobs]
        assert sorted(claimed) == [job.id for job in Desk(database).jobs()]


def test_leases_follow_the_servers_clock_whatever_the_machines_clocks_show(database, monkeypatch):
    drop(database, "a")
    worker, other = JobQueue(database, "worker"), JobQueue(database, "other")
    worker.register(host="h", pid=1, inbox="")
    other.register(host="h", pid=2, inbox="")
    worker.claim()
    real = time.time
    for wrong in (-86_400, 86_400):
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda wrong=wrong: real() + wrong)
            other.take_over(alone=False)
            worker.alive("search")
        assert worker.still_mine()
        other.take_over(alone=False)
        assert states(database) == {("a", "deep"): "running"}


def test_a_lease_that_runs_out_gives_the_job_to_another_and_the_owner_may_come_back(database, monkeypatch):
    drop(database, "a")
    lost, heir = JobQueue(database, "lost"), JobQueue(database, "heir")
    lost.register(host="far", pid=1, inbox="")
    job = lost.claim()
    monkeypatch.setattr(liveness, "LEASE_SECONDS", 0.0)  # the server has been up for longer
    take_over(heir, alone=False)
    heir.register(host="near", pid=2, inbox="")
    monkeypatch.undo()
    assert heir.claim().id == job.id
    lost.alive("search")
    assert not lost.publishing(job.id)
    assert not lost.done(job.id, "late.pdf", "p")
    take_over(heir, alone=False)
    assert {worker.host for worker in Desk(database).state().workers if worker.is_alive} == {"far", "near"}
    drop(database, "b")
    assert lost.claim().game_id == "b"
    take_over(heir, alone=False)
    assert states(database) == {("a", "deep"): "running", ("b", "deep"): "running"}


def test_nobody_loses_his_job_because_the_server_was_away(postgres, tmp_path, monkeypatch):
    with Database(tmp_path / "unused.db", METADATA, url=postgres.database(), patience=60) as database:
        drop(database, "a")
        worker, other = JobQueue(database, "worker"), JobQueue(database, "other")
        worker.register(host="h", pid=1, inbox="")
        worker.claim()
        monkeypatch.setattr(liveness, "LEASE_SECONDS", 30.0)
        with database.transaction() as connection:  # as if nobody could renew for an hour
            connection.exec_driver_sql("UPDATE workers SET seen_at = seen_at - 3600")
        postgres.stop()
        postgres.start()
        other.take_over(alone=False)
        assert states(database) == {("a", "deep"): "running"}


@pytest.mark.parametrize("hard", [False, True])
def test_a_restart_of_the_server_is_waited_for_and_nothing_is_lost(postgres, tmp_path, hard):
    url = postgres.database()
    said = []
    with (
        Database(tmp_path / "unused.db", METADATA, url=url, patience=60, say=said.append) as database,
        Journal(tmp_path / "unused.db", url=url, patience=60) as journal,
    ):
        drop(database, *(f"game{number}" for number in range(8)))
        queue = JobQueue(database, "me")
        queue.register(host="h", pid=1, inbox="")
        put, finished, down = [], [], threading.Event()

        def work():
            while (job := queue.claim()) is not None:
                for turn in range(4):
                    journal.put(job.game_id, NET, evaluation(turn))
                    put.append((job.game_id, turn))
                if len(finished) == 2 and not down.is_set():
                    down.set()
                    restarted.result(60)
                assert queue.publishing(job.id)
                assert queue.done(job.id, "report", "p")
                finished.append(job.game_id)

        def restart():
            assert down.wait(60)
            postgres.stop(hard=hard)
            worker_sees_it = threading.Timer(0.7, postgres.start)
            worker_sees_it.start()
            return worker_sees_it

        with ThreadPoolExecutor(1) as pool:
            restarted = pool.submit(restart)
            work()
            restarted.result().join()
        assert len(finished) == 8
        assert set(states(database).values()) == {"done"}
        stored = {(f"game{n}", turn) for n in range(8) for turn in journal.load(f"game{n}", NET)}
        assert stored == set(put)
    assert [PASSWORD in text or ENCODED in text for text in said] == [False] * len(said)
    assert len(said) == 2


def test_without_patience_a_server_that_is_away_is_named_at_once(postgres, tmp_path):
    url = postgres.database()
    postgres.stop()
    try:
        with pytest.raises(StoreError) as caught:
            Database(tmp_path / "unused.db", METADATA, url=url)
    finally:
        postgres.start()
    assert caught.value.code == "store.unreachable"
    assert str(postgres.port) in caught.value.message


def test_a_claim_of_which_no_news_came_is_not_lost(database, monkeypatch):
    drop(database, "a")
    queue = JobQueue(database, "me")
    real = Database.transaction
    broken = iter([True])

    @contextmanager
    def lossy(self):
        with real(self) as connection:
            yield connection
        if next(broken, False):
            raise StoreError("store.unreachable", path="x", detail="lost after the commit")

    monkeypatch.setattr(Database, "transaction", lossy)
    job = queue.claim()
    assert job is not None
    assert queue.publishing(job.id)


def test_a_worker_takes_only_jobs_for_its_network(database):
    drop(database, "big", network="big@1", levels={Level.QUICK: 1, Level.DEEP: 9})
    drop(database, "any", levels={Level.QUICK: 1, Level.DEEP: 9})
    small = JobQueue(database, "small", network="small@1")
    small.register(host="h", pid=1, inbox="")
    job = small.claim()
    assert (job.game_id, job.network) == ("any", "small@1")
    assert small.claim() is None
    assert small.pending().games == 1
    assert Desk(database).state().unserved == (("big@1", 2),)
    assert JobQueue(database, "big", network="big@1").claim().game_id == "big"
    small.publishing(job.id)
    assert (small.claim().level, small.claim()) == (Level.DEEP, None)
    drop(database, "old", network="gone@1")
    assert JobQueue(database, "x", network="new@1", any_network=True).claim().network == "new@1"


def test_the_deep_report_of_a_game_waits_until_the_quick_one_of_another_worker_is_written(database):
    drop(database, "a", levels={Level.QUICK: 1, Level.DEEP: 9})
    one, two = JobQueue(database, "one"), JobQueue(database, "two")
    quick = one.claim()
    one.publishing(quick.id)
    assert two.claim() is None
    one.done(quick.id, "report", "p")
    assert two.claim().level is Level.DEEP


def test_a_worker_that_is_silent_for_too_long_loses_its_lease(database):
    queue = JobQueue(database, "hangs")
    queue.register(host="h", pid=1, inbox="")
    seen = lambda: Desk(database).state().workers[0].seen_at  # noqa: E731
    now = queue.last_sign
    keeper = LeaseKeeper(queue, silence=900, monotonic=lambda: now)
    before = seen()
    keeper.step()
    renewed = seen()
    assert renewed > before
    now += 901
    keeper.step()
    assert seen() == renewed


def test_paths_are_understood_on_machines_that_mount_the_output_elsewhere(database, tmp_path):
    drop(database, "a")
    queue = JobQueue(database, "me", root=tmp_path / "here")
    job = queue.claim()
    queue.publishing(job.id)
    queue.done(job.id, str(tmp_path / "here" / "reports" / "甲班" / "a.pdf"), "p")
    [seen] = Desk(database, root=tmp_path / "there").jobs()
    assert seen.report == str(tmp_path / "there" / "reports" / "甲班" / "a.pdf")


def test_names_that_no_database_takes_are_replaced(database):
    entry = FileEntry(b"\xff", "a\0b\udcff.sgf", "sha", "c\0")
    new = NewGame("g", "a\0b", 0, 1, {Level.DEEP: 1}, "p")
    Register(database).accept(entry, b"x", Arrival((new,), "{}"), place=lambda _: b"\xff")
    assert Desk(database).jobs()[0].name == "a\ufffdb"


def test_the_journal_keeps_the_deepest_on_a_server_too(url, tmp_path):
    with Journal(tmp_path / "unused.db", url=url) as journal:
        journal.put_all("game", NET, [evaluation(0, 100), evaluation(1, 100)])
        journal.put("game", NET, evaluation(0, 1000))
        journal.put("game", NET, evaluation(1, 50))
        assert journal.done_visits("game", NET) == {0: 1000, 1: 100}
        assert journal.load("game", NET)[0] == evaluation(0, 1000)
        journal.forget("game", NET)
        assert journal.load("game", NET) == {}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda url: url.replace(ENCODED, "wrong-" + ENCODED), "store.login"),
        (lambda url: url.rpartition("/")[0] + "/nowhere", "store.login"),
        (lambda url: url.replace(ENCODED, "gehe@im/73"), "state.bad_url"),
        (lambda url: url.replace("postgresql:", "mysql:"), "state.bad_url"),
        (lambda url: url.replace("://", ":/"), "state.bad_url"),
        (lambda url: url.rpartition("/")[0], "state.bad_url"),
        (lambda url: url.replace("127.0.0.1:", "127.0.0.1:9"), "state.bad_url"),
        (lambda url: url + "?nonsense=1", "store.database"),
        (lambda url: url.replace(ENCODED, "x") + f"?password={PASSWORD}x", "store.login"),
    ],
)
def test_what_is_wrong_with_the_address_is_said_without_the_password(url, tmp_path, caplog, change, code):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(FupanError) as caught:
        Database(tmp_path / "unused.db", METADATA, url=change(url))
    assert caught.value.code == code
    texts = [caught.value.message, caught.value.advice, repr(caught.value.params), caplog.text]
    cause = caught.value.__cause__
    while cause is not None:
        texts.append(str(cause))
        cause = cause.__cause__
    assert not [text for text in texts if "gehe" in text]


def test_a_missing_driver_is_named_with_the_command_that_brings_it(monkeypatch):
    monkeypatch.setattr(address.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(DependencyError) as caught:
        address.parse_url("postgresql://u:p@h/d")
    assert "psycopg[binary]" in caught.value.advice
    with pytest.raises(ConfigError):
        address.parse_url("sqlite://")


def test_a_transaction_that_a_stopped_machine_left_open_is_ended_by_the_server(url, database, monkeypatch):
    monkeypatch.setattr(address, "IDLE_IN_TRANSACTION_SECONDS", 1)
    drop(database, "a")
    with Database("unused.db", METADATA, url=url) as stopped:
        context = stopped.transaction()
        connection = context.__enter__()
        connection.exec_driver_sql("UPDATE jobs SET name = 'locked'")
        queue = JobQueue(database, "me")
        assert queue.claim() is None  # locked, so skipped at once
        with psycopg.connect(url, autocommit=True) as raw:
            raw.execute("SELECT id FROM jobs FOR UPDATE")  # waits for the server to end the stopped one
        assert queue.claim() is not None
        with pytest.raises(StoreError):
            context.__exit__(None, None, None)
    assert Desk(database).jobs()[0].state is JobState.RUNNING
