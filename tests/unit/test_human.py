"""Players of a rank: what the human-style network is asked, and what is kept of its answer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fakes.report_games import random_game

from pipeline.engine.human import human_moves, profile_at, profile_of
from pipeline.engine.networks import is_human, known
from pipeline.engine.protocol import QueryOptions, build_query
from pipeline.evaluation import HumanMove
from pipeline.go.record import GameInfo, GameRecord, Player, Ruleset
from pipeline.review.level import HIDDEN, Level, relevance
from pipeline.store.payload import decode, encode
from pipeline.wording.human import same_rank


@pytest.mark.parametrize(
    ("rank", "profile"),
    [
        ("5k", "rank_5k"),
        ("18级", "rank_18k"),
        ("30k", "rank_20k"),
        ("3段", "rank_3d"),
        ("9p", "proyear_2023"),
        ("", ""),
    ],
)
def test_a_rank_as_read_chooses_the_profile(rank: str, profile: str) -> None:
    assert profile_of(rank) == profile


def test_each_player_is_asked_by_his_own_rank() -> None:
    made = random_game(size=9, length=4)
    info = GameInfo(Player("甲", rank="5k"), Player("乙", rank="1d"))
    record = replace(made.record, info=info)
    assert [profile_at(record, turn) for turn in range(3)] == ["rank_5k", "rank_1d", "rank_5k"]
    query = json.loads(build_query("q", record, 1, 8, profile="rank_1d", options=QueryOptions()))
    assert query["overrideSettings"] == {"humanSLProfile": "rank_1d"}
    assert query["includePolicy"] is True
    plain = json.loads(build_query("q", record, 1, 8, options=QueryOptions()))
    assert not plain.keys() & {"overrideSettings", "includePolicy"}


SMALL = GameRecord(3, 2, (), 0.5, Ruleset.CHINESE)
POLICY = [0.05, 0.40, -1, 0.20, 0.10, 0.25, 0.001]  # A2 B2 C2, A1 B1 C1, pass


def test_the_policy_goes_row_by_row_from_the_top_left_and_ends_with_the_pass() -> None:
    moves = human_moves(POLICY, SMALL, ["pass"])
    assert [(m.move, m.probability) for m in moves] == [
        ("B2", 0.40),
        ("C1", 0.25),
        ("A1", 0.20),
        ("B1", 0.10),
        ("A2", 0.05),
        ("pass", 0.001),
    ]


@pytest.mark.parametrize("policy", [None, "x", POLICY[:-1], [*POLICY[:-1], "x"], [*POLICY[:-1], float("nan")], {}])
def test_a_strange_policy_is_none(policy: object) -> None:
    assert human_moves(policy, SMALL, []) == ()


def test_the_journal_keeps_the_moves_and_reads_entries_without_them() -> None:
    evaluation = random_game(size=9, length=4).evaluations[2]
    human = (HumanMove("C3", 0.5), HumanMove("pass", 0.25))
    assert decode(encode(replace(evaluation, human=human))).human == human
    assert decode(encode(evaluation)).human == ()


def test_what_nobody_of_that_rank_finds_is_not_what_a_beginner_is_told_first() -> None:
    review = random_game(size=9, length=20, mistakes=[5]).review.moves[4]
    assert relevance(replace(review, best_prior=0.001, human_best=0.3), Level.KYU) == 1.0
    assert relevance(replace(review, best_prior=0.3, human_best=0.001), Level.KYU) == HIDDEN


def test_the_network_has_a_name_and_is_none_to_review_with(tmp_path) -> None:
    row = known("human")
    assert row is not None
    assert is_human(tmp_path / row.url.rsplit("/", 1)[-1])
    assert not is_human(tmp_path / "b18c384nbt.bin.gz")


def test_the_sentence_names_both_chances() -> None:
    assert same_rank(0.184, 0.012, "C3") == "同等水平的棋手约18%也会这样下，能走到C3的不到2%。"
