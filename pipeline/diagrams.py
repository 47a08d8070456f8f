"""Draw one position of a game into a file: read the game, choose what to show, draw, write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.app import make_publisher, stored_games
from pipeline.atomic import atomic_write_bytes, safe_file_name
from pipeline.errors import ConfigError
from pipeline.go.board import Point, parse_vertex
from pipeline.go.formats import SUPPORTED_SUFFIXES
from pipeline.go.record import GameRecord
from pipeline.inbox.intake import collect, read_all
from pipeline.publish import base_name, judge_options
from pipeline.report import figures as fig
from pipeline.report import plate
from pipeline.report.diagram import Diagram, Mark, MarkKind
from pipeline.report.figures import Figure
from pipeline.report.moment_boards import VARIATION_MOVES
from pipeline.report.options import PAPER_WHITE, WOOD, Coordinates
from pipeline.report.raster import page_png
from pipeline.report.render import Renderer
from pipeline.report.view_model import clean
from pipeline.review.judge import judge
from pipeline.settings import FolderSettings, ReportSettings, Settings
from pipeline.store.dataset import StoredGame
from pipeline.wording import diagram as words
from pipeline.wording import report as report_words
from pipeline.wording import terms

FORMATS = (".svg", ".png", ".pdf")
MAX_PIXELS = 60_000_000
MAX_LINE = 80  # moves of a variation
CAPTION_LIMIT = 120
NAME_LIMIT = 16
_LETTER = re.compile(r"[A-Za-z0-9]{1,3}")
_MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class DiagramRequest:
    """What the user asks for; see the help texts in ``pipeline.wording.diagram``.

    ``game`` is a file or a stored game, ``number`` the game in its file
    (from 1), ``move`` ``None`` for the end. At most one of ``last``,
    ``figure``, ``line`` and ``show`` is given.
    """

    game: str
    file: Path | None = None
    number: int = 1
    move: int | None = None
    last: int | None = None
    figure: str | None = None
    line: str | None = None
    show: str | None = None
    first_number: int | None = None
    part: str | None = None
    marks: tuple[str, ...] = ()
    caption: str = ""
    cell_mm: float = 4.2
    width_mm: float | None = None
    dpi: int = 300


@dataclass(frozen=True, slots=True)
class _Game:
    """A game, the name of its file, and its stored analysis if it was asked for."""

    record: GameRecord
    name: str
    stored: StoredGame | None = None


def draw_diagram(request: DiagramRequest, folders: FolderSettings) -> Path:
    """Draw and write; returns the file.

    Raises:
        ConfigError: a wish that cannot be understood or fulfilled.
        GameError: the game cannot be read.
        StoreError: the dataset cannot be read, or the file not written.
        DependencyError, RenderError: the picture cannot be made.
    """
    settings = folders.general
    if sum(wish is not None for wish in (request.last, request.figure, request.line, request.show)) > 1:
        raise ConfigError("diagram.several")
    if request.file is not None and request.file.suffix.lower() not in FORMATS:
        raise ConfigError("diagram.bad_format", path=request.file)
    game = _find(request, folders)
    record = game.record
    turn = len(record.moves) if request.move is None else request.move
    if not 0 <= turn <= len(record.moves):
        raise ConfigError("diagram.bad_move", file=game.name, value=turn, total=len(record.moves))
    figure, caption = _figure(request, game, turn, settings)
    figure = plate.marked(figure, _marks(request.marks, record))
    figure = _part(request.part, figure)
    renderer = Renderer()
    path = request.file or Path(safe_file_name(words.file_stem(base_name(record), caption), ".png"))
    drawn = _drawn(request, figure, settings.report, _title(record, caption), renderer)
    atomic_write_bytes(path, _picture(drawn, path.suffix.lower(), request, renderer, colour=settings.report.colour))
    return path


def _find(request: DiagramRequest, folders: FolderSettings) -> _Game:
    path = Path(request.game)
    dataset = make_publisher(folders.general).dataset
    if not path.is_file():
        if path.suffix.lower() in SUPPORTED_SUFFIXES and not dataset.match(request.game):
            raise ConfigError("input.missing", path=path)
        header = stored_games(dataset, [request.game], "")[0]
        stored = dataset.load(header.game_id, header.profile_id)
        return _Game(stored.record, header.source_file, stored)
    intake = read_all(collect([path]), folders)
    for unread in (*intake.failures, *intake.own):
        raise unread.error
    games = [*intake.games, *(game for game, _ in intake.duplicates)]
    games.sort(key=lambda game: game.record.source.index)
    if not 1 <= request.number <= len(games):
        raise ConfigError("diagram.no_game", file=path.name, value=request.number, total=len(games))
    record = games[request.number - 1].record
    found = dataset.find(record.game_id) if request.show else None
    return _Game(record, path.name, dataset.load(found.game_id, found.profile_id) if found else None)


def _figure(request: DiagramRequest, game: _Game, turn: int, settings: Settings) -> tuple[Figure, str]:
    """What is shown, and how it is called."""
    record = game.record
    if request.show is not None:
        return _shown(request.show, game, turn, settings)
    if request.line is not None:
        return _line(record, turn, request.line, request.first_number or 1), words.line_caption(turn)
    if request.figure is not None:
        span = words.move_range(request.figure)
        if span is None:
            raise ConfigError("diagram.bad_figure", value=request.figure)
        first, last = span
    elif request.last:
        first, last = max(1, turn - request.last + 1), turn
    else:
        figure = plate.position(record, turn)
        return (_unsigned(figure) if request.last == 0 else figure), words.position_caption(turn)
    for value in (first, last):
        if not 1 <= value <= len(record.moves):
            raise ConfigError("diagram.bad_move", file=game.name, value=value, total=len(record.moves))
    if first > last:
        raise ConfigError("diagram.bad_figure", value=request.figure)
    figure = fig.numbered_figure(record, first, last, first_number=request.first_number)
    return figure, words.figure_caption(first, last)


def _unsigned(figure: Figure) -> Figure:
    return replace(figure, diagram=replace(figure.diagram, marks=()))


def _line(record: GameRecord, turn: int, text: str, first_number: int) -> Figure:
    names = [name for name in words.BETWEEN_POINTS.split(text.strip()) if name][:MAX_LINE]
    for count, name in enumerate(names, start=1):
        try:
            parse_vertex(name, record.width, record.height)
        except ValueError as error:
            raise ConfigError("diagram.bad_line", number=count, value=name[:20]) from error
    figure = fig.variation_figure(record, turn, names, limit=MAX_LINE, first_number=first_number)
    played = figure.last - figure.first + 1
    if played < len(names):
        raise ConfigError("diagram.bad_line", number=played + 1, value=names[played])
    return figure


def _shown(show: str, game: _Game, number: int, settings: Settings) -> tuple[Figure, str]:
    """A diagram of the report: what was played, what was better, how it is punished."""
    kind = words.SHOWN.get(show.removesuffix(words.FILE_WORD))
    if kind is None:
        raise ConfigError("diagram.bad_show", value=show, known=words.LIST_COMMA.join(words.SHOWN))
    record = game.record
    if not 1 <= number <= len(record.moves):
        raise ConfigError("diagram.bad_move", file=game.name, value=number, total=len(record.moves))
    move = record.moves[number - 1]
    if kind == "played":
        figure = fig.played_figure(record, number)
        return figure, report_words.played_caption(number, figure.last)
    line: Sequence[str] = ()
    if game.stored is not None:
        evaluations = game.stored.evaluations
        before = evaluations.get(number - 1 if kind == "better" else number)
        best = before.best if before else None
        if kind == "better" and before:
            review = judge(record, evaluations, judge_options(settings.report))
            wanted = next((m.best_vertex for m in review.moves if m.move_number == number), "")
            best = before.candidate(wanted) or best
        if best is not None and not (kind == "better" and best.move == move.vertex):
            line = best.pv or (best.move,)
    if not line:
        raise ConfigError("diagram.no_analysis", file=game.name, move=number, shown=show.removesuffix(words.FILE_WORD))
    if kind == "better":
        figure = fig.variation_figure(record, number - 1, line, limit=VARIATION_MOVES, played=move.point)
        has_letter = any(m.kind is MarkKind.LETTER for m in figure.diagram.marks)
        return figure, report_words.variation_caption(move.color, figure.last, shows_played=has_letter)
    figure = fig.variation_figure(record, number, line, limit=VARIATION_MOVES)
    return figure, report_words.refutation_caption(move.color.opponent, figure.last)


def _marks(texts: Sequence[str], record: GameRecord) -> list[Mark]:
    made = []
    for text in texts:
        sign, points = words.halves(text)
        kind = words.SIGNS.get(sign) or words.SIGNS.get(sign.upper())
        try:
            if kind is None and not _LETTER.fullmatch(sign):
                raise ValueError(sign)
            spots = [_point(name, record) for name in words.BETWEEN_POINTS.split(points)]
        except ValueError as error:
            raise ConfigError("diagram.bad_mark", value=text[:40]) from error
        made += [plate.mark(kind or "", sign, spot) for spot in spots]
    return made


def _point(name: str, record: GameRecord) -> Point:
    point = parse_vertex(name, record.width, record.height)
    if point is None:
        raise ValueError(name)
    return point


def _part(text: str | None, figure: Figure) -> Figure:
    if text is None:
        return figure
    width, height = figure.diagram.width, figure.diagram.height
    wish = text.strip()
    if wish == words.LOCAL_PART:
        return plate.cropped(figure, plate.local_part(figure))
    if wish in words.PARTS:
        return plate.cropped(figure, plate.part_window(words.PARTS[wish], width, height))
    try:
        first, second = (parse_vertex(name, width, height) for name in words.halves(wish))
        if first is None or second is None:
            raise ValueError(wish)
    except ValueError as error:
        known = words.LIST_COMMA.join((*words.PARTS, words.LOCAL_PART))
        raise ConfigError("diagram.bad_part", value=text[:40], known=known) from error
    return plate.cropped(figure, plate.between(first, second))


def _drawn(
    request: DiagramRequest, figure: Figure, report: ReportSettings, title: str, renderer: Renderer
) -> plate.Plate:
    diagram = _styled(figure.diagram, report, title)
    notes = [report_words.note(n.number, n.refers_to, n.vertex, inserted=n.inserted) for n in figure.notes]
    if Coordinates(report.coordinates) is Coordinates.CHINESE:
        notes = [terms.chinese_points(note, diagram.height) for note in notes]
    width = request.width_mm or plate.draw(diagram, (), cell_mm=request.cell_mm, width_mm=None).width_mm
    lines = plate.wrapped(notes, words.NOTES_JOIN, width)
    if caption := renderer.covered(clean(request.caption, CAPTION_LIMIT)):
        lines.append(caption)
    return plate.draw(diagram, lines, cell_mm=request.cell_mm, width_mm=request.width_mm)


def _styled(diagram: Diagram, report: ReportSettings, title: str) -> Diagram:
    coordinates = Coordinates(report.coordinates)
    is_chinese = coordinates is Coordinates.CHINESE
    return replace(
        diagram,
        coordinates=coordinates is not Coordinates.NONE,
        labels=terms.board_labels(diagram.width, diagram.height) if is_chinese else None,
        background=WOOD if report.colour else PAPER_WHITE,
        title=title,
    )


def _title(record: GameRecord, caption: str) -> str:
    black, white = (clean(player.name, NAME_LIMIT) for player in (record.info.black, record.info.white))
    return words.alt(report_words.players(black, white), caption)


def _picture(drawn: plate.Plate, suffix: str, request: DiagramRequest, renderer: Renderer, *, colour: bool) -> bytes:
    if suffix == ".svg":
        return renderer.render_svg(drawn)
    width, height = (round(length / _MM_PER_INCH * request.dpi) for length in (drawn.width_mm, drawn.height_mm))
    if suffix == ".png" and width * height > MAX_PIXELS:
        raise ConfigError("diagram.too_large", width=width, height=height)
    pdf = renderer.render_plate(drawn)
    return pdf if suffix == ".pdf" else page_png(pdf, dpi=request.dpi, colour=colour)
