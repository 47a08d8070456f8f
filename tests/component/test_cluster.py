"""Several machines and one queue, as a school uses them: here two workers beside a machine that only receives."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from fakes.postgres import ENCODED, PASSWORD
from fakes.program import Running, fupan, inbox_files, searched, set_up, sgf


@pytest.fixture
def place(tmp_path: Path, postgres) -> Path:
    (tmp_path / "fupan.toml").write_text(f'[state]\nurl = "{postgres.database()}"\n')
    return set_up(tmp_path)


def finals(place: Path) -> list[str]:
    return sorted(path.name for path in (place / "output" / "evaluations" / "games").glob("*.parquet"))


def test_two_workers_share_what_a_third_machine_receives_and_one_of_them_dies(place):
    inbox = place / "inbox"
    (inbox / "甲班").mkdir()
    (inbox / "甲班" / "fupan.toml").write_text('[report]\nclub = "星火"\n', encoding="utf-8")
    for number in range(6):
        (inbox / "甲班" / f"{number}.sgf").write_bytes(sgf(number))
    received = fupan(place, "watch", "inbox", "--no-worker", "--once")
    assert received.returncode == 0, received.stderr
    assert inbox_files(place)["processed"] == [f"{number}.sgf" for number in range(6)]

    with Running(place, "worker", faults="slow=100") as dies:
        dies.wait_for(lambda: bool(searched(place)))
        dies.stop(signal.SIGTERM)  # gives back what it has at once; kill -9 costs a lease
        assert ENCODED not in dies.said
    with Running(place, "worker", "--once") as one, Running(place, "worker", "--once") as two:
        assert one.process.wait(120) == 0, one.said
        assert two.process.wait(120) == 0, two.said
        said = one.said + two.said

    assert said.count("深度版 甲班/") == 6
    assert len(finals(place)) == 6
    assert len(list((place / "output" / "reports" / "甲班").glob("*.pdf"))) == 6
    quick = sum(count for line, count in searched(place).items() if line.endswith(" 10"))
    assert quick <= 6 * 14 + 16, "more than what was in flight was searched twice"
    status = json.loads(fupan(place, "status", "--json").stdout)
    assert status["counts"]["deep"]["done"] == 6
    shown = fupan(place, "show", "甲班/0.sgf").stdout
    assert "output/reports/甲班/" in shown
    logs = [path.read_text(encoding="utf-8") for path in (place / "output" / "logs").rglob("*.log")]
    assert not [text for text in [said, shown, *logs] if PASSWORD in text or ENCODED in text]
    assert PASSWORD not in (config := fupan(place, "config", "show").stdout)
    assert ENCODED not in config


def test_a_wrong_database_is_said_by_every_command_in_one_sentence(place, postgres):
    (place / "fupan.toml").write_text(f'[state]\nurl = "{postgres.url("nowhere")}"\n')
    for command in (["status"], ["worker", "--once"], ["watch", "inbox", "--once"]):
        done = fupan(place, *command)
        assert done.returncode == 6, done.stderr
        assert "登录不了" in done.stderr
        assert "Traceback" not in done.stderr
        assert ENCODED not in done.stderr


def test_a_mistyped_setting_does_not_show_the_password(place):
    (place / "fupan.toml").write_text('[state]\nulr = "postgresql://fupan:geheim@h/d"\n')
    done = fupan(place, "status")
    assert done.returncode == 3
    assert "state.ulr" in done.stderr
    assert "geheim" not in done.stdout + done.stderr
