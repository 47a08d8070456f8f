"""布局, 中盘, 官子: read off the board, not off the move number alone.

Opening: while more than ``OPEN_SHARE`` of the board is *open*, that is farther
than two lines (a 5x5 block) from every stone. In real games on 19x19 that share
falls to 20 % at move 50 in the median, where KaTrain ends the opening. The
opening lasts at least until the stones on the board are 8 % of its points and
at most until 20 % (29 and 72 stones on 19x19), whatever the share.

Endgame: from the first position after which the mean uncertainty of ownership,
``1 - |ownership|`` over all points, stays low for ``STEADY`` positions in a
row, once the stones played are 25 % of the points; and in any case from 60 %.
Where ownership was not kept, KaTrain's 40 % of the board (move 144) decides.

A phase never comes back, and a game may end before it reaches the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from statistics import fmean
from typing import TypeAlias

from pipeline.evaluation import Evaluation
from pipeline.go.board import Board, Point
from pipeline.go.record import GameRecord
from pipeline.review.model import Phase

OPEN_DISTANCE = 2
OPEN_SHARE = 0.20
OPENING_MIN_FILL = 0.08
OPENING_MAX_FILL = 0.20
ENDGAME_MIN_FILL = 0.25
ENDGAME_MAX_FILL = 0.60
ENDGAME_FALLBACK_FILL = 0.40
SETTLED_UNCERTAINTY = 0.25
STEADY = 4

_DOUBTS = tuple(1.0 - percent / 100 for percent in range(101))


def open_share(board: Board) -> float:
    """Share of the points, 0..1, that are farther than two lines from every stone."""
    blocks = _blocks(board.width, board.height)
    covered = 0
    for point in board.stones:
        covered |= blocks[point]
    return 1.0 - covered.bit_count() / (board.width * board.height)


@lru_cache(maxsize=32)
def _blocks(width: int, height: int) -> dict[Point, int]:
    """Each point's block as a bit mask over the board."""
    return {
        Point(col, row): sum(
            1 << (r * width + c)
            for c in range(max(0, col - OPEN_DISTANCE), min(width, col + OPEN_DISTANCE + 1))
            for r in range(max(0, row - OPEN_DISTANCE), min(height, row + OPEN_DISTANCE + 1))
        )
        for col in range(width)
        for row in range(height)
    }


def uncertainty(evaluation: Evaluation) -> float | None:
    """Mean of ``1 - |ownership|`` over the points, 0..1; ``None`` without ownership."""
    if not evaluation.ownership:
        return None
    return fmean([_DOUBTS[min(100, abs(value))] for value in evaluation.ownership])


Doubt: TypeAlias = Callable[[Evaluation], float | None]


def phase_starts(
    record: GameRecord,
    evaluations: Mapping[int, Evaluation],
    *,
    middle: int | None = None,
    doubt: Doubt = uncertainty,
) -> tuple[tuple[Phase, int], ...]:
    """First move number of each phase that the game reaches, in order; empty without moves.

    ``middle`` and ``doubt`` are for a caller that remembers :func:`middle_start` of the
    record and :func:`uncertainty` of its positions.
    """
    if not record.moves:
        return ()
    middle = middle_start(record) if middle is None else middle
    endgame = max(_endgame_start(record, evaluations, doubt), middle)
    starts = [(Phase.OPENING, 1)]
    if middle <= record.total_turns:
        starts.append((Phase.MIDDLE, middle))
    if endgame <= record.total_turns:
        starts.append((Phase.ENDGAME, endgame))
    return tuple(starts)


def phase_of(move_number: int, starts: tuple[tuple[Phase, int], ...]) -> Phase:
    """The phase that a move belongs to."""
    return next((phase for phase, first in reversed(starts) if move_number >= first), Phase.OPENING)


def middle_start(record: GameRecord) -> int:
    """Move number with which the opening is over; one more than the moves of a game that stays in it."""
    area = record.width * record.height
    board = record.board_at(0)
    for number, move in enumerate(record.moves, start=1):
        board.play(move.color, move.point, allow_ko=True)
        fill = len(board.stones) / area
        if fill >= OPENING_MAX_FILL or (fill >= OPENING_MIN_FILL and open_share(board) <= OPEN_SHARE):
            return number + 1
    return record.total_turns + 1


def _endgame_start(record: GameRecord, evaluations: Mapping[int, Evaluation], doubt_of: Doubt) -> int:
    area = record.width * record.height
    setup = len(record.setup_black) + len(record.setup_white)
    fill = 0.0
    stones = setup
    calm: list[int] = []
    for number, move in enumerate(record.moves, start=1):
        fill = stones / area
        if fill >= ENDGAME_MAX_FILL:
            return number
        evaluation = evaluations.get(number - 1)
        doubt = doubt_of(evaluation) if evaluation is not None else None
        if doubt is None:
            if fill >= ENDGAME_FALLBACK_FILL and not calm:
                return number
        elif fill >= ENDGAME_MIN_FILL and doubt <= SETTLED_UNCERTAINTY:
            calm.append(number)
            if len(calm) >= STEADY:
                return calm[0]
        else:
            calm.clear()
        stones += move.point is not None
    return calm[0] if calm else record.total_turns + 1
