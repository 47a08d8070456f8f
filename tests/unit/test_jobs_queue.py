"""The queue: order, ownership, repetition, take-over; on SQLite and on PostgreSQL, with a clock of our own."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from fakes.postgres import emptied

from pipeline.jobs.backlog import Pending
from pipeline.jobs.desk import Desk
from pipeline.jobs.liveness import CONNECTION_SECONDS, LEASE_SECONDS
from pipeline.jobs.model import OPEN, Arrival, Failure, FileOutcome, JobState, Level, NewGame, RetryRule
from pipeline.jobs.queue import JobQueue, Progress
from pipeline.jobs.register import FileEntry, Register
from pipeline.jobs.share import Share
from pipeline.jobs.tables import METADATA
from pipeline.needs import Waiting
from pipeline.store.database import Database

FAILURE = Failure("game.no_moves", "went wrong", "do something")
BOTH = {Level.QUICK: 100, Level.DEEP: 900}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    url = None
    if request.param == "postgresql":
        url = emptied(request.getfixturevalue("shared_postgres_url"), METADATA)
    with Database(tmp_path / "fupan.db", METADATA, url=url) as opened:
        yield opened


@pytest.fixture
def desk(database, clock):
    return Desk(database, clock=clock)


@pytest.fixture
def queue(database, clock):
    return JobQueue(database, "me", clock=clock, rule=RetryRule(max_attempts=3, first_pause=10, factor=4, max_losses=2))


def drop(database, clock, name, *games, profile="p1", levels=BOTH, known=False):
    register = Register(database, clock=clock)
    entry = FileEntry(f"/inbox/{name}".encode(), name, f"sha-{name}", "")
    new = tuple(
        NewGame(game, f"{name}:{game}", i, 10, levels, profile, is_known=known)
        for i, game in enumerate(games or (name,))
    )
    return register.accept(entry, b"data of " + name.encode(), Arrival(new, "{}"), place=lambda o: o.value.encode())


def finish(queue, job):
    assert queue.publishing(job.id)
    assert queue.done(job.id, "report.pdf", job.profile_id)


def states(desk):
    return {(job.game_id, job.level.value): job.state.value for job in desk.jobs()}


def test_quick_jobs_of_new_games_go_before_deep_jobs_of_old_ones(database, clock, queue):
    drop(database, clock, "a")
    first = queue.claim()
    finish(queue, first)
    drop(database, clock, "b")
    order = []
    while (job := queue.claim()) is not None:
        order.append((job.game_id, job.level.value))
        finish(queue, job)
    assert (first.game_id, first.level) == ("a", Level.QUICK)
    assert order == [("b", "quick"), ("a", "deep"), ("b", "deep")]


def test_the_deep_job_waits_for_the_search_of_the_quick_one_and_no_longer(database, clock, queue):
    drop(database, clock, "a")
    quick = queue.claim()
    assert queue.claim() is None
    queue.publishing(quick.id)
    assert queue.claim().level is Level.DEEP


def test_a_failed_quick_job_does_not_hold_the_deep_one_up(database, clock, queue):
    drop(database, clock, "a")
    queue.failed(queue.claim().id, FAILURE)
    assert queue.claim().level is Level.DEEP


def test_a_game_is_queued_once(database, clock, queue, desk):
    assert drop(database, clock, "a").outcome is FileOutcome.TAKEN
    again = drop(database, clock, "copy", "a")
    assert again.outcome is FileOutcome.DUPLICATE
    assert len(desk.jobs()) == 2
    for _ in range(2):
        finish(queue, queue.claim())
    assert drop(database, clock, "later", "a").outcome is FileOutcome.DUPLICATE
    assert drop(database, clock, "new", "b", known=True).outcome is FileOutcome.DUPLICATE
    assert queue.claim() is None


def test_a_file_with_one_new_game_is_taken(database, clock, desk):
    drop(database, clock, "a")
    decision = drop(database, clock, "collection", "a", "b")
    assert decision.outcome is FileOutcome.TAKEN
    assert decision.games == 1
    assert {job.game_id for job in desk.jobs()} == {"a", "b"}


def test_another_profile_is_another_analysis(database, clock, queue, desk):
    drop(database, clock, "a", levels={Level.DEEP: 5})
    finish(queue, queue.claim())
    assert drop(database, clock, "a", profile="p2", levels={Level.DEEP: 5}).outcome is FileOutcome.TAKEN
    assert queue.claim().profile_id == "p2"
    assert len(desk.jobs()) == 1


def test_what_failed_is_taken_up_when_it_is_dropped_again(database, clock, queue, desk):
    drop(database, clock, "a", levels={Level.DEEP: 5})
    queue.failed(queue.claim().id, FAILURE)
    assert drop(database, clock, "fixed", "a", levels={Level.DEEP: 5}).outcome is FileOutcome.TAKEN
    job = queue.claim()
    assert job.failure is None
    assert queue.source(job) == ("fixed", b"data of fixed", "")


def test_the_source_is_kept_until_the_last_job_of_its_file_is_done(database, clock, queue):
    drop(database, clock, "a")
    quick = queue.claim()
    finish(queue, quick)
    assert queue.source(quick) == ("a", b"data of a", "")
    finish(queue, queue.claim())
    assert queue.source(quick) is None


def test_failures_that_may_pass_are_repeated_later_and_later_and_then_given_up(database, clock, queue, desk):
    drop(database, clock, "a", levels={Level.DEEP: 5})
    waited = []
    while (job := queue.claim()) is not None:
        queue.again(job, FAILURE)
        start = clock.now
        while clock.now < start + 500 and queue.claim() is None and states(desk)[("a", "deep")] == "queued":
            clock.now += 5
        if states(desk)[("a", "deep")] == "failed":
            break
        waited.append(clock.now - start)
        queue.give_back()
    assert waited == [10, 40]
    [failed] = desk.state().failed
    assert failed.failure == FAILURE


def test_a_clock_set_back_delays_nothing(database, clock, queue):
    drop(database, clock, "a", levels={Level.DEEP: 5})
    queue.again(queue.claim(), FAILURE)
    clock.now -= 86_400
    assert queue.claim() is not None


def test_what_a_dead_worker_left_is_taken_over(database, clock, queue, desk):
    drop(database, clock, "a")
    drop(database, clock, "b")
    dead = JobQueue(database, "dead", clock=clock)
    published = dead.claim()
    dead.publishing(published.id)
    dead.claim()
    queue.take_over(alone=True)
    assert set(states(desk).values()) == {"queued"}


def test_a_worker_that_lives_elsewhere_is_left_alone(database, clock, queue, desk):
    drop(database, clock, "a", levels={Level.DEEP: 5})
    other = JobQueue(database, "other", clock=clock)
    other.register(host="far", pid=1, inbox="")
    other.claim()
    queue.take_over(alone=False)
    assert states(desk) == {("a", "deep"): "running"}
    clock.now += LEASE_SECONDS + 1
    queue.take_over(alone=False)
    assert states(desk) == {("a", "deep"): "queued"}


def test_a_worker_that_the_server_has_no_connection_of_is_given_up_sooner(shared_postgres_url, tmp_path, clock):
    url = emptied(shared_postgres_url, METADATA)
    with Database(tmp_path / "fupan.db", METADATA, url=url) as ours:
        drop(ours, clock, "a", levels={Level.DEEP: 5})
        queue, desk = JobQueue(ours, "me", clock=clock), Desk(ours, clock=clock)
        with Database(tmp_path / "fupan.db", METADATA, url=url) as theirs:
            other = JobQueue(theirs, "other", clock=clock)
            other.register(host="far", pid=1, inbox="")
            other.renew()
            other.claim()
            clock.now += CONNECTION_SECONDS + 1
            queue.take_over(alone=False)
            assert states(desk) == {("a", "deep"): "running"}, "silent, but there"
        clock.now -= CONNECTION_SECONDS
        queue.take_over(alone=False)
        assert states(desk) == {("a", "deep"): "running"}, "may only be making a new connection"
        clock.now += CONNECTION_SECONDS
        patience = time.monotonic() + 60
        while states(desk) == {("a", "deep"): "running"}:  # the server ends its side in its own time
            assert time.monotonic() < patience
            queue.take_over(alone=False)
        assert states(desk) == {("a", "deep"): "queued"}


def test_a_worker_that_was_given_up_and_comes_back_changes_nothing(database, clock, queue, desk):
    drop(database, clock, "a", levels={Level.DEEP: 5})
    zombie = JobQueue(database, "zombie", clock=clock)
    job = zombie.claim()
    queue.take_over(alone=True)
    mine = queue.claim()
    assert zombie.still_mine() == set()
    assert not zombie.publishing(job.id)
    assert not zombie.done(job.id, "wrong.pdf", "p1")
    assert not zombie.failed(job.id, FAILURE)
    zombie.give_back()
    assert states(desk) == {("a", "deep"): "running"}
    finish(queue, mine)


def test_a_job_that_kills_its_workers_is_named_in_the_end_but_progress_acquits(database, clock, queue):
    drop(database, clock, "a", levels={Level.DEEP: 5})

    def die(number, *, with_progress=False):
        victim = JobQueue(database, f"victim{number}", clock=clock)
        job = victim.claim()
        if with_progress:
            victim.progress([Progress(job.id, 1, 10)])
        return queue.take_over(alone=True)

    assert [die(n) for n in range(2)] == [[], []]
    assert die(3, with_progress=True) == []
    assert [die(n) for n in (4, 5)][-1] != [] or die(6) != []


def test_cancel_pause_resume_and_retry(database, clock, queue, desk):
    drop(database, clock, "a", levels={Level.DEEP: 5})
    running = queue.claim()
    assert desk.pause(desk.find("a"))
    assert queue.still_mine() == set()
    assert not queue.publishing(running.id)
    assert queue.claim() is None
    assert desk.resume(desk.find("a"))
    assert queue.claim() is not None
    assert desk.cancel(desk.find("a"))
    assert queue.claim() is None
    assert not desk.resume(desk.find("a"))
    assert desk.retry(desk.find("a"))
    finish(queue, queue.claim())
    assert not desk.cancel(desk.find("a"))
    assert not desk.retry(desk.find("a"))


def test_a_paused_queue_starts_nothing_and_finishes_what_runs(database, clock, queue, desk):
    drop(database, clock, "a", levels={Level.DEEP: 5})
    drop(database, clock, "b", levels={Level.DEEP: 5})
    job = queue.claim()
    desk.pause_all(paused=True)
    assert queue.claim() is None
    assert queue.pending().jobs == 1
    finish(queue, job)
    assert queue.pending().jobs == 0
    desk.pause_all(paused=False)
    assert queue.claim().game_id == "b"


def test_the_state_counts_and_forecasts(database, clock, queue, desk):
    drop(database, clock, "a")
    drop(database, clock, "b")
    queue.register(host="here", pid=1, inbox="/inbox")
    job = queue.claim()
    queue.progress([Progress(job.id, 5, 50)])
    queue.alive("search", speed=10.0)
    state = desk.state()
    assert state.counts[Level.QUICK][JobState.RUNNING] == 1
    assert state.counts[Level.DEEP][JobState.QUEUED] == 2
    assert state.visits_left == 1950
    assert state.seconds_left == 195
    clock.now += LEASE_SECONDS + 1
    assert not desk.state().workers[0].is_alive
    assert desk.state().seconds_left is None


def test_the_workers_say_when_all_is_done(database, clock, queue, desk):
    """They know more than the visits that were expected; the last of them counts."""
    drop(database, clock, "a")
    queue.register(host="here", pid=1, inbox="/inbox")
    queue.alive("search", speed=10.0)
    assert desk.state().seconds_left == 100
    queue.alive("search", speed=10.0, seconds_left=600.0)
    assert desk.state().seconds_left == pytest.approx(600.0, abs=5.0)
    other = JobQueue(database, "other", clock=clock)
    other.register(host="there", pid=2, inbox="")
    other.alive("search", speed=10.0, seconds_left=900.0)
    assert desk.state().seconds_left == pytest.approx(900.0, abs=5.0)
    other.leave()
    queue.renew()
    assert desk.state().seconds_left == pytest.approx(600.0, abs=5.0)
    queue.alive("idle")
    assert desk.state().seconds_left is None


def test_what_no_worker_has_taken_is_known_in_the_mean(database, clock, queue, desk):
    drop(database, clock, "a", "a", "b", "c")
    job = queue.claim(Level.QUICK)
    queue.progress([Progress(job.id, 5, 50, foreseen=70)])
    assert queue.pending() == Pending(6, 3, (Waiting("quick", 2, 10.0, 100.0), Waiting("deep", 3, 10.0, 900.0)))
    assert desk.state().running[0].visits_expected == 70
    desk.pause_all(paused=True)
    assert queue.pending() == Pending(1, 0)
    desk.pause_all(paused=False)
    queue.give_back()
    assert {job.visits_expected for job in desk.jobs() if job.level is Level.QUICK} == {100}, "the next may see it anew"
    assert queue.claim(Level.QUICK).visits_expected == 100


def test_open_states_are_those_with_something_to_come():
    assert {state for state in JobState if state.is_open} == OPEN


def at_work(database, clock, owner, speed, *, network="net", phase="search"):
    worker = JobQueue(database, owner, clock=clock, network=network)
    worker.register(host=owner, pid=1, inbox="")
    worker.alive(phase, speed=speed)
    return worker


def claimed_by(share, queue, most=100):
    """Deep jobs that a worker with a deadline opens."""
    jobs = []
    while len(jobs) < most and not share.is_full and (job := queue.claim()) is not None:
        share.took(job.id)
        jobs.append(job.id)
    return jobs


def deep_games(database, clock, count):
    for number in range(count):
        drop(database, clock, f"g{number}", levels={Level.DEEP: 100})


def test_with_a_deadline_workers_share_the_queue_by_speed(database, clock):
    deep_games(database, clock, 12)
    fast, slow = (at_work(database, clock, name, speed) for name, speed in (("fast", 300.0), ("slow", 100.0)))
    at_work(database, clock, "of another network", 900.0, network="other")
    at_work(database, clock, "out of hours", 900.0, phase="closed")
    held = {}
    for queue, speed in ((fast, 300.0), (slow, 100.0)):
        share = Share(queue, clock=clock)
        share.adjust(set(), {}, games=12, speed=speed, until=None)
        held[queue.owner] = len(claimed_by(share, queue))
    assert held == {"fast": 9, "slow": 3}


def test_who_was_alone_gives_up_to_those_who_come_and_takes_again_when_they_die(database, clock, desk):
    deep_games(database, clock, 10)
    first = at_work(database, clock, "first", 100.0)
    share = Share(first, clock=clock)
    share.adjust(set(), {}, games=10, speed=100.0, until=None)
    mine = set(claimed_by(share, first))
    assert len(mine) == 10

    second = at_work(database, clock, "second", 100.0)
    searching = min(mine)
    resting = {job: 1000 - job for job in mine if job != searching}
    soon = datetime.fromtimestamp(clock.now + 60, UTC)
    assert share.adjust(mine, resting, games=10, speed=100.0, until=soon) == set(), "too late to hand anything over"
    later = datetime.fromtimestamp(clock.now + 3600, UTC)
    back = share.adjust(mine, resting, games=10, speed=100.0, until=later)
    assert back == set(sorted(mine)[-5:]), "those with least done"
    assert first.still_mine() == mine - back
    assert share.is_full
    assert [job.losses for job in desk.jobs()] == [0] * 10
    others = Share(second, clock=clock)
    others.adjust(set(), {}, games=10, speed=100.0, until=later)
    assert set(claimed_by(others, second)) == back

    clock.now += LEASE_SECONDS + 1
    first.alive("search", speed=100.0)
    first.take_over(alone=False)
    share.adjust(first.still_mine(), {}, games=10, speed=100.0, until=later)
    assert set(claimed_by(share, first)) == back


def test_a_share_hardly_moves_when_speeds_waver(database, clock):
    deep_games(database, clock, 8)
    first = at_work(database, clock, "first", 110.0)
    share = Share(first, clock=clock)
    at_work(database, clock, "second", 90.0)
    share.adjust(set(), {}, games=8, speed=110.0, until=None)
    mine = set(claimed_by(share, first))
    assert len(mine) == 5
    assert share.adjust(mine, dict.fromkeys(mine, 0), games=8, speed=90.0, until=None) == set()


def test_put_back_touches_only_what_is_searched_by_this_worker(database, clock, queue, desk):
    drop(database, clock, "file", "a", "b", levels={Level.DEEP: 100})
    job, other = queue.claim(), queue.claim()
    assert queue.publishing(other.id)
    JobQueue(database, "somebody", clock=clock).put_back([job.id])
    queue.put_back([other.id])
    assert queue.still_mine() == {job.id, other.id}
    queue.put_back([job.id])
    assert queue.still_mine() == {other.id}
    assert states(desk) == {("a", "deep"): "queued", ("b", "deep"): "publishing"}
