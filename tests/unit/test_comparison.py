"""Table, chart and forecast of the comparison of engines."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from PIL import Image

from pipeline import comparison
from pipeline.comparison import Row
from pipeline.plan import Budget, Strategy
from pipeline.report.barchart import Bar, Group, Rect, Text, bar_chart, ticks, to_svg
from pipeline.report.raster import to_png
from pipeline.report.render import default_templates
from pipeline.wording import benchmark as words

B18, B28 = "kata1-b18c384nbt-s6582191360-d3422816034", "kata1-b28c512nbt-s8326494464-d4628051565"


def row(network: str, backend: str, speed: float, top: float, device: str = "RTX 5070", **changes: object) -> Row:
    return Row(
        network,
        f"{network}.bin.gz",
        backend,
        device,
        threads=24,
        speed=speed,
        top_threads=32,
        top_speed=top,
        engine="1.18.1",
        **changes,
    )  # type: ignore[arg-type]


ROWS = [
    row(B18, "eigen", 37.63, 37.63, "Ultra 7 265"),
    row(B18, "opencl", 1250.27, 1339),
    row(B18, "tensorrt", 3262, 3299),
    row(B28, "eigen", 13.48, 15.13, "Ultra 7 265", variant="AVX2"),
    row(B28, "cuda", 926.79, 962),
]


def test_factors_against_the_slowest_of_all_and_of_the_same_network():
    rows = comparison.with_factors(ROWS)

    assert [round(r.factor, 2) for r in rows] == [2.79, 92.75, 241.99, 1.0, 68.75]
    assert [round(r.factor_here, 2) for r in rows] == [1.0, 33.23, 86.69, 1.0, 68.75]


def test_a_night_holds_as_many_games_as_reckoned_by_hand():
    """250 moves at 10,000 visits each are 2.5 million; at 3,262 visits a second that is 13 minutes."""
    everywhere = Budget(quick=0, full=10_000, strategy=Strategy.UNIFORM)

    assert comparison.visits_of_game(everywhere) == 2_510_000
    assert comparison.games_a_night(3262, everywhere) == pytest.approx(37.4, abs=0.1)


def test_a_deeper_preset_takes_longer():
    nights = [comparison.games_a_night(1000, budget) for budget in comparison.preset_budgets().values()]

    assert nights == sorted(nights, reverse=True)


def test_what_was_measured_on_our_own_analysis_is_reckoned_with():
    assert replace(ROWS[1], analysis_speed=1400.0).forecast_speed == 1400.0
    assert ROWS[1].forecast_speed == 1250.27


def test_the_page_shows_every_engine_and_why_one_failed():
    failed = Row(B28, "x.bin.gz", "opencl", "RTX | 5070", error="out of memory | <b>")
    rows = comparison.with_factors([*ROWS, failed])
    page = comparison.markdown(rows, when="2026-01-01 00:00", version="1", chart="benchmark.svg")
    table = [line for line in page.splitlines() if line.startswith("| b")]

    assert "| b18c384nbt | TensorRT | 1.18.1 | RTX 5070 | 24 | 3,262 | 3,299 | ×241.99 | ×86.69 |" in table
    assert "| b28c512nbt | Eigen AVX2 | 1.18.1 | Ultra 7 265 | 24 | 13.5 | 15.1 | ×1.00 | ×1.00 |" in table
    assert "(benchmark.svg)" in page
    assert "out of memory / ‹b>" in page
    assert len([line for line in table if "RTX / 5070" in line]) == 0
    assert all(f"`{name}`" in page for name in ("quick", "club", "overnight", "research"))


def test_a_run_that_was_cut_off_is_marked():
    rows = comparison.with_factors([replace(ROWS[0], is_complete=False), ROWS[1]])
    page = comparison.markdown(rows, when="", version="")

    assert "| 37.6 * |" in page
    assert "没有在限定时间内测完" in page


def test_the_data_have_the_table_and_the_forecast():
    data = comparison.as_dict(comparison.with_factors(ROWS))
    first = data["rows"][1]

    assert (first["visits_per_second"], first["max_visits_per_second"], first["recommended_threads"]) == (
        1250.27,
        1339,
        24,
    )
    assert first["games_a_night"]["overnight"] == pytest.approx(1250.27 * 28800 / 602_400, abs=0.01)
    assert data["presets"]["research"]["strategy"] == "uniform"


def test_networks_of_one_size_are_told_apart():
    other = row("kata1-b18c384nbt-s1", "cuda", 1, 1)
    assert comparison.labels_of([ROWS[0], other]) == {B18: B18, other.network: other.network}
    assert comparison.labels_of(ROWS) == {B18: "b18c384nbt", B28: "b28c512nbt"}


def test_two_versions_of_one_engine_are_told_apart():
    old = replace(ROWS[1], engine="1.16.0", speed=1100.0)

    assert comparison.engine_names([ROWS[1], old, ROWS[3]]) == [
        "OpenCL 1.18.1 · RTX 5070",
        "OpenCL 1.16.0 · RTX 5070",
        "Eigen AVX2 · Ultra 7 265",
    ]


def test_devices_lose_their_trade_marks():
    assert comparison.short_device("Intel(R) Core(TM) Ultra 7 265 @ 2.40GHz") == "Intel Core Ultra 7 265"
    assert comparison.short_device("NVIDIA GeForce RTX 5070") == "NVIDIA GeForce RTX 5070"
    assert comparison.short_device("@home") == "@home"


@pytest.mark.parametrize(
    ("top", "expected"), [(3299, 4000), (40, 40), (7.58, 8), (0.3, 0.3), (0, 1), (float("nan"), 1)]
)
def test_the_scale_ends_on_a_round_value_above_the_longest_bar(top, expected):
    marks = ticks(top)

    assert marks[0] == 0
    assert marks[-1] == pytest.approx(expected)
    assert len(marks) <= 6


def test_bars_are_as_long_as_they_are_fast():
    groups = [Group("b18", (Bar("A", 100, 100, "100"), Bar("B", 50, 80, "50")))]
    drawing = bar_chart(groups, title="T", unit="u", legend=("x", "y"))
    dark = [item for item in drawing.items if isinstance(item, Rect) and item.fill != "#ffffff"][:2]
    outlines = [item for item in drawing.items if isinstance(item, Rect) and item.frame and item.fill == "#ffffff"]

    assert dark[0].width == pytest.approx(2 * dark[1].width)
    assert outlines[0].width == pytest.approx(0.8 * dark[0].width)
    for item in drawing.items:
        if isinstance(item, Rect):
            assert 0 <= item.x <= item.x + item.width <= drawing.width


def test_hostile_and_endless_labels_stay_in_their_column():
    bar = Bar('<script>"&' + "很长" * 200, 3, 3, "3")
    drawing = bar_chart([Group("g\x00", (bar,))], title="<T>", unit="u", legend=("x", "y"))
    svg = to_svg(drawing)
    label = next(item for item in drawing.items if isinstance(item, Text) and item.text.startswith("<script>"))

    assert ET.fromstring(svg).tag.endswith("svg")
    assert "<script>" not in svg
    assert label.text.endswith("…")


def test_the_picture_is_grey_and_as_large_as_the_drawing():
    drawing = bar_chart(comparison.chart_groups(comparison.with_factors(ROWS)), title="T", unit="u", legend=("x", "y"))
    image = Image.open(io.BytesIO(to_png(drawing, default_templates() / "fonts", dpi=100)))

    assert image.mode == "L"
    assert image.width == pytest.approx(drawing.width / 25.4 * 100, abs=2)
    dark = sum(image.histogram()[:64]) / (image.width * image.height)
    assert 0.01 < dark < 0.3


def test_no_night_holds_more_games_than_can_be_printed():
    nights = [comparison.games_a_night(speed, comparison.preset_budgets()["quick"]) for speed in (20_000, 200_000)]

    assert nights[0] == nights[1] == pytest.approx(8 * 3600 / comparison.PRINT_SECONDS)
    assert comparison.games_a_night(0, Budget(0, 100, Strategy.UNIFORM)) == 0


def test_a_teacher_can_read_how_long_a_game_takes():
    texts = [words.games(value) for value in (191.1, 11.9, 3.7, 0.3, 0.09, 0.0)]
    assert texts == ["191", "12", "3.7", "3.3 夜 1 盘", "11 夜 1 盘", "0.0"]
    assert words.visits_a_game(7856) == "7,856 次"
    assert words.visits_a_game(602_400) == "60 万次"
