"""What an answer cost is told whatever was searched beside it; no time is lost or counted twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sharing import Costs, Sharing, places_of, slowdown, uneven


def test_positions_side_by_side_have_equal_parts_of_the_time():
    sharing = Sharing()
    for key in "abc":
        sharing.begin(key)
    sharing.advance(30.0)
    assert sharing.end("a") == pytest.approx(10.0)
    sharing.advance(40.0)
    assert sharing.part_of("b") == pytest.approx(15.0)


def test_what_waits_in_the_queue_of_the_engine_costs_nothing():
    sharing = Sharing()
    sharing.at_once = 2
    for key in "abc":
        sharing.begin(key)
    sharing.advance(20.0)
    assert (sharing.in_work, sharing.part_of("c")) == (2, 0.0)
    sharing.end("a")
    sharing.advance(30.0)
    assert sharing.part_of("c") == pytest.approx(5.0)


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0.01, 20.0)), max_size=60))
def test_all_parts_together_are_the_time_in_which_something_was_open(steps):
    sharing, busy, parts, is_open, expected = Sharing(), 0.0, 0.0, set(), 0.0
    for key, seconds in steps:
        expected += seconds if is_open else 0.0
        busy += seconds
        sharing.advance(busy)
        if key in is_open:
            is_open.remove(key)
            parts += sharing.end(key)
        else:
            is_open.add(key)
            sharing.begin(key)
    parts += sum(sharing.part_of(key) for key in is_open)
    assert parts == pytest.approx(expected)


def test_a_position_that_is_unknown_cost_nothing():
    assert Sharing().end("nobody") == 0.0


@given(st.integers(1, 300), st.integers(1, 300))
def test_fewer_positions_are_never_faster_in_all_and_never_slower_each(in_work, at_once):
    few, more = min(in_work, at_once), min(in_work + 1, at_once)
    assert slowdown(few, at_once) >= slowdown(more, at_once) >= 1.0
    assert few * slowdown(few, at_once) <= more * slowdown(more, at_once) + 1e-9


@given(st.integers(0, 10_000), st.floats(0.0, 3.0))
def test_a_position_costs_at_least_what_it_has_cost_and_about_the_mean(number, least):
    assert uneven(number, least) >= least
    assert 0.5 < uneven(number) < 1.5


def test_uneven_costs_are_the_mean_together():
    assert sum(uneven(number) for number in range(200)) == pytest.approx(200, rel=0.01)


def test_each_kind_of_position_has_its_own_cost():
    costs = Costs()
    assert costs.of(361, "quick") == 0.0
    for _ in range(100):
        costs.add(361, "quick", 10, 1.0)
        costs.add(81, "quick", 10, 0.4)
    assert costs.of(361, "quick") == pytest.approx(0.1, rel=0.1)
    assert costs.of(81, "quick") == pytest.approx(0.04, rel=0.1)
    assert costs.of(169, "deep") == pytest.approx(0.07, rel=0.1), "nothing is known of them but the mean"


def test_few_answers_of_a_kind_say_little():
    costs = Costs()
    for _ in range(100):
        costs.add(361, "quick", 10, 1.0)
    costs.add(361, "deep", 100, 30.0)
    assert 0.1 < costs.of(361, "deep") < 0.25, "three times as dear by one answer"


def test_what_was_measured_when_the_engine_was_slow_is_soon_forgotten():
    """Another program had half of the machine for a while; every kind of position is faster without it."""
    costs = Costs()
    for number in range(1200):
        seconds = 2.0 if number < 300 else 1.0
        costs.add(361, "quick", 10, seconds)
        costs.add(81, "quick", 10, seconds / 2)
    assert costs.of(361, "quick") == pytest.approx(0.1, rel=0.1)
    assert costs.of(81, "quick") == pytest.approx(0.05, rel=0.1)


def test_a_position_with_the_threads_of_others_has_as_much_more_of_the_time():
    sharing = Sharing()
    sharing.at_once, sharing.search = 4, 4
    sharing.begin("usual")
    sharing.begin("wide", threads=12)
    sharing.advance(40.0)
    assert sharing.part_of("usual") == pytest.approx(10.0)
    assert sharing.end("wide") == pytest.approx(30.0)
    sharing.advance(50.0)
    assert sharing.part_of("usual") == pytest.approx(10.0 + 10.0 / slowdown(1, 4, search=4))


@pytest.mark.parametrize(("threads", "search", "places"), [(0, 4, 1.0), (4, 4, 1.0), (46, 4, 11.5), (0, 1, 1.0)])
def test_the_threads_of_others_count_as_places(threads, search, places):
    assert places_of(threads, search) == places


def test_two_cores_gain_little_by_more_threads_on_one_position():
    assert 1.0 < places_of(8, 1) < 4.0


def test_a_card_with_few_positions_is_slower_in_proportion():
    assert slowdown(1, 128, search=4) == pytest.approx(8 * slowdown(8, 128, search=4))
    assert slowdown(64, 128, search=4) == 1.0
