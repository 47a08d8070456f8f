"""What goes wrong on a real machine: one clear Chinese message, the documented code, and nothing lost."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fakes.workplace import MOVES, Workplace, wait_for

ROOT = os.geteuid() == 0
LONG = "a" * 300


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def assert_one_complaint(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    assert done.stderr.count("错误：") == 1, done.stderr
    assert "解决办法：" in done.stderr
    for word in words:
        assert word in done.stderr


def reports(place: Workplace) -> list[Path]:
    return sorted((place.output / "reports").glob("*.pdf"))


# Places that do not work


def test_nothing_is_summed_up_when_nothing_was_begun(place):
    done = place.review()
    assert_one_complaint(done, 3, "没有找到棋谱")
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("option", ["", "--output", "--network", "--katago", "--settings"])
def test_a_name_that_is_too_long_is_named(place, option):
    place.put("一.sgf")
    arguments = ["review", "games", option, LONG] if option else ["review", LONG]
    done = place.run(*arguments)
    assert_one_complaint(done, 4 if option == "--network" else 3, "名字太长")


def test_links_that_go_round_in_circles(place):
    place.put("一.sgf")
    (place.games / "round.sgf").symlink_to("round.sgf")
    (place.games / "again").symlink_to(".")
    (place.root / "loop").symlink_to("loop")
    assert_one_complaint(place.run("review", "loop"), 3, "loop", "绕成了圈")
    assert_one_complaint(place.review("--output", "loop"), 3, "loop", "绕成了圈")
    assert_one_complaint(place.review(), 7, "round.sgf")
    assert len(reports(place)) == 1


def test_a_lock_that_cannot_be_opened_is_named(place):
    place.put("一.sgf")
    (place.output / "state" / "fupan.lock").mkdir(parents=True)
    assert_one_complaint(place.review(), 3, "fupan.lock")


def test_a_home_that_cannot_be_written_is_named(place):
    place.put("一.sgf")
    (place.root / "cache").write_text("a file in the way")
    assert_one_complaint(place.review(), 4, "cache", "FUPAN_CACHE_DIR")


def test_a_program_that_says_nothing_is_not_katago(place):
    place.put("一.sgf")
    assert_one_complaint(place.review("--katago", shutil.which("true") or ""), 4, "什么也没有输出")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_results_that_cannot_be_written_are_an_error(place):
    with Path("/dev/full").open("wb") as full:
        done = place.run("config", "show", stdout=full)
    assert_one_complaint(done, 6, "标准输出", "磁盘已满")


@pytest.fixture
def small_disk(place):
    """A disk with 400 kB, where this user may mount one."""
    folder = place.root / "small"
    folder.mkdir()
    mounted = (
        ROOT
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)], check=False, capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("may not mount a small disk here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("free", [8, 100, 200])
def test_a_full_disk_costs_nothing_that_was_done(place, small_disk, free):
    place.put("一.sgf")
    filler = small_disk / "filler"
    filler.write_bytes(b"\0" * (400 - free) * 1000)
    done = place.review("--output", str(small_disk / "out"))
    assert_one_complaint(done, 6, "磁盘已满")
    before = sum(place.searched().values())
    filler.unlink()

    assert place.review("--output", str(small_disk / "out")).returncode == 0
    assert len(list((small_disk / "out" / "reports").glob("*.pdf"))) == 1
    assert len(list((small_disk / "out" / "sgf").glob("*.sgf"))) == 1
    assert sum(place.searched().values()) - before <= max(0, 13 - before) + 8


# Rights. Root may do everything, so these run as somebody else or not at all.


def as_somebody(place: Workplace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program as a user without rights; its Python must be readable for all."""
    if not ROOT:
        return place.run(*arguments)
    helper = shutil.which("setpriv")
    python = Path("/usr/bin/python3")
    fits = (
        helper
        and not subprocess.run(
            [python, "-c", f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"], check=False
        ).returncode
    )
    if not fits:
        pytest.skip("no way to give up root's rights here")
    packages = [path for path in sys.path if path.endswith("site-packages")]
    for folder in (place.root, *place.root.parents):
        if folder.stat().st_uid == 0 and folder != Path(folder.anchor) and str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o711)
    environment = place.environment(PYTHONPATH=os.pathsep.join([str(Path(__file__).resolve().parents[2]), *packages]))
    done = subprocess.run(
        [helper, "--reuid", "65534", "--regid", "65534", "--clear-groups", python, "-B", "-m", "pipeline", *arguments],
        cwd=place.root,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    if "No module named" in done.stderr:
        pytest.skip("the installation is not readable for other users")
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_what_may_not_be_read_is_named(place):
    closed = place.games / "closed"
    closed.mkdir()
    inside = closed / "a.sgf"
    inside.write_bytes(place.put("一.sgf").read_bytes())
    closed.chmod(0o700 if ROOT else 0)
    secret = place.put("secret.sgf")
    secret.chmod(0)
    try:
        listed = as_somebody(place, "inspect", "games")
        folder = as_somebody(place, "inspect", "games/closed")
        file = as_somebody(place, "inspect", "games/closed/a.sgf")
        named = as_somebody(place, "inspect", "games/secret.sgf")
        settings = as_somebody(place, "review", "games", "--settings", "games/secret.sgf")
    finally:
        closed.chmod(0o700)
    assert_one_complaint(listed, 7, "closed", "没有权限")
    assert_one_complaint(folder, 3, "closed", "没有权限")
    assert_one_complaint(file, 3, "a.sgf", "没有权限")
    assert_one_complaint(named, 7, "secret.sgf", "没有权限")
    assert_one_complaint(settings, 3, "secret.sgf", "没有权限")


# Files and names


def test_names_may_hold_anything(place):
    odd = ["a b'c\"d.sgf", "new\nline.sgf", "esc\x1b[31mred.sgf", ":smile:[bold]x.sgf", os.fsdecode(b"gbk\xb8\xb4.sgf")]
    for number, name in enumerate(odd):
        place.put(name, black=f"棋手{number}", moves=MOVES + f";B[{'abcde'[number]}i]")
    output = os.fsdecode(b"out \xb8 ?#%41\n")
    done = place.review("--json", "--output", output)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stderr
    assert "new\ufffdline.sgf" in done.stderr
    games = json.loads(done.stdout)["games"]
    assert len(games) == len(odd)
    assert len(list((place.root / output / "reports").glob("*.pdf"))) == len(odd)
    assert len(list((place.root / output / "evaluations" / "games").glob("*.parquet"))) == len(odd)
    assert "Traceback" not in place.run("inspect", str(place.games)).stderr


def test_a_move_outside_every_board_is_not_given_a_made_up_name(place):
    place.put("outside.sgf", moves="B[zz];W[bb]")
    assert_one_complaint(place.review(), 7, "第 1 手（?）")


def test_a_fault_of_the_reader_is_the_fault_of_one_file(place, monkeypatch):
    from pipeline.inbox import intake
    from pipeline.settings import FolderSettings

    good, bad = place.put("一.sgf"), place.put("bad.sgf", black="丁", moves=MOVES + ";B[ai]")
    real = intake.read_game_file

    def reader(data, *, file, defaults):
        if file == "bad.sgf":
            raise RecursionError("too deep")
        return real(data, file=file, defaults=defaults)

    for name in [name for name in os.environ if name.startswith("FUPAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(intake, "read_game_file", reader)
    taken = intake.read_all([bad, good], FolderSettings())
    assert [game.name for game in taken.games] == ["一.sgf"]
    assert [failure.path.name for failure in taken.failures] == ["bad.sgf"]
    assert "RecursionError" in taken.failures[0].error.message


# What was written before


def test_a_lost_sgf_is_written_again_without_a_search(place):
    place.put("一.sgf")
    place.review()
    (sgf,) = (place.output / "sgf").glob("*.sgf")
    before = place.searched()
    sgf.unlink()
    assert place.review().returncode == 0
    assert sgf.is_file()
    assert place.searched() == before


@pytest.mark.parametrize(
    ("table", "again"), [("games", ("--visits", "40")), ("positions", ("--visits", "40")), ("moves", ())]
)
def test_a_damaged_dataset_is_made_again(place, table, again):
    place.put("一.sgf")
    place.put("二.sgf", black="丙", moves=MOVES + ";B[ai]")
    place.review()
    for report in reports(place):
        report.unlink()
    damaged = sorted((place.output / "evaluations" / table).glob("*.parquet"))[0]
    damaged.write_bytes(damaged.read_bytes()[:100])
    done = place.review(*again)
    assert done.returncode == 0, done.stderr
    assert len(reports(place)) == 2
    assert all(pq.read_table(path).num_rows for path in (place.output / "evaluations" / table).glob("*.parquet"))


def test_a_log_that_cannot_be_written_disturbs_nobody(place):
    place.put("一.sgf")
    (place.output / "logs" / "fupan.log").mkdir(parents=True)
    done = place.review()
    assert done.returncode == 0, done.stderr
    assert "Logging error" not in done.stderr


# Streams


def test_closed_streams_do_not_stop_a_run(place):
    place.put("一.sgf")
    done = subprocess.run(
        ["sh", "-c", '"$0" -m pipeline review games --visits 20 --quick 10 --json <&- >&- 2>&-', sys.executable],
        cwd=place.root,
        env=place.environment(),
        timeout=120,
        check=False,
    )
    assert done.returncode == 0
    assert len(reports(place)) == 1


def test_a_reader_that_leaves_does_not_stop_a_run(place):
    place.put("一.sgf")
    running = place.start("review", "games", "--visits", "20", "--quick", "10", "--json")
    for stream in (running.stdout, running.stderr):
        assert stream is not None
        stream.close()
    assert running.wait(timeout=120) == 0
    assert len(reports(place)) == 1


def on_a_terminal(place: Workplace, *arguments: str, columns: int) -> str:
    """What a terminal gets to see."""
    leader, follower = pty.openpty()
    running = place.start(
        *arguments, env={"COLUMNS": str(columns), "TERM": "xterm"}, stderr=follower, stdout=subprocess.DEVNULL
    )
    os.close(follower)
    seen = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        seen += part
    os.close(leader)
    assert running.wait(timeout=60) == 0
    return seen.decode("utf-8", "replace")


def test_a_narrow_terminal_shows_paths_in_one_piece(place):
    place.put(":smile: 一盘名字很长很长很长很长很长很长的棋.sgf")
    seen = on_a_terminal(place, "review", "games", "--visits", "20", "--quick", "10", columns=40)
    assert "Traceback" not in seen
    (report,) = reports(place)
    assert f":smile: 一盘名字很长很长很长很长很长很长的棋.sgf → output/reports/{report.name}" in seen


# Stopping


def stop(running: subprocess.Popen[bytes], *signals: signal.Signals) -> str:
    for number in signals:
        running.send_signal(number)
    _, complaint = running.communicate(timeout=60)
    return complaint.decode("utf-8", "replace")


def test_a_stop_before_the_engine_is_up(place):
    place.put("一.sgf")
    running = place.start("review", "games", faults="slow_start=60")
    wait_for((place.engine / "starts").exists)
    complaint = stop(running, signal.SIGINT)
    assert running.returncode == 130
    assert "Traceback" not in complaint
    assert "重新运行同一条命令" in complaint


def test_a_stop_while_reports_are_printed_is_no_failure_of_a_game(place):
    for number in range(4):
        place.put(f"{number}.sgf", moves=MOVES + f";B[{'abcd'[number]}i]")
    running = place.start("review", "games", "--visits", "20", "--strategy", "uniform")
    wait_for(lambda: sum(place.searched().values()) >= 4 * 14)
    complaint = stop(running, signal.SIGINT)
    assert running.returncode == 130, complaint
    assert "Traceback" not in complaint
    assert "没有成功的棋谱" not in complaint
    assert complaint.count(" → ") < 4, "what waited for printing was printed although the user wants to stop"

    before = sum(place.searched().values())
    assert place.run("review", "games", "--visits", "20", "--strategy", "uniform").returncode == 0
    assert sum(place.searched().values()) - before <= 8, "more than what was in flight was searched twice"
    assert len(reports(place)) == 4


def test_a_closed_terminal_is_an_orderly_stop(place):
    place.put("一.sgf")
    inherited = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may be under nohup
    try:
        running = place.start("review", "games", "--visits", "20", faults="slow=100")
    finally:
        signal.signal(signal.SIGHUP, inherited)
    wait_for(lambda: sum(place.searched().values()) >= 3)
    stop(running, signal.SIGHUP)
    assert running.returncode == 143


def test_nohup_is_respected(place):
    place.put("一.sgf")
    running = place.start(
        "review",
        "games",
        "--visits",
        "20",
        faults="slow=50",
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    wait_for(lambda: sum(place.searched().values()) >= 3)
    stop(running, signal.SIGHUP)
    assert running.returncode == 0


# Help


def pages(command=(), group=None):
    """The path of every command, with its own page."""
    import typer

    from pipeline.cli import app

    group = group or typer.main.get_command(app)
    yield command
    for name, inner in getattr(group, "commands", {}).items():
        yield from pages((*command, name), inner)


def test_help_pages_are_chinese_throughout(capsys):
    from pipeline.cli import run

    for command in pages():
        assert run([*command, "--help"]) == 0
        page = capsys.readouterr().out
        assert page.startswith("用法：fupan")
        assert "显示这份说明" in page
        words = set(re.findall(r"[A-Za-z]{2,}|[<>{}\\[\]]", re.sub(r"--[a-z-]+", "", page)))
        frame = {"Usage", "Options", "Arguments", "Commands", "OPTIONS", "COMMAND", "ARGS", "Show", "message", "exit"}
        assert not words & {*frame, "required", "default", "path", "str", "int", "float", *"<>{}"}, command


@pytest.mark.parametrize("command", [(), ("engine",)])
def test_no_command_shows_the_help_and_no_error(place, command):
    done = place.run(*command)
    assert done.returncode == 2
    assert done.stderr.startswith("用法：")
    assert "错误" not in done.stderr


def test_the_missing_argument_is_named_as_the_help_names_it(place):
    assert_one_complaint(place.run("review"), 2, "缺少参数 棋谱")
