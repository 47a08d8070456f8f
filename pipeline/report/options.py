"""What the user chooses about a report, and the measures that follow from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.go.board import Color
from pipeline.report.view_model import PAPERS, DataUri, Paper

# Lines further apart than this look like a children's board.
MAX_CELL_MM = 4.9
MAX_CELL_LARGE_MM = 6.4
# Boards side by side must have lines this far apart, or they stand one below the other.
LEAST_IN_A_ROW_MM = 2.9
LEAST_IN_A_ROW_NARROW_MM = 3.4
LEAST_IN_A_ROW_LARGE_MM = 4.9
NARROW_MM = 140.0  # printed width below which two boards beside each other are too small
_LARGER = {"A4": 1.3, "B5": 1.25, "A5": 1.12}
# Paper with a touch of wood: light enough that black and white stones both stand out in grey.
WOOD = "#f6e6c4"
PAPER_WHITE = "#fff"


class Coordinates(StrEnum):
    """What stands at the edges of a board."""

    WESTERN = "western"  # A-T, 1-19 from the bottom
    CHINESE = "chinese"  # 1-19, and the numerals of Chinese books from the top
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What the user chooses about a report.

    ``paper`` is a key of :data:`pipeline.report.view_model.PAPERS`.
    ``key_moments`` limits the key moments of each player to the weightiest
    (``None``: all that the review names). ``side`` details only that
    player's key moments; ``student`` is his name when the report is for him.
    ``record`` adds the complete record in figures of ``moves_per_figure``
    moves. ``columns``: 1 sets boards one below the other, 2 beside each
    other, 0 what suits paper and print size. ``logo`` is an image with its
    data inside its address. ``screen`` draws for a telephone: one board a
    row, the record on one board, and every figure with its moves.
    """

    paper: str = "A4"
    key_moments: int | None = None
    moves_per_figure: int = 50
    club: str = ""
    side: Color | None = None
    record: bool = True
    large_print: bool = False
    columns: int = 0
    coordinates: Coordinates = Coordinates.WESTERN
    colour: bool = False
    student: str = ""
    logo: DataUri | None = None
    screen: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Measures of a page, in mm.

    ``text_scale`` is the size of running text over that of plain A4;
    ``least_in_a_row_mm`` is the distance of lines below which boards are set
    one below the other.
    """

    paper: Paper
    text_scale: float
    max_cell_mm: float
    least_in_a_row_mm: float
    record_across: int  # boards in a row of the record; 0: as many as can be read
    problems_across: int  # of a workbook
    coordinates: Coordinates
    background: str
    screen: bool = False


def layout_of(options: ReportOptions) -> Layout:
    """The measures that the options ask for.

    Raises:
        KeyError: ``options.paper`` is no known format.
    """
    paper = PAPERS["screen" if options.screen else options.paper]
    if options.large_print and not options.screen:
        paper = replace(paper, base_pt=round(paper.base_pt * _LARGER[options.paper], 2))
    narrow = paper.content_width < NARROW_MM
    least = LEAST_IN_A_ROW_NARROW_MM if narrow else LEAST_IN_A_ROW_MM
    if options.large_print:
        least = max(least, LEAST_IN_A_ROW_LARGE_MM)
    if options.screen:
        least = float("inf")
    elif options.columns:
        least = 0.0 if options.columns > 1 else float("inf")
    return Layout(
        paper=paper,
        text_scale=paper.base_pt / PAPERS["A4"].base_pt,
        max_cell_mm=MAX_CELL_LARGE_MM if options.large_print else MAX_CELL_MM,
        least_in_a_row_mm=least,
        record_across=1 if options.screen else options.columns,
        problems_across=options.columns or (1 if narrow or options.large_print else 2),
        coordinates=options.coordinates,
        background=WOOD if options.colour or options.screen else PAPER_WHITE,
        screen=options.screen,
    )
