"""Numbered triangles on a curve: where each one goes so that none hides another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.go.board import Color
from pipeline.report import svgtext
from pipeline.report.fontmetrics import CAP_HEIGHT, text_width
from pipeline.report.plot import PT, Box, Plot, line, stretches
from pipeline.report.svgtext import TextRun, num

_MARK_FONT = 7.5 * PT  # all lengths in mm
_MARK_CAP = _MARK_FONT * CAP_HEIGHT
_MARK_HALF = 1.15  # half the side of a mark's triangle
_MARK_HEIGHT = 1.9
_MARK_CLEARANCE = 0.8  # from the curve to the tip
_LIFT = 1.3  # step by which a mark moves out of the way
_HALO = 1.0
_MARK_PT = 0.6
_LEADER_PT = 0.3
_SAMPLE = 0.6
_BELOW_COST = 1.5  # in steps: a mark above its curve is what readers expect
_COVER_COST = 0.4  # in steps, for each sample of the curve that a mark would hide


@dataclass(frozen=True, slots=True)
class CurveMark:
    """A mark on a curve: at which position (turn), whose mistake, and its number as text."""

    turn: int
    color: Color
    label: str


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mark with its place: the triangle's tip, the curve's point it belongs to, the label's middle."""

    mark: CurveMark
    label: str  # "" when it found no room
    x: float
    foot: float
    tip: float
    side: int  # -1 above the curve, 1 below it
    label_x: float

    @property
    def label_y(self) -> float:
        """Middle of the label's capitals."""
        return self.tip + self.side * (_MARK_HEIGHT + 0.6 + _MARK_CAP / 2)

    @property
    def box(self) -> Box:
        """What the mark covers, label included."""
        half = max(_MARK_HALF, text_width(self.label, bold=True) * _MARK_FONT / 2) + 0.25
        far = self.tip + self.side * (_MARK_HEIGHT + (_MARK_CAP + 0.9 if self.label else 0.3))
        left, right = min(self.x - _MARK_HALF, self.label_x - half), max(self.x + _MARK_HALF, self.label_x + half)
        return Box(left, min(self.tip, far), right, max(self.tip, far))


def mark_signs(plot: Plot, values: Sequence[float | None], marks: Sequence[CurveMark]) -> list[str]:
    """SVG elements of the marks: leaders, triangles, labels on a white halo."""
    placed = _place(plot, values, marks)
    leaders = "".join(
        f"M{num(p.x)} {num(p.tip)}V{num(p.foot)}" for p in placed if abs(p.foot - p.tip) > _MARK_CLEARANCE + 0.01
    )
    shapes: dict[Color, list[str]] = {Color.BLACK: [], Color.WHITE: []}
    run = TextRun(_MARK_CAP, bold=True)
    for p in placed:
        corner = f"l{num(-_MARK_HALF)} {num(p.side * _MARK_HEIGHT)}h{num(2 * _MARK_HALF)}"
        shapes[p.mark.color].append(f"M{num(p.x)} {num(p.tip)}{corner}z")
        run.put(p.label, p.label_x, p.label_y)
    signs = [line(leaders, _LEADER_PT)]
    for color, fill in ((Color.BLACK, "#000"), (Color.WHITE, "#fff")):
        if shapes[color]:
            path = "".join(shapes[color])
            signs.append(f'<path d="{path}" fill="{fill}" stroke="#000" stroke-width="{num(_MARK_PT * PT)}"/>')
    return [*signs, run.svg(fill="#000", halo=_HALO)]


def _place(plot: Plot, values: Sequence[float | None], marks: Sequence[CurveMark]) -> list[_Placed]:
    """Find a place for each mark: as near to its point of the curve as nothing is in the way."""
    curve = _samples(plot, values)
    placed: list[_Placed] = []
    for mark in sorted(marks, key=lambda m: (m.turn, m.color, m.label)):
        foot = _foot(plot, values, mark.turn)
        if foot is None:
            continue
        taken = [other.box for other in placed]
        label = svgtext.clean(mark.label)
        spot = _best_spot(plot, curve, taken, mark, (foot, label)) or _best_spot(plot, curve, taken, mark, (foot, ""))
        if spot is not None:
            placed.append(spot)
    return placed


def _foot(plot: Plot, values: Sequence[float | None], turn: int) -> float | None:
    """Where a mark at this turn touches the curve; the nearest known value stands in for a missing one."""
    if not 0 <= turn < len(values):
        return None
    known = [(abs(t - turn), t, v) for t, v in enumerate(values) if v is not None and math.isfinite(v)]
    return plot.y(min(known)[2]) if known else None


def _samples(plot: Plot, values: Sequence[float | None]) -> list[tuple[float, float]]:
    """Points along the curve close enough together that none of its lines slips through a label."""
    spots: list[tuple[float, float]] = []
    for run in stretches(values):
        corners = [(plot.x(turn), plot.y(value)) for turn, value in run]
        for (x0, y0), (x1, y1) in pairwise(corners):
            steps = max(1, math.ceil(max(x1 - x0, abs(y1 - y0)) / _SAMPLE))
            spots += [(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps) for i in range(steps)]
        spots.append(corners[-1])
    return spots


def _best_spot(
    plot: Plot,
    curve: Sequence[tuple[float, float]],
    taken: Sequence[Box],
    mark: CurveMark,
    foot_and_label: tuple[float, str],
) -> _Placed | None:
    foot, label = foot_and_label
    frame, x = plot.frame, plot.x(mark.turn)
    room = Box(frame.left - _MARK_HALF, frame.top + 0.2, frame.right + _MARK_HALF, frame.bottom - 0.2)
    half = max(_MARK_HALF, text_width(label, bold=True) * _MARK_FONT / 2) + 0.25
    label_x = min(max(x, frame.left + half), frame.right - half)
    left, right = min(x - _MARK_HALF, label_x - half), max(x + _MARK_HALF, label_x + half)
    heights = [cy for cx, cy in curve if left < cx < right]
    best: tuple[float, _Placed] | None = None
    for step in range(int((frame.bottom - frame.top) / _LIFT) + 1):
        for side in (-1, 1):
            spot = _Placed(mark, label, x, foot, foot + side * (_MARK_CLEARANCE + step * _LIFT), side, label_x)
            box = spot.box
            if not box.inside(room) or any(box.meets(other) for other in taken):
                continue
            covered = sum(1 for cy in heights if box.top < cy < box.bottom)
            cost = step + (_BELOW_COST if side > 0 else 0.0) + _COVER_COST * min(covered, 8)
            if best is None or cost < best[0]:
                best = (cost, spot)
    return best[1] if best else None
