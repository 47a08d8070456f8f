"""Text inside our drawings: escaping, and many short labels in one element.

The PDF renderer pays for each text element and more for each anchored one, so
labels of one look share an element in which every character has its own x and
y; the widths come from the font itself.
"""

from __future__ import annotations

import re
from html import escape as _escape

from pipeline.report.fontmetrics import CAP_HEIGHT, char_width, text_width

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Without control characters, surrogates and the other characters that XML forbids."""
    return _FORBIDDEN.sub("", text)


def escape(text: str) -> str:
    """Plain text made safe between tags and inside quoted attributes."""
    return _escape(clean(text), quote=True)


def num(value: float) -> str:
    """A number as short as two decimals allow."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


class TextRun:
    """Labels of one size, weight and ink, collected into one text element.

    Args:
        cap: height of capitals and digits in user units.
        bold: weight 700 instead of 400.
        condense: horizontal scale of the characters.
        fatten: width in em of a line drawn around the characters in their own ink.
    """

    __slots__ = ("_bold", "_chars", "_condense", "_fatten", "_size", "_xs", "_ys")

    def __init__(self, cap: float, *, bold: bool = False, condense: float = 1.0, fatten: float = 0.0) -> None:
        self._size = cap / CAP_HEIGHT
        self._bold = bold
        self._condense = condense
        self._fatten = fatten
        self._chars: list[str] = []
        self._xs: list[float] = []
        self._ys: list[float] = []

    def width(self, text: str) -> float:
        """Printed width of a label in user units."""
        return text_width(text, bold=self._bold) * self._size * self._condense

    def put(self, text: str, x: float, y: float, *, anchor: float = 0.5, fit: float | None = None) -> None:
        """Add a label whose capitals are centred on ``y``.

        Args:
            text: plain text on one line.
            x: where the label is anchored.
            y: middle of its capitals.
            anchor: part of the label left of ``x`` (0 = starts there, 1 = ends there).
            fit: widest the label may be; its characters move closer together beyond that.
        """
        natural = self.width(text)
        tighten = min(1.0, fit / natural) if fit and natural else 1.0
        left = x - natural * tighten * anchor
        baseline = y + self._size * CAP_HEIGHT / 2
        for char in text:
            # A run's white space would be collapsed and shift every coordinate after it.
            if not char.isspace():
                self._chars.append(char)
                self._xs.append(left / self._condense)
                self._ys.append(baseline)
            left += char_width(char, bold=self._bold) * self._size * self._condense * tighten

    def svg(self, *, fill: str, halo: float = 0.0, halo_ink: str = "#fff") -> str:
        """The element, or ``""`` without labels; with ``halo``, the same outlined that wide beneath it."""
        if not self._chars:
            return ""
        xs = " ".join(num(x) for x in self._xs)
        ys = " ".join(num(y) for y in self._ys)
        weight = ' font-weight="700"' if self._bold else ""
        squeeze = f' transform="scale({num(self._condense)} 1)"' if self._condense != 1 else ""
        common = f'x="{xs}" y="{ys}" font-size="{num(self._size)}"{weight}{squeeze}'
        text = escape("".join(self._chars))
        under = ""
        if halo:
            under = (
                f'<text {common} fill="{halo_ink}" stroke="{halo_ink}" stroke-width="{num(halo)}"'
                f' stroke-linejoin="round">{text}</text>'
            )
        outline = f' stroke="{fill}" stroke-width="{num(self._fatten * self._size)}"' if self._fatten else ""
        return f'{under}<text {common} fill="{fill}"{outline}>{text}</text>'
