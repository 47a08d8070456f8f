"""How sure the comparison of two policies is: the difference of their errors, with what chance alone would make of it.

    PYTHONPATH=benchmarks python -m planner.sure FILE.db [FILE.db ...]

The truth was searched for a sample of the moves only, so each difference of the
mean absolute error of the loss (points, first policy minus second; below zero:
the first is nearer to the truth) is shown with the interval that holds 95 of
100 samples drawn from this sample (bootstrap over the moves, runs A and B of a
move kept together). An interval that holds zero says nothing.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from pipeline.review.loss import estimate_loss
from planner.replay import Game, Policy, Search, load, product, true_loss, uniform, weight_of

DRAWS = 2000
PAIRS = (("adaptive", "N"), ("adaptive", "N/2"), ("adaptive", "N/4"), ("N/4", "N"))

Key: TypeAlias = tuple[int, int]


def errors(games: list[Game], policy: Policy) -> dict[Key, float]:
    """(Game, move) -> absolute error of the loss in points, mean of both runs."""
    found: dict[Key, list[float]] = {}
    for number, game in enumerate(games):
        for run in "AB":
            search = Search(game, run)
            policy(search)
            for move in game.chosen:
                played, before, after = game.record.moves[move - 1], search.known[move - 1], search.known[move]
                loss = max(0.0, estimate_loss(played.color, played.vertex, before, after).points)
                found.setdefault((number, move), []).append(abs(loss - true_loss(game, move)))
    return {key: statistics.fmean(each) for key, each in found.items()}


def interval(differences: dict[Key, float], weights: dict[Key, float], keys: list[Key]) -> tuple[float, float, float]:
    """Weighted mean difference of these moves, and the bounds of 95 of 100 samples."""

    def mean(drawn: list[Key]) -> float:
        return sum(differences[key] * weights[key] for key in drawn) / sum(weights[key] for key in drawn)

    dice = random.Random(0)
    drawn = sorted(mean(dice.choices(keys, k=len(keys))) for _ in range(DRAWS))
    return mean(keys), drawn[DRAWS // 40], drawn[-DRAWS // 40]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", type=Path, nargs="+")
    games = [game for path in parser.parse_args().databases for game in load(path)]
    policies = {"N": uniform(1), "N/2": uniform(2), "N/4": uniform(4), "adaptive": product()}
    found = {name: errors(games, policy) for name, policy in policies.items()}
    whys = {(number, move): why for number, game in enumerate(games) for move, why in game.chosen.items()}
    weights = {key: weight_of(games[key[0]], why) for key, why in whys.items()}
    groups: dict[str, Callable[[str], bool]] = {
        "all moves": lambda _: True,
        "mistakes": lambda why: why == "flagged",
        "others": lambda why: why != "flagged",
    }
    print(f"{len(games)} games, {len(whys)} moves with a truth\n\n| | " + " | ".join(groups) + " |")
    print("| --- " * (len(groups) + 1) + "|")
    for one, other in PAIRS:
        differences = {key: found[one][key] - found[other][key] for key in whys}
        cells = []
        for belongs in groups.values():
            keys = [key for key, why in whys.items() if belongs(why)]
            cells.append("{:+.2f} ({:+.2f} to {:+.2f})".format(*interval(differences, weights, keys)))
        print(f"| {one} less {other} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
