"""The figures of one report, drawn to fit the page: sizes, cropping, captions. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.evaluation import Evaluation
from pipeline.go.board import PASS, Point, parse_vertex
from pipeline.go.record import GameRecord
from pipeline.report import figures as fig
from pipeline.report import heights
from pipeline.report.diagram import Diagram, MarkKind, local_window, size_mm, to_svg
from pipeline.report.figures import Figure
from pipeline.report.options import Coordinates, Layout
from pipeline.report.replay import replay_json
from pipeline.report.view_model import FigureView, Svg
from pipeline.review.model import MoveReview
from pipeline.wording import report as words
from pipeline.wording import terms

# The space between figures one below the other, with that of their captions (mm).
STACK_GAP_MM = 1.7
# The part of the page's width that a column of boards may take: the rest is for words.
BOARDS_SHARE = 0.66
GAP_MM = 5.0
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
# A small board may be drawn larger, as far as its page has room: (longest side, by how much).
GROWTH = ((9, 1.45), (13, 1.2))
# Lines of the record: three digits are read with ease from here on.
RECORD_CELL_MM = 3.8


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """A way to set the record: boards in a row, distance of the lines, and the height of each row (mm)."""

    across: int
    cell_mm: float
    rows_mm: tuple[float, ...]


class Studio:
    """Draws the figures of one game for one paper.

    Args:
        record: the game.
        evaluations: turn -> evaluation.
        layout: measures of the page; figures fill its width.
    """

    def __init__(self, record: GameRecord, evaluations: Mapping[int, Evaluation], layout: Layout) -> None:
        self._record = record
        self._evaluations = evaluations
        self._layout = layout
        self._width = layout.paper.content_width
        self._count = 0
        growth = 1.0 if layout.screen else _growth(max(record.width, record.height))
        self._max_cell = layout.max_cell_mm * growth

    def moment(
        self, verdict: MoveReview, *, row_height_mm: float, stack_height_mm: float
    ) -> tuple[tuple[FigureView, ...], bool]:
        """What was played, what was better and, after a costly move, how it is punished.

        The figures stand side by side, or one below the other (the second
        value) where they would be too small otherwise.

        Args:
            verdict: the move.
            row_height_mm: room for the highest figure with its notes, side by side.
            stack_height_mm: room for all of them with captions, one below the other.
        """
        color, number = verdict.player, verdict.move_number
        better = self._better_moves(verdict)
        punishing = self._punishing_moves(verdict)
        drawn = self._drawn(verdict, better, punishing, VARIATION_MOVES, FOLLOW_MOVES)
        if len(drawn) == 3:
            if cropped := self._cropped(verdict, better, punishing):
                drawn = cropped
            elif self._cell(drawn, row_height_mm) < GOOD_CELL_MM:
                drawn, punishing = self._with_small_third(drawn, punishing)
        cell, stacked = self._cell(drawn, row_height_mm), False
        if cell < self._layout.least_in_a_row_mm:
            drawn, punishing = self._fit_to_stack(drawn, punishing, stack_height_mm)
            cell, stacked = self._stack_cell(drawn, stack_height_mm), True
        captions = [words.played_caption(number, drawn[0].last)]
        if better:
            shows_played = any(mark.text for mark in drawn[1].diagram.marks)
            captions.append(words.variation_caption(color, drawn[1].last, shows_played=shows_played))
        if punishing:
            captions.append(words.refutation_caption(color.opponent, drawn[-1].last))
        views = (
            self._view(figure, cell, self._numbered(caption)) for figure, caption in zip(drawn, captions, strict=True)
        )
        return tuple(views), stacked

    def record_layouts(self, moves_per_figure: int) -> tuple[RecordLayout, ...]:
        """The ways to set the complete record, none for a game without moves."""
        made = self._record_figures(moves_per_figure)
        if not made:
            return ()
        largest = dict.fromkeys((self._max_cell, self._layout.max_cell_mm))
        return tuple(dict.fromkeys(found for cell in largest for found in self._layouts_up_to(made, cell)))

    def _layouts_up_to(self, made: Sequence[Figure], largest: float) -> Iterator[RecordLayout]:
        """The ways to set the record with lines at most that far apart (mm)."""
        natural, down = (length * largest for length in size_mm(self._styled(made[0]), cell_mm=1.0))
        page = self._layout.paper.content_height
        fitting = min(3, max(2, int((self._width + GAP_MM) // (natural + GAP_MM))))
        head = heights.rem_mm(self._layout) * heights.HEADING
        for across in [self._layout.record_across] if self._layout.record_across else [1, fitting]:
            widest = min(largest, self._cell([made[0]] * across, page))
            for down_the_page in (1, 2, 3):
                caption = heights.rem_mm(self._layout) * (heights.CAPTION + heights.ROW_GAP)
                room = (page - head) / down_the_page - caption - self._most_notes(made, natural)
                if across == 1:
                    cell = largest * min(1.0, self._width / natural, room / down)
                else:
                    cell = min(widest, largest * room / down)
                if cell >= min(RECORD_CELL_MM, widest) or down_the_page == 1:
                    yield self._record_layout(made, across, cell)

    def _record_layout(self, made: Sequence[Figure], across: int, cell: float) -> RecordLayout:
        tall = [self._height(figure, cell) + heights.rem_mm(self._layout) * heights.CAPTION for figure in made]
        return RecordLayout(across, cell, tuple(max(tall[i : i + across]) for i in range(0, len(tall), across)))

    def _record_figures(self, moves_per_figure: int) -> tuple[Figure, ...]:
        if self._layout.screen or moves_per_figure >= len(self._record.moves):
            return (fig.whole_record(self._record),) if self._record.moves else ()
        return fig.record_figures(self._record, moves_per_figure=moves_per_figure)

    def record_rows(self, moves_per_figure: int, chosen: RecordLayout) -> tuple[tuple[FigureView, ...], ...]:
        """The complete record, set as chosen."""
        views = [
            self._view(figure, chosen.cell_mm, words.record_caption(index, figure.first, figure.last))
            for index, figure in enumerate(self._record_figures(moves_per_figure), start=1)
        ]
        return tuple(tuple(views[i : i + chosen.across]) for i in range(0, len(views), chosen.across))

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
                if self._cell(row, float("inf")) >= MIN_CELL_MM:
                    return row, punishing
        return drawn[:2], ()

    def _fit_to_stack(
        self, drawn: list[Figure], punishing: Sequence[str], height_mm: float
    ) -> tuple[list[Figure], Sequence[str]]:
        """The figures, without the third where three would be too small below each other."""
        if len(drawn) == 3 and self._stack_cell(drawn, height_mm) < GOOD_CELL_MM:
            return drawn[:2], ()
        return drawn, punishing

    def _cell(self, row: Sequence[Figure], max_height_mm: float) -> float:
        """Distance of the lines in mm, the same in all figures of a row that fills the width."""
        sizes = [size_mm(self._styled(figure), cell_mm=1.0) for figure in row]
        free = self._width - GAP_MM * (max(2, len(row)) - 1)
        across = sum(width for width, _ in sizes)
        down = max(height for _, height in sizes)
        high = max_height_mm - self._most_notes(row, self._width / max(2, len(row)))
        return min(self._max_cell, free / across, high / down)

    def _stack_cell(self, column: Sequence[Figure], height_mm: float) -> float:
        """The same of figures one below the other, in a column that leaves room for words."""
        sizes = [size_mm(self._styled(figure), cell_mm=1.0) for figure in column]
        caption = heights.rem_mm(self._layout) * heights.CAPTION + STACK_GAP_MM
        words_mm = caption * len(column) + sum(
            heights.notes(self._layout, len(figure.notes), self._width * BOARDS_SHARE * 0.8) for figure in column
        )
        across = max(width for width, _ in sizes)
        down = sum(height for _, height in sizes)
        return min(self._max_cell, self._width * BOARDS_SHARE / across, (height_mm - words_mm) / down)

    def _most_notes(self, row: Sequence[Figure], width_mm: float) -> float:
        """Height of the notes of that figure which has the most."""
        return max(heights.notes(self._layout, len(figure.notes), width_mm) for figure in row)

    def _height(self, figure: Figure, cell: float) -> float:
        """A board with its notes, without the caption."""
        width, height = size_mm(self._styled(figure), cell_mm=cell)
        return height + heights.notes(self._layout, len(figure.notes), width)

    def _view(self, figure: Figure, cell: float, caption: str) -> FigureView:
        diagram = replace(self._styled(figure), title=caption)
        width, _ = size_mm(diagram, cell_mm=cell)
        svg = to_svg(diagram, width_mm=width)
        notes = tuple(words.note(n.number, n.refers_to, n.vertex, inserted=n.inserted) for n in figure.notes)
        if self._layout.coordinates is Coordinates.CHINESE:
            notes = tuple(terms.chinese_points(note, self._record.height) for note in notes)
        high = round(self._height(figure, cell), 2)
        replay = replay_json(replace(figure, diagram=diagram)) if self._layout.screen else ""
        return FigureView(Svg(svg), round(width, 2), high, caption, notes, replay)

    def _styled(self, figure: Figure) -> Diagram:
        """The diagram with the coordinates and the background that the user wants."""
        layout = self._layout
        labels = None
        if layout.coordinates is Coordinates.CHINESE:
            labels = terms.board_labels(self._record.width, self._record.height)
        return replace(
            figure.diagram,
            coordinates=layout.coordinates is not Coordinates.NONE,
            labels=labels,
            background=layout.background,
        )

    def _numbered(self, caption: str) -> str:
        self._count += 1
        return words.numbered_figure(self._count, caption)


def _growth(side: int) -> float:
    """By how much the lines of a board of that size may be further apart than those of a large one."""
    return next((growth for longest, growth in GROWTH if side <= longest), 1.0)


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
