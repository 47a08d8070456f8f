"""The time that a modelled graphics card takes: positions share its speed by their threads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.engine.setup import Threads

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import modelled_card

    return modelled_card


def even(model: Any, *, places: int = 8, scale: float = 1.0) -> Any:
    """A card that makes 100 visits a second with each of up to ten threads, and no more with more."""
    return model.CardModel(model.Card(Threads(places, 1), ((10, 1000.0),)), places, scale)


def ends(card: Any, until: float = 1000.0) -> dict[Any, float]:
    return {item: pytest.approx(at) for item, at in card.advance(until)}


def test_the_speed_between_two_measurements_lies_between_them(model):
    card = model.Card(Threads(4, 1), ((10, 1000.0), (20, 1500.0), (40, 1000.0)))
    assert [card.speed(threads) for threads in (1, 10, 15, 20, 30, 99)] == [100, 1000, 1250, 1500, 1250, 1000]


def test_positions_share_the_card_by_their_threads(model):
    card = even(model)
    card.ask("wide", "a", 1000, 10)
    card.ask("narrow", "b", 1000, 5)
    card.ask("last", "c", 1000, 5)
    # 20 threads at 50 visits/s each: the wide one ends after 2 s, and then ten threads are left, 100 visits/s each.
    assert ends(card) == {"wide": 2.0, "narrow": 3.0, "last": 3.0}


def test_what_waits_begins_when_a_place_is_free_and_the_highest_priority_first(model):
    card = even(model, places=1)
    card.ask("first", "a", 100, 10)
    card.ask("usual", "b", 100, 10)
    card.ask("urgent", "c", 100, 10, priority=5)
    assert list(ends(card).items()) == [("first", 0.1), ("urgent", 0.2), ("usual", 0.3)]


def test_a_deeper_search_costs_only_what_is_not_in_the_cache(model):
    card = even(model)
    card.ask("quick", "a", 200, 1)
    assert ends(card, 5.0) == {"quick": 2.0}
    card.ask("deep", "a", 1000, 1)
    card.ask("other", "b", 1000, 1)
    assert ends(card) == {"deep": 13.0, "other": 15.0}


def test_it_does_not_matter_how_the_time_is_cut(model):
    whole, pieces = even(model), even(model)
    for card in (whole, pieces):
        for number in range(12):
            card.ask(number, number, 100 * (number + 1), 1 + number % 3)
    found: dict[Any, Any] = {}
    for step in range(400):
        found |= ends(pieces, step / 10)
    assert ends(whole) == found
    assert len(found) == 12


def test_a_slower_card_takes_longer_and_a_query_that_is_withdrawn_no_time(model):
    card = even(model, scale=0.5)
    card.ask("wanted", "a", 500, 10)
    card.ask("unwanted", "b", 500, 10)
    card.withdraw("unwanted")
    assert card.next_end == pytest.approx(1.0)
    assert ends(card) == {"wanted": 1.0}
    assert card.next_end is None
