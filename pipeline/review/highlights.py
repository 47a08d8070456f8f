"""Beyond mistakes: moves worth praising, and points that both players overlooked.

*Praised* is a first choice that was not forced and not obvious: the network,
before any search, gave it at most ``PRAISE_PRIOR``; every move that is easier to
find (a prior at least as high, and ``MIN_EASIER_VISITS`` visits so that it was looked
at) costs at least ``PRAISE_GAP`` points; both searches around it had at least
``MIN_VISITS`` visits, no move was searched more, and the search after it confirms
it (root loss at most ``CONFIRMED`` points). A 妙手 is a praised move with a prior of
at most ``BRILLIANT_PRIOR`` and a gap of at least ``BRILLIANT_GAP`` points. What was
decided anyway is not praised.

The gap is taken to the *easier* moves only: another hidden move that is as good
takes nothing from the find. Asked of every candidate with ten visits, as before,
not one of the 3,700 moves of 35 real analyses (20 to 200 visits) was praised: of 46 first
choices with a prior up to 12 % only 12 had a second candidate with that many visits.

Checked on recordings of seven games (64 to 256 visits, two runs A and B in engine processes of
their own, b6c96 and b15c192): three moves are praised by A, the same three by B, none by B
alone. The one that was searched to ten times the visits (960, twice) is the first choice there,
10 and 16 points better than the easier moves; it is brilliant in three of its four searches (the prior of one
position varies between them by a third, hence ``BRILLIANT_PRIOR``). Of the overlooked points of A, six of eight
are those of B, too.

*Overlooked* (漏着) is a point, or one beside it, that was the first choice of the
side to move at least ``MIN_TIMES`` times, for both players, with at most
``MAX_BREAK`` moves between two of them, while every such move lost at least ``OVERLOOKED_POINTS``
points by being played elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import PASS, Color, parse_vertex
from pipeline.go.record import GameRecord
from pipeline.review.model import MoveReview, Overlooked, Praise
from pipeline.review.situation import distance

PRAISE_PRIOR, BRILLIANT_PRIOR = 0.12, 0.07
PRAISE_GAP, BRILLIANT_GAP = 2.0, 2.5
MIN_VISITS = 40
MIN_EASIER_VISITS = 3
CONFIRMED = 1.0
MAX_PRAISED = 3
MAX_PROMISING = 2
MIN_TIMES = 3
MAX_BREAK = 6
BESIDE = 1
OVERLOOKED_POINTS = 2.0
MAX_OVERLOOKED = 3


def praised_moves(reviews: Sequence[MoveReview], evaluations: Mapping[int, Evaluation]) -> tuple[Praise, ...]:
    """The best finds of each player, at most three a player, in game order."""
    found = [
        praise
        for review in reviews
        if (praise := praise_of(review, evaluations[review.move_number - 1], evaluations[review.move_number]))
    ]
    kept: list[Praise] = []
    for player in dict.fromkeys(praise.player for praise in found):
        own = [praise for praise in found if praise.player is player]
        own.sort(key=lambda praise: (not praise.brilliant, -praise.gap, praise.move_number))
        kept += own[:MAX_PRAISED]
    return tuple(sorted(kept, key=lambda praise: praise.move_number))


def promising_moves(reviews: Sequence[MoveReview], evaluations: Mapping[int, Evaluation]) -> tuple[int, ...]:
    """Numbers of the moves that may deserve praise but were not searched enough to say so: two a player at most."""
    found: dict[Color, list[tuple[float, int]]] = {}
    for review in reviews:
        best = _hidden_find(review, evaluations[review.move_number - 1])
        if best is not None and _gap(review, best, evaluations[review.move_number - 1], visits=1) >= PRAISE_GAP:
            found.setdefault(review.player, []).append((best.prior, review.move_number))
    return tuple(sorted(number for own in found.values() for _, number in sorted(own)[:MAX_PROMISING]))


def praise_of(review: MoveReview, before: Evaluation, after: Evaluation) -> Praise | None:
    """The praise that a move deserves, if any."""
    best = _hidden_find(review, before)
    if best is None or min(before.visits, after.visits) < MIN_VISITS or review.points_lost_root > CONFIRMED:
        return None
    if best.visits < max(c.visits for c in before.candidates):
        return None
    gap = _gap(review, best, before, visits=MIN_EASIER_VISITS)
    if gap < PRAISE_GAP:
        return None
    brilliant = best.prior <= BRILLIANT_PRIOR and gap >= BRILLIANT_GAP
    return Praise(review.move_number, review.player, review.vertex, best.prior, gap, brilliant)


def _hidden_find(review: MoveReview, before: Evaluation) -> Candidate | None:
    """The first choice, if it was played and the network itself hardly thought of it."""
    best = before.best
    if review.rank != 1 or review.forced or review.decided or best is None or best.move != review.vertex:
        return None
    return best if best.prior <= PRAISE_PRIOR else None


def _gap(review: MoveReview, best: Candidate, before: Evaluation, *, visits: int) -> float:
    """What the best of the easier moves costs, in points; 0 when none was looked at."""
    easier = [c for c in before.candidates if c is not best and c.prior >= best.prior and c.visits >= visits]
    return min(((best.score_lead - c.score_lead) * review.player.sign for c in easier), default=0.0)


def overlooked_points(record: GameRecord, reviews: Sequence[MoveReview]) -> tuple[Overlooked, ...]:
    """The points that both players passed by for several moves, dearest first kept, in game order."""
    runs: list[list[MoveReview]] = []
    for review in reviews:
        if review.best_vertex in ("", PASS, review.vertex) or review.points_lost < OVERLOOKED_POINTS:
            continue
        run = next((run for run in reversed(runs) if _continues(record, run, review)), None)
        if run is None:
            runs.append([review])
        else:
            run.append(review)
    found = [
        _overlooked(record, run)
        for run in runs
        if len(run) >= MIN_TIMES and len({review.player for review in run}) == 2
    ]
    found.sort(key=lambda item: (-item.points * item.times, item.first))
    return tuple(sorted(found[:MAX_OVERLOOKED], key=lambda item: item.first))


def _continues(record: GameRecord, run: Sequence[MoveReview], review: MoveReview) -> bool:
    if review.move_number - run[-1].move_number > MAX_BREAK + 1:
        return False
    here = parse_vertex(review.best_vertex, record.width, record.height)
    there = parse_vertex(run[0].best_vertex, record.width, record.height)
    return here is not None and there is not None and distance(here, there) <= BESIDE


def _overlooked(record: GameRecord, run: Sequence[MoveReview]) -> Overlooked:
    vertices = Counter(review.best_vertex for review in run)
    (vertex, _), *others = vertices.most_common()
    first, last = run[0].move_number, run[-1].move_number
    later = range(last + 1, record.total_turns + 1)
    return Overlooked(
        vertex=vertex,
        first=first,
        last=last,
        times=len(run),
        points=fmean(review.points_lost for review in run),
        taken_by=next((n for n in later if record.moves[n - 1].vertex in vertices), None),
        exact=not others,
    )
