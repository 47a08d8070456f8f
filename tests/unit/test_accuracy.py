"""KaTrain's accuracy and LizzieYzy's match rate against values worked out by hand."""

from __future__ import annotations

import pytest

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Color
from pipeline.review.accuracy import accuracy, complexity, move_weight, visits_ratio


def candidate(move: str, order: int, visits: int, score: float, prior: float) -> Candidate:
    return Candidate(move, order, visits, 0.5, score, 10.0, 0.5, prior, (move,))


def evaluation(turn: int, to_move: Color, score: float, *candidates: Candidate, visits: int = 1000) -> Evaluation:
    return Evaluation(turn, to_move, visits, 0.5, score, 10.0, 0.5, score, 0.1, 1.0, candidates)


BEFORE = evaluation(
    0,
    Color.BLACK,
    2.0,
    candidate("D4", 0, 600, 2.2, 0.5),
    candidate("Q16", 1, 300, 1.0, 0.3),
    candidate("C3", 2, 50, -2.0, 0.2),
)


def test_complexity_is_the_mean_loss_weighted_by_prior() -> None:
    after = evaluation(1, Color.WHITE, 2.0)
    # D4 was played: its score becomes the 2.0 found after it, a loss of 0.
    # (0 * 0.5 + 1 * 0.3 + 4 * 0.2) / 1.0 = 1.1, at most 1.
    assert complexity(Color.BLACK, "D4", BEFORE, after) == 1.0
    calm = evaluation(0, Color.BLACK, 2.0, candidate("D4", 0, 600, 2.2, 0.5), candidate("Q16", 1, 300, 1.0, 0.3))
    # Q16 costs one point: 0.3 of the prior 0.8 that was searched.
    assert complexity(Color.BLACK, "D4", calm, after) == pytest.approx(0.375)


def test_complexity_takes_the_deeper_value_of_the_move_played() -> None:
    calm = evaluation(0, Color.BLACK, 2.0, candidate("D4", 0, 600, 2.2, 0.5), candidate("Q16", 1, 300, 1.0, 0.5))
    deep, shallow = evaluation(1, Color.WHITE, 1.6), evaluation(1, Color.WHITE, 1.6, visits=100)
    assert complexity(Color.BLACK, "Q16", calm, deep) == pytest.approx(0.4 * 0.5)
    assert complexity(Color.BLACK, "Q16", calm, shallow) == pytest.approx(1.0 * 0.5)


def test_complexity_for_white_mirrors_black() -> None:
    before = evaluation(0, Color.WHITE, -2.0, candidate("D4", 0, 600, -2.2, 0.5), candidate("Q16", 1, 300, -1.0, 0.3))
    assert complexity(Color.WHITE, "D4", before, evaluation(1, Color.BLACK, -2.0)) == pytest.approx(0.375)


def test_no_candidates_no_complexity() -> None:
    assert complexity(Color.BLACK, "D4", evaluation(0, Color.BLACK, 0.0), evaluation(1, Color.WHITE, 0.0)) == 0.0


@pytest.mark.parametrize(
    ("loss", "difficulty", "weight"),
    [(0.0, 0.0, 0.05), (0.0, 0.3, 0.3), (2.0, 0.3, 0.5), (8.0, 0.3, 1.0), (-3.0, 0.0, 0.05)],
)
def test_weight(loss: float, difficulty: float, weight: float) -> None:
    assert move_weight(loss, difficulty) == pytest.approx(weight)


def test_accuracy_by_hand() -> None:
    # weights 0.3, 0.5, 0.05; losses 0, 2, 0: mean 1/0.85; 100 * 0.75 ** 1.17647 = 71.29
    assert accuracy([(0.0, 0.3), (2.0, 0.1), (-1.0, 0.0)]) == pytest.approx(71.2875, abs=1e-3)


def test_accuracy_without_a_loss_is_a_hundred() -> None:
    assert accuracy([(0.0, 0.5), (-2.0, 0.5)]) == 100.0


def test_accuracy_without_moves_is_unknown() -> None:
    assert accuracy([]) is None


@pytest.mark.parametrize(("vertex", "expected"), [("D4", 1.0), ("Q16", 0.5), ("C3", 50 / 600), ("K10", 0.0)])
def test_match_of_one_move(vertex: str, expected: float) -> None:
    assert visits_ratio(vertex, BEFORE) == pytest.approx(expected)


def test_match_counts_against_the_most_visited_not_the_first() -> None:
    before = evaluation(0, Color.BLACK, 0.0, candidate("D4", 0, 300, 0.0, 0.5), candidate("Q16", 1, 400, 0.0, 0.5))
    assert visits_ratio("Q16", before) == 1.0
    assert visits_ratio("D4", before) == 1.0
