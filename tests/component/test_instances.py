"""A second instance: refused where it would do harm, with a sentence and exit code 8, and let in where it does none."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from fakes.program import fupan, set_up, sgf

from pipeline import locks, statedb
from pipeline.cli import run
from pipeline.errors import AlreadyRunning, ConfigError
from pipeline.settings import load

INBOX_TAKEN, OUTPUT_TAKEN = "正在守候收件文件夹", "正在使用输出文件夹"


@pytest.fixture
def place(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(tmp_path / "cache"))
    return set_up(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request) -> str:
    return request.param


@pytest.fixture
def settings(place, kind, request, monkeypatch):
    """Settings of an output folder, for this process and for the programs that it starts."""
    url = ""
    if kind == "postgresql":
        url = request.getfixturevalue("postgres").database()
        (place / "fupan.toml").write_text(f'[state]\nurl = "{url}"\n')
    monkeypatch.chdir(place)
    return load({"output": {"folder": place / "output"}})


@pytest.fixture
def refused(capsys):
    """Run a command line that is to be refused as a second instance; gives what it says, in two lines."""

    def run_it(*command: str) -> str:
        assert run([*command]) == 8
        said = capsys.readouterr().err
        assert [line.split("：")[0] for line in said.splitlines()] == ["错误", "解决办法"]
        return said

    return run_it


def test_an_inbox_has_one_watcher(place, settings, refused):
    with statedb.instance(settings, place / "inbox"):
        assert INBOX_TAKEN in refused("watch", "inbox", "--once", "--no-worker")
    with statedb.instance(settings, place / "inbox") as folders:
        assert folders.state.is_dir(), "free again"


def test_an_inbox_has_one_watcher_whatever_the_output_and_however_it_is_named(place, monkeypatch, refused):
    monkeypatch.chdir(place)
    (place / "link").symlink_to(place / "inbox")
    elsewhere = load({"output": {"folder": place / "elsewhere"}})
    with statedb.instance(elsewhere, place / "inbox"):
        assert INBOX_TAKEN in refused("watch", "link", "--once")


@pytest.mark.parametrize("kind", ["postgresql"])
def test_an_inbox_has_one_watcher_on_all_machines_of_a_queue(place, settings, monkeypatch, refused):
    with statedb.instance(settings, place / "inbox"):
        monkeypatch.setenv("FUPAN_CACHE_DIR", str(place / "cache of another machine"))
        assert INBOX_TAKEN in refused("watch", "inbox", "--once", "--no-worker")


def test_a_review_beside_a_watcher_of_the_same_output(place, settings, kind, refused):
    (place / "games").mkdir()
    (place / "games" / "一.sgf").write_bytes(sgf(1))
    with statedb.instance(settings, place / "inbox"):
        if kind == "sqlite":
            assert OUTPUT_TAKEN in refused("review", "games")
            return
        done = fupan(place, "review", "games")
    assert done.returncode == 0, done.stderr
    assert len(list((place / "output" / "reports").glob("*.pdf"))) == 1
    assert not list((place / "output" / "state").glob("fupan.db*")), "SQLite on a folder of many machines"


def test_a_review_keeps_away_from_a_state_file_that_lies_elsewhere(place, monkeypatch):
    monkeypatch.setenv("FUPAN_STATE__URL", f"sqlite:///{place / 'own' / 'state.db'}")
    (place / "own").mkdir()
    settings = load({"output": {"folder": place / "output"}})
    with statedb.instance(settings), pytest.raises(AlreadyRunning), statedb.instance(settings):
        pass
    assert (place / "own" / "fupan.lock").exists()


def test_many_work_at_a_shared_output_each_with_its_own_logs(place, postgres, monkeypatch):
    monkeypatch.setenv("FUPAN_STATE__URL", postgres.url("any"))
    settings = load({"output": {"folder": place / "output"}})
    with ExitStack() as stack:
        first, second = (stack.enter_context(statedb.instance(settings)) for _ in range(2))
        assert first.logs != second.logs
        with statedb.instance(settings) as third:
            assert third.logs not in {first.logs, second.logs}
        with statedb.instance(settings) as fourth:
            assert fourth.logs == third.logs, "a place that became free is taken again"


def test_a_lock_that_nobody_holds_means_nothing_and_one_that_cannot_be_made_is_named(place):
    lock = place / "locks" / "one.lock"
    lock.parent.mkdir()
    lock.write_text("left behind")
    taken = AlreadyRunning("run.locked", path=place)
    with locks.hold(lock, taken), locks.hold_first([lock, place / "two.lock"], taken) as free:
        assert free == place / "two.lock"
    (place / "three.lock").mkdir()
    with pytest.raises(ConfigError, match=r"three\.lock"), locks.hold(place / "three.lock", taken):
        pass
