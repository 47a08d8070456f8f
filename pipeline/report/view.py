"""From a judged game to the page: every number becomes a Chinese string, every figure an SVG. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pipeline.evaluation import AnalysisInfo, Evaluation
from pipeline.go.board import Color
from pipeline.go.record import GameRecord, Player
from pipeline.report import boards, sentences
from pipeline.report.curves import CurveMark, score_curve, winrate_curve
from pipeline.report.histogram import loss_histogram
from pipeline.report.statistics import loss_classes, segments_table, statistics_table
from pipeline.report.view_model import (
    PAPERS,
    CurveView,
    Field,
    FigureView,
    MomentView,
    Paper,
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
CURVE_HEIGHT_MM = 40.0
HISTOGRAM_WIDTH = 0.4  # of the page; the segments stand beside it
HISTOGRAM_HEIGHT_MM = 25.0
# What the stylesheet makes of a key moment on A4, in mm: two of them fill a page.
FRAME_MM = 25.8  # heading, verdict, caption, margins
TEXT_LINE_MM = 5.65
RULE_MM = 8.0
TEXT_EM_A_LINE = 50.0
LATIN_EM = 0.58
MIN_NOTE_LINES, MAX_NOTE_LINES = 2, 5
MIN_NOTE_WIDTH_MM = 50.0


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What the user chooses about a report.

    ``paper`` is a key of :data:`pipeline.report.view_model.PAPERS`.
    ``key_moments`` limits the key moments of each player to the weightiest
    (``None``: all that the review names). ``side`` details only that
    player's key moments. ``record`` adds the complete record in figures of
    ``moves_per_figure`` moves.
    """

    paper: str = "A4"
    key_moments: int | None = None
    moves_per_figure: int = 50
    club: str = ""
    side: Color | None = None
    record: bool = True


def build_view(
    record: GameRecord,
    evaluations: Mapping[int, Evaluation],
    review: GameReview,
    info: AnalysisInfo,
    options: ReportOptions = ReportOptions(),
    *,
    printed_on: str,
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

    Raises:
        KeyError: ``options.paper`` is no known format.
    """
    paper = PAPERS[options.paper]
    moments = _chosen(review, options)
    black = clean(record.info.black.name, HEAD_NAME_LIMIT)
    white = clean(record.info.white.name, HEAD_NAME_LIMIT)
    studio = boards.Studio(record, evaluations, paper)
    game = _Game(record, evaluations, review, paper)
    details = [(m, v) for m, v in moments if options.side in (None, m.player)]
    return ReportView(
        paper=paper,
        labels=words.LABELS,
        document_title=words.document_title(black, white),
        running_head=words.players(black, white),
        club=clean(options.club, NAME_LIMIT),
        created=printed_on,
        game=_game(record, printed_on, info.level),
        overview=sentences.overview(record, review),
        curves=_curves(review, moments, paper.content_width),
        key_moves=_key_table(review, moments),
        statistics=statistics_table(review),
        definitions=words.DEFINITIONS,
        moments=tuple(_moment(game, studio, m, v) for m, v in details),
        moments_note=words.only_side(options.side) if options.side and moments else "",
        record=studio.record_rows(options.moves_per_figure) if options.record else (),
        corrections=tuple(clean(c.text, 200) for c in record.corrections),
        method=_method(record, info, review),
        classes=words.CLASSES,
        segments=segments_table(review),
        histogram=_histogram(review, paper.content_width),
        highlights=sentences.highlights(record, review),
    )


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
        (labels["moves"], words.moves_count(record.total_turns)),
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
    review: GameReview, moments: Iterable[tuple[KeyMoment, MoveReview]], width_mm: float
) -> tuple[CurveView, ...]:
    if sum(v is not None for v in review.winrates) < 2:
        return ()
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
            height_mm=CURVE_HEIGHT_MM * width_mm / 180,
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


def _swing(review: GameReview, verdict: MoveReview) -> tuple[float, float] | None:
    """Winrate before and after a move in the mover's view."""
    number = verdict.move_number
    if number >= len(review.winrates):
        return None
    before, after = review.winrates[number - 1], review.winrates[number]
    if before is None or after is None:
        return None
    return (before, after) if verdict.player is Color.BLACK else (1 - before, 1 - after)


def _key_table(review: GameReview, moments: Iterable[tuple[KeyMoment, MoveReview]]) -> Table:
    rows = []
    for moment, verdict in moments:
        swing = _swing(review, verdict)
        change = swing[1] - swing[0] if swing else -verdict.winrate_lost
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


@dataclass(frozen=True, slots=True)
class _Game:
    """What every key moment is told from."""

    record: GameRecord
    evaluations: Mapping[int, Evaluation]
    review: GameReview
    paper: Paper


def _moment(game: _Game, studio: boards.Studio, moment: KeyMoment, verdict: MoveReview) -> MomentView:
    review = game.review
    swing = _swing(review, verdict)
    if swing is None:
        before = review.winrates[verdict.move_number - 1] if verdict.move_number <= len(review.winrates) else None
        start = 0.5 if before is None else before if verdict.player is Color.BLACK else 1 - before
        swing = (start, start - verdict.winrate_lost)
    cells = words.verdict(
        *swing,
        max(0.0, verdict.points_lost),
        verdict.category.value,
        verdict.best_vertex,
        losing=verdict.move_number == review.losing_move,
    )
    text = sentences.moment(game.record, game.evaluations, review, verdict)
    scale = game.paper.content_width / 180
    room = game.paper.content_height / 2 - scale * (FRAME_MM + TEXT_LINE_MM * _lines(text))
    figures = studio.moment(verdict, max_height_mm=room - scale * MIN_NOTE_LINES * RULE_MM)
    beside = _notes_beside(game.paper, figures)
    height = max(figure.full_height_mm for figure in figures)
    free = int((height if beside else room - height) // (RULE_MM * scale))
    return MomentView(
        number=moment.number,
        heading=words.move_ref(verdict.move_number, verdict.player, verdict.vertex),
        verdict=tuple(Field(label, value) for label, value in cells.items()),
        figures=figures,
        text=text,
        note_lines=min(MAX_NOTE_LINES, max(MIN_NOTE_LINES, free)),
        notes_beside=beside,
    )


def _lines(text: str) -> int:
    """Lines that a text takes below the figures, estimated from the widths of its characters."""
    em = sum(LATIN_EM if char.isascii() else 1.0 for char in text)
    return -int(-em // TEXT_EM_A_LINE)


def _notes_beside(paper: Paper, figures: tuple[FigureView, ...]) -> bool:
    """Whether the figures leave room for the ruled lines at their right."""
    taken = sum(f.width_mm for f in figures) + boards.GAP_MM * len(figures)
    return paper.content_width - taken >= MIN_NOTE_WIDTH_MM * paper.content_width / 180


def _method(record: GameRecord, info: AnalysisInfo, review: GameReview) -> tuple[Field, ...]:
    labels, identity = words.METHOD, info.identity
    quick = info.level == "quick"
    visits = (
        words.quick_visits(info.quick_visits) if quick else words.visits(info.visits, info.quick_visits, info.strategy)
    )
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
