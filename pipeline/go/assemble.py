"""From the main line of one game to a :class:`GameRecord`: set-up, moves, legality, everything said aloud."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from pipeline.go import lexicon as lx
from pipeline.go.board import MAX_SIZE, Board, Color, IllegalPlay, Point
from pipeline.go.coords import Notation, notation_of, parse_point, parse_points, read_size
from pipeline.go.crosscheck import agree_with_result
from pipeline.go.defaults import ReadDefaults, Reading
from pipeline.go.interpret_handicap import Handicap, read_handicap
from pipeline.go.interpret_komi import read_komi, read_ruleset
from pipeline.go.interpret_result import read_date, read_player, read_result
from pipeline.go.record import Correction, GameInfo, GameRecord, Move, Source
from pipeline.go.refusal import ReadError
from pipeline.go.scan import Node, ScannedGame, ScanNote
from pipeline.go.text import MAX_LINE, clean, cut, identity, unescape

MAX_MOVES = 1_000
_EARLY_MOVES = 4
_PROBLEM_STONES = 5
_PROBLEM_MOVES = 30
_OTHER_GAMES = range(2, 17)
_OWN_APPLICATION = re.compile(r"fupan(?::|\Z)", re.IGNORECASE)
_RAW_LIMIT = 2_000
_STONE_PROPERTIES = ("AB", "AW", "AE")


@dataclass(slots=True)
class _Line:
    """Set-up and moves as the file has them, before handicap and legality are settled."""

    board: Board
    moves: list[Move] = field(default_factory=list)
    replay: Board | None = None  # the position after ``replayed`` moves, kept so that set-up nodes stay cheap
    replayed: int = 0
    notes: list[Correction] = field(default_factory=list)


def build_record(game: ScannedGame, *, source: Source, defaults: ReadDefaults) -> GameRecord:
    """Interpret one scanned game.

    Raises:
        ReadError: not Go, an unsupported board, our own output, a problem or a
            position without a game, or no legal move at all.
    """
    root = _root_texts(game.nodes)
    _refuse_foreign(game.nodes, root)
    said_later = {ScanNote.UNCLOSED, ScanNote.KOREAN_SERVER}
    notes = [Correction.of(note.value) for note in game.notes if note not in said_later]
    notation = notation_of(v for node in game.nodes for key in ("B", "W") for v in node.get(key, ()))
    if notation is not Notation.SGF:
        notes.append(Correction.of(f"coords.{notation.value}"))
    width, height = _board_size(root, game.nodes, notation, notes)
    line = _walk(game.nodes, width, height, notation)
    notes += line.notes
    setup_black = tuple(sorted(p for p, c in line.board.stones.items() if c is Color.BLACK))
    setup_white = tuple(sorted(p for p, c in line.board.stones.items() if c is Color.WHITE))
    _refuse_without_game(root, line.moves, len(setup_black), len(setup_white))

    date = read_date(root.get("DT") or root.get("RD"))
    year = int(date.value[:4]) if re.match(r"\d{4}(?!\d)", date.value) else None
    ruleset = read_ruleset(root.get("RU"), defaults)
    if ScanNote.KOREAN_SERVER in game.notes and ruleset.source != "option":
        ruleset = Reading(ruleset.value, "server", (Correction.of(ScanNote.KOREAN_SERVER.value),))
    handicap = read_handicap(
        root.get("HA"),
        width=width,
        height=height,
        setup_black=setup_black,
        setup_white=setup_white,
        moves=line.moves,
        year=year,
    )
    is_fox = _is_fox(game.nodes)
    komi_root = dict(root) | ({"HA1": "1"} if root.get("HA", "").strip() == "1" else {})
    komi = read_komi(
        komi_root,
        ruleset=ruleset.value,
        handicap=handicap.stones,
        is_fox=is_fox,
        year=year,
        black_always=handicap.black_always,
        defaults=defaults,
    )
    chinese_fox = is_fox and ruleset.value.value.startswith("chinese")
    result = read_result(root.get("RE"), counts_stones=chinese_fox, komi=komi.value)
    komi = agree_with_result(komi, result.value, root, handicap=handicap.stones, ruleset=ruleset.value, year=year)
    black, white = (
        read_player(root.get(name), root.get(rank), is_account=is_fox) for name, rank in (("PB", "BR"), ("PW", "WR"))
    )
    moves, move_notes = _legal_moves(width, height, handicap, setup_white)
    if ScanNote.UNCLOSED in game.notes:
        move_notes.append(Correction.of("sgf.unclosed", n=len(moves)))
    if game.has_variations:
        move_notes.append(Correction.of("sgf.variations"))
    for reading in (ruleset, komi, result, date, black, white):
        notes += reading.corrections
    notes += (*handicap.corrections, *move_notes)
    return GameRecord(
        width=width,
        height=height,
        moves=moves,
        komi=komi.value,
        ruleset=ruleset.value,
        handicap=handicap.stones,
        setup_black=handicap.setup_black,
        setup_white=setup_white,
        first_to_play=moves[0].color,
        info=GameInfo(
            black=black.value,
            white=white.value,
            date=date.value,
            event=_line_of(root, "EV", "TE", "GN"),
            round=_line_of(root, "RO"),
            place=_line_of(root, "PC"),
            result=result.value,
            handicap_text=handicap.text,
        ),
        corrections=tuple(dict.fromkeys(notes)),
        source=Source(
            file=source.file,
            sha256=source.sha256,
            charset=source.charset,
            index=source.index,
            games_in_file=source.games_in_file,
            read_from=(
                ("komi", komi.source),
                ("ruleset", ruleset.source),
                ("handicap", handicap.source),
                ("result", result.source),
                ("date", date.source),
            ),
        ),
    )


def _root_texts(nodes: Sequence[Node]) -> dict[str, str]:
    """Game-info properties as clean text: of the root, completed from the nodes before the first move."""
    found: dict[str, str] = {}
    for node in nodes[:5]:
        for key, values in node.items():
            if key not in found and key not in _STONE_PROPERTIES and values:
                found[key] = clean(unescape(values[0][:_RAW_LIMIT]))
        if "B" in node or "W" in node:
            break
    if found.get("TE", "").isdigit():
        del found["TE"]
    return found


def _line_of(root: Mapping[str, str], *keys: str) -> str:
    return next((cut(root[key], MAX_LINE)[0] for key in keys if root.get(key)), "")


def _applications(nodes: Sequence[Node]) -> list[str]:
    return [clean(unescape(v[:_RAW_LIMIT])) for v in nodes[0].get("AP", ())] if nodes else []


def _is_fox(nodes: Sequence[Node]) -> bool:
    """A record of the Fox server, also when another program saved it again: its clock fields stay."""
    return any("foxwq" in name.lower() for name in _applications(nodes)) or all(
        key in nodes[0] for key in ("TM", "TC", "TT")
    )


def _refuse_foreign(nodes: Sequence[Node], root: Mapping[str, str]) -> None:
    if any(_OWN_APPLICATION.match(name) for name in _applications(nodes)):
        raise ReadError("game.own_output")
    kind = root.get("GM", "1").strip()
    if kind.isascii() and kind.isdigit() and int(kind[:4]) in _OTHER_GAMES:
        raise ReadError("game.not_go", gm=int(kind[:4]))


def _refuse_without_game(root: Mapping[str, str], moves: Sequence[Move], black: int, white: int) -> None:
    named = bool(identity(root.get("PB", "")) or identity(root.get("PW", "")))
    if not moves:
        raise ReadError("game.problem" if black or white else "game.no_moves")
    if white and not named and black + white >= _PROBLEM_STONES and len(moves) < _PROBLEM_MOVES:
        raise ReadError("game.problem")


def _board_size(
    root: Mapping[str, str], nodes: Sequence[Node], notation: Notation, notes: list[Correction]
) -> tuple[int, int]:
    stated = read_size(root.get("SZ"))
    first_values = [v.strip() for node in nodes for key in ("B", "W") for v in node.get(key, ())]
    largest = 0
    for value in first_values:
        try:
            point = parse_point(value, MAX_SIZE, notation)
        except ValueError:
            continue
        if point is not None:
            largest = max(largest, point.col + 1, MAX_SIZE - point.row)
    if stated is None:
        if root.get("SZ"):
            notes.append(Correction.of("size.unreadable", raw=cut(root["SZ"], 20)[0]))
        if largest > MAX_SIZE and notation is Notation.SGF and len(first_values) >= _EARLY_MOVES and largest <= 52:
            beyond = sum(_is_beyond(v) for v in first_values)
            if beyond * 10 > len(first_values):
                raise ReadError("game.board_size", width=largest, height=largest)
        return MAX_SIZE, MAX_SIZE
    width, height = stated
    if max(width, height) < largest <= MAX_SIZE and notation is Notation.SGF:
        early = [p for v in first_values[:_EARLY_MOVES] if (p := _quiet_point(v)) is not None]
        if any(p.col >= width or MAX_SIZE - 1 - p.row >= height for p in early):
            notes.append(Correction.of("size.contradicted", width=width, height=height))
            return MAX_SIZE, MAX_SIZE
    return width, height


def _is_beyond(value: str) -> bool:
    point = _quiet_point(value)
    return point is not None and (point.col >= MAX_SIZE or point.row < 0)


def _quiet_point(value: str) -> Point | None:
    try:
        return parse_point(value, MAX_SIZE, Notation.SGF)
    except ValueError:
        return None


def _walk(nodes: Sequence[Node], width: int, height: int, notation: Notation) -> _Line:
    """Set-up before the first move, then the moves; stops where the record stops making sense."""
    line = _Line(Board(width, height))
    for node in nodes:
        if any(key in node for key in _STONE_PROPERTIES) and not _apply_setup(line, node, notation):
            break
        for color in (Color.BLACK, Color.WHITE):
            for value in node.get(color.value, ())[:1]:
                if not _append_move(line, color, value, notation):
                    return line
    return line


def _apply_setup(line: _Line, node: Node, notation: Notation) -> bool:
    """Place the node's stones; ``False`` when it changes a position inside the game."""
    height = line.board.height
    black, white, empty = (parse_points(node.get(key, ()), height, notation) for key in _STONE_PROPERTIES)
    target = line.board
    if line.moves:
        target = _position(line)
        wanted = [(p, Color.BLACK) for p in black] + [(p, Color.WHITE) for p in white]
        changes = any(target.stones.get(p) is not c for p, c in wanted) or any(p in target.stones for p in empty)
        if changes:
            line.notes.append(Correction.of("setup.inside_game", n=len(line.moves)))
        return not changes
    outside = sum(not target.contains(p) for p in (*black, *white))
    if outside:
        line.notes.append(Correction.of("setup.outside", n=outside))
    if set(black) & set(white):
        line.notes.append(Correction.of("setup.conflict"))
    target.setup([p for p in black if target.contains(p)], [p for p in white if target.contains(p)], empty)
    return True


def _position(line: _Line) -> Board:
    if line.replay is None:
        line.replay = line.board.copy()
    for move in line.moves[line.replayed :]:
        with suppress(IllegalPlay):
            line.replay.play(move.color, move.point, allow_ko=True)
    line.replayed = len(line.moves)
    return line.replay


def _append_move(line: _Line, color: Color, value: str, notation: Notation) -> bool:
    number = len(line.moves) + 1
    if number > MAX_MOVES:
        line.notes.append(Correction.of("moves.too_many", limit=MAX_MOVES))
        return False
    try:
        point = parse_point(value, line.board.height, notation)
    except ValueError:
        shown = cut(clean(unescape(value)), 20)[0]
        if number == 1:
            raise ReadError("game.bad_coordinate", n=1, value=shown) from None
        line.notes.append(Correction.of("moves.bad_coordinate", n=number, value=shown, last=number - 1))
        return False
    if point == Point(MAX_SIZE, line.board.height - 1 - MAX_SIZE):
        point = None
    line.moves.append(Move(color, point))
    return True


def _legal_moves(
    width: int, height: int, handicap: Handicap, setup_white: tuple[Point, ...]
) -> tuple[tuple[Move, ...], list[Correction]]:
    """The moves up to the first illegal one, with the passes that the file left out."""
    notes: list[Correction] = []
    board = Board(width, height)
    board.setup(handicap.setup_black, setup_white)
    if any(not board.group(point)[1] for point in board.stones):
        raise ReadError("game.illegal_setup")
    if not handicap.setup_black and not setup_white and handicap.moves and handicap.moves[0].color is Color.WHITE:
        notes.append(Correction.of("moves.white_first"))
    moves: list[Move] = []
    inserted: list[int] = []
    for move in handicap.moves:
        added: list[Move] = []
        if moves and moves[-1].color is move.color:
            added.append(Move(move.color.opponent, None, inserted=True))
            board.play(move.color.opponent, None)
        try:
            board.play(move.color, move.point)
        except IllegalPlay as problem:
            number = len(moves) + len(added) + 1
            if not moves:
                raise ReadError("game.illegal_start", vertex=move.vertex) from problem
            code = f"moves.{problem.reason.value}"
            notes.append(Correction.of(code, n=number, vertex=move.vertex, last=len(moves)))
            break
        if added:
            inserted.append(len(moves) + 1)
        moves += (*added, move)
    if inserted:
        shown = lx.LIST_COMMA.join(map(str, inserted[:6])) + (lx.AND_MORE if len(inserted) > 6 else "")
        notes.append(Correction.of("moves.pass_inserted", numbers=shown, n=len(inserted)))
    return tuple(moves), notes
