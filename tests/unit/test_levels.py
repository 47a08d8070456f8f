"""Ranks as files write them, and what a player of that strength is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.report_games import random_game

from pipeline.errors import ConfigError
from pipeline.go.board import Color, Point
from pipeline.go.ranks import Rank, read_rank
from pipeline.go.record import GameInfo, Player
from pipeline.review.judge import JudgeOptions, judge, levels_of
from pipeline.review.key_moments import KeyMomentRule, choose_key_moments
from pipeline.review.level import Level, level_of, relevance
from pipeline.review.model import MoveCategory, MoveReview, Phase, Tag
from pipeline.settings import load


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("2d", Rank(2)),
        ("3段", Rank(3)),
        ("业余5段", Rank(5)),
        ("初段", Rank(1)),
        ("15k", Rank(15, is_kyu=True)),
        ("18级?", Rank(18, is_kyu=True)),
        ("十二级", Rank(12, is_kyu=True)),
        ("二十五级", Rank(25, is_kyu=True)),
        ("9p", Rank(9, professional=True)),
        ("P9段", Rank(9, professional=True)),
        ("职业九段", Rank(9, professional=True)),
        ("２段", Rank(2)),
        ("4 dan", Rank(4)),
        ("277", None),
        ("", None),
        ("?", None),
        ("99k", None),
        ("0d", None),
    ],
)
def test_ranks_are_read(text: str, rank: Rank | None) -> None:
    assert read_rank(text) == rank


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("1k", Level.KYU),
        ("1d", Level.DAN),
        ("4段", Level.DAN),
        ("5段", Level.STRONG),
        ("3p", Level.STRONG),
        ("x", None),
    ],
)
def test_levels_of_ranks(text: str, level: Level | None) -> None:
    assert level_of(text) is level


def review(number: int, points: float, category: MoveCategory, *tags: Tag, prior: float = 0.3) -> MoveReview:
    return MoveReview(
        move_number=number,
        player=Color.BLACK,
        vertex="D4",
        points_lost=points,
        winrate_lost=0.0,
        points_lost_root=points,
        points_lost_search=None,
        winrate_lost_root=0.0,
        winrate_lost_search=None,
        category=category,
        rank=None,
        phase=Phase.MIDDLE,
        tags=tuple(tag.value for tag in tags),
        best_prior=prior,
    )


SLACK, MISTAKE = MoveCategory.SLACK, MoveCategory.MISTAKE
GAME = [
    review(1, 2.0, SLACK),
    review(21, 4.0, MISTAKE, Tag.MISSED_CAPTURE),
    review(41, 5.0, MISTAKE, prior=0.01),
    review(61, 4.5, MISTAKE, Tag.WRONG_DIRECTION),
]


def told(level: Level | None, count: int = 5, moves: list[MoveReview] = GAME) -> list[int]:
    points = [Point(3, 3)] * 80
    chosen = choose_key_moments(moves, points, KeyMomentRule(per_player=count), {Color.BLACK: level})
    return [moment.move_number for moment in chosen]


def test_small_things_are_not_told_to_beginners() -> None:
    assert told(Level.KYU) == [21, 41, 61]
    assert told(Level.DAN) == told(None) == told(Level.STRONG) == [1, 21, 41, 61]


def test_a_beginner_without_big_mistakes_is_told_the_small_ones() -> None:
    assert told(Level.KYU, moves=GAME[:1]) == [1]


def test_what_weighs_most_depends_on_the_level() -> None:
    assert told(Level.KYU, 1) == [21]
    assert told(Level.DAN, 1) == [41]
    assert told(Level.STRONG, 1) == [61]


def test_an_unknown_level_changes_nothing() -> None:
    assert [relevance(move, None) for move in GAME] == [1.0] * 4


def test_the_level_comes_from_the_ranks_unless_told() -> None:
    made = random_game(9, 20, mistakes=(4,))
    record = replace(made.record, info=GameInfo(black=Player("a", "12级"), white=Player("b", "")))
    assert levels_of(record) == {Color.BLACK: Level.KYU, Color.WHITE: None}
    told_level = JudgeOptions(level=Level.STRONG)
    assert levels_of(record, told_level) == {Color.BLACK: Level.STRONG, Color.WHITE: Level.STRONG}


def test_the_level_does_not_change_what_is_true() -> None:
    made = random_game(9, 40, mistakes=(4, 9, 20, 31))

    def truth(level: Level) -> list[object]:
        found = judge(made.record, made.evaluations, JudgeOptions(level=level))
        return [[replace(move, key_moment=None) for move in found.moves], found.black, found.white, found.losing_move]

    assert truth(Level.KYU) == truth(Level.DAN) == truth(Level.STRONG)


@pytest.mark.parametrize(("text", "value"), [("级位", "kyu"), ("业余段", "dan"), ("强业余", "strong"), ("kyu", "kyu")])
def test_levels_may_be_written_in_chinese(text: str, value: str) -> None:
    assert load({"report": {"level": text}}).report.level == value


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(ConfigError):
        load({"report": {"level": "高手"}})
