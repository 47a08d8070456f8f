"""When jobs will be done."""

from dataclasses import replace

from pipeline.jobs.model import Job, JobState, Level
from pipeline.jobs.outlook import fair_share, seconds_left

JOB = Job(
    id=1,
    game_id="0" * 32,
    level=Level.QUICK,
    profile_id="p",
    state=JobState.RUNNING,
    name="一.sgf",
    group="",
    source="",
    index=0,
    assumptions="{}",
    priority=10,
    created_at=0.0,
    updated_at=0.0,
    started_at=0.0,
    finished_at=None,
    not_before=0.0,
    owner="w",
    attempts=0,
    losses=0,
    positions=10,
    positions_done=5,
    visits_expected=1000,
    visits_done=400,
    report="",
    failure=None,
)


def test_a_job_waits_for_those_before_it():
    later = replace(JOB, id=2, level=Level.DEEP, visits_expected=5000, visits_done=0)
    assert seconds_left([JOB, later], 100.0) == {1: 6.0, 2: 56.0}


def test_without_a_measured_speed_nothing_is_forecast():
    assert seconds_left([JOB], 0.0) == {}


def test_more_done_than_expected_is_soon_done():
    assert seconds_left([replace(JOB, visits_done=1200)], 100.0) == {1: 0.0}


def test_games_are_shared_out_by_speed():
    assert fair_share(90, 200.0, [100.0]) == 60
    assert fair_share(90, 100.0, [200.0]) == 30
    assert fair_share(10, 100.0, [100.0, 100.0]) == 4  # together more than there are: nothing is left over


def test_who_is_alone_takes_all():
    assert fair_share(3, 0.1, []) == 3
    assert fair_share(3, 0.0, []) == 3


def test_a_speed_that_is_not_known_yet_counts_as_the_mean_of_the_others():
    assert fair_share(90, 0.0, [100.0, 200.0]) == 30
    assert fair_share(90, 150.0, [0.0]) == 45
    assert fair_share(8, 0.0, [0.0]) == 4
