"""Problems out of a player's own mistakes: which positions, with which choices, how hard. Pure.

1. A mistake makes a problem when it is a 失误 or worse, or a key moment; when the game was not decided; when the
   two estimates of its loss agree, or it is a 恶手 or worse; and when the better move is on the board.
2. The answer is the engine's first choice. What costs less than ``EQUAL_POINTS`` more counts as right, too.
3. Choices are the answer, the game's move, and candidates that lose at least ``WRONG_POINTS`` by a search that
   looked at them; two wrong ones lie at least ``APART`` lines from each other, so that each is an idea of its own.
4. Stars: one when the network gives the answer at least ``OBVIOUS`` before any search, three below ``HIDDEN``;
   a mistake of ``GROSS_POINTS`` or more takes one off.
5. Of mistakes with the same answer, and of those of one player within ``SEQUENCE_MOVES`` moves and ``NEAR`` lines,
   only the costliest makes a problem: the rest would be the same problem again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import PASS, Color, parse_vertex
from pipeline.go.record import GameRecord
from pipeline.review.category import severity
from pipeline.review.model import GameReview, MoveCategory, MoveReview

EQUAL_POINTS = 0.7
WRONG_POINTS = 2.0
MIN_LOSS_POINTS = 2.0
MIN_VISITS = 5
MIN_SHARE = 0.01  # of the answer's visits
APART = 2
MAX_CHOICES = 3
OBVIOUS, HIDDEN = 0.35, 0.08
GROSS_POINTS = 10.0
SEQUENCE_MOVES = 8
NEAR = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """A move to choose from; ``loss`` in points to the answer (0 for the answer)."""

    vertex: str
    loss: float


@dataclass(frozen=True, slots=True)
class Problem:
    """A position of a game with the move to find.

    ``turn`` moves were played before it. ``choices`` stand from left to right
    on the board; empty when there are no two that differ. ``line`` is the
    answer's variation and ``refutation`` what follows the game's own move.
    ``also`` are other right moves. ``weight`` orders problems: points lost.
    """

    problem_id: str
    position: str
    turn: int
    color: Color
    answer: str
    line: tuple[str, ...]
    played: str
    refutation: tuple[str, ...]
    choices: tuple[Choice, ...]
    also: tuple[str, ...]
    stars: int
    points_lost: float
    winrate_before: float
    winrate_after: float
    weight: float


def problems_of(
    record: GameRecord, evaluations: Mapping[int, Evaluation], review: GameReview, side: Color | None = None
) -> tuple[Problem, ...]:
    """The problems of one game in game order, of one player or of both."""
    found = []
    for verdict in review.moves:
        if side in (None, verdict.player) and _teaches(verdict):
            before, after = evaluations.get(verdict.move_number - 1), evaluations.get(verdict.move_number)
            if before is not None and after is not None and before.best is not None:
                found.append(_problem(record, before, after, before.best, verdict))
    return _different(record, [problem for problem in found if problem is not None])


def _different(record: GameRecord, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    kept: list[Problem] = []
    for problem in sorted(problems, key=lambda p: (-p.weight, p.turn)):
        if not any(_alike(record, problem, other) for other in kept):
            kept.append(problem)
    return tuple(sorted(kept, key=lambda p: p.turn))


def _alike(record: GameRecord, one: Problem, other: Problem) -> bool:
    if one.color is not other.color:
        return False
    close = abs(one.turn - other.turn) <= SEQUENCE_MOVES and _distance(record, one.answer, other.answer) <= NEAR
    return one.answer == other.answer or close


def _teaches(verdict: MoveReview) -> bool:
    grave = severity(verdict.category) >= severity(MoveCategory.BLUNDER)
    worth = verdict.key_moment is not None or severity(verdict.category) >= severity(MoveCategory.MISTAKE)
    return worth and verdict.points_lost >= MIN_LOSS_POINTS and not verdict.decided and (verdict.settled or grave)


def _problem(
    record: GameRecord, before: Evaluation, after: Evaluation, best: Candidate, verdict: MoveReview
) -> Problem | None:
    color, turn = verdict.player, verdict.move_number - 1
    if PASS in (best.move, verdict.vertex) or best.move == verdict.vertex:
        return None
    top = best.for_(color).score_lead
    losses = {c.move: top - c.for_(color).score_lead for c in before.candidates if _searched(c, best)}
    losses |= {best.move: 0.0, verdict.vertex: verdict.points_lost}
    also = tuple(m for m, loss in losses.items() if m not in (best.move, verdict.vertex) and loss < EQUAL_POINTS)
    reply = after.best
    return Problem(
        problem_id=f"{record.game_id}-{verdict.move_number}",
        position=_position_id(record, turn, color),
        turn=turn,
        color=color,
        answer=best.move,
        line=best.pv or (best.move,),
        played=verdict.vertex,
        refutation=(verdict.vertex, *(reply.pv or (reply.move,))) if reply is not None else (verdict.vertex,),
        choices=_choices(record, losses, best.move, verdict.vertex),
        also=tuple(move for move in also if move != PASS),
        stars=_stars(best.prior, verdict.points_lost),
        points_lost=verdict.points_lost,
        winrate_before=before.winrate_for(color),
        winrate_after=after.winrate_for(color),
        weight=verdict.points_lost,
    )


def _searched(candidate: Candidate, best: Candidate) -> bool:
    return candidate.visits >= max(MIN_VISITS, MIN_SHARE * best.visits)


def _choices(record: GameRecord, losses: Mapping[str, float], answer: str, played: str) -> tuple[Choice, ...]:
    taken = [answer, played]
    # The least bad of the wrong moves tempts most.
    for move in sorted(losses, key=lambda m: (losses[m], m)):
        if len(taken) == MAX_CHOICES:
            break
        wrong = move not in taken and move != PASS and losses[move] >= WRONG_POINTS
        if wrong and all(_distance(record, move, other) >= APART for other in taken):
            taken.append(move)
    return tuple(Choice(move, losses[move]) for move in sorted(taken, key=lambda m: _from_left(record, m)))


def _distance(record: GameRecord, one: str, other: str) -> int:
    here, there = (parse_vertex(v, record.width, record.height) for v in (one, other))
    if here is None or there is None:
        return APART
    return max(abs(here.col - there.col), abs(here.row - there.row))


def _from_left(record: GameRecord, vertex: str) -> tuple[int, int]:
    point = parse_vertex(vertex, record.width, record.height)
    return (point.col, -point.row) if point is not None else (record.width, 0)


def _stars(prior: float, loss: float) -> int:
    stars = 1 if prior >= OBVIOUS else 2 if prior >= HIDDEN else 3
    return max(1, stars - (loss >= GROSS_POINTS))


def _position_id(record: GameRecord, turn: int, color: Color) -> str:
    """The same for the same stones with the same player to move, in whatever game."""
    board = record.board_at(turn)
    stones = " ".join(f"{c}{p.col},{p.row}" for p, c in sorted(board.stones.items()))
    text = f"{record.width}x{record.height} {color} {stones}"
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
