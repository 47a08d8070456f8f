"""Compare planners on recorded searches, without an engine.

    PYTHONPATH=benchmarks python -m planner.replay FILE.db [FILE.db ...]

Every policy is run on the recordings of run A and of run B (two engine
processes). Reported, mean over both, all games together:

- *visits*: what it asked, as a share of uniform at the full budget N; *new*: the
  same without what the engine's cache already held, since a deeper search of a
  position takes up the network's answers of the shallower one;
- against the other run at uniform N (the second row, ``uniform``, is the noise
  floor): share of moves in the same class, recall of losses of 3+ and 6+
  points, overlap of the ten largest losses, mean absolute difference of the loss;
- against the truth (ten times N, mean of runs C and D): mean absolute error of
  the loss over the flagged moves, over a random sample of the others, and over
  all moves (the sample weighted for what it stands for); class agreement; the
  same first choice; points lost by the first choice; of the key moments that the
  policy would print: points lost by the recommended move, error of the loss, the
  true loss and the share that is no mistake of 3 points, overlap with those chosen
  from the truth.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.evaluation import Evaluation
from pipeline.gamework import printed_turns
from pipeline.go.record import GameRecord
from pipeline.go.sgf import read_sgf
from pipeline.importance import importance
from pipeline.plan import AnalysisProfile, Strategy, next_requests
from pipeline.review.judge import JudgeOptions, judge, review_move
from pipeline.review.key_moments import KeyMomentRule
from pipeline.review.model import GameReview, Phase
from planner.record import FLAGGED_POINTS, LADDER, TRUTH_FACTOR, Recordings, flagged_moves, judged_moves

TOP = 10


@dataclass(frozen=True, slots=True)
class Game:
    """The recordings of one game; ``runs[run][visits][turn]``."""

    name: str
    record: GameRecord
    full: int
    runs: Mapping[str, Mapping[int, Mapping[int, Evaluation]]]
    truth: tuple[Mapping[int, Evaluation], Mapping[int, Evaluation]]
    chosen: Mapping[int, str]
    flagged: int  # moves that a run calls a mistake, of which ``chosen`` may hold but a part

    def budget(self, part: float) -> int:
        """The recorded budget nearest to ``full / part``."""
        return min((max(2, self.full // rung) for rung in LADDER), key=lambda v: abs(math.log(v * part / self.full)))


@dataclass(slots=True)
class Search:
    """The engine of a simulation: answers from the recordings of one run, counting visits."""

    game: Game
    run: str
    visits: int = 0
    positions: int = 0
    known: dict[int, Evaluation] = field(default_factory=dict)
    deepest: dict[int, int] = field(default_factory=dict)

    def ask(self, turn: int, part: float) -> Evaluation:
        """The recorded answer at about ``full / part`` visits."""
        visits = self.game.budget(part)
        evaluation = self.game.runs[self.run][visits][turn]
        self.visits += visits
        self.positions += 1
        self.deepest[turn] = max(visits, self.deepest.get(turn, 0))
        if turn not in self.known or evaluation.visits >= self.known[turn].visits:
            self.known[turn] = evaluation
        return evaluation


Policy = Callable[[Search], None]


def load(path: Path) -> list[Game]:
    """The games of a database whose recordings are complete."""
    recordings = Recordings(path)
    games = []
    for name, _, data, _, full in recordings.connection.execute("select * from game").fetchall():
        record = read_sgf(data, file=name)[0]
        runs = {run: {max(2, full // r): recordings.load(name, run, max(2, full // r)) for r in LADDER} for run in "AB"}
        judged = set(judged_moves(record))
        chosen = {move: why for move, why in recordings.chosen(name).items() if move in judged}
        truth = tuple(recordings.load(name, run, TRUTH_FACTOR * full) for run in "CD")
        needed = {turn for move in chosen for turn in (move - 1, move)}
        complete = all(len(level) == record.total_turns + 1 for run in runs.values() for level in run.values())
        if complete and chosen and all(needed <= set(part) for part in truth):
            flagged = len(flagged_moves(recordings, name, record, full))
            games.append(Game(name, record, full, runs, (truth[0], truth[1]), chosen, flagged))
    return games


def true_loss(game: Game, move: int) -> float:
    """Points that a move loses by the truth: the product's rule on each truth run, averaged; never below zero."""
    played = game.record.moves[move - 1]
    losses = [review_move(move, played, truth[move - 1], truth[move], Phase.MIDDLE).points_lost for truth in game.truth]
    return max(0.0, statistics.fmean(losses))


def true_value(game: Game, turn: int, vertex: str) -> float | None:
    """How many points a first choice falls short of the best move by the truth; ``None`` if it was not searched."""
    color = game.record.moves[turn].color
    short = []
    for truth in game.truth:
        candidate = truth[turn].candidate(vertex)
        best = truth[turn].best
        if candidate is None or best is None or candidate.visits < 10:
            return None
        short.append(max(0.0, (best.score_lead - candidate.score_lead) * color.sign))
    return statistics.fmean(short)


def band(points: float) -> int:
    """Class by points: bounds 1.5, 3 and 6."""
    return sum(points >= bound for bound in (1.5, 3.0, 6.0))


def weight_of(game: Game, why: str) -> float:
    """For how many moves of its game one move of the truth stands: those of a group are drawn at random."""
    group = sum(reason == why for reason in game.chosen.values())
    if why == "flagged":
        return game.flagged / group
    return (len(judged_moves(game.record)) - game.flagged) / group


def losses(review: GameReview) -> dict[int, float]:
    """Move number -> points lost, never below zero."""
    return {move.move_number: max(0.0, move.points_lost) for move in review.moves}


class Tally:
    """Sums over games and runs."""

    def __init__(self) -> None:
        self.sums: dict[str, list[float]] = {}

    def add(self, key: str, value: float, weight: float = 1.0) -> None:
        """Take one observation."""
        entry = self.sums.setdefault(key, [0.0, 0.0])
        entry[0] += value * weight
        entry[1] += weight

    def mean(self, key: str) -> float:
        """Weighted mean; not a number without observations."""
        total, weight = self.sums.get(key, (math.nan, 1.0))
        return total / weight if weight else math.nan


def truth_review(game: Game, run: str) -> GameReview:
    """The review with the truth wherever it was searched, and uniform N elsewhere."""
    best = dict(game.runs[run][game.full])
    best.update(game.truth[0] if run == "A" else game.truth[1])
    return judge(game.record, best)


def measure(policy: Policy, games: Iterable[Game]) -> Tally:
    """All figures of one policy."""
    tally = Tally()
    for game in games:
        moves = judged_moves(game.record)
        for run, other in (("A", "B"), ("B", "A")):
            search = Search(game, run)
            policy(search)
            review = judge(game.record, search.known)
            reference = judge(game.record, game.runs[other][game.full])
            mine, theirs = losses(review), losses(reference)
            uniform_visits = game.full * (game.record.total_turns + 1)
            tally.add("visits", search.visits / uniform_visits, game.record.total_turns)
            tally.add("new", sum(search.deepest.values()) / uniform_visits, game.record.total_turns)
            printed = {moment.move_number for moment in review.key_moments}
            for number in moves:
                tally.add("class", band(mine[number]) == band(theirs[number]))
                tally.add("difference", abs(mine[number] - theirs[number]))
                for bound in (3, 6):
                    if theirs[number] >= bound:
                        tally.add(f"recall{bound}", mine[number] >= bound)
            top = set(sorted(moves, key=lambda n: -theirs[n])[:TOP])
            tally.add("top", len(top & set(sorted(moves, key=lambda n: -mine[n])[:TOP])) / min(TOP, len(moves)))
            for number, why in game.chosen.items():
                truth = true_loss(game, number)
                error = abs(mine[number] - truth)
                weight = weight_of(game, why)
                tally.add("error", error, weight)
                tally.add(f"error {why}", error)
                tally.add("true class", band(mine[number]) == band(truth), weight)
                if truth >= 3:
                    tally.add("true recall", mine[number] >= 3, weight)
                if mine[number] >= 3:
                    tally.add("true precision", truth >= 3, weight)
                best, deepest = search.known[number - 1].best, game.truth[0][number - 1].best
                if best is not None and deepest is not None:
                    tally.add(
                        f"first {why}", best.move == deepest.move or best.move == game.truth[1][number - 1].best.move
                    )
                    short = true_value(game, number - 1, best.move)
                    fallen = 2.0 if short is None else min(short, 20.0)
                    tally.add(f"short {why}", fallen)
                    if number in printed:
                        tally.add("short printed", fallen)
            ideal = {m.move_number for t in "AB" for m in truth_review(game, t).key_moments}
            tally.add("moments", len(printed & ideal) / max(1, len(printed)))
            for number in printed & set(game.chosen):
                tally.add("printed loss", true_loss(game, number))
                tally.add("printed false", true_loss(game, number) < FLAGGED_POINTS)
                tally.add("error printed", abs(mine[number] - true_loss(game, number)))
    return tally


COLUMNS = (
    ("visits", "visits/N", "{:.3f}"),
    ("new", "new/N", "{:.3f}"),
    ("class", "class", "{:.3f}"),
    ("recall3", "rec 3+", "{:.2f}"),
    ("recall6", "rec 6+", "{:.2f}"),
    ("top", "top10", "{:.2f}"),
    ("difference", "diff", "{:.2f}"),
    ("error", "err", "{:.2f}"),
    ("error flagged", "err fl", "{:.2f}"),
    ("error sample", "err ot", "{:.2f}"),
    ("true class", "t.class", "{:.3f}"),
    ("true recall", "t.rec", "{:.2f}"),
    ("true precision", "t.prec", "{:.2f}"),
    ("first flagged", "1st fl", "{:.2f}"),
    ("first sample", "1st ot", "{:.2f}"),
    ("short flagged", "short fl", "{:.2f}"),
    ("short sample", "short ot", "{:.2f}"),
    ("short printed", "short pr", "{:.2f}"),
    ("error printed", "err pr", "{:.2f}"),
    ("printed loss", "pr loss", "{:.2f}"),
    ("printed false", "pr false", "{:.2f}"),
    ("moments", "moments", "{:.2f}"),
)


def show(rows: Sequence[tuple[str, Tally]]) -> None:
    """Print a table."""
    print("| policy | " + " | ".join(title for _, title, _ in COLUMNS) + " |")
    print("| --- " * (len(COLUMNS) + 1) + "|")
    for name, tally in rows:
        print(f"| {name} | " + " | ".join(shape.format(tally.mean(key)) for key, _, shape in COLUMNS) + " |")


def uniform(part: float) -> Policy:
    """Every position to ``full / part``."""

    def run(search: Search) -> None:
        for turn in range(search.game.record.total_turns + 1):
            search.ask(turn, part)

    return run


def quick_then_printed(part: float) -> Policy:
    """Every position to ``full / part``, then to N what the report would print, until that is stable."""

    def run(search: Search) -> None:
        uniform(part)(search)
        deep: set[int] = set()
        rule = KeyMomentRule(per_player=max(1, round(search.game.record.total_turns / 50)))
        options = JudgeOptions(key_moments=rule)
        while more := printed_turns(judge(search.game.record, search.known, options), search.known) - deep:
            for turn in more:
                search.ask(turn, 1)
            deep |= more

    return run


def product(quick: int | None = None, per_player: int | None = None) -> Policy:
    """The planner of the product with a first pass at ``full / quick``, or of its own choice.

    ``per_player`` key moments are printed, or as many as make up the same share
    of the game as the default does of 250 moves.
    """

    def run(search: Search) -> None:
        record, full = search.game.record, search.game.full
        profile = AnalysisProfile("", full, max(2, full // quick) if quick else 0, Strategy.ADAPTIVE)
        moments = per_player or max(1, round(record.total_turns / 50))
        options = JudgeOptions(key_moments=KeyMomentRule(per_player=moments))
        done: dict[int, int] = {}
        while True:
            review = judge(record, search.known, options)
            printed, weights = printed_turns(review, search.known), importance(search.known, review)
            requests = next_requests(record, profile, done, printed, weights)
            if not requests:
                return
            for request in requests:
                done[request.turn] = request.visits
                search.ask(request.turn, full / request.visits)

    return run


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", type=Path, nargs="+")
    arguments = parser.parse_args()
    games = [game for path in arguments.databases for game in load(path)]
    print(
        f"{len(games)} games, {sum(g.record.total_turns for g in games)} moves,",
        sum(w == "flagged" for g in games for w in g.chosen.values()),
        "flagged",
    )
    rows: list[tuple[str, Tally]] = []
    for part in LADDER[::-1]:
        rows.append((f"uniform N/{part}", measure(uniform(part), games)))
    for part in (16, 8):
        rows.append((f"quick N/{part} + printed", measure(quick_then_printed(part), games)))
        rows.append((f"adaptive, quick N/{part}", measure(product(part), games)))
    show(rows)


if __name__ == "__main__":
    main()
