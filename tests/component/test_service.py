"""``fupan service`` as its user runs it; systemd itself is not asked to start anything."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.program import environment, set_up


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return set_up(tmp_path)


def run(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**environment(place), "XDG_CONFIG_HOME": str(place / "config"), "LOCALAPPDATA": str(place / "local")}
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "service", *arguments],
        cwd=place,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def unit(place: Path, name: str = "fupan") -> Path:
    return place / "config" / "systemd" / "user" / f"{name}.service"


def test_install_status_and_uninstall(place):
    assert "没有安装" in run(place, "status", "--kind", "systemd").stdout
    done = run(place, "install", "inbox", "--output", "结果", "--kind", "systemd")
    assert done.returncode == 0, done.stderr
    text = unit(place).read_text(encoding="utf-8")
    assert f'"watch" "{place}/inbox" "--output" "{place}/结果"' in text
    assert f"WorkingDirectory={place}\n" in text
    assert f'Environment="FUPAN_CACHE_DIR={place}/cache"' in text
    assert stat.S_IMODE(unit(place).stat().st_mode) == 0o600
    for command in ("daemon-reload", "enable --now fupan.service", "loginctl enable-linger", "journalctl --user"):
        assert command in done.stdout
    assert "没有改动" in run(place, "install", "inbox", "--output", "结果", "--kind", "systemd").stdout
    assert "已写入" in run(place, "install", "inbox", "--kind", "systemd").stdout
    state = json.loads(run(place, "status", "--kind", "systemd", "--json").stdout)
    assert state["is_installed"]
    assert "/inbox" in state["command"]
    removed = run(place, "uninstall", "--kind", "systemd")
    assert "disable --now fupan.service" in removed.stdout
    assert not unit(place).exists()
    assert "没有安装" in run(place, "uninstall", "--kind", "systemd").stdout


def test_printing_writes_nothing(place):
    done = run(place, "install", "inbox", "--print", "--kind", "systemd", "--name", "fupan-jia")
    assert done.returncode == 0, done.stderr
    assert "ExecStart=" in done.stdout
    assert "fupan-jia.service" in done.stdout
    assert not (place / "config").exists()


def test_the_command_of_the_unit_is_one_that_works(place):
    printed = run(place, "install", "inbox", "--print", "--kind", "systemd").stdout
    line = next(line for line in printed.splitlines() if line.startswith("ExecStart="))
    program = line.removeprefix("ExecStart=").split('"')[1]
    assert os.access(program, os.X_OK)
    assert Path(program).name in {"fupan", Path(sys.executable).name}


def test_a_windows_task_is_written_as_utf16(place):
    done = run(place, "install", "inbox", "--kind", "windows")
    assert done.returncode == 0, done.stderr
    path = place / "local" / "fupan" / "fupan.xml"
    assert f'schtasks /Create /TN "fupan" /XML "{path}"' in done.stdout
    assert path.read_bytes()[:2] in {b"\xff\xfe", b"\xfe\xff"}
    assert "<Arguments>" in path.read_text(encoding="utf-16")
    assert "已删除" in run(place, "uninstall", "--kind", "windows").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["install", "nowhere"], 3, "nowhere"),
        (["install", "inbox", "--output", "inbox/output"], 3, "里面"),
        (["install", "inbox", "--name", "a b"], 3, "a b"),
        (["install", "inbox", "--kind", "launchd"], 2, "--kind"),
    ],
)
def test_mistakes_get_a_clear_message(place, arguments, code, text):
    done = run(place, *arguments)
    assert done.returncode == code
    assert text in done.stderr
    assert "解决办法：" in done.stderr
    assert not (place / "config").exists()


def test_a_unit_of_somebody_else_is_left_alone(place):
    unit(place).parent.mkdir(parents=True)
    unit(place).write_text("[Service]\nExecStart=/bin/other\n")
    for command in (["install", "inbox"], ["uninstall"]):
        done = run(place, *command, "--kind", "systemd")
        assert done.returncode == 3
        assert "不是本程序写的" in done.stderr
    assert "/bin/other" in unit(place).read_text()
