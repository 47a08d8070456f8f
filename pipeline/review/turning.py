"""Where a game turned: changes of the lead, and the 败着."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.go.board import Color
from pipeline.go.record import GameRecord
from pipeline.review.model import MoveReview

LOSING_MOVE_WINRATE = 0.10


def lead_changes(winrates: Sequence[float | None]) -> tuple[int, ...]:
    """Move numbers after which the other player led.

    ``winrates`` has one value per position, Black's view. Exactly 0.5 leaves
    the lead where it was; over a gap the change counts at the first position
    that shows it.
    """
    changes: list[int] = []
    leader: Color | None = None
    for turn, winrate in enumerate(winrates):
        now = _leader(winrate)
        if now is None:
            continue
        if leader is not None and now is not leader:
            changes.append(turn)
        leader = now
    return tuple(changes)


def losing_move(record: GameRecord, winrates: Sequence[float | None], reviews: Sequence[MoveReview]) -> int | None:
    """The 败着: the last move after which the lead never changed again.

    ``None`` when the lead never changed, when that move was not the loser's,
    when it lost no more than 10 % of winrate (the game slipped away, no move
    lost it), or when the recorded winner is not the one who leads at the end
    (a game lost on time or given up while ahead).
    """
    changes = lead_changes(winrates)
    if not changes:
        return None
    winner = next((leader for rate in reversed(winrates) if (leader := _leader(rate)) is not None), None)
    recorded = record.info.result.winner
    if winner is None or (recorded is not None and recorded is not winner):
        return None
    last = next((review for review in reviews if review.move_number == changes[-1]), None)
    if last is None or last.player is winner or last.winrate_lost <= LOSING_MOVE_WINRATE:
        return None
    return last.move_number


def _leader(winrate: float | None) -> Color | None:
    if winrate is None or winrate == 0.5:
        return None
    return Color.BLACK if winrate > 0.5 else Color.WHITE
