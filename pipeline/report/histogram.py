"""The distribution of the moves over the classes of loss, both players side by side, as SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.report import svgtext
from pipeline.report.fontmetrics import FAMILY
from pipeline.report.plot import PT
from pipeline.report.svgtext import TextRun, num

BAR = 0.3  # of the room of a class
_CAP = 1.75  # height of digits and labels in mm
_TOP = 4.5
_BOTTOM = 4.6
_FRAME_PT = 0.5
_APART = 0.4  # mm between the two counts of a class


def _off_middle(figures: TextRun, text: str, room: float) -> float:
    """How far from the middle of its class a count stands: over its bar, or farther out if it is the wider."""
    return max(BAR * room, min(figures.width(text), room / 2 - _APART) + _APART) / 2


def loss_histogram(
    classes: Sequence[tuple[str, int, int]], *, width_mm: float, height_mm: float, title: str = ""
) -> str:
    """Bars of Black (solid) and White (outlined) for each class.

    Args:
        classes: name of the class, Black's moves, White's moves; best class first.
        width_mm: width of the drawing.
        height_mm: its height.
        title: alternative text.
    """
    most = max([1, *(max(black, white) for _, black, white in classes)])
    base = height_mm - _BOTTOM
    room = width_mm / max(1, len(classes))
    figures, names = TextRun(_CAP), TextRun(_CAP)
    bars = []
    for index, (name, black, white) in enumerate(classes):
        middle = room * (index + 0.5)
        names.put(svgtext.clean(name), middle, base + _BOTTOM / 2 + 0.4, fit=room * 0.95)
        for side, count in ((-1, black), (0, white)):
            left, height = middle + side * BAR * room, (base - _TOP) * count / most
            off = _off_middle(figures, str(count), room)
            figures.put(str(count), middle - off if side else middle + off, base - height - _CAP, fit=room / 2 - _APART)
            if count:
                fill = "#000" if side else "#fff"
                bars.append(
                    f'<rect x="{num(left)}" y="{num(base - height)}" width="{num(BAR * room)}" height="{num(height)}"'
                    f' fill="{fill}" stroke="#000" stroke-width="{num(_FRAME_PT * PT)}"/>'
                )
    floor = f'<path d="M0 {num(base)}H{num(width_mm)}" stroke="#000" stroke-width="{num(_FRAME_PT * PT)}"/>'
    heading = f"<title>{svgtext.escape(title)}</title>" if title else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{num(width_mm)}mm" height="{num(height_mm)}mm"'
        f' viewBox="0 0 {num(width_mm)} {num(height_mm)}" font-family="{FAMILY}">{heading}'
        f"{''.join(bars)}{floor}{figures.svg(fill='#000')}{names.svg(fill='#000')}</svg>"
    )
