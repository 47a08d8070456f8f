"""The end of a batch: rounds that wait for one another, places that stay empty, and the printer."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rehearsal import MOST_PLAYED, Ahead, Engine, seconds_to_the_end
from pipeline.sharing import SPREAD, slowdown

ROUNDS = st.lists(st.tuples(st.integers(0, 30), st.floats(0.01, 5.0)), max_size=5)
GAMES = st.lists(st.builds(Ahead, st.lists(st.floats(0.01, 5.0), max_size=12), ROUNDS), max_size=6)


def end(games: list[Ahead], at_once: int, print_seconds: float = 0.0, publishing: int = 0) -> float:
    return seconds_to_the_end(games, Engine(at_once), print_seconds=print_seconds, publishing=publishing)


@given(GAMES, st.integers(0, 40), st.floats(0.0, 9.0), st.integers(0, 8))
def test_it_ends_and_takes_about_as_long_as_the_work_and_the_prints(games, at_once, print_seconds, publishing):
    work = math.fsum(game.seconds for game in games)
    prints = (len(games) + publishing) * print_seconds
    seconds = end(games, at_once, print_seconds, publishing)
    assert max(work * (1 - SPREAD), prints) <= seconds + 1e-6
    assert seconds <= work * (1 + SPREAD) * slowdown(1, max(1, at_once)) + prints + 1e-6


@given(GAMES, st.integers(1, 40), st.sampled_from([1, 4]), st.floats(0.01, 2.0))
def test_with_free_threads_too_the_engine_is_never_faster_than_when_it_is_full(games, at_once, search, a_thread):
    work = math.fsum(game.seconds for game in games)
    engine = Engine(at_once, search, a_thread)
    seconds = seconds_to_the_end(games, engine, print_seconds=0.0, publishing=0)
    assert work * (1 - SPREAD) <= seconds + 1e-6
    assert seconds <= work * (1 + SPREAD) * slowdown(1, at_once, search) + 1e-6


def test_many_positions_take_their_work():
    games = [Ahead(rounds=((250, 0.1), (50, 1.0))) for _ in range(8)]
    assert end(games, 8) == pytest.approx(8 * 75.0, rel=0.03)


def test_an_engine_that_works_on_hundreds_is_slower_when_one_game_is_left():
    """Its last rounds have a few positions each, and each round waits for the slowest of the one before."""
    game = Ahead(rounds=((10, 1.0),) * 6)
    assert end([game], 8) == pytest.approx(60.0, rel=0.35)
    assert end([game], 200) > 1.5 * 60.0


def test_the_end_of_a_small_batch_is_slower_than_its_middle():
    games = [Ahead(rounds=((250, 0.1), (10, 1.0), (20, 1.0), (5, 1.0), (2, 1.0))) for _ in range(4)]
    work = sum(game.seconds for game in games)
    assert end(games, 8) == pytest.approx(work, rel=0.05)
    assert end(games, 200) > 1.1 * work


def test_the_last_game_is_printed_when_nothing_is_searched_any_more():
    game = Ahead(open=(2.0,))
    assert end([game], 8, print_seconds=5.0) - end([game], 8) == pytest.approx(5.0)


def test_many_small_games_take_as_long_as_the_printer():
    games = [Ahead(rounds=((10, 0.001),))] * 40
    assert end(games, 8, print_seconds=2.0, publishing=3) == pytest.approx(43 * 2.0, rel=0.02)
    assert end([], 8, print_seconds=2.0, publishing=3) == pytest.approx(6.0)


def test_a_round_that_has_begun_does_not_wait_for_what_is_open_of_it():
    begun = Ahead(open=(1.0,), rounds=((7, 1.0),))
    waiting = Ahead(open=(1.0,), rounds=((0, 0.0), (7, 1.0)))
    assert end([begun], 8) < end([waiting], 8)


def test_a_long_night_is_not_played_position_by_position():
    games = [Ahead(rounds=((250, 0.1), (30, 1.0))) for _ in range(400)]
    assert sum(game.positions for game in games) > 20 * MOST_PLAYED
    assert end(games, 16) == pytest.approx(400 * 55.0, rel=0.02)


def test_free_threads_let_the_last_rounds_end_sooner():
    """A card with 128 places of four threads; a thread needs a tenth of a second of work."""
    games = [Ahead(rounds=((200, 0.1), (20, 4.0), (5, 4.0), (2, 4.0)), is_first_pass=True) for _ in range(2)]
    usual = seconds_to_the_end(games, Engine(128, 4), print_seconds=0.0, publishing=0)
    free = seconds_to_the_end(games, Engine(128, 4, 0.1), print_seconds=0.0, publishing=0)
    work = sum(game.seconds for game in games)
    assert usual > 2 * free
    assert free > 1.2 * work, "a round of two positions has too little to do for all threads"


def test_free_threads_need_enough_to_do():
    """A position with less than two threads' worth of work is searched as usual."""
    assert Engine(128, 4, 0.1).places(demand=1, seconds=0.19) == 1.0
    assert Engine(128, 4, 0.1).places(demand=1, seconds=4.0) == 10.0
    assert Engine(128, 4, 0.1).places(demand=64, seconds=4.0) == 2.0
    assert Engine(8, 1, 1.0).places(demand=1, seconds=1.5) == 1.0


def test_a_round_after_the_first_pass_waits_for_its_last_answer():
    """What would be planned ahead is not known before."""
    games = [
        Ahead(open=(9.0, 0.1, 0.1, 0.1), rounds=((0, 0.0), (4, 5.0)), is_first_pass=known) for known in (True, False)
    ]
    waits, goes_on = (seconds_to_the_end([game], Engine(8, 4, 9.0), print_seconds=0.0, publishing=0) for game in games)
    assert goes_on < waits
