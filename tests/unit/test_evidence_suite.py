"""The material of ``benchmarks/evidence`` is whole: nobody notices a wrong label in a report of shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.go.board import Color
from pipeline.review.model import Tag

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from evidence import suite

    return suite


def test_enough_positions_with_legal_answers(suite: Any) -> None:
    positions = suite.positions()
    assert len(positions) >= 30
    assert len({p.name for p in positions}) == len({p.record.game_id for p in positions}) == len(positions)
    known = {tag.value for tag in Tag}
    for position in positions:
        assert position.right, position.name
        assert position.wrong, position.name
        assert not set(position.right) & set(position.wrong), position.name
        assert {*position.tags, *position.never} <= known, position.name
        for vertex in (*position.right, *position.wrong):
            position.after(vertex).board_at(position.turn + 1)  # raises where the move is illegal


def test_labels_of_games_are_moves_of_the_game_and_do_not_overlap(suite: Any) -> None:
    games = suite.games()
    assert len(games) >= 8
    for game in games:
        assert game.labelled, game.name
        assert 1 <= game.labelled[0] <= game.labelled[-1] <= game.record.total_turns, game.name
        assert len(game.labelled) == len(game.mistakes) + len(game.doubted) + len(game.praised), game.name
        assert game.source, game.name
        assert game.by, game.name


def test_a_position_after_a_ko_or_an_invasion_has_the_right_player_to_move(suite: Any) -> None:
    (invasion,) = [p for p in suite.positions() if p.name == "answer the invasion at 3-3"]
    assert (invasion.turn, invasion.to_move) == (1, Color.BLACK)
    assert invasion.record.moves[0].color is Color.WHITE
