"""The most important lessons of a game for each player, out of what explains his mistakes. Pure.

A lesson is a habit: the reasons that ``pipeline.review`` finds for the losses
of a player's moves are joined to a few kinds, and the kinds are ordered by the
points that they cost him together. A move counts for the first reason that it
has; moves that lost less than ``LEAST_POINTS``, and those played when the game
was decided, teach nothing. Where that makes fewer than three lessons, the phase
in which the player lost most is one more, if no other speaks of it.
"""

from __future__ import annotations

from pipeline.go.board import Color
from pipeline.review.model import GameReview, MoveReview, Phase, Tag
from pipeline.wording import lessons as words

MOST = 3
MOST_OF_EACH = 2  # when both players have theirs
LEAST_POINTS = 1.5
LEAST_OF_A_PHASE = 5.0
MOVES_NAMED = 3

_KINDS: dict[str, tuple[Tag, ...]] = {
    "captures": (
        Tag.MISSED_CAPTURE,
        Tag.IGNORED_ATARI,
        Tag.SELF_ATARI,
        Tag.MISSED_LADDER,
        Tag.MISSED_CHASE,
        Tag.BROKEN_LADDER,
        Tag.LADDER_RUN,
        Tag.MISSED_NET,
        Tag.MISSED_BREAKER,
        Tag.CAUGHT_NEXT,
        Tag.HIT_BY_ATARI,
    ),
    "connection": (Tag.MISSED_CONNECTION, Tag.MISSED_CUT, Tag.CUT_BY_REPLY),
    "urgent": (Tag.TENUKI, Tag.URGENT_POINT, Tag.STILL_URGENT),
    "direction": (Tag.TOO_SMALL, Tag.WRONG_DIRECTION, Tag.NEEDLESS_DEFENCE, Tag.NEEDLESS_ANSWER, Tag.NEGLECTED),
    "overplay": (Tag.OVERPLAY, Tag.SAVING_DEAD_STONES),
    "ko": (Tag.KO_STARTED, Tag.KO_THREAT_TOO_SMALL, Tag.KO_THREAT_IGNORED),
    "endgame": (Tag.ENDGAME_ORDER, Tag.ENDGAME_SIZE, Tag.LOST_SENTE),
}
_HABIT_OF = {tag.value: habit for habit, tags in _KINDS.items() for tag in tags}


def lessons(review: GameReview, side: Color | None) -> tuple[str, ...]:
    """A paragraph for the player named, or one for each; none for a player who has nothing to learn."""
    players = (side,) if side else tuple(Color)
    most = MOST if side else MOST_OF_EACH
    found = [(color, _of_player(review, color)[:most]) for color in players]
    if side:
        return words.numbered(found[0][1])
    return tuple(words.for_player(color, own) for color, own in found if own)


def _of_player(review: GameReview, color: Color) -> list[str]:
    kinds: dict[str, list[MoveReview]] = {}
    for move in review.moves:
        if move.player is color and move.points_lost >= LEAST_POINTS and not move.decided and (habit := _habit(move)):
            kinds.setdefault(habit, []).append(move)
    ordered = sorted(kinds.items(), key=lambda item: (-sum(m.points_lost for m in item[1]), item[0]))
    told = [
        words.lesson(habit, _named(moves), len(moves), sum(m.points_lost for m in moves)) for habit, moves in ordered
    ]
    if len(told) < MOST and (worst := _worst_phase(review, color)):
        told.append(words.phase_lesson(*worst))
    return told[:MOST]


def _habit(move: MoveReview) -> str | None:
    found = next((_HABIT_OF[tag] for tag in move.tags if tag in _HABIT_OF), None)
    if found is None and Tag.MISSED_PUNISHMENT.value in move.tags:
        return "chances"
    return found


def _named(moves: list[MoveReview]) -> list[int]:
    """The costliest, in game order."""
    return sorted(m.move_number for m in sorted(moves, key=lambda m: -m.points_lost)[:MOVES_NAMED])


def _worst_phase(review: GameReview, color: Color) -> tuple[Phase, float] | None:
    phases = [(phase, stats.total_loss) for phase, stats in review.summary(color).by_phase if stats.moves]
    if len(phases) < 2:  # the only one is always the worst
        return None
    worst = max(phases, key=lambda item: item[1])
    return worst if worst[1] >= LEAST_OF_A_PHASE else None
