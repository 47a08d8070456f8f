"""The hour of --until is the next one on the clock of the wall, and the work ends early enough for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.deadline import Deadline, next_time

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "text", "moment"),
    [
        # the night of the change to winter time: 03:00 becomes 02:00
        ("2026-10-24T22:00+02:00", "07:00", "2026-10-25T07:00+01:00"),
        ("2026-10-25T02:10+02:00", "02:30", "2026-10-25T02:30+02:00"),
        ("2026-10-25T02:40+02:00", "02:30", "2026-10-25T02:30+01:00"),
        ("2026-10-25T02:40+01:00", "02:30", "2026-10-26T02:30+01:00"),
        # and to summer time: 02:00 becomes 03:00
        ("2026-03-28T22:00+01:00", "07:00", "2026-03-29T07:00+02:00"),
        ("2026-03-28T22:00+01:00", "02:30", "2026-03-29T03:30+02:00"),
        # any day
        ("2026-11-22T22:00+01:00", "23:30", "2026-11-22T23:30+01:00"),
        ("2026-11-22T22:00+01:00", "22:00", "2026-11-23T22:00+01:00"),
    ],
)
def test_the_next_time_the_clock_on_the_wall_shows_it(now, text, moment):
    found = next_time(text, datetime.fromisoformat(now), BERLIN)
    assert found.astimezone(UTC) == datetime.fromisoformat(moment).astimezone(UTC)


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def before(seconds: float, **values: object) -> Deadline:
    return Deadline(NOON, lambda: NOON - timedelta(seconds=seconds), **values)  # type: ignore[arg-type]


def test_a_game_is_closed_when_what_is_open_and_all_prints_just_fit():
    arguments = {"games": 9, "backlog": 1, "open_visits": 3000, "speed": 100.0}
    needed = 10 * 2.0 + 3000 / 100
    assert not before(needed * 2, print_seconds=2.0).must_close(**arguments)
    assert before(needed, print_seconds=2.0).must_close(**arguments)


def test_no_more_games_are_closed_than_the_printer_needs_to_be_busy():
    arguments = {"open_visits": 0, "speed": 100.0}
    late = before(30, print_seconds=3.0)
    assert late.must_close(games=9, backlog=1, **arguments)
    assert not late.must_close(games=8, backlog=2, **arguments)


def test_the_first_games_are_closed_one_by_one_as_the_printer_can_take_them():
    arguments = {"open_visits": 0, "speed": 100.0}
    assert before(30, print_seconds=3.0).to_close(list("abcdefghi"), backlog=1, **arguments) == ["a"]
    assert before(300, print_seconds=3.0).to_close(list("abcdefghi"), backlog=1, **arguments) == []
    assert before(30, print_seconds=0.0).to_close(["a", "b"], backlog=0, open_visits=9000, speed=100.0) == ["a", "b"]


def test_first_reports_are_printed_only_where_that_costs_a_small_part_of_the_time():
    """Before one is printed, six games with two reports each would take three quarters of a minute."""
    assert not before(60).has_time_for_first_reports(6)
    assert before(600).has_time_for_first_reports(6)
    assert not before(600).has_time_for_first_reports(60)


def test_what_would_come_too_late_for_the_printer_is_cut():
    assert not before(60, print_seconds=2.0).must_cut(10)
    assert before(20, print_seconds=2.0).must_cut(10)


def test_the_slowest_print_counts_most():
    deadline = before(60)
    for seconds in (1.0, 6.0, 1.0):
        deadline.measured(seconds)
    assert 5 < deadline.print_seconds < 6


def test_the_first_pass_is_made_shallower_when_there_is_no_time_for_all_of_it():
    deadline = before(3600, print_seconds=2.0)
    reserved = 10 * 2.0 + 3.0
    assert deadline.first_pass_share(games=10, seconds=600, open_seconds=0) == 1.0
    share = deadline.first_pass_share(games=10, seconds=7200, open_seconds=100)
    assert share == pytest.approx(0.8 * (3600 - reserved - 125) / 7200)
    assert deadline.first_pass_share(games=10, seconds=0, open_seconds=9) == 1.0
    assert before(-5).first_pass_share(games=1, seconds=10, open_seconds=1) == 0.0
