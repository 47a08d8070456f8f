"""A file of the inbox is read by the settings of its class, and known for what it is."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace

import pytest
from fakes.program import sgf

from pipeline.arrivals import Arrivals
from pipeline.errors import GameError
from pipeline.jobs.model import Job, JobState, Level
from pipeline.plan import Budget, Strategy
from pipeline.settings import FolderSettings


@pytest.fixture
def arrivals(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Arrivals(
        tmp_path,
        FolderSettings(tops=[tmp_path]),
        "net@1",
        budget_of=lambda settings: Budget(10, settings.analysis.visits or 20, Strategy.ADAPTIVE),
        is_known=lambda *_: False,
    )


@pytest.mark.parametrize("kept", range(60, len(sgf(1)), 13))
def test_a_game_whose_file_breaks_off_is_known_as_cut_short(arrivals, tmp_path, kept):
    path = tmp_path / "a.sgf"
    assert not arrivals.read(path, sgf(1), "a.sgf").is_cut_short
    head = sgf(1)[:kept]
    with contextlib.suppress(GameError):  # too little to be a game at all
        assert arrivals.read(path, head, "a.sgf").is_cut_short


def test_the_settings_of_a_class_whose_folder_is_spelt_in_gbk_count_when_its_games_are_begun(arrivals, tmp_path):
    folder = tmp_path / os.fsdecode("甲班".encode("gbk"))
    folder.mkdir()
    (folder / "fupan.toml").write_text("[analysis]\nvisits = 77\n", encoding="utf-8")
    arrival = arrivals.read(folder / "a.sgf", sgf(1), "a.sgf")
    game = arrival.games[0]
    job = Job(
        **dict.fromkeys(Job.__dataclass_fields__, 0)
        | {
            "game_id": game.game_id,
            "level": Level.DEEP,
            "state": JobState.RUNNING,
            "name": "a.sgf",
            "group": "甲班",
            "source": "00",
            "assumptions": arrival.assumptions,
        }
    )
    assert arrivals.resume(job, "a.sgf", sgf(1)).profile.visits == 77
    assert arrivals.resume(replace(job, group="乙班", source="01"), "a.sgf", sgf(1)).profile.visits == 20
