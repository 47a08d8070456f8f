"""KataGo's analysis protocol without a process: queries, parsed lines, and the ledger of what is owed.

Reference: ``docs/Analysis_Engine.md`` of KataGo; behaviour checked against 1.18.1.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from pipeline.go.board import Board, Color, Point, vertex_name
from pipeline.go.record import GameRecord, Ruleset

Json: TypeAlias = dict[str, Any]
T = TypeVar("T")

VERSION_ID = "version"
MODELS_ID = "models"
CANARY_ID = "canary"
EXCERPT = 200

_BONUS_PER_STONE = frozenset({Ruleset.CHINESE, Ruleset.CHINESE_OGS, Ruleset.CHINESE_KGS})
_BONUS_LESS_ONE = frozenset({Ruleset.AGA})


@dataclass(frozen=True, slots=True)
class QueryOptions:
    """What every query of one engine asks for.

    ``pv_length`` limits the variations in the engine already. With
    ``report_every`` (seconds) long searches show signs of life.
    ``override_settings`` goes into the field of that name, for example
    ``{"humanSLProfile": "rank_5k"}``.
    """

    ownership: bool = True
    pv_length: int = 20
    report_every: float = 0.0
    override_settings: Mapping[str, object] = field(default_factory=dict)


def handicap_bonus(record: GameRecord) -> int:
    """Points that the ruleset gives White for handicap stones, as KataGo counts them.

    Source: ``BoardHistory::computeNumHandicapStones`` and ``Rules::parseRules``:
    black set-up stones (when White has none) and Black moves at the very start
    count, a single one does not; Chinese rules give N points, AGA N - 1.
    """
    if record.setup_white:
        return 0
    stones = len(record.setup_black) + _opening_run(record)
    if stones < 2:
        return 0
    if record.ruleset in _BONUS_PER_STONE:
        return stones
    return stones - 1 if record.ruleset in _BONUS_LESS_ONE else 0


def _opening_run(record: GameRecord) -> int:
    """How many Black stones are played before White's first move."""
    run = 0
    for move in record.moves:
        if move.color is not Color.BLACK or move.point is None:
            break
        run += 1
    return run


def out_of_turn(record: GameRecord, turn: int) -> bool:
    """Whether one player moved twice running at or before the position after ``turn`` moves.

    There the engine would think the other player to move, and it forgets the
    game so far, handicap stones included. Black's opening run is no exception
    for the first, only for the second.
    """
    if turn == 0:
        return False
    last = min(turn, record.total_turns - 1)
    if last == turn and record.moves[turn].color is record.moves[turn - 1].color:
        return True
    start = max(_opening_run(record), 1)
    return any(record.moves[i].color is record.moves[i - 1].color for i in range(start, last + 1))


def build_query(
    query_id: str,
    record: GameRecord,
    turn: int,
    visits: int,
    *,
    priority: int = 0,
    profile: str = "",
    options: QueryOptions,
) -> str:
    """One line that asks for the position after ``turn`` moves.

    Only the moves up to that position are sent: what comes later cannot spoil
    it. Where the players did not alternate the position is set up with stones,
    with the right player to move and the handicap bonus put into komi.

    Args:
        query_id: comes back with the answer.
        record: a legal game.
        turn: 0 = before move 1.
        visits: ``maxVisits``.
        priority: higher is searched first among what waits.
        profile: ``humanSLProfile``, whose moves a human-style network is asked for; ``""`` for none.
        options: what to report.

    Raises:
        ValueError: ``turn`` is not in the game.
    """
    if not 0 <= turn <= record.total_turns:
        raise ValueError(f"turn {turn} of a game of {record.total_turns} moves")
    query: Json = {
        "id": query_id,
        "rules": record.ruleset.value,
        "komi": record.komi,
        "boardXSize": record.width,
        "boardYSize": record.height,
        "maxVisits": visits,
        "analysisPVLen": options.pv_length,
    }
    if out_of_turn(record, turn):
        board = record.board_at(turn)
        query["initialStones"] = [[color.value, vertex_name(point)] for point, color in sorted(board.stones.items())]
        query["initialPlayer"] = record.to_move(turn).value
        query["moves"] = []
        query["analyzeTurns"] = [0]
        query["komi"] = record.komi + handicap_bonus(record)
        query["whiteHandicapBonus"] = "0"
    else:
        stones = [["B", vertex_name(p)] for p in record.setup_black]
        stones += [["W", vertex_name(p)] for p in record.setup_white]
        if stones:
            query["initialStones"] = stones
        query["initialPlayer"] = record.to_move(0).value
        query["moves"] = [[move.color.value, move.vertex] for move in record.moves[:turn]]
        query["analyzeTurns"] = [turn]
    if options.ownership:
        query["includeOwnership"] = True
    if options.report_every > 0:
        query["reportDuringSearchEvery"] = options.report_every
    if priority:
        query["priority"] = priority
    settings = dict(options.override_settings) | ({"humanSLProfile": profile} if profile else {})
    if settings:
        query["overrideSettings"] = settings
    if profile:
        # humanPolicy, which has the moves that were not searched too, comes only with the policy.
        query["includePolicy"] = True
    return json.dumps(query, separators=(",", ":"))


def reported_turn(record: GameRecord, turn: int) -> int:
    """The ``turnNumber`` with which the answer to :func:`build_query` comes back."""
    return 0 if out_of_turn(record, turn) else turn


def build_action(action: str, query_id: str, **fields: object) -> str:
    """One line for an action such as ``query_version`` or ``terminate`` (with ``terminateId``)."""
    return json.dumps({"id": query_id, "action": action, **fields}, separators=(",", ":"))


def build_canary() -> str:
    """The smallest real search: proves that the engine can evaluate at all."""
    query = {
        "id": CANARY_ID,
        "rules": Ruleset.CHINESE.value,
        "komi": 7.0,
        "boardXSize": 9,
        "boardYSize": 9,
        "moves": [],
        "analyzeTurns": [0],
        "maxVisits": 2,
    }
    return json.dumps(query, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Answer:
    """A final result (``isDuringSearch`` false). ``payload`` is the whole reply."""

    id: str
    turn: int
    payload: Json

    @property
    def no_results(self) -> bool:
        """Whether the query was ended before the first visit."""
        return bool(self.payload.get("noResults"))


@dataclass(frozen=True, slots=True)
class Partial:
    """A report from a search that goes on, with the visits so far."""

    id: str
    turn: int
    visits: int


@dataclass(frozen=True, slots=True)
class ActionReply:
    """The engine's reply to an action."""

    id: str
    action: str
    payload: Json


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """The engine refused a query; ``id`` is ``None`` when it could not tell which."""

    id: str | None
    text: str
    field: str


@dataclass(frozen=True, slots=True)
class WarningReply:
    """The engine disliked a part of a query and goes on."""

    id: str | None
    text: str
    field: str


@dataclass(frozen=True, slots=True)
class Garbage:
    """A line that is no reply of this protocol."""

    excerpt: str


Event: TypeAlias = Answer | Partial | ActionReply | ErrorReply | WarningReply | Garbage


def visits_of(payload: Json) -> int:
    """Visits of a reply's root; 0 when it does not say."""
    root = payload.get("rootInfo")
    visits = root.get("visits") if isinstance(root, dict) else None
    return visits if isinstance(visits, int) and not isinstance(visits, bool) and visits > 0 else 0


def parse_line(line: str) -> Event:
    """What one line of the engine's standard output says. Never raises."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        data = None
    event = _read_reply(data) if isinstance(data, dict) else None
    return event or Garbage(line[:EXCERPT])


def _read_reply(data: Json) -> Event | None:
    raw_id, turn = data.get("id"), data.get("turnNumber")
    query_id = raw_id if isinstance(raw_id, str) else None
    for key, reply in (("error", ErrorReply), ("warning", WarningReply)):
        if key in data:
            return reply(query_id, str(data[key])[:EXCERPT], str(data.get("field", ""))[:EXCERPT])
    if query_id is None:
        return None
    if "action" in data:
        return ActionReply(query_id, str(data["action"]), data)
    if not isinstance(turn, int) or isinstance(turn, bool):
        return None
    if data.get("isDuringSearch") is not False:
        return Partial(query_id, turn, visits_of(data))
    return Answer(query_id, turn, data)


@dataclass(slots=True)
class LedgerCounts:
    """How many lines of each kind were seen: a healthy engine has zeros below ``partial``."""

    final: int = 0
    partial: int = 0
    duplicate: int = 0
    unknown: int = 0
    garbage: int = 0
    errors: int = 0
    unassigned_errors: int = 0
    warnings: int = 0


class Ledger(Generic[T]):
    """Which answers the engine owes; every entry is closed exactly once.

    Keys are ``(id, turnNumber)``; only a final answer, or an error that names
    the query, closes an entry. A query id is never used twice; the last
    ``remembered`` closed ids are kept to tell a duplicate from a stranger.
    """

    def __init__(self, remembered: int = 4096) -> None:
        self._open: dict[tuple[str, int], T] = {}
        self._closed_ids: OrderedDict[str, None] = OrderedDict()
        self._remembered = remembered
        self.counts = LedgerCounts()

    def __len__(self) -> int:
        return len(self._open)

    def __bool__(self) -> bool:
        return bool(self._open)

    def open(self, query_id: str, turns: Sequence[int], item: T) -> None:
        """Note that ``turns`` of a query were asked for.

        Raises:
            ValueError: the id was used before.
        """
        if query_id in self._closed_ids or any(key[0] == query_id for key in self._open):
            raise ValueError(f"query id used twice: {query_id}")
        for turn in turns:
            self._open[query_id, turn] = item

    def items(self) -> list[T]:
        """What is open, oldest first."""
        return list(self._open.values())

    def oldest(self) -> T | None:
        """What has been open for the longest time."""
        return next(iter(self._open.values()), None)

    def find(self, query_id: str) -> T | None:
        """What is open under this id."""
        return next((item for (other, _), item in self._open.items() if other == query_id), None)

    def settle(self, event: Event) -> list[T]:
        """The entries that this event closes: one for an answer, all of a query for an error, else none."""
        match event:
            case Answer(id=query_id, turn=turn):
                return self._settle_answer(query_id, turn)
            case Partial():
                self.counts.partial += 1
            case ErrorReply(id=query_id):
                self.counts.errors += 1
                keys = [key for key in self._open if key[0] == query_id]
                if not keys:
                    self.counts.unassigned_errors += 1
                return [self._close(key) for key in keys]
            case WarningReply():
                self.counts.warnings += 1
            case Garbage():
                self.counts.garbage += 1
            case ActionReply():
                pass
        return []

    def _settle_answer(self, query_id: str, turn: int) -> list[T]:
        if (query_id, turn) in self._open:
            self.counts.final += 1
            return [self._close((query_id, turn))]
        if query_id in self._closed_ids:
            self.counts.duplicate += 1
        else:
            self.counts.unknown += 1
        return []

    def _close(self, key: tuple[str, int]) -> T:
        self._closed_ids[key[0]] = None
        while len(self._closed_ids) > self._remembered:
            self._closed_ids.popitem(last=False)
        return self._open.pop(key)

    def withdraw(self, query_id: str) -> list[T]:
        """Take a query back; an answer that still comes counts as a duplicate."""
        return [self._close(key) for key in [k for k in self._open if k[0] == query_id]]

    def clear(self) -> list[T]:
        """Take everything back, oldest first (the engine died and owes nothing any more)."""
        return [self._close(key) for key in list(self._open)]


def occupancy(record: GameRecord) -> tuple[int, ...]:
    """One bit mask of occupied points for each turn 0..``total_turns``; bit ``row * width + col``.

    A cheap test of "may a stone be played here" for answers by the thousand.
    """
    board = Board(record.width, record.height)
    board.setup(record.setup_black, record.setup_white)

    def bit(point: Point) -> int:
        return 1 << (point.row * record.width + point.col)

    mask = sum(bit(point) for point in board.stones)
    masks = [mask]
    for move in record.moves:
        taken = board.play(move.color, move.point, allow_ko=True)
        if move.point is not None:
            mask |= bit(move.point)
        for point in taken:
            mask &= ~bit(point)
        masks.append(mask)
    return tuple(masks)
