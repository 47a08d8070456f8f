"""The frame and the scales of a graph over turns; user units are millimetres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.svgtext import num

PT = 25.4 / 72  # one printing point in mm
_LEFT = 9.5  # mm from the border of the drawing to the frame
_RIGHT = 2.5
_TOP = 1.0
_TOP_WITH_PHASES = 5.0
_BOTTOM = 5.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in mm, ``top`` < ``bottom``."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def inside(self, other: Box) -> bool:
        """Whether no part of this one is outside the other."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Plot:
    """The frame of a graph and its scales. ``low`` and ``high`` are the values at its lower and upper side."""

    width: float
    height: float
    frame: Box
    last_turn: int
    low: float
    high: float

    @classmethod
    def of(cls, width: float, height: float, turns: int, low: float, high: float, *, phases: bool) -> Plot:
        """The plot of that many positions in a drawing of this size (mm), with room for phase names."""
        frame = Box(_LEFT, _TOP_WITH_PHASES if phases else _TOP, width - _RIGHT, height - _BOTTOM)
        return cls(width, height, frame, max(turns - 1, 1), low, high)

    def x(self, turn: float) -> float:
        """Horizontal place of a position."""
        return self.frame.left + (self.frame.right - self.frame.left) * turn / self.last_turn

    def y(self, value: float) -> float:
        """Vertical place of a value; one beyond the scale lies on the frame."""
        part = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.frame.bottom - (self.frame.bottom - self.frame.top) * part


def line(path: str, weight_pt: float, *, ink: str = "#000", extra: str = "") -> str:
    """A path element without filling, or ``""`` for an empty path."""
    if not path:
        return ""
    return f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="{num(weight_pt * PT)}"{extra}/>'


def stretches(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Runs of known values as (turn, value)."""
    runs: list[list[tuple[int, float]]] = [[]]
    for turn, value in enumerate(values):
        if value is None or not math.isfinite(value):
            runs.append([])
        else:
            runs[-1].append((turn, value))
    return [run for run in runs if run]
