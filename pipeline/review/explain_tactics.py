"""Tactical reasons of a loss: captures, ataris, ladders, ko, cuts. Each is proved on the board.

A rule speaks only of what the stones show and the engine's choice confirms:

* ``MISSED_CAPTURE``: the best move takes two stones or more (one, when three
  points were lost), the move played takes nothing, and they are still there.
* ``IGNORED_ATARI``: own stones (two or more; one from three points on) stood in
  atari and still do, the best move saves them, and taking them is the best
  answer or the one played.
* ``SELF_ATARI``: the chain of the move has one liberty left, at least two
  stones, nothing was taken, and taking it is the best answer or the one played.
* ``MISSED_LADDER``, ``MISSED_CHASE``: the best move gives atari to stones with two
  liberties, reading proves that they are caught, and by the ownership they got
  away; a ladder when the reading is at least ``LADDER_PLIES`` long and the stones
  can run as in a ladder (``looks_like_ladder``).
* ``MISSED_NET``: the best move catches stones in a net: it touches no stone, stands in no eye, and reading
  proves that nothing near by lets them out; they got away by the ownership, and without it they could.
* ``MISSED_BREAKER``: own stones are lost to a ladder, reading proves that the best move, far
  from them, breaks it, and by the ownership it was still good before.
* ``BROKEN_LADDER``: the move began such a ladder, reading proves that the stones
  run out of it, and running is the best answer.
* ``LADDER_RUN``: the move pulled own stones out of atari into a ladder, reading
  proves that they are caught, and the best answer chases them.
* ``KO_STARTED``: the best answer takes a ko that was not there before the move.
* ``KO_THREAT_TOO_SMALL``: the mover may not retake a ko, plays elsewhere, and the
  best answer is to fill that ko.
* ``KO_THREAT_IGNORED``: the mover filled a ko; the best move was an answer near
  what the opponent had just played elsewhere.
* ``MISSED_CONNECTION``, ``MISSED_CUT``: the best move and the best answer are the
  same point; it touches two chains of one colour (together three stones or more)
  that have, once it is cut, no liberty in common with each other, not by way of a
  third chain either; the cutting stone is not in atari and, where a cut of one's
  own stones is spoken of, comes with a friend (a lone wedge may be caught).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.go.board import Color, Point, vertex_name
from pipeline.go.tactics import (
    after_move,
    captures,
    chains,
    chases,
    linked,
    looks_like_ladder,
    netted,
    owners_around,
    runs,
    starts_ko,
)
from pipeline.review.model import Fact, Tag
from pipeline.review.situation import Situation, distance

LADDER_PLIES = 6
ONE_STONE_POINTS = 3.0
ESCAPED = 0.5
MIN_CUT_STONES = 3
NET_DISTANCE = 2


def tactical_facts(situation: Situation) -> tuple[Fact, ...]:
    """What the board proves about a move that lost points, weightiest first."""
    rules = (
        _self_atari,
        _ignored_atari,
        _missed_capture,
        _missed_chase,
        _missed_net,
        _missed_breaker,
        _ladder,
        _ko,
        _cut,
    )
    return tuple(fact for rule in rules for fact in rule(situation))


def _weighs(situation: Situation, count: int) -> bool:
    return count >= 2 or (count == 1 and situation.review.points_lost >= ONE_STONE_POINTS)


def _self_atari(s: Situation) -> Iterator[Fact]:
    if s.played not in s.after_board.stones or captures(s.board, s.mover, s.played):
        return
    chain, liberties = s.after_board.group(s.played)
    if len(chain) >= 2 and len(liberties) == 1 and (liberties & set(s.answered_by)):
        yield _about(Tag.SELF_ATARI, next(iter(liberties)), chain, s.mover)


def _ignored_atari(s: Situation) -> Iterator[Fact]:
    if s.best is None:
        return
    rescued = after_move(s.board, s.mover, s.best)
    if rescued is None:
        return
    for chain, liberties in chains(s.board, s.mover):
        stone = min(chain)
        if len(liberties) != 1 or not _weighs(s, len(chain)) or stone not in s.after_board.stones:
            continue
        still, left = s.after_board.group(stone)
        if left != liberties or still != chain or not (left & set(s.answered_by)):
            continue
        if stone in rescued.stones and len(rescued.group(stone)[1]) >= 2:
            yield _about(Tag.IGNORED_ATARI, next(iter(liberties)), chain, s.mover)


def _missed_capture(s: Situation) -> Iterator[Fact]:
    if s.best is None or captures(s.board, s.mover, s.played):
        return
    taken = [p for p in captures(s.board, s.mover, s.best) if p in s.after_board.stones]
    if _weighs(s, len(taken)) and not starts_ko(s.board, s.mover, s.best):
        yield _about(Tag.MISSED_CAPTURE, s.best, taken, s.opponent)


def _missed_chase(s: Situation) -> Iterator[Fact]:
    if s.best is None:
        return
    tried = after_move(s.board, s.mover, s.best)
    if tried is None:
        return
    for chain, liberties in chains(s.board, s.opponent):
        stone = min(chain)
        if len(liberties) != 2 or s.best not in liberties or stone not in s.after_board.stones:
            continue
        before, after = s.owned(s.before, chain, s.mover), s.owned(s.after, chain, s.mover)
        if before is None or after is None or before - after < ESCAPED:
            continue
        reading = runs(tried, stone)
        if reading is not None and reading.caught:
            is_ladder = reading.plies >= LADDER_PLIES and looks_like_ladder(tried, stone)
            tag = Tag.MISSED_LADDER if is_ladder else Tag.MISSED_CHASE
            yield _about(tag, s.best, chain, s.opponent)


def _missed_net(s: Situation) -> Iterator[Fact]:
    tried = after_move(s.board, s.mover, s.best) if s.best is not None else None
    if tried is None or s.best is None or any(p in s.board.stones for p in s.board.neighbours(s.best)):
        return
    if s.mover not in owners_around(s.board, s.best):
        return
    for chain, liberties in chains(s.board, s.opponent):
        stone = min(chain)
        if not 2 <= len(liberties) <= 3 or stone not in s.after_board.stones or not _weighs(s, len(chain)):
            continue
        if min(distance(s.best, p) for p in chain) > NET_DISTANCE or len(tried.group(stone)[1]) < 2:
            continue
        before, after = s.owned(s.before, chain, s.mover), s.owned(s.after, chain, s.mover)
        if before is None or after is None or before - after < ESCAPED:
            continue
        if netted(tried, stone) and netted(s.after_board, stone) is False:
            yield _about(Tag.MISSED_NET, s.best, chain, s.opponent)


def _missed_breaker(s: Situation) -> Iterator[Fact]:
    tried = after_move(s.board, s.mover, s.best) if s.best is not None else None
    if tried is None or s.best is None:
        return
    for chain, _ in chains(s.after_board, s.mover):
        stone = min(chain)
        if s.board.stones.get(stone) is not s.mover or min(distance(s.best, p) for p in chain) <= s.near:
            continue
        before, after = s.owned(s.before, chain, s.mover), s.owned(s.after, chain, s.mover)
        if before is None or after is None or before - after < ESCAPED:
            continue
        caught, broken = chases(s.after_board, stone), chases(tried, stone)
        if caught is None or not caught.caught or caught.plies < LADDER_PLIES or broken is None or broken.caught:
            continue
        yield _about(Tag.MISSED_BREAKER, s.best, chain, s.mover)


def _ladder(s: Situation) -> Iterator[Fact]:
    for chain, liberties in chains(s.board, s.opponent):
        stone = min(chain)
        if len(liberties) == 2 and s.played in liberties and stone in s.after_board.stones:
            left = s.after_board.group(stone)[1]
            reading = runs(s.after_board, stone)
            escapes = reading is not None and not reading.caught and looks_like_ladder(s.after_board, stone)
            if escapes and s.reply in left:
                yield _about(Tag.BROKEN_LADDER, s.reply, chain, s.opponent)
    pulled = next((chain for chain, liberties in chains(s.board, s.mover) if liberties == {s.played}), None)
    if (
        pulled
        and looks_like_ladder(s.board, min(pulled))
        and s.played in s.after_board.stones
        and not captures(s.board, s.mover, s.played)
    ):
        joined, left = s.after_board.group(s.played)
        chased = chases(s.after_board, s.played) if len(left) == 2 else None
        if chased is not None and chased.caught and s.reply in left:
            yield _about(Tag.LADDER_RUN, s.reply, joined, s.mover)


def _ko(s: Situation) -> Iterator[Fact]:
    if (
        s.reply is not None
        and starts_ko(s.after_board, s.opponent, s.reply)
        and not starts_ko(s.board, s.opponent, s.reply)
        and s.board.ko_point is None
    ):
        yield Fact(Tag.KO_STARTED, vertex_name(s.reply), owner=s.opponent)
    if s.board.ko_point is not None:
        point, forbidden = s.board.ko_point
        if forbidden is s.mover and s.reply == point and distance(point, s.played) > s.near:
            yield Fact(Tag.KO_THREAT_TOO_SMALL, vertex_name(point), owner=s.opponent)
    if s.previous_board is not None and s.previous_board.ko_point is not None and s.previous and s.best:
        point, forbidden = s.previous_board.ko_point
        filled = forbidden is s.opponent and s.played == point
        if filled and distance(s.best, s.previous) <= s.near < distance(s.previous, point):
            yield Fact(Tag.KO_THREAT_IGNORED, vertex_name(s.best), vertex_name(s.previous), s.opponent)


def _cut(s: Situation) -> Iterator[Fact]:
    if s.best is None or s.reply != s.best:
        return
    for color, tag in ((s.mover, Tag.MISSED_CONNECTION), (s.opponent, Tag.MISSED_CUT)):
        cut = after_move(s.after_board, color.opponent, s.best)
        touching = [chain for chain, liberties in chains(s.after_board, color) if s.best in liberties]
        if len(touching) < 2 or sum(map(len, touching)) < MIN_CUT_STONES or cut is None or s.best not in cut.stones:
            continue
        cutting, free = cut.group(s.best)
        if len(free) < 2 or (color is s.mover and len(cutting) < 2):
            continue
        parts = linked(cut, color)
        homes = {next((i for i, part in enumerate(parts) if min(chain) in part), -1) for chain in touching}
        if len(homes) >= 2 and -1 not in homes:
            yield Fact(tag, vertex_name(s.best), vertex_name(min(touching[0])), color, sum(map(len, touching)))
            return


def _about(tag: Tag, point: Point | None, stones: Iterable[Point], owner: Color) -> Fact:
    group = sorted(stones)
    return Fact(tag, vertex_name(point), vertex_name(group[0]), owner, len(group))
