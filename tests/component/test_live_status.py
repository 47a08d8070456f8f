"""``status`` as somebody watches it, and as a program reads it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from fakes.program import environment, fupan, set_up, sgf


def test_watching_the_status_ends_with_ctrl_c_and_is_no_error(tmp_path: Path) -> None:
    place = set_up(tmp_path)
    watching = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "status", "--watch"],
        cwd=place,
        env=environment(place),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert watching.stdout is not None
    assert "队列是空的" in watching.stdout.readline().decode("utf-8")
    watching.send_signal(signal.SIGINT)
    _, said = watching.communicate(timeout=60)
    assert watching.returncode == 0
    assert b"Traceback" not in said


def test_the_state_for_programs_has_the_same_keys_before_and_after_the_first_game(tmp_path: Path) -> None:
    place = set_up(tmp_path)
    before = json.loads(fupan(place, "status", "--json").stdout)
    assert before["format"] == 1
    assert before["counts"]["deep"]["queued"] == 0
    assert before["running"] == before["failed"] == before["workers"] == []
    assert not (place / "output").exists(), "looking makes nothing"
    (place / "inbox" / "一.sgf").write_bytes(sgf(1))
    assert fupan(place, "watch", "inbox", "--once").returncode == 0
    after = json.loads(fupan(place, "status", "--json").stdout)
    assert after.keys() == before.keys()
    assert after["counts"]["deep"]["done"] == 1
