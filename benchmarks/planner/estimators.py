"""Compare rules for the loss of a move on recorded searches, against searches of ten times the visits.

    PYTHONPATH=benchmarks python -m planner.estimators FILE.db [FILE.db ...]

Each line: a group of moves, a budget, and for every rule its mean absolute
error in points (and its mean error: below zero, losses are told too small). No
rule knows the true value, so the error is shown against each rule's own answer
at ten times the visits; a good rule is the nearest whichever of them is true.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path

from pipeline.evaluation import Evaluation
from pipeline.go.board import Color
from pipeline.review.loss import estimate_loss, is_first_choice
from planner.record import LADDER
from planner.replay import Game, load

Rule = Callable[[Color, str, Evaluation, Evaluation], float]


def first(evaluation: Evaluation) -> float:
    """Score lead of the first choice, Black's view; of the root when there is none."""
    return evaluation.best.score_lead if evaluation.best is not None else evaluation.score_lead


def rule(share_before: float, share_after: float) -> Rule:
    """Difference of values, each mixed from the first choice (this share) and the root."""

    def loss(mover: Color, vertex: str, before: Evaluation, after: Evaluation) -> float:
        here = share_before * first(before) + (1 - share_before) * before.score_lead
        there = share_after * first(after) + (1 - share_after) * after.score_lead
        points = (here - there) * mover.sign
        return min(0.0, points) if is_first_choice(vertex, before) else points

    return loss


def in_force(mover: Color, vertex: str, before: Evaluation, after: Evaluation) -> float:
    """The rule of the product."""
    return estimate_loss(mover, vertex, before, after).points


RULES: dict[str, Rule] = {
    "roots": rule(0.0, 0.0),
    "0.3 first": rule(0.3, 0.3),
    "0.5 first": rule(0.5, 0.5),
    "0.7 first": rule(0.7, 0.7),
    "first choices": rule(1.0, 1.0),
    "first, then root": rule(1.0, 0.0),
    "in force": in_force,
}


def errors(games: list[Game], why: str, part: int, judged: Rule, truth: Rule) -> list[float]:
    """Signed errors in points of one rule at one budget, runs A and B."""
    found = []
    for game in games:
        for number, reason in game.chosen.items():
            if reason != why:
                continue
            move = game.record.moves[number - 1]
            case = (move.color, move.vertex)
            true = max(0.0, statistics.fmean(truth(*case, deep[number - 1], deep[number]) for deep in game.truth))
            for run in "AB":
                level = game.runs[run][game.budget(part)]
                found.append(max(0.0, judged(*case, level[number - 1], level[number])) - true)
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", type=Path, nargs="+")
    games = [game for path in parser.parse_args().databases for game in load(path)]
    for truth in ("in force", "first, then root", "roots"):
        print(f"\ntrue: {truth} at 10 N\n\n| moves | budget | " + " | ".join(RULES) + " |")
        print("| --- " * (len(RULES) + 2) + "|")
        for why in ("flagged", "sample"):
            for part in LADDER:
                cells = []
                for judged in RULES.values():
                    found = errors(games, why, part, judged, RULES[truth])
                    cells.append(f"{statistics.fmean(map(abs, found)):.2f} ({statistics.fmean(found):+.2f})")
                print(f"| {why} | N/{part} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
