"""``fupan engine benchmark`` as its user runs it, on an engine that prints a recorded benchmark."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.program import FAKE, environment, fupan, set_up, sgf

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")

RECORDED = Path(__file__).parent.parent / "golden" / "katago_benchmark"


def engine(place: Path, name: str, benchmark: str) -> Path:
    """A fake engine whose ``benchmark`` is this shell command."""
    program = place / "engine" / name
    program.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = version ]; then echo "KataGo v1.18.1"; echo "Using OpenCL backend"; exit; fi\n'
        f'if [ "$1" = benchmark ]; then echo "$@" >> "{place}/engine/asked"; cp "$3" "{place}/engine/config";'
        f" {benchmark}; fi\n"
        f'exec "{sys.executable}" -S -E "{FAKE}" "$@"\n'
    )
    program.chmod(0o755)
    return program


@pytest.fixture
def place(tmp_path: Path) -> Path:
    set_up(tmp_path)
    engine(tmp_path, "katago", f'cat "{RECORDED}/opencl-1.18.1-fixed.txt"; exit')
    (tmp_path / "games").mkdir()
    (tmp_path / "games" / "a.sgf").write_bytes(sgf(1))
    return tmp_path


def tuned(place: Path) -> dict:
    return json.loads((place / "cache" / "threads.json").read_text())["measurements"][0]


def test_engines_are_compared_and_one_that_fails_is_named(place):
    broken = engine(place, "broken", 'echo "CUDA error: out of memory" >&2; exit 1')
    good = place / "engine" / "katago"
    done = fupan(
        place, "engine", "benchmark", "--json", "--threads", "1,2,4,8", "--visits", "200",
        "--katago", str(good), "--katago", str(broken),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    folder = place / "output" / "benchmark"
    data = json.loads(done.stdout)

    assert {row["error"] == "" for row in data["rows"]} == {True, False}
    row = next(row for row in data["rows"] if not row["error"])
    assert (row["network"], row["backend"], row["engine"]) == ("fake-b1c1", "opencl", "1.18.1")
    assert (row["recommended_threads"], row["visits_per_second"], row["max_visits_per_second"]) == (1, 15.04, 15.04)
    assert row["factor"] == 1.0
    failed = next(row for row in data["rows"] if row["error"])
    assert "显存" in failed["error"] or "内存" in failed["error"]
    assert "-threads 1,2,4,8" in (place / "engine" / "asked").read_text()
    assert "homeDataDir" in (place / "engine" / "config").read_text()
    assert "| b1c1 | OpenCL |" in (folder / "benchmark.md").read_text(encoding="utf-8")
    assert (folder / "benchmark.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (folder / "benchmark.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((folder / "benchmark.json").read_text(encoding="utf-8"))["rows"] == data["rows"]


def test_when_every_engine_fails_the_command_does(place):
    engine(place, "katago", 'echo "CUDA error: out of memory" >&2; exit 1')
    done = fupan(place, "engine", "benchmark")

    assert done.returncode == 5
    assert "out of memory" in done.stderr
    assert "out of memory" in (place / "output" / "benchmark" / "benchmark.md").read_text(encoding="utf-8")


def test_a_benchmark_that_takes_too_long_counts_as_far_as_it_came(place):
    engine(place, "katago", f'head -c 9000 "{RECORDED}/opencl-1.18.1-fixed.txt" | head -44; exec sleep 600')
    done = fupan(place, "engine", "benchmark", "--json", "--limit", "0.05")
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)["rows"][0]

    assert row["complete"] is False
    assert row["max_visits_per_second"] == 15.04
    assert "*" in (place / "output" / "benchmark" / "benchmark.md").read_text(encoding="utf-8")


def test_what_was_tuned_is_used_by_the_next_review_until_it_is_damaged(place):
    games = str(place / "games")
    done = fupan(
        place, "engine", "benchmark", "--tune", "--seconds", "0.1", "--rounds", "1", "--visits", "4", games, "--json",
        faults="slow=2",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    best = json.loads(done.stdout)["best"]
    kept = tuned(place)
    assert kept["threads"] == {"analysis": best["analysis_threads"], "search": best["search_threads"]}

    # A number that no default would give shows where the next run has it from.
    path = place / "cache" / "threads.json"
    path.write_text(path.read_text().replace(f'"analysis": {best["analysis_threads"]}', '"analysis": 13'))
    done = fupan(place, "review", games)
    assert done.returncode == 0, done.stderr
    config = (place / "output" / "logs" / "analysis.cfg").read_text()
    assert "numAnalysisThreads = 13\n" in config
    assert f"numSearchThreadsPerAnalysisThread = {best['search_threads']}\n" in config
    info = json.loads(fupan(place, "engine", "info", "--json").stdout)
    assert (info["analysis_threads"], info["threads_origin"]) == (13, "measured")

    (place / "fupan.toml").write_text("[engine]\nanalysis_threads = 3\n")
    assert "3 个局面" in fupan(place, "engine", "info").stdout
    (place / "fupan.toml").unlink()

    path.write_text("{")
    info = fupan(place, "engine", "info")
    assert "默认值" in info.stdout
    assert "已损坏" in info.stdout
    (place / "games" / "b.sgf").write_bytes(sgf(2))
    done = fupan(place, "review", games)
    assert done.returncode == 0, done.stderr
    assert "已损坏" in done.stderr
    assert "numAnalysisThreads = 13\n" not in (place / "output" / "logs" / "analysis.cfg").read_text()


def test_mistakes_on_the_command_line(place):
    done = fupan(place, "engine", "benchmark", "--threads", "4,x")
    assert done.returncode == 3
    assert "4,x" in done.stderr
    done = fupan(place, "engine", "benchmark", "--network", "missing.bin.gz")
    assert done.returncode == 4
    assert "missing.bin.gz" in done.stderr


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (("--tune", "--threads", "4,8"), "--threads"),
        (("--tune", "--positions", "3"), "--positions"),
        (("--seconds", "3", "--rounds", "2"), "--seconds、--rounds"),
    ],
)
def test_what_would_change_nothing_is_refused(place, flags, named):
    done = fupan(place, "engine", "benchmark", *flags)

    assert done.returncode == 3
    assert named in done.stderr
    assert "--tune" in done.stderr


def test_ctrl_c_ends_the_engine_and_keeps_what_was_measured(place):
    engine(place, "second", f'echo $$ > "{place}/engine/pid"; exec sleep 600')
    command = [sys.executable, "-m", "pipeline", "engine", "benchmark", "--katago", str(place / "engine" / "katago")]
    with subprocess.Popen(
        [*command, "--katago", str(place / "engine" / "second")],
        cwd=place,
        env=environment(place),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _wait_until((place / "engine" / "pid").exists, process)
        process.send_signal(2)
        assert process.wait(60) == 130
    pid = int((place / "engine" / "pid").read_text())
    assert not Path(f"/proc/{pid}").exists()
    page = (place / "output" / "benchmark" / "benchmark.md").read_text(encoding="utf-8")
    assert "| b1c1 | OpenCL |" in page


def _wait_until(condition, process: subprocess.Popen[bytes], seconds: float = 90.0) -> None:
    import time

    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(("setting", "arguments"), [("small", []), ("engine/net.bin", ["--network", "small"])])
def test_a_network_may_be_named_as_it_is_installed(place, setting, arguments):
    """With ``network = "small"`` in the settings a review runs, so the benchmark has to."""
    folder = place / "cache" / "engine" / "networks"
    folder.mkdir(parents=True)
    (folder / "small.bin").write_bytes(b"fake-b2c2\n8\n")
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "engine", "benchmark", "--json", *arguments],
        cwd=place,
        env=environment(place) | {"FUPAN_ENGINE__NETWORK": setting},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"][0]["network"] == "fake-b2c2"


def test_each_number_of_threads_is_told_once(place):
    """KataGo ends with tests of other settings at the recommended threads, which look the same."""
    engine(place, "katago", f'cat "{RECORDED}/opencl-1.18.1-auto.txt"; exit')
    done = fupan(place, "engine", "benchmark")
    told = [line for line in done.stderr.splitlines() if "线程：" in line]

    assert told
    assert len(set(told)) == len(told)
