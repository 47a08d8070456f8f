"""The printed statistics before they are set: which months, which sentences, what is left out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pipeline.report.statcharts import Cell, Kind, Pair, Point, kinds_chart, phase_chart, progress_chart, region_grid
from pipeline.report.student_view import MOST_MONTHS, build_club, build_student, consecutive_months
from pipeline.wording import student as words


def month(name: str, games: int = 4, loss: float = 1.0, moves: int = 100) -> dict[str, Any]:
    return {"month": name, "games": games, "mean_loss": loss, "accuracy": 70.0, "moves": moves}


def phase(name: str, own: float, others: float | None, moves: int = 300) -> dict[str, Any]:
    figures = {"mean_loss": own, "others_mean_loss": others, "moves": moves}
    return {"phase": name, "top1_rate": 0.4, "mistakes_per_100": 5.0, **figures}


def summary(games: int = 10, **changes: Any) -> dict[str, Any]:
    found = {"player": "张三", "since": "2026-01-10", "until": "2026-06-02", "games": games, "won": 6, "lost": 3}
    return {**found, "mean_loss": 1.23, "accuracy": 71.0, "top1_rate": 0.4, "mistakes_per_100": 8.0, **changes}


def student(games: int = 10, **tables: Any) -> Any:
    return build_student({"summary": [summary(games)], **tables}, games=games, name="张", created="2026-11-22")


def text_of(svg: str) -> str:
    return "".join(re.findall(r">([^<>]+)</text>", svg))


class TestMonths:
    def test_months_without_games_keep_their_place(self):
        found = consecutive_months([month("2025-11"), month("2026-02")])
        assert [(year, number, row is not None) for year, number, row in found] == [
            (2025, 11, True),
            (2025, 12, False),
            (2026, 1, False),
            (2026, 2, True),
        ]

    def test_a_hundred_months_are_cut_to_the_latest(self):
        rows = [month(f"{2018 + index // 12}-{index % 12 + 1:02d}") for index in range(100)]
        found = consecutive_months(rows)
        assert len(found) == MOST_MONTHS
        assert found[-1][:2] == (2026, 4)
        assert f"只画最近{MOST_MONTHS}个月" in student(months=rows).progress_note

    @pytest.mark.parametrize("name", ["", "2026-13", "2026", "昨天"])
    def test_what_is_no_month_is_not_drawn(self, name: str):
        assert consecutive_months([month(name)]) == []
        assert student(months=[month(name)]).progress_note == words.LABELS["no_dates"]

    def test_games_without_a_date_are_told(self):
        assert "2盘没有日期" in student(months=[month("", 2), month("2026-01")]).progress_note


class TestSentences:
    PHASES = (phase("opening", 0.5, 1.0), phase("middle", 1.0, 1.02), phase("endgame", 2.0, 1.0))

    def test_the_strongest_and_the_weakest_phase(self):
        (sentence,) = student(phases=self.PHASES).sentences
        strong, weak = sentence.split("；")
        assert strong == "布局相对最好：每手损0.50目，其他棋手1.00目"
        assert weak == "官子相对最弱：每手损2.00目，其他棋手1.00目。"

    def test_few_games_say_nothing(self):
        tags = [{"tag": "tenuki", "times": 40, "total_loss": 80.0}]
        months = [month("2026-01", 2, 2.0), month("2026-02", 2, 1.0)]
        assert student(4, phases=self.PHASES, months=months, tags=tags).sentences == ()

    def test_what_hardly_differs_or_has_few_moves_is_not_judged(self):
        phases = [phase("opening", 0.95, 1.0), phase("middle", 3.0, 1.0, moves=30), phase("endgame", 1.0, None)]
        assert student(phases=phases).sentences == ()

    def test_earlier_against_later_games(self):
        (sentence,) = student(months=[month("2026-01", 5, 1.5), month("2026-02", 6, 1.0)]).sentences
        assert "前期5盘平均目损1.50" in sentence
        assert "每手少损0.50目" in sentence
        assert student(months=[month("2026-01", 9, 1.5), month("2026-02", 1, 1.0)]).sentences == ()


class TestParts:
    def test_the_figures_of_the_summary(self):
        facts = {field.label: field.value for field in student().facts}
        assert facts["棋手"] == "张三"
        assert facts["期间"] == "2026年1月10日至2026年6月2日"
        assert facts["胜负"] == "6胜3负，1盘和棋或不详"
        assert facts["平均目损"] == "1.23"

    def test_an_unjudged_player_has_a_page(self):
        view = build_student({"summary": [summary(0, player=None, mean_loss=None, accuracy=None, won=0, lost=0)]},
                             games=1, name="张三", created="2026-11-22")  # fmt: skip
        assert view.heading.startswith("张三")
        assert {f.label: f.value for f in view.facts}["平均目损"] == "—"
        assert all(part.text or part.table.rows for row in view.pairs for part in row)

    def test_mistakes_stand_where_they_are_on_the_board(self):
        rows = [{"region": "upper_right", "mistakes": 3, "share_of_mistakes": 0.75},
                {"region": "lower_left", "mistakes": 1, "share_of_mistakes": 0.25}]  # fmt: skip
        chart = student(regions=rows).pairs[0][1].chart
        assert text_of(chart.svg).startswith("0%0%75%0%0%0%25%0%0%")

    def test_the_club_lists_so_many_players_and_counts_the_rest(self):
        players = [summary(3, player=f"p{n}", weakest_phase="middle") for n in range(500)]
        view = build_club({"players": players, "phases": [phase("middle", 1.0, None)]}, games=9, created="2026-11-22")
        assert len(view.players.rows) + view.players_left_out == 500
        assert str(view.players_left_out) in view.players_note
        assert {f.label: f.value for f in view.facts}["棋手数"] == "500"

    def test_a_page_gives_up_lines_before_players(self):
        view = build_club({"players": [summary()]}, games=9, created="2026-11-22")
        shorter = view.shorter()
        assert shorter is not None
        assert shorter.last_lines == view.last_lines - 1
        while shorter is not None and shorter.players.rows:
            shorter = shorter.shorter()
        assert shorter is not None
        assert shorter.players_left_out == 1
        assert shorter.shorter() is None


class TestCharts:
    def test_a_single_month_is_a_dot(self):
        svg = progress_chart([Point("26-01", 1.0)], width_mm=87, height_mm=38, places=2, from_zero=True, title="x")
        assert svg.count("<circle") == 1
        assert "stroke-linejoin" not in svg

    def test_values_at_the_end_of_the_scale_stay_inside(self):
        points = [Point("a", 100.0), Point("b", 0.0), Point("c", 0.0, solid=False)]
        svg = progress_chart(points, width_mm=87, height_mm=38, places=0, from_zero=False, title="x")
        heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', svg)]
        assert 0 < min(heights) < max(heights) < 38

    def test_the_longest_bar_leaves_room_for_its_figures(self):
        svg = kinds_chart([Kind("漏" * 30, 9.0, "9次 9.0目")] * 7, width_mm=87, title="x")
        ends = [float(x) + float(w) for x, w in re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)]
        assert max(ends) < 80

    def test_nothing_at_all_can_be_drawn(self):
        assert "<svg" in phase_chart([], width_mm=87, height_mm=40, title="x")
        assert "<svg" in kinds_chart([], width_mm=87, title="x")
        assert "<svg" in progress_chart([], width_mm=87, height_mm=40, places=2, from_zero=True, title="x")
        assert "0.00" in phase_chart([Pair("布局", 0.0, 0.0)], width_mm=87, height_mm=40, title="x")

    def test_labels_cannot_become_markup(self):
        assert "<b>" not in kinds_chart([Kind("<b>", 1.0, "<b>")], width_mm=87, title="<b>")
        assert "<b>" not in region_grid([Cell(1.0, "<b>", "<b>")] * 9, side_mm=40, title="<b>")
