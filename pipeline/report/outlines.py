"""Our drawings for other people's programs: outlines instead of text, circles instead of round line ends.

Inside our own documents text stays text, in a font that they bring along. A
drawing that is put into somebody's handout must look the same without that
font, and in programs that draw nothing where a line has no length.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from pipeline.errors import DependencyError
from pipeline.report.fontmetrics import FAMILY
from pipeline.report.svgtext import num

_SVG = "http://www.w3.org/2000/svg"
_DOT = re.compile(r"M([-\d.]+) ([-\d.]+)h0")
_SQUEEZE = re.compile(r"scale\(([\d.]+) 1\)")


def portable(svg: str, fonts: Path) -> bytes:
    """One of our own drawings as an SVG file that needs no font.

    Args:
        svg: as :func:`pipeline.report.diagram.to_svg` makes it.
        fonts: the folder of our fonts.

    Raises:
        DependencyError: the fonts are missing or unreadable.
    """
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing
    root.attrib.pop("font-family", None)
    weights: dict[bool, _Glyphs] = {}
    with ExitStack() as opened:
        for element in list(root):
            tag = element.tag.removeprefix(f"{{{_SVG}}}")
            if tag == "path" and element.get("stroke-linecap") == "round":
                _to_circles(element)
            elif tag == "text":
                bold = element.get("font-weight") == "700"
                if bold not in weights:
                    weights[bold] = _Glyphs(fonts, opened, bold=bold)
                _to_outlines(element, weights[bold])
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()


def _to_circles(element: ElementTree.Element) -> None:
    radius = float(element.attrib.pop("stroke-width")) / 2
    del element.attrib["stroke-linecap"]
    r, d = num(radius), num(2 * radius)
    element.set(
        "d",
        "".join(
            f"M{num(float(x) - radius)} {y}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0z"
            for x, y in _DOT.findall(element.get("d", ""))
        ),
    )
    element.set("fill", element.attrib.pop("stroke"))


def _to_outlines(element: ElementTree.Element, glyphs: _Glyphs) -> None:
    size = float(element.attrib.pop("font-size"))
    element.attrib.pop("font-weight", None)
    xs, ys = (element.attrib.pop(axis).split() for axis in ("x", "y"))
    squeeze = _SQUEEZE.fullmatch(element.attrib.pop("transform", ""))
    across = float(squeeze[1]) if squeeze else 1.0
    text, element.text = element.text or "", None
    paths = [
        glyphs.outline(char, float(x) * across, float(y), size, across) for char, x, y in zip(text, xs, ys, strict=True)
    ]
    element.tag = f"{{{_SVG}}}path"
    element.set("d", "".join(paths))


class _Glyphs:
    """Outlines of one weight of our font, whose file stays open in ``opened``."""

    def __init__(self, fonts: Path, opened: ExitStack, *, bold: bool) -> None:
        from fontTools.ttLib import TTFont, TTLibError  # noqa: PLC0415 - only who draws single diagrams needs it

        file = fonts / f"{FAMILY}-{'Bold' if bold else 'Regular'}.ttf"
        try:
            font = opened.enter_context(TTFont(file, lazy=True))
            self._names: dict[int, str] = font.getBestCmap()
            self._set: Any = font.getGlyphSet()
            self._em: int = font["head"].unitsPerEm
        except (OSError, TTLibError) as error:
            raise DependencyError("dependency.fonts", folder=file) from error

    def outline(self, char: str, x: float, y: float, size: float, across: float) -> str:
        """Path data of a character whose baseline begins there; nothing where the font has no such character."""
        from fontTools.pens.svgPathPen import SVGPathPen  # noqa: PLC0415
        from fontTools.pens.transformPen import TransformPen  # noqa: PLC0415

        name = self._names.get(ord(char))
        if name is None:
            return ""
        pen = SVGPathPen(self._set, ntos=num)
        scale = size / self._em
        self._set[name].draw(TransformPen(pen, (scale * across, 0, 0, -scale, x, y)))
        return str(pen.getCommands())
