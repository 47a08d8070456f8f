"""The boards of one key moment: which part of the board they show, and how they are set on the page. Pure.

Boards must be read on a black-and-white print, three digits on a stone and
all. Whole boards are best where they are large enough; otherwise the figures
show the common part of the board where they happen, with shorter variations
if need be, and three of them may stand two in a row and one below, its words
beside it. A third board that makes all of them too small is left to the words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.evaluation import Evaluation
from pipeline.go.board import PASS, Point, parse_vertex
from pipeline.report import figures as fig
from pipeline.report import heights
from pipeline.report.boards import BOARDS_SHARE, GAP_MM, STACK_GAP_MM, Studio
from pipeline.report.diagram import MarkKind, local_window
from pipeline.report.figures import Figure
from pipeline.report.options import LEAST_IN_A_ROW_MM, MAX_CELL_MM
from pipeline.report.view_model import FigureView
from pipeline.review.model import MoveReview
from pipeline.wording import report as words

# Loss in points from which the punishment is worth a figure, and the moves that make it worth one.
PUNISH_FROM_POINTS = 5.0
PUNISH_MIN_MOVES = 3
# A variation may be cut where it leaves its part of the board, if so many moves are left.
LEAST_LOCAL = 3
# Distance of the lines (mm) in ordinary print: read with ease, and the least that a third board may cost.
GOOD_CELL_MM = 3.6
READABLE_CELL_MM = 3.4
# A move farther than this from all before it in a variation is made elsewhere.
ELSEWHERE = 5
VARIATION_MOVES = 10
FOLLOW_MOVES = 4
# Shorter and shorter cuts (variation, moves that followed), tried where the boards would be too small.
SHORTER_CUTS = ((8, 3), (6, 2), (5, 1), (4, 1))
# A cut that leaves out less than this of both sides of the board is not worth it.
MOST_OF_A_SIDE = 0.9
# A screen shows whole boards unless what happens is on this part of them.
MOST_ON_A_SCREEN = 0.55
LEAST_LINES = 11
LEAST_LINES_OF_A_THIRD = 9


class Setting(StrEnum):
    """How the boards of a key moment stand."""

    ROW = "row"  # side by side
    NOOK = "nook"  # two side by side, the third below them
    STACK = "stack"  # one below the other


@dataclass(frozen=True, slots=True)
class MomentBoards:
    """The figures of a key moment and how they stand."""

    figures: tuple[FigureView, ...]
    setting: Setting


@dataclass(frozen=True, slots=True)
class Room:
    """Heights in mm that boards may take.

    ``row``: the highest figure of a row with its notes; ``tight_row``: the
    same where ruled lines give way to boards too small to read. ``nook``: two rows of
    figures with captions and notes. ``stack``: all figures with captions and
    notes, one below the other.
    """

    row: float
    tight_row: float
    nook: float
    stack: float


@dataclass(frozen=True, slots=True)
class _Choice:
    drawn: Sequence[Figure]
    setting: Setting
    cell: float


class MomentSetter:
    """Draws the figures of key moments.

    Args:
        studio: draws for one game and one paper.
        evaluations: turn -> evaluation.
    """

    def __init__(self, studio: Studio, evaluations: Mapping[int, Evaluation]) -> None:
        self._studio = studio
        self._record = studio.record
        self._layout = studio.layout
        self._evaluations = evaluations
        self._named: Collection[Point] = ()
        scale = self._layout.max_cell_mm / MAX_CELL_MM
        self._good, self._readable = GOOD_CELL_MM * scale, READABLE_CELL_MM * scale

    def moment(self, verdict: MoveReview, room: Room, named: Collection[Point] = ()) -> MomentBoards:
        """What was played, what was better and, after a costly move, how it is punished.

        A part of the board that is cut out has the points that are ``named`` in the words on the move.
        """
        self._named = named
        color, number = verdict.player, verdict.move_number
        better = self._better_moves(verdict)
        punishing = self._punishing_moves(verdict)
        chosen = self._set(verdict, better, punishing, room)
        drawn = chosen.drawn
        captions = [words.played_caption(number, drawn[0].last)]
        if better:
            shows_played = any(mark.text for mark in drawn[1].diagram.marks)
            captions.append(words.variation_caption(color, drawn[1].last, shows_played=shows_played))
        if punishing and len(drawn) > len(captions):
            captions.append(words.refutation_caption(color.opponent, drawn[-1].last))
        views = (
            self._studio.view(figure, chosen.cell, self._studio.numbered(caption))
            for figure, caption in zip(drawn, captions, strict=True)
        )
        return MomentBoards(tuple(views), chosen.setting)

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

    def _set(self, verdict: MoveReview, better: Sequence[str], punishing: Sequence[str], room: Room) -> _Choice:
        """Side by side, or one below the other where they would be too small."""
        if self._layout.screen:
            return self._for_screen(verdict, better, punishing)
        chosen = self._chosen(verdict, better, punishing, room, (Setting.ROW, Setting.NOOK))
        least = self._layout.least_in_a_row_mm
        # On small paper and in large print a moment may have a page of its own rather than less to show.
        wanted = 1 + bool(better) + bool(punishing)
        is_cut = len(chosen.drawn) == 2 and chosen.drawn[0].diagram.window is not None
        has_less = least > LEAST_IN_A_ROW_MM and (len(chosen.drawn) < wanted or is_cut)
        if chosen.cell < least or has_less:
            return self._chosen(verdict, better, punishing, room, (Setting.STACK,))
        return chosen

    def _for_screen(self, verdict: MoveReview, better: Sequence[str], punishing: Sequence[str]) -> _Choice:
        """All of them: a screen has no page to fill, and shows each board as wide as it is."""
        drawn: Sequence[Figure] = self._drawn(verdict, better, punishing, VARIATION_MOVES, FOLLOW_MOVES)
        drawn = next(self._windowed(drawn, most=MOST_ON_A_SCREEN), drawn)
        return _Choice(drawn, Setting.STACK, self._stack_cell(drawn, float("inf")))

    def _chosen(
        self,
        verdict: MoveReview,
        better: Sequence[str],
        punishing: Sequence[str],
        room: Room,
        settings: Sequence[Setting],
    ) -> _Choice:
        """The first way that is large enough, or else the one with the largest boards; a third board must be readable.

        Two boards are not cut to be drawn larger than they must be; a third may cost more.
        """
        has_three = bool(better and punishing)
        enough = self._good if has_three else self._readable
        best: _Choice | None = None
        for drawn in self._ways(verdict, better, punishing):
            for setting in settings:
                if setting is Setting.NOOK and not has_three:
                    continue
                found = _Choice(drawn, setting, self._cell(drawn, setting, room))
                if found.cell >= enough:
                    return found
                if best is None or found.cell > best.cell:
                    best = found
        if best is None or (has_three and best.cell < self._readable):
            return self._chosen(verdict, better, (), room, settings)
        return best

    def _ways(self, verdict: MoveReview, better: Sequence[str], punishing: Sequence[str]) -> Iterator[Sequence[Figure]]:
        """Whole boards; their common part, with less and less of what followed and of the variations.

        At last two whole boards and the punishment on its own part of one.
        """
        whole = self._drawn(verdict, better, punishing, VARIATION_MOVES, FOLLOW_MOVES)
        yield whole
        near = [line[:local] if (local := self._local(line)) >= LEAST_LOCAL else line for line in (better, punishing)]
        for follow in range(FOLLOW_MOVES, 0, -1):
            yield from self._windowed(self._drawn(verdict, better, punishing, VARIATION_MOVES, follow))
        if near != [better, punishing]:
            for follow in range(FOLLOW_MOVES, 0, -1):
                yield from self._windowed(self._drawn(verdict, near[0], near[1], VARIATION_MOVES, follow))
        for limit, follow in SHORTER_CUTS:
            yield from self._windowed(self._drawn(verdict, better, punishing, limit, follow))
        if better and punishing:
            yield from self._with_small_third(whole, punishing)

    def _windowed(self, drawn: Sequence[Figure], most: float = 1.0) -> Iterator[Sequence[Figure]]:
        """On the common part of the board, where that is less than all of it and at most ``most`` of its points."""
        width, height = self._record.width, self._record.height
        # The sign on the move before gives way when that move was made elsewhere; that on the move punished stays.
        own = {point for point, _ in drawn[0].diagram.numbers}
        for shown in (drawn, [_unsigned(figure, own) for figure in drawn]):
            window = local_window((*fig.focus(*shown), *self._named), width, height, 2, least=LEAST_LINES, most=most)
            if window and (window.columns < MOST_OF_A_SIDE * width or window.rows < MOST_OF_A_SIDE * height):
                yield [fig.with_window(figure, window) for figure in shown]

    def _local(self, line: Sequence[str]) -> int:
        """How many moves a variation has before one is made elsewhere."""
        points: list[Point | None] = []
        for vertex in line:
            try:
                points.append(parse_vertex(vertex, self._record.width, self._record.height))
            except ValueError:
                break
        return _local_start(points)

    def _with_small_third(self, whole: Sequence[Figure], punishing: Sequence[str]) -> Iterator[Sequence[Figure]]:
        """Two whole boards, and the punishment as far as it is local."""
        record, local = self._record, self._local(punishing)
        if local < LEAST_LOCAL:
            return
        figure = fig.variation_figure(record, whole[0].first, punishing, limit=min(local, VARIATION_MOVES))
        for cut in (figure, _unsigned(figure)):
            window = local_window(cut.diagram, record.width, record.height, 2, least=LEAST_LINES_OF_A_THIRD, most=0.45)
            if window is not None:
                yield [*whole[:2], fig.with_window(cut, window)]

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

    def _cell(self, drawn: Sequence[Figure], setting: Setting, room: Room) -> float:
        """Distance of the lines in mm, the same in all figures."""
        if setting is Setting.ROW:
            cell = self._studio.row_cell(drawn, room.row)
            if cell < self._readable:
                return max(cell, min(self._good, self._studio.row_cell(drawn, room.tight_row)))
            return cell
        if setting is Setting.NOOK:
            return self._nook_cell(drawn, room.nook)
        return self._stack_cell(drawn, room.stack)

    def _nook_cell(self, three: Sequence[Figure], height_mm: float) -> float:
        sizes = [self._studio.size(figure) for figure in three]
        (left, left_down), (right, right_down), (_, third_down) = sizes
        captions = 2 * (heights.rem_mm(self._layout) * heights.CAPTION + STACK_GAP_MM)
        notes = self._studio.most_notes(three[:2], self._studio.width / 2)
        notes += self._studio.most_notes(three[2:], self._studio.width / 3)
        across = (self._studio.width - GAP_MM) / (left + right)
        down = (height_mm - captions - notes) / (max(left_down, right_down) + third_down)
        return min(self._studio.max_cell, across, down)

    def _stack_cell(self, column: Sequence[Figure], height_mm: float) -> float:
        """In a column that leaves room for words."""
        sizes = [self._studio.size(figure) for figure in column]
        width = self._studio.width * BOARDS_SHARE
        caption = heights.rem_mm(self._layout) * heights.CAPTION + STACK_GAP_MM
        words_mm = caption * len(column) + sum(
            heights.notes(self._layout, len(figure.notes), width * 0.8) for figure in column
        )
        across = max(width for width, _ in sizes)
        down = sum(height for _, height in sizes)
        return min(self._studio.stack_cell, width / across, (height_mm - words_mm) / down)


def _unsigned(figure: Figure, kept: Collection[Point] = ()) -> Figure:
    """Without the sign on the move before, unless it is one of those points."""
    marks = tuple(m for m in figure.diagram.marks if m.kind is not MarkKind.TRIANGLE or m.point in kept)
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
