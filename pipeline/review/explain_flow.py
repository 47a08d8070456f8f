"""Where the points went when no sharper rule speaks: give and take, groups that got worse, the better move.

All of it is read off the two searches, so it says *that*, seldom *why*:

* ``REFUTED``: the best answer is near the move, elsewhere than the best move, and around
  the move the mover's share of the board shrank: the move itself does not work.
* ``BAD_TRADE``: the best answer is away from the move; around the move the mover
  gained at least ``LEAST_GAIN`` points, around the answer he lost more than that.
* ``LEFT_OPEN``: the same without such a gain: the move did not look after what the
  answer takes.
* ``STONES_WORSE``, ``STONES_BETTER``: groups (three stones or more) whose ownership
  changed by ``SHIFT`` or more against the mover without turning: the mover's own
  that are not safe after the move, the opponent's that are.
* ``BETTER_MOVE``: only where nothing else is known: where the first choice is, and what
  it does as far as the board proves it (:data:`DOINGS`). A first choice that is a
  pass is ``BETTER_PASS``.

*Around* is the block of ``near`` lines each way. A loss there counts when it is at
least ``LEAST_LOSS`` points and ``SHARE`` of what the move lost. Blocks of the three
rules cross the borders of the nine parts of the board, so a fight between two parts
is found by them.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.go.board import Board, Color, Point, vertex_name
from pipeline.go.tactics import after_move, captures, chains
from pipeline.review.model import Fact, Tag
from pipeline.review.situation import Situation, distance
from pipeline.review.territory import around, has_ownership, joined, mean_value, place_of, value_at

LEAST_LOSS = 1.5
SHARE = 0.5
LEAST_GAIN = 1.5
SHIFT = 0.35
UNSAFE, SETTLED = 0.4, 0.5
MIN_STONES = 3
MAX_GROUPS = 1
EMPTY_CORNER = 6
OPEN_BOARD = 3
# What a first choice does: keys of the wording, most telling first.
DOINGS = ("captures", "rescues", "ataris", "connects", "cuts", "takes_corner", "big_point", "contact", "")


def change_around(s: Situation, point: Point) -> float | None:
    """Points that the mover lost (positive) or gained around a point, by the ownership before and after his move."""
    if not has_ownership(s.board, s.before, s.after):
        return None
    width, height = s.board.width, s.board.height
    was = sum(value_at(s.before, p, width, height) for p in around(s.board, point, s.near))
    now = sum(value_at(s.after, p, width, height) for p in around(s.board, point, s.near))
    return (was - now) * s.mover.sign


def give_and_take(s: Situation) -> Fact | None:
    """``REFUTED``, ``BAD_TRADE`` or ``LEFT_OPEN``."""
    if not s.review.settled or s.reply is None or s.best is None:
        return None
    here, there = change_around(s, s.played), change_around(s, s.reply)
    if here is None or there is None:
        return None
    least = max(LEAST_LOSS, SHARE * s.review.points_lost)
    points = min(there, s.review.points_lost)
    if distance(s.reply, s.played) <= s.near:
        if here < least or s.reply == s.best:
            return None
        points = min(here, s.review.points_lost)
        return Fact(Tag.REFUTED, vertex_name(s.reply), owner=s.opponent, points=points, region=_region(s, s.played))
    if there < least or place_of(s.reply, s.board.width, s.board.height) == place_of(
        s.played, s.board.width, s.board.height
    ):
        return None
    tag = Tag.BAD_TRADE if -here >= LEAST_GAIN and there > -here else Tag.LEFT_OPEN
    return Fact(tag, vertex_name(s.reply), owner=s.opponent, points=points, region=_region(s, s.reply))


def shifted_groups(s: Situation) -> tuple[Fact, ...]:
    """The groups that got worse for the mover without turning: his own first, the largest first."""
    if not has_ownership(s.board, s.before, s.after):
        return ()
    found = []
    for owner in (s.mover, s.opponent):
        shifted = []
        for chain, _ in chains(s.board, owner):
            was, now = (mean_value(s.board, e, chain, s.mover) for e in (s.before, s.after))
            bad = now < UNSAFE if owner is s.mover else now <= -SETTLED
            if was - now >= SHIFT and bad:
                shifted.append(chain)
        for group in joined(shifted):
            stones = [p for chain in group for p in chain]
            if len(stones) >= MIN_STONES:
                named = min(min(chain) for chain in group if len(chain) == max(map(len, group)))
                tag = Tag.STONES_WORSE if owner is s.mover else Tag.STONES_BETTER
                found.append(Fact(tag, "", vertex_name(named), owner, len(stones)))
    found.sort(key=lambda fact: (fact.owner is not s.mover, -fact.count, fact.stones))
    return tuple(found[:MAX_GROUPS])


def better_move(s: Situation) -> Fact | None:
    """Where the first choice is, and what it does."""
    if s.best is None:
        return Fact(Tag.BETTER_PASS, owner=s.mover) if s.review.best_vertex else None
    if s.best == s.played:
        return None
    doing, stones = next(_doings(s, s.best))
    count, stone = len(stones), vertex_name(min(stones)) if stones else ""
    owner = s.board.stones.get(min(stones)) if stones else None
    points = s.review.points_lost if s.review.settled else 0.0
    return Fact(Tag.BETTER_MOVE, vertex_name(s.best), stone, owner, count, points, _region(s, s.best), doing)


def _doings(s: Situation, point: Point) -> Iterator[tuple[str, frozenset[Point]]]:
    board, mover = s.board, s.mover
    after = after_move(board, mover, point)
    if after is not None:
        taken = captures(board, mover, point)
        if taken:
            yield "captures", frozenset(taken)
        for chain, liberties in chains(board, mover):
            if liberties == {point} and len(after.group(min(chain))[1]) >= 2:
                yield "rescues", chain
        for chain, liberties in chains(board, s.opponent):
            if point in liberties and len(liberties) == 2 and len(chain) >= 2 and len(after.group(point)[1]) >= 2:
                yield "ataris", chain
        yield from _links(board, mover, point, "connects")
        if len(after.group(point)[1]) >= 2:
            yield from _links(board, s.opponent, point, "cuts")
    if _empty_corner(board, point):
        yield "takes_corner", frozenset()
    if not any(distance(point, stone) <= OPEN_BOARD for stone in board.stones):
        yield "big_point", frozenset()
    if after is not None and _contact(board, point, s.opponent):
        yield "contact", frozenset()
    yield "", frozenset()


def _links(board: Board, owner: Color, point: Point, doing: str) -> Iterator[tuple[str, frozenset[Point]]]:
    """Chains of one colour, three stones or more together, that touch the point and share no other liberty."""
    touching = [(chain, liberties) for chain, liberties in chains(board, owner) if point in liberties]
    if len(touching) < 2 or sum(len(chain) for chain, _ in touching) < MIN_STONES:
        return
    (one, free), (other, also) = sorted(touching, key=lambda item: (-len(item[0]), min(item[0])))[:2]
    if not (free & also) - {point}:
        yield doing, one | other


def _contact(board: Board, point: Point, opponent: Color) -> bool:
    owners = {board.stones.get(p) for p in board.neighbours(point)}
    return opponent in owners and opponent.opponent not in owners


def _empty_corner(board: Board, point: Point) -> bool:
    if min(board.width, board.height) < 2 * EMPTY_CORNER:
        return False
    col, row = min(point.col, board.width - 1 - point.col), min(point.row, board.height - 1 - point.row)
    if not (2 <= col <= 4 and 2 <= row <= 4):
        return False
    left, low = point.col < EMPTY_CORNER, point.row < EMPTY_CORNER
    return not any(
        (p.col if left else board.width - 1 - p.col) < EMPTY_CORNER
        and (p.row if low else board.height - 1 - p.row) < EMPTY_CORNER
        for p in board.stones
    )


def _region(s: Situation, point: Point) -> str:
    return place_of(point, s.board.width, s.board.height).name
