"""The journal keeps every finished position, and says clearly when it cannot."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError, StoreError
from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Color
from pipeline.store import payload
from pipeline.store.journal import Journal

NET = "net@0123456789ab"

singles = st.floats(width=32, allow_nan=False, allow_infinity=False)
vertices = st.sampled_from(["A1", "T19", "J10", "pass", "Q16"])
candidates = st.builds(
    Candidate,
    move=vertices,
    order=st.integers(0, 400),
    visits=st.integers(0, 2**31),
    winrate=singles,
    score_lead=singles,
    score_stdev=singles,
    lcb=singles,
    prior=singles,
    pv=st.lists(vertices, max_size=6).map(tuple),
)
evaluations = st.builds(
    Evaluation,
    turn=st.integers(0, 1000),
    to_move=st.sampled_from(list(Color)),
    visits=st.integers(1, 2**31),
    winrate=singles,
    score_lead=singles,
    score_stdev=singles,
    raw_winrate=singles,
    raw_score_lead=singles,
    raw_st_wr_error=singles,
    raw_st_score_error=singles,
    candidates=st.lists(candidates, max_size=6).map(tuple),
    ownership=st.one_of(st.just(()), st.lists(st.integers(-100, 100), min_size=81, max_size=81).map(tuple)),
    level=st.sampled_from(["quick", "deep"]),
    engine_seconds=st.floats(0, 1e6),
)


def evaluation(turn: int, visits: int = 100, winrate: float = 0.5) -> Evaluation:
    return Evaluation(
        turn,
        Color.BLACK,
        visits,
        winrate,
        1.5,
        10.0,
        0.5,
        1.0,
        0.125,
        2.0,
        (Candidate("Q16", 0, visits, winrate, 1.5, 10.0, 0.25, 0.5, ("Q16", "D4", "pass")),),
        tuple(range(-100, -19)),
    )


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "state" / "fupan.db") as opened:
        yield opened


@given(evaluations)
def test_payload_keeps_every_value(value: Evaluation) -> None:
    assert payload.decode(payload.encode(value)) == value


def test_values_are_kept_in_single_precision() -> None:
    value = payload.decode(payload.encode(evaluation(3, winrate=0.123456789)))
    assert value.winrate == payload.as_stored(0.123456789) == pytest.approx(0.123456789, rel=1e-7)


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="payload"):
        payload.decode(data)


def test_cut_payload_is_refused() -> None:
    data = payload.encode(evaluation(1))
    for length in range(0, len(data), 7):
        with pytest.raises(ValueError, match="payload"):
            payload.decode(data[:length])


def test_impossible_values_are_refused_before_they_are_stored() -> None:
    with pytest.raises(ValueError, match="turn"):
        payload.encode(replace(evaluation(1), turn=-1))


def test_put_and_load(journal: Journal) -> None:
    for turn in (2, 0, 1):
        journal.put("game", NET, evaluation(turn))
    assert journal.load("game", NET) == {turn: evaluation(turn) for turn in (0, 1, 2)}
    assert list(journal.load("game", NET)) == [0, 1, 2]
    assert journal.done_visits("game", NET) == {0: 100, 1: 100, 2: 100}


def test_games_and_networks_are_apart(journal: Journal) -> None:
    journal.put("game", NET, evaluation(0))
    assert journal.load("game", "other@0") == {}
    assert journal.load("other", NET) == {}


def test_more_visits_replace_fewer_and_never_the_other_way(journal: Journal) -> None:
    journal.put("game", NET, evaluation(0, 100, 0.25))
    journal.put("game", NET, evaluation(0, 1000, 0.5))
    journal.put("game", NET, evaluation(0, 500, 0.75))
    journal.put("game", NET, evaluation(0, 1000, 0.875))
    assert journal.load("game", NET)[0].winrate == 0.5
    assert journal.done_visits("game", NET) == {0: 1000}


def test_forget_one_game(journal: Journal) -> None:
    journal.put_all("game", NET, [evaluation(0), evaluation(1)])
    journal.put("other", NET, evaluation(0))
    journal.forget("game", NET)
    assert journal.done_visits("game", NET) == {}
    assert journal.done_visits("other", NET) == {0: 100}


def test_another_process_sees_a_put_at_once(journal: Journal, tmp_path: Path) -> None:
    journal.put("game", NET, evaluation(0))
    with sqlite3.connect(tmp_path / "state" / "fupan.db") as raw:
        assert raw.execute("select turn, visits from evaluation_journal").fetchall() == [(0, 100)]
        assert raw.execute("pragma journal_mode").fetchone() == ("wal",)
    raw.close()


def test_threads_may_put_together(journal: Journal) -> None:
    def work(first: int) -> None:
        for turn in range(first, first + 10):
            journal.put("game", NET, evaluation(turn))

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 10, 20, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(journal.done_visits("game", NET)) == list(range(40))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "fupan.db"
    path.write_bytes(b"this is no database at all, it is a text file" * 100)
    with pytest.raises(StoreError) as caught:
        Journal(path)
    assert caught.value.code == "store.corrupt"
    assert str(path) in caught.value.message


def test_a_damaged_row_is_named_as_such(journal: Journal, tmp_path: Path) -> None:
    journal.put("game", NET, evaluation(0))
    raw = sqlite3.connect(tmp_path / "state" / "fupan.db")
    raw.execute("update evaluation_journal set payload = x'00ff'")
    raw.commit()
    raw.close()
    with pytest.raises(StoreError) as caught:
        journal.load("game", NET)
    assert caught.value.code == "store.corrupt"


def test_a_locked_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.store.database.BUSY_MILLISECONDS", 50)
    path = tmp_path / "fupan.db"
    with Journal(path) as journal:
        raw = sqlite3.connect(path, isolation_level=None)
        raw.execute("begin exclusive")
        with pytest.raises(StoreError) as caught:
            journal.put("game", NET, evaluation(0))
        raw.execute("rollback")
        raw.close()
        assert caught.value.code == "store.locked"
        journal.put("game", NET, evaluation(0))
        assert journal.done_visits("game", NET) == {0: 100}


def test_a_full_disk(journal: Journal) -> None:
    with journal._database.transaction() as connection:
        pages = connection.exec_driver_sql("pragma page_count").scalar_one()
        connection.exec_driver_sql(f"pragma max_page_count={pages}")

    def fill() -> None:
        for turn in range(2000):
            journal.put("game", NET, evaluation(turn))

    with pytest.raises(StoreError) as caught:
        fill()
    assert caught.value.code == "store.disk_full"
    stored = journal.load("game", NET)
    assert stored == {turn: evaluation(turn) for turn in range(len(stored))}


def test_a_killed_process_loses_nothing_that_was_put(tmp_path: Path) -> None:
    path = tmp_path / "fupan.db"
    program = (
        "import sys; from dataclasses import replace; from pathlib import Path\n"
        "from pipeline.store import payload; from pipeline.store.journal import Journal\n"
        "first = payload.decode(bytes.fromhex(sys.argv[2]))\n"
        "with Journal(Path(sys.argv[1])) as journal:\n"
        "    for turn in range(100000):\n"
        "        journal.put('game', 'net@0123456789ab', replace(first, turn=turn))\n"
        "        print(turn, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path), payload.encode(evaluation(0)).hex()],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(5)]
        process.kill()
        said += [int(line) for line in process.stdout.read().splitlines()]
    with Journal(path) as journal:
        assert set(said) <= set(journal.load("game", NET))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises((StoreError, ConfigError)):
        Journal(tmp_path / "file" / "fupan.db")
