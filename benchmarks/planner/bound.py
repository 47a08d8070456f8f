"""How good a planner could be at all: one that knows beforehand what the search is to find out.

    PYTHONPATH=benchmarks python -m planner.bound FILE.db [FILE.db ...]

It is told the true loss of every move (where the truth was not searched, what
the other run says at the full budget), and so which quick verdicts are wrong and
where the mistakes are; it does not know the noise of the searches. What it
cannot reach with a quarter of the visits no planner can, as long as a position's
search knows nothing of the others.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.evaluation import Evaluation
from pipeline.review.loss import estimate_loss
from pipeline.review.uncertainty import uncertainty
from planner.record import judged_moves
from planner.replay import Game, Policy, Search, load, measure, product, show, true_loss, uniform

TOTAL = 0.25
QUICK, MIDDLE = 16, 4
MOST_POINTS, FLOOR = 12.0, 0.1


def loss(game: Game, number: int, before: Evaluation, after: Evaluation) -> float:
    """The rule in force, never below zero."""
    move = game.record.moves[number - 1]
    return max(0.0, estimate_loss(move.color, move.vertex, before, after).points)


def known_losses(search: Search) -> dict[int, float]:
    """Move number -> true loss, or what comes nearest to it."""
    game = search.game
    other = game.runs["B" if search.run == "A" else "A"][game.full]
    return {
        number: true_loss(game, number)
        if number in game.chosen
        else loss(game, number, other[number - 1], other[number])
        for number in judged_moves(game.record)
    }


def knowing(check_share: float) -> Policy:
    """A quick pass, then the middle budget after the moves whose verdict is most wrong, then N before the mistakes."""

    def run(search: Search) -> None:
        uniform(QUICK)(search)
        game, known, losses = search.game, search.known, known_losses(search)
        total = game.full * (game.record.total_turns + 1)
        wrong = {
            number: abs(loss(game, number, known[number - 1], known[number]) - losses[number]) for number in losses
        }
        most = 1 / QUICK + check_share
        for number in sorted(wrong, key=lambda number: -wrong[number]):
            if search.visits + game.budget(MIDDLE) > most * total:
                break
            search.ask(number, MIDDLE)
        worth = {
            number - 1: uncertainty(known[number - 1]) * (FLOOR + min(points, MOST_POINTS) / MOST_POINTS)
            for number, points in losses.items()
        }
        for turn in sorted(worth, key=lambda turn: -worth[turn]):
            if search.visits + game.full > TOTAL * total:
                break
            search.ask(turn, 1)

    return run


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", type=Path, nargs="+")
    games = [game for path in parser.parse_args().databases for game in load(path)]
    policies = {"uniform N": uniform(1), "uniform N/4": uniform(4), "adaptive": product()}
    policies |= {f"knowing, checks {share}": knowing(share) for share in (0.0, 0.05, 0.1)}
    show([(name, measure(policy, games)) for name, policy in policies.items()])


if __name__ == "__main__":
    main()
