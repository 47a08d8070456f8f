"""The engine is killed and stopped in the middle of a review: every position ends up stored exactly once."""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from fakes.engines import fake_setup

from pipeline.console import QuietReporter
from pipeline.engine.work import EngineOptions
from pipeline.inbox.intake import read_all
from pipeline.outcome import RunSummary, Status
from pipeline.plan import AnalysisProfile
from pipeline.publish import Folders, PlannedGame, Publisher
from pipeline.search import BatchSearch
from pipeline.settings import FolderSettings
from pipeline.store.journal import Journal
from pipeline.store.payload import decode

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


class Saboteur(QuietReporter):
    """Sends the engine a signal when so many positions are done."""

    def __init__(self, *plan: tuple[int, signal.Signals]) -> None:
        super().__init__()
        self.plan = list(plan)

    def refresh(self) -> None:
        if self.plan and self.tally.positions_done >= self.plan[0][0]:
            children = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
            (engine,) = (child for child in children if "analysis" in child.cmdline())
            engine.send_signal(self.plan.pop(0)[1])


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.engine)])
def setup(request, tmp_path):
    if request.param == "real":
        return request.getfixturevalue("real_setup"), 30.0
    fake = fake_setup(tmp_path / "engine", "slow=20")
    network = tmp_path / "engine" / "fake.bin"
    network.write_bytes(b"fake-b1c1\n8\n")
    return replace(fake, network=network), 2.0


def test_killed_and_stopped_in_a_review_it_loses_and_repeats_nothing(setup, samples, tmp_path, monkeypatch):
    engine, patience = setup
    stored: Counter[tuple[int, str]] = Counter()
    write = Journal.write

    def counted(journal, entries):
        taken = list(entries)
        write(journal, taken)
        stored.update((entry.turn, decode(entry.payload).level) for entry in taken)

    monkeypatch.setattr(Journal, "write", counted)
    game = read_all([next(samples.glob("01-*.sgf"))], FolderSettings()).games[0]
    folders, summary = Folders(tmp_path / "output"), RunSummary()
    folders.create()
    publisher = Publisher(folders, printed_on="2026-11-22")
    saboteur = Saboteur((5, signal.SIGKILL), (15, signal.SIGSTOP))
    options = EngineOptions(stall_floor=patience, backoff_first=0.1)
    batch = BatchSearch(folders, publisher, saboteur, summary, options=options)

    batch.run([PlannedGame(game, AnalysisProfile("made up", 6, 2))], engine)

    assert summary.count(Status.DONE) == 1
    assert not saboteur.plan
    assert summary.restarts == 2
    assert set(stored.values()) == {1}, "an answer was counted twice"
    held = publisher.dataset.load(game.record.game_id)
    assert list(held.evaluations) == list(range(game.record.total_turns + 1))
    assert Path(folders.reports, summary.outcomes[0].report.name).is_file()
