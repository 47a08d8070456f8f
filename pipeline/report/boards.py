"""The figures of one report, drawn to fit the page: sizes, cropping, captions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.evaluation import Evaluation
from pipeline.go.board import PASS, Point, parse_vertex
from pipeline.go.record import GameRecord
from pipeline.report import figures as fig
from pipeline.report.diagram import MarkKind, local_window, size_mm, to_svg
from pipeline.report.figures import Figure
from pipeline.report.view_model import FigureView, Paper, Svg
from pipeline.review.model import MoveReview
from pipeline.wording import report as words

# Lines further apart than this look like a children's board, closer than this like a stamp (A4, mm).
MAX_CELL_MM = 4.9
# A figure higher than this leaves no room for two key moments on a page (A4, mm).
MAX_FIGURE_HEIGHT_MM = 83.0
GAP_MM = 5.0
NOTE_LINE_MM = 3.7
NOTES_A_LINE = 4
# Loss in points from which the punishment is worth a figure, and the moves that make it worth one.
PUNISH_FROM_POINTS = 5.0
PUNISH_MIN_MOVES = 3
# Lines in a row of three: good to read from the first on, not to be read below the second.
GOOD_CELL_MM = 3.4
MIN_CELL_MM = 2.9
# A move farther than this from all before it in a variation is made elsewhere.
ELSEWHERE = 5
VARIATION_MOVES = 10
FOLLOW_MOVES = 4
# Shorter and shorter cuts (variation, moves that followed), tried to keep three figures local.
LOCAL_CUTS = ((10, 4), (8, 3), (6, 2), (5, 1), (4, 1))


class Studio:
    """Draws the figures of one game for one paper.

    Args:
        record: the game.
        evaluations: turn -> evaluation.
        paper: page format; figures fill its width.
    """

    def __init__(self, record: GameRecord, evaluations: Mapping[int, Evaluation], paper: Paper) -> None:
        self._record = record
        self._evaluations = evaluations
        self._width = paper.content_width
        self._scale = paper.content_width / 180
        self._count = 0

    def moment(self, verdict: MoveReview, *, max_height_mm: float) -> tuple[FigureView, ...]:
        """What was played, what was better and, after a costly move, how it is punished.

        ``max_height_mm`` is the room for the highest figure with its notes.
        """
        color, number = verdict.player, verdict.move_number
        better = self._better_moves(verdict)
        punishing = self._punishing_moves(verdict)
        drawn = self._drawn(verdict, better, punishing, VARIATION_MOVES, FOLLOW_MOVES)
        captions = [words.played_caption(number, drawn[0].last)]
        if len(drawn) == 3:
            if cropped := self._cropped(verdict, better, punishing):
                drawn = cropped
                captions = [words.played_caption(number, drawn[0].last)]
            elif self._cell(drawn) < GOOD_CELL_MM:
                drawn, punishing = self._with_small_third(drawn, punishing)
        if better:
            shows_played = any(mark.text for mark in drawn[1].diagram.marks)
            captions.append(words.variation_caption(color, drawn[1].last, shows_played=shows_played))
        if punishing:
            captions.append(words.refutation_caption(color.opponent, drawn[-1].last))
        cell = self._cell(drawn, max_height_mm)
        return tuple(
            self._view(figure, cell, self._numbered(caption)) for figure, caption in zip(drawn, captions, strict=True)
        )

    def record_rows(self, moves_per_figure: int) -> tuple[tuple[FigureView, ...], ...]:
        """The complete record, as many figures in a row as the board's size asks for."""
        if not self._record.moves:
            return ()
        made = fig.record_figures(self._record, moves_per_figure=moves_per_figure)
        natural, _ = size_mm(made[0].diagram, cell_mm=MAX_CELL_MM * self._scale)
        across = min(3, max(2, int((self._width + GAP_MM) // (natural + GAP_MM))))
        cell = self._cell([made[0]] * across)
        views = [
            self._view(figure, cell, words.record_caption(index, figure.first, figure.last))
            for index, figure in enumerate(made, start=1)
        ]
        return tuple(tuple(views[i : i + across]) for i in range(0, len(views), across))

    def _better_moves(self, verdict: MoveReview) -> Sequence[str]:
        before = self._evaluations.get(verdict.move_number - 1)
        if before is None:
            return ()
        best = before.candidate(verdict.best_vertex) or before.best
        if best is None or best.move in (verdict.vertex, PASS):
            return ()
        return best.pv or (best.move,)

    def _punishing_moves(self, verdict: MoveReview) -> Sequence[str]:
        number = verdict.move_number
        after = self._evaluations.get(number)
        best = after.best if after else None
        if best is None or verdict.points_lost < PUNISH_FROM_POINTS or len(best.pv) < PUNISH_MIN_MOVES:
            return ()
        if number < self._record.total_turns and self._record.moves[number].vertex == best.move:
            return ()
        return best.pv if best.move != PASS else ()

    def _drawn(
        self, verdict: MoveReview, better: Sequence[str], punishing: Sequence[str], limit: int, follow: int
    ) -> list[Figure]:
        number = verdict.move_number
        played = self._record.moves[number - 1].point
        drawn = [fig.played_figure(self._record, number, follow=follow)]
        if better:
            drawn.append(fig.variation_figure(self._record, number - 1, better, limit=limit, played=played))
        if punishing:
            drawn.append(fig.variation_figure(self._record, number, punishing, limit=limit))
        return drawn

    def _cropped(self, verdict: MoveReview, better: Sequence[str], punishing: Sequence[str]) -> list[Figure] | None:
        """The figures on the common part of the board where they happen, if they can be told there.

        Longer variations are tried first; the sign on the move before gives
        way when that move was made elsewhere.
        """
        width, height = self._record.width, self._record.height
        for limit, follow in LOCAL_CUTS:
            full = self._drawn(verdict, better, punishing, limit, follow)
            for drawn in (full, [*map(_unsigned, full[:-1]), full[-1]]):
                window = local_window(fig.focus(*drawn), width, height, 2, least=min(11, width, height))
                if window is not None and max(window.columns / width, window.rows / height) < 0.9:
                    return [fig.with_window(figure, window) for figure in drawn]
        return None

    def _with_small_third(self, drawn: list[Figure], punishing: Sequence[str]) -> tuple[list[Figure], Sequence[str]]:
        """Two whole boards and the punishment on its own part of the board, or without it if it has none."""
        record = self._record
        turn = drawn[0].first
        local = _local_start([parse_vertex(v, record.width, record.height) for v in punishing])
        figure = fig.variation_figure(record, turn, punishing, limit=min(local, VARIATION_MOVES))
        for cut in (figure, _unsigned(figure)):
            window = local_window(cut.diagram, record.width, record.height, 2, least=9, most=0.45)
            if local >= PUNISH_MIN_MOVES and window is not None:
                row = [*drawn[:2], fig.with_window(cut, window)]
                if self._cell(row) >= MIN_CELL_MM:
                    return row, punishing
        return drawn[:2], ()

    def _cell(self, row: Sequence[Figure], max_height_mm: float = MAX_FIGURE_HEIGHT_MM) -> float:
        """Distance of the lines in mm, the same in all figures of a row that fills the width."""
        sizes = [size_mm(figure.diagram, cell_mm=1.0) for figure in row]
        free = self._width - GAP_MM * (max(2, len(row)) - 1)
        across = sum(width for width, _ in sizes)
        down = max(height for _, height in sizes)
        high = min(max_height_mm, MAX_FIGURE_HEIGHT_MM * self._scale) - max(map(self._notes_height, row))
        return min(MAX_CELL_MM * self._scale, free / across, high / down)

    def _notes_height(self, figure: Figure) -> float:
        return NOTE_LINE_MM * self._scale * -(-len(figure.notes) // NOTES_A_LINE)

    def _view(self, figure: Figure, cell: float, caption: str) -> FigureView:
        width, height = size_mm(figure.diagram, cell_mm=cell)
        svg = to_svg(replace(figure.diagram, title=caption), width_mm=width)
        notes = tuple(words.note(n.number, n.refers_to, n.vertex) for n in figure.notes)
        return FigureView(Svg(svg), round(width, 2), round(height + self._notes_height(figure), 2), caption, notes)

    def _numbered(self, caption: str) -> str:
        self._count += 1
        return words.numbered_figure(self._count, caption)


def _unsigned(figure: Figure) -> Figure:
    """Without the sign on the move before."""
    marks = tuple(mark for mark in figure.diagram.marks if mark.kind is not MarkKind.TRIANGLE)
    return replace(figure, diagram=replace(figure.diagram, marks=marks))


def _local_start(points: Sequence[Point | None]) -> int:
    """How many moves a variation has before one is made elsewhere."""
    for index, point in enumerate(points):
        if point is None:
            return index
        near = (max(abs(point.col - p.col), abs(point.row - p.row)) for p in points[:index] if p is not None)
        if index and min(near) > ELSEWHERE:
            return index
    return len(points)
