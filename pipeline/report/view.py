"""From a judged game to the page: every number becomes a Chinese string, every figure an SVG. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.evaluation import AnalysisInfo, Evaluation
from pipeline.go.board import Color
from pipeline.go.record import GameRecord, Player
from pipeline.plan import ENOUGH
from pipeline.report import boards, heights, pages, sentences
from pipeline.report.cover import cover
from pipeline.report.curves import CurveMark, score_curve, winrate_curve
from pipeline.report.histogram import loss_histogram
from pipeline.report.lessons import lessons
from pipeline.report.moments import NOTE_REM, Told, lines_beside, moment_views, swing
from pipeline.report.options import Coordinates, Layout, ReportOptions, layout_of
from pipeline.report.statistics import loss_classes, segments_table, statistics_table
from pipeline.report.view_model import (
    CurveView,
    Field,
    FigureView,
    ReportView,
    Svg,
    Table,
    clean,
    without_address,
)
from pipeline.review.model import GameReview, KeyMoment, MoveReview
from pipeline.wording import report as words
from pipeline.wording import terms

NAME_LIMIT = 40
EVENT_LIMIT = 60
HEAD_NAME_LIMIT = 16
HISTOGRAM_WIDTH = 0.4  # of the page; the segments stand beside it
HISTOGRAM_HEIGHT_MM = 25.0

# Heights of what not every report has.
STUDENT_REM, LOGO_REM = 2.0, 1.2
DEFAULT_OPTIONS = ReportOptions()

__all__ = ["ReportOptions", "build_view"]


def build_view(
    record: GameRecord,
    evaluations: Mapping[int, Evaluation],
    review: GameReview,
    info: AnalysisInfo,
    options: ReportOptions = DEFAULT_OPTIONS,
    *,
    printed_on: str,
    unprintable: int = 0,
) -> ReportView:
    """The report of one game.

    Args:
        record: the game as read.
        evaluations: turn -> evaluation, Black's view; may have gaps.
        review: the verdicts on this game.
        info: how it was analysed.
        options: the user's choices.
        printed_on: ISO 8601 date that the document bears; the same input and
            date give the same view.
        unprintable: how many characters of this view our fonts lack, which is
            noted among the corrections and takes its place on the page.

    Raises:
        KeyError: ``options.paper`` is no known format.
    """
    layout = layout_of(options)
    moments = _chosen(review, options)
    black = clean(record.info.black.name, HEAD_NAME_LIMIT)
    white = clean(record.info.white.name, HEAD_NAME_LIMIT)
    studio = boards.Studio(record, layout)
    fields, statistics = _game(record, printed_on, info.level), statistics_table(review)
    overview, learnt = sentences.overview(record, review, options.side), lessons(review, options.side)
    highlights = sentences.highlights(record, review)
    key_moves, segments = _key_table(review, moments), segments_table(review)
    corrections = tuple(clean(c.text, 200) for c in record.corrections)
    if unprintable:
        corrections += (words.missing_glyphs(unprintable),)
    method = _method(record, info, review, evaluations)
    has_curves = sum(v is not None for v in review.winrates) >= 2
    note = words.only_side(options.side) if options.side and moments else ""
    statistics_mm = heights.statistics(layout, statistics, words.DEFINITIONS)
    parts_mm = (heights.key_moves(layout, key_moves), heights.highlights(layout, highlights))
    first_page = cover(
        layout,
        fields=fields,
        overview=(("".join(overview),) if overview else ()) + _with_lead(learnt),
        curves=has_curves,
        parts_mm=parts_mm,
        statistics_mm=statistics_mm,
        extra_rem=STUDENT_REM * bool(options.student) + LOGO_REM * (options.logo is not None),
    )
    carried = [(name, mm) for name, mm in zip((pages.KEY_MOVES, pages.HIGHLIGHTS), parts_mm, strict=True) if mm]
    arranged = pages.arrange(
        layout,
        pages.Parts(
            carried=tuple(carried[len(carried) - first_page.carried :]),
            statistics=statistics_mm,
            moments=moment_views(Told(record, evaluations, review, layout), studio, moments, options.side),
            moments_note=heights.rem_mm(layout) * (NOTE_REM if note else 0.0),
            records=studio.record_layouts(options.moves_per_figure) if options.record else (),
            segments=heights.segments(layout, segments),
            closing=(heights.corrections(layout, corrections), heights.method(layout, method, words.CLASSES)),
            cover_rest=first_page.rest_mm,
        ),
    )
    record_rows = studio.record_rows(options.moves_per_figure, arranged.record) if arranged.record else ()
    view = ReportView(
        paper=layout.paper,
        labels=words.LABELS,
        document_title=words.document_title(black, white),
        running_head=words.players(black, white),
        club=clean(options.club, NAME_LIMIT),
        created=printed_on,
        game=fields,
        overview=overview,
        lessons=learnt,
        curves=_curves(review, moments, layout.paper.content_width, first_page.curve_height_mm) if has_curves else (),
        key_moves=key_moves,
        statistics=statistics,
        definitions=words.DEFINITIONS,
        moments=arranged.moments,
        moments_note=note,
        record=record_rows,
        record_lines=tuple(_lines_beside(layout, row) for row in record_rows),
        corrections=corrections,
        method=method,
        classes=words.CLASSES,
        segments=segments,
        histogram=_histogram(review, layout.paper.content_width),
        highlights=highlights,
        student_note=words.written_for(clean(options.student, NAME_LIMIT), options.side),
        segments_early=arranged.segments_early,
        method_early=arranged.method_early,
        cover_lines=first_page.lines or arranged.carried_lines,
        last_lines=arranged.last_lines,
        record_early=arranged.record_early,
        starts=arranged.starts,
        ruled=arranged.ruled,
        colour=options.colour,
        logo=options.logo,
    )
    return _with_chinese_points(view, record.height) if options.coordinates is Coordinates.CHINESE else view


def _with_lead(learnt: tuple[str, ...]) -> tuple[str, ...]:
    """The lessons as they are set: the first stands behind its heading."""
    return tuple(f"{words.LABELS['lessons']}  {text}" if not index else text for index, text in enumerate(learnt))


def _with_chinese_points(view: ReportView, height: int) -> ReportView:
    """The same words with the points named as on the boards."""

    def named(text: str) -> str:
        return terms.chinese_points(text, height)

    rows = tuple((*row[:2], *map(named, row[2:])) for row in view.key_moves.rows)
    moments = tuple(
        replace(
            moment,
            heading=named(moment.heading),
            verdict=tuple(replace(field, value=named(field.value)) for field in moment.verdict),
            text=named(moment.text),
        )
        for moment in view.moments
    )
    view = replace(view, overview=tuple(map(named, view.overview)), highlights=tuple(map(named, view.highlights)))
    return replace(view, key_moves=replace(view.key_moves, rows=rows), moments=moments)


def _chosen(review: GameReview, options: ReportOptions) -> list[tuple[KeyMoment, MoveReview]]:
    """Key moments in game order, numbered as printed, each with its verdict."""
    verdicts = {m.move_number: m for m in review.moves}
    kept: list[KeyMoment] = []
    for color in Color:
        own = sorted((m for m in review.key_moments if m.player is color), key=lambda m: (-m.importance, m.move_number))
        kept += own[: options.key_moments]
    ordered = sorted((m for m in kept if m.move_number in verdicts), key=lambda m: m.move_number)
    return [(replace(m, number=i), verdicts[m.move_number]) for i, m in enumerate(ordered, start=1)]


def _game(record: GameRecord, printed_on: str, level: str) -> tuple[Field, ...]:
    info, labels = record.info, words.INFO
    ruleset = record.ruleset.value
    result = terms.result(info.result.kind.value, info.result.winner, info.result.margin, ruleset)
    event = clean(without_address(f"{info.event} {info.round}"), EVENT_LIMIT)
    fields = [
        (labels["black"], _player(info.black)),
        (labels["white"], _player(info.white)),
        (labels["result"], result),
        (labels["moves"], words.moves_count(record.total_turns, record.inserted_passes)),
        (labels["komi"], terms.komi(record.komi, ruleset)),
        (labels["handicap"], terms.handicap(record.handicap, record.komi, clean(info.handicap_text, 20))),
        (labels["date"], terms.date(clean(info.date, 30)) or words.UNDATED),
        (labels["event"], event),
        (labels["place"], clean(without_address(info.place), EVENT_LIMIT)),
        (labels["printed"], words.printed(terms.date(printed_on[:10]), level)),
    ]
    return tuple(Field(label, value) for label, value in fields if value)


def _player(player: Player) -> str:
    return words.name(clean(player.name, NAME_LIMIT), clean(player.rank, 12))


def _curves(
    review: GameReview, moments: Iterable[tuple[KeyMoment, MoveReview]], width_mm: float, height_mm: float
) -> tuple[CurveView, ...]:
    marks = tuple(CurveMark(m.move_number, m.player, str(m.number)) for m, _ in moments)
    starts = tuple(first for _, first in review.phase_starts)
    names = tuple(terms.PHASES[phase.value] for phase, _ in review.phase_starts)
    made = []
    for kind, draw, values in (
        ("winrate_curve", winrate_curve, review.winrates),
        ("score_curve", score_curve, review.score_leads),
    ):
        svg = draw(
            values,
            marks=marks,
            phase_starts=starts,
            phase_labels=names,
            width_mm=width_mm,
            height_mm=height_mm,
            title=words.curve_alt(kind),
            axis_label=words.LABELS["move_axis"],
        )
        made.append(CurveView(Svg(svg), words.LABELS[kind]))
    return tuple(made)


def _histogram(review: GameReview, width_mm: float) -> CurveView | None:
    classes = loss_classes(review)
    if not classes:
        return None
    caption = words.LABELS["histogram"]
    width, height = HISTOGRAM_WIDTH * width_mm, HISTOGRAM_HEIGHT_MM * width_mm / 180
    return CurveView(Svg(loss_histogram(classes, width_mm=width, height_mm=height, title=caption)), caption)


def _key_table(review: GameReview, moments: Iterable[tuple[KeyMoment, MoveReview]]) -> Table:
    rows = []
    for moment, verdict in moments:
        found = swing(review, verdict)
        change = found[1] - found[0] if found else -verdict.winrate_lost
        kind = terms.CATEGORIES[verdict.category.value]
        if verdict.move_number == review.losing_move:
            kind += f"·{terms.LOSING_MOVE}"
        rows.append(
            (
                str(moment.number),
                words.key_row(verdict.move_number, verdict.player),
                terms.vertex(verdict.vertex),
                terms.vertex(verdict.best_vertex) if verdict.best_vertex else words.LABELS["none"],
                terms.signed_percent(change),
                terms.decimal(max(0.0, verdict.points_lost)),
                kind,
            )
        )
    return Table(words.KEY_TABLE_HEAD, tuple(rows))


def _lines_beside(layout: Layout, row: Sequence[FigureView]) -> int:
    return lines_beside(layout, [figure.width_mm for figure in row], max(figure.full_height_mm for figure in row))


def _method(
    record: GameRecord, info: AnalysisInfo, review: GameReview, evaluations: Mapping[int, Evaluation]
) -> tuple[Field, ...]:
    labels, identity = words.METHOD, info.identity
    if info.level == "quick":
        visits = words.quick_visits(info.quick_visits)
    elif info.level == "partial":
        depths = [e.visits for e in evaluations.values()]
        deep = sum(depth >= ENOUGH * info.visits for depth in depths)
        visits = words.partial_visits(info.visits, min(depths, default=0), deep)
    else:
        visits = words.visits(info.visits, info.quick_visits, info.strategy)
    fields = [
        (labels["engine"], words.engine(clean(identity.version, 60), clean(identity.backend, 30))),
        (labels["network"], clean(identity.network, 80)),
        (labels["device"], clean(identity.device, 80)),
        (labels["visits"], visits),
        (labels["positions"], str(info.positions)),
        (labels["level"], words.levels(review.levels)),
        (labels["finished"], terms.date(info.finished_at[:10])),
        (labels["game_id"], record.game_id),
    ]
    return tuple(Field(label, value) for label, value in fields if value)
