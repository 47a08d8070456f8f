"""Hours of work as a teacher writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pipeline.errors import ConfigError
from pipeline.settings import load
from pipeline.worktimes import parse_times, shown_moment

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    """2026-11-23 is a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("window", "moment", "is_open"),
    [
        ("22:00-07:00", "2026-11-23T21:59:59", False),
        ("22:00-07:00", "2026-11-23T22:00:00", True),
        ("22:00-07:00", "2026-11-24T06:59:59", True),
        ("22:00-07:00", "2026-11-24T07:00:00", False),
        ("22：00—07：00", "2026-11-24T03:00:00", True),
        ("9:00 - 17:00", "2026-11-24T12:00:00", True),
        ("周一-周五 22:00-07:00", "2026-11-28T03:00:00", True),  # Saturday morning belongs to Friday
        ("周一-周五 22:00-07:00", "2026-11-28T23:00:00", False),
        ("周一至周五 22:00-07:00", "2026-11-30T03:00:00", False),  # Monday morning belongs to Sunday
        ("周六、周日 00:00-24:00", "2026-11-29T23:59:00", True),
        ("周末 00:00-24:00", "2026-11-30T00:00:00", False),
        ("fri-mon 08:00-08:00", "2026-12-01T07:59:00", True),
        ("Sat, Sun 01:00-02:00", "2026-11-28T01:30:00", True),
        ("星期天 23:30-00:30", "2026-11-30T00:15:00", True),
    ],
)
def test_windows_hold_the_hours_that_they_name(window, moment, is_open):
    assert parse_times([window], []).is_open(at(moment), SHANGHAI) is is_open


def test_several_windows_and_quiet_hours():
    times = parse_times(["22:00-07:00", "周末 00:00-24:00"], ["12:00-13:30", "周日 09:00-10:00"])
    shown = {text: times.is_open(at(text), SHANGHAI) for text in ("2026-11-28T11:00", "2026-11-28T12:30")}
    assert shown == {"2026-11-28T11:00": True, "2026-11-28T12:30": False}
    assert not times.is_open(at("2026-11-29T09:30"), SHANGHAI)
    assert times.is_open(at("2026-11-28T09:30"), SHANGHAI)


def test_quiet_hours_alone_leave_the_rest_of_the_day():
    times = parse_times([], ["12:00-13:30"])
    assert times.is_open(at("2026-11-23T11:59"), SHANGHAI)
    assert not times.is_open(at("2026-11-23T13:29"), SHANGHAI)


def test_no_hours_at_all_are_all_hours():
    times = parse_times([], [])
    assert times.is_always
    assert times.next_change(0.0, SHANGHAI) is None
    assert times.after(1000.0, 5.0, SHANGHAI) == 1005.0


def test_the_night_in_which_the_clock_is_put_forward_is_an_hour_shorter_and_the_other_way_round():
    times = parse_times(["22:00-07:00"], [])
    for evening, hours in (("2026-03-28T22:00", 8), ("2026-10-24T22:00", 10), ("2026-11-22T22:00", 9)):
        assert times.next_change(at(evening, BERLIN), BERLIN) == at(evening, BERLIN) + hours * 3600


def test_a_window_whose_beginning_is_skipped_by_the_clock_begins_where_the_clock_goes_on():
    times = parse_times(["02:30-04:00"], [])
    start = times.next_change(at("2026-03-28T23:00", BERLIN), BERLIN)
    assert datetime.fromtimestamp(start, UTC).isoformat() == "2026-03-29T01:00:00+00:00"


def test_moments_are_told_as_people_say_them():
    now = at("2026-11-23T20:00")
    assert shown_moment(at("2026-11-23T22:00"), now, SHANGHAI) == "22:00"
    assert shown_moment(at("2026-11-24T07:00"), now, SHANGHAI) == "明天 07:00"
    assert shown_moment(at("2026-11-28T22:00"), now, SHANGHAI) == "周六 22:00"


@pytest.mark.parametrize(
    ("schedule", "key", "text"),
    [
        ("window = '22:00'", "schedule.window", "不是时段"),
        ("window = '25:00-07:00'", "schedule.window", "不是时段"),
        ("window = '22:60-07:00'", "schedule.window", "不是时段"),
        ("window = '周八 22:00-07:00'", "schedule.window", "不是星期几"),
        ("window = ['22:00-07:00', 'x']", "schedule.window", "不是时段"),
        ("quiet = ['12:00']", "schedule.quiet", "不是时段"),
        ("quiet = '00:00-24:00'", "schedule", "永远不会"),
    ],
)
def test_mistakes_in_the_settings_are_named(tmp_path, monkeypatch, schedule, key, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fupan.toml").write_text(f"[schedule]\n{schedule}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load()
    assert f"设置 {key} 的值" in caught.value.message
    assert text in caught.value.message
    assert "Value error" not in caught.value.message


def test_one_window_needs_no_list(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fupan.toml").write_text(
        "[schedule]\nwindow = '22:00-07:00'\nquiet = ['01:00-02:00']\n", encoding="utf-8"
    )
    schedule = load().schedule
    assert schedule.times.is_open(at("2026-11-23T23:00"), SHANGHAI)
    assert not schedule.times.is_open(at("2026-11-23T01:30"), SHANGHAI)
    monkeypatch.setenv("FUPAN_SCHEDULE__WINDOW", "08:00-09:00")
    assert load().schedule.times.is_open(at("2026-11-23T08:30"), SHANGHAI)
