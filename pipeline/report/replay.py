"""A figure as a sequence of moves, for boards on a screen that step through it. Pure."""

from __future__ import annotations

import json

from pipeline.go.board import COLUMN_LETTERS, Board, Color, IllegalPlay, Point, parse_vertex
from pipeline.report.diagram import Diagram, MarkKind, Window
from pipeline.report.figures import Figure


def replay_json(figure: Figure) -> str:
    """The figure's start and its moves as JSON, ``""`` for a figure without moves.

    ``w`` and ``h`` are columns and rows; ``v`` is the part shown: left,
    bottom, right, top; ``b`` and ``a`` are Black's and White's stones at the
    start, as numbers ``row * w + column`` from the bottom left; ``t`` the
    stone with a triangle, ``k`` letters as (point, text); ``x`` and ``y`` are
    the coordinates of the part shown, from the bottom left, or empty. Each of ``m`` is one
    move: 0 for Black or 1 for White, its number, its point (-1: a pass), and
    the points that it takes.
    """
    diagram = figure.diagram
    width, height = diagram.width, diagram.height
    numbers = dict(diagram.numbers)
    stones = dict(diagram.stones)
    window = diagram.window or Window(0, 0, width - 1, height - 1)
    base = {point: color for point, color in stones.items() if point not in numbers}
    board = Board(width, height)
    board.setup(*([p for p, c in base.items() if c is color] for color in Color))
    moves = _moves(figure, board)
    if not moves:
        return ""

    def index(point: Point) -> int:
        return point.row * width + point.col

    value = {
        "w": width,
        "h": height,
        "v": [window.left, window.bottom, window.right, window.top],
        "b": sorted(index(p) for p, c in base.items() if c is Color.BLACK),
        "a": sorted(index(p) for p, c in base.items() if c is Color.WHITE),
        "t": [index(m.point) for m in diagram.marks if m.kind is MarkKind.TRIANGLE],
        "k": [[index(m.point), m.text] for m in diagram.marks if m.kind is MarkKind.LETTER],
        **_labels(diagram, window),
        "m": [
            [int(color is Color.WHITE), number, -1 if point is None else index(point), [index(p) for p in taken]]
            for color, number, point, taken in moves
        ],
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _labels(diagram: Diagram, window: Window) -> dict[str, tuple[str, ...]]:
    if not diagram.coordinates:
        return {"x": (), "y": ()}
    rows = tuple(str(row + 1) for row in range(diagram.height))
    columns, rows = diagram.labels or (tuple(COLUMN_LETTERS), rows)
    return {"x": columns[window.left : window.right + 1], "y": rows[window.bottom : window.top + 1]}


def _moves(figure: Figure, board: Board) -> list[tuple[Color, int, Point | None, tuple[Point, ...]]]:
    """The moves in order; those that a printed figure tells in a note are played like the others."""
    diagram = figure.diagram
    stones = dict(diagram.stones)
    points: dict[int, Point | None] = {number: point for point, number in diagram.numbers}
    points |= {n.number: parse_vertex(n.vertex, diagram.width, diagram.height) for n in figure.notes}
    colors = {number: stones[point] for point, number in diagram.numbers}
    color = _first_color(colors, figure.first)
    played = []
    for number in sorted(points):
        color = colors.get(number, color)
        point = points[number]
        try:
            taken = board.play(color, point, allow_ko=True)
        except IllegalPlay:
            break
        played.append((color, number, point, taken))
        color = color.opponent
    return played


def _first_color(colors: dict[int, Color], first: int) -> Color:
    """Who made the first move, where it is told in a note only: the moves alternate."""
    if not colors:
        return Color.BLACK
    known = min(colors)
    return colors[known] if (known - first) % 2 == 0 else colors[known].opponent
