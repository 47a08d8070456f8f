"""Reading the main lines out of SGF text, in linear time, whatever the text is.

Only the main line (the first child everywhere) is kept; variations are skipped
without being built. What a strict parser would refuse is repaired where the
repair is certain, and every repair leaves a note. sgfmill is not used: it
refuses 45 of 3,057 real files, and builds every node of a hostile one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.go.lexicon import FULLWIDTH_SEMICOLON
from pipeline.go.refusal import ReadError

Node = Mapping[str, list[str]]

MAX_STEPS = 1_000_000
MAX_NODES = 50_000
_RESYNC_WINDOW = 4_000
_MAX_MOVE_VALUE = 12
_SEMICOLONS = ";" + FULLWIDTH_SEMICOLON


class ScanNote(StrEnum):
    """What had to be repaired; the values are correction codes."""

    NO_OPEN = "sgf.no_open_paren"
    NO_SEMICOLON = "sgf.no_semicolon"
    UNCLOSED = "sgf.unclosed"
    UNESCAPED = "sgf.unescaped_bracket"
    UNCLOSED_VALUE = "sgf.unclosed_value"
    FULLWIDTH = "sgf.fullwidth"
    LOWERCASE = "sgf.lowercase"
    LITERAL_BREAKS = "sgf.literal_breaks"
    JUNK = "sgf.junk"
    KOREAN_SERVER = "rules.korean_server"


@dataclass(frozen=True, slots=True)
class ScannedGame:
    """One game tree's main line: nodes in order, raw values (escapes kept) by property."""

    nodes: tuple[Node, ...]
    notes: tuple[ScanNote, ...] = ()
    has_variations: bool = False


_BLANK = re.compile(r"(?:\s|\\[rn])*+")
_IDENT = re.compile(r"([A-Za-z]{1,64}+)(?:\s|\\[rn])*+\\?(?=\[)")
_GOES_ON = re.compile(r"\s*+[BW]\[")
_JUNK = re.compile(r"[A-Za-z]++|[^()\[;\uff1bA-Za-z\s]++")
_VALUE = re.compile(r"[^\\\]]*+(?:\\.[^\\\]]*+)*+", re.DOTALL)
_AFTER_VALUE = re.compile(r"(?:\s|\\[rn])*+(?:[;\uff1b()\[]|\Z|[A-Za-z]{1,64}+\s{0,99}\\?\[)")
_START = re.compile(r"\(\s*+(?:[;\uff1b]|[A-Z]{1,2}\s{0,9}\[)")
_ROOT_WITHOUT_PAREN = re.compile(r"(?:[;\uff1b]\s*+|\A\s*+)(?:GM|FF|SZ|CA|AP|PB|PW|GN|DT|KM|EV|RU|HA)\s{0,9}\[")
_FIRST_MOVE = re.compile(r"[;\uff1b]\s*+[BW]\s{0,9}\[[a-t]{2}\]")
_NEW_ROOT = re.compile(r"\(\s*+;\s*+(?:GM|FF|CA|AP|SZ)\s{0,9}\[")
_LEAK = re.compile(r"(?:PB|PW|BR|WR|KM|HA|SZ|DT|RE|RU|AP|TM|EV|GN|PC|CA|RO|FF|GM|SO|US)\\?\[")
_SHORT = frozenset(
    [
        "PB",
        "PW",
        "BR",
        "WR",
        "BT",
        "WT",
        "KM",
        "KO",
        "HA",
        "SZ",
        "DT",
        "RD",
        "RE",
        "RU",
        "AP",
        "TM",
        "EV",
        "GN",
        "PC",
        "CA",
        "RO",
        "FF",
        "GM",
        "SO",
        "US",
        "PL",
        "OT",
        "TE",
        "TT",
        "TC",
    ]
)
_STONES = frozenset(["B", "W", "AB", "AW", "AE"])
_MOVE_START = re.compile(r"\s*[A-Za-z]{0,2}")
_DELIMITER_IN_MOVE = re.compile(r"[;\uff1b()\[\n]")
_SKIP_IN_VARIATION = re.compile(r"[^()\[]++")
_SKIP_BEHIND_VARIATION = re.compile(r"[^()\[;\uff1b]++")


def scan(text: str, *, max_games: int) -> tuple[ScannedGame, ...]:
    """The main line of every game in ``text``, in order.

    Raises:
        ReadError: ``game.not_sgf`` when there is no game, ``game.too_complex`` or
            ``game.too_many_games`` beyond the limits.
    """
    scanner = _Scanner(text)
    games: list[ScannedGame] = []
    position, repaired = _find_first(text)
    while position is not None:
        if len(games) >= max_games:
            raise ReadError("game.too_many_games", limit=max_games)
        game, end = scanner.game(position, virtual_paren=repaired)
        if any(game.nodes):
            games.append(game)
        repaired = False
        following = _START.search(text, end)
        position = following.start() if following else None
    if not games:
        raise ReadError("game.not_sgf")
    return tuple(games)


def _find_first(text: str) -> tuple[int | None, bool]:
    """Where the first game begins, and whether its opening parenthesis is missing."""
    start, root = _START.search(text), _ROOT_WITHOUT_PAREN.search(text)
    if root is not None and (start is None or root.start() < start.start()):
        return root.start(), True
    if start is not None:
        return start.start(), False
    move = _FIRST_MOVE.search(text)
    return (move.start(), True) if move is not None else (None, False)


class _Tree:
    """The main line of a tree as far as it is read, and where in the tree the scanner stands."""

    __slots__ = ("branched", "depth", "forked_at", "in_main_line", "node", "nodes", "opened")

    def __init__(self) -> None:
        self.nodes: list[dict[str, list[str]]] = []
        self.node: dict[str, list[str]] | None = None
        self.depth = 0
        self.in_main_line = True
        self.branched = False
        # How many nodes stood before each parenthesis that is open on the main line, and before the last that closed.
        self.opened: list[int] = []
        self.forked_at = 0

    def open(self) -> None:
        self.depth += 1
        self.node = None
        if self.in_main_line:
            self.opened.append(len(self.nodes))
        else:
            self.branched = True

    def close(self) -> bool:
        """Leave a parenthesis; whether it was the outermost."""
        self.depth -= 1
        self.node = None
        if len(self.opened) > max(self.depth, 0):
            self.forked_at = self.opened.pop()
            self.in_main_line = len(self.nodes) <= self.forked_at
        return self.depth <= 0

    def add_node(self) -> dict[str, list[str]]:
        if not self.in_main_line:
            # Cyberoro and Sina put a variation into the line and go on behind it.
            del self.nodes[self.forked_at :]
            self.in_main_line = self.branched = True
        if len(self.nodes) >= MAX_NODES:
            raise ReadError("game.too_complex")
        self.node = {}
        self.nodes.append(self.node)
        return self.node


class _Scanner:
    """State over one text: a budget of steps that every part of the work draws on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = len(text)
        self._steps = 0
        self._notes: dict[ScanNote, None] = {}
        # The last answer of _close: unclosed values would make every one search to the end again.
        self._closing = (1, 0)

    def game(self, start: int, *, virtual_paren: bool) -> tuple[ScannedGame, int]:  # noqa: PLR0912 - one branch a token
        """Scan one tree from its ``(``; returns it and the position behind it."""
        text, pos, tree = self._text, start, _Tree()
        self._notes = {}
        if virtual_paren:
            tree.open()
            self._notes[ScanNote.NO_OPEN] = None
        while True:
            self._step()
            pos = self._skip(pos, tree)
            if pos >= self._end or (text[pos] == "(" and tree.nodes and self._starts_new_game(pos)):
                self._notes[ScanNote.UNCLOSED] = None
                break
            char = text[pos]
            if char == "(":
                tree.open()
                pos += 1
            elif char == ")":
                pos += 1
                if tree.close():
                    break
            elif char in _SEMICOLONS:
                pos += 1
                if tree.in_main_line or (tree.forked_at and _GOES_ON.match(text, pos)):
                    tree.add_node()
                    if char == FULLWIDTH_SEMICOLON:
                        self._notes[ScanNote.FULLWIDTH] = None
            elif char == "[":
                pos = self._value("C", pos + 1)[1]
            elif tree.in_main_line and (match := _IDENT.match(text, pos)):
                if tree.node is None:
                    self._notes[ScanNote.NO_SEMICOLON] = None
                pos = self._property(tree.node if tree.node is not None else tree.add_node(), match[1], match.end())
            else:
                pos = self._junk(pos, in_main_line=tree.in_main_line)
        return ScannedGame(tuple(tree.nodes), tuple(self._notes), tree.branched), max(pos, start + 1)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise ReadError("game.too_complex")

    def _skip(self, pos: int, tree: _Tree) -> int:
        """Blanks of the main line; in a variation and behind one all that cannot matter."""
        if not tree.in_main_line:
            behind = len(tree.opened) == tree.depth
            match = (_SKIP_BEHIND_VARIATION if behind else _SKIP_IN_VARIATION).match(self._text, pos)
            return match.end() if match else pos
        match = _BLANK.match(self._text, pos)
        end = match.end() if match else pos
        if end > pos and self._text.find("\\", pos, end) >= 0:
            self._notes[ScanNote.LITERAL_BREAKS] = None
        return end

    def _starts_new_game(self, pos: int) -> bool:
        before = self._text[max(0, pos - 1) : pos]
        return before in ("\n", "\r") and _NEW_ROOT.match(self._text, pos) is not None

    def _junk(self, pos: int, *, in_main_line: bool) -> int:
        match = _JUNK.match(self._text, pos)
        end = max(match.end() if match else pos, pos + 1)
        # Letters at the very end are a property that was cut off, which is said anyway.
        if in_main_line and end < self._end:
            self._notes[ScanNote.JUNK] = None
        return end

    def _property(self, node: dict[str, list[str]], written: str, pos: int) -> int:
        """Read the values of one property into ``node``; returns the position behind them."""
        ident = "".join(c for c in written if c.isupper())
        if not ident:
            self._notes[ScanNote.LOWERCASE] = None
            ident = written.upper()
        values = node.setdefault(ident, [])
        while pos < self._end and self._text[pos] == "[":
            self._step()
            value, pos, complete = self._value(ident, pos + 1)
            if complete or ident not in _STONES:
                values.append(value)
            blank = _BLANK.match(self._text, pos)
            following = blank.end() if blank else pos
            if following < self._end and self._text[following] == "[":
                pos = following
        if not values:
            del node[ident]
        return pos

    def _value(self, ident: str, start: int) -> tuple[str, int, bool]:
        """The raw value from ``start``, the position behind its bracket, whether it was complete."""
        text = self._text
        end = self._close(start)
        closed = end < self._end
        if ident in _STONES:
            return self._stone_value(start, end, closed=closed)
        if closed and _AFTER_VALUE.match(text, end + 1) is None:
            later = self._resync(end)
            if later is not None:
                self._notes[ScanNote.UNESCAPED] = None
                end = later
        if ident in _SHORT and (leak := _LEAK.search(text, start, end)):
            self._notes[ScanNote.UNCLOSED_VALUE] = None
            return text[start : leak.start()], leak.start(), True
        return text[start:end], min(end + 1, self._end), closed

    def _stone_value(self, start: int, end: int, *, closed: bool) -> tuple[str, int, bool]:
        if end - start > _MAX_MOVE_VALUE or not closed:
            broken = _DELIMITER_IN_MOVE.search(self._text, start, min(end, start + _MAX_MOVE_VALUE))
            if broken:
                self._notes[ScanNote.UNCLOSED_VALUE] = None
                match = _MOVE_START.match(self._text, start, broken.start())
                return (match[0] if match else ""), broken.start(), True
        return self._text[start : min(end, start + 200)], min(end + 1, self._end), closed

    def _close(self, start: int) -> int:
        """Index of the first unescaped ``]`` from ``start``, or the end of the text."""
        known_from, known_end = self._closing
        if known_from <= start <= known_end:
            return known_end
        match = _VALUE.match(self._text, start)
        end = match.end() if match else start
        if end >= self._end or self._text[end] != "]":
            end = self._end
        self._closing = (start, end)
        return end

    def _resync(self, end: int) -> int | None:
        """The ``]`` that really closes a text whose own brackets were not escaped."""
        limit = end + _RESYNC_WINDOW
        while True:
            self._step()
            end = self._close(end + 1)
            if end >= self._end or end > limit:
                return None
            if _AFTER_VALUE.match(self._text, end + 1):
                return end
