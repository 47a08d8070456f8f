"""The figures of one report, drawn to fit the page: sizes, captions, the complete record. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.go.record import GameRecord
from pipeline.report import figures as fig
from pipeline.report import heights
from pipeline.report.diagram import Diagram, size_mm, to_svg
from pipeline.report.figures import Figure
from pipeline.report.options import Coordinates, Layout
from pipeline.report.replay import replay_json
from pipeline.report.view_model import FigureView, Svg
from pipeline.wording import report as words
from pipeline.wording import terms

# The space between figures one below the other, with that of their captions (mm).
STACK_GAP_MM = 1.7
# The part of the page's width that a column of boards may take: the rest is for words.
BOARDS_SHARE = 0.66
GAP_MM = 5.0
# A small board may be drawn larger, as far as its page has room: (longest side, by how much).
GROWTH = ((9, 1.45), (13, 1.2))
# And more where each key moment has a page of its own.
STACK_GROWTH = ((9, 1.9), (13, 1.5))
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
        layout: measures of the page; figures fill its width.
    """

    def __init__(self, record: GameRecord, layout: Layout) -> None:
        self.record = record
        self.layout = layout
        self.width = layout.paper.content_width
        self._count = 0
        side = max(record.width, record.height)
        self.max_cell = layout.max_cell_mm * (1.0 if layout.screen else _growth(side, GROWTH))
        self.stack_cell = layout.max_cell_mm * (1.0 if layout.screen else _growth(side, STACK_GROWTH))

    def record_layouts(self, moves_per_figure: int) -> tuple[RecordLayout, ...]:
        """The ways to set the complete record, none for a game without moves."""
        made = self._record_figures(moves_per_figure)
        if not made:
            return ()
        largest = dict.fromkeys((self.max_cell, self.layout.max_cell_mm))
        return tuple(dict.fromkeys(found for cell in largest for found in self._layouts_up_to(made, cell)))

    def _layouts_up_to(self, made: Sequence[Figure], largest: float) -> Iterator[RecordLayout]:
        """The ways to set the record with lines at most that far apart (mm)."""
        natural, down = (length * largest for length in self.size(made[0]))
        page = self.layout.paper.content_height
        fitting = min(3, max(2, int((self.width + GAP_MM) // (natural + GAP_MM))))
        head = heights.rem_mm(self.layout) * heights.HEADING
        for across in [self.layout.record_across] if self.layout.record_across else [1, fitting]:
            widest = min(largest, self.row_cell([made[0]] * across, page))
            if across > 1 and widest < self.layout.least_in_a_row_mm:
                continue
            for down_the_page in (1, 2, 3):
                caption = heights.rem_mm(self.layout) * (heights.CAPTION + heights.ROW_GAP)
                room = (page - head) / down_the_page - caption - self.most_notes(made, natural)
                if across == 1:
                    cell = largest * min(1.0, self.width / natural, room / down)
                else:
                    cell = min(widest, largest * room / down)
                if cell >= min(RECORD_CELL_MM, widest) or down_the_page == 1:
                    yield self._record_layout(made, across, cell)

    def _record_layout(self, made: Sequence[Figure], across: int, cell: float) -> RecordLayout:
        tall = [self._height(figure, cell) + heights.rem_mm(self.layout) * heights.CAPTION for figure in made]
        return RecordLayout(across, cell, tuple(max(tall[i : i + across]) for i in range(0, len(tall), across)))

    def _record_figures(self, moves_per_figure: int) -> tuple[Figure, ...]:
        if self.layout.screen or moves_per_figure >= len(self.record.moves):
            return (fig.whole_record(self.record),) if self.record.moves else ()
        return fig.record_figures(self.record, moves_per_figure=moves_per_figure)

    def record_rows(self, moves_per_figure: int, chosen: RecordLayout) -> tuple[tuple[FigureView, ...], ...]:
        """The complete record, set as chosen."""
        views = [
            self.view(figure, chosen.cell_mm, words.record_caption(index, figure.first, figure.last))
            for index, figure in enumerate(self._record_figures(moves_per_figure), start=1)
        ]
        return tuple(tuple(views[i : i + chosen.across]) for i in range(0, len(views), chosen.across))

    def row_cell(self, row: Sequence[Figure], max_height_mm: float) -> float:
        """Distance of the lines in mm, the same in all figures of a row that fills the width."""
        sizes = [self.size(figure) for figure in row]
        free = self.width - GAP_MM * (max(2, len(row)) - 1)
        across = sum(width for width, _ in sizes)
        down = max(height for _, height in sizes)
        high = max_height_mm - self.most_notes(row, self.width / max(2, len(row)))
        return min(self.max_cell, free / across, high / down)

    def most_notes(self, row: Sequence[Figure], width_mm: float) -> float:
        """Height of the notes of that figure which has the most."""
        return max(heights.notes(self.layout, len(figure.notes), width_mm) for figure in row)

    def size(self, figure: Figure) -> tuple[float, float]:
        """Width and height of a board in cells."""
        return size_mm(self._styled(figure), cell_mm=1.0)

    def _height(self, figure: Figure, cell: float) -> float:
        """A board with its notes, without the caption."""
        width, height = size_mm(self._styled(figure), cell_mm=cell)
        return height + heights.notes(self.layout, len(figure.notes), width)

    def view(self, figure: Figure, cell: float, caption: str) -> FigureView:
        """A figure drawn with its lines that far apart (mm)."""
        diagram = replace(self._styled(figure), title=caption)
        width, _ = size_mm(diagram, cell_mm=cell)
        svg = to_svg(diagram, width_mm=width)
        notes = tuple(words.note(n.number, n.refers_to, n.vertex, inserted=n.inserted) for n in figure.notes)
        if self.layout.coordinates is Coordinates.CHINESE:
            notes = tuple(terms.chinese_points(note, self.record.height) for note in notes)
        high = round(self._height(figure, cell), 2)
        replay = replay_json(replace(figure, diagram=diagram)) if self.layout.screen else ""
        return FigureView(Svg(svg), round(width, 2), high, caption, notes, replay)

    def _styled(self, figure: Figure) -> Diagram:
        """The diagram with the coordinates and the background that the user wants."""
        layout = self.layout
        labels = None
        if layout.coordinates is Coordinates.CHINESE:
            labels = terms.board_labels(self.record.width, self.record.height)
        return replace(
            figure.diagram,
            coordinates=layout.coordinates is not Coordinates.NONE,
            labels=labels,
            background=layout.background,
        )

    def numbered(self, caption: str) -> str:
        """A caption with the number of its figure, counted through the report."""
        self._count += 1
        return words.numbered_figure(self._count, caption)


def _growth(side: int, table: Sequence[tuple[int, float]]) -> float:
    """By how much the lines of a board of that size may be further apart than those of a large one."""
    return next((growth for longest, growth in table if side <= longest), 1.0)
