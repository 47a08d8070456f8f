"""What the judge says of the material, beside KaTrain's rule on the same searches. Needs no engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evidence.suite import Game, Position
from pipeline.evaluation import Evaluation
from pipeline.go.record import GameRecord
from pipeline.review.category import points_category, severity
from pipeline.review.judge import judge
from pipeline.review.model import MoveCategory, MoveReview

SLACK, MISTAKE = severity(MoveCategory.SLACK), severity(MoveCategory.MISTAKE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One move: class by our rule and by KaTrain's, as places in the order of classes."""

    name: str
    label: str
    ours: int
    katrain: int
    review: MoveReview


@dataclass(frozen=True, slots=True)
class PositionResult:
    """What became of a made position; ``wrong`` holds a verdict for each wrong move."""

    position: Position
    found: bool  # the engine's first choice is a right answer
    wrong: tuple[Verdict, ...]

    def told(self, verdict: Verdict) -> bool:
        """Whether one of the explanations that fit was given."""
        return bool(set(verdict.review.tags) & set(self.position.tags))

    def untrue(self, verdict: Verdict) -> set[str]:
        """Explanations that were given and are untrue here."""
        return set(verdict.review.tags) & set(self.position.never)


def katrain_class(review: MoveReview) -> int:
    """KaTrain's class of a move: the bounds 0.5 / 1.5 / 3 / 6 / 12 on the root values before and after it.

    Source: ``katrain/core/game_node.py`` (``points_lost``) and ``config.json`` (``eval_thresholds``).
    """
    return severity(points_category(max(0.0, review.points_lost_root)))


def verdict(name: str, label: str, review: MoveReview) -> Verdict:
    """The verdict of both rules on one move."""
    return Verdict(name, label, severity(review.category), katrain_class(review), review)


def position_result(
    position: Position, load: Callable[[GameRecord], Mapping[int, Evaluation]]
) -> PositionResult | None:
    """Judge a made position; ``None`` while it is not searched."""
    before = load(position.record).get(position.turn)
    wrong = []
    for vertex in position.wrong:
        record = position.after(vertex)
        after = load(record).get(position.turn + 1)
        if before is None or after is None:
            return None
        evaluations = {position.turn: before, position.turn + 1: after}
        review = judge(record, evaluations).moves[-1]
        wrong.append(verdict(f"{position.name}: {vertex}", "wrong", review))
    if before is None or before.best is None:
        return None
    return PositionResult(position, before.best.move in position.right, tuple(wrong))


def game_verdicts(game: Game, evaluations: Mapping[int, Evaluation]) -> list[Verdict]:
    """Verdicts on the labelled moves of a game, as far as they are searched."""
    reviews = {review.move_number: review for review in judge(game.record, evaluations).moves}
    labels = {
        **dict.fromkeys(game.praised, "praised"),
        **dict.fromkeys(game.doubted, "doubted"),
        **dict.fromkeys(game.mistakes, "mistake"),
    }
    return [
        verdict(f"{game.name} {number}", label, reviews[number])
        for number, label in sorted(labels.items())
        if number in reviews
    ]


def share(verdicts: Iterable[Verdict], least: int, *, katrain: bool = False) -> tuple[int, int]:
    """How many of these moves are flagged at least so, and how many there are."""
    chosen = list(verdicts)
    return sum((v.katrain if katrain else v.ours) >= least for v in chosen), len(chosen)


def separation(
    faulted: Sequence[Verdict], praised: Sequence[Verdict], loss: Callable[[MoveReview], float]
) -> float | None:
    """Chance that a faulted move lost more than a praised one by ``loss``, a tie counting half; 0.5 is a guess.

    The area under the curve of hits against false alarms over all bounds, so that it does not hang on where a
    class begins. ``None`` without moves.
    """
    if not faulted or not praised:
        return None
    bad, good = ([max(0.0, loss(v.review)) for v in group] for group in (faulted, praised))
    return sum((x > y) + (x == y) / 2 for x in bad for y in good) / (len(bad) * len(good))


def table(title: str, rows: Sequence[tuple[str, Sequence[Verdict]]]) -> list[str]:
    """A Markdown table: one row a kind of move, both rules, from 失误 and from 缓手 on."""
    lines = [
        f"| {title} | moves | ours, 失误 or worse | KaTrain's rule | ours, 缓手 or worse | KaTrain's rule |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, verdicts in rows:
        if not verdicts:
            continue
        cells = [
            _percent(share(verdicts, least, katrain=katrain)) for least in (MISTAKE, SLACK) for katrain in (False, True)
        ]
        lines.append(f"| {name} | {len(verdicts)} | {' | '.join(cells)} |")
    return lines


def _percent(part: tuple[int, int]) -> str:
    count, total = part
    return f"{count} ({100 * count / total:.0f} %)" if total else "-"
