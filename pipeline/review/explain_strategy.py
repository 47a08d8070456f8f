"""Strategic reasons of a loss: tenuki, urgent points, overplays, direction, endgame.

These are judgements, so each needs a settled verdict (the two estimates of the
loss agree), and ownership where it speaks of territory. *Near* and *far* are the
distances of :class:`~pipeline.review.situation.Situation`. At most one reason is
given, the first that applies; where the loss lies around the move and not around
the best move, only ``LOCAL_RULES`` are asked. ``VITAL_POINT``, ``BAD_EXCHANGE``,
``MOVE_ORDER`` and ``URGENT_AREA`` came in for what unexplained key moments of real
games have in common: of about 210 in 35 analyses (30 to 200 visits) a third had a
cause without them, and three in five have one with them:

* ``OVERPLAY``: a stone without friends beside it, where the 5x5 block around it
  belonged to the opponent (ownership at least ``SPHERE``), that is lost after it; not
  when the opponent does not even answer it but plays the best move himself, and not
  when a whole group turned: then that was the loss (without these two, all 11 idle
  moves into the opponent's area in the made positions of life and death were called overplays).
* ``SAVING_DEAD_STONES``: the move adds to three stones or more that were lost
  before it and still are, while the best move is elsewhere.
* ``TENUKI``: the opponent had just played near the best move, the move played is
  far away from both, and the opponent's best answer is near there as well.
* ``URGENT_POINT``: the best move and the opponent's best answer are the same
  point, and the move played was elsewhere.
* ``VITAL_POINT``: the same with the move played at most ``BESIDE`` lines from it: the
  place was right, the point was not.
* ``BAD_EXCHANGE``: the opponent's best answer is near the move, and after it the
  best move is what it was before: the exchange was the loss.
* ``MOVE_ORDER``: before the endgame, near the best move; the move comes a little later in the best variation.
* ``NEEDLESS_DEFENCE``: the move lies in safe territory of one's own, after the
  opening, and the best move is elsewhere.
* ``TOO_SMALL``: before the endgame; the area around the move is settled, that
  around the best move, far away, is open, and stones are not lost by it.
* ``WRONG_DIRECTION``: in the opening; move and best move touch no stone, and lie
  far from each other in different parts of the board.
* ``URGENT_AREA``: before the endgame; the best move is far away (with an answer right
  beside it: not near), and the opponent's best answer is near it, beside it or in the
  same part of the board: both would play there.
* ``ENDGAME_ORDER``: in the endgame, the move comes later in the best variation.
* ``ENDGAME_SIZE``: in the endgame, the best move is elsewhere and no group died.
"""

from __future__ import annotations

from collections.abc import Callable

from pipeline.go.board import Board, Point, vertex_name
from pipeline.go.tactics import captures
from pipeline.review.model import Fact, Phase, Tag
from pipeline.review.situation import Situation, distance
from pipeline.review.territory import STRIPS, Turned, around, place_of

SPHERE = 0.35
LOST = 0.6
SAFE = 0.8
SETTLED = 0.8
OPEN = 0.55
MIN_DEAD_STONES = 3
BESIDE = 2
# How far along the best variation a move "comes later": twice more for the mover, or at any time.
SOON, ANY_TIME = 6, 99

Rule = Callable[[Situation, tuple[Turned, ...]], Fact | None]


def strategic_fact(situation: Situation, turned: tuple[Turned, ...], region: str = "") -> Fact | None:
    """The strategic reason of a loss, if there is one to be sure of.

    Args:
        situation: a move that lost points.
        turned: the groups that turned by it.
        region: the part of the board that holds the loss, where that is known.
    """
    s = situation
    if not s.review.settled or s.best is None:
        return None
    # A loss where the move was played, and not where the best move is: the move itself was bad,
    # so what the best move would have been elsewhere explains nothing.
    parts = STRIPS.get(region, (region,))
    spoiled = _region(s, s.played) in parts and _region(s, s.best) not in parts
    rules = LOCAL_RULES if spoiled else RULES
    return next((fact for rule in rules if (fact := rule(s, turned)) is not None), None)


def _overplay(s: Situation, turned: tuple[Turned, ...]) -> Fact | None:
    if captures(s.board, s.mover, s.played) or _touches(s.board, s.played, own=True, s=s):
        return None
    if turned or (s.reply is not None and s.reply == s.best):
        return None
    sphere = s.owned(s.before, around(s.board, s.played), s.opponent)
    fate = s.owned(s.after, [s.played], s.opponent)
    if sphere is None or fate is None or sphere < SPHERE or fate < LOST:
        return None
    return Fact(Tag.OVERPLAY, vertex_name(s.played), owner=s.opponent, region=_region(s, s.played))


def _saving_dead(s: Situation, _: tuple[Turned, ...]) -> Fact | None:
    if s.best is None or s.played not in s.after_board.stones or distance(s.best, s.played) <= s.near:
        return None
    stones = s.after_board.group(s.played)[0] - {s.played}
    if len(stones) < MIN_DEAD_STONES:
        return None
    was, now = s.owned(s.before, stones, s.opponent), s.owned(s.after, stones, s.opponent)
    if was is None or now is None or was < LOST or now < LOST:
        return None
    return Fact(Tag.SAVING_DEAD_STONES, _vertex(s), vertex_name(min(stones)), s.mover, len(stones))


def _tenuki(s: Situation, _: tuple[Turned, ...]) -> Fact | None:
    if s.previous is None or s.best is None or s.reply is None:
        return None
    left = distance(s.played, s.previous) >= s.far and distance(s.played, s.best) >= s.far
    if left and distance(s.best, s.previous) <= s.near and distance(s.reply, s.best) <= s.near:
        return Fact(Tag.TENUKI, _vertex(s), vertex_name(s.previous), s.opponent, region=_region(s, s.best))
    return None


def _urgent(s: Situation, _: tuple[Turned, ...]) -> Fact | None:
    if s.best is None or s.reply != s.best or distance(s.best, s.played) <= BESIDE:
        return None
    return Fact(Tag.URGENT_POINT, _vertex(s), owner=s.opponent, region=_region(s, s.best))


def _vital(s: Situation, _: tuple[Turned, ...]) -> Fact | None:
    if s.best is None or s.reply != s.best or distance(s.best, s.played) > BESIDE:
        return None
    return Fact(Tag.VITAL_POINT, _vertex(s), owner=s.opponent, region=_region(s, s.best))


def _exchange(s: Situation, _: tuple[Turned, ...]) -> Fact | None:
    answer = s.after.best
    if s.best is None or s.reply is None or answer is None or answer.pv[1:2] != (s.review.best_vertex,):
        return None
    if distance(s.reply, s.played) > s.near or distance(s.best, s.played) < s.far or _comes_later(s, ANY_TIME):
        return None
    return Fact(Tag.BAD_EXCHANGE, _vertex(s), vertex_name(s.reply), s.opponent, region=_region(s, s.best))


def _order(s: Situation, _: tuple[Turned, ...]) -> Fact | None:
    if s.best is None or s.review.phase is Phase.ENDGAME or distance(s.best, s.played) > s.near:
        return None
    return Fact(Tag.MOVE_ORDER, _vertex(s)) if _comes_later(s, SOON) else None


def _comes_later(s: Situation, moves: int) -> bool:
    best = s.before.candidate(s.review.best_vertex)
    return best is not None and vertex_name(s.played) in best.pv[2:moves:2]


def _needless(s: Situation, _: tuple[Turned, ...]) -> Fact | None:
    if s.best is None or s.review.phase is Phase.OPENING or distance(s.best, s.played) <= s.near:
        return None
    here = s.owned(s.before, around(s.board, s.played), s.mover)
    point = s.owned(s.before, [s.played], s.mover)
    if here is None or point is None or here < SAFE or point < SAFE or captures(s.board, s.mover, s.played):
        return None
    return Fact(Tag.NEEDLESS_DEFENCE, _vertex(s), region=_region(s, s.best))


def _too_small(s: Situation, turned: tuple[Turned, ...]) -> Fact | None:
    if s.best is None or turned or s.review.phase is Phase.ENDGAME or distance(s.best, s.played) < s.far:
        return None
    here, there = _settledness(s, s.played), _settledness(s, s.best)
    if here is None or there is None or here < SETTLED or there > OPEN:
        return None
    return Fact(Tag.TOO_SMALL, _vertex(s), region=_region(s, s.best))


def _direction(s: Situation, turned: tuple[Turned, ...]) -> Fact | None:
    if s.best is None or turned or s.review.phase is not Phase.OPENING or distance(s.best, s.played) < s.far:
        return None
    if _touches(s.board, s.played, s=s) or _touches(s.board, s.best, s=s):
        return None
    region = _region(s, s.best)
    return None if region == _region(s, s.played) else Fact(Tag.WRONG_DIRECTION, _vertex(s), region=region)


def _urgent_area(s: Situation, _: tuple[Turned, ...]) -> Fact | None:
    if s.best is None or s.reply is None or s.review.phase is Phase.ENDGAME:
        return None
    apart = s.near + 1 if distance(s.reply, s.best) <= 1 else s.far
    if distance(s.best, s.played) < apart or distance(s.reply, s.best) > s.near:
        return None
    if distance(s.reply, s.best) > BESIDE and _region(s, s.reply) != _region(s, s.best):
        return None
    return Fact(Tag.URGENT_AREA, _vertex(s), vertex_name(s.reply), s.opponent, region=_region(s, s.best))


def _endgame_order(s: Situation, _: tuple[Turned, ...]) -> Fact | None:
    if s.review.phase is not Phase.ENDGAME or not _comes_later(s, ANY_TIME):
        return None
    return Fact(Tag.ENDGAME_ORDER, _vertex(s))


def _endgame_size(s: Situation, turned: tuple[Turned, ...]) -> Fact | None:
    if s.best is None or turned or s.review.phase is not Phase.ENDGAME or distance(s.best, s.played) <= s.near:
        return None
    return Fact(Tag.ENDGAME_SIZE, _vertex(s), points=s.review.points_lost, region=_region(s, s.best))


LOCAL_RULES: tuple[Rule, ...] = (_overplay, _saving_dead, _vital, _exchange)
RULES: tuple[Rule, ...] = (
    _overplay,
    _saving_dead,
    _tenuki,
    _urgent,
    _vital,
    _exchange,
    _order,
    _needless,
    _too_small,
    _direction,
    _urgent_area,
    _endgame_order,
    _endgame_size,
)


def _vertex(s: Situation) -> str:
    return vertex_name(s.best)


def _region(s: Situation, point: Point) -> str:
    return place_of(point, s.board.width, s.board.height).name


def _settledness(s: Situation, point: Point) -> float | None:
    values = [s.owned(s.before, [p], s.mover) for p in around(s.board, point)]
    known = [abs(value) for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _touches(board: Board, point: Point, *, s: Situation, own: bool = False) -> bool:
    owners = {board.stones.get(p) for p in board.neighbours(point)} - {None}
    return s.mover in owners if own else bool(owners)
