"""Curves: gaps, scales, and marks that never hide one another."""

import math
import re
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from pipeline.go.board import Color
from pipeline.report.curves import CurveMark, loss_curve, score_curve, score_limit, winrate_curve

SVG = "{http://www.w3.org/2000/svg}"
B, W = Color.BLACK, Color.WHITE
FRAME_LEFT, FRAME_RIGHT = 9.5, 177.5


def wave(turns):
    return [0.5 + 0.5 * math.sin(turn / 9) for turn in range(turns)]


def curve_paths(svg):
    root = ET.fromstring(svg)
    return [
        p.get("d") for p in root.iter(f"{SVG}path") if p.get("stroke-linejoin") == "round" and p.get("fill") == "none"
    ]


def triangles(svg, fill):
    """Boxes (left, top, right, bottom) of the marks' triangles of one fill."""
    boxes = []
    for path in ET.fromstring(svg).iter(f"{SVG}path"):
        if path.get("fill") != fill:
            continue
        for x, y, dx, dy, width in re.findall(r"M([\d.]+) ([\d.]+)l(-?[\d.]+) (-?[\d.]+)h([\d.]+)z", path.get("d")):
            left, other = float(x) + float(dx), float(y) + float(dy)
            boxes.append((left, min(float(y), other), left + float(width), max(float(y), other)))
    return boxes


def mark_labels(svg):
    """(text, left, top, right, bottom) of the bold labels; characters of a label follow one another."""
    found = []
    for element in ET.fromstring(svg).iter(f"{SVG}text"):
        if element.get("font-weight") != "700" or element.get("stroke"):
            continue
        size = float(element.get("font-size"))
        xs, ys = ([float(v) for v in element.get(k).split()] for k in "xy")
        for char, x, y in zip(element.text, xs, ys, strict=True):
            box = [char, x, y - 0.733 * size, x + 0.59 * size, y]
            if found and found[-1][4] == y and abs(found[-1][3] - x) < 0.05:
                found[-1] = [found[-1][0] + char, *found[-1][1:3], box[3], y]
            else:
                found.append(box)
    return found


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("draw", [winrate_curve, score_curve])
@pytest.mark.parametrize("values", [[], [None], [0.7], [0.2, 0.9], [None, 0.5, None], [math.nan, 0.4], wave(401)])
def test_any_length_gives_a_drawing(draw, values):
    svg = draw(values, marks=[CurveMark(t, B, str(t)) for t in (-1, 0, 1, 999)], axis_label="手数", title="<&>")
    root = ET.fromstring(svg)
    assert root.find(f"{SVG}title").text == "<&>"
    assert len(list(root.iter())) <= 16
    assert "nan" not in svg


def test_a_gap_is_a_gap():
    whole = curve_paths(winrate_curve(wave(30)))
    assert "".join(whole).count("M") == 1
    values = wave(30)
    values[10:13] = [None] * 3
    assert "".join(curve_paths(winrate_curve(values))).count("M") == 2


def test_a_lone_position_is_a_dot():
    svg = winrate_curve([None, 0.5, None])
    assert any(p.get("d").endswith("h0") for p in ET.fromstring(svg).iter(f"{SVG}path"))


def test_high_is_good_for_black_and_the_curve_spans_the_frame():
    path = curve_paths(winrate_curve([0.0, 1.0]))[0]
    (x0, y0), (x1, y1) = ((float(a), float(b)) for a, b in re.findall(r"([\d.]+) ([\d.]+)", path))
    assert (x0, x1) == (FRAME_LEFT, FRAME_RIGHT)
    assert y1 < y0


def test_one_outlier_does_not_flatten_the_rest():
    calm = [3 * math.sin(turn / 5) for turn in range(100)]
    assert score_limit(calm) == 5
    assert score_limit([*calm, -180.0]) <= 10
    ys = [float(y) for y in re.findall(r" ([\d.]+)", curve_paths(score_curve([*calm, -180.0]))[0])]
    assert max(ys) <= 37.0, "the outlier is cut off at the frame"


def test_a_game_that_is_decided_keeps_its_whole_curve():
    assert score_limit([turn / 2 for turn in range(120)]) == 60


@pytest.mark.parametrize("values", [[], [None], [0.0], [math.nan]])
def test_the_scale_of_nothing_is_five_points(values):
    assert score_limit(values) == 5


def test_the_scale_is_symmetric_and_signed():
    text = "".join(t.text for t in ET.fromstring(score_curve([0.0, 12.0, -18.0])).iter(f"{SVG}text"))
    assert "+20+100−10−20" in text.replace(" ", "") or "−20−100+10+20" in text


def test_black_marks_are_filled_and_white_ones_hollow():
    svg = winrate_curve(wave(100), marks=[CurveMark(20, B, "1"), CurveMark(50, W, "2"), CurveMark(80, W, "3")])
    assert len(triangles(svg, "#000")) == 1
    assert len(triangles(svg, "#fff")) == 2
    assert sorted(label[0] for label in mark_labels(svg)) == ["1", "2", "3"]


@pytest.mark.parametrize("draw", [winrate_curve, score_curve])
@pytest.mark.parametrize(
    "values", [wave(250), [1.0] * 250, [0.0] * 250, [0.5] * 250, [(-1.0) ** t for t in range(250)]]
)
def test_crowded_labels_neither_overlap_nor_leave_the_frame(draw, values):
    turns = [0, 1, 2, 3, 100, 101, 102, 103, 104, 105, 180, 249, 248, 247]
    marks = [CurveMark(turn, B if turn % 2 else W, str(number)) for number, turn in enumerate(turns, start=1)]
    svg = draw(values, marks=marks)
    labels = mark_labels(svg)
    assert sorted(int(label[0]) for label in labels) == list(range(1, 15))
    boxes = [tuple(label[1:]) for label in labels]
    shapes = triangles(svg, "#000") + triangles(svg, "#fff")
    assert len(shapes) == 14
    for one, other in combinations(boxes, 2):
        assert not overlap(one, other)
    for box in boxes:
        assert not any(overlap(box, shape) for shape in shapes)
        assert box[0] >= FRAME_LEFT - 0.01
        assert box[2] <= FRAME_RIGHT + 0.01
        assert box[1] >= 1.0
        assert box[3] <= 37.0


def test_what_finds_no_room_is_left_out():
    marks = [CurveMark(15, B, str(n)) for n in range(40)]
    svg = winrate_curve([0.5] * 30, marks=marks)
    boxes = [tuple(label[1:]) for label in mark_labels(svg)]
    assert 4 <= len(boxes) < 40
    assert not any(overlap(one, other) for one, other in combinations(boxes, 2))


def test_phase_names_stand_where_they_fit():
    wide = winrate_curve(wave(200), phase_starts=(1, 51, 151), phase_labels=("布局", "中盘", "官子"))
    text = "".join(t.text for t in ET.fromstring(wide).iter(f"{SVG}text"))
    assert all(name in text for name in ("布局", "中盘", "官子"))
    narrow = winrate_curve(wave(200), phase_starts=(1, 51, 199), phase_labels=("布局", "中盘", "官子"))
    assert "官子" not in "".join(t.text for t in ET.fromstring(narrow).iter(f"{SVG}text"))


def test_the_axis_has_round_numbers_clear_of_its_caption():
    root = ET.fromstring(winrate_curve(wave(236), axis_label="手数"))
    text = "".join(t.text for t in root.iter(f"{SVG}text"))
    assert text.endswith("手数50100150200")
    crowded = ET.fromstring(winrate_curve(wave(201), axis_label="手数"))
    assert "".join(t.text for t in crowded.iter(f"{SVG}text")).endswith("手数50100150")


def test_hostile_labels_stay_text():
    svg = winrate_curve(wave(9), marks=[CurveMark(3, B, "<\x00b>&")], axis_label="</svg>", title='"<\x07')
    assert {e.tag.removeprefix(SVG) for e in ET.fromstring(svg).iter()} <= {"svg", "title", "path", "text", "rect"}


def test_losses_are_two_lines_that_differ_in_grey():
    svg = loss_curve([0, 1, 1, 5, 5], [0, 0, 2, 2, None])
    lines = [p for p in ET.fromstring(svg).iter(f"{SVG}path") if p.get("stroke-linejoin") == "round"]
    assert len(lines) == 2
    assert lines[0].get("stroke-dasharray") is None
    assert lines[1].get("stroke-dasharray")
    assert len(list(ET.fromstring(loss_curve([], [])).iter())) < 12
