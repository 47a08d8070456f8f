"""Moves worth praising, and points that both players overlooked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Color, Point, vertex_name
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.review.highlights import overlooked_points, promising_moves
from pipeline.review.judge import judge
from pipeline.review.model import MoveReview, Praise

POINTS = [Point(col, row) for row in (3, 9, 15) for col in range(1, 18, 3)]


def candidate(move: str, order: int, visits: int, score: float, prior: float) -> Candidate:
    return Candidate(move, order, visits, 0.5 + score / 40, score, 5.0, 0.5, prior, (move,))


def position(turn: int, score: float, *candidates: Candidate, visits: int = 500) -> Evaluation:
    color = Color.BLACK if turn % 2 == 0 else Color.WHITE
    rate = 0.5 + score / 40
    return Evaluation(turn, color, visits, rate, score, 5.0, rate, score, 0.1, 1.0, candidates)


def record(count: int) -> GameRecord:
    moves = tuple(Move(Color.WHITE if i % 2 else Color.BLACK, POINTS[i]) for i in range(count))
    return GameRecord(19, 19, moves, 7.5, Ruleset.CHINESE)


def find(prior: float, gap: float, *, visits: int = 500, after: float = 2.0) -> tuple[Praise, ...]:
    """The praise for a first move of this prior, this much better than the second candidate."""
    game = record(1)
    played = game.moves[0].vertex
    before = position(
        0,
        2.0,
        candidate(played, 0, visits * 3 // 5, 2.0, prior),
        candidate("Q16", 1, visits // 4, 2.0 - gap, 0.7),
        visits=visits,
    )
    return judge(game, {0: before, 1: position(1, after, visits=visits)}).praised


class TestPraise:
    def test_a_hidden_best_move(self) -> None:
        (praise,) = find(prior=0.03, gap=4.0)
        assert praise.brilliant
        assert (praise.move_number, praise.player, praise.gap) == (1, Color.BLACK, pytest.approx(4.0))

    def test_a_good_find_is_no_brilliancy(self) -> None:
        assert [praise.brilliant for praise in find(prior=0.10, gap=4.0)] == [False]
        assert [praise.brilliant for praise in find(prior=0.03, gap=2.2)] == [False]

    @pytest.mark.parametrize(
        "case",
        [
            {"prior": 0.5, "gap": 6.0},  # anyone sees it
            {"prior": 0.03, "gap": 1.0},  # others are as good
            {"prior": 0.03, "gap": 4.0, "visits": 20},  # hardly searched
            {"prior": 0.03, "gap": 4.0, "after": 0.0},  # the search after it disagrees
        ],
    )
    def test_silent_when_unsure(self, case: dict[str, float]) -> None:
        assert find(**case) == ()  # type: ignore[arg-type]

    def test_another_hidden_move_as_good_takes_nothing_from_it(self) -> None:
        game = record(1)
        played = game.moves[0].vertex
        candidates = (
            candidate(played, 0, 60, 2.0, 0.04),
            candidate("C3", 1, 40, 1.9, 0.02),
            candidate("Q16", 2, 12, -2.0, 0.5),
        )
        (praise,) = judge(game, {0: position(0, 2.0, *candidates, visits=120), 1: position(1, 2.0)}).praised
        assert praise.gap == pytest.approx(4.0)

    def test_an_easier_move_as_good_takes_all_from_it(self) -> None:
        game = record(1)
        played = game.moves[0].vertex
        candidates = (
            candidate(played, 0, 60, 2.0, 0.04),
            candidate("C3", 1, 5, 1.9, 0.2),
            candidate("Q16", 2, 12, -2.0, 0.5),
        )
        assert judge(game, {0: position(0, 2.0, *candidates, visits=120), 1: position(1, 2.0)}).praised == ()

    def test_what_may_be_a_find_is_searched_again(self) -> None:
        game = record(1)
        played = game.moves[0].vertex
        before = position(0, 2.0, candidate(played, 0, 9, 2.0, 0.04), candidate("Q16", 1, 5, -2.0, 0.5), visits=20)
        evaluations = {0: before, 1: position(1, 2.0, visits=20)}
        review = judge(game, evaluations)
        assert review.praised == ()
        assert promising_moves(review.moves, evaluations) == (1,)

    def test_three_a_player_at_most(self) -> None:
        game = record(16)
        evaluations = {
            turn: position(
                turn,
                0.0,
                candidate(game.moves[turn].vertex if turn < 16 else "A1", 0, 300, 0.0, 0.03),
                candidate("T19", 1, 100, -4.0 if turn % 2 == 0 else 4.0, 0.8),
            )
            for turn in range(17)
        }
        review = judge(game, evaluations)
        assert [p.player for p in review.praised].count(Color.BLACK) == 3
        assert [p.player for p in review.praised].count(Color.WHITE) == 3


def passed_by(best: list[str], losses: list[float]) -> tuple[GameRecord, list[MoveReview]]:
    game = record(len(best))
    evaluations = {turn: position(turn, 0.0) for turn in range(len(best) + 1)}
    moves = judge(game, evaluations).moves
    return game, [
        replace(move, best_vertex=vertex, points_lost=loss)
        for move, vertex, loss in zip(moves, best, losses, strict=True)
    ]


class TestOverlooked:
    def test_a_point_that_nobody_plays(self) -> None:
        (found,) = overlooked_points(*passed_by(["T10"] * 5, [4.0] * 5))
        assert (found.vertex, found.first, found.last, found.times) == ("T10", 1, 5, 5)
        assert found.points == pytest.approx(4.0)
        assert found.taken_by is None
        assert found.exact

    def test_until_somebody_plays_it(self) -> None:
        taken = vertex_name(POINTS[6])
        (found,) = overlooked_points(*passed_by([taken] * 5 + ["T19"] * 3, [4.0] * 5 + [0.0] * 3))
        assert found.taken_by == 7

    def test_other_business_between_does_not_end_it(self) -> None:
        best = ["T10", "T10", "A1", "A2", "T10", "T10"]
        (found,) = overlooked_points(*passed_by(best, [4.0, 4.0, 0.2, 0.2, 4.0, 4.0]))
        assert (found.first, found.last, found.times) == (1, 6, 4)

    def test_two_points_beside_each_other_are_one_place(self) -> None:
        (found,) = overlooked_points(*passed_by(["T10", "T11", "T10", "T11", "T10"], [4.0] * 5))
        assert (found.vertex, found.exact) == ("T10", False)

    @pytest.mark.parametrize(
        ("best", "losses"),
        [
            (["T10", "T10"], [4.0, 4.0]),  # a moment, not a time
            (["T10", "A1", "T10", "A1", "T10"], [4.0, 0.0, 4.0, 0.0, 4.0]),  # one player only
            (["T10"] * 5, [1.0] * 5),  # worth little
            (["T10", "A1", "K19", "B7", "S2"], [4.0] * 5),  # different points
        ],
    )
    def test_silent(self, best: list[str], losses: list[float]) -> None:
        assert overlooked_points(*passed_by(best, losses)) == ()
