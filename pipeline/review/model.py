"""What a review says: values that cross from judging to store and report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.go.board import Color


class MoveCategory(StrEnum):
    """Class of a move by what it costs, best first. Chinese names: ``pipeline.wording.terms``."""

    BEST = "best"  # 一选
    GOOD = "good"  # 好手
    SMALL_LOSS = "small_loss"  # 小损
    SLACK = "slack"  # 缓手
    MISTAKE = "mistake"  # 失误
    BLUNDER = "blunder"  # 恶手
    HUGE_BLUNDER = "huge_blunder"  # 大恶手


class Phase(StrEnum):
    """布局, 中盘, 官子."""

    OPENING = "opening"
    MIDDLE = "middle"
    ENDGAME = "endgame"


@dataclass(frozen=True, slots=True)
class MoveReview:
    """Verdict on one move. Losses are in the mover's view, positive = lost; signed as measured.

    ``move_number`` counts from 1. ``points_lost`` and ``winrate_lost`` (0..1)
    are the joined estimate; ``*_root`` is the difference of the root values
    before and after the move, ``*_search`` the difference to the best
    candidate inside the search before the move (``None`` when the played
    move had too few visits there). ``rank`` is the place among the
    candidates (1 = first choice, ``None`` = not searched).
    """

    move_number: int
    player: Color
    vertex: str
    points_lost: float
    winrate_lost: float
    points_lost_root: float
    points_lost_search: float | None
    winrate_lost_root: float
    winrate_lost_search: float | None
    category: MoveCategory
    rank: int | None
    phase: Phase
    forced: bool = False
    settled: bool = True
    key_moment: int | None = None  # 1-based number of the key moment in the report
    tags: tuple[str, ...] = ()
    best_vertex: str = ""
    played_prior: float = 0.0
    visits_ratio: float = 0.0  # visits(played) / max visits; 1 when first choice, 0 when not searched
    complexity: float = 0.0  # 0..1, KaTrain's measure of how much the position offered to lose
    decided: bool = False  # the game was as good as decided and the move did not change that


@dataclass(frozen=True, slots=True)
class MoveStats:
    """Statistics over a set of one player's moves.

    Rates are 0..1 or ``None`` when no move counts. ``accuracy`` is 0..100 by
    KaTrain's published formula; ``match_rate`` is LizzieYzy's 吻合度.
    ``total_loss`` and ``mean_loss`` are in points, clipped at zero per move.
    """

    moves: int
    total_loss: float
    mean_loss: float | None
    mean_winrate_loss: float | None
    match_rate: float | None
    top1_rate: float | None
    top3_rate: float | None
    accuracy: float | None
    category_counts: tuple[tuple[MoveCategory, int], ...]
    free_moves: int  # moves that were not forced
    free_top1_rate: float | None
    free_top3_rate: float | None
    free_match_rate: float | None = None
    free_mean_loss: float | None = None


@dataclass(frozen=True, slots=True)
class PlayerSummary:
    """One player's statistics: the whole game, each phase, each segment of 50 moves."""

    player: Color
    overall: MoveStats
    by_phase: tuple[tuple[Phase, MoveStats], ...]
    by_segment: tuple[tuple[int, int, MoveStats], ...]  # first move, last move, statistics


@dataclass(frozen=True, slots=True)
class KeyMoment:
    """A mistake that the report shows; ``number`` is its place in the report, in game order.

    ``also`` are the other moves of the same moment: the answer that failed to
    punish it, and so on while each move hands back what the last one lost.
    """

    number: int
    move_number: int
    player: Color
    importance: float
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GameReview:
    """All verdicts on one game.

    ``moves`` holds the moves that could be judged, in game order: a move whose
    position before or after it was not searched is missing (use
    ``move_number``, not the index).

    ``winrates`` and ``score_leads`` have one value per position (index =
    turn, Black's view), ``None`` where it was not searched. ``losing_move``
    is the 败着: the last move after which the winner never changed.
    """

    moves: tuple[MoveReview, ...]
    black: PlayerSummary
    white: PlayerSummary
    key_moments: tuple[KeyMoment, ...]
    winrates: tuple[float | None, ...]
    score_leads: tuple[float | None, ...]
    phase_starts: tuple[tuple[Phase, int], ...]  # phase -> first move number
    losing_move: int | None = None
    lead_changes: tuple[int, ...] = ()  # moves after which the other player led (winrate crossed 0.5)

    def summary(self, color: Color) -> PlayerSummary:
        """The summary of one player."""
        return self.black if color is Color.BLACK else self.white
