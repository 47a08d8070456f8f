"""Where does depth pay? Signs that a shallow search shows, against what a deep one changes.

    PYTHONPATH=benchmarks python -m planner.depth FILE.db [FILE.db ...] [--part 8]

For every position with a truth (ten times N): the error of its value at N/part
and at N, and the correlation of what depth gained with each sign that is known
after the shallow search. Then the same by thirds of each sign: a sign is good
when the last third has most of the gain.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path

from pipeline.evaluation import Evaluation
from planner.estimators import first
from planner.replay import Game, load


def value(evaluation: Evaluation) -> float:
    """Value of a position about as the loss rule takes it: halfway between root and first choice."""
    return (evaluation.score_lead + first(evaluation)) / 2


def closeness(evaluation: Evaluation) -> float:
    """Share of the visits that the first choice did not get."""
    total = sum(candidate.visits for candidate in evaluation.candidates)
    return 1 - evaluation.candidates[0].visits / total if total else 0.0


def told_apart(evaluation: Evaluation) -> float:
    """Distance of root and first choice in points."""
    return abs(evaluation.score_lead - first(evaluation))


def surprise(evaluation: Evaluation) -> float:
    """How far the search moved from the network's first glance, in points."""
    return abs(evaluation.score_lead - evaluation.raw_score_lead)


def broken_chain(level: dict[int, Evaluation], turn: int, game: Game) -> float:
    """How much the value jumps to the next position or from the one before, in points."""
    return max((abs(value(level[turn]) - value(level[t])) for t in (turn - 1, turn + 1) if t in level), default=0.0)


Sign = Callable[[dict[int, Evaluation], int, Game], float]
SIGNS: dict[str, Sign] = {
    "score_stdev": lambda level, turn, _: level[turn].score_stdev,
    "closeness": lambda level, turn, _: closeness(level[turn]),
    "root to first": lambda level, turn, _: told_apart(level[turn]),
    "surprise": lambda level, turn, _: surprise(level[turn]),
    "prior of first": lambda level, turn, _: -level[turn].candidates[0].prior if level[turn].candidates else 0.0,
    "jump": broken_chain,
    "contested": lambda level, turn, _: 1 - abs(2 * level[turn].winrate - 1),
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", type=Path, nargs="+")
    parser.add_argument("--part", type=int, default=8)
    arguments = parser.parse_args()
    rows: list[tuple[float, float, dict[str, float]]] = []
    for game in (game for path in arguments.databases for game in load(path)):
        for turn in game.truth[0]:
            true = statistics.fmean(value(deep[turn]) for deep in game.truth)
            for run in "AB":
                level = dict(game.runs[run][game.budget(arguments.part)])
                shallow = abs(value(level[turn]) - true)
                full = abs(value(game.runs[run][game.full][turn]) - true)
                rows.append((shallow, full, {name: sign(level, turn, game) for name, sign in SIGNS.items()}))
    print(
        f"{len(rows)} positions: error {statistics.fmean(r[0] for r in rows):.2f} points at N/{arguments.part},",
        f"{statistics.fmean(r[1] for r in rows):.2f} at N",
    )
    print(
        "| sign | correlation with error at N/part | with gain | gain by thirds of the sign |\n"
        "| --- | --- | --- | --- |"
    )
    for name in SIGNS:
        signs = [row[2][name] for row in rows]
        gains = [row[0] - row[1] for row in rows]
        order = sorted(range(len(rows)), key=signs.__getitem__)
        third = len(order) // 3
        parts = [order[:third], order[third : 2 * third], order[2 * third :]]
        told = " / ".join(f"{statistics.fmean(gains[i] for i in part):+.2f}" for part in parts)
        print(
            f"| {name} | {statistics.correlation(signs, [r[0] for r in rows]):+.2f} |",
            f"{statistics.correlation(signs, gains):+.2f} | {told} |",
        )


if __name__ == "__main__":
    main()
