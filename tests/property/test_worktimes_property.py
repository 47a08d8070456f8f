"""Hours of work agree with a clock read minute by minute, also where clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.worktimes import MINUTES_A_DAY, MINUTES_A_WEEK, Span, WorkTimes, parse_spans

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]
# Some hours before clocks are changed in those places, and an ordinary day.
MOMENTS = [
    datetime(2026, 3, 28, 20, tzinfo=UTC),
    datetime(2026, 10, 24, 20, tzinfo=UTC),
    datetime(2026, 3, 8, 2, tzinfo=UTC),
    datetime(2026, 11, 1, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 10, tzinfo=UTC),
    datetime(2026, 10, 3, 10, tzinfo=UTC),
    datetime(2018, 11, 3, 22, tzinfo=UTC),
    datetime(2026, 11, 22, 18, tzinfo=UTC),
]
spans = st.builds(Span, st.integers(0, MINUTES_A_WEEK - 1), st.integers(1, 2 * MINUTES_A_DAY))
times = st.builds(WorkTimes, st.lists(spans, max_size=3).map(tuple), st.lists(spans, max_size=2).map(tuple))
starts = st.tuples(st.sampled_from(MOMENTS), st.integers(0, 86_400)).map(lambda x: x[0].timestamp() + x[1])


@settings(max_examples=60, deadline=None)
@given(times, starts, st.sampled_from(ZONES))
def test_the_next_change_is_the_first_minute_at_which_the_answer_differs(hours, now, name):
    zone = ZoneInfo(name)
    change = hours.next_change(now, zone)
    is_open = hours.is_open(now, zone)
    horizon = (int(now) // 60 + 1) * 60
    limit = min(change, now + 86_400) if change is not None else now + 86_400
    while horizon < limit:
        assert hours.is_open(horizon, zone) == is_open, datetime.fromtimestamp(horizon, zone)
        horizon += 60
    if change is not None:
        assert change > now
        assert hours.is_open(change, zone) != is_open
        assert hours.is_open(change - 1, zone) == is_open


@settings(max_examples=40, deadline=None)
@given(times, starts, st.sampled_from(ZONES), st.integers(0, 20 * 3600))
def test_work_is_done_after_as_many_open_seconds_as_it_takes(hours, now, name, seconds):
    zone = ZoneInfo(name)
    end = hours.after(now, seconds, zone)
    if end is None:
        assert not all(hours.is_open_at(minute) for minute in range(MINUTES_A_WEEK))
        return
    at, worked = now, 0.0
    while at < end:
        change = min(hours.next_change(at, zone) or end, end)
        worked += change - at if hours.is_open(at, zone) else 0
        at = change
    assert abs(worked - seconds) < 0.01


@given(st.integers(0, MINUTES_A_DAY - 1), st.integers(0, MINUTES_A_DAY - 1), st.integers(0, MINUTES_A_WEEK - 1))
def test_a_window_holds_what_lies_between_its_bounds_across_midnight_too(start, end, minute):
    text = f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"
    shown = minute % MINUTES_A_DAY
    inside = start <= shown < end if start < end else shown >= start or shown < end
    assert any(span.holds(minute) for span in parse_spans([text])) == inside


@given(spans, spans, st.integers(0, MINUTES_A_WEEK - 1))
def test_quiet_hours_win(window, quiet, minute):
    hours = WorkTimes((window,), (quiet,))
    assert hours.is_open_at(minute) == (window.holds(minute) and not quiet.holds(minute))
