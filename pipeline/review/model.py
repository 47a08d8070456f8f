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


class Tag(StrEnum):
    """What explains a move, each by the rule of the module that finds it.

    ``UNPUNISHED`` and ``MISSED_PUNISHMENT``: key_moments. Tactics:
    explain_tactics. ``PASSED_TOO_EARLY``, ``GAME_OVER``: explain. From
    ``STONES_WORSE`` to ``BETTER_PASS``: explain_flow. From ``CAUGHT_NEXT`` to ``UNANSWERED``:
    explain_lines. The rest: explain_strategy and territory.
    """

    UNPUNISHED = "unpunished"
    MISSED_PUNISHMENT = "missed_punishment"
    MISSED_CAPTURE = "missed_capture"
    IGNORED_ATARI = "ignored_atari"
    SELF_ATARI = "self_atari"
    MISSED_LADDER = "missed_ladder"
    MISSED_CHASE = "missed_chase"  # a catch by ataris too short to be called a ladder
    MISSED_NET = "missed_net"
    MISSED_BREAKER = "missed_breaker"
    BROKEN_LADDER = "broken_ladder"
    LADDER_RUN = "ladder_run"
    KO_STARTED = "ko_started"
    KO_THREAT_TOO_SMALL = "ko_threat_too_small"
    KO_THREAT_IGNORED = "ko_threat_ignored"
    MISSED_CONNECTION = "missed_connection"
    MISSED_CUT = "missed_cut"
    URGENT_POINT = "urgent_point"
    URGENT_AREA = "urgent_area"
    VITAL_POINT = "vital_point"
    TENUKI = "tenuki"
    OVERPLAY = "overplay"
    SAVING_DEAD_STONES = "saving_dead_stones"
    NEEDLESS_DEFENCE = "needless_defence"
    TOO_SMALL = "too_small"
    WRONG_DIRECTION = "wrong_direction"
    BAD_EXCHANGE = "bad_exchange"
    MOVE_ORDER = "move_order"
    ENDGAME_ORDER = "endgame_order"
    ENDGAME_SIZE = "endgame_size"
    PASSED_TOO_EARLY = "passed_too_early"
    GAME_OVER = "game_over"  # the game was over, and a stone was played
    STONES_LOST = "stones_lost"
    STONES_SHAKY = "stones_shaky"
    STONES_ESCAPED = "stones_escaped"  # of the opponent
    STONES_WORSE = "stones_worse"  # of the mover, not lost yet
    STONES_BETTER = "stones_better"  # of the opponent
    REFUTED = "refuted"
    BAD_TRADE = "bad_trade"
    LEFT_OPEN = "left_open"
    BETTER_MOVE = "better_move"  # no reason found: where the better move is, and what it does
    BETTER_PASS = "better_pass"
    CAUGHT_NEXT = "caught_next"
    HIT_BY_ATARI = "hit_by_atari"
    CUT_BY_REPLY = "cut_by_reply"
    STILL_URGENT = "still_urgent"
    SHARED_POINT = "shared_point"
    NEXT_TAKEN = "next_taken"
    NEEDLESS_ANSWER = "needless_answer"
    ONLY_MOVE = "only_move"
    LOST_SENTE = "lost_sente"
    NEGLECTED = "neglected"
    NEAR_MISS = "near_miss"
    UNANSWERED = "unanswered"
    LOST_IN = "lost"  # stands in the tags as lost_<region>, e.g. lost_lower_right


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that explains a move, with what its sentence needs.

    ``vertex`` is the point it is about: of a capture, an urgent point, a ko;
    ``stones`` one of the stones it is about, ``owner`` their colour and
    ``count`` their number. ``points`` is a size in points (for groups that turned:
    the mean ownership against the mover, 0..1), ``region`` a part of the board
    (``pipeline.review.territory.NAMES`` and ``STRIPS``), ``doing`` what a better move
    does (``pipeline.review.explain_flow.DOINGS``).
    """

    tag: Tag
    vertex: str = ""
    stones: str = ""
    owner: Color | None = None
    count: int = 0
    points: float = 0.0
    region: str = ""
    doing: str = ""

    @property
    def stored(self) -> str:
        """The tag as the dataset spells it."""
        return f"{self.tag}_{self.region}" if self.tag is Tag.LOST_IN else self.tag.value


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
    facts: tuple[Fact, ...] = ()  # what the tags stand for, weightiest first
    points_error: float = 0.0  # standard error of points_lost, in points (pipeline.review.confidence)
    confidence: float = 1.0  # chance that it is rightly called a loss of 1.5 points or more, or none
    best_prior: float | None = None  # network's first opinion of the best move, 0..1
    human_played: float | None = None  # chance that players of this rank play the move, 0..1
    human_best: float | None = None  # chance that they find the best move, 0..1


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
class Praise:
    """A move worth praising; ``brilliant``: a 妙手.

    ``prior`` is the network's first opinion of it, 0..1; ``gap`` what every
    other candidate would have cost, in points.
    """

    move_number: int
    player: Color
    vertex: str
    prior: float
    gap: float
    brilliant: bool = False


@dataclass(frozen=True, slots=True)
class Overlooked:
    """A 漏着: a point, or one of a few beside each other, that both players passed by.

    It was the best move of whoever moved at ``times`` of the moves ``first`` to
    ``last``, and not playing it cost ``points`` on average; ``vertex`` is the
    point that was best most often. ``taken_by`` is the move that played it in
    the end, ``None`` when nobody did.
    """

    vertex: str
    first: int
    last: int
    times: int
    points: float
    taken_by: int | None = None
    exact: bool = True  # always the same point


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
    praised: tuple[Praise, ...] = ()
    overlooked: tuple[Overlooked, ...] = ()
    levels: tuple[tuple[Color, str], ...] = ()  # for whom the moments were chosen: pipeline.review.level.Level

    def summary(self, color: Color) -> PlayerSummary:
        """The summary of one player."""
        return self.black if color is Color.BLACK else self.white
