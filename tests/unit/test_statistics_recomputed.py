"""Statistics worked out a second time, straight from raw answers, with none of the project's own arithmetic."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from pipeline.engine.answers import Keep, to_evaluation
from pipeline.engine.protocol import occupancy
from pipeline.evaluation import Evaluation
from pipeline.go.board import Color, Point, vertex_name
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.plan import PositionRequest
from pipeline.review.judge import judge
from pipeline.review.model import GameReview, MoveStats

SIZE, MOVES, VISITS = 9, 60, 200
Raw = dict[str, Any]


def raw_game(seed: int) -> tuple[GameRecord, list[Raw]]:
    """A game, and what an engine might say of each of its positions, Black's view, as JSON."""
    source = random.Random(seed)
    cells = [Point(col, row) for col in range(SIZE) for row in range(SIZE)]
    source.shuffle(cells)
    # Every other column stays empty, so that nothing is ever captured.
    cells = [p for p in cells if p.col % 2 == 0 or p.row % 3 == 0][:MOVES]
    moves = tuple(Move(list(Color)[i % 2], point) for i, point in enumerate(cells[:40]))
    record = GameRecord(SIZE, SIZE, moves, 6.5, Ruleset.CHINESE)
    answers = []
    for turn in range(len(moves) + 1):
        sign = 1 if turn % 2 == 0 else -1
        lead = source.gauss(0, 6)
        free = [vertex_name(p) for p in cells[turn:] if p not in {m.point for m in moves[:turn]}]
        played = moves[turn].vertex if turn < len(moves) else None
        names = source.sample(free, min(4, len(free)))
        if played and played not in names and source.random() < 0.7:
            names.insert(source.randrange(len(names) + 1), played)
        infos = []
        left = VISITS
        for order, name in enumerate(names):
            visits = max(1, left // 2)
            left -= visits
            score = lead - sign * (order * abs(source.gauss(0, 2)))
            infos.append(
                {
                    "move": name,
                    "order": order,
                    "visits": visits,
                    "winrate": 1 / (1 + math.exp(-score / 6)),
                    "scoreLead": score,
                    "scoreStdev": 8.0,
                    "lcb": 0.4,
                    "prior": source.random() / 2,
                    "pv": [name],
                }
            )
        root = {"visits": VISITS, "winrate": 1 / (1 + math.exp(-lead / 6)), "scoreLead": lead, "scoreStdev": 8.0}
        answers.append({"rootInfo": root, "moveInfos": infos})
    return record, answers


def reviewed(record: GameRecord, answers: list[Raw]) -> GameReview:
    masks = occupancy(record)
    evaluations: dict[int, Evaluation] = {
        turn: to_evaluation(
            raw, record, PositionRequest(turn, VISITS, "deep"), occupied=masks[turn], seconds=0.0, keep=Keep()
        )
        for turn, raw in enumerate(answers)
    }
    return judge(record, evaluations)


def second_opinion(record: GameRecord, answers: list[Raw], color: str) -> dict[str, float]:
    """The statistics of one player from the raw answers, by the definitions in the documentation."""
    losses, matches, top1, top3, forced, weighted, weights = [], [], [], [], [], 0.0, 0.0
    sign = 1 if color == "B" else -1
    for number, move in enumerate(record.moves, start=1):
        if move.color.value != color:
            continue
        before, after = answers[number - 1], answers[number]
        infos = before["moveInfos"]
        best = infos[0]
        mine = [info for info in infos if info["move"] == move.vertex]
        first = bool(mine) and mine[0] is best

        def value(raw: Raw) -> float:
            return float(raw["rootInfo"]["scoreLead"] + raw["moveInfos"][0]["scoreLead"]) / 2

        loss = sign * (value(before) - value(after))
        if mine and mine[0]["visits"] >= 10:
            inside = sign * (best["scoreLead"] - mine[0]["scoreLead"])
            weight = mine[0]["visits"] / (mine[0]["visits"] + 0.5 * after["rootInfo"]["visits"])
            loss = weight * inside + (1 - weight) * loss
        if first:
            loss = min(0.0, loss)
        losses.append(max(0.0, loss))
        matches.append(1.0 if first else mine[0]["visits"] / max(i["visits"] for i in infos) if mine else 0.0)
        top1.append(first)
        top3.append(bool(mine) and infos.index(mine[0]) < 3)
        forced.append(first and (best["prior"] > 0.9 or len(infos) == 1))
        # KaTrain's accuracy, on root values.
        root_loss = max(0.0, sign * (before["rootInfo"]["scoreLead"] - after["rootInfo"]["scoreLead"]))
        total = sum(i["prior"] for i in infos)
        offered = 0.0
        for info in infos:
            score = info["scoreLead"]
            if info in mine and info["visits"] < after["rootInfo"]["visits"]:
                score = after["rootInfo"]["scoreLead"]
            offered += max(0.0, sign * (before["rootInfo"]["scoreLead"] - score)) * info["prior"]
        weight = min(1.0, max(0.05, min(1.0, offered / total), root_loss / 4))
        weighted += root_loss * weight
        weights += weight
    count = len(losses)
    return {
        "moves": count,
        "total_loss": sum(losses),
        "mean_loss": sum(losses) / count,
        "match_rate": sum(matches) / count,
        "top1_rate": sum(top1) / count,
        "top3_rate": sum(top3) / count,
        "accuracy": 100 * 0.75 ** (weighted / weights),
        "free_moves": count - sum(forced),
    }


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("color", ["B", "W"])
def test_the_same_figures_from_the_raw_answers(seed: int, color: str) -> None:
    record, answers = raw_game(seed)
    review = reviewed(record, answers)
    stats: MoveStats = review.summary(Color(color)).overall
    for name, expected in second_opinion(record, answers, color).items():
        assert getattr(stats, name) == pytest.approx(expected, rel=1e-9), name


@pytest.mark.parametrize("seed", range(3))
def test_lead_changes_and_curves_from_the_raw_answers(seed: int) -> None:
    record, answers = raw_game(seed)
    review = reviewed(record, answers)
    ahead = [raw["rootInfo"]["winrate"] > 0.5 for raw in answers]
    assert list(review.lead_changes) == [t for t in range(1, len(ahead)) if ahead[t] != ahead[t - 1]]
    assert list(review.winrates) == pytest.approx([raw["rootInfo"]["winrate"] for raw in answers])
    assert list(review.score_leads) == pytest.approx([raw["rootInfo"]["scoreLead"] for raw in answers])


@pytest.mark.parametrize("seed", range(3))
def test_classes_from_the_raw_answers(seed: int) -> None:
    record, answers = raw_game(seed)
    names = ("best", "good", "small_loss", "slack", "mistake", "blunder", "huge_blunder")
    for move in reviewed(record, answers).moves:
        if move.rank == 1:
            assert move.category.value == "best"
            continue
        place = 1 + sum(move.points_lost >= bound for bound in (0.5, 1.5, 3, 6, 12))
        if move.points_lost >= 0.25:
            by_winrate = 1 + sum(move.winrate_lost >= bound for bound in (0.03, 0.08, 0.15, 0.30, 0.60))
            place = max(place, min(by_winrate, place + 2))
        raw = answers[move.move_number - 1]["rootInfo"]["winrate"]
        chance = raw if move.player is Color.BLACK else 1 - raw
        edge = min(chance, 1 - (chance - move.winrate_lost))
        if place > 2:
            place = max(2, place - (edge < 0.03) - (edge < 0.01))
        assert move.category.value == names[place]
