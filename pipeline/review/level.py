"""For whom a report is written: which mistakes are worth telling a player of this strength.

The level never changes a verdict: losses, classes, tags and statistics are the
same for everybody. It changes which mistakes become key moments:

* ``KYU`` (any kyu): from a 失误 on, as long as there are two of them. What can be
  seen on the board (captures, ataris, ladders, cuts, stones that die) counts half
  as much again; a mistake whose better move the network itself gave less than
  ``HIDDEN_PRIOR`` (with a human-style network: that it gives players of that rank less
  than this) counts half, since nobody of that strength finds it; an endgame
  mistake without dying stones counts less.
* ``DAN`` (1 to 4 dan): from a 缓手 on, every mistake by its size.
* ``STRONG`` (5 dan and more, professionals): as ``DAN``, and direction, urgent
  points and the order of the endgame count a quarter more.

Without a rank and without the user's word the player is treated as ``DAN``.
"""

from __future__ import annotations

from enum import StrEnum

from pipeline.go.ranks import read_rank
from pipeline.review.model import MoveCategory, MoveReview, Phase, Tag

STRONG_DAN = 5
HIDDEN_PRIOR = 0.03
VISIBLE, HIDDEN, SMALL_ENDGAME, STRATEGIC = 1.5, 0.5, 0.6, 1.25
ENOUGH_MISTAKES = 2

_ON_THE_BOARD = frozenset(
    tag.value
    for tag in (
        Tag.MISSED_CAPTURE,
        Tag.IGNORED_ATARI,
        Tag.SELF_ATARI,
        Tag.MISSED_LADDER,
        Tag.MISSED_CHASE,
        Tag.BROKEN_LADDER,
        Tag.LADDER_RUN,
        Tag.MISSED_CONNECTION,
        Tag.MISSED_CUT,
        Tag.MISSED_NET,
        Tag.MISSED_BREAKER,
        Tag.CAUGHT_NEXT,
        Tag.CUT_BY_REPLY,
        Tag.STONES_LOST,
        Tag.STONES_ESCAPED,
    )
)
_OF_THE_WHOLE_BOARD = frozenset(
    tag.value
    for tag in (
        Tag.URGENT_POINT,
        Tag.URGENT_AREA,
        Tag.TENUKI,
        Tag.WRONG_DIRECTION,
        Tag.TOO_SMALL,
        Tag.BAD_TRADE,
        Tag.LEFT_OPEN,
        Tag.STILL_URGENT,
        Tag.NEEDLESS_ANSWER,
        Tag.NEGLECTED,
        Tag.ENDGAME_ORDER,
        Tag.ENDGAME_SIZE,
    )
)


class Level(StrEnum):
    """级位, 业余段, 强业余."""

    KYU = "kyu"
    DAN = "dan"
    STRONG = "strong"


def level_of(rank: str) -> Level | None:
    """The level of a rank as read; ``None`` when it says nothing."""
    found = read_rank(rank)
    if found is None:
        return None
    if found.is_kyu:
        return Level.KYU
    return Level.STRONG if found.professional or found.number >= STRONG_DAN else Level.DAN


def least_category(level: Level | None, serious: int) -> MoveCategory:
    """The least class worth telling; ``serious`` is the number of mistakes from 失误 on."""
    return MoveCategory.MISTAKE if level is Level.KYU and serious >= ENOUGH_MISTAKES else MoveCategory.SLACK


def relevance(review: MoveReview, level: Level | None) -> float:
    """How much a mistake counts for a player of this level, as a factor of its size."""
    tags = set(review.tags)
    visible = bool(tags & _ON_THE_BOARD)
    if level is Level.STRONG:
        return STRATEGIC if tags & _OF_THE_WHOLE_BOARD else 1.0
    if level is not Level.KYU:
        return 1.0
    if visible:
        return VISIBLE
    if review.phase is Phase.ENDGAME:
        return SMALL_ENDGAME
    known = review.best_prior if review.human_best is None else review.human_best
    return HIDDEN if known is not None and known < HIDDEN_PRIOR else 1.0
