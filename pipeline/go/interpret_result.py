"""Results, dates, ranks and player names: text of a file to values of ours."""

from __future__ import annotations

import datetime
import re

from pipeline.go import lexicon as lx
from pipeline.go.board import Color
from pipeline.go.defaults import Reading
from pipeline.go.interpret_komi import points_in
from pipeline.go.record import Correction, Player, Result, ResultKind
from pipeline.go.text import MAX_LINE, MAX_NAME, clean, cut, identity, narrow

_SGF_RESULT = re.compile(r"(?P<who>[BW])\s*\+\s*(?P<how>.*)", re.IGNORECASE)
_MARGIN = re.compile(r"\d{1,4}(?:[.,]\d{1,3})?")
_LEADING_MARGIN = re.compile(r"(\d{1,4}(?:[.,]\d{1,3})?)(?![\d/])")
_MAX_MARGIN = 400.0
# Time or connection codes of 野狐 that leaked into the margin field.
_FOX_CODES = frozenset({0.0, 0.01, 0.02, 0.03, 0.04, 0.05})


def read_result(raw: str | None, *, counts_stones: bool) -> Reading[Result]:
    """How the game ended, from SGF's form or from Chinese, Japanese or Korean words.

    ``counts_stones`` says that plain margins of this file are in 子 (野狐 under
    Chinese rules); quarters are 子 everywhere. ``margin`` comes out in points.
    """
    written = cut(clean(raw or ""), MAX_LINE)[0]
    if not written:
        return Reading(Result(), "")
    text = narrow(written)
    source = f"RE[{cut(written, 30)[0]}]"
    match = _SGF_RESULT.fullmatch(text)
    if match:
        return _sgf_result(match, written, source, counts_stones=counts_stones)
    if text in ("0", "0-0"):
        return Reading(Result(ResultKind.DRAW, raw=written), source)
    return Reading(_worded_result(text, written), source)


def _sgf_result(match: re.Match[str], written: str, source: str, *, counts_stones: bool) -> Reading[Result]:
    winner = Color(match["who"].upper())
    how = match["how"].strip().lower()
    margin_match = _LEADING_MARGIN.match(how)
    if margin_match:
        margin = float(margin_match[1].replace(",", "."))
        if margin in _FOX_CODES:
            note = Correction.of("result.no_margin", raw=written)
            return Reading(Result(ResultKind.WIN, winner, None, written), source, (note,))
        stones = margin % 0.5 == 0.25 or (counts_stones and margin % 0.25 == 0)
        worded = points_in(how)
        points = worded if worded is not None else 2 * margin if stones else margin
        if points > _MAX_MARGIN or points % 0.5:
            return Reading(Result(ResultKind.WIN, winner, None, written), source)
        notes = (Correction.of("result.stones", raw=written, points=f"{points:g}"),) if stones else ()
        return Reading(Result(ResultKind.POINTS, winner, points, written), source, notes)
    kind = ResultKind.WIN
    for start, meaning in (("r", ResultKind.RESIGN), ("t", ResultKind.TIME), ("f", ResultKind.FORFEIT)):
        if how.startswith(start):
            kind = meaning
    if kind is ResultKind.WIN and how:
        kind = _kind_of(how)
    return Reading(Result(kind, winner, None, written), source)


def _worded_result(text: str, written: str) -> Result:
    text = lx.MOVE_COUNT.sub("", text, count=1)
    if lx.DRAWN.search(text):
        return Result(ResultKind.DRAW, raw=written)
    if lx.VOIDED.search(text) and not lx.BY_RESIGNATION.search(text):
        return Result(ResultKind.VOID, raw=written)
    winner = _winner_in(text)
    if winner is None:
        return Result(raw=written)
    kind = _kind_of(text)
    if kind is not ResultKind.WIN:
        return Result(kind, winner, None, written)
    margin = points_in(text)
    if margin is None and (bare := lx.BARE_MARGIN.search(text)):
        margin = float(bare[1])
    if margin is not None and 0 < margin <= _MAX_MARGIN and margin % 0.25 == 0:
        return Result(ResultKind.POINTS, winner, margin, written)
    return Result(ResultKind.WIN, winner, None, written)


def _kind_of(text: str) -> ResultKind:
    if lx.BY_TIME.search(text):
        return ResultKind.TIME
    if lx.BY_FORFEIT.search(text):
        return ResultKind.FORFEIT
    if lx.BY_RESIGNATION.search(text):
        return ResultKind.RESIGN
    return ResultKind.WIN


def _winner_in(text: str) -> Color | None:
    """The winner by the first clause that names exactly one side as winning or losing."""
    for clause in lx.CLAUSE_END.split(text):
        black, white = lx.BLACK_NAMES.search(clause), lx.WHITE_NAMES.search(clause)
        if (black is None) == (white is None):
            continue
        side = Color.BLACK if black else Color.WHITE
        if lx.WINS.search(clause):
            return side
        if lx.LOSES.search(clause) or lx.BY_TIME.search(clause):
            return side.opponent
    return None


def read_date(raw: str | None) -> Reading[str]:
    """The first date as ISO 8601 (YYYY, YYYY-MM or YYYY-MM-DD); else the text as written."""
    written = cut(clean(raw or ""), MAX_LINE)[0]
    if not written:
        return Reading("", "")
    text = narrow(written)
    source = f"DT[{cut(written, 40)[0]}]"
    for pattern in (lx.YEAR_MONTH_DAY, lx.COMPACT_DATE, lx.ERA_DATE, lx.YEAR_ONLY):
        if match := pattern.search(text):
            parts = match.groupdict()
            year = _year_of(parts)
            iso = _iso(year, parts.get("m"), parts.get("d"))
            if iso:
                return Reading(iso, source)
    if re.fullmatch(r"\d{1,3}", text):
        return Reading(written, source)
    return Reading(written, source, (Correction.of("date.unreadable", raw=cut(written, 40)[0]),))


def _year_of(parts: dict[str, str | None]) -> int:
    word = parts["y"] or "0"
    number = 1 if word == lx.FIRST_YEAR else int(word)
    era = parts.get("era")
    return lx.ERA_START[era] + number if era else number


def _iso(year: int, month: str | None, day: str | None) -> str:
    if not 1 <= year <= 2200:
        return ""
    if month is None:
        return f"{year:04d}"
    if not 1 <= int(month) <= 12:
        return f"{year:04d}"
    if day is None:
        return f"{year:04d}-{int(month):02d}"
    try:
        return datetime.date(year, int(month), int(day)).isoformat()
    except ValueError:
        return f"{year:04d}-{int(month):02d}"


def read_player(raw_name: str | None, raw_rank: str | None) -> Reading[Player]:
    """A player: rank taken off the name, both made printable, identity normalised."""
    notes: list[Correction] = []
    full = clean(raw_name or "")
    name, in_name = strip_rank(full)
    rank = cut(clean(raw_rank or ""), 20)[0] or in_name
    # A rank apart or in brackets is plain formatting; one glued to the name could be part of it.
    if in_name and full == name + in_name:
        notes.append(Correction.of("name.rank", name=cut(full, 30)[0], used=cut(name, 30)[0]))
    key = identity(name)
    shown, was_cut = cut(name, MAX_NAME)
    if was_cut:
        notes.append(Correction.of("name.cut", limit=MAX_NAME))
    return Reading(Player(shown, rank, key[:200]), "", tuple(notes))


def strip_rank(name: str) -> tuple[str, str]:
    """``name`` without a rank behind it, and that rank: 吴清源 四段, 李四(3段), foo 2d."""
    for pattern in lx.NAME_RANK:
        match = pattern.search(name)
        if match and match.start() > 0:
            return name[: match.start()].rstrip(), match["rank"].strip()
    return name, ""
