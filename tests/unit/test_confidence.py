"""How sure a verdict is, with values worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Color, Point
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.review.confidence import LEAST_NOISE, confidence, measured_noise, points_error
from pipeline.review.judge import judge
from pipeline.review.model import MoveReview
from pipeline.review.uncertainty import uncertainty

POINTS = [Point(col, row) for row in range(0, 19, 2) for col in range(0, 19, 2)]


def played_by_the_engine(swing: float, moves: int = 12, visits: int = 16) -> tuple[GameRecord, dict[int, Evaluation]]:
    """A game of first choices whose values jump by ``swing`` points from move to move."""
    record = GameRecord(19, 19, tuple(Move(list(Color)[i % 2], POINTS[i]) for i in range(moves)), 7.5, Ruleset.CHINESE)
    evaluations = {}
    for turn in range(moves + 1):
        lead = swing if turn % 2 else 0.0
        vertex = record.moves[turn].vertex if turn < moves else "A1"
        best = Candidate(vertex, 0, visits, 0.5, lead, 5.0, 0.5, 0.5, (vertex,))
        evaluations[turn] = Evaluation(turn, record.to_move(turn), visits, 0.5, lead, 5.0, 0.5, lead, 0.1, 1.0, (best,))
    return record, evaluations


def noise(swing: float, moves: int = 12) -> float:
    record, evaluations = played_by_the_engine(swing, moves)
    return measured_noise(judge(record, evaluations).moves, evaluations)


class TestNoise:
    def test_what_first_choices_seem_to_lose_is_noise(self) -> None:
        record, evaluations = played_by_the_engine(4.0)
        expected = math.hypot(uncertainty(evaluations[0]), uncertainty(evaluations[1]))
        assert noise(4.0) == pytest.approx(1.4826 * 4.0 / expected)
        assert record.total_turns == 12

    def test_calm_games_and_few_first_choices(self) -> None:
        assert noise(0.1) == LEAST_NOISE
        assert noise(4.0, moves=9) == LEAST_NOISE


def move(**values: object) -> MoveReview:
    record, evaluations = played_by_the_engine(0.0)
    return replace(judge(record, evaluations).moves[0], **values)  # type: ignore[arg-type]


def searched(visits: int, *candidates: Candidate) -> Evaluation:
    return Evaluation(0, Color.BLACK, visits, 0.5, 0.0, 5.0, 0.5, 0.0, 0.1, 1.0, candidates)


class TestError:
    def test_of_two_searches(self) -> None:
        review = move(vertex="T19", rank=None, points_lost_search=None)
        before, after = searched(16), searched(256)
        expected = 2.0 * math.hypot(uncertainty(before), uncertainty(after))
        assert points_error(review, before, after, 2.0) == pytest.approx(expected)

    def test_a_move_that_was_searched_itself(self) -> None:
        played = Candidate("T19", 1, 81, 0.5, 0.0, 5.0, 0.5, 0.1)
        review = move(vertex="T19", rank=2, points_lost=2.0, points_lost_search=3.0)
        before, after = searched(1296, played), searched(162)
        # weights 81 / (81 + 81) and the rest; (1296 / 81) ** 1/4 = 2; half of the disagreement of 1 point
        two, inside = 2.0 * math.hypot(uncertainty(before), uncertainty(after)), 2.0 * uncertainty(before) * 2
        assert points_error(review, before, after, 2.0) == pytest.approx(math.hypot(two / 2, inside / 2, 0.5))

    def test_more_visits_less_error(self) -> None:
        review = move(vertex="T19", rank=None, points_lost_search=None)
        errors = [points_error(review, searched(n), searched(n), 2.0) for n in (10, 100, 1000, 10_000)]
        assert errors == sorted(errors, reverse=True)
        assert errors[0] > 5 * errors[-1]


class TestConfidence:
    @pytest.mark.parametrize(
        ("lost", "error", "chance"),
        [(1.5, 1.0, 0.5), (2.5, 1.0, 0.8413), (0.5, 1.0, 0.8413), (3.5, 1.0, 0.9772), (3.5, 2.0, 0.8413)],
    )
    def test_by_hand(self, lost: float, error: float, chance: float) -> None:
        assert confidence(lost, error) == pytest.approx(chance, abs=1e-4)

    def test_every_move_of_a_game_has_one(self) -> None:
        record, evaluations = played_by_the_engine(3.0)
        for review in judge(record, evaluations).moves:
            assert review.points_error > 0
            assert 0.5 <= review.confidence <= 1
