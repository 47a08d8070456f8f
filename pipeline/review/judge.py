"""The judge: record and evaluations in, all verdicts out. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Color
from pipeline.go.record import GameRecord, Move
from pipeline.review.accuracy import complexity, visits_ratio
from pipeline.review.category import categorize, decided_steps, points_category, severity
from pipeline.review.confidence import with_confidence
from pipeline.review.explain import with_explanations
from pipeline.review.highlights import overlooked_points, praised_moves
from pipeline.review.key_moments import KeyMomentRule, choose_key_moments, unpunished, with_key_moments
from pipeline.review.level import Level, level_of
from pipeline.review.loss import LossEstimate, estimate_loss, is_first_choice
from pipeline.review.model import GameReview, MoveCategory, MoveReview, Phase, Tag
from pipeline.review.phases import phase_of, phase_starts
from pipeline.review.summary import player_summary
from pipeline.review.turning import lead_changes, losing_move

FORCED_PRIOR = 0.9
MIN_FORCED_VISITS = 10
TAG_UNPUNISHED = Tag.UNPUNISHED.value
TAG_MISSED_PUNISHMENT = Tag.MISSED_PUNISHMENT.value


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """What is worth telling; it never changes what is true."""

    key_moments: KeyMomentRule = field(default_factory=KeyMomentRule)
    level: Level | None = None  # of both players; None: by each player's rank


def judge(record: GameRecord, evaluations: Mapping[int, Evaluation], options: JudgeOptions | None = None) -> GameReview:
    """Judge a game.

    Args:
        record: the game.
        evaluations: turn -> evaluation, Black's view; positions may be missing.
        options: how many key moments, and from which class on.

    A move whose position before or after it is missing is left out of
    ``GameReview.moves``, and so out of every statistic; so is a pass that nobody
    played (:func:`judged_moves`).
    """
    rule = (options or JudgeOptions()).key_moments
    starts = phase_starts(record, evaluations)
    reviews = [
        review_move(
            number, record.moves[number - 1], evaluations[number - 1], evaluations[number], phase_of(number, starts)
        )
        for number in judged_moves(record, evaluations)
    ]
    reviews = with_confidence(reviews, evaluations)
    reviews = with_explanations(record, evaluations, with_answers(reviews, rule))
    levels = levels_of(record, options)
    moments = choose_key_moments(reviews, [move.point for move in record.moves], rule, levels)
    moves = with_key_moments(reviews, moments)
    turns = range(record.total_turns + 1)
    winrates = tuple(evaluations[turn].winrate if turn in evaluations else None for turn in turns)
    return GameReview(
        moves=moves,
        black=player_summary(Color.BLACK, moves, record.total_turns),
        white=player_summary(Color.WHITE, moves, record.total_turns),
        key_moments=moments,
        winrates=winrates,
        score_leads=tuple(evaluations[turn].score_lead if turn in evaluations else None for turn in turns),
        phase_starts=starts,
        losing_move=losing_move(record, winrates, moves),
        lead_changes=lead_changes(winrates),
        praised=praised_moves(moves, evaluations),
        overlooked=overlooked_points(record, moves),
        levels=tuple((color, level.value) for color, level in levels.items() if level is not None),
    )


def judged_moves(record: GameRecord, evaluations: Mapping[int, Evaluation]) -> list[int]:
    """Numbers of the moves to be judged: those with a position before and after them.

    A pass that the reader put in is not judged: a move that the file left out is
    nobody's mistake.
    """
    return [
        number
        for number, move in enumerate(record.moves, start=1)
        if number - 1 in evaluations and number in evaluations and not move.inserted
    ]


def levels_of(record: GameRecord, options: JudgeOptions | None = None) -> dict[Color, Level | None]:
    """For which level each player's moments are chosen; ``None``: unknown."""
    told = options.level if options is not None else None
    players = {Color.BLACK: record.info.black, Color.WHITE: record.info.white}
    return {color: told or level_of(player.rank) for color, player in players.items()}


def review_move(number: int, move: Move, before: Evaluation, after: Evaluation, phase: Phase) -> MoveReview:
    """Verdict on one move, key moments aside."""
    mover, vertex = move.color, move.vertex
    loss = estimate_loss(mover, vertex, before, after)
    best, played = before.best, before.candidate(vertex)
    is_first = is_first_choice(vertex, before)
    winrate_before = before.winrate_for(mover)
    category = categorize(loss.points, loss.winrate, winrate_before, is_first=is_first)
    return MoveReview(
        move_number=number,
        player=mover,
        vertex=vertex,
        points_lost=loss.points,
        winrate_lost=loss.winrate,
        points_lost_root=loss.points_root,
        points_lost_search=loss.points_search,
        winrate_lost_root=loss.winrate_root,
        winrate_lost_search=loss.winrate_search,
        category=category,
        rank=_rank(played, is_first=is_first),
        phase=phase,
        forced=is_first and is_forced(before),
        settled=is_settled(loss, is_first=is_first),
        best_vertex=best.move if best is not None else "",
        played_prior=played.prior if played is not None else 0.0,
        visits_ratio=visits_ratio(vertex, before),
        complexity=complexity(mover, vertex, before, after),
        decided=decided_steps(loss.winrate, winrate_before) > 0,
        best_prior=best.prior if best is not None else None,
        human_played=before.human_chance(vertex),
        human_best=before.human_chance(best.move) if best is not None else None,
    )


def is_forced(before: Evaluation) -> bool:
    """Whether a position leaves no choice worth the name.

    The network gives its best move more than 90 % before any search, or a
    search of at least ten visits looked at one move only.
    """
    best = before.best
    if best is None:
        return False
    alone = len(before.candidates) == 1 and before.visits >= MIN_FORCED_VISITS
    return alone or best.prior > FORCED_PRIOR


def is_settled(loss: LossEstimate, *, is_first: bool) -> bool:
    """Whether the two estimates agree: within one class by points.

    For the first choice the root estimate must not be a ``SLACK`` or worse.
    """
    by_root = severity(points_category(loss.points_root))
    if is_first:
        return by_root < severity(MoveCategory.SLACK)
    if loss.points_search is None:
        return True
    return abs(by_root - severity(points_category(loss.points_search))) <= 1


def _rank(played: Candidate | None, *, is_first: bool) -> int | None:
    if played is None:
        return None
    return 1 if is_first else played.order + 1


def with_answers(reviews: list[MoveReview], rule: KeyMomentRule) -> list[MoveReview]:
    """The reviews with the tags of mistakes that were not punished, and of the moves that did not."""
    tags: dict[int, tuple[str, ...]] = {}
    for first, answer in pairwise(reviews):
        if unpunished(first, answer, rule):
            tags[first.move_number] = (*tags.get(first.move_number, ()), TAG_UNPUNISHED)
            tags[answer.move_number] = (TAG_MISSED_PUNISHMENT,)
    return [replace(review, tags=found) if (found := tags.get(review.move_number)) else review for review in reviews]
