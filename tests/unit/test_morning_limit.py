"""A summary of very many games stays short enough to be printed, and says what it leaves out."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.report.morning_view import FailureLine, GameLine, Night, SideLine, build_morning

NOW = datetime(2026, 11, 22, 7, 3).astimezone()


def night(**groups: int) -> Night:
    side = SideLine("张三", "2d", None, None, None)
    games = [
        GameLine(f"{n:08x}", group, side, side, ("points", "B", 3.5), 200, "deep", "", "")
        for group, count in groups.items()
        for n in range(count)
    ]
    failures = [FailureLine(f"{n}.sgf", "deep", "坏了", "再试") for n in range(sum(groups.values()))]
    return Night(since=NOW - timedelta(hours=19), now=NOW, games=tuple(games), failures=tuple(failures))


def rows(view) -> list[int]:
    return [len(group.rows) for group in view.groups]


def test_games_and_failures_beyond_the_limit_are_counted_and_not_listed():
    view = build_morning(night(甲班=3, 乙班=4, 丙班=2), limit=5)
    assert rows(view) == [3, 2]
    assert "4" in view.groups[1].heading, "the heading counts them all"
    assert len(view.failures) == 5
    assert "另有4盘棋、4项失败未列出" in view.notes[-1]
    assert "今日概览.html" in view.notes[-1]
    assert "9" in " ".join(field.value for field in view.facts)


def test_a_night_within_the_limit_leaves_nothing_out():
    view = build_morning(night(甲班=3, 乙班=2), limit=5)
    assert rows(view) == [3, 2]
    assert view == build_morning(night(甲班=3, 乙班=2))
    assert not any("另有" in note for note in view.notes)
