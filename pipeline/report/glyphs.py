"""Characters that our fonts cannot print become a geta mark before the page is set.

A missing glyph must never reach the page: the renderer would print a box, or
borrow a font of the machine it runs on.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pipeline.errors import DependencyError
from pipeline.report.view_model import DataUri, ReportView, Svg
from pipeline.wording import report as words

FONT_PATTERN = "Fupan*-Regular.ttf"

_T = TypeVar("_T")


def coverage(fonts: Path) -> frozenset[int]:
    """Code points that the fonts of a folder can print.

    Raises:
        DependencyError: the fonts are missing or unreadable.
    """
    from fontTools.ttLib import TTFont, TTLibError  # noqa: PLC0415 - only reports need it

    points: set[int] = set()
    files = sorted(fonts.glob(FONT_PATTERN))
    if not files:
        raise DependencyError("dependency.fonts", folder=fonts)
    for file in files:
        try:
            with TTFont(file, lazy=True) as font:
                points |= set(font.getBestCmap() or ())
        except (OSError, TTLibError) as error:
            raise DependencyError("dependency.fonts", folder=file) from error
    return frozenset(points)


def printable(view: ReportView, covered: Iterable[int]) -> ReportView:
    """The view with every uncovered character replaced, and a line among the corrections if any were and none is there.

    Combining marks without a glyph are dropped: they would pile up as boxes
    of their own. Drawings are left as they are.
    """
    shown, missing = replaced(view, covered)
    note = words.missing_glyphs(missing)
    if missing and note not in shown.corrections:
        shown = dataclasses.replace(shown, corrections=(*shown.corrections, note))
    return shown


def replaced(view: _T, covered: Iterable[int]) -> tuple[_T, int]:
    """Any view with its uncovered characters replaced, and how many different ones there were."""
    replacer = _Replacer(frozenset(covered))
    shown = replacer.apply(view)
    return shown, len(replacer.missing)


class _Replacer:
    """Walks a view and remembers what it replaced."""

    def __init__(self, covered: frozenset[int]) -> None:
        self._covered = covered
        self.missing: set[str] = set()

    def apply(self, value: _T) -> _T:
        """The same value with its texts made printable."""
        if isinstance(value, Svg | DataUri):
            return value
        if isinstance(value, str):
            return self._text(value)  # type: ignore[return-value]
        if isinstance(value, tuple):
            return tuple(self.apply(item) for item in value)  # type: ignore[return-value]
        if isinstance(value, dict):
            return {key: self.apply(item) for key, item in value.items()}  # type: ignore[return-value]
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            changes = {f.name: self.apply(getattr(value, f.name)) for f in dataclasses.fields(value)}
            return dataclasses.replace(value, **changes)
        return value

    def _text(self, text: str) -> str:
        if all(ord(char) in self._covered for char in text):
            return text
        shown = []
        for char in text:
            if ord(char) in self._covered:
                shown.append(char)
                continue
            self.missing.add(char)
            if unicodedata.category(char)[0] != "M":
                shown.append(words.MISSING_GLYPH)
        return "".join(shown)
