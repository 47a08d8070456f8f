"""Curves over the moves of a game as SVG: win rate, score lead, accumulated losses.

Index = turn (0 = before move 1), values in Black's view, ``None`` where a
position was not searched. User units are millimetres, so that weights and
sizes are what they are on paper. Made for grey print: Black's share is a grey
area, Black's mistakes are filled triangles, White's hollow ones; their tips point at
the curve, from above where there is room, else from below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.report import svgtext
from pipeline.report.curvemarks import CurveMark, mark_signs
from pipeline.report.fontmetrics import CAP_HEIGHT, FAMILY
from pipeline.report.plot import PT, Plot, line, stretches
from pipeline.report.svgtext import TextRun, num

__all__ = ["CurveMark", "loss_curve", "score_curve", "score_limit", "winrate_curve"]

_AREA = "#d9d9d9"
_GRID = "#888"
_CURVE_PT = 1.3
_MIDDLE_PT = 0.6
_FRAME_PT = 0.6
_GRID_PT = 0.3
_PHASE_PT = 0.5
_AXIS_FONT = 7.5 * PT
_PHASE_FONT = 8 * PT
_AXIS_CAP = _AXIS_FONT * CAP_HEIGHT
_PHASE_CAP = _PHASE_FONT * CAP_HEIGHT

_LABEL_GAP = 1.2

_DOT_PT = 2.4
_MOST_X_TICKS = 8
_NICE_LIMITS = (2, 5, 10, 20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400)
_OUTLIER_FACTOR = 1.6
_TYPICAL_QUANTILE = 0.9


def winrate_curve(
    values: Sequence[float | None],
    *,
    marks: Sequence[CurveMark] = (),
    phase_starts: Sequence[int] = (),
    phase_labels: Sequence[str] = (),
    width_mm: float = 180,
    height_mm: float = 42,
    title: str = "",
    axis_label: str = "",
) -> str:
    """Black's win rate (0..1) over the game.

    Args:
        values: one per position.
        marks: mistakes; a label that finds no room is left out, its triangle is not.
        phase_starts: first move number of each phase, ascending.
        phase_labels: their names, as many.
        width_mm: printed width.
        height_mm: printed height.
        title: plain text for screen readers.
        axis_label: unit of the horizontal axis, at its right end.
    """
    plot = Plot.of(width_mm, height_mm, len(values), 0.0, 1.0, phases=bool(phase_labels))
    rows = [(0.0, "0%"), (0.25, "25%"), (0.5, "50%"), (0.75, "75%"), (1.0, "100%")]
    body = [
        _area(plot, values, base=0.0),
        _grid(plot, [value for value, _ in rows if value in (0.25, 0.75)]),
        *_phases(plot, phase_starts, phase_labels),
        _middle(plot, 0.5),
        _curve(plot, values),
        *_axes(plot, rows, axis_label),
        *mark_signs(plot, values, marks),
    ]
    return _document(plot, title, body)


def score_curve(
    values: Sequence[float | None],
    *,
    marks: Sequence[CurveMark] = (),
    phase_starts: Sequence[int] = (),
    phase_labels: Sequence[str] = (),
    width_mm: float = 180,
    height_mm: float = 42,
    title: str = "",
    axis_label: str = "",
) -> str:
    """Black's score lead in points over the game; arguments as for ``winrate_curve``.

    The scale is symmetric. Values far beyond what is usual in the game are
    cut off at the frame, so that one outlier does not flatten the rest.
    """
    limit = float(score_limit(values))
    plot = Plot.of(width_mm, height_mm, len(values), -limit, limit, phases=bool(phase_labels))
    rows = [(step * limit / 2, _signed(step * limit / 2)) for step in (-2, -1, 0, 1, 2)]
    body = [
        _area(plot, values, base=0.0),
        _grid(plot, [-limit / 2, limit / 2]),
        *_phases(plot, phase_starts, phase_labels),
        _middle(plot, 0.0),
        _curve(plot, values),
        *_axes(plot, rows, axis_label),
        *mark_signs(plot, values, marks),
    ]
    return _document(plot, title, body)


def loss_curve(
    black: Sequence[float | None],
    white: Sequence[float | None],
    *,
    phase_starts: Sequence[int] = (),
    phase_labels: Sequence[str] = (),
    width_mm: float = 180,
    height_mm: float = 42,
    title: str = "",
    axis_label: str = "",
) -> str:
    """Points lost so far by Black (solid line) and White (dashed), one value per position each."""
    turns = max(len(black), len(white))
    known = [value for value in (*black, *white) if value is not None]
    limit = float(_nice(max(known, default=0.0)))
    plot = Plot.of(width_mm, height_mm, turns, 0.0, limit, phases=bool(phase_labels))
    rows = [(limit * part / 2, num(limit * part / 2)) for part in (0, 1, 2)]
    body = [
        _grid(plot, [limit / 2]),
        *_phases(plot, phase_starts, phase_labels),
        _curve(plot, black),
        _curve(plot, white, dash="2 1"),
        *_axes(plot, rows, axis_label),
    ]
    return _document(plot, title, body)


def score_limit(values: Sequence[float | None]) -> int:
    """The upper end of a symmetric scale, in points, that suits these score leads.

    It holds them all unless the largest is far beyond what nine in ten of
    them stay below; then it is made for those.
    """
    sizes = sorted(abs(value) for value in values if value is not None and math.isfinite(value))
    if not sizes:
        return _NICE_LIMITS[1]
    typical = sizes[min(len(sizes) - 1, int(_TYPICAL_QUANTILE * len(sizes)))]
    return max(_NICE_LIMITS[1], _nice(min(sizes[-1], _OUTLIER_FACTOR * max(typical, 1.0))))


def _nice(value: float) -> int:
    return next((limit for limit in _NICE_LIMITS if limit >= value), _NICE_LIMITS[-1])


def _signed(value: float) -> str:
    if value == 0:
        return "0"
    return f"{'+' if value > 0 else '−'}{num(abs(value))}"


def _document(plot: Plot, title: str, body: Sequence[str]) -> str:
    heading = f"<title>{svgtext.escape(title)}</title>" if title else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{num(plot.width)}mm" height="{num(plot.height)}mm"'
        f' viewBox="0 0 {num(plot.width)} {num(plot.height)}" font-family="{FAMILY}">'
        f"{heading}{''.join(body)}</svg>"
    )


def _polyline(plot: Plot, run: Sequence[tuple[int, float]]) -> str:
    return "M" + "L".join(f"{num(plot.x(turn))} {num(plot.y(value))}" for turn, value in run)


def _area(plot: Plot, values: Sequence[float | None], base: float) -> str:
    zero = num(plot.y(base))
    path = "".join(
        f"{_polyline(plot, run)}V{zero}H{num(plot.x(run[0][0]))}z" for run in stretches(values) if len(run) > 1
    )
    return f'<path d="{path}" fill="{_AREA}"/>' if path else ""


def _curve(plot: Plot, values: Sequence[float | None], dash: str = "") -> str:
    runs = stretches(values)
    path = "".join(_polyline(plot, run) for run in runs if len(run) > 1)
    # A lone position still shows: a stroke without length and with round ends is a dot.
    dots = "".join(f"{_polyline(plot, run)}h0" for run in runs if len(run) == 1)
    dashed = f' stroke-dasharray="{dash}"' if dash else ' stroke-linecap="round"'
    return line(path, _CURVE_PT, extra=f' stroke-linejoin="round"{dashed}') + line(
        dots, _DOT_PT, extra=' stroke-linecap="round"'
    )


def _middle(plot: Plot, value: float) -> str:
    return line(f"M{num(plot.frame.left)} {num(plot.y(value))}H{num(plot.frame.right)}", _MIDDLE_PT)


def _ticks(last_turn: int) -> list[int]:
    steps = (1, 2, 5, 10, 20, 50, 100, 200)
    step = next((s for s in steps if last_turn / s <= _MOST_X_TICKS), steps[-1])
    return list(range(step, last_turn + 1, step))


def _grid(plot: Plot, rows: Sequence[float]) -> str:
    frame = plot.frame
    lines = [f"M{num(frame.left)} {num(plot.y(value))}H{num(frame.right)}" for value in rows]
    lines += [
        f"M{num(plot.x(turn))} {num(frame.top)}V{num(frame.bottom)}"
        for turn in _ticks(plot.last_turn)
        if turn < plot.last_turn
    ]
    return line("".join(lines), _GRID_PT, ink=_GRID, extra=' stroke-dasharray=".8 .8"')


def _axes(plot: Plot, rows: Sequence[tuple[float, str]], axis_label: str) -> list[str]:
    frame = plot.frame
    outline = (
        f'<rect x="{num(frame.left)}" y="{num(frame.top)}" width="{num(frame.right - frame.left)}"'
        f' height="{num(frame.bottom - frame.top)}" fill="none" stroke="#000" stroke-width="{num(_FRAME_PT * PT)}"/>'
    )
    run = TextRun(_AXIS_CAP)
    for value, label in rows:
        y = min(plot.y(value), frame.bottom - _AXIS_CAP / 2 + 0.3)
        run.put(label, frame.left - _LABEL_GAP, max(y, frame.top + _AXIS_CAP / 2), anchor=1)
    baseline = frame.bottom + _LABEL_GAP + _AXIS_CAP / 2 + 0.3
    caption = svgtext.clean(axis_label)
    free_until = plot.width
    if caption:
        run.put(caption, frame.right, baseline, anchor=1)
        free_until = frame.right - run.width(caption) - _LABEL_GAP
    for turn in _ticks(plot.last_turn):
        half = run.width(str(turn)) / 2
        if plot.x(turn) + half <= free_until:
            run.put(str(turn), plot.x(turn), baseline)
    return [outline, run.svg(fill="#000")]


def _phases(plot: Plot, starts: Sequence[int], labels: Sequence[str]) -> list[str]:
    """Boundaries between the phases, and their names above the frame where they fit."""
    frame = plot.frame
    # Move m leads from position m-1 to position m: its phase begins at the former.
    lefts = [plot.x(min(max(start - 1, 0), plot.last_turn)) for start in starts]
    path = "".join(
        f"M{num(x)} {num(frame.top - (2.0 if labels else 0))}V{num(frame.bottom)}"
        for x in lefts
        if frame.left < x < frame.right
    )
    run = TextRun(_PHASE_CAP)
    for left, right, label in zip(lefts, [*lefts[1:], frame.right], labels, strict=False):
        name = svgtext.clean(label)
        if run.width(name) + 2 * _LABEL_GAP <= right - left:
            run.put(name, (left + right) / 2, frame.top - 2.2)
    return [line(path, _PHASE_PT), run.svg(fill="#000")]
