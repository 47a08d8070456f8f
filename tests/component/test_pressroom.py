"""Reports are set in a process of their own: its pages are the same, and what befalls it costs one report at most."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from fakes.engines import fake_setup, quick_options, spiral_game
from fakes.presses import FakePress
from fakes.report_games import made_game

from pipeline.console import QuietReporter
from pipeline.errors import DependencyError, FupanError, RenderError
from pipeline.inbox.intake import IntakeGame
from pipeline.outcome import RunSummary, Status
from pipeline.plan import AnalysisProfile, Strategy
from pipeline.press import OwnPress, PrintOrder
from pipeline.pressroom import PressRoom
from pipeline.publish import Folders, PlannedGame, Publisher
from pipeline.report.options import ReportOptions
from pipeline.search import BatchSearch
from pipeline.settings import FolderSettings, ReportSettings
from pipeline.store.dataset import StoredGame

ROOT = Path(__file__).resolve().parents[2]


def order(club: str = "", **options) -> PrintOrder:
    made = made_game()
    game = StoredGame(made.record, made.info, dict(made.evaluations))
    return PrintOrder(game, made.review, ReportOptions(club=club), "2026-11-23", sgf_branches=1.5, **options)


@pytest.fixture
def room():
    rooms = []

    def make(press=FakePress, **options) -> PressRoom:
        rooms.append(PressRoom(press, **options))
        return rooms[-1]

    yield make
    for each in rooms:
        each.close()


def test_the_files_are_those_that_this_process_would_make(room):
    wanted = order("围棋学校", booklet=True, page=True)
    press = room(OwnPress)
    press.warm_up()

    assert press.print(wanted) == OwnPress().print(wanted)
    assert press.pid not in (None, os.getpid())


def test_one_process_serves_all_orders(room):
    press = room()
    pids = {press.print(order(str(number))).sgf for number in range(3)}

    assert pids == {str(press.pid).encode()}


def test_orders_of_several_threads_do_not_get_mixed_up(room):
    press, found = room(), {}

    def ask(name: str) -> None:
        found[name] = press.print(order(name)).pdf

    threads = [threading.Thread(target=ask, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {str(number): f"%PDF {number}".encode() for number in range(8)}


def test_an_order_whose_process_was_killed_is_printed_by_the_next(room, tmp_path):
    press = room()
    name = f"dies once {tmp_path}/mark"

    assert press.print(order(name)).pdf == f"%PDF {name}".encode()


def test_an_order_that_kills_its_process_twice_fails_alone(room):
    press = room()
    with pytest.raises(RenderError) as caught:
        press.print(order("dies"))

    assert caught.value.code == "report.press_died"
    assert "-9" in caught.value.message
    assert press.print(order("next")).pdf == b"%PDF next"


def test_an_order_that_takes_for_ever_is_given_up(room):
    press = room(patience=0.5)
    with pytest.raises(RenderError) as caught:
        press.print(order("hangs"))

    assert caught.value.code == "report.press_hung"
    assert press.pid is None
    press._patience = 60.0
    assert press.print(order("next")).pdf == b"%PDF next"


def test_errors_come_over_with_their_words(room):
    press = room()
    with pytest.raises(DependencyError) as missing:
        press.warm_up()
    with pytest.raises(RenderError) as broken:
        press.print(order("fails"))

    assert "fonts" in missing.value.message
    assert "odd" in broken.value.message


def test_an_error_that_nobody_expected_is_told_and_logged_with_its_place(room, caplog):
    press = room()
    with pytest.raises(FupanError) as caught:
        press.print(order("surprises"))

    assert caught.value.code == "internal"
    assert "nobody expected it" in caught.value.message
    assert "presses.py" in caplog.text
    assert press.print(order("next")).pdf == b"%PDF next"


def test_where_no_process_comes_up_the_pages_are_set_here(room, monkeypatch, caplog):
    monkeypatch.setenv("FAKE_PRESS_OWNER", str(os.getpid()))
    press = room()

    assert press.print(order("x")).sgf == str(os.getpid()).encode()
    assert "no process for the press" in caplog.text


def test_a_closed_room_opens_again(room):
    press = room()
    first = press.print(order()).sgf
    press.close()
    assert press.pid is None
    press.close()

    assert press.print(order()).sgf != first


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL elsewhere")
def test_the_process_ends_with_the_program_however_that_ends():
    program = (
        "import sys, time\n"
        "from fakes.presses import FakePress\n"
        "from pipeline.pressroom import PressRoom\n"
        "if __name__ == '__main__':\n"
        "    room = PressRoom(FakePress)\n"
        "    room._begin()\n"
        "    print(room.pid, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    owner = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    with owner:
        press = psutil.Process(int(owner.stdout.readline()))
        owner.send_signal(signal.SIGKILL)
        gone, _ = psutil.wait_procs([press], timeout=30)

    assert gone == [press]


@pytest.mark.skipif(os.name != "posix", reason="there is no such signal elsewhere")
def test_ctrl_c_in_the_terminal_leaves_the_process_at_work(room):
    press = room()
    before = press.print(order()).sgf
    os.kill(press.pid, signal.SIGINT)

    assert press.print(order()).sgf == before


@pytest.mark.skipif(os.name != "posix", reason="the fake engine is started by a shell script")
def test_a_game_that_kills_the_press_fails_alone_and_its_evaluations_are_kept(tmp_path):
    setup, folders, summary = fake_setup(tmp_path / "engine"), Folders(tmp_path / "output"), RunSummary()
    folders.create()
    settings = FolderSettings().general
    games = []
    for name, club, length in (("bad", "dies", 9), ("good", "", 7)):
        mine = settings.model_copy(update={"report": ReportSettings(club=club)})
        record = replace(spiral_game(length, size=9))
        game = IntakeGame(record, Path(f"{name}.sgf"), name, mine)
        games.append(PlannedGame(game, AnalysisProfile("made up", 4, 0, Strategy.UNIFORM)))
    press = PressRoom(FakePress)
    publisher = Publisher(folders, printed_on="2026-11-23", press=press)
    BatchSearch(folders, publisher, QuietReporter(), summary, options=quick_options()).run(games, setup)

    (failed,) = summary.failures
    assert (failed.name, failed.error.code) == ("bad", "report.press_died")
    assert summary.count(Status.DONE) == 1
    assert len(publisher.dataset.list_games()) == 2
    assert press.pid is None  # nothing is left behind when the engine ends
