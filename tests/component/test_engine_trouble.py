"""What a teacher learns of an engine that hangs, dies, or cannot search a position; and what is left of it."""

from __future__ import annotations

import json
import os
import signal

import psutil
import pypdfium2
import pytest
from fakes.engines import alive
from fakes.program import MOVES, Running, fupan, set_up, sgf
from fakes.workplace import Workplace, wait_for

from pipeline.engine import survivor

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the fake engine is started by a shell script")


def text_of(pdf: bytes) -> str:
    """All words of a document, without the spaces between them."""
    pages = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in pages)


@pytest.fixture
def place(tmp_path):
    return set_up(tmp_path)


def test_a_review_says_that_the_engine_had_to_be_started_again(tmp_path):
    work = Workplace(tmp_path)
    work.put("一.sgf")

    done = work.review("--json", faults="crash_after_n=5@1")

    assert done.returncode == 0, done.stderr
    assert "引擎意外退出（退出码 -9）" in done.stderr
    assert "引擎中断过1次（意外退出1次）" in done.stderr
    summary = json.loads(done.stdout)
    assert (summary["engine_restarts"], summary["engine_stalls"]) == (1, 0)


def test_a_position_that_kills_the_engine_costs_its_game_nothing_else(tmp_path):
    work = Workplace(tmp_path)
    work.put("一.sgf")
    work.put("二.sgf", moves=f"{MOVES};B[aa]")

    done = work.review("--json", faults="poison=7")

    assert done.returncode == 0, done.stderr
    assert "第 7 手后的局面使 KataGo 多次崩溃" in done.stderr
    assert "这盘棋的其余部分照常分析" in done.stderr
    summary = json.loads(done.stdout)
    assert [game["status"] for game in summary["games"]] == ["done", "done"]
    assert len(summary["positions_skipped"]) == 2
    for game in summary["games"]:
        assert "第7手后的局面引擎算不了，未计入" in text_of((tmp_path / game["report"]).read_bytes())
    starts = int((work.engine / "starts").read_text())
    assert starts <= 11, "each was the end of five engines, and not again when it was due at full depth"
    again = work.review(faults="poison=7")
    assert again.returncode == 0
    assert "引擎意外退出" not in again.stderr, "what is known to kill it is not tried again"


def test_a_game_of_which_too_much_is_missing_fails(tmp_path):
    work = Workplace(tmp_path)
    work.put("一.sgf", moves="B[ee]")

    done = work.review(faults="nan=1")

    assert done.returncode == 7
    assert "不可信" in done.stderr


def test_the_morning_summary_tells_of_the_night(place):
    (place / "inbox" / "一.sgf").write_bytes(sgf(1))
    (place / "inbox" / "二.sgf").write_bytes(sgf(2))

    done = fupan(place, "watch", "inbox", "--once", faults="crash_after_n=4@2,nan=9")

    assert done.returncode == 0, done.stderr
    assert "引擎中断过2次（意外退出2次）" in done.stderr
    text = text_of((place / "output" / "今日概览.pdf").read_bytes())
    assert "注意引擎中断过2次（意外退出2次），已自动重新启动，算完的局面没有丢失" in text
    assert "第9手后的局面两次得到不可信的结果" in text


def test_the_status_tells_of_it_while_the_work_goes_on(place):
    (place / "inbox" / "一.sgf").write_bytes(sgf(1))
    with Running(place, "watch", "inbox", faults="crash_after_n=4@1,slow=300") as running:
        running.wait_for("引擎意外退出")
        running.wait_for(lambda: "最近的问题：引擎中断过1次（意外退出1次；最近一次" in fupan(place, "status").stdout)
        running.stop(signal.SIGTERM)
    assert "引擎中断过1次" in running.said


def test_an_error_of_the_engine_shows_what_it_said_last(tmp_path):
    work = Workplace(tmp_path)
    work.put("一.sgf")

    done = work.review(faults="oom_at_start")

    assert done.returncode == 5
    assert "引擎日志的最后几行：" in done.stderr
    assert "CL_MEM_OBJECT_ALLOCATION_FAILURE" in done.stderr.split("引擎日志的最后几行：")[1]


def killed_in_the_middle(work: Workplace, before: signal.Signals | None = None) -> list[int]:
    """Kill the program while it searches, after its engine was sent ``before``; returns the engine's processes."""
    running = work.start("review", "games", "--visits", "20", faults="slow=200")
    wait_for(lambda: bool(work.searched()))
    children = psutil.Process(running.pid).children(recursive=True)
    engines = [child.pid for child in children if "analysis" in child.cmdline()]
    assert engines
    for pid in engines if before else ():
        os.kill(pid, before)
    running.kill()
    running.communicate()
    return engines


def test_no_engine_outlives_a_program_that_is_killed(tmp_path):
    work = Workplace(tmp_path)
    work.put("一.sgf")

    engines = killed_in_the_middle(work)

    wait_for(lambda: not any(alive(pid) for pid in engines))


def test_a_stopped_engine_that_outlived_its_program_is_ended_by_the_next_one(tmp_path):
    """It cannot see that its input was closed, and would keep the memory of the card for ever."""
    work = Workplace(tmp_path)
    work.put("一.sgf")
    engines = killed_in_the_middle(work, signal.SIGSTOP)
    assert all(alive(pid) for pid in engines)

    done = work.review()

    assert done.returncode == 0, done.stderr
    assert not any(alive(pid) for pid in engines)


def test_a_process_that_only_has_the_number_of_the_engine_is_left_alone(tmp_path):
    note = {"engine": {"pid": os.getpid(), "started": 5.0}, "program": {"pid": 1 << 22, "started": 5.0}}
    (tmp_path / survivor.NAME).write_text(json.dumps(note))

    assert survivor.end_survivor(tmp_path) is None


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"engine": 5}', '{"engine": {"pid": "x"}}', "\0"])
def test_a_note_that_says_nothing_is_passed_over(tmp_path, note):
    (tmp_path / survivor.NAME).write_text(note)

    assert survivor.end_survivor(tmp_path) is None
