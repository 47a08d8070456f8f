"""What the printed page about a student, and the one about a club, show. Pure.

Both are made of the tables that ``pipeline.store.many_games`` answers, as plain
values: table name -> rows -> column -> value. Every list has a limit and every
part its height, so that the page is one page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pipeline.report.statcharts import (
    Cell,
    Kind,
    Pair,
    Point,
    kinds_chart,
    phase_chart,
    progress_chart,
    region_grid,
)
from pipeline.report.view_model import PAPERS, CurveView, DataUri, Field, Paper, Table, clean
from pipeline.wording import explain, terms
from pipeline.wording import statistics as tables
from pipeline.wording import student as words

Row: TypeAlias = Mapping[str, Any]
Tables: TypeAlias = Mapping[str, Sequence[Row]]

NO_TABLE = Table((), ())
MOST_MONTHS = 36
MOST_KINDS = 7
MOST_PLAYERS = 20
MOST_LINES = 12
NAME_LIMIT = 24
CELL_NAME_LIMIT = 12
SOLID_GAMES = 3  # a month of fewer is drawn hollow
TELLING_GAMES = 5  # of fewer no judgement is printed
TELLING_MOVES = 100  # of a phase, before it is called strong or weak
TELLING_DIFFERENCE = 0.1  # part by which two mean losses must differ to be worth a word

_HALF = 87.0
_CURVE_MM, _PHASES_MM, _BOARD_MM = 34.0, 38.0, 38.0
_LINE_MM = 8.0  # of a ruled line
_HEAD_MM, _SENTENCE_MM, _PLAYER_MM = 10.0, 6.0, 5.0
_STUDENT_MM, _CLUB_MM = 200.0, 152.0  # height of what is always there
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_GRID = (
    "upper_left", "upper_side", "upper_right",
    "left_side", "centre", "right_side",
    "lower_left", "lower_side", "lower_right",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page with its heading: a drawing, a table, or a line that says why there is neither."""

    heading: str
    chart: CurveView | None = None
    table: Table = NO_TABLE
    text: str = ""


@dataclass(frozen=True, slots=True)
class SheetView:
    """The page. ``pairs`` stand two beside each other; ``last_lines`` are ruled for the teacher."""

    paper: Paper
    labels: dict[str, str]
    document_title: str
    running_head: str
    heading: str
    club: str
    created: str
    facts: tuple[Field, ...]
    progress: tuple[CurveView, ...]
    progress_note: str
    pairs: tuple[tuple[Part, ...], ...]
    players: Table
    players_left_out: int
    sentences: tuple[str, ...]
    last_lines: int
    logo: DataUri | None = None

    @property
    def players_note(self) -> str:
        """How many players the table does not list."""
        return words.players_left_out(self.players_left_out) if self.players_left_out else ""

    def shorter(self) -> SheetView | None:
        """The page with a ruled line less or, without such, a player less; nothing if it has neither."""
        if self.last_lines:
            return replace(self, last_lines=self.last_lines - 1)
        if self.players.rows:
            listed = replace(self.players, rows=self.players.rows[:-1])
            return replace(self, players=listed, players_left_out=self.players_left_out + 1)
        return None


def build_student(
    found: Tables, *, games: int, name: str, created: str, club: str = "", logo: DataUri | None = None
) -> SheetView:
    """The page about one player.

    Args:
        found: the tables ``summary``, ``months``, ``phases``, ``tags``, ``regions``, ``colours``.
        games: number of the player's games.
        name: as the player was asked for; the stored spelling goes before it.
        created: ISO date that the document bears.
        club: printed in the footer.
        logo: printed at the head.
    """
    summary: Row = next(iter(found.get("summary", ())), {})
    player = clean(str(summary.get("player") or name), NAME_LIMIT)
    count = int(summary.get("games") or games)
    facts = [
        Field(words.FACTS["player"], player),
        Field(words.FACTS["period"], words.period(_text(summary, "since"), _text(summary, "until"))),
        Field(words.FACTS["games"], str(count)),
        Field(words.FACTS["result"], words.score(_whole(summary, "won"), _whole(summary, "lost"), count)),
        *(_fact(key, summary) for key in ("mean_loss", "accuracy", "top1_rate", "mistakes_per_100")),
    ]
    sentences = _sentences(found, count)
    progress, note = _progress(found.get("months", ()))
    left = _STUDENT_MM + (_HEAD_MM + _SENTENCE_MM * len(sentences) if sentences else 0.0)
    left -= 0.0 if progress else _CURVE_MM
    return SheetView(
        paper=PAPERS["A4"],
        labels=words.LABELS,
        document_title=words.title(player),
        running_head=words.title(player),
        heading=words.title(player),
        club=clean(club, 40),
        created=created,
        facts=tuple(facts),
        progress=progress,
        progress_note=note,
        pairs=(
            (_phases(found.get("phases", ())), _regions(found.get("regions", ()))),
            (_kinds(found.get("tags", ())), Part(words.LABELS["results"], table=_results(found, summary))),
        ),
        players=NO_TABLE,
        players_left_out=0,
        sentences=sentences,
        last_lines=_lines(left),
        logo=logo,
    )


def build_club(found: Tables, *, games: int, created: str, club: str = "", logo: DataUri | None = None) -> SheetView:
    """The page about all players; ``found``: ``players``, ``phases``, ``all_months``, ``tags``."""
    players, phases = found.get("players", ()), found.get("phases", ())
    months = [_text(row, "month") for row in found.get("all_months", ()) if _text(row, "month")]
    moves = sum(_whole(row, "moves") for row in phases)
    total = {
        key: sum(float(row[key]) * row["moves"] for row in phases) / moves
        for key in ("mean_loss", "top1_rate", "mistakes_per_100")
        if moves
    }
    facts = (
        Field(words.FACTS["period"], words.period(min(months, default=""), max(months, default=""))),
        Field(words.FACTS["games"], str(games)),
        Field(words.FACTS["players"], str(len(players))),
        Field(words.FACTS["moves"], str(moves)),
        *(_fact(key, total) for key in ("mean_loss", "mistakes_per_100")),
    )
    columns = words.PLAYER_COLUMNS
    shown = tuple(
        (clean(str(row["player"]), CELL_NAME_LIMIT), *(tables.cell(column, row.get(column)) for column in columns[1:]))
        for row in players[:MOST_PLAYERS]
    )
    progress, note = _progress(found.get("all_months", ()))
    heading = words.LABELS["club_title"]
    return SheetView(
        paper=PAPERS["A4"],
        labels=words.LABELS,
        document_title=heading,
        running_head=heading,
        heading=heading,
        club=clean(club, 40),
        created=created,
        facts=facts,
        progress=progress,
        progress_note=note,
        pairs=((_phases(phases), _kinds(found.get("tags", ()))),),
        players=Table(tuple(words.NARROW_HEADS.get(column, tables.COLUMNS[column]) for column in columns), shown),
        players_left_out=len(players) - len(shown),
        sentences=(),
        last_lines=_lines(_CLUB_MM + _PLAYER_MM * len(shown)),
        logo=logo,
    )


def _lines(used: float) -> int:
    room = PAPERS["A4"].content_height - used - _HEAD_MM
    return max(0, min(MOST_LINES, int(room / _LINE_MM)))


def _text(row: Row, key: str) -> str:
    return str(row.get(key) or "")


def _whole(row: Row, key: str) -> int:
    return int(row.get(key) or 0)


def _fact(key: str, row: Row) -> Field:
    return Field(words.FACTS[key], tables.cell(key, row.get(key)))


def consecutive_months(rows: Sequence[Row]) -> list[tuple[int, int, Row | None]]:
    """Year, month and row of each calendar month from the first to the last that is known; the latest ones."""
    known = {
        int(match[1]) * 12 + int(match[2]) - 1: row for row in rows if (match := _MONTH.fullmatch(_text(row, "month")))
    }
    if not known:
        return []
    last = max(known)
    first = max(min(known), last - MOST_MONTHS + 1)
    return [(index // 12, index % 12 + 1, known.get(index)) for index in range(first, last + 1)]


def _progress(rows: Sequence[Row]) -> tuple[tuple[CurveView, ...], str]:
    months = consecutive_months(rows)
    if not months:
        return (), words.LABELS["no_dates"]
    charts = []
    for key, label, places in (("mean_loss", "loss_curve", 2), ("accuracy", "accuracy_curve", 0)):
        points = [
            Point(words.month(year, number), row[key], _whole(row, "games") >= SOLID_GAMES)
            if row is not None
            else Point(words.month(year, number), None)
            for year, number, row in months
        ]
        title = words.LABELS[label]
        svg = progress_chart(
            points, width_mm=_HALF, height_mm=_CURVE_MM, places=places, from_zero=key == "mean_loss", title=title
        )
        charts.append(CurveView(svg, title))
    dated = sum(bool(_MONTH.fullmatch(_text(row, "month"))) for row in rows)
    drawn = sum(row is not None for _, _, row in months)
    undated = sum(_whole(row, "games") for row in rows if not _MONTH.fullmatch(_text(row, "month")))
    return tuple(charts), words.progress_note(SOLID_GAMES, dated - drawn, MOST_MONTHS, undated)


def _phases(rows: Sequence[Row]) -> Part:
    heading = words.LABELS["phases"]
    if not rows:
        return Part(heading, text=words.LABELS["no_moves"])
    pairs = [Pair(tables.cell("phase", row["phase"]), row["mean_loss"], row.get("others_mean_loss")) for row in rows]
    caption = words.LABELS["phases_caption"] if any(pair.other is not None for pair in pairs) else ""
    svg = phase_chart(pairs, width_mm=_HALF, height_mm=_PHASES_MM, title=heading)
    return Part(heading, CurveView(svg, caption))


def _regions(rows: Sequence[Row]) -> Part:
    heading = words.LABELS["regions"]
    by_name = {row["region"]: row for row in rows}
    if not any(_whole(row, "mistakes") for row in rows):
        return Part(heading, text=words.LABELS["no_mistakes"])
    cells = []
    for name in _GRID:
        row = by_name.get(name, {})
        share = float(row.get("share_of_mistakes") or 0.0)
        cells.append(Cell(share, terms.percent(share, 0), words.mistakes(_whole(row, "mistakes"))))
    svg = region_grid(cells, side_mm=_BOARD_MM, title=heading)
    return Part(heading, CurveView(svg, words.LABELS["regions_caption"]))


def _kinds(rows: Sequence[Row]) -> Part:
    heading = words.LABELS["kinds"]
    if not rows:
        return Part(heading, text=words.LABELS["no_kinds"])
    kinds = [
        Kind(explain.tag_name(row["tag"]), row["total_loss"], words.kind_note(row["times"], row["total_loss"]))
        for row in rows[:MOST_KINDS]
    ]
    svg = kinds_chart(kinds, width_mm=_HALF, title=heading)
    return Part(heading, CurveView(svg, words.LABELS["kinds_caption"]))


def _results(found: Tables, summary: Row) -> Table:
    """A row a measure; a column for each colour that was played, and one for both."""
    colours = found.get("colours", ())
    columns = [(terms.SIDES[row["colour"]], row) for row in colours if row["colour"] in terms.SIDES]
    columns.append((words.BOTH_COLOURS, summary))
    return Table(
        ("", *(name for name, _ in columns)),
        tuple(
            (tables.COLUMNS[key], *(tables.cell(key, row.get(key)) for _, row in columns))
            for key in words.RESULT_COLUMNS
        ),
    )


def _sentences(found: Tables, games: int) -> tuple[str, ...]:
    """At most three; none of few games, and none where nothing differs by enough."""
    if games < TELLING_GAMES:
        return ()
    sentences = []
    against = sorted(
        (row["mean_loss"] / row["others_mean_loss"], str(row["phase"]), row["mean_loss"], row["others_mean_loss"])
        for row in found.get("phases", ())
        if row["moves"] >= TELLING_MOVES and (row.get("others_mean_loss") or 0) > 0
    )
    strong = against[0][1:] if against and against[0][0] <= 1 - TELLING_DIFFERENCE else None
    weak = against[-1][1:] if against and against[-1][0] >= 1 + TELLING_DIFFERENCE else None
    if strong or weak:
        sentences.append(words.strongest_and_weakest(strong, weak))
    trend = _trend(found.get("months", ()))
    if trend:
        sentences.append(trend)
    kinds = found.get("tags", ())
    if kinds and kinds[0]["times"] >= SOLID_GAMES:
        worst = kinds[0]
        sentences.append(words.commonest(explain.tag_name(worst["tag"]), worst["times"], worst["total_loss"]))
    return tuple(sentences)


def _trend(rows: Sequence[Row]) -> str:
    """Earlier months against later ones, each half of the games as nearly as whole months allow."""
    dated = [row for row in rows if _MONTH.fullmatch(_text(row, "month")) and row.get("mean_loss") is not None]
    half = sum(row["games"] for row in dated) / 2
    halves: tuple[list[Row], list[Row]] = ([], [])
    played = 0
    for row in dated:
        halves[played + row["games"] / 2 >= half].append(row)
        played += row["games"]
    counts = [sum(row["games"] for row in part) for part in halves]
    if min(counts) < TELLING_GAMES:
        return ""
    before, lately = (
        sum(row["mean_loss"] * row["moves"] for row in part) / sum(row["moves"] for row in part) for part in halves
    )
    if before <= 0 or abs(lately - before) / before < TELLING_DIFFERENCE:
        return ""
    return words.trend(before, lately, *counts)
