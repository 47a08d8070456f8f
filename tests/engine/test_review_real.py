"""The main job with the real engine: a sample game becomes data, a report and an annotated record."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.dataset as ds
import pypdfium2
import pytest
from sgfmill import sgf

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory, samples: Path, real_setup) -> tuple[Path, dict]:
    """Output folder and summary of a short review of the 9x9 sample."""
    folder = tmp_path_factory.mktemp("real")
    return folder, run(folder, samples)


def run(folder: Path, samples: Path) -> dict:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FUPAN_") or k == "FUPAN_CACHE_DIR"}
    game = next(samples.glob("01-*.sgf"))
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "review", str(game), "--visits", "8", "--quick", "2", "--json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_position_has_an_evaluation_of_the_real_network(reviewed):
    folder, summary = reviewed
    game = summary["games"][0]
    table = ds.dataset(folder / "output" / "evaluations" / "positions").to_table().to_pylist()
    assert [row["turn"] for row in table] == list(range(37))
    assert all(0 <= row["winrate"] <= 1 and row["visits"] >= 2 for row in table)
    assert all(any(row["ownership"]) for row in table)
    header = ds.dataset(folder / "output" / "evaluations" / "games").to_table().to_pylist()[0]
    assert header["game_id"] == game["game_id"]
    assert header["engine_version"].startswith("1.")
    assert len(header["network_sha256"]) == 64


def test_positions_that_the_report_prints_have_the_full_budget(reviewed):
    folder, _ = reviewed
    evaluations = folder / "output" / "evaluations"
    visits = {row["turn"]: row["visits"] for row in ds.dataset(evaluations / "positions").to_table().to_pylist()}
    moments = [
        row["move_number"] for row in ds.dataset(evaluations / "moves").to_table().to_pylist() if row["key_moment"]
    ]
    assert moments, "this game has mistakes"
    assert all(visits[turn] >= 7 for number in moments for turn in (number - 1, number))


def test_the_report_is_chinese_and_names_the_players(reviewed):
    folder, summary = reviewed
    document = pypdfium2.PdfDocument(folder / summary["games"][0]["report"])
    try:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    for words in ("围棋复盘报告", "学员甲", "学员乙", "胜率", "目差", "吻合度", "参考图", "KataGo"):
        assert words in text


def test_the_annotated_record_opens_in_a_foreign_reader(reviewed):
    folder, _ = reviewed
    game = sgf.Sgf_game.from_bytes(next((folder / "output" / "sgf").glob("*.sgf")).read_bytes())
    nodes = game.get_main_sequence()
    assert sum(node.get_move()[0] is not None for node in nodes) == 36
    assert all(node.has_property("KT") for node in nodes)


def test_a_second_run_searches_nothing(reviewed, samples):
    folder, _ = reviewed
    again = run(folder, samples)
    assert again["positions_searched"] == 0
    assert again["games"][0]["status"] == "already"
