"""Few positions get more search threads each, so that the last answers of a batch come sooner."""

from __future__ import annotations

import json

import pytest
from fakes.engines import spiral_game
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.protocol import QueryOptions
from pipeline.engine.setup import VISITS_A_THREAD, Threads
from pipeline.engine.work import OpenJob, SearchJob, query_line
from pipeline.plan import DEEP, PositionRequest


@pytest.mark.parametrize(
    ("positions", "visits", "expected"),
    [
        (200, 10_000, 4),  # more than are searched at once
        (128, 10_000, 4),
        (32, 10_000, 16),
        (2, 10_000, 156),  # no fewer than 64 visits each
        (2, 640, 10),
        (2, 100, 4),
    ],
)
def test_threads_that_nobody_needs_go_to_the_positions_that_are_left(positions, visits, expected):
    assert Threads(128, 4).for_each(positions, visits) == expected


@given(st.integers(1, 256), st.integers(1, 8), st.integers(1, 1000), st.integers(1, 20_000))
def test_never_fewer_than_usual_and_never_more_in_all_than_the_engine_was_started_with(
    analysis, search, positions, visits
):
    threads = Threads(analysis, search)
    each = threads.for_each(positions, visits)
    assert each >= search
    assert each == search or each * positions <= threads.total
    assert each == search or each * VISITS_A_THREAD <= visits


def test_the_engine_is_told_only_where_it_differs():
    game = spiral_game(10, size=9)
    options = QueryOptions(override_settings={"wideRootNoise": 0.0})
    usual, many = (
        json.loads(
            query_line(OpenJob(SearchJob("a", game, PositionRequest(3, 640, DEEP), n)), options, has_human=False)
        )
        for n in (0, 10)
    )
    assert usual["overrideSettings"] == {"wideRootNoise": 0.0}
    assert many["overrideSettings"] == {"wideRootNoise": 0.0, "numSearchThreads": 10}
