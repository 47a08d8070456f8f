"""What a move costs: two estimates from the search, and the one rule that joins them.

*Value of a position*: between the root value and the value of the first choice,
halfway when that had many visits, nearer to the root when it had few::

    share = n / (n + FIRST_VISITS) / 2       value = share * first + (1 - share) * root

The root value is a mean over all moves that the search tried, bad ones
too, and so too low for whoever is to move; the first choice's value averages
over tries of the opponent, and so is too high for him. Both biases add up in a
loss (before the move it is the mover's turn, after it the opponent's): the
difference of two root values tells mistakes too small, that of two first
choices too large.

*Two-search estimate*: value before the move minus value after it. It sees the
position after the move with a whole search of its own, but the noise of two
searches adds up.

*Search estimate*: value of the engine's first choice minus value of the move
played, inside the one search before the move. Both sides share that search's
noise, which cancels; but a move that was hardly tried is judged by little more
than the network's first glance, because its refutation was never looked for.

*Joining*: a mean weighted by the visits behind each value of the move played.
The search estimate weighs its visits ``n``; the two-search estimate weighs
``ROOT_WEIGHT`` times the visits ``N`` of the search after the move, because it
also carries the noise of the search before it::

    w = n / (n + ROOT_WEIGHT * N)        joined = w * search + (1 - w) * two searches

Measured with ``benchmarks/planner/estimators.py`` (figures in
``benchmarks/README.md``): with the difference of roots, as other tools judge,
losses were told half a point too small at every budget; halfway the error
against ten times the visits is the smallest or nearly so, whichever value one
takes for the true one.

The engine's first choice never counts as a loss: whatever its joined value, it
is limited to at most zero (:func:`capped_for_first_choice`). A large root loss
there means that two searches disagree, and shows as an unsettled verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Color

MIN_SEARCH_VISITS = 10
MIN_SEARCH_SHARE = 0.01
ROOT_WEIGHT = 0.5
FIRST_VISITS = 5


@dataclass(frozen=True, slots=True)
class LossEstimate:
    """Loss of one move in the mover's view, positive = lost; points and winrate (0..1).

    ``points`` and ``winrate`` are joined; ``*_root`` is root value before minus
    root value after, as other tools judge. ``*_search`` is ``None`` when the move played had too few visits in the
    search before it. ``search_weight`` is its share in the joined value.
    """

    points: float
    winrate: float
    points_root: float
    winrate_root: float
    points_search: float | None
    winrate_search: float | None
    search_weight: float


def enough_visits(played: Candidate, before: Evaluation) -> bool:
    """Whether the search before the move tried it enough for the search estimate.

    At least ``MIN_SEARCH_VISITS`` visits and ``MIN_SEARCH_SHARE`` of that search.
    """
    return played.visits >= max(MIN_SEARCH_VISITS, MIN_SEARCH_SHARE * before.visits)


def is_first_choice(vertex: str, before: Evaluation) -> bool:
    """Whether the move played is the engine's first choice.

    In a symmetric position the engine lists each move's mirror images with the
    same numbers, one after the other: they are first choices as well.
    """
    played, best = before.candidate(vertex), before.best
    if played is None or best is None:
        return False
    return played is best or _numbers(played) == _numbers(best)


def search_weight(played_visits: int, after_visits: int) -> float:
    """Share of the search estimate in the joined loss, 0..1."""
    if played_visits <= 0:
        return 0.0
    return played_visits / (played_visits + ROOT_WEIGHT * max(1, after_visits))


def estimate_loss(mover: Color, vertex: str, before: Evaluation, after: Evaluation) -> LossEstimate:
    """Both estimates and the joined loss of a move.

    Args:
        mover: who played.
        vertex: GTP vertex played.
        before: evaluation of the position before the move.
        after: evaluation of the position after it.
    """
    points_root = before.score_for(mover) - after.score_for(mover)
    winrate_root = before.winrate_for(mover) - after.winrate_for(mover)
    points_two = value_difference(before, after) * mover.sign
    winrate_two = (before.winrate - after.winrate + (_winrate_shift(before) - _winrate_shift(after))) * mover.sign
    played, best = before.candidate(vertex), before.best
    if played is None or best is None or not enough_visits(played, before):
        return _limited(
            LossEstimate(points_two, winrate_two, points_root, winrate_root, None, None, 0.0),
            is_first=is_first_choice(vertex, before),
        )
    points_search = (best.score_lead - played.score_lead) * mover.sign
    winrate_search = (best.winrate - played.winrate) * mover.sign
    weight = search_weight(played.visits, after.visits)
    joined = LossEstimate(
        weight * points_search + (1 - weight) * points_two,
        weight * winrate_search + (1 - weight) * winrate_two,
        points_root,
        winrate_root,
        points_search,
        winrate_search,
        weight,
    )
    return _limited(joined, is_first=is_first_choice(vertex, before))


def value_difference(before: Evaluation, after: Evaluation) -> float:
    """Value before minus value after in points, Black's view: the two-search estimate of Black's loss."""
    return before.score_lead - after.score_lead + (_score_shift(before) - _score_shift(after))


def capped_for_first_choice(loss: float) -> float:
    """Loss of the engine's first choice: a gain stays, a loss is noise between two searches."""
    return min(0.0, loss)


def _limited(estimate: LossEstimate, *, is_first: bool) -> LossEstimate:
    if not is_first:
        return estimate
    return LossEstimate(
        capped_for_first_choice(estimate.points),
        capped_for_first_choice(estimate.winrate),
        estimate.points_root,
        estimate.winrate_root,
        estimate.points_search,
        estimate.winrate_search,
        estimate.search_weight,
    )


def _first_share(best: Candidate) -> float:
    """Share of the first choice in the value of a position, 0..0.5."""
    return best.visits / (best.visits + FIRST_VISITS) / 2


def _score_shift(evaluation: Evaluation) -> float:
    """Value of a position minus its root value in points, Black's view."""
    best = evaluation.best
    return 0.0 if best is None else _first_share(best) * (best.score_lead - evaluation.score_lead)


def _winrate_shift(evaluation: Evaluation) -> float:
    """Value of a position minus its root value as winrate, Black's view."""
    best = evaluation.best
    return 0.0 if best is None else _first_share(best) * (best.winrate - evaluation.winrate)


def _numbers(candidate: Candidate) -> tuple[float, ...]:
    return candidate.visits, candidate.winrate, candidate.score_lead, candidate.lcb, candidate.prior
