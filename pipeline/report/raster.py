"""Drawings as PNG: those of rectangles, lines and texts, and pages."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pipeline.errors import DependencyError
from pipeline.report.barchart import Drawing, Line, Rect, Text
from pipeline.report.fontmetrics import FAMILY

DPI = 200
_SMOOTH = 2  # drawn so many times as large, then made smaller
_ANCHORS = {0.0: "ls", 0.5: "ms", 1.0: "rs"}


def to_png(drawing: Drawing, fonts: Path, *, dpi: int = DPI) -> bytes:
    """The drawing as a PNG in grey, with its resolution set.

    Args:
        drawing: what to draw.
        fonts: the folder of our fonts.
        dpi: pixels an inch.

    Raises:
        DependencyError: the fonts are missing or unreadable.
    """
    scale = dpi / 25.4 * _SMOOTH
    image = Image.new("L", (round(drawing.width * scale), round(drawing.height * scale)), 255)
    pen = ImageDraw.Draw(image)
    weight = max(1, round(0.17 * scale))
    loaded: dict[tuple[float, bool], ImageFont.FreeTypeFont] = {}
    for item in drawing.items:
        match item:
            case Rect():
                box = [item.x * scale, item.y * scale, (item.x + item.width) * scale, (item.y + item.height) * scale]
                pen.rectangle(box, fill=item.fill, outline="#000000" if item.frame else None, width=weight)
            case Line():
                ends = [item.x1 * scale, item.y1 * scale, item.x2 * scale, item.y2 * scale]
                pen.line(ends, fill=item.ink, width=weight)
            case Text():
                key = (item.size, item.bold)
                if key not in loaded:
                    loaded[key] = _font(fonts, item.size * scale, bold=item.bold)
                place = (item.x * scale, item.y * scale)
                pen.text(place, item.text, fill="#000000", font=loaded[key], anchor=_ANCHORS[item.anchor])
    small = image.resize((image.width // _SMOOTH, image.height // _SMOOTH), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    small.save(target, "PNG", dpi=(dpi, dpi), optimize=True)
    return target.getvalue()


def page_png(pdf: bytes, *, dpi: int, colour: bool) -> bytes:
    """The first page of a document as a PNG, in grey unless ``colour``, with its resolution set."""
    import pypdfium2  # noqa: PLC0415 - only who wants pictures of pages needs it

    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=dpi / 72, grayscale=not colour).to_pil()
    target = io.BytesIO()
    image.convert("RGB" if colour else "L").save(target, "PNG", dpi=(dpi, dpi), optimize=True)
    return target.getvalue()


def _font(fonts: Path, size: float, *, bold: bool) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(fonts / f"{FAMILY}-{'Bold' if bold else 'Regular'}.ttf", round(size))
    except OSError as error:
        raise DependencyError("dependency.fonts", folder=fonts) from error
