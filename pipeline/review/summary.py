"""Statistics over reviewed moves. Losses are joined estimates, clipped at zero per move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from pipeline.go.board import Color
from pipeline.review.accuracy import accuracy
from pipeline.review.model import MoveCategory, MoveReview, MoveStats, Phase, PlayerSummary

SEGMENT = 50
TOP_RANKS = 3


def move_stats(reviews: Iterable[MoveReview]) -> MoveStats:
    """Statistics of a set of moves.

    ``match_rate``, ``top1_rate`` and ``top3_rate`` count every move, the
    ``free_*`` figures leave out forced moves. The accuracy is KaTrain's, on the
    root estimates that KaTrain would use.
    """
    moves = list(reviews)
    free = [move for move in moves if not move.forced]
    losses = [points_lost(move) for move in moves]
    return MoveStats(
        moves=len(moves),
        total_loss=sum(losses),
        mean_loss=_mean(losses),
        mean_winrate_loss=_mean([max(0.0, move.winrate_lost) for move in moves]),
        match_rate=_mean([move.visits_ratio for move in moves]),
        top1_rate=_rate(moves, 1),
        top3_rate=_rate(moves, TOP_RANKS),
        accuracy=accuracy((move.points_lost_root, move.complexity) for move in moves),
        category_counts=tuple(
            (category, sum(move.category is category for move in moves)) for category in MoveCategory
        ),
        free_moves=len(free),
        free_top1_rate=_rate(free, 1),
        free_top3_rate=_rate(free, TOP_RANKS),
        free_match_rate=_mean([move.visits_ratio for move in free]),
        free_mean_loss=_mean([points_lost(move) for move in free]),
    )


def player_summary(player: Color, reviews: Sequence[MoveReview], total_moves: int) -> PlayerSummary:
    """One player's statistics.

    Args:
        player: whose.
        reviews: reviewed moves of both players.
        total_moves: moves in the game; the segments of 50 cover all of them.
    """
    own = [review for review in reviews if review.player is player]
    segments = [(first, min(first + SEGMENT - 1, total_moves)) for first in range(1, total_moves + 1, SEGMENT)]
    return PlayerSummary(
        player=player,
        overall=move_stats(own),
        by_phase=tuple((phase, move_stats(review for review in own if review.phase is phase)) for phase in Phase),
        by_segment=tuple(
            (first, last, move_stats(review for review in own if first <= review.move_number <= last))
            for first, last in segments
        ),
    )


def points_lost(review: MoveReview) -> float:
    """Points lost for sums and display: never negative."""
    return max(0.0, review.points_lost)


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _rate(moves: Sequence[MoveReview], worst_rank: int) -> float | None:
    return _mean([float(move.rank is not None and move.rank <= worst_rank) for move in moves])
