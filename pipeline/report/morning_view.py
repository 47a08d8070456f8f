"""What the pages of the morning summary show. Pure.

The summary is one document for print and one for the telephone, from the same view.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.report.view_model import PAPERS, DataUri, Field, Paper, clean
from pipeline.wording import morning as words

NAME_LIMIT = 12
FILE_LIMIT = 60
TEXT_LIMIT = 400
MAX_OPEN_LINES = 24


@dataclass(frozen=True, slots=True)
class SideLine:
    """One player of a finished game; ``loss`` in points, ``match`` 0..1."""

    name: str
    rank: str
    match: float | None
    worst_move: int | None
    worst_loss: float | None


@dataclass(frozen=True, slots=True)
class GameLine:
    """A finished game. ``report`` and ``page`` are addresses relative to the output folder, percent-encoded."""

    number: str
    group: str
    black: SideLine
    white: SideLine
    result: tuple[str, str | None, float | None]
    moves: int
    level: str
    report: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class FailureLine:
    """What was not done: a game at a level, or a file (``level`` empty)."""

    name: str
    level: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A job that is not finished."""

    name: str
    level: str
    state: str
    percent: int


@dataclass(frozen=True, slots=True)
class Work:
    """What the engine did; ``first`` and ``last`` bound the work, where it is known."""

    visits: int = 0
    positions: int = 0
    engine_seconds: float = 0.0
    engines: tuple[str, ...] = ()
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Night:
    """All there is to say about a span of time, games in order; ``folders``: class and where its reports lie."""

    since: datetime
    now: datetime
    games: tuple[GameLine, ...]
    failures: tuple[FailureLine, ...] = ()
    open: tuple[OpenLine, ...] = ()
    open_games: int = 0
    seconds_left: float | None = None
    is_paused: bool = False
    duplicates: int = 0
    work: Work = Work()
    troubles: tuple[str, ...] = ()
    folders: tuple[tuple[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was done, failed or waits."""
        return not (self.games or self.failures or self.open)

    @property
    def failed_games(self) -> int:
        """Games that failed at some level."""
        return len({line.name for line in self.failures if line.level})

    @property
    def failed_files(self) -> int:
        """Files that could not be read."""
        return sum(not line.level for line in self.failures)


@dataclass(frozen=True, slots=True)
class RowView:
    """A game as printed: cells of the table, and the same for a telephone."""

    cells: tuple[str, ...]
    title: str
    details: str
    report: str
    page: str


@dataclass(frozen=True, slots=True)
class GroupView:
    """A class with its games."""

    heading: str
    folder: str
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class MorningView:
    """The document. ``labels`` are the fixed words; ``created`` is the date that it bears."""

    paper: Paper
    labels: dict[str, str]
    document_title: str
    running_head: str
    subtitle: str
    club: str
    created: str
    facts: tuple[Field, ...]
    head: tuple[str, ...]
    head_groups: tuple[tuple[str, int], ...]
    groups: tuple[GroupView, ...]
    failures_head: tuple[str, ...]
    failures: tuple[tuple[str, ...], ...]
    open: tuple[str, ...]
    notes: tuple[str, ...]
    logo: DataUri | None = None
    colour: bool = False


def build_morning(
    night: Night,
    *,
    paper: str = "A4",
    club: str = "",
    logo: DataUri | None = None,
    colour: bool = False,
    limit: int | None = None,
) -> MorningView:
    """The morning summary of a night.

    Args:
        night: what happened.
        paper: a name of ``PAPERS``.
        club: printed in the footer.
        logo: printed at the head.
        colour: headings in colour.
        limit: list so many games and so many failures at most, and say how many are left out.

    Raises:
        KeyError: ``paper`` is no known format.
    """
    day = night.now.date()
    title = f"{words.TITLE} {words.headline(day)}"
    open_lines = [
        words.open_line(clean(line.name, FILE_LIMIT), line.level, line.state, line.percent)
        for line in night.open[:MAX_OPEN_LINES]
    ]
    if len(night.open) > MAX_OPEN_LINES:
        open_lines.append(words.open_rest(len(night.open) - MAX_OPEN_LINES))
    return MorningView(
        paper=PAPERS[paper],
        labels=words.LABELS,
        document_title=title,
        running_head=title,
        subtitle=words.headline(day),
        club=clean(club, 40),
        created=day.isoformat(),
        facts=_facts(night),
        head=words.GAMES_HEAD,
        head_groups=words.GAMES_GROUPS,
        groups=_groups(night, limit),
        failures_head=words.FAILURES_HEAD,
        failures=tuple(
            (
                words.failure_name(clean(line.name, FILE_LIMIT), line.level),
                clean(line.message, TEXT_LIMIT),
                clean(line.advice, TEXT_LIMIT),
            )
            for line in night.failures[:limit]
        ),
        open=tuple(open_lines),
        notes=_notes(night, limit),
        logo=logo,
        colour=colour,
    )


def _facts(night: Night) -> tuple[Field, ...]:
    work, labels = night.work, words.FACTS
    facts = [
        ("period", words.period(night.since, night.now)),
        ("done", words.done(Counter(game.level for game in night.games))),
        ("failed", words.failed(night.failed_games, night.failed_files)),
        ("open", words.still_open(night.open_games, night.seconds_left, paused=night.is_paused)),
    ]
    if work.visits:
        facts += [
            ("time", words.time_used(work.engine_seconds, work.first, work.last)),
            ("visits", words.visits(work.visits, work.positions)),
            ("speed", words.speed(work.visits / max(work.engine_seconds, 0.001))),
        ]
    facts += [("engine", clean(text, 120)) for text in work.engines]
    if night.duplicates:
        facts.append(("duplicates", words.duplicates(night.duplicates)))
    facts += [("trouble", clean(text, TEXT_LIMIT)) for text in night.troubles]
    return tuple(Field(labels[name], text) for name, text in facts)


def _notes(night: Night, limit: int | None) -> tuple[str, ...]:
    rest = [max(0, len(lines) - limit) if limit is not None else 0 for lines in (night.games, night.failures)]
    return (*(words.NOTES if night.games else ()), *([words.left_out(*rest)] if any(rest) else ()))


def _groups(night: Night, limit: int | None) -> tuple[GroupView, ...]:
    groups: dict[str, list[GameLine]] = {}
    for game in sorted(night.games, key=lambda game: game.group == ""):
        groups.setdefault(game.group, []).append(game)
    number = 0
    views = []
    for group, games in groups.items():
        name = clean(group, FILE_LIMIT) or (words.NO_CLASS if len(groups) > 1 else words.ALL_GAMES)
        rows = []
        for game in games if limit is None else games[: max(0, limit - number)]:
            number += 1
            rows.append(_row(game, number))
        if not rows:
            break
        folder = clean(dict(night.folders).get(group, ""), 120)
        views.append(GroupView(words.group_heading(name, len(games)), folder, tuple(rows)))
    return tuple(views)


def _row(game: GameLine, number: int) -> RowView:
    sides: Sequence[SideLine] = (game.black, game.white)
    names = [words.player(clean(side.name, NAME_LIMIT), clean(side.rank, 8)) for side in sides]
    matches = [words.match(side.match) for side in sides]
    worst = [words.worst(side.worst_move, side.worst_loss) for side in sides]
    result = words.result(*game.result)
    edition = words.EDITIONS.get(game.level, game.level)
    cells = (f"{words.TICK}{number}", *names, result, str(game.moves), *matches, *worst, edition, game.number)
    details = words.sentence(
        [
            result,
            words.moves(game.moves),
            f"{words.LABELS['match']}{words.one_of_each(*matches)}",
            f"{words.LABELS['worst']}{words.one_of_each(*worst)}",
        ]
    )
    return RowView(
        cells=cells,
        title=words.sentence([f"{number}.", words.one_of_each(*(f" {name}" for name in names))]),
        details=words.sentence([details, edition]),
        report=game.report,
        page=game.page,
    )
