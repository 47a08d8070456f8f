"""Sentences of the report, each a fact read off the evaluations. Black's view throughout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.evaluation import Evaluation
from pipeline.go.board import Color
from pipeline.go.record import GameRecord
from pipeline.review.model import GameReview, MoveCategory, MoveReview, PlayerSummary, Tag
from pipeline.wording import explain, human
from pipeline.wording import sentences as words

# A player is the favourite above this winrate: the small swings around 50 % are no changes of the lead.
FAVOURITE = 0.6
# A swing of winrate (0..1) that is worth a sentence of its own.
NOTABLE_SWING = 0.1
# Points that a player must have lost in a phase for it to be called costly.
COSTLY_PHASE = 3.0
# Points given back by the reply that make the mistake an unpunished one: from a slack move on.
UNPUNISHED = 1.5

MAX_REASONS = 2

_GROUPS = (Tag.STONES_LOST, Tag.STONES_SHAKY, Tag.STONES_ESCAPED, Tag.STONES_WORSE, Tag.STONES_BETTER)
_CONSEQUENCES = (*_GROUPS, Tag.LOST_IN)
# These name a place and its size themselves: a second figure would only confuse.
_SIZED = (Tag.REFUTED, Tag.BAD_TRADE, Tag.LEFT_OPEN, Tag.NEGLECTED, Tag.NEAR_MISS)
_MISTAKES = (MoveCategory.MISTAKE, MoveCategory.BLUNDER, MoveCategory.HUGE_BLUNDER)


def overview(record: GameRecord, review: GameReview, side: Color | None = None) -> tuple[str, ...]:
    """The three to six sentences of the summary; ``side``: only this player's losses and mistakes are told."""
    players = tuple(summary for summary in (review.black, review.white) if side in (None, summary.player))
    sentences = [
        _opening(record, review),
        _course(review),
        _decisive(review),
        _end(record, review),
        _phases(players),
        _counts(players),
    ]
    return tuple(s for s in sentences if s)


def moment(record: GameRecord, evaluations: Mapping[int, Evaluation], review: GameReview, move: MoveReview) -> str:
    """What there is to say of one key move beyond the numbers of its verdict."""
    number = move.move_number
    parts = []
    before, after = _state(review, number - 1), _state(review, number)
    if before and after:
        parts.append(words.moment_standing(before, after))
    parts += explanation(record, move)
    if move.human_played is not None and move.human_best is not None and move.best_vertex != move.vertex:
        parts.append(human.same_rank(move.human_played, move.human_best, move.best_vertex))
    parts.append(_reply(record, evaluations, review, number))
    return "".join(parts)


def _state(review: GameReview, turn: int) -> tuple[float, float] | None:
    if not 0 <= turn < len(review.winrates):
        return None
    winrate, score = review.winrates[turn], review.score_leads[turn]
    return None if winrate is None or score is None else (winrate, score)


def _opening(record: GameRecord, review: GameReview) -> str:
    later = [first - 1 for _, first in review.phase_starts if 1 < first <= record.total_turns]
    if not later:
        return ""
    turn = min(later)
    state = _state(review, turn)
    return words.after_opening(turn, *state) if state else ""


def _course(review: GameReview) -> str:
    leader: Color | None = None
    changes, since = 0, 0
    for turn, winrate in enumerate(review.winrates):
        if winrate is None:
            continue
        now = Color.BLACK if winrate > FAVOURITE else Color.WHITE if winrate < 1 - FAVOURITE else leader
        if now is not leader:
            changes += leader is not None
            leader, since = now, turn
    last = next((w for w in reversed(review.winrates) if w is not None), None)
    if last is None:
        return ""
    kept = leader is None or abs(last - 0.5) >= words.CLOSE
    return words.whole_course(changes, leader, since, len(review.winrates) - 1, kept=kept)


def _swing(review: GameReview, move: MoveReview) -> tuple[float, float] | None:
    before, after = _state(review, move.move_number - 1), _state(review, move.move_number)
    if not before or not after:
        return None
    if move.player is Color.BLACK:
        return before[0], after[0]
    return 1 - before[0], 1 - after[0]


def _decisive(review: GameReview) -> str:
    by_number = {m.move_number: m for m in review.moves}
    losing = by_number.get(review.losing_move) if review.losing_move is not None else None
    if losing and (swing := _swing(review, losing)) and swing[0] > swing[1]:
        return words.losing_move(losing.move_number, losing.player, losing.vertex, swing, _better(losing))
    worst = max(review.moves, key=lambda m: m.winrate_lost, default=None)
    if worst and worst.winrate_lost >= NOTABLE_SWING and (swing := _swing(review, worst)) and swing[0] > swing[1]:
        return words.turning_point(worst.move_number, worst.player, worst.vertex, swing)
    return ""


def _better(move: MoveReview) -> str:
    return move.best_vertex if move.best_vertex != move.vertex else ""


def _end(record: GameRecord, review: GameReview) -> str:
    result = record.info.result
    state = _state(review, record.total_turns)
    if result.winner is None or not state:
        return ""
    loser = result.winner.opponent
    chance = state[0] if loser is Color.BLACK else 1 - state[0]
    return words.resigned_ahead(loser, chance) if chance >= FAVOURITE else ""


def _phases(players: Sequence[PlayerSummary]) -> str:
    items = []
    for summary in players:
        if sum(stats.moves > 0 for _, stats in summary.by_phase) < 2:
            continue  # where all was lost in the only phase, the phase is no news
        phase, stats = max(summary.by_phase, key=lambda item: item[1].total_loss, default=(None, None))
        if phase and stats and stats.total_loss >= COSTLY_PHASE:
            items.append((summary.player, phase, stats.total_loss))
    return words.costly_phases(items) if items else ""


def _counts(players: Sequence[PlayerSummary]) -> str:
    items = []
    for summary in players:
        if summary.overall.moves == 0:
            continue
        counts = dict(summary.overall.category_counts)
        items.append((summary.player, [(category.value, counts.get(category, 0)) for category in _MISTAKES]))
    if not items:
        return ""
    if not any(count for _, counted in items for _, count in counted):
        return words.NO_MISTAKES if len(items) == 2 else words.no_mistakes_by(items[0][0])
    return words.mistake_counts(items)


def explanation(record: GameRecord, move: MoveReview) -> list[str]:
    """The reasons of a loss, two at most, and then what it cost: the groups, or else the place."""
    reasons = [fact for fact in move.facts if fact.tag not in _CONSEQUENCES]
    groups = [fact for fact in move.facts if fact.tag in _GROUPS]
    places = [fact for fact in move.facts if fact.tag is Tag.LOST_IN]
    # The game's id is a hash already: it varies the wording, and the same game always reads the same.
    variant = int(record.game_id[:8], 16) + move.move_number
    # Two reasons that name the same point are one.
    distinct = list({fact.vertex: fact for fact in reversed(reasons)}.values())[::-1]
    sized = any(fact.tag in _SIZED for fact in distinct[:MAX_REASONS])
    said = distinct[:MAX_REASONS] + (groups or ([] if sized else places))
    return [
        explain.sentence(
            fact.tag,
            move.player,
            variant,
            point=fact.vertex,
            stones=fact.stones,
            owner=fact.owner,
            count=fact.count,
            points=fact.points,
            region=fact.region,
            phase=move.phase,
            doing=fact.doing,
        )
        for fact in said
    ]


def highlights(record: GameRecord, review: GameReview) -> tuple[str, ...]:
    """Moves worth praising and points that both players overlooked, a sentence each."""
    praise = [
        explain.praised(p.move_number, p.player, p.vertex, p.prior, p.gap, brilliant=p.brilliant)
        for p in review.praised
    ]
    passed_by = [
        explain.overlooked(o.vertex, o.first, o.last, o.points, _taken(record, o.taken_by), exact=o.exact)
        for o in review.overlooked
    ]
    return (*praise, *passed_by)


def _taken(record: GameRecord, number: int | None) -> tuple[int, str] | None:
    return None if number is None else (number, record.moves[number - 1].color)


def _reply(record: GameRecord, evaluations: Mapping[int, Evaluation], review: GameReview, number: int) -> str:
    after = evaluations.get(number)
    best = after.best if after else None
    if best is None:
        return ""
    if number >= record.total_turns or record.moves[number].inserted:
        return words.best_answer(record.to_move(number), best.move)
    reply = record.moves[number]
    if reply.vertex == best.move:
        return words.punished(reply.color, reply.vertex)
    verdict = next((m for m in review.moves if m.move_number == number + 1), None)
    if verdict and verdict.points_lost >= UNPUNISHED:
        return words.unpunished(reply.color, reply.vertex, best.move, verdict.points_lost)
    return ""
