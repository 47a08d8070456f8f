"""Made positions: a board drawn in text, one move, and what two searches say around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Board, Color, Point, parse_vertex, vertex_name
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.review.explain import with_explanations
from pipeline.review.judge import review_move
from pipeline.review.model import Fact, Phase


def stones(drawing: str) -> tuple[list[Point], list[Point], int]:
    """Black stones (X), white stones (O) and the size of a square board, top row first."""
    rows = [line.replace(" ", "") for line in drawing.strip().splitlines()]
    size = len(rows)
    assert all(len(row) == size for row in rows), [len(row) for row in rows]
    found: dict[str, list[Point]] = {"X": [], "O": []}
    for down, row in enumerate(rows):
        for col, mark in enumerate(row):
            if mark in found:
                found[mark].append(Point(col, size - 1 - down))
    return sorted(found["X"]), sorted(found["O"]), size


def drawn(size: int, black: str = "", white: str = "") -> str:
    """A drawing of stones named by their vertices."""
    marks = {parse_vertex(v, size, size): mark for names, mark in ((black, "X"), (white, "O")) for v in names.split()}
    return "\n".join("".join(marks.get(Point(c, r), ".") for c in range(size)) for r in reversed(range(size)))


def board_of(drawing: str) -> Board:
    black, white, size = stones(drawing)
    board = Board(size, size)
    board.setup(black, white)
    return board


def ownership(size: int, *areas: tuple[Iterable[str], int], default: int = 0) -> tuple[int, ...]:
    """Percent of Black for named vertices, row by row from the top left."""
    values = {parse_vertex(v, size, size): percent for vertices, percent in areas for v in vertices}
    return tuple(values.get(Point(col, row), default) for row in reversed(range(size)) for col in range(size))


def block(first: str, last: str, size: int) -> list[str]:
    """The vertices of a rectangle."""
    a, b = parse_vertex(first, size, size), parse_vertex(last, size, size)
    assert a is not None
    assert b is not None
    return [vertex_name(Point(c, r)) for c in range(a.col, b.col + 1) for r in range(a.row, b.row + 1)]


def explained(
    drawing: str,
    played: str,
    best: str,
    reply: str = "",
    *,
    color: Color = Color.BLACK,
    earlier: Sequence[tuple[Color, str]] = (),
    loss: float = 8.0,
    before: tuple[int, ...] = (),
    after: tuple[int, ...] = (),
    phase: Phase = Phase.MIDDLE,
    variation: Sequence[str] = (),
    answer: Sequence[str] = (),
    settled: bool = True,
    visits: int = 300,
    prior: float = 0.4,
    others: Sequence[tuple[str, int, float]] = (),
) -> tuple[Fact, ...]:
    """The facts about one move of a made position.

    ``best`` and ``reply`` are the engine's choices before and after it,
    ``variation`` and ``answer`` what follows them; ``earlier`` are the moves that
    led to it, ``loss`` its cost in points. ``visits`` and ``prior`` are those of the first choice, 100 visits
    more went into the position; ``others`` are further candidates: vertex, visits, points behind the first choice.
    """
    black, white, size = stones(drawing)
    moves = [*earlier, (color, played)]
    record = GameRecord(
        size,
        size,
        tuple(Move(c, parse_vertex(v, size, size)) for c, v in moves),
        7.5,
        Ruleset.CHINESE,
        setup_black=tuple(black),
        setup_white=tuple(white),
        first_to_play=moves[0][0],
    )
    number = len(moves)
    lead = 5.0 * color.sign
    first = _evaluation(number - 1, color, lead, best, before, variation, visits, prior)
    rivals = [
        _candidate(v, order, n, lead - behind * color.sign, 0.1, (v,)) for order, (v, n, behind) in enumerate(others, 1)
    ]
    first = replace(first, candidates=(*first.candidates, *rivals))
    second = _evaluation(number, color.opponent, lead - loss * color.sign, reply, after, answer)
    review = review_move(number, record.moves[-1], first, second, phase)
    evaluations = {number - 1: first, number: second}
    (explained_review,) = with_explanations(record, evaluations, [replace(review, settled=settled)])
    return explained_review.facts


def tags(facts: Iterable[Fact]) -> set[str]:
    return {fact.stored for fact in facts}


def _evaluation(
    turn: int,
    color: Color,
    lead: float,
    best: str,
    owned: tuple[int, ...],
    variation: Sequence[str],
    visits: int = 300,
    prior: float = 0.4,
) -> Evaluation:
    winrate = _winrate(lead)
    chosen = (_candidate(best, 0, visits, lead, prior, (best, *variation)),) if best else ()
    return Evaluation(turn, color, visits + 100, winrate, lead, 5.0, winrate, lead, 0.1, 1.0, chosen, ownership=owned)


def _candidate(vertex: str, order: int, visits: int, lead: float, prior: float, line: tuple[str, ...]) -> Candidate:
    return Candidate(vertex, order, visits, _winrate(lead), lead, 5.0, _winrate(lead), prior, line)


def _winrate(lead: float) -> float:
    return 0.5 + max(-0.45, min(0.45, lead / 30))
