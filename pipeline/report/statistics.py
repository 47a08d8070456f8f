"""The statistics table of both players: overall and by phase. Pure."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.go.board import Color
from pipeline.report.view_model import Table
from pipeline.review.model import GameReview, MoveCategory, MoveStats
from pipeline.wording import report as words
from pipeline.wording import terms


def statistics_table(review: GameReview) -> Table:
    """One row a metric and a class; for each player the whole game and each phase that was reached."""
    reached = [
        phase for phase, _ in review.phase_starts if any(_phase(review, color, phase) is not None for color in Color)
    ]
    columns: list[MoveStats | None] = []
    for color in Color:
        columns.append(review.summary(color).overall)
        columns += [_phase(review, color, phase) for phase in reached]
    if not any(stats and stats.moves for stats in columns):
        return Table((), ())
    names = (words.LABELS["overall"], *(terms.PHASES[phase] for phase in reached))
    rows = [(label, *(_cell(stats, METRICS[key]) for stats in columns)) for key, label in words.METRICS.items()]
    divider = len(rows)
    for category in MoveCategory:
        counts = tuple(_count(stats, category) for stats in columns)
        rows.append((terms.CATEGORIES[category.value], *counts))
    return Table(
        head=(words.LABELS["metric"], *names, *names),
        rows=tuple(rows),
        groups=tuple((terms.SIDES[color], len(names)) for color in Color),
        divider=divider,
    )


def segments_table(review: GameReview) -> Table:
    """Segments of 50 moves: mean loss, match rate and mistakes of each player; empty for a short game."""
    pairs = list(zip(review.black.by_segment, review.white.by_segment, strict=False))
    if len(pairs) < 2:
        return Table((), ())
    keys = tuple(words.SEGMENT_METRICS)
    rows = [
        (
            words.segment(first, last),
            *(_cell(stats, SEGMENT_METRICS[key]) for stats in (black, white) for key in keys),
        )
        for (first, last, black), (_, _, white) in pairs
    ]
    names = tuple(words.SEGMENT_METRICS.values())
    return Table(
        head=(words.LABELS["segment"], *names, *names),
        rows=tuple(rows),
        groups=tuple((terms.SIDES[color], len(names)) for color in Color),
    )


def loss_classes(review: GameReview) -> tuple[tuple[str, int, int], ...]:
    """Name of each class with the number of Black's and of White's moves in it; empty without moves."""
    black, white = (dict(review.summary(color).overall.category_counts) for color in Color)
    if not (review.black.overall.moves or review.white.overall.moves):
        return ()
    return tuple((terms.CATEGORIES[c.value], black.get(c, 0), white.get(c, 0)) for c in MoveCategory)


def _phase(review: GameReview, color: Color, phase: str) -> MoveStats | None:
    stats = dict(review.summary(color).by_phase).get(phase)  # type: ignore[call-overload]
    return stats if stats is not None and stats.moves else None


def _cell(stats: MoveStats | None, write: Callable[[MoveStats], str | None]) -> str:
    text = write(stats) if stats is not None and stats.moves else None
    return words.LABELS["none"] if text is None else text


def _count(stats: MoveStats | None, category: MoveCategory) -> str:
    if stats is None or not stats.moves:
        return words.LABELS["none"]
    return str(dict(stats.category_counts).get(category, 0))


def _rate(value: float | None, places: int = 1) -> str | None:
    return None if value is None else terms.percent(value, places)


def _number(value: float | None, places: int) -> str | None:
    return None if value is None else terms.decimal(value, places)


def _mistakes(stats: MoveStats) -> str:
    counts = dict(stats.category_counts)
    return str(sum(counts.get(category, 0) for category in _FROM_MISTAKE))


_FROM_MISTAKE = (MoveCategory.MISTAKE, MoveCategory.BLUNDER, MoveCategory.HUGE_BLUNDER)
SEGMENT_METRICS: dict[str, Callable[[MoveStats], str | None]] = {
    "mean_loss": lambda s: _number(s.mean_loss, 2),
    "match_rate": lambda s: _rate(s.match_rate),
    "mistakes": _mistakes,
}
METRICS: dict[str, Callable[[MoveStats], str | None]] = {
    "moves": lambda s: str(s.moves),
    "mean_loss": lambda s: _number(s.mean_loss, 2),
    "total_loss": lambda s: _number(s.total_loss, 1),
    "mean_winrate_loss": lambda s: _rate(s.mean_winrate_loss),
    "match_rate": lambda s: _rate(s.match_rate),
    "top1_rate": lambda s: _rate(s.top1_rate),
    "top3_rate": lambda s: _rate(s.top3_rate),
    "free_top1_rate": lambda s: _rate(s.free_top1_rate),
    "accuracy": lambda s: _number(s.accuracy, 1),
}
