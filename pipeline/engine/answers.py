"""From an engine's answer to an :class:`Evaluation`, and the reasons to refuse one. Pure."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.engine.human import human_moves
from pipeline.engine.lines import Lines
from pipeline.engine.protocol import Answer, Json, occupancy
from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import PASS, Point, parse_vertex, vertex_name
from pipeline.go.record import GameRecord
from pipeline.plan import PositionRequest

ENOUGH_VISITS = 0.9

# Beyond every true value, and within what journal and dataset can hold.
MOST_NUMBER = 1e6
MOST_VISITS = 2**31 - 1
MOST_ORDER = 19 * 19


class ImplausibleAnswer(ValueError):
    """The answer cannot be true; the text says why, in English, for the log."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How much of an answer is kept: the best candidates, and so many moves of each variation."""

    candidates: int = 20
    pv_length: int = 20


class Referee:
    """Judges answers, remembering which points are taken for the last ``games`` games seen.

    Args:
        keep: how much of an answer is kept.
        games: size of that memory.
    """

    def __init__(self, keep: Keep, games: int = 64) -> None:
        self._keep = keep
        self._games = games
        self._masks: OrderedDict[int, tuple[GameRecord, tuple[int, ...]]] = OrderedDict()

    def judge(self, answer: Answer, record: GameRecord, request: PositionRequest, seconds: float) -> Evaluation:
        """The evaluation that an answer gives.

        Raises:
            ImplausibleAnswer: see :func:`to_evaluation`; also for a search that was ended before its first visit.
        """
        if answer.no_results:
            raise ImplausibleAnswer("no results")
        occupied = self._occupied(record, request.turn)
        try:
            return to_evaluation(answer.payload, record, request, occupied=occupied, seconds=seconds, keep=self._keep)
        except OverflowError as error:  # an integer of hundreds of digits
            raise ImplausibleAnswer(str(error)) from error

    def objection(self, record: GameRecord, request: PositionRequest) -> str:
        """Why this position must not be asked for (an illegal move before it, no such turn), or ``""``."""
        if not 0 <= request.turn <= record.total_turns:
            return f"turn {request.turn} of {record.total_turns}"
        if request.visits < 1:
            return f"{request.visits} visits"
        try:
            self._occupied(record, request.turn)
        except ValueError as error:
            return str(error)
        return ""

    def _occupied(self, record: GameRecord, turn: int) -> int:
        kept = self._masks.get(id(record))
        if kept is None:
            # The record is kept beside its masks: an id is only its own while the object lives.
            kept = self._masks[id(record)] = (record, occupancy(record))
            if len(self._masks) > self._games:
                self._masks.popitem(last=False)
        return kept[1][turn]


def to_evaluation(
    payload: Json, record: GameRecord, request: PositionRequest, *, occupied: int, seconds: float, keep: Keep
) -> Evaluation:
    """Check an answer and convert it; all values stay in Black's view.

    The config that we write makes the engine report in Black's view
    (``reportAnalysisWinratesAs = BLACK``). The move actually played is kept
    whatever its order, if it was searched.

    Args:
        payload: the reply, with ``rootInfo`` and ``moveInfos``.
        record: the game.
        request: what was asked for.
        occupied: bit mask of the stones on the board (``protocol.occupancy``).
        seconds: the position's share of search time.
        keep: limits.

    Raises:
        ImplausibleAnswer: not finite, out of range, too few visits, the wrong
            player to move, or a variation that cannot be played.
    """
    root = payload.get("rootInfo")
    infos = payload.get("moveInfos")
    if not isinstance(root, dict) or not isinstance(infos, list):
        raise ImplausibleAnswer("no rootInfo or moveInfos")
    to_move = record.to_move(request.turn)
    if root.get("currentPlayer", to_move.value) != to_move.value:
        raise ImplausibleAnswer(f"player to move is {root.get('currentPlayer')!r}")
    visits = _count(root, "visits")
    if visits < ENOUGH_VISITS * request.visits:
        raise ImplausibleAnswer(f"{visits} visits of {request.visits}")
    played = record.moves[request.turn].vertex if request.turn < record.total_turns else None
    ordered = sorted((info for info in infos if isinstance(info, dict)), key=lambda info: _count(info, "order"))
    kept = [info for i, info in enumerate(ordered) if i < keep.candidates or info.get("move") == played]
    lines = Lines(record, request.turn, occupied)
    evaluation = Evaluation(
        turn=request.turn,
        to_move=to_move,
        visits=visits,
        winrate=_number(root, "winrate"),
        score_lead=_number(root, "scoreLead"),
        score_stdev=_number(root, "scoreStdev"),
        raw_winrate=_number(root, "rawWinrate", default=_number(root, "winrate")),
        raw_score_lead=_number(root, "rawLead", default=_number(root, "scoreLead")),
        raw_st_wr_error=_uncertainty(root, "rawStWrError"),
        raw_st_score_error=_uncertainty(root, "rawStScoreError"),
        candidates=tuple(_candidate(info, record, lines, occupied, keep) for info in kept),
        ownership=_ownership(payload.get("ownership"), record),
        level=request.level,
        engine_seconds=seconds,
        human=human_moves(payload.get("humanPolicy"), record, _asked(played, ordered)),
    )
    reason = evaluation.implausible()
    if reason:
        raise ImplausibleAnswer(reason)
    return evaluation


def _asked(played: str | None, ordered: Sequence[Json]) -> tuple[str, ...]:
    return tuple(str(move) for move in (played, ordered[0].get("move") if ordered else None) if move is not None)


def _number(data: Json, key: str, *, default: float | None = None) -> float:
    value = data.get(key, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ImplausibleAnswer(f"{key} is {value!r}")
    if abs(value) > MOST_NUMBER:
        raise ImplausibleAnswer(f"{key} is {value:g}")
    return float(value)


def _count(data: Json, key: str, most: int = MOST_VISITS) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ImplausibleAnswer(f"{key} is {value!r}")
    return value


def _uncertainty(root: Json, key: str) -> float:
    """The net's own error estimate; 0 where the net has none (old nets report a negative number)."""
    return max(0.0, _number(root, key, default=0.0))


def _candidate(info: Json, record: GameRecord, lines: Lines, occupied: int, keep: Keep) -> Candidate:
    move = _vertex(info.get("move"), record, occupied)
    pv = info.get("pv", [])
    if not isinstance(pv, list) or not all(isinstance(vertex, str) for vertex in pv):
        raise ImplausibleAnswer("pv is not a list of vertices")
    if not _vertices(record.width, record.height).issuperset(pv):
        raise ImplausibleAnswer(f"pv of {move} leaves the board")
    if pv and pv[0] != info["move"]:
        raise ImplausibleAnswer(f"pv of {move} begins with {pv[0]!r}")
    if objection := lines.objection(pv):
        raise ImplausibleAnswer(f"pv of {move}: {objection}")
    winrate = _number(info, "winrate")
    if not -0.001 <= winrate <= 1.001:
        raise ImplausibleAnswer(f"winrate of {move} is {winrate}")
    return Candidate(
        move=move,
        order=_count(info, "order", MOST_ORDER),
        visits=_count(info, "visits"),
        winrate=winrate,
        score_lead=_number(info, "scoreLead"),
        score_stdev=_number(info, "scoreStdev"),
        lcb=_number(info, "lcb", default=winrate),
        prior=_number(info, "prior", default=0.0),
        pv=tuple(pv[: keep.pv_length]),
    )


@lru_cache
def _vertices(width: int, height: int) -> frozenset[str]:
    """Every move that there can be on a board of this size."""
    return frozenset({PASS, *(vertex_name(Point(col, row)) for col in range(width) for row in range(height))})


@lru_cache
def _bits(width: int, height: int) -> dict[str, int]:
    """Vertex -> its bit in a mask of occupied points."""
    return {vertex_name(Point(col, row)): row * width + col for col in range(width) for row in range(height)}


def _vertex(value: object, record: GameRecord, occupied: int) -> str:
    """The vertex, if a stone can be put there."""
    if not isinstance(value, str):
        raise ImplausibleAnswer(f"move is {value!r}")
    bit = _bits(record.width, record.height).get(value)
    if bit is None:  # a pass, or not as the engine spells it
        try:
            point = parse_vertex(value, record.width, record.height)
        except ValueError as error:
            raise ImplausibleAnswer(str(error)) from error
        if point is None:
            return PASS
        bit = point.row * record.width + point.col
    if occupied >> bit & 1:
        raise ImplausibleAnswer(f"move on an occupied point: {value}")
    return value


def _ownership(values: object, record: GameRecord) -> tuple[int, ...]:
    """Percent, Black positive, row by row from the top left; empty when it was not asked for."""
    if values is None:
        return ()
    if not isinstance(values, Sequence) or len(values) != record.width * record.height:
        raise ImplausibleAnswer("ownership has the wrong length")
    try:
        percent = tuple([round(value * 100) for value in values])
    except (TypeError, ValueError, OverflowError) as error:
        raise ImplausibleAnswer("ownership is not finite") from error
    low, high = min(percent), max(percent)
    if low < -101 or high > 101:
        raise ImplausibleAnswer("ownership out of range")
    if low >= -100 and high <= 100:
        return percent
    return tuple([max(-100, min(100, value)) for value in percent])
