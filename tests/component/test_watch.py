"""A folder is watched as a teacher uses it: files come in every way, the program is killed, nothing is lost."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import threading
import zipfile
import zlib
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from fakes.program import Running, fupan, inbox_files, searched, set_up, sgf

from pipeline.deadline import next_time
from pipeline.errors import ConfigError
from pipeline.settings import InboxSettings
from pipeline.watching import timing


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return set_up(tmp_path)


def reports(place: Path) -> list[str]:
    root = place / "output" / "reports"
    return sorted(path.relative_to(root).parent.as_posix() for path in root.rglob("*.pdf"))


def status(place: Path) -> dict:
    done = fupan(place, "status", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_everything_that_lies_in_the_inbox_is_dealt_with(place):
    inbox = place / "inbox"
    (inbox / "甲班" / "周三").mkdir(parents=True)
    (inbox / "一.sgf").write_bytes(sgf(1))
    (inbox / "甲班" / "周三" / "二.sgf").write_bytes(sgf(2))
    (inbox / "一 副本.sgf").write_bytes(sgf(1, black="另一个名字"))
    (inbox / "坏.sgf").write_text("<html>404</html>")
    (inbox / "说明.txt").write_text("不是棋谱")
    old = inbox / os.fsdecode("乙班".encode("gbk"))
    old.mkdir()
    (old / os.fsdecode("棋谱.sgf".encode("gbk"))).write_bytes(sgf(3))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in (4, 5):
            archive.writestr(f"{number}.sgf", sgf(number))
    (inbox / "周末.zip").write_bytes(packed.getvalue())

    done = fupan(place, "watch", "inbox", "--once", "--json")

    assert done.returncode == 7, done.stderr
    assert "Traceback" not in done.stderr
    assert reports(place) == [".", ".", ".", "乙班", "甲班/周三"]
    assert "收到 乙班/棋谱.sgf" in done.stderr
    files = inbox_files(place)
    assert files[""] == ["说明.txt"]
    assert files["failed"] == ["坏.sgf", "坏.sgf.错误.txt"]
    assert len(files["duplicate"]) == 1
    assert len(files["processed"]) == 4
    reason = (inbox / "failed" / "坏.sgf.错误.txt").read_text(encoding="utf-8")
    assert "原因：" in reason
    assert "解决办法：" in reason
    month = datetime.now().astimezone().strftime("%Y-%m")
    assert (inbox / "processed" / month / "甲班" / "周三" / "二.sgf").read_bytes() == sgf(2)
    assert len(list((place / "output" / "evaluations" / "games").glob("*.parquet"))) == 5
    state = status(place)
    assert state["counts"]["quick"]["done"] == state["counts"]["deep"]["done"] == 5
    assert [file["name"] for file in state["refused_files"]] == ["坏.sgf"]

    before = searched(place)
    (inbox / "又来.sgf").write_bytes(sgf(2))
    (inbox / "坏.sgf").write_text("<html>404</html>")
    again = fupan(place, "watch", "inbox", "--once")
    assert again.returncode == 7
    assert "启动引擎" not in again.stderr
    assert searched(place) == before
    assert "重复 又来.sgf：里面的对局已经分析过" in again.stderr
    assert "又来.sgf" in inbox_files(place)["duplicate"]
    assert "坏 (2).sgf" not in inbox_files(place)["duplicate"]
    assert inbox_files(place)["failed"] == ["坏 (2).sgf", "坏 (2).sgf.错误.txt", "坏.sgf", "坏.sgf.错误.txt"]


def test_files_that_grow_or_are_replaced_are_read_once_and_whole(place):
    inbox = place / "inbox"
    pause = threading.Event()
    with Running(place, "watch", "inbox") as running:
        running.wait_for("正在守候")
        whole = sgf(1)
        with (inbox / "慢.sgf").open("wb") as stream:
            for start in range(0, len(whole), 30):
                stream.write(whole[start : start + 30])
                stream.flush()
                pause.wait(0.3)
        for number in (2, 3, 4):
            (inbox / "换.sgf").write_bytes(sgf(number))
            pause.wait(0.2)
        running.wait_for(lambda: running.said.count("深度版") == 2)
        assert running.stop(signal.SIGTERM) == 143
    assert [running.said.count(f"收到 {name}.sgf：1 盘对局") for name in ("慢", "换")] == [1, 1]
    assert inbox_files(place)["processed"] == ["慢.sgf", "换.sgf"]
    assert inbox_files(place)["failed"] == []
    month = next((inbox / "processed").iterdir())
    assert (month / "慢.sgf").read_bytes() == whole
    assert (month / "换.sgf").read_bytes() == sgf(4)
    assert len(reports(place)) == 2


def test_the_quick_analysis_of_a_new_game_goes_before_the_deep_one_of_an_old_game(place):
    inbox = place / "inbox"
    # Fewer positions at once than the game has, however many cores there are.
    (place / "fupan.toml").write_text("[engine]\nanalysis_threads = 4\n")

    def lines() -> list[str]:
        path = place / "engine" / "searched"
        return path.read_text().splitlines() if path.exists() else []

    with Running(place, "watch", "inbox", "--strategy", "uniform", faults="slow=600") as running:
        (inbox / "旧.sgf").write_bytes(sgf(1))
        running.wait_for(lambda: any(line.endswith(" 20") for line in lines()))
        (inbox / "新.sgf").write_bytes(sgf(2))
        running.wait_for("快速版 旧.sgf")
        first = {path: path.read_bytes() for path in (place / "output" / "reports").glob("*.pdf")}
        running.wait_for("深度版 旧.sgf")
        running.wait_for("深度版 新.sgf")
        running.stop(signal.SIGTERM)
    order = [line.split()[1] for line in lines()]
    last_quick = len(order) - 1 - order[::-1].index("10")
    assert order[:last_quick].count("20") < 14, "the old game was finished before the new one was begun"
    assert len(reports(place)) == 2
    assert all(path.read_bytes() != content for path, content in first.items()), "replaced in place"
    assert not list((place / "output" / "evaluations" / "games").glob("*-quick.parquet"))


def test_an_inbox_that_goes_away_and_comes_back(place):
    inbox, away = place / "inbox", place / "away"
    with Running(place, "watch", "inbox") as running:
        running.wait_for("正在守候")
        inbox.rename(away)
        running.wait_for("暂时打不开")
        (away / "一.sgf").write_bytes(sgf(1))
        away.rename(inbox)
        running.wait_for("恢复了")
        running.wait_for("深度版 一.sgf")
        running.stop(signal.SIGTERM)
    assert inbox_files(place)["processed"] == ["一.sgf"]


def test_another_process_pauses_resumes_and_cancels(place):
    inbox = place / "inbox"
    assert "队列是空的" in fupan(place, "status").stdout
    with Running(place, "watch", "inbox", faults="slow=300") as running:
        (inbox / "一.sgf").write_bytes(sgf(1))
        running.wait_for("引擎就绪")
        assert "已暂停" in fupan(place, "pause", "一.sgf").stdout
        listed = json.loads(fupan(place, "list", "--json").stdout)
        assert {job["state"] for job in listed} == {"paused"}
        (inbox / "二.sgf").write_bytes(sgf(2))
        running.wait_for("深度版 二.sgf")
        assert "一.sgf →" not in running.said
        assert "已恢复" in fupan(place, "resume", "一.sgf").stdout
        running.wait_for("深度版 一.sgf")
        (inbox / "三.sgf").write_bytes(sgf(3))
        running.wait_for("收到 三.sgf")
        assert "已取消" in fupan(place, "cancel", "三.sgf").stdout
        running.stop(signal.SIGTERM)
    assert "已取消" in fupan(place, "show", "三.sgf").stdout
    assert "重新排队" in fupan(place, "retry", "三.sgf").stdout
    done = fupan(place, "watch", "inbox", "--once")
    assert done.returncode == 0, done.stderr
    assert len(reports(place)) == 3


def test_a_game_that_the_engine_refuses_does_not_hold_up_the_others(place):
    inbox = place / "inbox"
    (inbox / "一.sgf").write_bytes(sgf(1))
    (inbox / "短.sgf").write_bytes(sgf(2).rpartition(b";")[0] + b")")
    done = fupan(place, "watch", "inbox", "--once", faults="error_with_id=13")
    assert done.returncode == 7, done.stderr
    failed = status(place)["failed"]
    assert {job["name"] for job in failed} == {"一.sgf"}
    assert failed[0]["error"]["code"] == "engine.rejected"
    assert len(reports(place)) == 1
    healed = fupan(place, "retry")
    assert "一.sgf" in healed.stdout
    assert fupan(place, "watch", "inbox", "--once").returncode == 0
    assert len(reports(place)) == 2


def test_a_quick_job_that_is_late_does_not_replace_the_deep_report(place):
    (place / "inbox" / "一.sgf").write_bytes(sgf(1))
    assert fupan(place, "watch", "inbox", "--once").returncode == 0
    pdf = next((place / "output" / "reports").glob("*.pdf"))
    deep = pdf.read_bytes()
    database = sqlite3.connect(place / "output" / "state" / "fupan.db")
    with database:
        database.execute("update jobs set state = 'queued' where level = 'quick'")
        database.execute("insert into sources select source, name, x'' from jobs limit 1")
        database.execute("update sources set data = ?", (zlib.compress(sgf(1)),))
    database.close()
    assert fupan(place, "watch", "inbox", "--once").returncode == 0
    assert pdf.read_bytes() == deep
    assert not list((place / "output" / "evaluations" / "games").glob("*-quick.parquet"))
    assert status(place)["counts"]["quick"]["done"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["watch", "nowhere"], 3, "nowhere"),
        (["watch", "inbox", "--output", "inbox/output"], 3, "里面"),
        (["watch", "inbox", "--output", "."], 3, "里面"),
        (["watch", "inbox", "--output", "engine/net.bin"], 3, "无法写入"),
        (["watch", "inbox", "--until", "25:00"], 3, "25:00"),
        (["show", "nobody"], 3, "nobody"),
        (["list", "--state", "lost"], 3, "lost"),
    ],
)
def test_mistakes_get_a_clear_message(place, arguments, code, text):
    (place / "inbox" / "一.sgf").write_bytes(sgf(1))
    done = fupan(place, *arguments)
    assert done.returncode == code
    assert text in done.stderr
    assert "解决办法：" in done.stderr
    assert "Traceback" not in done.stderr
    assert inbox_files(place)[""] == ["一.sgf"]


def test_killed_at_random_twenty_times_every_game_has_its_report_and_no_file_is_lost(place):
    inbox = place / "inbox"
    rng = random.Random(20261122)
    games = 12
    dropped = {}
    killed = 0
    while killed < 20:
        if len(dropped) < games:
            name = f"{len(dropped)}.sgf"
            dropped[name] = sgf(len(dropped))
            (inbox / name).write_bytes(dropped[name])
        with Running(place, "watch", "inbox", faults="slow=15") as running:
            try:
                running.process.wait(rng.uniform(0.5, 6.0))
            except subprocess.TimeoutExpired:
                running.stop(signal.SIGKILL)
                killed += 1
                if killed == 10:
                    assert "现在没有在分析" in fupan(place, "status").stdout
            else:
                pytest.fail(running.said)

    done = fupan(place, "watch", "inbox", "--once", "--json")

    assert done.returncode == 0, done.stderr
    files = inbox_files(place)
    assert sorted(files["processed"] + files["duplicate"]) == sorted(dropped)
    assert files[""] == files["failed"] == files["duplicate"] == []
    month = next((inbox / "processed").iterdir())
    assert {path.name: path.read_bytes() for path in month.iterdir()} == dropped
    assert len(reports(place)) == games
    state = status(place)
    assert state["counts"]["deep"] == dict.fromkeys(state["counts"]["deep"], 0) | {"done": games}
    for table in ("games", "moves", "positions"):
        assert len(list((place / "output" / "evaluations" / table).glob("*.parquet"))) == games
    assert not [path for path in (place / "output").rglob("*.pdf") if not path.read_bytes().startswith(b"%PDF")]
    quick = Counter({turn: n for turn, n in searched(place).items() if turn.endswith(" 10")})
    assert sum(quick.values()) <= games * 14 + 21 * 16, "more than what was in flight was searched twice"


@pytest.mark.parametrize(
    ("text", "moment"), [("07:00", "2026-11-23T07:00"), ("23:30", "2026-11-22T23:30"), ("7：05", "2026-11-23T07:05")]
)
def test_until_is_the_next_time_the_clock_shows_it(text, moment):
    now = datetime(2026, 11, 22, 22, 0).astimezone()
    assert next_time(text, now).isoformat().startswith(moment)


@pytest.mark.parametrize("text", ["", "7", "24:00", "aa:bb", "07:60", "1:2:3"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ConfigError):
        next_time(text, datetime(2026, 11, 22, 22, 0).astimezone())


def test_network_folders_are_polled_and_given_longer():
    assert timing(InboxSettings(), is_network=False) == (2.0, 30.0, True)
    assert timing(InboxSettings(), is_network=True) == (10.0, 5.0, False)
    assert timing(InboxSettings(polling="always", settle_seconds=3), is_network=False) == (3.0, 5.0, False)
    assert timing(InboxSettings(polling="never"), is_network=True) == (10.0, 30.0, True)
