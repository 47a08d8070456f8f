"""A machine that is used by day: engines run in the hours that the settings give, files are received at all hours."""

from __future__ import annotations

import contextlib
import json
import signal
from datetime import datetime
from pathlib import Path

import psutil
import pytest
from fakes.program import Running, fupan, inbox_files, searched, set_clock, set_up, sgf, write_whole

NIGHT = 'window = "22:00-07:00"\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return set_up(tmp_path)


def settings(place: Path, schedule: str) -> None:
    (place / "fupan.toml").write_text(f"[schedule]\n{schedule}", encoding="utf-8")


def engines(running: Running) -> list[str]:
    """Command lines of the engines that a run keeps."""
    found = []
    for child in psutil.Process(running.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has ended meanwhile
            found.append(" ".join(child.cmdline()))
    return [line for line in found if "analysis" in line]


def reports(place: Path) -> int:
    return len(list((place / "output" / "reports").rglob("*.pdf")))


def status(place: Path) -> dict:
    return json.loads(fupan(place, "status", "--json", is_clocked=True).stdout)


def test_by_day_files_are_received_and_by_night_they_are_analysed(place):
    settings(place, NIGHT)
    set_clock(place, datetime(2026, 11, 23, 20, 0).astimezone())
    (place / "inbox" / "一.sgf").write_bytes(sgf(1))
    with Running(place, "watch", "inbox", is_clocked=True) as running:
        running.wait_for("收到 一.sgf")
        running.wait_for("22:00 开始分析")
        assert inbox_files(place)["processed"] == ["一.sgf"]
        assert "等待 22:00" in fupan(place, "status", is_clocked=True).stdout
        assert engines(running) == []

        set_clock(place, datetime(2026, 11, 23, 22, 0, 1).astimezone())
        running.wait_for("明天 07:00 为止")
        running.wait_for("深度版 一.sgf")
        assert len(engines(running)) == 1

        set_clock(place, datetime(2026, 11, 24, 7, 0, 1).astimezone())
        running.wait_for(lambda: running.said.count("22:00 开始分析") == 2)
        running.wait_for(lambda: engines(running) == [])
        (place / "inbox" / "二.sgf").write_bytes(sgf(2))
        running.wait_for("收到 二.sgf")
        running.wait_for(lambda: status(place)["workers"][0]["phase"] == "closed 22:00")
        assert "快速版 二.sgf" not in running.said
        assert running.stop(signal.SIGTERM) == 143
    assert status(place)["counts"]["deep"]["queued"] == 1


def test_what_is_not_done_at_the_end_of_the_night_is_gone_on_with_the_next_one(place):
    settings(place, NIGHT)
    set_clock(place, datetime(2026, 11, 24, 6, 0).astimezone())
    for number in (1, 2, 3):
        (place / "inbox" / f"{number}.sgf").write_bytes(sgf(number))
    with Running(place, "watch", "inbox", faults="slow=1000", is_clocked=True) as running:
        running.wait_for(lambda: searched(place))
        set_clock(place, datetime(2026, 11, 24, 7, 0).astimezone())
        running.wait_for("22:00 开始分析")
        running.wait_for(lambda: engines(running) == [])
        before = searched(place)
        counts = status(place)["counts"]["deep"]
        assert counts["running"] == counts["publishing"] == 0
        assert counts["queued"] > 0
        set_clock(place, datetime(2026, 11, 24, 23, 0).astimezone())
        running.wait_for(lambda: running.said.count("深度版 ") >= 3)
        running.stop(signal.SIGTERM)
    assert before, "the night before was not for nothing"
    assert reports(place) == 3
    assert status(place)["counts"]["deep"]["done"] == 3


def test_the_end_of_the_night_is_kept_like_until_where_that_is_wanted(place):
    settings(place, NIGHT + "until_end = true\n")
    set_clock(place, datetime(2026, 11, 24, 6, 0).astimezone())
    for number in (1, 2):
        (place / "inbox" / f"{number}.sgf").write_bytes(sgf(number))
    with Running(place, "watch", "inbox", faults="slow=400", is_clocked=True) as running:
        running.wait_for("快速版 2.sgf")
        set_clock(place, datetime(2026, 11, 24, 6, 59, 40).astimezone())
        running.wait_for("22:00 开始分析", seconds=150)
        running.stop(signal.SIGTERM)
    for number in (1, 2):
        assert f"深度版 {number}.sgf" in running.said or f"到时截止 {number}.sgf" in running.said
    assert reports(place) == 2


def test_first_reports_by_day_where_they_are_wanted(place):
    settings(place, NIGHT + "quick_by_day = true\n")
    set_clock(place, datetime(2026, 11, 24, 9, 0).astimezone())
    with Running(place, "watch", "inbox", is_clocked=True) as running:
        running.wait_for("深度版等到 22:00")
        for name, number in (("一.sgf", 1), ("二.sgf", 2)):
            (place / "inbox" / name).write_bytes(sgf(number))
            running.wait_for(f"快速版 {name}")
        running.wait_for(lambda: status(place)["workers"][0]["phase"] == "closed 22:00")
        assert status(place)["counts"]["deep"]["queued"] == 2
        set_clock(place, datetime(2026, 11, 24, 22, 0).astimezone())
        running.wait_for("深度版 一.sgf")
        running.wait_for("深度版 二.sgf")
        running.stop(signal.SIGTERM)


def test_until_ends_a_run_that_waits_and_once_waits_for_the_night(place):
    settings(place, NIGHT)
    set_clock(place, datetime(2026, 11, 23, 20, 0).astimezone())
    (place / "inbox" / "一.sgf").write_bytes(sgf(1))
    with Running(place, "watch", "inbox", "--until", "21:00", is_clocked=True) as running:
        running.wait_for("收到 一.sgf")
        running.wait_for("22:00 开始分析")
        set_clock(place, datetime(2026, 11, 23, 21, 0).astimezone())
        assert running.process.wait(60) == 0
    assert "到了 21:00" in running.said
    assert "还在队列里 2 项" in running.said

    with Running(place, "watch", "inbox", "--once", is_clocked=True) as running:
        running.wait_for("22:00 开始分析")
        set_clock(place, datetime(2026, 11, 23, 22, 0).astimezone())
        assert running.process.wait(120) == 0
    assert reports(place) == 1
    set_clock(place, datetime(2026, 11, 24, 12, 0).astimezone())
    again = fupan(place, "watch", "inbox", "--once", is_clocked=True)
    assert again.returncode == 0, "there is nothing to wait for"


def test_when_the_disk_gets_full_work_waits_and_goes_on_when_there_is_room(place):
    (place / "fupan.toml").write_text("[output]\nreserve_mb = 100\n", encoding="utf-8")
    write_whole(place / "free", "100200000")
    (place / "inbox" / "一.sgf").write_bytes(sgf(1))
    with Running(place, "watch", "inbox", faults="slow=1500", is_clocked=True) as running:
        running.wait_for("引擎就绪")
        running.wait_for("磁盘可能不够")
        write_whole(place / "free", "90000000")
        running.wait_for("磁盘只剩 90 MB")
        running.wait_for(lambda: engines(running) == [])
        (place / "inbox" / "二.sgf").write_bytes(sgf(2))
        running.wait_for("收到 二.sgf")
        shown = fupan(place, "status", is_clocked=True).stdout
        assert "磁盘空间不够，暂停" in shown
        assert "至少要留 100 MB" in shown
        write_whole(place / "free", "105000000")  # more than the reserve, but not clearly
        assert "继续分析" not in running.said
        write_whole(place / "free", "900000000")
        running.wait_for("继续分析")
        running.wait_for("深度版 一.sgf")
        running.wait_for("深度版 二.sgf")
        running.stop(signal.SIGTERM)
    assert running.said.count("磁盘只剩") == 1
    assert reports(place) == 2


def test_the_clock_is_set_back_and_forward_and_nothing_stops(place):
    set_clock(place, datetime(2026, 11, 23, 20, 0).astimezone())
    with Running(place, "watch", "inbox", faults="slow=100", is_clocked=True) as running:
        (place / "inbox" / "一.sgf").write_bytes(sgf(1))
        running.wait_for("引擎就绪")
        set_clock(place, datetime(2026, 11, 20, 3, 0).astimezone())
        running.wait_for("深度版 一.sgf")
        (place / "inbox" / "二.sgf").write_bytes(sgf(2))
        running.wait_for("深度版 二.sgf")
        assert status(place)["workers"][0]["is_alive"]
        running.wait_for("系统时间往回拨了")
        set_clock(place, datetime(2027, 1, 1, 0, 0).astimezone())
        (place / "inbox" / "三.sgf").write_bytes(sgf(3))
        running.wait_for("深度版 三.sgf")
        running.stop(signal.SIGKILL)
    set_clock(place, datetime(2020, 1, 1, 0, 0).astimezone())
    (place / "inbox" / "四.sgf").write_bytes(sgf(4))
    done = fupan(place, "watch", "inbox", "--once", is_clocked=True)
    assert done.returncode == 0, done.stderr
    assert reports(place) == 4
