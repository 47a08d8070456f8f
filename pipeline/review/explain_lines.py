"""What the best line before a move and the best answer after it show, where no sharper rule speaks.

Of 233 key moments of real games 60 had no cause. Read on the board, most of them had
one of a few: the mover followed the opponent about, gave up a local exchange that
the opponent did not have to answer, or left a point that both players were after. Each
rule says only what stands in the two searches or on the board; the first that applies
is told:

* ``CAUGHT_NEXT``, ``HIT_BY_ATARI``: the best answer gives atari to the stone that was
  played; reading proves that it is caught, or by the ownership it is not safe.
* ``CUT_BY_REPLY``: the best answer divides stones that were joined (they shared a
  liberty) into parts that are not, and by the ownership the smaller got worse and is not safe.
* ``BAD_EXCHANGE``: as in ``explain_strategy``, with the best move near by.
* ``STILL_URGENT``: after the best answer, and what is answered to it, the opponent takes the best point.
* ``SHARED_POINT``: the best answer is a point that was as good for the mover as the best.
* ``NEXT_TAKEN``: the best answer is what the mover would have played next after the best move.
* ``TENUKI``: the opponent had just played near the best move, the move played is far from both,
  and the opponent comes back to it in his best line, or the mover's share there shrank.
* ``NEEDLESS_ANSWER``: the move stands beside the opponent's last one, the best move does not,
  nor does any that is nearly as good, and after the best the opponent would not play there
  either, or plays what he plays now.
* ``ONLY_MOVE``: nearly all of the search went into the best move, and all others were worse by ``ONLY_GAP``.
* ``LOST_SENTE``: the opponent need not answer the move, but has to answer the best one. In the
  endgame this is asked before ``ENDGAME_SIZE``, of a best move that keeps the initiative.
* ``REFUTED``: as in ``explain_flow``, with the loss around the answer.
* ``NEGLECTED``: the part of the board that holds the loss holds the best move, and not the move.
* ``NEAR_MISS``: the best move is at most ``BESIDE`` lines away, and around it the mover's share shrank.
* ``UNANSWERED``: the opponent need not answer the move.

*Need not answer*: the best answer is far away, and nothing in the line after it is near
the move. Only as much of a line counts as its search bears out (:data:`TOLD`), and nothing is
said where a position had fewer than ``LEAST_VISITS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.evaluation import Candidate
from pipeline.go.board import PASS, Board, Color, Point, parse_vertex, vertex_name
from pipeline.go.tactics import after_move, captures, chains, linked, runs
from pipeline.review.explain_flow import LEAST_LOSS, SHARE, change_around
from pipeline.review.model import Fact, Tag
from pipeline.review.situation import Situation, distance
from pipeline.review.territory import STRIPS, place_of

# A variation is told as far as its first move was searched: (visits, moves).
LEAST_VISITS = 8
TOLD = ((80, 6), (20, 4), (LEAST_VISITS, 2))
BESIDE = 2
CONTACT = 1
SAFE, WORSE = 0.5, 0.3
ONE_STONE_POINTS = 3.0
MIN_CUT_STONES = 3
# As good as the best: behind by this, or by this share of what the move lost, with this share of its visits.
EQUAL_POINTS, EQUAL_SHARE, NEARLY_EQUAL_SHARE = 0.5, 0.1, 0.2
EQUAL_VISITS = 0.2
ONLY_GAP, ONLY_PRIOR, ONLY_SHARE, ONLY_VISITS = 2.0, 0.5, 0.8, 40


@dataclass(frozen=True, slots=True)
class _Lines:
    """A move with its two variations: ``best`` starts with the best move, ``reply`` with the best answer."""

    s: Situation
    best: tuple[Point | None, ...]
    reply: tuple[Point | None, ...]
    region: str
    points: float


def line_fact(situation: Situation, region: str = "", points: float = 0.0) -> Fact | None:
    """The first rule that applies; ``None`` for an unsettled verdict, and where the best move is a pass.

    Args:
        situation: a move that lost points.
        region: the part of the board that holds the loss, where that is known.
        points: what was lost there.
    """
    lines = _lines(situation, region, points)
    return None if lines is None else next((fact for rule in _RULES if (fact := rule(lines)) is not None), None)


def sente_fact(situation: Situation) -> Fact | None:
    """``LOST_SENTE`` of an endgame move, where the mover also goes on elsewhere after the answer to the best move."""
    lines = _lines(situation)
    best = situation.best
    if lines is None or best is None or len(lines.best) < 3:
        return None
    goes_on = lines.best[2]
    return _sente(lines) if goes_on is None or distance(goes_on, best) > situation.near else None


def _lines(s: Situation, region: str = "", points: float = 0.0) -> _Lines | None:
    few = min(s.before.visits, s.after.visits) < LEAST_VISITS
    if few or not s.review.settled or s.best is None or s.best == s.played:
        return None
    best = s.before.candidate(s.review.best_vertex)
    return _Lines(s, _line(best, s.board), _line(s.after.best, s.board), region, points)


def _line(candidate: Candidate | None, board: Board) -> tuple[Point | None, ...]:
    if candidate is None:
        return ()
    moves = next((moves for visits, moves in TOLD if candidate.visits >= visits), 1)
    vertices = (candidate.pv or (candidate.move,))[:moves]
    return tuple(None if v == PASS else parse_vertex(v, board.width, board.height) for v in vertices)


def _atari(x: _Lines) -> Fact | None:
    s = x.s
    if s.reply is None or s.played not in s.after_board.stones or _lost_elsewhere(x):
        return None
    if captures(s.board, s.mover, s.played):
        return None
    hit = after_move(s.after_board, s.opponent, s.reply)
    if hit is None or s.played not in hit.stones:
        return None
    chain, liberties = hit.group(s.played)
    if len(liberties) != 1 or not (len(chain) >= 2 or s.review.points_lost >= ONE_STONE_POINTS):
        return None
    reading = runs(hit, s.played)
    if reading is not None and reading.caught:
        return _about(Tag.CAUGHT_NEXT, s.reply, chain, s.mover)
    safe = s.owned(s.after, chain, s.mover)
    return _about(Tag.HIT_BY_ATARI, s.reply, chain, s.mover) if safe is not None and safe < SAFE else None


def _cut(x: _Lines) -> Fact | None:
    s = x.s
    cut = after_move(s.after_board, s.opponent, s.reply) if s.reply is not None else None
    if cut is None or _lost_elsewhere(x) or s.reply not in cut.stones or len(cut.group(s.reply)[1]) < 2:
        return None
    # Before the answer these shared a liberty: the point that it takes.
    parts = [part for part in linked(cut, s.mover) if _touches(cut, part, s.reply)]
    if len(parts) < 2 or sum(map(len, parts)) < MIN_CUT_STONES:
        return None
    least = min(map(len, parts))
    weak = [part for part in parts if len(part) == least and _got_worse(s, part)]
    return _about(Tag.CUT_BY_REPLY, s.reply, min(weak, key=min), s.mover) if weak else None


def _got_worse(s: Situation, stones: set[Point]) -> bool:
    was, now = s.owned(s.before, stones, s.mover), s.owned(s.after, stones, s.mover)
    return was is not None and now is not None and now < SAFE and was - now >= WORSE


def _touches(board: Board, part: set[Point], point: Point) -> bool:
    return any(near in part for near in board.neighbours(point))


def _exchange(x: _Lines) -> Fact | None:
    s = x.s
    if s.reply is None or x.reply[1:2] != (s.best,) or s.played in x.best[2::2]:
        return None
    # What stands nearer to the best move than to the one played is no answer to it.
    if s.best is None or distance(s.reply, s.played) > min(s.near, distance(s.reply, s.best)) or _apart(x) <= BESIDE:
        return None
    return _fact(x, Tag.BAD_EXCHANGE, s.best, near=s.reply)


def _still_urgent(x: _Lines) -> Fact | None:
    return _fact(x, Tag.STILL_URGENT, x.s.best, near=x.s.reply) if x.s.reply and x.s.best in x.reply[2::2] else None


def _shared(x: _Lines) -> Fact | None:
    s = x.s
    if s.reply is None or s.reply == s.best:
        return None
    if s.reply not in _as_good(s, EQUAL_SHARE):
        return None
    return _fact(x, Tag.SHARED_POINT, s.reply, near=s.best)


def _next_taken(x: _Lines) -> Fact | None:
    return _fact(x, Tag.NEXT_TAKEN, x.s.best, near=x.s.reply) if x.s.reply and x.s.reply in x.best[2::2] else None


def _tenuki(x: _Lines) -> Fact | None:
    s = x.s
    if s.previous is None or s.best is None or distance(s.best, s.previous) > s.near:
        return None
    if distance(s.played, s.previous) < s.far or _apart(x) < s.far:
        return None
    comes_back = any(p is not None and distance(p, s.best) <= s.near for p in x.reply[::2])
    if not comes_back and _lost_around(s, s.best) is None:
        return None
    return _fact(x, Tag.TENUKI, s.best, near=s.previous)


def _needless_answer(x: _Lines) -> Fact | None:
    s = x.s
    if s.previous is None or s.best is None or len(x.best) < 2 or x.best[1] is None:
        return None
    if distance(s.played, s.previous) > CONTACT or distance(s.best, s.previous) <= s.near:
        return None
    in_atari = any(len(liberties) == 1 and len(chain) >= 2 for chain, liberties in chains(s.board, s.mover))
    if in_atari or captures(s.board, s.mover, s.played):
        return None
    if any(distance(p, s.previous) <= s.near for p in _as_good(s, NEARLY_EQUAL_SHARE)):
        return None
    if any(_goes_on(s, own, p) for own, p in zip(x.best[::2], x.best[1::2], strict=False)):
        return None
    return _fact(x, Tag.NEEDLESS_ANSWER, s.best, near=s.previous)


def _goes_on(s: Situation, own: Point | None, answer: Point | None) -> bool:
    """Whether the opponent, in the best line, comes back to his last move unasked."""
    if s.previous is None or answer is None or answer == s.reply or distance(answer, s.previous) > s.near:
        return False
    return own is None or distance(own, s.previous) > s.near


def _only(x: _Lines) -> Fact | None:
    s = x.s
    best, *others = s.before.candidates
    if len(others) < 2 or s.before.visits < ONLY_VISITS or best.move != s.review.best_vertex:
        return None
    if best.prior < ONLY_PRIOR or best.visits < ONLY_SHARE * s.before.visits:
        return None
    gap = min((best.score_lead - other.score_lead) * s.mover.sign for other in others)
    return _fact(x, Tag.ONLY_MOVE, s.best, points=gap) if gap >= ONLY_GAP else None


def _sente(x: _Lines) -> Fact | None:
    s = x.s
    answer = x.best[1] if len(x.best) > 1 else None
    if s.best is None or answer is None or answer == s.reply or distance(answer, s.best) > s.near:
        return None
    return _fact(x, Tag.LOST_SENTE, s.best, near=answer) if _is_ignored(x) else None


def _refuted(x: _Lines) -> Fact | None:
    s = x.s
    if s.reply is None or s.reply == s.best or distance(s.reply, s.played) > s.near:
        return None
    lost = _lost_around(s, s.reply)
    return None if lost is None else _fact(x, Tag.REFUTED, s.reply, points=lost)


def _neglected(x: _Lines) -> Fact | None:
    s = x.s
    if s.best is None or not _lost_elsewhere(x) or not _lies_in(x, s.best):
        return None
    return Fact(Tag.NEGLECTED, vertex_name(s.best), owner=s.opponent, points=_told(s, x.points), region=x.region)


def _near_miss(x: _Lines) -> Fact | None:
    s = x.s
    lost = _lost_around(s, s.best) if s.best is not None and _apart(x) <= BESIDE else None
    return None if lost is None else _fact(x, Tag.NEAR_MISS, s.best, points=lost)


def _unanswered(x: _Lines) -> Fact | None:
    return _fact(x, Tag.UNANSWERED, x.s.reply) if _is_ignored(x) else None


_RULES: tuple[Callable[[_Lines], Fact | None], ...] = (
    _atari,
    _cut,
    _exchange,
    _still_urgent,
    _shared,
    _next_taken,
    _tenuki,
    _needless_answer,
    _only,
    _sente,
    _refuted,
    _neglected,
    _near_miss,
    _unanswered,
)


def _lost_elsewhere(x: _Lines) -> bool:
    """Whether the part of the board that holds the loss is known, and the move lies outside it."""
    return bool(x.region) and not _lies_in(x, x.s.played)


def _lies_in(x: _Lines, point: Point) -> bool:
    return _place(x.s, point) in STRIPS.get(x.region, (x.region,))


def _as_good(s: Situation, share: float) -> set[Point]:
    """The other candidates that are as good as the best, or nearly so."""
    best = s.before.candidate(s.review.best_vertex)
    if best is None:
        return set()
    least, most = max(LEAST_VISITS, EQUAL_VISITS * best.visits), max(EQUAL_POINTS, share * s.review.points_lost)
    found = (
        parse_vertex(c.move, s.board.width, s.board.height)
        for c in s.before.candidates
        if c is not best and c.visits >= least and (best.score_lead - c.score_lead) * s.mover.sign <= most
    )
    return {point for point in found if point is not None}


def _is_ignored(x: _Lines) -> bool:
    """Whether the opponent goes elsewhere, and the line after it does not come back to the move."""
    s = x.s
    if s.reply is None or distance(s.reply, s.played) < s.far or len(x.reply) < TOLD[-1][1]:
        return False
    return all(p is None or distance(p, s.played) > s.near for p in x.reply)


def _lost_around(s: Situation, point: Point) -> float | None:
    """What the mover lost around a point, where that is most of the loss; never more than the move lost."""
    lost = change_around(s, point)
    if lost is None or lost < max(LEAST_LOSS, SHARE * s.review.points_lost):
        return None
    return _told(s, lost)


def _told(s: Situation, points: float) -> float:
    return min(points, s.review.points_lost)


def _apart(x: _Lines) -> int:
    return distance(x.s.best, x.s.played) if x.s.best is not None else 0


def _place(s: Situation, point: Point) -> str:
    return place_of(point, s.board.width, s.board.height).name


def _fact(x: _Lines, tag: Tag, point: Point | None, *, near: Point | None = None, points: float = 0.0) -> Fact | None:
    if point is None:
        return None
    named = vertex_name(near) if near is not None else ""
    return Fact(tag, vertex_name(point), named, x.s.opponent, points=points, region=_place(x.s, point))


def _about(tag: Tag, point: Point, stones: set[Point], owner: Color) -> Fact:
    return Fact(tag, vertex_name(point), vertex_name(min(stones)), owner, len(stones))
