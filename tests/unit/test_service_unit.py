"""A unit and a task say what was meant, whatever the folders are called."""

from __future__ import annotations

import codecs
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest

from pipeline.errors import ConfigError
from pipeline.service_unit import Service, kept_environment, systemd_unit, windows_task

GBK = os.fsdecode("/tmp/棋谱".encode("gbk"))
ODD = ["plain", "复盘 收件箱", "100%", "%n %h", 'a "quoted" name', "it's", "$HOME ${HOME}", "back\\slash \\n", "a;b #c"]
TASK = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}


def service(root: str, name: str = "fupan", **environment: str) -> Service:
    command = (f"{root}/fupan", "watch", f"{root}/收件箱", "--output", f"{root}/output")
    return Service(name, command, root, f"{root}/收件箱", environment)


def words_of(line: str) -> list[str]:
    """A command line as systemd.service(5) says that it is read: quotes, escapes, then % and $."""
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line)
    plain = [
        codecs.escape_decode(re.sub(r'\\"', '"', text).encode())[0].decode("utf-8", "surrogateescape") if text else bare
        for text, bare in quoted
    ]
    assert all("%" not in word.replace("%%", "") for word in plain), "a specifier would be resolved"
    return [word.replace("%%", "%") for word in plain]


@pytest.mark.parametrize("folder", ODD)
def test_the_command_survives_every_name(folder):
    given = service(f"/srv/{folder}")
    line = re.search(r"^ExecStart=(.*)$", systemd_unit(given), re.MULTILINE)
    program, *arguments = words_of(line[1])
    if program == "/usr/bin/env":
        program, arguments = arguments[0].replace("$$", "$"), arguments[1:]
    assert program == given.command[0]
    assert all("$" not in argument.replace("$$", "") for argument in arguments), "a variable would be put in"
    assert [argument.replace("$$", "$") for argument in arguments] == list(given.command[1:])


def test_a_name_that_is_no_text_goes_in_as_its_bytes():
    text = systemd_unit(Service("fupan", ("/srv/fupan", "watch", GBK), "/srv", GBK))
    text.encode("utf-8")
    assert words_of(re.search(r"ExecStart=(.*)", text)[1])[-1] == GBK


@pytest.mark.parametrize("folder", ODD)
def test_systemd_accepts_it(tmp_path, folder):
    analyser = shutil.which("systemd-analyze")
    if analyser is None:
        pytest.skip("no systemd here")
    root = tmp_path / folder
    root.mkdir()
    (root / "fupan").write_text("#!/bin/sh\n")
    (root / "fupan").chmod(0o755)
    unit = tmp_path / "fupan.service"
    unit.write_text(systemd_unit(service(str(root), FUPAN_CACHE_DIR=f"/tmp/{folder}")), encoding="utf-8")
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    done = subprocess.run(
        [analyser, "--user", "verify", str(unit)],
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "fupan.service" not in done.stderr


def test_the_unit_stops_in_order_and_starts_again_after_a_failure():
    lines = systemd_unit(service("/srv")).splitlines()
    assert {"Restart=on-failure", "KillMode=mixed", "OOMPolicy=continue", "SuccessExitStatus=7 143"} <= set(lines)
    assert "WantedBy=default.target" in lines
    assert not [line for line in lines if line.startswith(("PrivateDevices", "MemoryDenyWriteExecute"))]


@pytest.mark.parametrize(("version", "has_steps"), [(0, False), (252, False), (254, True)])
def test_a_growing_pause_between_restarts_where_systemd_knows_it(version, has_steps):
    assert ("RestartSteps=" in systemd_unit(service("/srv"), version=version)) == has_steps


@pytest.mark.parametrize("name", ["", "复盘", "a b", "../x", "-x", "a/b", "x\n"])
def test_a_name_that_systemd_does_not_take_is_refused(name):
    with pytest.raises(ConfigError) as caught:
        systemd_unit(service("/srv", name))
    assert caught.value.code == "service.bad_name"


def test_a_line_break_cannot_smuggle_in_another_setting():
    with pytest.raises(ConfigError):
        systemd_unit(service("/srv/a\nExecStartPre=/bin/true"))


def test_only_what_the_service_needs_is_kept_of_the_environment():
    given = {
        "PATH": "/bin",
        "FUPAN_VENV": "/v",
        "FUPAN_TEST_X": "1",
        "SECRET": "s",
        "LANG": "",
        "TZ": "Asia/Shanghai\n",
    }
    assert kept_environment(given) == {"PATH": "/bin", "FUPAN_VENV": "/v"}


def test_a_windows_task_says_the_same():
    command = (
        r"C:\Program Files\Python\python.exe",
        "-m",
        "pipeline",
        "watch",
        r"D:\棋谱 <甲> & 乙",
        "--output",
        "D:\\",
    )
    text = windows_task(Service("fupan", command, r"D:\复盘", r"D:\棋谱 <甲> & 乙"), user="CLUB\\老师")
    root = ET.fromstring(text.encode("utf-16"))
    values = {
        tag: root.findtext(f".//t:{tag}", namespaces=TASK) for tag in ("Command", "Arguments", "WorkingDirectory")
    }
    assert values["Command"] == command[0]
    assert values["Arguments"] == "watch".join(["-m pipeline ", ' "D:\\棋谱 <甲> & 乙" --output D:\\'])
    assert values["WorkingDirectory"] == r"D:\复盘"
    assert root.findtext(".//t:MultipleInstancesPolicy", namespaces=TASK) == "IgnoreNew"
    assert root.findtext(".//t:RestartOnFailure/t:Interval", namespaces=TASK) == "PT1M"
