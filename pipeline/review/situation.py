"""One move with everything that its explanation looks at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.evaluation import Evaluation
from pipeline.go.board import PASS, Board, Color, Point, parse_vertex
from pipeline.go.record import GameRecord
from pipeline.go.tactics import after_move
from pipeline.review.model import MoveReview
from pipeline.review.territory import has_ownership, mean_value


@dataclass(frozen=True, slots=True)
class Situation:
    """A stone that was played, and what the two searches around it say.

    ``board`` is the position before the move, ``after_board`` the one after it.
    ``best`` is the point of the engine's first choice before the move and
    ``reply`` of its best answer after it; ``previous`` and ``answer`` are the
    moves of the game before and after. ``None`` stands for a pass or for nothing.
    """

    number: int
    mover: Color
    played: Point
    board: Board
    after_board: Board
    before: Evaluation
    after: Evaluation
    review: MoveReview
    best: Point | None
    reply: Point | None
    previous: Point | None
    answer: Point | None
    previous_board: Board | None = None

    @property
    def opponent(self) -> Color:
        """The mover's opponent."""
        return self.mover.opponent

    @property
    def size(self) -> int:
        """The longer edge of the board, in lines."""
        return max(self.board.width, self.board.height)

    @property
    def near(self) -> int:
        """Within this many lines two points belong to one fight: 4 on 19x19, 3 on smaller boards."""
        return 4 if self.size >= 17 else 3

    @property
    def far(self) -> int:
        """From this many lines on two points lie in different parts of the board: 7, 5 and 4."""
        return 7 if self.size >= 17 else 5 if self.size >= 12 else 4

    @property
    def answered_by(self) -> tuple[Point | None, Point | None]:
        """The engine's best answer and the answer of the game."""
        return self.reply, self.answer

    def owned(self, evaluation: Evaluation, points: Iterable[Point], color: Color) -> float | None:
        """Mean ownership of points in ``color``'s view, -1..1; ``None`` when it was not kept."""
        if not has_ownership(self.board, evaluation):
            return None
        return mean_value(self.board, evaluation, points, color)


def distance(one: Point, other: Point) -> int:
    """Lines between two points, the larger of across and down."""
    return max(abs(one.col - other.col), abs(one.row - other.row))


def situations(
    record: GameRecord, evaluations: Mapping[int, Evaluation], reviews: Iterable[MoveReview]
) -> Iterator[Situation]:
    """The situations of these moves in game order; passes are left out. The game is replayed once."""
    wanted = {review.move_number: review for review in reviews}
    if not wanted:
        return
    board = record.board_at(0)
    previous_board: Board | None = None
    for number, move in enumerate(record.moves[: max(wanted)], start=1):
        if number not in wanted and number + 1 not in wanted:  # nobody looks at this board, and copies are dear
            board.play(move.color, move.point, allow_ko=True)
            previous_board = None
            continue
        before = board.copy()
        board.play(move.color, move.point, allow_ko=True)
        if number in wanted and move.point is not None:
            yield Situation(
                number=number,
                mover=move.color,
                played=move.point,
                board=before,
                after_board=after_move(before, move.color, move.point) or board.copy(),
                before=evaluations[number - 1],
                after=evaluations[number],
                review=wanted[number],
                best=_point(wanted[number].best_vertex, board),
                reply=_first_choice(evaluations[number], board),
                previous=_played(record, number - 1),
                answer=_played(record, number + 1),
                previous_board=previous_board,
            )
        previous_board = before


def _played(record: GameRecord, number: int) -> Point | None:
    return record.moves[number - 1].point if 1 <= number <= record.total_turns else None


def _first_choice(evaluation: Evaluation, board: Board) -> Point | None:
    best = evaluation.best
    return _point(best.move, board) if best is not None else None


def _point(vertex: str, board: Board) -> Point | None:
    return None if vertex in ("", PASS) else parse_vertex(vertex, board.width, board.height)
