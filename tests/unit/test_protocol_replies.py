"""What comes from the engine: lines, and answers turned into evaluations."""

from __future__ import annotations

import json

import pytest
from fakes.engines import spiral_game

from pipeline.engine import protocol
from pipeline.engine.answers import ImplausibleAnswer, Keep, Referee
from pipeline.engine.lines import Lines
from pipeline.go.board import Color, parse_vertex
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.plan import PositionRequest

RECORD = spiral_game(10)
TURN = 3


def info(move: str, order: int, visits: int, **changes: object) -> dict:
    values = {"winrate": 0.4, "scoreLead": -2.5, "scoreStdev": 12.0, "lcb": 0.45, "prior": 0.2, "pv": [move, "pass"]}
    return {"move": move, "order": order, "visits": visits, **values, **changes}


def payload(**root: object) -> dict:
    values = {"winrate": 0.41, "scoreLead": -2.25, "scoreStdev": 13.0, "visits": 50, "currentPlayer": "W"}
    raw = {"rawWinrate": 0.5, "rawLead": 0.0, "rawStWrError": -0.5, "rawStScoreError": 1.5}
    return {
        "id": "p1",
        "turnNumber": TURN,
        "isDuringSearch": False,
        "rootInfo": {**values, **raw, **root},
        "moveInfos": [info("J9", 1, 10), info("E5", 0, 39)],
    }


def convert(reply: dict, *, keep: Keep = Keep(), visits: int = 50):  # noqa: B008
    answer = protocol.parse_line(json.dumps(reply))
    assert isinstance(answer, protocol.Answer)
    return Referee(keep).judge(answer, RECORD, PositionRequest(TURN, visits, "quick"), 1.5)


def test_an_answer_becomes_an_evaluation_in_blacks_view():
    evaluation = convert(payload())

    assert (evaluation.turn, evaluation.to_move, evaluation.visits) == (3, Color.WHITE, 50)
    assert evaluation.winrate == 0.41
    assert evaluation.winrate_for(Color.WHITE) == pytest.approx(0.59)
    assert evaluation.score_for(Color.WHITE) == 2.25
    assert [c.move for c in evaluation.candidates] == ["E5", "J9"], "by order, not as sent"
    assert evaluation.raw_st_wr_error == 0, "an old net has no such estimate"
    assert evaluation.raw_st_score_error == 1.5
    assert (evaluation.level, evaluation.engine_seconds) == ("quick", 1.5)


def test_ownership_is_percent_from_the_top_left():
    reply = payload()
    reply["ownership"] = [0.996, -0.996, 1.0000001, -1.01] + [0.004] * 77

    assert convert(reply).ownership[:5] == (100, -100, 100, -100, 0)


def test_the_move_played_is_kept_whatever_its_order():
    played = RECORD.moves[TURN].vertex
    reply = payload()
    reply["moveInfos"] = [info(v, i, 5) for i, v in enumerate(["A9", "B9", "C9", "D9", played, "E9"])]

    kept = convert(reply, keep=Keep(candidates=2)).candidates

    assert [c.move for c in kept] == ["A9", "B9", played]
    assert kept[-1].order == 4


def test_variations_are_cut():
    reply = payload()
    reply["moveInfos"] = [info("E5", 0, 49, pv=["E5"] + ["pass"] * 40)]

    assert len(convert(reply, keep=Keep(pv_length=7)).candidates[0].pv) == 7


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ({"winrate": None}, "winrate"),
        ({"winrate": float("nan")}, "winrate"),
        ({"winrate": 1.2}, "winrate"),
        ({"scoreLead": float("inf")}, "scoreLead"),
        ({"scoreLead": 5000.0}, "score lead"),
        ({"visits": 44}, "44 visits of 50"),
        ({"visits": True}, "visits"),
        ({"currentPlayer": "B"}, "player to move"),
        ({"scoreLead": 10**400}, "too large"),
        ({"scoreStdev": 1e39}, "scoreStdev"),
        ({"rawLead": -1e300}, "rawLead"),
        ({"visits": 10**12}, "visits"),
    ],
)
def test_an_answer_that_cannot_be_true_is_refused(spoil, why):
    with pytest.raises(ImplausibleAnswer, match=why):
        convert(payload(**spoil))


def test_nine_tenths_of_the_visits_are_enough():
    assert convert(payload(visits=45)).visits == 45


@pytest.mark.parametrize(
    ("move", "why"),
    [("A1", "occupied"), ("K1", "outside"), ("I1", "not a vertex"), ("", "not a vertex"), (5, "move is 5")],
)
def test_a_candidate_must_be_playable(move, why):
    reply = payload()
    reply["moveInfos"][0] = info("J9", 1, 10) | {"move": move, "pv": [move]}

    with pytest.raises(ImplausibleAnswer, match=why):
        convert(reply)


@pytest.mark.parametrize(
    "change",
    [
        {"rootInfo": None},
        {"moveInfos": "none"},
        {"ownership": [0.1] * 80},
        {"ownership": [None] * 81},
        {"ownership": [float("nan")] * 81},
        {"ownership": [3.0] * 81},
        {"moveInfos": [info("E5", 0, 39, pv=["C3"])]},
        {"moveInfos": [info("E5", 0, 39, pv=[1])]},
        {"moveInfos": [info("E5", 0, 39, pv=["E5", "Z99"])]},
        {"moveInfos": [info("E5", 0, 39, pv=["E5", "K10"])]},
        {"moveInfos": [info("E5", 0, 39, winrate=-0.3)]},
        {"moveInfos": [info("E5", 0, 39, scoreStdev=float("nan"))]},
    ],
)
def test_a_malformed_answer_is_refused(change):
    with pytest.raises(ImplausibleAnswer):
        convert(payload() | change)


def pv_of(*vertices: str) -> dict:
    return payload() | {"moveInfos": [info(vertices[0], 0, 39, pv=list(vertices))]}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (["E5", "D5", "E5"], "occupied at E5"),
        (["E5", "A1"], "occupied at A1"),
        (["E5", "D5", "C5", "D5"], "occupied at D5"),
    ],
)
def test_a_variation_must_be_playable(line, why):
    with pytest.raises(ImplausibleAnswer, match=why):
        convert(pv_of(*line))


@pytest.mark.parametrize("line", [["E5", "pass", "E5"], ["pass", "E5"], ["E5", "pass", "pass", "A1"]])
def test_nothing_is_said_of_a_variation_after_its_first_pass(line):
    """Japanese rules have an encore then, with moves that put no stone on the board."""
    assert convert(pv_of(*line)).candidates[0].pv == tuple(line)


def in_the_corner(*, is_ended: bool) -> Lines:
    """Black takes the white stone at A1 by A2; White cannot put it back."""
    black, white = (tuple(p for v in names if (p := parse_vertex(v, 9, 9))) for names in (["B1"], ["A1", "E5"]))
    passes = (Move(Color.BLACK, None), Move(Color.WHITE, None)) if is_ended else ()
    record = GameRecord(9, 9, passes, 7.0, Ruleset.JAPANESE, setup_black=black, setup_white=white)
    return Lines(record, len(passes), protocol.occupancy(record)[-1])


@pytest.mark.parametrize(
    ("moves", "why"),
    [
        ("A2,E4,A1", ""),
        ("A2,A1", "suicide at A1"),
        ("E4,A1", "occupied at A1"),
        ("E4,A2,B2,A3", ""),
    ],
)
def test_stones_that_are_taken_make_room(moves, why):
    assert in_the_corner(is_ended=False).objection(moves.split(",")) == why


def test_nothing_is_said_of_variations_in_an_encore():
    assert in_the_corner(is_ended=True).objection(["A2", "A1"]) == ""


def test_a_position_without_candidates_is_an_evaluation_all_the_same():
    evaluation = convert(payload() | {"moveInfos": []})

    assert evaluation.best is None


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (json.dumps(payload()), protocol.Answer),
        (json.dumps(payload() | {"isDuringSearch": True}), protocol.Partial),
        (json.dumps({"id": "p1", "turnNumber": 3}), protocol.Partial),
        ('{"id":"v","action":"query_version","version":"1.18.1"}', protocol.ActionReply),
        ('{"error":"Illegal move 1: Q16","field":"moves","id":"p1"}', protocol.ErrorReply),
        ('{"error":"could not parse input line"}', protocol.ErrorReply),
        ('{"field":"foo","id":"w","warning":"Unexpected or unused field"}', protocol.WarningReply),
        ('{"id":5,"turnNumber":3,"isDuringSearch":false}', protocol.Garbage),
        ('{"id":"p1","turnNumber":true,"isDuringSearch":false}', protocol.Garbage),
        ("[1,2]", protocol.Garbage),
        ("Uncaught exception", protocol.Garbage),
        ("[" * 100_000, protocol.Garbage),
        ("", protocol.Garbage),
    ],
)
def test_every_line_is_something(line, kind):
    assert isinstance(protocol.parse_line(line), kind)


def test_an_error_says_which_query_and_which_field():
    event = protocol.parse_line('{"error":"Illegal move 1: Q16","field":"moves","id":"p1"}')

    assert event == protocol.ErrorReply("p1", "Illegal move 1: Q16", "moves")


def test_an_ended_search_says_so():
    event = protocol.parse_line('{"id":"a","isDuringSearch":false,"noResults":true,"turnNumber":3}')

    assert isinstance(event, protocol.Answer)
    assert event.no_results


def test_a_refusal_of_a_query_closes_all_its_turns():
    ledger = protocol.Ledger[str]()
    ledger.open("p1", [0, 1, 2], "one")
    ledger.open("p2", [0], "two")

    assert ledger.settle(protocol.ErrorReply("p1", "bad", "moves")) == ["one"] * 3
    assert ledger.items() == ["two"]
    assert ledger.settle(protocol.ErrorReply(None, "bad", "")) == []
    assert ledger.counts.unassigned_errors == 1


def test_an_id_is_never_used_twice():
    ledger = protocol.Ledger[str]()
    ledger.open("p1", [0], "one")
    with pytest.raises(ValueError, match="p1"):
        ledger.open("p1", [1], "again")
    ledger.settle(protocol.Answer("p1", 0, {}))
    with pytest.raises(ValueError, match="p1"):
        ledger.open("p1", [0], "again")


def test_the_ledger_stays_small_over_a_night():
    ledger = protocol.Ledger[int](remembered=10)
    for number in range(1000):
        ledger.open(f"p{number}", [0], number)
        ledger.settle(protocol.Answer(f"p{number}", 0, {}))

    assert len(ledger) == 0
    assert ledger.settle(protocol.Answer("p0", 0, {})) == []
    assert (ledger.counts.final, ledger.counts.unknown) == (1000, 1)
    assert len(ledger._closed_ids) == 10
