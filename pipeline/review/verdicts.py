"""The verdicts on a game while it is being searched: those of the judge, remembered from round to round.

Between two rounds only some positions change, and the planner wants losses and
key moments only: no statistics, no praise, and explanations only where the
choice of moments asks for them (:func:`pipeline.review.level.relevance` of players whose
level changes what counts). Judging everything anew was more than half of what an answer of the engine
cost our own process (``benchmarks/own_cpu.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.evaluation import Evaluation
from pipeline.go.board import Color
from pipeline.go.record import GameRecord
from pipeline.review.confidence import with_confidence
from pipeline.review.explain import with_explanations
from pipeline.review.judge import JudgeOptions, judged_moves, levels_of, review_move, with_answers
from pipeline.review.key_moments import choose_key_moments, contenders, with_key_moments
from pipeline.review.level import Level
from pipeline.review.model import Fact, GameReview, MoveReview, Phase
from pipeline.review.phases import middle_start, phase_of, phase_starts, uncertainty
from pipeline.review.summary import player_summary

_NOTHING = {color: player_summary(color, (), 0) for color in Color}
_NOT_WEIGHED = (None, Level.DAN)  # for these players every mistake counts as what it lost

_Around = tuple[Evaluation, Evaluation]


class Verdicts:
    """Verdicts on one game, asked again and again as its positions are searched deeper.

    Args:
        record: the game.
        options: as for :func:`pipeline.review.judge.judge`.
    """

    def __init__(self, record: GameRecord, options: JudgeOptions | None = None) -> None:
        self.options = options or JudgeOptions()
        self._record = record
        self._levels = levels_of(record, options)
        self._points = [move.point for move in record.moves]
        self._middle = middle_start(record)
        self._doubts: dict[int, tuple[Evaluation, float | None]] = {}
        self._moves: dict[int, tuple[_Around, Phase, MoveReview]] = {}
        self._explained: dict[int, tuple[_Around, MoveReview, tuple[Fact, ...], tuple[str, ...]]] = {}

    def of(self, evaluations: Mapping[int, Evaluation]) -> GameReview:
        """Moves and key moments as :func:`pipeline.review.judge.judge` finds them; the rest of the review is empty.

        Only moves that compete for a key moment by what explains them have facts. An
        evaluation that is the very object of the last call counts as unchanged.

        Args:
            evaluations: turn -> evaluation, Black's view; positions may be missing.
        """
        starts = phase_starts(self._record, evaluations, middle=self._middle, doubt=self._doubt)
        reviews = [
            self._reviewed(number, (evaluations[number - 1], evaluations[number]), phase_of(number, starts))
            for number in judged_moves(self._record, evaluations)
        ]
        rule = self.options.key_moments
        reviews = self._with_explanations(with_answers(with_confidence(reviews, evaluations), rule), evaluations)
        moments = choose_key_moments(reviews, self._points, rule, self._levels)
        return GameReview(
            moves=with_key_moments(reviews, moments),
            black=_NOTHING[Color.BLACK],
            white=_NOTHING[Color.WHITE],
            key_moments=moments,
            winrates=(),
            score_leads=(),
            phase_starts=starts,
        )

    def _doubt(self, evaluation: Evaluation) -> float | None:
        known = self._doubts.get(evaluation.turn)
        if known is None or known[0] is not evaluation:
            known = self._doubts[evaluation.turn] = evaluation, uncertainty(evaluation)
        return known[1]

    def _reviewed(self, number: int, around: _Around, phase: Phase) -> MoveReview:
        known = self._moves.get(number)
        if known is None or not _same(known[0], around) or known[1] is not phase:
            review = review_move(number, self._record.moves[number - 1], *around, phase)
            known = self._moves[number] = around, phase, review
        return known[2]

    def _with_explanations(self, reviews: list[MoveReview], evaluations: Mapping[int, Evaluation]) -> list[MoveReview]:
        """The reviews, with facts and tags where these may weigh in the choice of key moments."""
        told = contenders(reviews, self.options.key_moments, self._levels)
        asked = [
            review
            for review in reviews
            if review.move_number in told and self._levels.get(review.player) not in _NOT_WEIGHED
        ]
        fresh = []
        for review in asked:
            known = self._explained.get(review.move_number)
            around = evaluations[review.move_number - 1], evaluations[review.move_number]
            if known is None or not _same(known[0], around) or known[1] != _plain(review):
                fresh.append(review)
        plain = [_plain(review) for review in fresh]
        for before, after in zip(plain, with_explanations(self._record, evaluations, plain), strict=True):
            number = before.move_number
            around = evaluations[number - 1], evaluations[number]
            self._explained[number] = around, before, after.facts, after.tags
        wanted = {review.move_number for review in asked}
        return [self._told(review) if review.move_number in wanted else review for review in reviews]

    def _told(self, review: MoveReview) -> MoveReview:
        _, _, facts, tags = self._explained[review.move_number]
        return replace(review, facts=facts, tags=(*review.tags, *tags)) if facts else review


def _same(one: _Around, other: _Around) -> bool:
    return one[0] is other[0] and one[1] is other[1]


def _plain(review: MoveReview) -> MoveReview:
    """What an explanation may depend on: how sure the verdict is changes with every search of the game."""
    return replace(review, tags=(), points_error=0.0, confidence=1.0)
