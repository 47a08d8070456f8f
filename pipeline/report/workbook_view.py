"""From problems to the pages of a workbook: problems first, answers at the end in another order. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.go.board import parse_vertex
from pipeline.go.record import GameRecord
from pipeline.report import figures as fig
from pipeline.report import heights, pages
from pipeline.report.diagram import Diagram, Mark, MarkKind, Window, local_window, size_mm, to_svg
from pipeline.report.options import Coordinates, Layout, ReportOptions, layout_of
from pipeline.report.view_model import DataUri, FigureView, Paper, Svg, clean
from pipeline.review.problems import Problem
from pipeline.wording import terms
from pipeline.wording import workbook as words

GAP_MM = 6.0
LINE_MOVES = 9
REFUTATION_MOVES = 7
LETTERS = "ABC"
# A board of an answer is smaller than that of a problem: it is read, not solved.
ANSWER_CELL_MM = 3.35
ANSWER_CELL_LARGE_MM = 4.2
# The part of the page's width that each of an answer's two boards may take.
ANSWER_SHARE = 0.37
NAME_LIMIT = 20
# Heights on plain A4, in mm: what a problem has besides its board.
PROBLEM_FRAME_MM = 25.0
TITLE_MM = 22.0
# A board may shrink to this share of its size for three rows to stand on a page.
SHRINK_FOR_THREE = 0.82
# The least part of these heights that is really taken.
LEAST_FRAME = 0.75
# Ruled lines below a problem, for the moves that a student reads ahead.
MAX_REPLY_LINES = 4


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """A problem with the game that it comes from."""

    record: GameRecord
    problem: Problem


@dataclass(frozen=True, slots=True)
class ProblemView:
    """One problem as printed."""

    number: int
    heading: str
    stars: str
    source: str
    question: str
    figure: FigureView
    reply_lines: int = 0  # ruled below the line for the answer, where the page has room


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer: what is right and why, with its figures."""

    number: int
    heading: str
    figures: tuple[FigureView, ...]
    lines: tuple[str, ...]
    side_mm: float  # width of the words beside the figures


@dataclass(frozen=True, slots=True)
class WorkbookView:
    """A workbook. ``problems`` are rows of a page; ``answers`` stand in another order than the problems."""

    paper: Paper
    labels: dict[str, str]
    document_title: str
    running_head: str
    club: str
    created: str
    intro: tuple[str, ...]
    problems: tuple[tuple[ProblemView, ...], ...]
    answers: tuple[AnswerView, ...]
    column_mm: float  # width of a problem
    last_lines: int = 0  # ruled lines below the last problems
    colour: bool = False
    logo: DataUri | None = None


def build_workbook(
    sources: Sequence[SourceProblem],
    options: ReportOptions,
    *,
    student: str,
    printed_on: str,
    choices: bool = True,
) -> WorkbookView:
    """A workbook of these problems, nearly in this order.

    Args:
        sources: at least one problem.
        options: paper, print size, coordinates, colour, club and logo.
        student: whose it is; ``""`` for a class.
        printed_on: ISO 8601 date that the document bears.
        choices: whether the moves to choose from are marked.
    """
    layout = layout_of(options)
    name = clean(student, NAME_LIMIT)
    made = [_Maker(source, layout, choices) for source in sources]
    # Boards of like height share pages: three rows of the lower ones, two of the others.
    made.sort(key=lambda maker: not maker.is_low)
    for number, maker in enumerate(made, start=1):
        maker.number = number
    across = layout.problems_across
    problems = [maker.problem(across) for maker in made]
    answers = tuple(maker.answer() for maker in sorted(made, key=lambda m: m.shuffled))
    rows = tuple(tuple(problems[i : i + across]) for i in range(0, len(problems), across))
    rows, last_lines = _filled(layout, rows)
    return WorkbookView(
        paper=layout.paper,
        labels=words.LABELS,
        document_title=words.title(name),
        running_head=words.title(name),
        club=clean(options.club, 40),
        created=printed_on,
        intro=words.intro(len(problems), choices=choices),
        problems=rows,
        answers=answers,
        column_mm=round(layout.paper.content_width / across - 3.2, 2),
        last_lines=last_lines,
        colour=options.colour,
        logo=options.logo,
    )


def _filled(layout: Layout, rows: Sequence[tuple[ProblemView, ...]]) -> tuple[tuple[tuple[ProblemView, ...], ...], int]:
    """The rows with what their pages have left ruled below each problem, and the ruled lines at the end.

    The page of the last problems, which no answer may share, is ruled for notes instead.
    """
    page, rule = layout.paper.content_height, heights.rem_mm(layout) * heights.RULE
    made = _paginated(layout, rows, 1.0)
    last_lines = pages.lines_in(layout, pages.free_mm(made[-1], page), pages.MAX_LAST_LINES)
    filled: list[tuple[ProblemView, ...]] = []
    for index, (blocks, least) in enumerate(zip(made, _paginated(layout, rows, LEAST_FRAME), strict=False)):
        # Where one row more may just fit, lines would push it to the next page.
        if len(blocks) != len(least) or (last_lines and index == len(made) - 1):
            break
        count = len(blocks) - (index == 0)  # the title is no row
        lines = min(MAX_REPLY_LINES, int(pages.free_mm(blocks, page) / max(1, count) // rule))
        own = rows[len(filled) : len(filled) + count]
        filled += [tuple(replace(problem, reply_lines=max(0, lines)) for problem in row) for row in own]
    return (*filled, *rows[len(filled) :]), last_lines


def _paginated(layout: Layout, rows: Sequence[Sequence[ProblemView]], share: float) -> list[list[pages.Block]]:
    """The title and the rows on their pages, if a problem's frame is that share of what it is reckoned at."""
    frame, title = PROBLEM_FRAME_MM * layout.text_scale * share, TITLE_MM * layout.text_scale * share
    tall = [max(problem.figure.full_height_mm for problem in row) + frame for row in rows]
    return pages.paginate([pages.Block(height, 0.0) for height in (title, *tall)], layout.paper.content_height)


class _Maker:
    """Draws one problem and its answer."""

    def __init__(self, source: SourceProblem, layout: Layout, choices: bool) -> None:
        self._record, self._problem = source.record, source.problem
        self._layout, self.number = layout, 0
        self._choices = source.problem.choices if choices and len(source.problem.choices) > 1 else ()
        self._letters = {c.vertex: letter for c, letter in zip(self._choices, LETTERS, strict=False)}
        problem, record = self._problem, self._record
        self._right = fig.variation_figure(record, problem.turn, problem.line, limit=LINE_MOVES)
        self._wrong = fig.variation_figure(record, problem.turn, problem.refutation, limit=REFUTATION_MOVES)
        self._window = self._local()

    @property
    def shuffled(self) -> str:
        """A key that puts the answers into another order, the same every time."""
        return hashlib.sha256(self._problem.problem_id.encode("ascii")).hexdigest()

    def _local(self) -> Window | None:
        points = set(fig.focus(self._right, self._wrong))
        points |= {mark.point for mark in self._marks()}
        width, height = self._record.width, self._record.height
        return local_window(points, width, height, 3, least=min(11, width, height), most=0.6)

    def _marks(self) -> tuple[Mark, ...]:
        found = []
        for vertex, letter in self._letters.items():
            point = parse_vertex(vertex, self._record.width, self._record.height)
            if point is not None:
                found.append(Mark(point, MarkKind.LETTER, letter))
        return tuple(found)

    @property
    def is_low(self) -> bool:
        """Whether three rows of such boards fit on a page."""
        diagram = replace(self._right.diagram, window=self._window)
        _, down = size_mm(diagram, cell_mm=self._layout.max_cell_mm)
        return down * SHRINK_FOR_THREE <= self._room(3)

    def _room(self, rows: int) -> float:
        """Height of a board in mm when so many rows share a page."""
        layout = self._layout
        page = layout.paper.content_height - TITLE_MM * layout.text_scale
        return page / rows - PROBLEM_FRAME_MM * layout.text_scale

    def problem(self, across: int) -> ProblemView:
        """The position with the choices marked."""
        record, problem, layout = self._record, self._problem, self._layout
        # A variation without moves: the position, with the move before it marked.
        start = fig.variation_figure(record, problem.turn, ())
        diagram = replace(start.diagram, marks=(*start.diagram.marks, *self._marks()))
        paper = layout.paper
        free = (paper.content_width - GAP_MM * (across - 1)) / across
        high = self._room(3 if self.is_low else 2)
        info = record.info
        opponent = info.white if problem.color == "B" else info.black
        return ProblemView(
            number=self.number,
            heading=words.heading(self.number, problem.color),
            stars=words.stars(problem.stars),
            source=words.source(terms.date(clean(info.date, 20)), clean(opponent.name, 12), problem.turn + 1),
            question=words.question(problem.color, "".join(self._letters.values())),
            figure=self._draw(diagram, (free, high), layout.max_cell_mm, words.position_title(self.number)),
        )

    def answer(self) -> AnswerView:
        """The right line, and what follows the game's move."""
        problem, layout = self._problem, self._layout
        large = layout.text_scale > 1.1
        most = ANSWER_CELL_LARGE_MM if large else ANSWER_CELL_MM
        room = (layout.paper.content_width * ANSWER_SHARE, layout.paper.content_height / 2)
        others = [m for m in self._marks() if self._letters.get(problem.answer) != m.text]
        right = replace(self._right.diagram, marks=tuple(others))
        figures = [self._draw(right, room, most, words.RIGHT_FIGURE, self._right)]
        if self._wrong.last > 1:
            figures.append(self._draw(self._wrong.diagram, room, most, words.WRONG_FIGURE, self._wrong))
        lines = words.answer_lines(
            answer=problem.answer,
            letter=self._letters.get(problem.answer, ""),
            also=problem.also,
            played=problem.played,
            played_letter=self._letters.get(problem.played, ""),
            points=problem.points_lost,
            swing=(problem.winrate_before, problem.winrate_after),
            others=[
                (self._letters[c.vertex], c.loss)
                for c in self._choices
                if c.vertex not in (problem.answer, problem.played)
            ],
        )
        side = layout.paper.content_width - sum(figure.width_mm + GAP_MM for figure in figures) - 1
        heading = words.answer_heading(self.number)
        return AnswerView(self.number, heading, tuple(figures), self._named(lines), round(side, 2))

    def _named(self, lines: Sequence[str]) -> tuple[str, ...]:
        if self._layout.coordinates is Coordinates.CHINESE:
            return tuple(terms.chinese_points(line, self._record.height) for line in lines)
        return tuple(lines)

    def _draw(
        self, diagram: Diagram, room: tuple[float, float], cell: float, title: str, figure: fig.Figure | None = None
    ) -> FigureView:
        layout = self._layout
        chinese = layout.coordinates is Coordinates.CHINESE
        styled = replace(
            diagram,
            window=self._window,
            coordinates=layout.coordinates is not Coordinates.NONE,
            labels=terms.board_labels(self._record.width, self._record.height) if chinese else None,
            background=layout.background,
            title=title,
        )
        across, down = size_mm(styled, cell_mm=1.0)
        cell = min(cell, room[0] / across, room[1] / down)
        notes = self._named(
            [words.note(n.number, n.refers_to, n.vertex, inserted=n.inserted) for n in figure.notes] if figure else []
        )
        svg = to_svg(styled, width_mm=across * cell)
        return FigureView(Svg(svg), round(across * cell, 2), round(down * cell, 2), title, notes)
