"""What a game record says, after reading and correcting: immutable values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.go.board import Board, Color, Point, vertex_name
from pipeline.wording import corrections as correction_texts


class Ruleset(StrEnum):
    """Rules by the names that KataGo accepts."""

    CHINESE = "chinese"
    JAPANESE = "japanese"
    KOREAN = "korean"
    AGA = "aga"
    NEW_ZEALAND = "new-zealand"
    TROMP_TAYLOR = "tromp-taylor"
    ING = "ing"
    CHINESE_OGS = "chinese-ogs"
    CHINESE_KGS = "chinese-kgs"
    ANCIENT_AREA = "ancient-area"
    ANCIENT_TERRITORY = "ancient-territory"


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that the reader corrected or assumed: a code and its Chinese line.

    ``code`` is a key of ``pipeline.wording.corrections.CORRECTIONS``.
    """

    code: str
    text: str

    @classmethod
    def of(cls, code: str, /, **params: object) -> Correction:
        """Fill the text of ``code``; ``KeyError`` for an unknown one (a bug)."""
        return cls(code, correction_texts.CORRECTIONS[code].format(**params))


@dataclass(frozen=True, slots=True)
class Move:
    """A stone or a pass (``point`` is ``None``).

    ``inserted``: a pass that no file says. The reader put it in because one side
    moved twice in a row; it is nobody's mistake.
    """

    color: Color
    point: Point | None
    inserted: bool = False

    @property
    def vertex(self) -> str:
        """GTP name, ``pass`` for a pass."""
        return vertex_name(self.point)


@dataclass(frozen=True, slots=True)
class Player:
    """A player as the file names him.

    ``name`` for display with the rank taken off, ``rank`` as read (``""`` if
    none), ``identity`` normalised for matching over games (``""`` if unknown).
    """

    name: str = ""
    rank: str = ""
    identity: str = ""


class ResultKind(StrEnum):
    """How a game ended."""

    POINTS = "points"
    RESIGN = "resign"
    TIME = "time"
    FORFEIT = "forfeit"
    WIN = "win"  # a winner, the reason unknown
    DRAW = "draw"
    VOID = "void"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    """Result of a game; ``margin`` in points (目) when ``kind`` is ``POINTS``."""

    kind: ResultKind = ResultKind.UNKNOWN
    winner: Color | None = None
    margin: float | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record was read: file name as text, hash of its bytes, codec used."""

    file: str = ""
    sha256: str = ""
    charset: str = ""
    index: int = 0  # which game of a collection, from 0
    games_in_file: int = 1
    read_from: tuple[tuple[str, str], ...] = ()  # what was read -> the words of the file, e.g. ("komi", "KM[375]")


@dataclass(frozen=True, slots=True)
class GameInfo:
    """Descriptive fields that do not change the analysis."""

    black: Player = Player()
    white: Player = Player()
    date: str = ""  # ISO 8601 where it could be read (may be YYYY or YYYY-MM), else as written
    event: str = ""
    round: str = ""
    place: str = ""
    result: Result = Result()
    handicap_text: str = ""  # e.g. 先相先


@dataclass(frozen=True, slots=True)
class GameRecord:
    """One game, ready to be analysed.

    The moves are legal in order. ``komi`` is in points (目), an integer or
    half-integer. ``setup_black`` and ``setup_white`` stand before move 1, in
    ascending order and disjoint. ``handicap`` is the number of handicap
    stones (0 when even).
    """

    width: int
    height: int
    moves: tuple[Move, ...]
    komi: float
    ruleset: Ruleset
    handicap: int = 0
    setup_black: tuple[Point, ...] = ()
    setup_white: tuple[Point, ...] = ()
    first_to_play: Color = Color.BLACK
    info: GameInfo = field(default_factory=GameInfo)
    corrections: tuple[Correction, ...] = ()
    source: Source = field(default_factory=Source)

    def __post_init__(self) -> None:
        if (self.komi * 2) != int(self.komi * 2):
            raise ValueError(f"komi must be a multiple of 0.5: {self.komi}")

    @property
    def game_id(self) -> str:
        """16 hex digits that identify the game: board, set-up, moves, komi, rules, handicap.

        Names, comments, file name and encoding do not matter, nor whether a pass stood in the file.
        """
        parts = [
            f"{self.width}x{self.height}",
            f"{self.komi:g}",
            self.ruleset.value,
            str(self.handicap),
            self.first_to_play.value,
            " ".join(vertex_name(p) for p in sorted(self.setup_black)),
            " ".join(vertex_name(p) for p in sorted(self.setup_white)),
            " ".join(f"{m.color}{m.vertex}" for m in self.moves),
        ]
        return hashlib.sha256("\n".join(parts).encode("ascii")).hexdigest()[:16]

    @property
    def total_turns(self) -> int:
        """Number of moves; positions are numbered 0 (before move 1) to this."""
        return len(self.moves)

    @property
    def inserted_passes(self) -> int:
        """How many of the moves are passes that the reader put in."""
        return sum(move.inserted for move in self.moves)

    def to_move(self, turn: int) -> Color:
        """Who moves in the position after ``turn`` moves.

        In the last position: the opponent of who moved last.
        """
        if turn < len(self.moves):
            return self.moves[turn].color
        if self.moves:
            return self.moves[-1].color.opponent
        return self.first_to_play

    def board_at(self, turn: int) -> Board:
        """The position after ``turn`` moves (0 = before move 1)."""
        board = Board(self.width, self.height)
        board.setup(self.setup_black, self.setup_white)
        for move in self.moves[:turn]:
            board.play(move.color, move.point, allow_ko=True)
        return board
