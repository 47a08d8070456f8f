"""Whatever order, repetition or loss of lines: no turn is lost or counted twice."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from pipeline.engine import protocol
from pipeline.engine.meter import BusyMeter


def answer(query_id: str, turn: int, *, during: bool = False) -> protocol.Event:
    return protocol.parse_line(json.dumps({"id": query_id, "turnNumber": turn, "isDuringSearch": during}))


class LedgerMachine(RuleBasedStateMachine):
    """A model beside the ledger: what was asked, and how often each turn was closed."""

    lines = Bundle("lines")

    def __init__(self) -> None:
        super().__init__()
        self.ledger = protocol.Ledger[tuple[str, int]]()
        self.asked: set[tuple[str, int]] = set()
        self.closed: list[tuple[str, int]] = []
        self.number = 0

    @rule(target=lines, turns=st.integers(1, 4))
    def ask(self, turns: int):
        self.number += 1
        query_id = f"p{self.number}"
        for turn in range(turns):
            self.asked.add((query_id, turn))
        # One item per turn would be a new query each: the item names the query, the count is checked below.
        self.ledger.open(query_id, range(turns), (query_id, turns))
        return query_id, turns

    @rule(line=lines, turn=st.integers(0, 5))
    def final(self, line, turn):
        settled = self.ledger.settle(answer(line[0], turn))
        assert len(settled) <= 1
        self.closed += [(line[0], turn)] * len(settled)

    @rule(line=lines, turn=st.integers(0, 5))
    def report_during_search(self, line, turn):
        assert self.ledger.settle(answer(line[0], turn, during=True)) == []

    @rule(line=consumes(lines))
    def refused(self, line):
        still_open = [key for key in self.asked - set(self.closed) if key[0] == line[0]]
        settled = self.ledger.settle(protocol.ErrorReply(line[0], "bad", "moves"))
        assert len(settled) == len(still_open)
        self.closed += still_open

    @rule(
        text=st.text(max_size=40) | st.sampled_from(['{"id":"stranger","turnNumber":0,"isDuringSearch":false}', "{}"])
    )
    def noise(self, text):
        assert self.ledger.settle(protocol.parse_line(text)) == []

    @rule()
    def engine_dies(self):
        taken_back = self.ledger.clear()
        still_open = self.asked - set(self.closed)
        assert len(taken_back) == len(still_open)
        self.closed += still_open

    @invariant()
    def nothing_lost_nothing_twice(self):
        assert len(self.closed) == len(set(self.closed))
        assert set(self.closed) <= self.asked
        assert len(self.ledger) == len(self.asked) - len(self.closed)


TestLedger = LedgerMachine.TestCase


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.booleans()), max_size=120),
    st.sets(st.tuples(st.integers(0, 9), st.integers(0, 3))),
)
def test_any_stream_of_lines_closes_each_turn_at_most_once(stream, asked):
    ledger = protocol.Ledger[int]()
    queries: dict[int, list[int]] = {}
    for query, turn in sorted(asked):
        queries.setdefault(query, []).append(turn)
    for query, turns in queries.items():
        ledger.open(f"p{query}", turns, query)

    closed = [key[:2] for key in stream for _ in ledger.settle(answer(f"p{key[0]}", key[1], during=key[2]))]

    came = {(query, turn) for query, turn, during in stream if not during}
    assert sorted(closed) == sorted(asked & came)
    assert len(ledger) == len(asked - came)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 10_000), st.booleans()), max_size=50))
def test_the_shares_of_all_positions_are_the_busy_time(steps):
    """Gaps between answers, visits, and whether the engine was down for a while before."""
    meter, now, shares = BusyMeter(), 0.0, 0.0
    meter.work_begins(now)
    for gap, visits, was_down in steps:
        if was_down:
            meter.pause(now)
            now += 7.0
            meter.work_begins(now)
        now += gap
        share = meter.answered(now, visits, last=False)
        assert share >= 0
        shares += share
    shares += meter.answered(now, 1, last=True)

    assert abs(shares - meter.busy_seconds) < 1e-6
    assert abs(meter.busy_seconds - sum(gap for gap, _, _ in steps)) < 1e-6


@given(st.text(max_size=200))
def test_no_line_can_break_the_reader(text):
    assert protocol.parse_line(text) is not None
