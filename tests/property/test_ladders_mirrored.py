"""A ladder is read the same on a mirrored board."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.go.board import Board, Color, Point
from pipeline.go.tactics import chases, runs

SIZE = 9
points = st.builds(Point, st.integers(0, SIZE - 1), st.integers(0, SIZE - 1))


def mirrored(point: Point) -> Point:
    return Point(SIZE - 1 - point.col, point.row)


def board_of(stones: dict[Point, Color]) -> Board:
    board = Board(SIZE, SIZE)
    board.setup(
        [p for p, color in stones.items() if color is Color.BLACK],
        [p for p, color in stones.items() if color is Color.WHITE],
    )
    return board


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(points, st.sampled_from(list(Color)), min_size=2, max_size=24))
def test_mirroring_changes_no_reading(stones: dict[Point, Color]) -> None:
    board = board_of(stones)
    assume(all(board.group(point)[1] for point in stones))
    twin = board_of({mirrored(point): color for point, color in stones.items()})
    for point in stones:
        for read in (chases, runs):
            one, other = read(board, point), read(twin, mirrored(point))
            if one is not None and other is not None:
                assert one.caught == other.caught
                assert not one.caught or one.plies == other.plies
