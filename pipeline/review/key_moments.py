"""Key moments: per player the mistakes that teach most, one per sequence.

1. A move qualifies when its class is at least ``KeyMomentRule.least``.
2. *Handed back*: when the next move, too, qualifies and loses at least half of
   what this one lost, the first went unpunished. Such a chain, as long as it
   goes on, is one moment: the move of greatest importance stands for it (the
   earlier one of equals), the others are listed in ``also``.
3. Importance is ``min(points, 15) + 25 * winrate lost`` (4 % weigh one point).
   Every further moment of a phase that is represented already counts 15 % less,
   so that no phase crowds out the others.
   The player's level multiplies it (:mod:`pipeline.review.level`), and so does the
   confidence in the verdict (:mod:`pipeline.review.confidence`).
4. Per player the most important are taken first, decided games last, and none
   within ``SEQUENCE_MOVES`` moves and ``NEAR`` lines of one that was taken.
5. What is taken is numbered in game order, both players together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.go.board import Color, Point
from pipeline.review.category import severity
from pipeline.review.level import Level, least_category, relevance
from pipeline.review.model import KeyMoment, MoveCategory, MoveReview, Phase

SEQUENCE_MOVES = 6
NEAR = 4
HANDED_BACK = 0.5
MAX_POINTS = 15.0
POINTS_PER_WINRATE = 25.0
SAME_PHASE = 0.85


@dataclass(frozen=True, slots=True)
class KeyMomentRule:
    """How many moments per player, and the least class that qualifies."""

    per_player: int = 5
    least: MoveCategory = MoveCategory.SLACK


@dataclass(frozen=True, slots=True)
class _Chain:
    lead: MoveReview
    members: tuple[MoveReview, ...]


def importance(review: MoveReview) -> float:
    """Weight of a mistake, in points; 0 for a move that lost nothing."""
    return min(max(0.0, review.points_lost), MAX_POINTS) + POINTS_PER_WINRATE * max(0.0, review.winrate_lost)


def unpunished(first: MoveReview, answer: MoveReview, rule: KeyMomentRule) -> bool:
    """Whether ``answer`` is the next move and hands back at least half of what ``first`` lost."""
    return (
        answer.move_number == first.move_number + 1
        and answer.player is not first.player
        and _qualifies(first, rule)
        and _qualifies(answer, rule)
        and answer.points_lost >= HANDED_BACK * first.points_lost
    )


def choose_key_moments(
    reviews: Sequence[MoveReview],
    points: Sequence[Point | None],
    rule: KeyMomentRule,
    levels: Mapping[Color, Level | None] | None = None,
) -> tuple[KeyMoment, ...]:
    """The key moments of a game.

    Args:
        reviews: reviewed moves in game order.
        points: where each move of the game was played (index = move number - 1).
        rule: how many, and from which class on.
        levels: how strong each player is; ``None`` or missing: unknown.
    """
    taken: list[_Chain] = []
    for color, told in _told(reviews, rule, levels or {}).items():
        taken += _best(told, points, rule.per_player, (levels or {}).get(color))
    taken.sort(key=lambda chain: chain.lead.move_number)
    return tuple(
        KeyMoment(
            number,
            chain.lead.move_number,
            chain.lead.player,
            importance(chain.lead),
            tuple(m.move_number for m in chain.members if m is not chain.lead),
        )
        for number, chain in enumerate(taken, start=1)
    )


def contenders(
    reviews: Sequence[MoveReview], rule: KeyMomentRule, levels: Mapping[Color, Level | None]
) -> frozenset[int]:
    """Numbers of the moves among which :func:`choose_key_moments` chooses; tags do not matter here."""
    told = _told(reviews, rule, levels)
    return frozenset(chain.lead.move_number for chains in told.values() for chain in chains)


def with_key_moments(reviews: Iterable[MoveReview], moments: Iterable[KeyMoment]) -> tuple[MoveReview, ...]:
    """The reviews with the number of their key moment filled in."""
    numbers = {moment.move_number: moment.number for moment in moments}
    return tuple(
        replace(review, key_moment=numbers[review.move_number]) if review.move_number in numbers else review
        for review in reviews
    )


def _qualifies(review: MoveReview, rule: KeyMomentRule) -> bool:
    return severity(review.category) >= max(severity(rule.least), severity(MoveCategory.SMALL_LOSS))


def _told(
    reviews: Sequence[MoveReview], rule: KeyMomentRule, levels: Mapping[Color, Level | None]
) -> dict[Color, list[_Chain]]:
    """Each player's chains that are worth telling at his level."""
    chains = _chains(reviews, rule)
    found: dict[Color, list[_Chain]] = {}
    for color in Color:
        own = [chain for chain in chains if chain.lead.player is color]
        serious = sum(severity(chain.lead.category) >= severity(MoveCategory.MISTAKE) for chain in own)
        least = severity(least_category(levels.get(color), serious))
        found[color] = [chain for chain in own if severity(chain.lead.category) >= least]
    return found


def _chains(reviews: Sequence[MoveReview], rule: KeyMomentRule) -> list[_Chain]:
    groups: list[list[MoveReview]] = []
    for review in reviews:
        if not _qualifies(review, rule):
            continue
        if groups and unpunished(groups[-1][-1], review, rule):
            groups[-1].append(review)
        else:
            groups.append([review])
    return [_Chain(min(group, key=_rank_key), tuple(group)) for group in groups]


def _rank_key(review: MoveReview) -> tuple[bool, float, int]:
    return review.decided, -importance(review), review.move_number


def _best(chains: Iterable[_Chain], points: Sequence[Point | None], count: int, level: Level | None) -> list[_Chain]:
    left = sorted(chains, key=lambda chain: _rank_key(chain.lead))
    taken: list[_Chain] = []
    shown: dict[Phase, int] = {}
    while left and len(taken) < count:
        best = min(left, key=lambda chain: _weighted_key(chain.lead, shown, level))
        taken.append(best)
        shown[best.lead.phase] = shown.get(best.lead.phase, 0) + 1
        left = [chain for chain in left if chain is not best and not _same_sequence(chain.lead, best.lead, points)]
    return taken


def _weighted_key(review: MoveReview, shown: dict[Phase, int], level: Level | None) -> tuple[bool, float, int]:
    weight = (
        importance(review) * review.confidence * relevance(review, level) * SAME_PHASE ** shown.get(review.phase, 0)
    )
    return review.decided, -weight, review.move_number


def _same_sequence(one: MoveReview, other: MoveReview, points: Sequence[Point | None]) -> bool:
    if abs(one.move_number - other.move_number) > SEQUENCE_MOVES:
        return False
    here, there = points[one.move_number - 1], points[other.move_number - 1]
    if here is None or there is None:
        return True
    return max(abs(here.col - there.col), abs(here.row - there.row)) <= NEAR
