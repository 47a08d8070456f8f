"""What is sent to the engine."""

from __future__ import annotations

import json

import pytest
from fakes.engines import spiral_game

from pipeline.engine import protocol
from pipeline.engine.protocol import QueryOptions
from pipeline.go.board import Color, Point
from pipeline.go.record import GameRecord, Move, Ruleset

OPTIONS = QueryOptions()


def query(record: GameRecord, turn: int, **changes: object) -> dict:
    return json.loads(protocol.build_query("p1", record, turn, 50, options=OPTIONS, **changes))


def game(colors: str, **fields: object) -> GameRecord:
    """Stones of these colours along the first rows of a 19x19 board."""
    moves = tuple(Move(Color(c), Point(i % 19, i // 19 * 2)) for i, c in enumerate(colors))
    return GameRecord(19, 19, moves, 7.5, fields.pop("ruleset", Ruleset.CHINESE), **fields)


def test_a_query_carries_the_game_up_to_the_position():
    sent = query(spiral_game(10), 4)

    assert sent["moves"] == [["B", "A1"], ["W", "B1"], ["B", "C1"], ["W", "D1"]]
    assert sent["analyzeTurns"] == [4]
    assert (sent["boardXSize"], sent["boardYSize"]) == (9, 9)
    assert (sent["rules"], sent["komi"], sent["maxVisits"]) == ("chinese", 7.5, 50)
    assert sent["initialPlayer"] == "B"
    assert sent["includeOwnership"] is True
    assert "whiteHandicapBonus" not in sent


def test_a_query_is_one_line():
    assert "\n" not in protocol.build_query("p1", spiral_game(), 30, 50, options=OPTIONS)


def test_handicap_stones_are_set_up_and_white_begins():
    record = game("WBWB", setup_black=(Point(3, 3), Point(15, 15)), first_to_play=Color.WHITE, handicap=2)

    sent = query(record, 0)

    assert sent["initialStones"] == [["B", "D4"], ["B", "Q16"]]
    assert sent["initialPlayer"] == "W"
    assert "whiteHandicapBonus" not in sent, "the engine counts the stones itself"


def test_priority_and_overrides_are_passed_on():
    options = QueryOptions(ownership=False, report_every=20, override_settings={"humanSLProfile": "rank_5k"})

    sent = json.loads(protocol.build_query("p1", spiral_game(), 3, 50, priority=7, options=options))

    assert sent["priority"] == 7
    assert sent["overrideSettings"] == {"humanSLProfile": "rank_5k"}
    assert sent["reportDuringSearchEvery"] == 20
    assert "includeOwnership" not in sent


@pytest.mark.parametrize("turn", [-1, 11])
def test_a_turn_outside_the_game_is_refused(turn):
    with pytest.raises(ValueError, match="turn"):
        query(spiral_game(10), turn)


def test_the_right_player_moves_where_white_was_left_out():
    record = game("BWBB")

    sent = query(record, 3)

    assert record.to_move(3) is Color.BLACK
    assert sent["initialPlayer"] == "B"
    assert sent["moves"] == []
    assert sent["analyzeTurns"] == [0]
    assert sorted(sent["initialStones"]) == [["B", "A1"], ["B", "C1"], ["W", "B1"]]
    assert protocol.reported_turn(record, 3) == 0
    assert protocol.reported_turn(record, 2) == 2


def test_handicap_points_survive_a_player_moving_twice():
    """The engine forgets the handicap when it forgets the history: komi carries it then."""
    stones = (Point(3, 3), Point(3, 15), Point(15, 3), Point(15, 15))
    record = game("WBWWB", setup_black=stones, first_to_play=Color.WHITE, handicap=4)

    assert query(record, 2)["komi"] == 7.5
    assert query(record, 4)["komi"] == 11.5
    assert query(record, 4)["whiteHandicapBonus"] == "0"


@pytest.mark.parametrize(
    ("ruleset", "bonus"),
    [(Ruleset.CHINESE, 3), (Ruleset.CHINESE_OGS, 3), (Ruleset.AGA, 2), (Ruleset.JAPANESE, 0), (Ruleset.ING, 0)],
)
def test_handicap_points_by_ruleset(ruleset, bonus):
    stones = (Point(3, 3), Point(3, 15), Point(15, 3))

    assert protocol.handicap_bonus(game("WB", setup_black=stones, ruleset=ruleset)) == bonus


def test_free_placement_counts_as_handicap_and_one_stone_does_not():
    assert protocol.handicap_bonus(game("BBBWB")) == 3
    assert protocol.handicap_bonus(game("BWBW")) == 0
    assert protocol.handicap_bonus(game("BBBW", setup_white=(Point(9, 9),))) == 0


def test_after_free_placement_the_history_is_sent_as_played():
    record = game("BBBWBW")

    assert query(record, 5)["moves"] == [["B", "A1"], ["B", "B1"], ["B", "C1"], ["W", "D1"], ["B", "E1"]]
    assert query(record, 1)["initialPlayer"] == "B"
    assert query(record, 1)["moves"] == []


def test_occupied_points_follow_captures():
    corner = [("B", Point(1, 0)), ("W", Point(0, 0)), ("B", Point(0, 1))]
    record = GameRecord(9, 9, tuple(Move(Color(c), p) for c, p in corner), 7.0, Ruleset.CHINESE)

    assert protocol.occupancy(record) == (0, 0b10, 0b11, 0b10 | 1 << 9)
