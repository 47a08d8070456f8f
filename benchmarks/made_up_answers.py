"""Made-up answers of KataGo's shape and size, for measurements without a search.

Up to 40 candidates with variations, ownership with nine digits. The verdicts are those of a game: most moves
lose little, some lose a lot, and a deeper search comes closer to what is true.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from fakes.fake_katago import variation

from pipeline.go.board import Board, Color, Point, vertex_name

MOST_CANDIDATES = 40
MOST_MOVES = 20
BLUNDERS = 0.2  # of the moves, losing so many points in the mean
BLUNDER, SMALL_LOSS = 4.0, 0.25
NOISE = 3.0  # points: the standard deviation at one visit; it falls with the fourth root of the visits
WORSE = 0.4  # points that each candidate is worse than the one before
WINNING = 8.0  # points that make a winrate of 73 %


@dataclass(frozen=True, slots=True)
class Position:
    """What is asked for. ``lead``: Black's true lead; ``played``: the move of the game and the lead after it."""

    name: str
    board: Board
    to_move: Color
    lead: float
    played: tuple[Point | None, float] | None = None


class Leads:
    """Black's true lead after the moves of a game; the same moves give the same lead."""

    def __init__(self) -> None:
        self._losses: dict[bytes, float] = {}

    def after(self, start: str, moves: Sequence[tuple[str, str]]) -> float:
        """The lead after these moves (color and vertex) from the position that ``start`` names."""
        lead, digest = 0.0, hashlib.blake2b(start.encode(), digest_size=16)
        for color, vertex in moves:
            digest.update(f"{color}{vertex} ".encode())
            key = digest.digest()
            lost = self._losses.get(key)
            if lost is None:
                lost = self._losses[key] = _loss(random.Random(key))
            lead -= lost * Color(color).sign
        return lead


def _loss(chance: random.Random) -> float:
    return chance.expovariate(1 / (BLUNDER if chance.random() < BLUNDERS else SMALL_LOSS))


def _winrate(lead: float) -> float:
    return 1 / (1 + math.exp(-lead / WINNING))


def made_up_answer(query_id: str, turn_number: int, position: Position, visits: int) -> str:
    """The line that KataGo would write."""
    board, to_move = position.board, position.to_move
    chance = random.Random(f"{position.name} {visits}")
    noise = NOISE / visits**0.25
    lead = position.lead + chance.gauss(0, noise)
    winrate = round(_winrate(lead), 9)
    points = [Point(c, r) for r in range(board.height) for c in range(board.width)]
    free = [p for p in points if p not in board.stones and any(n not in board.stones for n in board.neighbours(p))]
    chance.shuffle(free)
    best = free[: min(MOST_CANDIDATES, 2 + visits // 4)]
    moves: list[tuple[Point | None, float]] = [
        (point, lead - to_move.sign * WORSE * order + chance.gauss(0, 0.3)) for order, point in enumerate(best)
    ]
    if position.played is not None:
        point, after = position.played
        lost = (position.lead - after) * to_move.sign
        moves = [(other, value) for other, value in moves if other != point]
        moves.insert(min(len(moves), round(lost / WORSE)), (point, after + chance.gauss(0, noise)))
    infos, left = [], visits
    for order, (point, value) in enumerate(moves or [(None, lead)]):
        left -= (share := max(1, left // 2))
        move = vertex_name(point)
        infos.append(
            {
                "edgeVisits": share,
                "edgeWeight": share * 1.0123456789,
                "lcb": winrate - 0.0123456789,
                "move": move,
                "order": order,
                "playSelectionValue": share * 1.0123456789,
                "prior": 0.512345678 / (order + 1),
                "pv": variation(board, move, best)[:MOST_MOVES],
                "scoreLead": round(value, 9),
                "scoreMean": round(value, 9),
                "scoreSelfplay": round(value * 1.1, 9),
                "scoreStdev": round(chance.uniform(5, 20), 9),
                "utility": round(chance.uniform(-1, 1), 9),
                "utilityLcb": round(chance.uniform(-1, 1), 9),
                "visits": share,
                "weight": share * 1.0123456789,
                "winrate": round(_winrate(value), 9),
            }
        )
    root = {
        "currentPlayer": to_move.value,
        "rawLead": round(lead + chance.gauss(0, 2), 9),
        "rawStScoreError": -1.0,
        "rawStWrError": -1.0,
        "rawWinrate": winrate,
        "scoreLead": round(lead, 9),
        "scoreStdev": round(chance.uniform(5, 20), 9),
        "symHash": "0123456789ABCDEF0123456789ABCDEF",
        "thisHash": "0123456789ABCDEF0123456789ABCDEF",
        "utility": 0.123456789,
        "visits": visits,
        "winrate": winrate,
    }
    owned = {point: 0.912345678 * color.sign for point, color in board.stones.items()}
    ownership = [
        owned[point] if point in owned else round(chance.uniform(-1, 1), 9)
        for point in (Point(c, r) for r in reversed(range(board.height)) for c in range(board.width))
    ]
    return json.dumps(
        {
            "id": query_id,
            "isDuringSearch": False,
            "moveInfos": infos,
            "ownership": ownership,
            "rootInfo": root,
            "turnNumber": turn_number,
        },
        separators=(",", ":"),
    )
