"""Which stones, numbers and marks a figure shows: records, moves as played, variations.

Figures follow the custom of Go books. A figure shows the position at its
start as plain stones and its own moves with numbers. A stone taken during
the figure stays drawn, so that its number can be found; a later move on a
point that is drawn already becomes a note under the figure ("165 at 160").
No words here: the view turns notes into text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from pipeline.go.board import PASS, Board, Color, Point, parse_vertex, vertex_name
from pipeline.go.record import GameRecord
from pipeline.report.diagram import Diagram, Mark, MarkKind, Window, action_points

_PLAYED_LETTER = "A"
_JOIN_REST_UP_TO = 5  # a last figure shorter than a fifth of the others joins the one before


@dataclass(frozen=True, slots=True)
class Note:
    """A move that could not be drawn.

    ``refers_to`` is the number that its point carries in the figure, ``None``
    when the point carries a stone without number. ``vertex`` is its GTP name,
    ``"pass"`` for a pass; ``inserted``: the file lacks this pass.
    """

    number: int
    refers_to: int | None
    vertex: str
    inserted: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A diagram with the numbers of its first and last move (``last < first``: no moves) and its notes."""

    diagram: Diagram
    first: int
    last: int
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _NumberedMove:
    number: int
    color: Color
    point: Point | None
    inserted: bool = False


def record_figures(record: GameRecord, *, moves_per_figure: int = 50) -> tuple[Figure, ...]:
    """The whole game in figures of that many moves; none for a game without moves.

    A short rest (up to a fifth of a figure) is not worth a board of its own
    and joins the last figure.
    """
    if moves_per_figure < 1:
        raise ValueError(f"moves_per_figure must be positive: {moves_per_figure}")
    total = len(record.moves)
    starts = list(range(0, total, moves_per_figure))
    if len(starts) > 1 and total - starts[-1] <= moves_per_figure // _JOIN_REST_UP_TO:
        starts.pop()
    figures = []
    board = record.board_at(0)
    for start, end in pairwise([*starts, total]):
        figures.append(_figure(board, _moves(record, start, end), start + 1))
        for move in record.moves[start:end]:
            board.play(move.color, move.point, allow_ko=True)
    return tuple(figures)


def whole_record(record: GameRecord) -> Figure:
    """All moves of the game on one board."""
    return _figure(record.board_at(0), _moves(record, 0, len(record.moves)), 1)


def played_figure(record: GameRecord, move_number: int, *, follow: int = 4) -> Figure:
    """A move (counted from 1) and what followed, with their numbers in the game.

    A triangle marks the move before. ``follow`` further moves are shown as
    far as the game has them.

    Raises:
        ValueError: the game has no such move.
    """
    if not 1 <= move_number <= len(record.moves):
        raise ValueError(f"no move {move_number} in a game of {len(record.moves)}")
    start = move_number - 1
    board = _position(record, start)
    figure = _figure(board, _moves(record, start, min(start + 1 + follow, len(record.moves))), move_number)
    return _with_marks(figure, _previous_move(record, start, board))


def numbered_figure(record: GameRecord, first: int, last: int, *, first_number: int | None = None) -> Figure:
    """Moves ``first`` to ``last`` (counted from 1) on the position before them.

    They bear their numbers in the game, or count from ``first_number``.

    Raises:
        ValueError: the game has no such moves.
    """
    if not 1 <= first <= last <= len(record.moves):
        raise ValueError(f"no moves {first} to {last} in a game of {len(record.moves)}")
    shift = 0 if first_number is None else first_number - first
    moves = [replace(move, number=move.number + shift) for move in _moves(record, first - 1, last)]
    return _figure(_position(record, first - 1), moves, first + shift)


def variation_figure(
    record: GameRecord,
    turn: int,
    pv: Sequence[str],
    *,
    limit: int = 10,
    played: Point | None = None,
    first_number: int = 1,
) -> Figure:
    """A variation on the position after ``turn`` moves, numbered from ``first_number``.

    ``pv`` holds GTP vertices, the side to move first; an illegal or
    unreadable one ends the variation, and at most ``limit`` moves are shown.
    The letter A marks ``played``, the game's own move, unless the variation
    numbers that point; a triangle marks the move before.
    """
    board = _position(record, turn)
    trial = board.copy()
    color = record.to_move(turn)
    moves: list[_NumberedMove] = []
    for vertex in pv[:limit]:
        try:
            point = parse_vertex(vertex, record.width, record.height)
            trial.play(color, point)
        except ValueError:  # IllegalPlay is one too
            break
        moves.append(_NumberedMove(first_number + len(moves), color, point))
        color = color.opponent
    figure = _figure(board, moves, first_number)
    marks = _previous_move(record, turn, board)
    if played is not None and played not in board.stones and board.contains(played):
        marks += (Mark(played, MarkKind.LETTER, _PLAYED_LETTER),)
    return _with_marks(figure, marks)


def with_window(figure: Figure, window: Window | None) -> Figure:
    """The same figure showing only a part of the board."""
    return replace(figure, diagram=replace(figure.diagram, window=window))


def focus(*figures: Figure) -> tuple[Point, ...]:
    """The points that these figures are about, for one common ``local_window``."""
    return tuple(sorted({point for figure in figures for point in action_points(figure.diagram)}))


@lru_cache(maxsize=4)
def _position(record: GameRecord, turn: int) -> Board:
    """The position after ``turn`` moves, not to be changed: a report draws the same one many times over."""
    return record.board_at(turn)


def _moves(record: GameRecord, start: int, end: int) -> list[_NumberedMove]:
    return [
        _NumberedMove(number, move.color, move.point, move.inserted)
        for number, move in enumerate(record.moves[start:end], start=start + 1)
    ]


def _figure(board: Board, moves: Iterable[_NumberedMove], first: int) -> Figure:
    stones = dict(board.stones)
    numbers: dict[Point, int] = {}
    notes: list[Note] = []
    last = first - 1
    for move in moves:
        last = move.number
        if move.point is None:
            notes.append(Note(move.number, None, PASS, move.inserted))
        elif move.point in stones:
            notes.append(Note(move.number, numbers.get(move.point), vertex_name(move.point)))
        else:
            stones[move.point] = move.color
            numbers[move.point] = move.number
    diagram = Diagram(
        board.width,
        board.height,
        stones=tuple(sorted(stones.items())),
        numbers=tuple(sorted(numbers.items(), key=lambda item: item[1])),
    )
    return Figure(diagram, first, last, tuple(notes))


def _previous_move(record: GameRecord, turn: int, board: Board) -> tuple[Mark, ...]:
    if turn == 0:
        return ()
    point = record.moves[turn - 1].point
    if point is None or point not in board.stones:
        return ()
    return (Mark(point, MarkKind.TRIANGLE),)


def _with_marks(figure: Figure, marks: tuple[Mark, ...]) -> Figure:
    numbered = {point for point, _ in figure.diagram.numbers}
    kept = tuple(mark for mark in marks if mark.point not in numbered)
    return replace(figure, diagram=replace(figure.diagram, marks=kept))
