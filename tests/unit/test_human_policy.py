"""What players of a rank would play: profiles, the engine's answer, storage, and what is told from it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from fakes.engines import spiral_game

from pipeline.engine.human import human_moves, profile_at, profile_of
from pipeline.engine.networks import known
from pipeline.engine.protocol import QueryOptions, build_query
from pipeline.evaluation import Candidate, Evaluation, HumanMove
from pipeline.go.board import Color
from pipeline.go.record import GameInfo, GameRecord, Player, Ruleset
from pipeline.review.judge import review_move
from pipeline.review.level import HIDDEN, Level, relevance
from pipeline.review.model import Phase
from pipeline.store.payload import decode, encode
from pipeline.wording.human import same_rank

GAME = replace(spiral_game(4), info=GameInfo(black=Player("甲", "5级"), white=Player("乙", "")))


@pytest.mark.parametrize(
    ("rank", "profile"),
    [
        ("5级", "rank_5k"),
        ("5k", "rank_5k"),
        ("18级", "rank_18k"),
        ("30k", "rank_20k"),
        ("3段", "rank_3d"),
        ("10d", "rank_9d"),
        ("9p", "proyear_2023"),
        ("", ""),
        ("1850", ""),
    ],
)
def test_a_profile_that_the_network_knows(rank: str, profile: str) -> None:
    assert profile_of(rank) == profile


def test_the_profile_is_that_of_the_player_to_move() -> None:
    assert profile_at(GAME, 0) == "rank_5k"
    assert profile_at(GAME, 1) == ""
    both = replace(GAME, info=GameInfo(Player("甲", rank="5k"), Player("乙", rank="1d")))
    assert [profile_at(both, turn) for turn in range(3)] == ["rank_5k", "rank_1d", "rank_5k"]


def test_a_query_asks_for_the_human_policy_only_with_a_profile() -> None:
    options = QueryOptions(override_settings={"wideRootNoise": 0.0})
    asked: dict[str, Any] = json.loads(build_query("q", GAME, 0, 10, profile="rank_5k", options=options))
    assert asked["overrideSettings"] == {"wideRootNoise": 0.0, "humanSLProfile": "rank_5k"}
    assert asked["includePolicy"] is True
    plain: dict[str, Any] = json.loads(build_query("q", GAME, 0, 10, options=options))
    assert "includePolicy" not in plain
    assert plain["overrideSettings"] == {"wideRootNoise": 0.0}
    assert "overrideSettings" not in json.loads(build_query("q", GAME, 0, 10, options=QueryOptions()))


def test_the_likeliest_moves_and_those_asked_for() -> None:
    policy = [0.0] * 81 + [0.01]
    policy[0], policy[80], policy[40] = 0.5, 0.3, -1.0  # A9, J1, E5 (a stone)
    found = human_moves(policy, GAME, ("C3", "E5"))
    assert [m.move for m in found[:3]] == ["A9", "J1", "pass"]
    assert found[-1] == HumanMove("C3", 0.0)
    assert len(found) == 6
    assert "E5" not in {m.move for m in found}


def test_the_policy_goes_row_by_row_from_the_top_left_and_ends_with_the_pass() -> None:
    board = GameRecord(3, 2, (), 0.5, Ruleset.CHINESE)
    policy = [0.05, 0.40, -1, 0.20, 0.10, 0.25, 0.001]  # A2 B2 C2, A1 B1 C1, pass
    assert [(m.move, m.probability) for m in human_moves(policy, board, ["pass"])] == [
        ("B2", 0.40),
        ("C1", 0.25),
        ("A1", 0.20),
        ("B1", 0.10),
        ("A2", 0.05),
        ("pass", 0.001),
    ]


@pytest.mark.parametrize("policy", [None, [0.1] * 81, [0.1] * 81 + ["x"], [0.1] * 81 + [float("nan")], "policy", {}])
def test_no_policy_of_this_board_is_none(policy: object) -> None:
    assert human_moves(policy, GAME, ()) == ()


def evaluation(*human: HumanMove, turn: int = 0, lead: float = 5.0) -> Evaluation:
    to_move = Color.BLACK if turn % 2 == 0 else Color.WHITE
    chosen = Candidate("E5", 0, 50, 0.6, lead, 5.0, 0.6, 0.4, ("E5",))
    return Evaluation(turn, to_move, 60, 0.6, lead, 5.0, 0.6, lead, 0.1, 1.0, (chosen,), human=human)


def test_the_journal_keeps_it() -> None:
    value = evaluation(HumanMove("E5", 0.25), HumanMove("pass", 0.0))
    assert decode(encode(value)).human == value.human
    assert decode(encode(evaluation())).human == ()


def test_a_better_move_that_nobody_of_the_rank_finds_counts_less() -> None:
    move = GAME.moves[0]
    assert move.vertex != "E5"
    hidden = evaluation(HumanMove(move.vertex, 0.5), HumanMove("E5", 0.01))
    known = evaluation(HumanMove(move.vertex, 0.5), HumanMove("E5", 0.3))
    after = evaluation(turn=1, lead=-5.0)
    reviews = [review_move(1, move, before, after, Phase.MIDDLE) for before in (hidden, known, evaluation())]
    assert [(r.human_played, r.human_best) for r in reviews[1:]] == [(0.5, 0.3), (None, None)]
    assert relevance(reviews[0], Level.KYU) == HIDDEN
    assert relevance(reviews[1], Level.KYU) == relevance(reviews[2], Level.KYU) == 1.0


def test_the_sentence() -> None:
    assert same_rank(0.31, 0.004, "E5") == "同等水平的棋手约31%也会这样下，能走到E5的不到2%。"
    assert same_rank(0.184, 0.012, "C3") == "同等水平的棋手约18%也会这样下，能走到C3的不到2%。"


def test_the_network_has_a_name() -> None:
    row = known("human")
    assert row is not None
    assert row.human
