"""A figure as moves: what a screen needs to step through it."""

from __future__ import annotations

import json

from fakes.report_games import made_game, random_game

from pipeline.go.board import Color, Point, parse_vertex
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.report import figures as fig
from pipeline.report.replay import replay_json


def game_of(*vertices: str, size: int = 9) -> GameRecord:
    moves = tuple(
        Move(Color.BLACK if i % 2 == 0 else Color.WHITE, parse_vertex(v, size, size)) for i, v in enumerate(vertices)
    )
    return GameRecord(size, size, moves, 7.5, Ruleset.CHINESE)


def final_position(game: dict[str, list[int]]) -> dict[int, int]:
    """What the script shows after the last move."""
    stones = dict.fromkeys(game["b"], 0) | dict.fromkeys(game["a"], 1)
    for color, _number, point, taken in game["m"]:  # type: ignore[misc]
        if point >= 0:
            stones[point] = color
        for dead in taken:
            del stones[dead]
    return stones


def test_stepping_to_the_end_gives_the_position_of_the_game() -> None:
    record = random_game(9, 70, seed=5).record
    game = json.loads(replay_json(fig.whole_record(record)))
    expected = {p.row * 9 + p.col: int(c is Color.WHITE) for p, c in record.board_at(70).stones.items()}
    assert len(game["m"]) == 70
    assert final_position(game) == expected


def test_moves_that_print_as_notes_are_steps_like_the_others() -> None:
    record = random_game(9, 110, seed=3).record
    figure = fig.whole_record(record)
    game = json.loads(replay_json(figure))
    assert any(n.vertex != "pass" for n in figure.notes)
    assert [m[1] for m in game["m"]] == list(range(1, 111))
    expected = {p.row * 9 + p.col: int(c is Color.WHITE) for p, c in record.board_at(110).stones.items()}
    assert final_position(game) == expected


def test_a_pass_is_a_step() -> None:
    game = json.loads(replay_json(fig.whole_record(game_of("A2", "pass", "B1"))))
    assert [m[:3] for m in game["m"]] == [[0, 1, 9], [1, 2, -1], [0, 3, 1]]


def test_taken_stones_are_listed_with_the_move_that_took_them() -> None:
    record = game_of("A2", "A1", "B1")
    game = json.loads(replay_json(fig.whole_record(record)))
    assert game["m"][2] == [0, 3, 1, [0]]


def test_a_figure_without_moves_has_nothing_to_step() -> None:
    assert replay_json(fig.variation_figure(made_game().record, 3, ())) == ""


def test_a_variation_starts_from_its_position() -> None:
    made = made_game()
    game = json.loads(replay_json(fig.variation_figure(made.record, 7, ("C3", "K10"), played=Point(16, 8))))
    assert (len(game["b"]), len(game["a"])) == (4, 3)
    assert [m[:2] for m in game["m"]] == [[1, 1], [0, 2]]
    assert game["k"] == [[8 * 19 + 16, "A"]]
    assert game["x"][0] == "A"
