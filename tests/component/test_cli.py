"""The program as its user runs it, with the fake engine: files in, reports out, clear words and exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from fakes.program import GAME, MOVES, environment, fupan, searched, set_up
from filelock import FileLock


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder to work in, with an engine and a network beside it."""
    (tmp_path / "games").mkdir()
    return set_up(tmp_path)


def put(place: Path, name: str, black: str = "甲", white: str = "乙", moves: str = MOVES) -> Path:
    path = place / "games" / name
    path.write_text(GAME.format(black=black, white=white, moves=moves), encoding="utf-8")
    return path


def review(place: Path, *more: str, faults: str = "") -> tuple[subprocess.CompletedProcess[str], dict]:
    done = fupan(place, "review", "games", "--visits", "20", "--quick", "10", "--json", *more, faults=faults)
    assert "Traceback" not in done.stderr
    return done, json.loads(done.stdout) if done.stdout else {}


def statuses(summary: dict) -> dict[str, str]:
    return {game["name"]: game["status"] for game in summary["games"]}


def test_good_games_are_reviewed_and_bad_files_are_listed(place):
    original = put(place, "一.sgf").read_bytes()
    put(place, "二.sgf", moves=MOVES + ";B[ff]")
    put(place, "same.sgf", black="另一个名字")
    (place / "games" / "坏.sgf").write_text("<html>404</html>")
    (place / "games" / "空谱.sgf").write_text("(;GM[1]SZ[9]KM[7])")

    done, summary = review(place)

    assert done.returncode == 7
    states = statuses(summary)
    assert states["二.sgf"] == "done"
    assert Counter(states.values()) == {"done": 2, "duplicate": 1, "failed": 2}
    assert "坏.sgf" in done.stderr
    assert (place / "games" / "一.sgf").read_bytes() == original
    reports = [Path(game["report"]) for game in summary["games"] if game["report"]]
    assert all((place / report).read_bytes().startswith(b"%PDF") for report in reports)
    for table in ("positions", "moves", "games"):
        assert len(list((place / "output" / "evaluations" / table).glob("*.parquet"))) == 2
    assert len(list((place / "output" / "sgf").glob("*.sgf"))) == 2


def test_a_second_run_searches_nothing_and_own_output_is_not_reviewed(place):
    put(place, "一.sgf")
    review(place)
    before = searched(place)

    done, again = review(place)
    assert done.returncode == 0
    assert again["positions_searched"] == 0
    assert statuses(again) == {"一.sgf": "already"}
    assert searched(place) == before

    copy = place / "games" / "annotated.sgf"
    copy.write_bytes(next((place / "output" / "sgf").glob("*.sgf")).read_bytes())
    _, third = review(place)
    assert statuses(third)["annotated.sgf"] == "own"
    assert searched(place) == before


def test_more_visits_reuse_what_is_known(place):
    put(place, "一.sgf")
    review(place, "--strategy", "uniform")
    before = searched(place)
    _, deeper = review(place, "--visits", "21", "--strategy", "uniform")
    new = searched(place) - before
    assert deeper["positions_searched"] == 0, "20 visits are within a tenth of 21"
    assert not new
    assert len(list((place / "output" / "evaluations" / "games").glob("*.parquet"))) == 1


def test_a_deleted_report_is_printed_again_without_the_engine(place):
    put(place, "一.sgf")
    _, first = review(place)
    report = place / first["games"][0]["report"]
    kept = report.read_bytes()
    report.unlink()
    before = searched(place)
    done, _ = review(place)
    assert done.returncode == 0
    assert report.read_bytes() == kept
    assert searched(place) == before


def wait_for(condition, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def start(place: Path, faults: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pipeline",
            "review",
            "games",
            "--visits",
            "20",
            "--quick",
            "0",
            "--strategy",
            "uniform",
        ],
        cwd=place,
        env=environment(place, faults),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_what_was_finished_survives_a_stop(place, number, code):
    put(place, "一.sgf")
    running = start(place, "slow=150")
    wait_for(lambda: sum(searched(place).values()) >= 6)
    running.send_signal(number)
    _, complaint = running.communicate(timeout=60)
    assert running.returncode == code
    assert "Traceback" not in complaint
    if number != signal.SIGKILL:
        assert "重新运行同一条命令" in complaint

    done, summary = review(place, "--strategy", "uniform", "--quick", "0")
    assert done.returncode == 0
    turns = Counter(line.split()[0] for line in searched(place).elements())
    game = set(map(str, range(13)))
    assert set(turns) >= game
    twice = sum(count - 1 for turn, count in turns.items() if turn in game)
    assert summary["positions_searched"] < 13
    assert twice <= 13 - 6 + 8, "more than what was in flight was searched twice"


def test_a_second_instance_is_refused(place):
    put(place, "一.sgf")
    state = place / "output" / "state"
    state.mkdir(parents=True)
    with FileLock(state / "fupan.lock"):
        done = fupan(place, "review", "games")
    assert done.returncode == 8
    assert "另一个复盘任务" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["review", "nowhere"], 3, "nowhere"),
        (["review", "games"], 3, "没有找到棋谱"),
        (["review", "engine/net.bin"], 7, "net.bin"),
        (["review"], 2, "缺少参数"),
        (["review", "games", "--visit", "3"], 2, "--visit"),
        (["review", "games", "--visits", "many"], 2, "--visits"),
        (["review", "games", "--visits", "0"], 3, "不能小于 1"),
        (["review", "games", "--until", "25:00"], 3, "25:00"),
        (["review", "games", "--side", "left"], 3, "只能是"),
        (["nonsense"], 2, "nonsense"),
        (["report", "nobody"], 3, "nobody"),
        (["inspect", "engine/net.bin"], 7, "net.bin"),
        (["review", "games", "--settings", "absent.toml"], 3, "absent.toml"),
    ],
)
def test_mistakes_get_one_clear_message_and_the_documented_code(place, arguments, code, words):
    done = fupan(place, *arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert words in done.stderr
    assert done.stderr.count("错误：") == 1
    assert "解决办法：" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--katago", "absent"], 4, "absent"),
        (["--network", "absent.bin.gz"], 4, "absent.bin.gz"),
        (["--network", "games/一.sgf"], 4, "一.sgf"),
        (["--output", "games/一.sgf"], 3, "无法写入"),
    ],
)
def test_a_broken_set_up_is_named(place, arguments, code, words):
    put(place, "一.sgf")
    done = fupan(place, "review", "games", *arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert words in done.stderr
    assert "解决办法：" in done.stderr


@pytest.mark.parametrize("fault", ["oom_at_start", "bad_network"])
def test_an_engine_that_cannot_work_ends_the_run_with_code_5(place, fault):
    put(place, "一.sgf")
    done, _ = review(place, faults=fault)
    assert done.returncode == 5
    assert "解决办法：" in done.stderr


def test_an_engine_that_dies_once_costs_nothing(place):
    put(place, "一.sgf")
    done, summary = review(place, faults="crash_after_n=5@1")
    assert done.returncode == 0
    assert summary["engine_restarts"] == 1
    assert statuses(summary) == {"一.sgf": "done"}


def test_what_the_engine_warns_of_is_said_when_it_comes_and_in_the_summary(place):
    put(place, "一.sgf")
    done, summary = review(place, faults="warning")
    assert done.returncode == 0
    (warning,) = summary["engine_warnings"]
    assert "typo" in warning
    assert done.stderr.count(f"引擎警告：{warning}") == 2, "once each"


def test_reports_are_printed_again_by_name_id_or_file(place):
    put(place, "一.sgf", black="张三")
    _, summary = review(place)
    game = summary["games"][0]
    before = searched(place)
    for query in ("一.sgf", "张三", game["game_id"][:6]):
        done = fupan(place, "report", query, "--club", "星火围棋社", "--json")
        assert done.returncode == 0, done.stderr
        assert Path(json.loads(done.stdout)["games"][0]["report"]).name.endswith(".pdf")
    assert searched(place) == before


def test_inspect_shows_what_was_read_without_an_engine(place):
    path = put(place, "一.sgf", black="李四 3段")
    done = fupan(place, "inspect", str(path))
    assert done.returncode == 0
    assert "李四" in done.stdout
    assert "7目" in done.stdout
    facts = json.loads(fupan(place, "inspect", str(path), "--json").stdout)
    assert facts[0]["moves"] == 12


def test_settings_can_be_written_and_shown(place):
    assert fupan(place, "config", "init").returncode == 0
    again = fupan(place, "config", "init")
    assert again.returncode == 3
    assert "已经存在" in again.stderr
    shown = json.loads(fupan(place, "config", "show").stdout)
    assert shown["engine"]["katago"].endswith("katago")


def test_the_engine_in_force_is_named(place):
    facts = json.loads(fupan(place, "engine", "info", "--json").stdout)
    assert facts["origin"] == "settings"
    assert Path(facts["network"]).name == "net.bin"


def test_a_folder_of_games_has_settings_of_its_own(place):
    import pyarrow.parquet as pq

    put(place, "一.sgf", black="張三")
    bare = "(;GM[1]SZ[9]PB[李四]PW[王五];" + MOVES + ")"
    (place / "games" / "甲班").mkdir()
    (place / "games" / "甲班" / "二.sgf").write_text(bare, encoding="utf-8")
    (place / "games" / "甲班" / "fupan.toml").write_text(
        "[analysis]\ndefault_rules = 'japanese'\ndefault_komi = 5.5\nside = 'student'\n"
        "[report]\nclub = '甲班'\n[students]\nnames = ['李四']\naliases = { '王五' = '赵六' }\n",
        encoding="utf-8",
    )
    done, _ = review(place)
    assert done.returncode == 0
    rows = [
        row
        for file in (place / "output" / "evaluations" / "games").glob("*.parquet")
        for row in pq.read_table(file).to_pylist()
    ]
    by_black = {row["black_name"]: row for row in rows}
    assert (by_black["李四"]["ruleset"], by_black["李四"]["komi"], by_black["李四"]["side"]) == ("japanese", 5.5, "B")
    assert by_black["李四"]["white_player"] == "赵六"
    assert (by_black["張三"]["ruleset"], by_black["張三"]["komi"], by_black["張三"]["side"]) == ("chinese", 7.0, None)


def test_a_folder_may_not_set_the_engine(place):
    put(place, "一.sgf")
    (place / "games" / "fupan.toml").write_text("[engine]\nkatago = 'evil'\n", encoding="utf-8")
    done = fupan(place, "review", "games")
    assert done.returncode == 3
    assert "[engine]" in done.stderr
