"""Diagrams: what is drawn, where, and that it stays small, well-formed and the same."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from pipeline.go.board import Color, Point
from pipeline.report.diagram import (
    CELL,
    Diagram,
    Mark,
    MarkKind,
    Window,
    local_window,
    size_mm,
    star_points,
    to_svg,
)

SVG = "{http://www.w3.org/2000/svg}"
B, W = Color.BLACK, Color.WHITE


def parse(svg):
    return ET.fromstring(svg)


def texts(root):
    """Every character with its place on the drawing (transforms applied)."""
    found = []
    for element in root.iter(f"{SVG}text"):
        scale = float(re.search(r"scale\(([\d.]+) ", element.get("transform", "scale(1 1)"))[1])
        xs = [float(x) * scale for x in element.get("x").split()]
        ys = [float(y) for y in element.get("y").split()]
        assert len(xs) == len(ys) == len(element.text)
        found += zip(element.text, xs, ys, [element] * len(xs), strict=True)
    return found


def labels(root):
    """Characters joined to words: neighbours of one element on one line less than a cell apart."""
    words = []
    last = None
    for char, x, y, element in texts(root):
        if last and last[2] is element and last[1] == y and 0 < x - last[0] < CELL / 2:
            words[-1] += char
        else:
            words.append(char)
        last = (x, y, element)
    return words


def dots(root, fill):
    """Centres of the round strokes of one ink, widest first by element."""
    groups = []
    for path in root.iter(f"{SVG}path"):
        if path.get("stroke-linecap") == "round" and path.get("stroke") == fill:
            spots = [tuple(map(int, m)) for m in re.findall(r"M(\d+) (\d+)h0", path.get("d"))]
            groups.append((float(path.get("stroke-width")), spots))
    return groups


def full_board(width=19, height=19):
    points = [Point(c, r) for c in range(width) for r in range(height)]
    stones = tuple((p, B if i % 2 else W) for i, p in enumerate(points))
    numbers = tuple((p, i + 1) for i, p in enumerate(points))
    return Diagram(width, height, stones, numbers=numbers)


def test_a_full_board_is_few_elements_and_small():
    svg = to_svg(full_board(), width_mm=86)
    root = parse(svg)
    assert len(list(root.iter())) <= 14
    assert len(svg) < 40_000


@pytest.mark.parametrize(("width", "height"), [(19, 19), (13, 13), (9, 9), (13, 19), (19, 7), (2, 2)])
def test_every_number_is_drawn_exactly_once_inside_its_stone(width, height):
    diagram = replace(full_board(width, height), coordinates=False)
    root = parse(to_svg(diagram, width_mm=86))
    expected = sorted(str(n) for _, n in diagram.numbers)
    assert sorted(labels(root)) == expected
    centres = {p: (52 + p.col * CELL, 52 + (height - 1 - p.row) * CELL) for p, _ in diagram.numbers}
    for char, x, y, _ in texts(root):
        distance = min(max(abs(x - cx), abs(y - cy)) for cx, cy in centres.values())
        assert distance < CELL / 2, char


def test_the_ink_of_a_number_is_the_opposite_of_its_stone():
    diagram = Diagram(
        9, 9, ((Point(2, 2), B), (Point(3, 3), W)), numbers=((Point(2, 2), 7), (Point(3, 3), 8)), coordinates=False
    )
    inks = {char: element.get("fill") for char, _, _, element in texts(parse(to_svg(diagram, width_mm=60)))}
    assert (inks["7"], inks["8"]) == ("#fff", "#000")


def test_stones_lie_on_their_points_and_white_ones_have_an_outline():
    diagram = Diagram(9, 9, ((Point(0, 0), B), (Point(8, 8), W)), coordinates=False)
    root = parse(to_svg(diagram, width_mm=60))
    low_left, top_right = (52, 52 + 8 * CELL), (52 + 8 * CELL, 52)
    (size, black), (inner, white) = dots(root, "#000")[-1], dots(root, "#fff")[-1]
    assert set(black) == {low_left, top_right}
    assert white == [top_right]
    assert 0.9 * CELL < inner < size < CELL


def test_the_same_diagram_gives_the_same_text_whatever_the_order_of_its_stones():
    diagram = full_board(13, 13)
    shuffled = replace(diagram, stones=diagram.stones[::-1], numbers=diagram.numbers[::-1])
    assert to_svg(shuffled, width_mm=70) == to_svg(diagram, width_mm=70)


def test_coordinates_skip_i_and_can_be_left_out():
    root = parse(to_svg(Diagram(19, 19, ()), width_mm=86))
    assert labels(root)[-19:] == list("ABCDEFGHJKLMNOPQRST")
    assert labels(root)[:19] == [str(n) for n in range(19, 0, -1)]
    assert not labels(parse(to_svg(Diagram(19, 19, (), coordinates=False), width_mm=86)))


def test_an_empty_board_without_coordinates_is_symmetric():
    root = parse(to_svg(Diagram(19, 19, (), coordinates=False), width_mm=86))
    _, _, width, height = map(int, root.get("viewBox").split())
    assert width == height
    stars = dots(root, "#000")[0][1]
    assert len(stars) == 9
    assert {(width - x, y) for x, y in stars} == set(stars) == {(x, height - y) for x, y in stars}


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((19, 19), 9),
        ((13, 13), 5),
        ((9, 9), 5),
        ((8, 8), 4),
        ((7, 7), 1),
        ((5, 5), 1),
        ((2, 2), 0),
        ((19, 13), 7),
        ((13, 19), 7),
        ((18, 18), 4),
    ],
)
def test_star_points(size, expected):
    stars = star_points(*size)
    assert len(stars) == expected
    width, height = size
    assert {Point(width - 1 - p.col, p.row) for p in stars} == set(stars)
    assert {Point(p.col, height - 1 - p.row) for p in stars} == set(stars)


def test_star_points_of_common_boards_lie_where_players_know_them():
    assert {Point(3, 3), Point(9, 9), Point(3, 9)} <= set(star_points(19, 19))
    assert {Point(2, 2), Point(4, 4)} <= set(star_points(9, 9))
    assert {Point(3, 3), Point(6, 6)} <= set(star_points(13, 13))


@pytest.mark.parametrize(
    ("window", "edges"),
    [
        (Window(0, 0, 18, 18), 4),
        (Window(0, 0, 8, 8), 2),
        (Window(10, 10, 18, 18), 2),
        (Window(4, 4, 12, 12), 0),
        (Window(0, 4, 18, 12), 2),
    ],
)
def test_only_real_edges_are_heavy_and_lines_run_on_at_a_cut(window, edges):
    root = parse(to_svg(Diagram(19, 19, (), window=window, coordinates=False), width_mm=60))
    heavy = [p for p in root.iter(f"{SVG}path") if p.get("stroke-linecap") == "square"]
    assert sum(p.get("d").count("M") for p in heavy) == edges
    _, _, width, height = map(int, root.get("viewBox").split())
    grid = next(root.iter(f"{SVG}path")).get("d")
    reaches_left = "M0 " in grid
    assert reaches_left is (window.left > 0)
    assert f"H{width}" in grid if window.right < 18 else f"H{width}" not in grid
    assert f"V{height}" in grid if window.bottom > 0 else f"V{height}" not in grid


def test_a_window_shows_only_its_stones():
    diagram = Diagram(19, 19, ((Point(2, 2), B), (Point(15, 15), B)), window=Window(0, 0, 8, 8), coordinates=False)
    root = parse(to_svg(diagram, width_mm=60))
    assert [spots for size, spots in dots(root, "#000") if size > 90] == [[(252, 50 + 6 * CELL)]]


def test_a_window_never_cuts_off_a_number_or_a_mark():
    diagram = Diagram(
        19,
        19,
        ((Point(2, 2), B), (Point(12, 3), W)),
        numbers=((Point(12, 3), 5),),
        marks=(Mark(Point(4, 11), MarkKind.LETTER, "A"),),
        window=Window(0, 0, 8, 8),
        coordinates=False,
    )
    assert sorted(labels(parse(to_svg(diagram, width_mm=60)))) == ["5", "A"]


def test_coordinates_of_a_corner_stand_at_its_edges():
    root = parse(to_svg(Diagram(19, 19, (), window=Window(10, 10, 18, 18)), width_mm=60))
    _, _, width, height = map(int, root.get("viewBox").split())
    rows = [(x, y) for char, x, y, _ in texts(root) if char.isdigit()]
    columns = [(x, y) for char, x, y, _ in texts(root) if char.isalpha()]
    assert min(x for x, _ in rows) > width / 2
    assert max(y for _, y in columns) < height / 2


def test_all_marks_are_drawn_in_the_ink_that_shows():
    kinds = [MarkKind.TRIANGLE, MarkKind.SQUARE, MarkKind.CIRCLE, MarkKind.CROSS]
    marks = tuple(Mark(Point(i, 0), kind) for i, kind in enumerate(kinds))
    black = parse(to_svg(Diagram(9, 9, tuple((m.point, B) for m in marks), marks=marks), width_mm=60))
    white = parse(to_svg(Diagram(9, 9, tuple((m.point, W) for m in marks), marks=marks), width_mm=60))

    def shapes(root, ink):
        # The grid is the first path; marks are the open paths without caps after it.
        plain = [p for p in list(root.iter(f"{SVG}path"))[1:] if p.get("stroke-linecap") is None]
        return [p for p in plain if p.get("stroke") == ink]

    assert len(shapes(black, "#fff")) == 1
    assert not shapes(black, "#000")
    assert len(shapes(white, "#000")) == 1
    assert shapes(white, "#000")[0].get("d").count("z") == 3


def test_a_letter_on_an_empty_point_blanks_the_grid_below_it():
    diagram = Diagram(9, 9, (), marks=(Mark(Point(4, 4), MarkKind.LETTER, "A"),), coordinates=False)
    root = parse(to_svg(diagram, width_mm=60))
    assert labels(root) == ["A"]
    centre = (52 + 4 * CELL, 52 + 4 * CELL)
    assert [spots for _, spots in dots(root, "#fff")] == [[centre]]
    assert all(centre not in spots for _, spots in dots(root, "#000")), "the star below a letter would show"


def test_a_number_hides_a_mark_on_its_point():
    point = Point(4, 4)
    diagram = Diagram(
        9, 9, ((point, B),), numbers=((point, 1),), marks=(Mark(point, MarkKind.LETTER, "A"),), coordinates=False
    )
    assert labels(parse(to_svg(diagram, width_mm=60))) == ["1"]


@pytest.mark.parametrize("hostile", ["</svg><script>\"'&", "a\x00b\x1b", "\ud800", "]]>", "\u202e复盘", "😀 𠮷"])
def test_hostile_titles_and_letters_stay_text(hostile):
    diagram = Diagram(9, 9, (), marks=(Mark(Point(1, 1), MarkKind.LETTER, hostile),), title=hostile)
    root = parse(to_svg(diagram, width_mm=60))
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {"svg", "title", "path", "text"}
    kept = root.find(f"{SVG}title")
    assert (kept.text or "") == "".join(c for c in hostile if c not in "\x00\x1b\ud800")


def test_line_weights_are_the_same_on_paper_whatever_the_size_of_the_drawing():
    def grid_mm(width_mm):
        root = parse(to_svg(Diagram(19, 19, ()), width_mm=width_mm))
        units = int(root.get("viewBox").split()[2])
        return float(next(root.iter(f"{SVG}path")).get("stroke-width")) * width_mm / units

    assert grid_mm(57) == pytest.approx(grid_mm(140), rel=0.05) == pytest.approx(0.3 * 25.4 / 72, rel=0.05)


def test_the_size_on_paper_follows_the_cell():
    diagram = Diagram(19, 19, ())
    width, height = size_mm(diagram, cell_mm=4.2)
    root = parse(to_svg(diagram, width_mm=width))
    assert root.get("width") == f"{width:.2f}".rstrip("0").rstrip(".") + "mm"
    assert float(root.get("height").removesuffix("mm")) == pytest.approx(height, abs=0.02)
    units = list(map(int, root.get("viewBox").split()))
    assert width / units[2] * CELL == pytest.approx(4.2)


class TestLocalWindow:
    def test_a_corner_fight_is_cut_at_the_edges_of_its_corner(self):
        window = local_window([Point(16, 2), Point(14, 4)], 19, 19)
        assert window is not None
        assert (window.right, window.bottom) == (18, 0)
        assert window.columns >= 9
        assert window.rows >= 9

    def test_action_all_over_the_board_is_not_local(self):
        assert local_window([Point(2, 2), Point(16, 16)], 19, 19) is None

    def test_nothing_to_show_is_not_local(self):
        assert local_window([], 19, 19) is None

    @pytest.mark.parametrize("size", [(9, 9), (13, 13), (19, 19), (13, 19), (2, 2), (19, 3)])
    def test_it_holds_the_action_with_its_surroundings(self, size):
        width, height = size
        for col in range(width):
            for row in range(height):
                window = local_window([Point(col, row)], width, height, 2, most=1)
                assert window is not None
                assert 0 <= window.left <= max(0, col - 2)
                assert min(width - 1, col + 2) <= window.right < width
                assert 0 <= window.bottom <= max(0, row - 2)
                assert min(height - 1, row + 2) <= window.top < height

    def test_a_diagram_stands_for_its_numbers_and_marks(self):
        stones = tuple((Point(i, i), B) for i in range(19))
        diagram = Diagram(19, 19, stones, numbers=((Point(2, 2), 1),), marks=(Mark(Point(4, 4), MarkKind.TRIANGLE),))
        assert local_window(diagram, 19, 19) == local_window([Point(2, 2), Point(4, 4)], 19, 19)
