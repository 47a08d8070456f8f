"""What a player should take home from a game: one sentence for each habit that cost him points.

``at`` names the moves, ``points`` is what they lost together; both end the sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.wording.terms import PHASES, SIDES, half_points

HABITS: dict[str, str] = {
    "captures": "落子前先看双方哪块棋气紧、有没有打吃和征子",
    "connection": "走别处之前，先看自己有没有断点、对方有没有断点",
    "urgent": "对方下完，先看局部要不要应，急所先走，再去占大场",
    "direction": "落子前比一比全局哪里最大，不必在小处跟着走",
    "overplay": "打入和救棋之前，先算能不能活、值不值得救",
    "ko": "打劫之前先数双方的劫材，劫材要够大，该应的要应",
    "endgame": "官子先走先手的，再按大小走后手的",
    "chances": "对方走了坏棋，先停下来找出抓住它的办法再落子",
    "opening": "布局失分最多，多想一步哪里最大、棋往哪边走",
    "middle": "中盘失分最多，多看双方棋块的死活再决定攻守",
    "late": "官子失分最多，把每处官子的大小数清楚",
}
PHASE_HABITS: dict[str, str] = {"opening": "opening", "middle": "middle", "endgame": "late"}


def lesson(habit: str, moves: Sequence[int], count: int, points: float) -> str:
    """One sentence with its evidence: ``……（第12、34手，共损约15目）``; ``moves`` are named out of ``count``."""
    more = f"等{count}手" if count > len(moves) else "手"
    lost = "共损" if count > 1 else "损失"
    return f"{HABITS[habit]}（第{'、'.join(map(str, moves))}{more}，{lost}约{_about(points)}）。"


def phase_lesson(phase: str, points: float) -> str:
    """The same where only the phase is known in which the points were lost."""
    return f"{HABITS[PHASE_HABITS[phase]]}（{PHASES[phase]}共损约{_about(points)}）。"


def _about(points: float) -> str:
    return half_points(round(points * 2) / 2 if points < 10 else round(points))


def numbered(lessons: Sequence[str]) -> tuple[str, ...]:
    """``1．……``, ``2．……``: one player's lessons, a paragraph each."""
    return tuple(f"{number}．{text}" for number, text in enumerate(lessons, start=1))


def for_player(color: str, lessons: Sequence[str]) -> str:
    """One player's lessons in one paragraph, where both have theirs: ``黑方：……``."""
    return f"{SIDES[color]}：{''.join(numbered(lessons) if len(lessons) > 1 else lessons)}"
