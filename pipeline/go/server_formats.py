"""Formats of other servers: GIB (Tygem), NGF (Cyberoro, Sina), UGF and UGI (Panda).

Each reader turns its text into the nodes that an SGF of the same game would
have; everything after that is shared with SGF.
"""

from __future__ import annotations

import re

from pipeline.go import lexicon as lx
from pipeline.go.board import MAX_SIZE, Point
from pipeline.go.coords import star_points
from pipeline.go.refusal import ReadError
from pipeline.go.scan import ScannedGame, ScanNote

MAX_LINES = 20_000
_GIB_FIELD = re.compile(r"\\\[([A-Z]{3,20})=(.{0,2000}?)\\\]", re.DOTALL)
_GIB_INI = re.compile(r"INI\s+\d{1,4}\s+\d{1,4}\s+(\d{1,2})")
_GIB_MOVE = re.compile(r"STO\s+\d{1,4}\s+\d{1,5}\s+([12])\s+(\d{1,2})\s+(\d{1,2})")
_GIB_PASS = re.compile(r"SKI\s+\d{1,4}\s+\d{1,5}\s+([12])?")
_GIB_RESULTS = {"0": "B+{}", "1": "W+{}", "3": "B+R", "4": "W+R", "5": "0", "7": "B+T", "8": "W+T"}
_NGF_MOVE = re.compile(r"PM[A-Z]{2}([BW])([A-Z])([A-Z])")
_NGF_RANK = re.compile(r"(.*\S)\s+(\S{1,8})")
_NGF_MARGIN = re.compile(r"\d{1,3}(?:\.\d)?")
_UGF_MOVE = re.compile(r"([A-Z])([A-Z]),([BW])\d?,")


def _game(
    root: dict[str, list[str]], moves: list[dict[str, list[str]]], notes: tuple[ScanNote, ...] = ()
) -> ScannedGame:
    # Values are raw SGF; text of other formats must not start an escape there.
    safe = {key: [value.replace("\\", "\\\\") for value in values if value] for key, values in root.items()}
    return ScannedGame(({key: values for key, values in safe.items() if values}, *moves), notes)


def _coordinate(col: int, row_from_top: int) -> str:
    if not (0 <= col < 26 and 0 <= row_from_top < 26):
        raise ReadError("game.bad_coordinate", n=0, value=f"{col},{row_from_top}")
    return chr(97 + col) + chr(97 + row_from_top)


def _stars(stones: int, size: int) -> list[str]:
    points: tuple[Point, ...] = star_points(size, stones)
    return [_coordinate(p.col, size - 1 - p.row) for p in points]


def scan_gib(text: str) -> ScannedGame:
    """Main line of a GIB file. Coordinates count from 0 at the upper left.

    Files of the present app have no fields for names, title and date of their
    own, only the compound ones.
    """
    fields = dict(_GIB_FIELD.findall(text[:20_000]))
    main, more = (dict(_pairs(fields.get(name, ""))) for name in ("GAMEINFOMAIN", "GAMEINFOSUB"))
    tag = fields.get("GAMETAG", "")
    line = main.get("LINE", "")
    size = int(line) if line.isdigit() and 2 <= int(line[:3]) <= MAX_SIZE else MAX_SIZE
    black, white = _gib_user(fields.get("BUSERINFO", ""), "B"), _gib_user(fields.get("WUSERINFO", ""), "W")
    root: dict[str, list[str]] = {
        "SZ": [str(size)],
        "PB": [fields.get("GAMEBLACKNAME", "") or black[0]],
        "PW": [fields.get("GAMEWHITENAME", "") or white[0]],
        "BR": ["" if fields.get("GAMEBLACKNAME") else black[1]],
        "WR": ["" if fields.get("GAMEWHITENAME") else white[1]],
        "EV": [fields.get("GAMENAME", "") or more.get("GNAME", "")],
        "PC": [fields.get("GAMEPLACE", "") or more.get("GPLC", "")],
        "DT": [fields.get("GAMEDATE", "") or more.get("GDATE", "")],
        "RU": ["Korean"],
        "RE": [_gib_result(main, fields.get("GAMERESULT", ""))],
    }
    if stamp := re.search(r"C(\d{4})[:-](\d\d)[:-](\d\d)", tag):
        root["DT"] = ["-".join(stamp.groups())]
    komi = main.get("GONGJE", "") or fields.get("GAMEGONGJE", "")
    if komi.isdigit() and len(komi) < 5:
        root["KM"] = [f"{int(komi) / 10:g}"]
    moves: list[dict[str, list[str]]] = []
    for line in text.splitlines()[:MAX_LINES]:
        if found := _GIB_MOVE.match(line):
            color = "B" if found[1] == "1" else "W"
            moves.append({color: [_coordinate(int(found[2]), int(found[3]))]})
        elif (passed := _GIB_PASS.match(line)) and moves:
            color = {"1": "B", "2": "W"}.get(passed[1] or "", "W" if "B" in moves[-1] else "B")
            moves.append({color: [""]})
        elif (setup := _GIB_INI.match(line)) and int(setup[1]) >= 2:
            root["HA"] = [setup[1]]
            root["AB"] = _stars(int(setup[1]), size)
    return _game(root, moves, (ScanNote.KOREAN_SERVER,))


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(key, value) for part in text.split(",") for key, found, value in (part.partition(":"),) if found]


def _gib_user(text: str, side: str) -> tuple[str, str]:
    """Account and rank; levels count from 18k = 0 over 1k = 17 and 1d = 18 to 9d = 26 (seen: 3 to 19)."""
    user = dict(_pairs(text))
    level = user.get(f"{side}LV", "")
    if not level.isdigit() or not 1 <= int(level[:3]) <= 26:
        return user.get(f"{side}ID", ""), ""
    return user.get(f"{side}ID", ""), f"{int(level) - 17}d" if int(level) > 17 else f"{18 - int(level)}k"


def _gib_result(main: dict[str, str], written: str) -> str:
    form = _GIB_RESULTS.get(main.get("GRLT", ""), "")
    tenths = main.get("ZIPSU", "0")
    margin = int(tenths) / 10 if tenths.isdigit() and len(tenths) < 6 else 0.0
    if "{}" in form:
        return form.format(f"{margin:g}") if margin else written
    return form or written


def scan_ngf(text: str) -> ScannedGame:
    """Main line of an NGF file: a dozen header lines, then moves counted from ``B``."""
    lines = [line.strip() for line in text.splitlines()[:MAX_LINES]]
    head = [line[2:] if line.startswith("GI") else line for line in lines[:12]] + [""] * 12
    moves = [
        {found[1]: [_coordinate(ord(found[2]) - 66, ord(found[3]) - 66)]}
        for line in lines
        if (found := _NGF_MOVE.match(line)) and "A" not in (found[2], found[3])
    ]
    sina = lines[:1] != [] and lines[0].startswith("GI")
    root = _ngf_sina(head, lines) if sina else _ngf_wbaduk(head)
    size, stones = root["SZ"][0], root["HA"][0]
    if stones.isdigit() and 2 <= int(stones) <= 9 and size.isdigit() and int(size) <= MAX_SIZE:
        root["AB"] = _stars(int(stones), int(size))
    return _game(root, moves, () if sina else (ScanNote.KOREAN_SERVER,))


def _ngf_wbaduk(head: list[str]) -> dict[str, list[str]]:
    white, black = _named_rank(head[2]), _named_rank(head[3])
    root = {
        "EV": [head[0]],
        "SZ": [head[1] if head[1].isdigit() else str(MAX_SIZE)],
        "PW": [white[0]],
        "WR": [white[1]],
        "PB": [black[0]],
        "BR": [black[1]],
        "PC": [head[4]],
        "HA": [_digits(head[5])],
        "KM": [_ngf_komi(head[7], head[5])],
        "DT": [head[8]],
        "RU": ["Korean"],
        "RE": [_ngf_result(head[10])],
    }
    return root


def _ngf_sina(head: list[str], lines: list[str]) -> dict[str, list[str]]:
    """The variant of Sina: title, Black, White, ..., date, size, handicap, ?, komi; the result is in the notes."""
    results = [line for line in lines[-50:] if lx.WINS.search(line) or lx.DRAWN.search(line)]
    return {
        "EV": [head[0]],
        "PB": [head[1]],
        "PW": [head[2]],
        "DT": [head[5]],
        "SZ": [head[6] if head[6].isdigit() else str(MAX_SIZE)],
        "HA": [_digits(head[7])],
        "KM": [_ngf_komi(head[9], head[7])],
        "RE": [re.sub(r"\[[^\]]{0,20}\]|\(.{0,40}\)|^ID[BW]", "", results[-1]).strip() if results else ""],
    }


def _named_rank(line: str) -> tuple[str, str]:
    match = _NGF_RANK.fullmatch(line)
    if match is None:
        return line, ""
    rank = match[2].replace("DP", "p").replace("D", "d").replace("K", "k")
    return match[1].strip(), rank


def _digits(word: str) -> str:
    return word if word.isascii() and word.isdigit() and len(word) < 3 else "0"


def _ngf_komi(komi: str, handicap: str) -> str:
    """Whole points are written without the half that an even game has."""
    if not _NGF_MARGIN.fullmatch(komi):
        return ""
    value = float(komi)
    return f"{value + 0.5:g}" if value % 1 == 0 and _digits(handicap) in ("0", "1") else f"{value:g}"


def _ngf_result(line: str) -> str:
    low = line.lower()
    winner = (
        "B" if "black win" in low or "white lose" in low else "W" if "white win" in low or "black lose" in low else ""
    )
    if not winner:
        return line
    margin = _NGF_MARGIN.search(low)
    how = "R" if "resign" in low else "T" if "time" in low else margin[0] if margin else ""
    return f"{winner}+{how}"


def scan_ugf(text: str) -> ScannedGame:
    """Main line of a UGF or UGI file: INI-like header, moves in letters from the lower left."""
    header: dict[str, str] = {}
    rows: list[tuple[str, str, str]] = []
    section = ""
    for line in text.splitlines()[:MAX_LINES]:
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            section = stripped[1:-1].lower()
        elif section == "header":
            key, found, value = stripped.partition("=")
            if found:
                header.setdefault(key.strip().lower(), value.strip())
        elif section == "data" and (move := _UGF_MOVE.match(stripped)):
            rows.append((move[3], move[1], move[2]))
    size = header.get("size", "")
    height = int(size) if size.isdigit() and 2 <= int(size[:3]) <= MAX_SIZE else MAX_SIZE
    stones, _, komi = header.get("hdcp", "").partition(",")
    winner, _, how = header.get("winner", "").partition(",")
    black, white = header.get("playerb", "").split(","), header.get("playerw", "").split(",")
    title = header.get("title", "").split(",")
    root = {
        "SZ": [size or str(MAX_SIZE)],
        "PB": [black[0]],
        "BR": [black[1] if len(black) > 1 else ""],
        "PW": [white[0]],
        "WR": [white[1] if len(white) > 1 else ""],
        "HA": [_digits(stones.strip())],
        "KM": [komi.split(",")[0].strip()],
        "RU": [header.get("rule", header.get("rules", ""))],
        "DT": [header.get("date", "").split(",")[0]],
        "PC": [header.get("place", "")],
        "EV": [title[1] if len(title) > 1 else title[0]],
        "RE": [f"{winner}+{_ugf_how(how)}" if winner in ("B", "W") else ""],
    }
    moves: list[dict[str, list[str]]] = []
    for color, col, row in rows:
        is_pass = col == "Y"
        value = "" if is_pass else _coordinate(ord(col) - 65, height - 1 - (ord(row) - 65))
        moves.append({color: [value]})
    return _game(root, moves)


def _ugf_how(how: str) -> str:
    word = how.split(",", maxsplit=1)[0].strip()
    return {"C": "R", "R": "R", "T": "T"}.get(word, word)
