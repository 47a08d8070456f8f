"""What can go wrong with disk, database and folders in the night: nothing is lost, and the user is told."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psutil
import pytest
from fakes.program import Running, fupan, inbox_files, searched, set_clock, set_up, sgf


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return set_up(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes; only root may make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if (
        not mount
        or subprocess.run([mount, "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=False).returncode
    ):
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def reports(place: Path) -> list[Path]:
    return sorted((place / "output" / "reports").rglob("*.pdf"))


def listed(place: Path) -> dict[tuple[str, str], str]:
    """(file, level) -> state"""
    jobs = json.loads(fupan(place, "list", "--json").stdout)
    return {(job["name"], job["level"]): job["state"] for job in jobs}


def fill(path: Path) -> None:
    """Write to a disk until it is full."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(handle, b"x" * 4096)
    os.close(handle)


def spoil(database: Path, start: float, end: float) -> None:
    """Write nonsense over a part of a file."""
    size = database.stat().st_size
    with database.open("r+b") as stream:
        stream.seek(int(size * start))
        stream.write(b"\xa5" * int(size * (end - start)))


def test_a_disk_that_is_full_pauses_the_work_and_loses_nothing(place, small_disk):
    output = small_disk / "output"
    (place / "fupan.toml").write_text(f'[output]\nfolder = "{output}"\nreserve_mb = 0\n', encoding="utf-8")
    filler = small_disk / "filler"
    with Running(place, "watch", "inbox") as running:
        running.wait_for("正在守候")
        (place / "inbox" / "一.sgf").write_bytes(sgf(1))
        running.wait_for("深度版 一.sgf")
        fill(filler)
        (place / "inbox" / "二.sgf").write_bytes(sgf(2))
        running.wait_for("磁盘已满")
        filler.unlink()
        running.wait_for("深度版 二.sgf", seconds=180)
        running.stop(signal.SIGTERM)
    assert len(list((output / "reports").rglob("*.pdf"))) == 2
    assert inbox_files(place)["processed"] == ["一.sgf", "二.sgf"]
    assert "Traceback" not in running.said


def test_a_place_that_becomes_read_only_pauses_the_work_and_no_game_is_given_up(place, small_disk):
    reports_folder = place / "output" / "reports"
    with Running(place, "watch", "inbox") as running:
        running.wait_for("正在守候")
        subprocess.run(["mount", "--bind", str(reports_folder), str(reports_folder)], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", str(reports_folder)], check=True)
        try:
            (place / "inbox" / "一.sgf").write_bytes(sgf(1))
            running.wait_for("磁盘是只读的")
            assert "自动重试" in running.said
            refused = fupan(place, "watch", "inbox", "--output", str(reports_folder), "--once")
            assert refused.returncode == 3
            assert "无法写入" in refused.stderr
        finally:
            subprocess.run(["umount", "-l", str(reports_folder)], check=True)
        running.wait_for("深度版 一.sgf", seconds=180)
        running.stop(signal.SIGTERM)
    assert set(listed(place).values()) == {"done"}
    assert inbox_files(place)["processed"] == ["一.sgf"]


def test_a_damaged_state_database_is_set_aside_and_what_it_knew_is_found_again(place):
    inbox = place / "inbox"
    (inbox / "甲班").mkdir()
    (inbox / "甲班" / "一.sgf").write_bytes(sgf(1))
    assert fupan(place, "watch", "inbox", "--once").returncode == 0
    assert "已暂停" in fupan(place, "pause").stdout
    (inbox / "二.sgf").write_bytes(sgf(2))
    with Running(place, "watch", "inbox") as running:
        running.wait_for("收到 二.sgf")
        running.stop(signal.SIGTERM)
    pdf = reports(place)
    before = [path.read_bytes() for path in pdf]
    database = place / "output" / "state" / "fupan.db"
    database.write_bytes(b"this is no database, and it never will be one" * 500)
    assert fupan(place, "status").returncode == 6

    done = fupan(place, "watch", "inbox", "--once")

    assert done.returncode == 0, done.stderr
    assert "已损坏" in done.stderr
    assert "1 盘已经完成，1 盘重新排队" in done.stderr
    aside = next(database.parent.glob("fupan.db.damaged-*"))
    assert aside.read_bytes().startswith(b"this is no database")
    assert listed(place) == {(f"{n}.sgf", level): "done" for n in "一二" for level in ("quick", "deep")}
    assert len(reports(place)) == 2
    assert [path.read_bytes() for path in pdf] == before, "what was finished is not made again"
    assert "已损坏" not in fupan(place, "watch", "inbox", "--once").stderr


def test_positions_that_can_be_read_in_a_damaged_database_are_not_searched_again(place):
    for number in range(1, 7):
        (place / "inbox" / f"{number}.sgf").write_bytes(sgf(number))
    with Running(place, "watch", "inbox", faults="slow=150") as running:
        running.wait_for(lambda: sum(searched(place).values()) >= 40)
        running.stop(signal.SIGKILL)
    database = place / "output" / "state" / "fupan.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    spoil(database, 0.55, 0.6)
    before = sum(searched(place).values())

    done = fupan(place, "watch", "inbox", "--once")

    assert done.returncode == 0, done.stderr
    assert "已损坏" in done.stderr
    assert len(reports(place)) == 6
    assert set(listed(place).values()) == {"done"}
    assert inbox_files(place)["processed"] == [f"{n}.sgf" for n in range(1, 7)]
    whole = 6 * 2 * 14
    assert sum(searched(place).values()) < whole + before, "nothing of what was known was used"


def test_a_database_that_is_damaged_while_it_is_in_use(place):
    with Running(place, "watch", "inbox") as running:
        running.wait_for("正在守候")
        (place / "inbox" / "一.sgf").write_bytes(sgf(1))
        running.wait_for("深度版 一.sgf")
        database = place / "output" / "state" / "fupan.db"
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        spoil(database, 0.0, 1.0)
        (place / "inbox" / "二.sgf").write_bytes(sgf(2))
        running.wait_for("已损坏：把它改名留存")
        running.wait_for("深度版 二.sgf")
        running.stop(signal.SIGTERM)
    assert len(reports(place)) == 2
    assert inbox_files(place)["processed"] == ["一.sgf", "二.sgf"]
    assert "Traceback" not in running.said


def test_a_state_folder_that_was_deleted_is_filled_again_from_what_lies_around(place):
    for number in (1, 2):
        (place / "inbox" / f"{number}.sgf").write_bytes(sgf(number))
    assert fupan(place, "watch", "inbox", "--once").returncode == 0
    shutil.rmtree(place / "output" / "state")
    for path in (place / "output" / "evaluations").rglob("*.parquet"):
        if not path.name.startswith(next((place / "output" / "evaluations" / "games").iterdir()).name[:8]):
            path.unlink()
    done = fupan(place, "watch", "inbox", "--once")
    assert done.returncode == 0, done.stderr
    assert "1 盘已经完成，1 盘重新排队" in done.stderr
    assert len(list((place / "output" / "evaluations" / "games").glob("*.parquet"))) == 2


def test_a_database_that_another_program_holds_for_long(place, monkeypatch):
    monkeypatch.setenv("FUPAN_TEST_BUSY", "500")
    with Running(place, "watch", "inbox", is_clocked=True) as running:
        running.wait_for("正在守候")
        (place / "inbox" / "一.sgf").write_bytes(sgf(1))
        running.wait_for("深度版 一.sgf")
        holder = sqlite3.connect(place / "output" / "state" / "fupan.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        (place / "inbox" / "二.sgf").write_bytes(sgf(2))
        running.wait_for("一直被别的程序占用")
        assert inbox_files(place)[""] == ["二.sgf"]
        holder.execute("ROLLBACK")
        holder.close()
        running.wait_for("深度版 二.sgf", seconds=180)
        running.stop(signal.SIGTERM)
    assert inbox_files(place)["processed"] == ["一.sgf", "二.sgf"]
    assert len(reports(place)) == 2


def test_only_one_watch_on_an_output_folder_and_on_an_inbox(place):
    (place / "inbox2").mkdir()
    (place / "games").mkdir()
    (place / "games" / "一.sgf").write_bytes(sgf(1))
    with Running(place, "watch", "inbox") as running:
        running.wait_for("正在守候")
        for arguments in (["watch", "inbox2"], ["review", "games"], ["watch", "inbox", "--output", "other"]):
            done = fupan(place, *arguments)
            assert done.returncode == 8, done.stderr
            assert "另一个复盘任务" in done.stderr
            assert "解决办法：" in done.stderr
        free = fupan(place, "watch", "inbox2", "--output", "other", "--once")
        assert free.returncode == 0, free.stderr
        running.stop(signal.SIGTERM)
    assert fupan(place, "watch", "inbox", "--once").returncode == 0, "a lock ends with its holder"


def test_a_game_that_fails_after_its_file_was_received_gets_a_text_in_failed(place):
    (place / "inbox" / "甲班").mkdir()
    (place / "inbox" / "甲班" / "一.sgf").write_bytes(sgf(1))
    assert fupan(place, "watch", "inbox", "--once", faults="error_with_id=13").returncode == 7
    files = inbox_files(place)
    assert files["processed"] == ["一.sgf"]
    assert files["failed"] == ["一.sgf.错误.txt"]
    text = (place / "inbox" / "failed" / "甲班" / "一.sgf.错误.txt").read_text(encoding="utf-8")
    assert "原因：" in text
    assert "解决办法：" in text
    assert "processed/" in text
    assert "甲班/一.sgf" in text
    assert fupan(place, "retry").returncode == 0
    assert fupan(place, "watch", "inbox", "--once").returncode == 0
    assert inbox_files(place)["failed"] == []


def test_an_inbox_that_is_unmounted_and_comes_back(place, small_disk):
    with Running(place, "watch", str(small_disk)) as running:
        running.wait_for("正在守候")
        (small_disk / "一.sgf").write_bytes(sgf(1))
        running.wait_for("深度版 一.sgf")
        subprocess.run(["umount", str(small_disk)], check=True)
        running.wait_for("暂时打不开")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(small_disk)], check=True)
        running.wait_for("恢复了")
        (small_disk / "二.sgf").write_bytes(sgf(2))
        running.wait_for("深度版 二.sgf")
        running.stop(signal.SIGTERM)
    assert len(reports(place)) == 2


def test_five_hundred_files_at_once_are_received_in_order_and_in_little_memory(place):
    (place / "fupan.toml").write_text('[schedule]\nwindow = "22:00-07:00"\n', encoding="utf-8")
    set_clock(place, datetime(2026, 11, 23, 20, 0).astimezone())
    points = [f"{a}{b}" for a in "abcdefghi" for b in "abcdefghi"]
    for number in range(500):
        first, second = points[number % 81], points[(number // 81 + number % 81 + 1) % 81]
        text = f"(;GM[1]SZ[9]KM[7]RU[Chinese]PB[甲]PW[乙];B[{first}];W[{second}])"
        (place / "inbox" / f"{number:03d}.sgf").write_text(text, encoding="utf-8")
    with Running(place, "watch", "inbox", is_clocked=True) as running:
        running.wait_for("正在守候")
        before = psutil.Process(running.process.pid).memory_info().rss
        running.wait_for("收到 499.sgf", seconds=240)
        grown = psutil.Process(running.process.pid).memory_info().rss - before
        running.stop(signal.SIGTERM)
    assert grown < 60_000_000
    assert len(inbox_files(place)["processed"]) == 500
    names = [f"{number:03d}.sgf" for number in range(500)]
    database = sqlite3.connect(place / "output" / "state" / "fupan.db")
    rows = database.execute("select name, level from jobs order by priority, id").fetchall()
    database.close()
    assert rows == [(name, level) for level in ("quick", "deep") for name in names]
