"""A human-style network from the command line of the engine to the dataset."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.engines import fake_setup, jobs_of, quick_options, spiral_game

from pipeline.engine.supervisor import AnalysisEngine, PositionDone
from pipeline.evaluation import AnalysisInfo, EngineIdentity, Evaluation
from pipeline.go.record import GameInfo, GameRecord, Player
from pipeline.review.judge import judge
from pipeline.store.rows import evaluations_from, moves_table, positions_table

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the fake engine is started by a shell script")
GAME = replace(spiral_game(6), info=GameInfo(black=Player("甲", "5级"), white=Player("乙", "3段")))
INFO = AnalysisInfo(
    EngineIdentity("1.18.1", "", "fake", "0" * 64, "opencl", ""), "p" * 12, 20, 0, "uniform", "deep", 7, 140, 1.0, ""
)


def searched(folder: Path, record: GameRecord, *, human: bool) -> dict[int, Evaluation]:
    setup = fake_setup(folder)
    if human:
        setup = replace(setup, human_network=setup.network)
    engine = AnalysisEngine(setup, state_dir=folder / "state", log_dir=folder / "logs", options=quick_options())
    try:
        found = [r.evaluation for r in engine.analyse(jobs_of(record)) if isinstance(r, PositionDone)]
        assert not engine.warnings
    finally:
        engine.close()
    return {e.turn: e for e in found}


def test_the_chances_of_the_move_and_of_the_first_choice_reach_the_dataset(tmp_path: Path) -> None:
    evaluations = searched(tmp_path, GAME, human=True)
    review = judge(GAME, evaluations)
    moves = moves_table(GAME, INFO, review).to_pylist()
    assert [row["human_best"] for row in moves] == pytest.approx([0.4] * 6)
    assert all(row["human_played"] is not None and 0 < row["human_played"] < 0.41 for row in moves)
    back = evaluations_from(positions_table(GAME, INFO, evaluations), 81)
    for turn, evaluation in evaluations.items():
        kept = {h.move: h.probability for h in back[turn].human}
        assert kept == pytest.approx({h.move: h.probability for h in evaluation.human})


def test_without_the_network_or_without_a_rank_nothing_is_claimed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert not any(e.human for e in searched(tmp_path / "a", GAME, human=False).values())
    nobody = replace(GAME, info=GameInfo())
    assert not any(e.human for e in searched(tmp_path / "b", nobody, human=True).values())
