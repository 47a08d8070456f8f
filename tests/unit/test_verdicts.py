"""Verdicts that are remembered from round to round are those of the judge."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from fakes.engines import spiral_game

from pipeline.evaluation import Candidate, Evaluation
from pipeline.gamework import next_round, printed_turns, spare_round
from pipeline.go.board import PASS, Board, Point, parse_vertex, vertex_name
from pipeline.go.record import GameInfo, GameRecord, Move, Player
from pipeline.importance import importance
from pipeline.plan import QUICK, AnalysisProfile, Strategy
from pipeline.review import phases, verdicts
from pipeline.review.judge import judge
from pipeline.review.model import GameReview
from pipeline.review.phases import OPEN_DISTANCE, open_share
from pipeline.review.verdicts import Verdicts
from pipeline.schedule import GameTask
from pipeline.settings import ReportSettings

RANKS = [("", ""), ("5k", "9p"), ("2d", "12k"), ("7d", "1d")]


def game(ranks: tuple[str, str], moves: int = 60) -> GameRecord:
    """A made-up game with captures and a pass."""
    chance = random.Random(7)
    board, played = Board(9, 9), []
    color = spiral_game(1).moves[0].color
    while len(played) < moves:
        free = [Point(c, r) for c in range(9) for r in range(9) if Point(c, r) not in board.stones]
        point = chance.choice(free) if len(played) != 20 else None
        try:
            board.play(color, point)
        except ValueError:
            continue
        played.append(Move(color, point))
        color = color.opponent
    info = GameInfo(black=Player(rank=ranks[0]), white=Player(rank=ranks[1]))
    return replace(spiral_game(1), moves=tuple(played), info=info)


def searched(record: GameRecord, turn: int, visits: int, chance: random.Random) -> Evaluation:
    """What a search might say: mistakes of every size, ownership that grows calm."""
    lead = 12 * random.Random(turn).gauss(0, 1) + chance.gauss(0, 2)
    winrate = 1 / (1 + 2.718 ** (-lead / 8))
    board = record.board_at(turn)
    free = [vertex_name(Point(c, r)) for c in range(9) for r in range(9) if Point(c, r) not in board.stones]
    moves = [*chance.sample(free, min(4, len(free))), PASS]
    if turn < record.total_turns and record.moves[turn].vertex not in moves:
        moves.insert(chance.randrange(4), record.moves[turn].vertex)
    candidates = tuple(
        Candidate(
            move,
            order,
            max(1, visits // (order + 2)),
            winrate,
            lead - order * record.to_move(turn).sign,
            10.0,
            winrate,
            0.3 / (order + 1),
            (move, *moves[:2]),
        )
        for order, move in enumerate(moves)
    )
    calm = min(100, 20 + 2 * turn)
    ownership = tuple(chance.choice((-calm, calm)) for _ in range(81))
    return Evaluation(
        turn, record.to_move(turn), visits, winrate, lead, 10.0, winrate, lead + 1, 0.1, 1.0, candidates, ownership
    )


def deepened(record: GameRecord, rounds: int) -> list[dict[int, Evaluation]]:
    """What is known of a game after the quick pass and after each further round."""
    chance = random.Random(3)
    known = {turn: searched(record, turn, 12, chance) for turn in range(record.total_turns + 1) if turn != 33}
    found = [dict(known)]
    for _ in range(rounds):
        for turn in chance.sample(range(record.total_turns + 1), 8):
            known[turn] = searched(record, turn, 100, chance)
        found.append(dict(known))
    return found


def without_answers(review: GameReview) -> list[object]:
    """Everything of the moves but their facts and tags."""
    return [replace(move, facts=(), tags=()) for move in review.moves]


@pytest.mark.parametrize("ranks", RANKS)
def test_moves_key_moments_and_plans_are_those_of_the_judge_after_every_round(ranks) -> None:
    record = game(ranks)
    remembered = Verdicts(record)

    for evaluations in deepened(record, 5):
        review, full = remembered.of(evaluations), judge(record, evaluations)
        assert review.key_moments == full.key_moments
        assert without_answers(review) == without_answers(full)
        assert review.phase_starts == full.phase_starts
        assert importance(evaluations, review) == importance(evaluations, full)
        assert printed_turns(review, evaluations) == printed_turns(full, evaluations)
        told = {move.move_number: move for move in full.moves}
        assert all(
            (m.facts, m.tags) == (told[m.move_number].facts, told[m.move_number].tags) for m in explained(review)
        )
    assert full.key_moments


def explained(review: GameReview) -> list:
    """The moves of a review that were explained at all."""
    return [move for move in review.moves if move.facts]


def test_a_players_level_decides_whether_his_mistakes_are_explained() -> None:
    evaluations = deepened(game(("", "")), 0)[0]

    unknown = Verdicts(game(("", ""))).of(evaluations)
    strong = Verdicts(game(("8d", ""))).of(evaluations)
    beginner = Verdicts(game(("15k", ""))).of(evaluations)

    assert not explained(unknown)
    assert {str(move.player) for move in explained(strong)} == {"B"}
    assert len(explained(beginner)) < len(explained(strong)), "a beginner is told of his worst mistakes only"


def test_only_what_changed_is_judged_again(monkeypatch) -> None:
    record = game(("8k", "8k"))
    counted: list[int] = []
    told: list[int] = []
    review_move, with_explanations = verdicts.review_move, verdicts.with_explanations

    def counting(number, *rest):
        counted.append(number)
        return review_move(number, *rest)

    def telling(record, evaluations, reviews):
        told.extend(review.move_number for review in reviews)
        return with_explanations(record, evaluations, reviews)

    monkeypatch.setattr(verdicts, "review_move", counting)
    monkeypatch.setattr(verdicts, "with_explanations", telling)
    evaluations = deepened(record, 0)[0]
    remembered = Verdicts(record)
    first = remembered.of(evaluations)
    counted.clear()
    told.clear()

    assert remembered.of(evaluations) == first
    assert (counted, told) == ([], [])
    evaluations[10] = replace(evaluations[10])
    remembered.of(evaluations)
    assert counted == [10, 11]
    assert set(told) <= {10, 11}


def test_the_planner_forgets_with_the_results_that_are_parked() -> None:
    record = game(("", ""))
    task = GameTask(record, "game", AnalysisProfile("net", 100, 12))
    for evaluation in deepened(record, 0)[0].values():
        task.keep(evaluation)
    task.keep(searched(record, 33, 12, random.Random(1)))

    wanted = next_round(task, ReportSettings(), weigh=True)
    assert wanted
    assert wanted[0].level != QUICK
    assert isinstance(task.memory, Verdicts)
    assert spare_round(task, ReportSettings())
    task.park()
    assert task.memory is None


def test_uniform_needs_no_verdicts_to_plan() -> None:
    record = game(("", ""))
    task = GameTask(record, "game", AnalysisProfile("net", 100, 0, Strategy.UNIFORM))
    for turn in range(record.total_turns + 1):
        task.keep(searched(record, turn, 100, random.Random(turn)))

    assert next_round(task, ReportSettings(), weigh=False) == []
    assert task.memory is None


@pytest.mark.parametrize("size", [(5, 9), (19, 19)])
def test_the_open_share_counts_points_far_from_every_stone(size) -> None:
    board = Board(*size)
    board.setup(black=[Point(0, 0), Point(4, 4)], white=[Point(2, 3)])

    far = [
        1
        for col in range(size[0])
        for row in range(size[1])
        if all(max(abs(col - p.col), abs(row - p.row)) > OPEN_DISTANCE for p in board.stones)
    ]
    assert open_share(board) == pytest.approx(len(far) / (size[0] * size[1]))
    assert parse_vertex("A1", *size) in board.stones
    assert phases.open_share(Board(*size)) == 1.0
