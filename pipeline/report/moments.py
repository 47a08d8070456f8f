"""The key moments of a report, each with its boards, its words and its ruled lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.evaluation import Evaluation
from pipeline.go.board import COLUMN_LETTERS, Color, Point
from pipeline.go.record import GameRecord
from pipeline.report import boards, heights, pages, sentences
from pipeline.report.moment_boards import MomentSetter, Room, Setting
from pipeline.report.options import NARROW_MM, Layout
from pipeline.report.view_model import Field, MomentView
from pipeline.review.model import GameReview, KeyMoment, MoveReview
from pipeline.wording import report as words

# Narrower than this (on plain A4) ruled lines are no use.
MIN_NOTE_WIDTH_MM = 50.0
# Lines of words that the boards of key moments are sized for; more words make their own boards smaller.
TYPICAL_LINES = 2
# Height in rem of the line that says whose moves are told.
NOTE_REM = 1.85
_VERTEX = re.compile(r"[A-HJ-T](?:1[0-9]|[1-9])(?![0-9])")


@dataclass(frozen=True, slots=True)
class Told:
    """What every key moment is told from."""

    record: GameRecord
    evaluations: Mapping[int, Evaluation]
    review: GameReview
    layout: Layout


def swing(review: GameReview, verdict: MoveReview) -> tuple[float, float] | None:
    """Winrate before and after a move in the mover's view."""
    number = verdict.move_number
    if number >= len(review.winrates):
        return None
    before, after = review.winrates[number - 1], review.winrates[number]
    if before is None or after is None:
        return None
    return (before, after) if verdict.player is Color.BLACK else (1 - before, 1 - after)


def moment_views(
    game: Told, studio: boards.Studio, moments: Sequence[tuple[KeyMoment, MoveReview]], side: Color | None
) -> tuple[MomentView, ...]:
    """The key moments of one player or both, two on a page where their boards can be read there."""
    layout = game.layout
    told = [
        (moment, verdict, sentences.moment(game.record, game.evaluations, game.review, verdict))
        for moment, verdict in moments
        if side in (None, verdict.player)
    ]
    setter = MomentSetter(studio, game.evaluations)
    ems = heights.column_ems(layout)
    typical = max((min(TYPICAL_LINES, heights.lines_of(text, ems)) for _, _, text in told), default=0)
    rem, scale = heights.rem_mm(layout), layout.text_scale
    note_rem = NOTE_REM if side else 0.0
    half = (layout.paper.content_height - pages.SAFETY_MM - rem * (heights.HEADING + heights.MOMENT_GAP + note_rem)) / 2
    page = layout.paper.content_height - pages.SAFETY_MM - rem * (heights.HEADING + note_rem)
    # Two columns on the smallest paper: better one moment a page than boards that nobody can read.
    is_free = layout.least_in_a_row_mm == 0 and layout.paper.content_width < NARROW_MM
    made: list[MomentView] = []
    for moment, verdict, text in told:
        lines = max(typical, heights.lines_of(text, ems))
        stack = layout.paper.content_height - heights.moment_head(layout) - rem * heights.HEADING * (not made)
        room = Room(
            row=half - heights.moment_frame(layout, lines, pages.MIN_NOTE_LINES),
            tight_row=(page if is_free else half) - heights.moment_frame(layout, lines, 1),
            nook=half - heights.moment_head(layout),
            stack=stack - pages.SAFETY_MM * scale,
        )
        found = setter.moment(verdict, room, _named(game.record, text))
        view = MomentView(
            number=moment.number,
            heading=words.move_ref(verdict.move_number, verdict.player, verdict.vertex),
            verdict=_verdict(game.review, verdict),
            figures=found.figures,
            text=text,
            note_lines=pages.MIN_NOTE_LINES,
        )
        view = _SET[found.setting](view, layout)
        if found.setting is Setting.ROW and not is_free and heights.moment(layout, view) > half:
            view = replace(view, note_lines=1)
        made.append(view)
    return tuple(made)


def _named(record: GameRecord, text: str) -> list[Point]:
    """The points of the board that a text names."""
    points = (Point(COLUMN_LETTERS.index(name[0]), int(name[1:]) - 1) for name in _VERTEX.findall(text))
    return [point for point in points if point.col < record.width and point.row < record.height]


def lines_beside(layout: Layout, widths_mm: Sequence[float], height_mm: float) -> int:
    """Ruled lines at the right of boards of those widths, 0 where these leave no room for them."""
    width = layout.paper.content_width
    taken = sum(widths_mm) + boards.GAP_MM * len(widths_mm)
    if not widths_mm or width - taken < MIN_NOTE_WIDTH_MM * width / 180:
        return 0
    return int(height_mm // (heights.rem_mm(layout) * heights.RULE))


def _verdict(review: GameReview, verdict: MoveReview) -> tuple[Field, ...]:
    change = swing(review, verdict)
    if change is None:
        before = review.winrates[verdict.move_number - 1] if verdict.move_number <= len(review.winrates) else None
        start = 0.5 if before is None else before if verdict.player is Color.BLACK else 1 - before
        change = (start, start - verdict.winrate_lost)
    cells = words.verdict(
        verdict.player,
        change,
        max(0.0, verdict.points_lost),
        verdict.category.value,
        verdict.best_vertex,
        losing=verdict.move_number == review.losing_move,
    )
    return tuple(Field(label, value) for label, value in cells.items())


def _in_a_stack(view: MomentView, layout: Layout) -> MomentView:
    """Words and ruled lines beside a column of boards."""
    boards_mm = max(figure.width_mm for figure in view.figures)
    height = sum(heights.figure(layout, figure) + boards.STACK_GAP_MM for figure in view.figures)
    view = replace(view, stacked=True, boards_mm=round(boards_mm, 2))
    free = height - heights.beside_boards(layout, replace(view, note_lines=0))
    free -= heights.rem_mm(layout) * heights.TEXT_LINE
    return replace(view, note_lines=_lines(layout, free))


def _in_a_nook(view: MomentView, layout: Layout) -> MomentView:
    """Ruled lines beside the third board, which stands below the others; words there too, or beside those."""
    left, right, third = view.figures
    width = layout.paper.content_width - left.width_mm - right.width_mm - 2 * boards.GAP_MM
    ems = width / heights.rem_mm(layout) - 1
    is_wide = width >= MIN_NOTE_WIDTH_MM * layout.paper.content_width / 180
    has_room = is_wide and heights.words(layout, view.text, ems) <= min(left.full_height_mm, right.full_height_mm)
    view = replace(view, nook=True, boards_mm=third.width_mm, words_mm=round(width, 2) if has_room else 0.0)
    free = heights.figure(layout, third) - heights.beside_boards(layout, replace(view, note_lines=0))
    return replace(view, note_lines=_lines(layout, free))


def _in_a_row(view: MomentView, layout: Layout) -> MomentView:
    """Ruled lines at the right of the figures, where these leave room for them, or else below."""
    tallest = max((figure.full_height_mm for figure in view.figures), default=0.0)
    lines = lines_beside(layout, [figure.width_mm for figure in view.figures], tallest)
    return replace(view, note_lines=max(pages.MIN_NOTE_LINES, lines), notes_beside=True) if lines else view


def _lines(layout: Layout, free: float) -> int:
    return max(pages.MIN_NOTE_LINES, int(free // (heights.rem_mm(layout) * heights.RULE)))


_SET = {Setting.ROW: _in_a_row, Setting.NOOK: _in_a_nook, Setting.STACK: _in_a_stack}
