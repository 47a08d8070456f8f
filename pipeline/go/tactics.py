"""What can be proved on a board alone: what a move captures, and whether a ladder or a net works.

Nothing here asks an engine. A reading that meets a ko, or grows too long, says
``None``: unsure.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.go.board import Board, Color, IllegalPlay, Point

MAX_PLIES = 120
MAX_NODES = 600
# A net holds against every move within this many lines; what is caught in it is caught within so many plies,
# which stay among those points.
NET_REACH = 4
NET_PLIES = 8


@dataclass(frozen=True, slots=True)
class Ladder:
    """Outcome of a ladder: whether the chain is caught, and the plies of the line when both sides do their best."""

    caught: bool
    plies: int


class _Unsure(Exception):
    """A ko in this line; another one may settle the matter."""


class _TooLong(Exception):
    """More than the limits allow."""


def after_move(board: Board, color: Color, point: Point | None) -> Board | None:
    """A copy of the board after the move; ``None`` when it is illegal. Simple ko is ignored."""
    twin = board.copy()
    try:
        twin.play(color, point, allow_ko=True)
    except IllegalPlay:
        return None
    return twin


def captures(board: Board, color: Color, point: Point) -> tuple[Point, ...]:
    """The opponent's stones that a move takes off the board; empty when it is illegal or takes none."""
    twin = board.copy()
    try:
        taken = twin.play(color, point, allow_ko=True)
    except IllegalPlay:
        return ()
    return tuple(p for p in taken if board.stones.get(p) is color.opponent)


def starts_ko(board: Board, color: Color, point: Point) -> bool:
    """Whether the move takes a ko, so that the opponent may not retake at once."""
    after = after_move(board, color, point)
    return after is not None and after.ko_point is not None


def chains(board: Board, color: Color) -> list[tuple[frozenset[Point], frozenset[Point]]]:
    """Every chain of a colour with its liberties, in order of its lowest stone."""
    seen: set[Point] = set()
    found = []
    for point, owner in sorted(board.stones.items()):
        if owner is color and point not in seen:
            chain, liberties = board.group(point)
            seen |= chain
            found.append((frozenset(chain), frozenset(liberties)))
    return found


def chases(board: Board, target: Point) -> Ladder | None:
    """Whether the opponent, to move, catches the chain at ``target`` by giving atari after atari.

    ``None`` when the chain has more than two liberties, or the reading is unsure.
    """
    _, liberties = board.group(target)
    if len(liberties) > 2:
        return None
    try:
        return _attack(board, target, 0, [0])
    except (_Unsure, _TooLong):
        return None


def runs(board: Board, target: Point) -> Ladder | None:
    """The same when the chain is in atari and its owner is to move."""
    _, liberties = board.group(target)
    if len(liberties) != 1:
        return None
    try:
        return _defend(board, target, 0, [0])
    except (_Unsure, _TooLong):
        return None


def netted(board: Board, target: Point) -> bool | None:
    """Whether the chain at ``target``, its owner to move and not in atari, cannot get out of a net.

    Every move of its owner within ``NET_REACH`` lines is answered by atari after atari until
    the chain is taken, and so is none at all. ``None``: unsure.
    """
    chain, liberties = board.group(target)
    if not 2 <= len(liberties) <= 3:
        return None
    if len(liberties) == 2 and not _holds(board, target):
        return False
    unsure = False
    for point in sorted(_within(board, chain, NET_REACH)):
        after = after_move(board, board.stones[target], point)
        if after is None or target not in after.stones:
            continue
        holds = _holds(after, target) if after.ko_point is None else None
        if holds is False:
            return False
        unsure = unsure or holds is None
    return None if unsure else True


def _holds(board: Board, target: Point) -> bool | None:
    if len(board.group(target)[1]) > 2:
        return False
    reading = chases(board, target)
    if reading is None or (reading.caught and reading.plies > NET_PLIES):
        return None
    return reading.caught


def _within(board: Board, chain: set[Point], reach: int) -> set[Point]:
    return {
        Point(col, row)
        for stone in chain
        for col in range(max(0, stone.col - reach), min(board.width, stone.col + reach + 1))
        for row in range(max(0, stone.row - reach), min(board.height, stone.row + reach + 1))
    } - board.stones.keys()


def owners_around(board: Board, point: Point) -> set[Color]:
    """Whose stones border the empty region that a point lies in."""
    region, frontier, owners = {point}, [point], set[Color]()
    while frontier:
        for near in board.neighbours(frontier.pop()):
            owner = board.stones.get(near)
            if owner is not None:
                owners.add(owner)
            elif near not in region:
                region.add(near)
                frontier.append(near)
    return owners


def linked(board: Board, color: Color) -> list[set[Point]]:
    """Stones of a colour in parts that share no liberty: the next move cannot join two of them."""
    parts: list[tuple[set[Point], set[Point]]] = []
    for chain, liberties in chains(board, color):
        joined = [part for part in parts if part[1] & liberties]
        parts = [part for part in parts if part not in joined]
        stones = set(chain).union(*(part[0] for part in joined))
        parts.append((stones, set(liberties).union(*(part[1] for part in joined))))
    return [stones for stones, _ in parts]


def looks_like_ladder(board: Board, target: Point) -> bool:
    """Whether the chain at ``target``, in atari, can be run after as a ladder is: stone by stone.

    Its owner extends twice, each time by one new stone that joins no other chain
    and has exactly two liberties, with an atari between.
    """
    run = _extended(board, target)
    if run is None:
        return False
    for point in sorted(run.group(target)[1]):
        chased = after_move(run, run.stones[target].opponent, point)
        if chased is not None and len(chased.group(target)[1]) == 1 and _extended(chased, target) is not None:
            return True
    return False


def _extended(board: Board, target: Point) -> Board | None:
    """The board after a pure extension out of atari to two liberties."""
    chain, liberties = board.group(target)
    if len(liberties) != 1:
        return None
    after = after_move(board, board.stones[target], next(iter(liberties)))
    if after is None or target not in after.stones:
        return None
    grown, free = after.group(target)
    return after if len(grown) == len(chain) + 1 and len(free) == 2 else None


def _attack(board: Board, target: Point, plies: int, nodes: list[int]) -> Ladder:
    _count(plies, nodes)
    _, liberties = board.group(target)
    if len(liberties) == 1:
        _refuse_ko(board, board.stones[target].opponent, next(iter(liberties)))
        return Ladder(True, plies + 1)
    if len(liberties) > 2:
        return Ladder(False, plies)
    outcomes: list[Ladder] = []
    is_unsure = False
    # Every line is read: a mirrored board has the same answer.
    for point in sorted(liberties):
        try:
            after = _played(board, board.stones[target].opponent, point)
            if after is not None and len(after.group(target)[1]) == 1:
                outcomes.append(_defend(after, target, plies + 1, nodes))
        except _Unsure:
            is_unsure = True
    caught = [outcome for outcome in outcomes if outcome.caught]
    if caught:
        return min(caught, key=lambda outcome: outcome.plies)
    if is_unsure:
        raise _Unsure
    return max(outcomes, key=lambda outcome: outcome.plies, default=Ladder(False, plies))


def _defend(board: Board, target: Point, plies: int, nodes: list[int]) -> Ladder:
    _count(plies, nodes)
    runner = board.stones[target]
    chain, liberties = board.group(target)
    options = set(liberties)
    for point in chain:
        for near in board.neighbours(point):
            if board.stones.get(near) is runner.opponent:
                options |= _last_liberty(board, near)
    longest = plies
    is_unsure = False
    for point in sorted(options):
        try:
            after = _played(board, runner, point)
            if after is None or target not in after.stones:
                continue
            free = len(after.group(target)[1])
            if free > 2:
                return Ladder(False, plies + 1)
            if free == 2:
                outcome = _attack(after, target, plies + 1, nodes)
                if not outcome.caught:
                    return outcome
                longest = max(longest, outcome.plies)
        except _Unsure:
            is_unsure = True
    if is_unsure:
        raise _Unsure
    return Ladder(True, max(longest, plies + 1))


def _last_liberty(board: Board, point: Point) -> set[Point]:
    _, liberties = board.group(point)
    return liberties if len(liberties) == 1 else set()


def _played(board: Board, color: Color, point: Point) -> Board | None:
    after = after_move(board, color, point)
    if after is not None and after.ko_point is not None:
        raise _Unsure
    return after


def _refuse_ko(board: Board, color: Color, point: Point) -> None:
    if starts_ko(board, color, point):
        raise _Unsure


def _count(plies: int, nodes: list[int]) -> None:
    nodes[0] += 1
    if plies > MAX_PLIES or nodes[0] > MAX_NODES:
        raise _TooLong
