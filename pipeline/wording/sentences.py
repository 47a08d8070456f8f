"""Sentences of the report: the course of a game, and what a key move changed.

Colours are ``"B"`` or ``"W"``; winrates are 0..1 and leads in points, in the
view that the parameter's name says. Sentences state what the data say and
nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.wording import terms
from pipeline.wording.terms import COLORS, decimal, percent

WINNING = "已是胜势"
EVEN = "双方接近"
# Winrates this close to one half are called even.
CLOSE = 0.08


def inline_move(number: int, color: str, vertex: str) -> str:
    """The same inside a sentence: ``第121手黑C5``."""
    return f"第{number}手{COLORS[color]}{terms.vertex(vertex)}"


def _lead(points: float) -> str:
    """``约3目``: a lead as a teacher would say it, to the half point."""
    rounded = round(abs(points) * 2) / 2 if abs(points) < 10 else round(abs(points))
    return "约" + terms.half_points(rounded)


def standing(black_winrate: float, black_score: float) -> str:
    """Who stands better: ``黑领先约3目``, ``局面接近``, ``白已是胜势``. Black's view in."""
    if abs(black_winrate - 0.5) < CLOSE:
        return EVEN
    leader = "B" if black_winrate > 0.5 else "W"
    side, rate = COLORS[leader], max(black_winrate, 1 - black_winrate)
    ahead = black_score if leader == "B" else -black_score
    amount = f"领先{_lead(ahead)}" if ahead >= 0.5 else "稍好"
    if rate >= 0.95 and ahead >= 0.5:
        return f"{side}{amount}，{WINNING}"
    return f"{side}{amount}"


def after_opening(moves: int, black_winrate: float, black_score: float) -> str:
    """State at the end of the opening."""
    return f"布局结束时（第{moves}手）{standing(black_winrate, black_score)}，黑方胜率{percent(black_winrate, 0)}。"


# A lead that is taken in the last moves has not been "kept" since.
LATE = 10


def whole_course(changes: int, leader: str | None, since: int, last: int, *, kept: bool = True) -> str:
    """How often the lead changed, or who led from where on.

    Args:
        changes: how often the clear favourite changed.
        leader: the favourite at the end, ``None`` when nobody ever was.
        since: the move after which that favourite led without a break.
        last: the number of moves of the game.
        kept: whether that favourite still is one in the last position.
    """
    if leader is None:
        return "全局双方形势始终接近。"
    side = COLORS[leader]
    if not kept:
        often = f"优势易手{changes}次，" if changes else ""
        return f"{often}{side}方从第{since}手起一度占优，最后双方接近。"
    if changes == 0:
        return f"{side}方从第{since}手起取得优势，此后一直保持。" if since > 1 else f"{side}方自始至终占优。"
    if last - since < LATE:
        return f"优势易手{changes}次，直到终局前才定，最后{side}方占优。"
    return f"优势易手{changes}次，第{since}手以后{side}方一直占优。"


def losing_move(number: int, color: str, vertex: str, swing: tuple[float, float], best: str) -> str:
    """The move that lost the game; ``swing``: winrate before and after it in the mover's view."""
    before, after = swing
    better = f"，此时应下{terms.vertex(best)}" if best else ""
    return (
        f"{inline_move(number, color, vertex)}是{terms.LOSING_MOVE}，"
        f"{COLORS[color]}方胜率由{percent(before, 0)}降到{percent(after, 0)}{better}。"
    )


def turning_point(number: int, color: str, vertex: str, swing: tuple[float, float]) -> str:
    """The largest swing, where no move is called the losing one; ``swing`` as above."""
    before, after = swing
    return (
        f"波动最大的是{inline_move(number, color, vertex)}，"
        f"{COLORS[color]}方胜率由{percent(before, 0)}降到{percent(after, 0)}。"
    )


def costly_phases(items: Sequence[tuple[str, str, float]]) -> str:
    """Where each player lost most: (colour, phase, points lost there)."""
    phases = {phase for _, phase, _ in items}
    if len(items) == 2 and len(phases) == 1:
        losses = "，".join(f"{COLORS[color]}方共损{decimal(total)}目" for color, _, total in items)
        return f"双方失分都主要在{terms.PHASES[items[0][1]]}：{losses}。"
    parts = [
        f"{COLORS[color]}方在{terms.PHASES[phase]}失分最多，共损{decimal(total)}目" for color, phase, total in items
    ]
    return "；".join(parts) + "。"


def mistake_counts(items: Sequence[tuple[str, Sequence[tuple[str, int]]]]) -> str:
    """Mistakes of each player, class by class as the table counts them: (colour, ((class, moves), ...))."""
    parts = []
    for color, counts in items:
        said = "、".join(f"{terms.CATEGORIES[category]}{count}手" for category, count in counts if count)
        parts.append(f"{COLORS[color]}方{said}" if said else f"{COLORS[color]}方没有失误")
    return "，".join(parts) + "。"


NO_MISTAKES = "本局没有明显失误，双方发挥稳定。"


def no_mistakes_by(color: str) -> str:
    """One player made none."""
    return f"{COLORS[color]}方全局没有明显失误。"


def resigned_ahead(loser: str, loser_winrate: float) -> str:
    """The one who lost by the record stood better in the last position."""
    return f"终局时按分析{COLORS[loser]}方占优，胜率{percent(loser_winrate, 0)}，与所记结果不同。"


def moment_standing(before: tuple[float, float], after: tuple[float, float]) -> str:
    """How the standing changed by a move: (Black's winrate, Black's lead) before and after it."""
    was, now = standing(*before), standing(*after)
    if was == now == EVEN:
        return f"此手前后{EVEN}。"
    if was == now:
        return f"此手前后都是{now}。"
    leader, ahead = _clear_leader(*before)
    leader_after, ahead_after = _clear_leader(*after)
    if leader and leader == leader_after:
        change = "扩大" if ahead_after > ahead else "缩小"
        winning = f"，{WINNING}" if now.endswith(WINNING) else ""
        if _lead(ahead) == _lead(ahead_after):
            return f"此手前后{COLORS[leader]}都领先{_lead(ahead)}{winning}。"
        return f"{COLORS[leader]}的领先由{_lead(ahead)}{change}到{_lead(ahead_after)}{winning}。"
    turned = bool(leader and leader_after)
    return f"此手之前{was}，此手之后{'形势逆转，' if turned else ''}{now}。"


def _clear_leader(black_winrate: float, black_score: float) -> tuple[str, float]:
    """Who leads by winrate and by points alike, and by how much; ``""`` for nobody."""
    if abs(black_winrate - 0.5) < CLOSE or abs(black_score) < 0.5 or (black_winrate > 0.5) != (black_score > 0):
        return "", 0.0
    return ("B" if black_score > 0 else "W"), abs(black_score)


def punished(color: str, vertex: str) -> str:
    """The opponent answered as the engine would."""
    return f"{COLORS[color]}{terms.vertex(vertex)}应对正确。"


def unpunished(color: str, played: str, best: str, points: float) -> str:
    """The opponent missed the best answer and gave ``points`` back."""
    return (
        f"{COLORS[color]}方应下{terms.vertex(best)}，实战{terms.vertex(played)}没有抓住机会，还回{decimal(points)}目。"
    )


def best_answer(color: str, best: str) -> str:
    """The opponent's best answer, where none was played."""
    return f"{COLORS[color]}方最强的应手是{terms.vertex(best)}。"
