"""The comparison of engines and networks: the table, the chart's data, the forecast. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.engine.benchmark import BenchmarkRun
from pipeline.needs import plan_of_positions
from pipeline.plan import Budget
from pipeline.presets import PRESETS, STRENGTH, profile_of, resolve, strength
from pipeline.report.barchart import Bar, Group
from pipeline.wording import benchmark as words

NIGHT_HOURS = 8
GAME_MOVES = 250
GAME_POINTS = 19 * 19
GAME_MOMENTS = 10  # key moments that a report prints: five of each player
PRINT_SECONDS = 1.5  # a report of twelve pages on one core; games are printed one after the other, beside the search

_BLOCKS = re.compile(r"b\d+c\d+[a-z0-9]*")
_MARKS = re.compile(r"\((?:R|TM|C)\)|\s+(?:CPU|Processor)\b|@.*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One engine on one network.

    ``engine`` is KataGo's version, ``variant`` tells builds of one backend
    apart (``AVX2``). ``threads`` are those that KataGo recommends, ``speed`` the visits a second
    with them, ``top_speed`` and ``top_threads`` the fastest. ``factor`` is
    ``speed`` against the slowest row, ``factor_here`` against the slowest of
    the same network. ``analysis_speed`` is what our own analysis was measured
    with (``--tune``), 0 if it was not. A row with an ``error`` has no figures.
    """

    network: str
    network_file: str
    backend: str
    device: str
    engine: str = ""
    variant: str = ""
    threads: int = 0
    speed: float = 0.0
    top_threads: int = 0
    top_speed: float = 0.0
    batch: float = 0.0
    factor: float = 0.0
    factor_here: float = 0.0
    visits: int = 0
    board: int = 0
    is_complete: bool = True
    analysis_speed: float = 0.0
    advice: tuple[str, ...] = ()
    error: str = ""

    @property
    def forecast_speed(self) -> float:
        """Visits a second to reckon with: our own measurement, else KataGo's recommended setting."""
        return self.analysis_speed or self.speed


def row_of(run: BenchmarkRun, blank: Row) -> Row:
    """A row with the figures of a run."""
    at, top = run.reading.at_recommended, run.reading.fastest
    assert at is not None
    assert top is not None
    return replace(
        blank,
        backend=run.backend,
        device=short_device(run.device),
        threads=at.threads,
        speed=at.visits_per_second,
        batch=at.batch,
        top_threads=top.threads,
        top_speed=top.visits_per_second,
        visits=run.reading.visits,
        board=run.reading.board,
        is_complete=run.is_complete,
        advice=run.reading.advice,
    )


def with_factors(rows: Sequence[Row]) -> list[Row]:
    """The rows with both factors filled in."""
    measured = [row for row in rows if row.speed > 0]
    slowest = min((row.speed for row in measured), default=0.0)
    filled = []
    for row in rows:
        here = min((other.speed for other in measured if other.network == row.network), default=0.0)
        known = row.speed > 0
        filled.append(
            replace(row, factor=row.speed / slowest if known else 0.0, factor_here=row.speed / here if known else 0.0)
        )
    return filled


def short_network(name: str) -> str:
    """Blocks and channels of a network as players call it (``b18c384nbt``); the whole name if it has none."""
    match = _BLOCKS.search(name)
    return match.group() if match else name


def short_device(name: str) -> str:
    """A device's name without trade marks and clock rates."""
    return " ".join(_MARKS.sub(" ", name).split()) or name


def backend_name(backend: str) -> str:
    """A backend as KataGo's own releases spell it."""
    return words.BACKENDS.get(backend, backend or words.UNKNOWN)


def engine_names(rows: Sequence[Row]) -> list[str]:
    """What to call each row's engine beside its network: backend and device, the version too where that is needed."""
    short = [_joined(_backend(row), row.device) for row in rows]
    keys = [(row.network, name) for row, name in zip(rows, short, strict=True)]
    return [
        name if keys.count(key) == 1 else _joined(f"{_backend(row)} {row.engine}".strip(), row.device)
        for row, name, key in zip(rows, short, keys, strict=True)
    ]


def _backend(row: Row) -> str:
    return f"{backend_name(row.backend)} {row.variant}".strip()


def _joined(*parts: str) -> str:
    return " · ".join(_cell(part) for part in parts if part)


def labels_of(rows: Sequence[Row]) -> dict[str, str]:
    """Network -> what to call it in the table: short where that is unambiguous."""
    names = list(dict.fromkeys(row.network for row in rows))
    short = {name: short_network(name) for name in names}
    return {name: label if list(short.values()).count(label) == 1 else name for name, label in short.items()}


def visits_of_game(budget: Budget) -> int:
    """Visits that the review of a game of 250 moves will probably take."""
    return plan_of_positions(GAME_MOVES + 1, GAME_POINTS, profile_of(budget), GAME_MOMENTS).work.visits


def games_a_night(speed: float, budget: Budget) -> float:
    """Games of 250 moves that are reviewed and printed in a night of eight hours at so many visits a second."""
    return NIGHT_HOURS * 3600 / max(visits_of_game(budget) / speed, PRINT_SECONDS) if speed > 0 else 0.0


def preset_budgets() -> dict[str, Budget]:
    """The presets as ``fupan review`` runs them."""
    return {name: resolve(base, visits=None, quick=None, strategy=None) for name, base in PRESETS.items()}


def as_dict(rows: Sequence[Row]) -> dict[str, Any]:
    """The comparison for programs."""
    budgets = preset_budgets()
    return {
        "night_hours": NIGHT_HOURS,
        "game_moves": GAME_MOVES,
        "presets": {name: preset_as_dict(budget) for name, budget in budgets.items()},
        "rows": [
            {
                "network": row.network,
                "network_file": row.network_file,
                "backend": row.backend,
                "device": row.device,
                "engine": row.engine,
                "variant": row.variant,
                "recommended_threads": row.threads,
                "visits_per_second": round(row.speed, 2),
                "max_visits_per_second": round(row.top_speed, 2),
                "max_threads": row.top_threads,
                "average_batch": row.batch,
                "factor": round(row.factor, 2),
                "factor_same_network": round(row.factor_here, 2),
                "analysis_visits_per_second": round(row.analysis_speed, 2),
                "visits": row.visits,
                "board": row.board,
                "complete": row.is_complete,
                "advice": list(row.advice),
                "error": row.error,
                "games_a_night": {
                    name: round(games_a_night(row.forecast_speed, budget), 2) for name, budget in budgets.items()
                },
            }
            for row in rows
        ],
    }


def preset_as_dict(budget: Budget) -> dict[str, Any]:
    """A preset for programs."""
    return {
        "quick": budget.quick,
        "visits": budget.full,
        "strategy": budget.strategy.value,
        "strength": strength(budget.full),
        "visits_a_game": visits_of_game(budget),
    }


def preset_lines() -> list[str]:
    """The presets as a Markdown table, and what visits are worth."""
    lines = [*words.PRESET_HEAD]
    for name, budget in preset_budgets().items():
        how = words.PRESET_UNIFORM if budget.quick == 0 else words.PRESET_ADAPTIVE
        lines.append(
            words.PRESET_ROW.format(
                key=name,
                name=words.PRESET_NAMES[name],
                purpose=words.PRESET_PURPOSES[name],
                how=how.format(quick=budget.quick, visits=budget.full),
                strength=words.STRENGTHS[strength(budget.full)],
                total=words.visits_a_game(visits_of_game(budget)),
            )
        )
    return [*lines, "", *words.strength_lines(STRENGTH)]


def markdown(rows: Sequence[Row], *, when: str, version: str, chart: str = "") -> str:
    """The comparison as a Markdown page.

    Args:
        rows: with factors.
        when: date and time in words.
        version: our own version.
        chart: file name of the chart beside the page.
    """
    labels, budgets = labels_of(rows), preset_budgets()
    done = [row for row in rows if not row.error]
    lines = [words.PAGE_TITLE, "", words.PAGE_INTRO.format(when=when, version=version), "", *words.TABLE_HEAD]
    for row in done:
        lines.append(
            words.TABLE_ROW.format(
                network=labels[row.network],
                backend=_backend(row),
                version=_cell(row.engine) or words.UNKNOWN,
                device=_cell(row.device) or words.UNKNOWN,
                threads=row.threads,
                speed=words.speed(row.speed),
                top=words.speed(row.top_speed),
                factor=row.factor,
                here=row.factor_here,
                mark="" if row.is_complete else words.INCOMPLETE_MARK,
            )
        )
    lines += ["", words.TABLE_NOTE]
    if any(not row.is_complete for row in rows):
        lines.append(words.INCOMPLETE_NOTE)
    if chart and done:
        lines += ["", f"![{words.CHART_TITLE}]({chart})"]
    lines += ["", words.FORECAST_TITLE, "", *words.forecast_head(list(budgets))]
    for row, engine in zip(done, engine_names(done), strict=True):
        cells = [words.games(games_a_night(row.forecast_speed, budget)) for budget in budgets.values()]
        name = _joined(labels[row.network], engine)
        speed = words.speed(row.forecast_speed) + (words.OWN_MARK if row.analysis_speed else "")
        lines.append("| " + " | ".join([name, speed, *cells]) + " |")
    note = words.FORECAST_NOTE.format(moves=GAME_MOVES, hours=NIGHT_HOURS, printing=PRINT_SECONDS)
    lines += ["", note, "", words.PRESETS_TITLE, ""]
    lines += preset_lines()
    advice = [(row, text) for row in done for text in row.advice]
    if advice:
        lines += ["", words.ADVICE_TITLE, ""]
        lines += [f"- {_joined(labels[row.network], _backend(row))}: {_cell(text)}" for row, text in advice]
    failed = [row for row in rows if row.error]
    if failed:
        lines += ["", words.FAILED_TITLE, ""]
        lines += [
            f"- {_joined(labels[row.network], name)}: {_cell(row.error)}"
            for row, name in zip(failed, engine_names(failed), strict=True)
        ]
    return "\n".join(lines) + "\n"


def chart_groups(rows: Sequence[Row]) -> list[Group]:
    """The bars, a group for each network, slowest first."""
    labels = labels_of(rows)
    named = list(zip(rows, engine_names(rows), strict=True))
    groups = []
    for network, label in labels.items():
        mine = [(row, name) for row, name in named if row.network == network and row.speed > 0]
        bars = tuple(
            Bar(
                label=name,
                value=row.speed,
                limit=row.top_speed,
                note=words.BAR_NOTE.format(speed=words.speed(row.speed), threads=row.threads, factor=row.factor),
            )
            for row, name in sorted(mine, key=lambda pair: pair[0].speed)
        )
        if bars:
            groups.append(Group(label, bars))
    return groups


def _cell(text: str) -> str:
    """Text that cannot break a table."""
    return " ".join(text.replace("|", "/").replace("`", "'").replace("<", "‹").split())
