"""What a whole review asks of the engine, and what it passes on from it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fakes.engines import fake_setup, quick_options, searched, spiral_game

from pipeline.console import QuietReporter
from pipeline.engine.setup import EngineSetup
from pipeline.go.record import GameInfo, GameRecord, Player, Source
from pipeline.inbox.intake import IntakeGame
from pipeline.outcome import RunSummary, Status
from pipeline.plan import AnalysisProfile, Strategy
from pipeline.publish import Folders, PlannedGame, Publisher
from pipeline.search import BatchSearch
from pipeline.settings import FolderSettings
from pipeline.wording import drive as words

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the fake engine is started by a shell script")

VISITS = 4


class Listening(QuietReporter):
    """Remembers what was said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def message(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def review(tmp_path, monkeypatch):
    """A review of these records; printing is left out."""
    monkeypatch.setattr(Publisher, "publish", lambda *_, **__: tmp_path / "none.pdf")

    def run(setup: EngineSetup, *records: GameRecord) -> tuple[RunSummary, list[str]]:
        folders, summary, reporter = Folders(tmp_path / "output"), RunSummary(), Listening()
        folders.create()
        settings = FolderSettings().general
        games = [
            PlannedGame(
                IntakeGame(record, Path("game.sgf"), f"game {number}", settings),
                AnalysisProfile("made up", VISITS, 0, Strategy.UNIFORM),
            )
            for number, record in enumerate(records)
        ]
        publisher = Publisher(folders, printed_on="2026-11-22")
        BatchSearch(folders, publisher, reporter, summary, options=quick_options()).run(games, setup)
        return summary, reporter.said

    return run


def configured(tmp_path: Path) -> dict[str, str]:
    """The config with which the engine was started last."""
    text = (tmp_path / "output" / "logs" / "analysis.cfg").read_text("utf-8")
    return dict(line.split(" = ", 1) for line in text.splitlines())


def test_a_warning_of_the_engine_is_said_once_and_kept_in_the_summary(review, tmp_path):
    summary, said = review(fake_setup(tmp_path / "engine", "warning"), spiral_game(12), spiral_game(8))

    warned = [text for text in said if "foo" in text]
    assert len(warned) == 1
    assert len(summary.warnings) == 1
    assert warned[0] == words.ENGINE_WARNING.format(text=summary.warnings[0])
    assert summary.count(Status.DONE) == 2


def test_an_engine_that_hung_is_told_and_counted(review, tmp_path):
    summary, said = review(fake_setup(tmp_path / "engine", "hang=5@1"), spiral_game(12))

    assert (summary.restarts, summary.stalls) == (1, 1)
    assert sum("停住不动" in text for text in said) == 1
    assert summary.count(Status.DONE) == 1


def test_a_batch_of_small_boards_is_searched_in_a_small_buffer(review, tmp_path):
    summary, _ = review(fake_setup(tmp_path / "engine"), spiral_game(5, size=9), spiral_game(5, size=13))

    assert summary.count(Status.DONE) == 2
    values = configured(tmp_path)
    assert (values["maxBoardXSizeForNNBuffer"], values["maxBoardYSizeForNNBuffer"]) == ("13", "13")


def test_one_full_board_in_a_batch_gets_the_full_buffer(review, tmp_path):
    summary, _ = review(fake_setup(tmp_path / "engine"), spiral_game(5, size=9), spiral_game(5, size=19))

    assert summary.count(Status.DONE) == 2
    assert "maxBoardXSizeForNNBuffer" not in configured(tmp_path)


def test_a_game_too_large_for_a_buffer_that_the_user_set_fails_alone(review, tmp_path):
    setup = replace(fake_setup(tmp_path / "engine"), config=(("maxBoardSizeForNNBuffer", "13"),))
    large = replace(spiral_game(5, size=19), source=Source(file="large.sgf"))

    summary, said = review(setup, spiral_game(6, size=9), large)

    assert summary.count(Status.DONE) == 1
    (failed,) = [outcome for outcome in summary.outcomes if outcome.status is Status.FAILED]
    assert failed.error.code == "engine.board_too_large"
    assert "large.sgf" in failed.error.message
    assert any("19x19" in text for text in said)
    assert len(searched(tmp_path / "engine")) == 7


def test_a_human_style_network_tells_what_players_of_that_rank_do(tmp_path):
    setup = replace(fake_setup(tmp_path / "engine"), human_network=tmp_path / "human.bin.gz")
    info = GameInfo(Player("甲", rank="5k"), Player("乙"))
    record = replace(spiral_game(8, size=9), info=info)
    folders, summary = Folders(tmp_path / "output"), RunSummary()
    folders.create()
    planned = PlannedGame(
        IntakeGame(record, Path("game.sgf"), "game", FolderSettings().general),
        AnalysisProfile("made up", VISITS, 0, Strategy.UNIFORM),
    )
    publisher = Publisher(folders, printed_on="2026-11-22")
    BatchSearch(folders, publisher, QuietReporter(), summary, options=quick_options()).run([planned], setup)

    assert summary.count(Status.DONE) == 1
    (moves,) = (pq.read_table(path).to_pylist() for path in folders.evaluations.rglob("moves/*.parquet"))
    black = [row for row in moves if row["player"] == "B"]
    assert all(0 <= row["human_played"] <= 1 and 0 <= row["human_best"] <= 1 for row in black)
    assert [row["human_played"] for row in moves if row["player"] == "W"] == [None] * 4
