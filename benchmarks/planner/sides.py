"""On which side of a move depth pays: the position before it or the one after it.

    PYTHONPATH=benchmarks python -m planner.sides FILE.db [FILE.db ...]

Each line: the share of the full budget before and after the move, and the mean
absolute error of the loss in points against ten times the visits: all moves (the
sample weighted for what it stands for), mistakes, others.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.review.loss import estimate_loss
from planner.record import LADDER
from planner.replay import Game, Tally, load, true_loss, weight_of


def errors(games: list[Game], before: int, after: int) -> Tally:
    """Errors of the rule in force with ``full / before`` visits before each move and ``full / after`` after it."""
    tally = Tally()
    for game in games:
        for number, why in game.chosen.items():
            move, true = game.record.moves[number - 1], true_loss(game, number)
            for run in game.runs.values():
                here, there = run[game.budget(before)][number - 1], run[game.budget(after)][number]
                error = abs(max(0.0, estimate_loss(move.color, move.vertex, here, there).points) - true)
                tally.add("all", error, weight_of(game, why))
                tally.add(why, error)
    return tally


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", type=Path, nargs="+")
    games = [game for path in parser.parse_args().databases for game in load(path)]
    print(f"{len(games)} games")
    print("| before | after | all | mistakes | others |")
    print("| --- " * 5 + "|")
    for before in LADDER:
        for after in LADDER:
            tally = errors(games, before, after)
            figures = " | ".join(f"{tally.mean(key):.2f}" for key in ("all", "flagged", "sample"))
            print(f"| N/{before} | N/{after} | {figures} |")


if __name__ == "__main__":
    main()
