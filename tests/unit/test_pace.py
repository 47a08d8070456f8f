"""The speed of the last while: all of a short run, and not the whole of a long one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.pace import LEAST_SECONDS, LEAST_SHARE, LEAST_WAITS, Pace


def test_a_short_run_counts_as_a_whole():
    pace = Pace()
    assert pace.per_second == 0.0
    for visits, seconds in ((100, 10.0), (400, 20.0), (100, 10.0)):
        pace.add(visits, seconds)
    assert pace.per_second == pytest.approx(15.0)


def test_after_a_change_the_old_speed_is_soon_forgotten():
    pace = Pace()
    for _ in range(600):
        pace.add(100, 1.0)
    for _ in range(700):
        pace.add(25, 1.0)
    assert pace.per_second == pytest.approx(25.0)
    assert pace.visits / pace.seconds == pytest.approx(77_500 / 1300)


@given(st.lists(st.tuples(st.integers(1, 10_000), st.floats(0.001, 50.0)), min_size=1, max_size=300))
def test_the_while_is_never_too_short_nor_the_whole_night(steps):
    pace = Pace()
    for visits, seconds in steps:
        pace.add(visits, seconds)
    visits, seconds = pace.recent
    longest = max(took for _, took in steps)
    least = max(LEAST_SECONDS, LEAST_SHARE * pace.seconds, LEAST_WAITS * longest)

    assert visits > 0
    assert seconds >= min(pace.seconds, least) * 0.999
    assert seconds <= 2 * (least + longest) * 1.001
