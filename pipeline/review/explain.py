"""Why a move lost points: facts for its sentences and tags for the dataset. Pure.

Explained are moves from a slack one on. Of a pass (``PASSED_TOO_EARLY``) only what
was left to take is said, and of a stone where both players' best move is a pass
(``GAME_OVER``) only that. Of all others the facts are, in this order: what the
board proves (:mod:`~pipeline.review.explain_tactics`), one strategic reason
(:mod:`~pipeline.review.explain_strategy`) or, without one, what was given for what
(:mod:`~pipeline.review.explain_flow`) or, without that, what the two best lines show
(:mod:`~pipeline.review.explain_lines`), the groups that turned and the part of
the board that holds the loss (:mod:`~pipeline.review.territory`). A rule that is
unsure says nothing; of a move without a reason it is said where the better move is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pipeline.evaluation import Evaluation
from pipeline.go.board import PASS, Color, vertex_name
from pipeline.go.record import GameRecord
from pipeline.review.category import severity
from pipeline.review.explain_flow import better_move, give_and_take, shifted_groups
from pipeline.review.explain_lines import line_fact, sente_fact
from pipeline.review.explain_strategy import strategic_fact
from pipeline.review.explain_tactics import tactical_facts
from pipeline.review.model import Fact, MoveCategory, MoveReview, Tag
from pipeline.review.situation import Situation, situations
from pipeline.review.territory import STRIPS, Turned, lost_in, place_of, turned_stones

LEAST = MoveCategory.SLACK
MAX_GROUPS = 2


def with_explanations(
    record: GameRecord, evaluations: Mapping[int, Evaluation], reviews: Iterable[MoveReview]
) -> list[MoveReview]:
    """The reviews with facts and tags filled in where a move is worth explaining."""
    ordered = list(reviews)
    wanted = [review for review in ordered if severity(review.category) >= severity(LEAST)]
    found = {s.number: explain(s) for s in situations(record, evaluations, wanted)}
    found |= {review.move_number: facts for review in wanted if (facts := _passing(evaluations, review))}
    return [_with_facts(review, found.get(review.move_number, ())) for review in ordered]


def explain(situation: Situation) -> tuple[Fact, ...]:
    """Everything that is sure about why a move lost points, weightiest first."""
    s = situation
    turned = turned_stones(s.board, s.before, s.after, s.mover)
    lost = lost_in(s.board, s.before, s.after, s.mover, s.review.points_lost)
    region, points = lost if lost and _concerned(s, lost[0]) else ("", 0.0)
    strategic = strategic_fact(s, turned, region)
    if strategic is not None and strategic.tag is Tag.ENDGAME_SIZE:
        strategic = sente_fact(s) or strategic
    facts = [*tactical_facts(s), *([strategic] if strategic else [])]
    flow = None if facts or turned else give_and_take(s)
    facts += [flow] if flow else []
    line = None if facts else line_fact(s, region, points)
    facts += [line] if line else []
    facts += [_group(group, s.mover) for group in turned[:MAX_GROUPS]] or shifted_groups(s)
    if region:
        # Ownership also counts what the rest of the board gives back: never claim more than the loss.
        facts.append(Fact(Tag.LOST_IN, region=region, points=min(points, s.review.points_lost)))
    if not any(fact.tag is not Tag.LOST_IN for fact in facts) and (better := better_move(s)) is not None:
        facts.insert(0, better)
    return tuple(facts)


def _passing(evaluations: Mapping[int, Evaluation], review: MoveReview) -> tuple[Fact, ...]:
    answer = evaluations[review.move_number].best
    if review.vertex == PASS:
        if review.best_vertex in ("", PASS):
            return ()
        return (Fact(Tag.PASSED_TOO_EARLY, review.best_vertex, points=review.points_lost),)
    over = review.best_vertex == PASS and answer is not None and answer.move == PASS
    return (Fact(Tag.GAME_OVER, owner=review.player),) if over else ()


def _concerned(s: Situation, region: str) -> bool:
    """Whether the move or the best move lies there.

    A loss elsewhere is noise, or what the opponent gains with the turn: not what the move did.
    """
    parts = STRIPS.get(region, (region,))
    points = (s.played, s.best)
    return any(place_of(p, s.board.width, s.board.height).name in parts for p in points if p is not None)


def _group(turned: Turned, mover: Color) -> Fact:
    tag = Tag.STONES_ESCAPED if turned.owner is not mover else Tag.STONES_SHAKY if turned.shaky else Tag.STONES_LOST
    return Fact(tag, "", vertex_name(turned.point), turned.owner, turned.count, turned.lost)


def _with_facts(review: MoveReview, facts: tuple[Fact, ...]) -> MoveReview:
    tags = dict.fromkeys(fact.stored for fact in facts)
    return replace(review, facts=facts, tags=(*review.tags, *tags)) if facts else review
