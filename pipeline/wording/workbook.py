"""Words of the workbook (错题本). Vertices are GTP names, losses in points, winrates 0..1 in the solver's view."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.wording import report, terms

LABELS: dict[str, str] = {
    "answers": "答案",
    "index": "答案所在的页",
    "reply": "我的答案",
    "notes": report.LABELS["notes"],
    "creator": report.LABELS["creator"],
    "page_before": report.LABELS["page_before"],
    "page_between": report.LABELS["page_between"],
    "page_after": report.LABELS["page_after"],
    "book": "错题本",
    "problem_before": "第",
    "problem_after": "题",
    "page": "页",
}
CLASS_NAME = "全班"
FILE_WORD = "错题本"
RIGHT_FIGURE = "正解图"
WRONG_FIGURE = "失败图"

note = report.note


def title(student: str) -> str:
    """``错题本：张三``."""
    return f"{LABELS['book']}：{student}" if student else LABELS["book"]


def intro(count: int, *, choices: bool) -> tuple[str, ...]:
    """What stands under the title."""
    how = "选出最好的一手，再想一想对方怎样应。" if choices else "找出最好的一手，再想一想对方怎样应。"
    return (f"共{count}题，都出自自己的对局。{how}", "△是对方刚下的一手。★越多越难。答案在后面，次序打乱了。")


def heading(number: int, color: str) -> str:
    """``第3题　黑先``."""
    return f"第{number}题　{terms.COLORS[color]}先"


def stars(count: int) -> str:
    """``★★☆``."""
    return "★" * count + "☆" * (3 - count)


def source(date: str, opponent: str, move: int) -> str:
    """Where it was played: ``2026年11月21日 对李四 第13手``."""
    return " ".join(part for part in (date, f"对{opponent}" if opponent else "", f"第{move}手") if part)


def question(color: str, letters: str) -> str:
    """What is asked."""
    return (
        f"A、B{'、C' if len(letters) > 2 else ''}中哪一手最好？" if letters else f"{terms.COLORS[color]}下在哪里最好？"
    )


def position_title(number: int) -> str:
    """Alternative text of a problem's board."""
    return f"第{number}题"


def answer_heading(number: int) -> str:
    """``第3题　答案``."""
    return f"第{number}题　答案"


def answer_lines(
    *,
    answer: str,
    letter: str,
    also: Sequence[str],
    played: str,
    played_letter: str,
    points: float,
    swing: tuple[float, float],
    others: Sequence[tuple[str, float]],
) -> tuple[str, ...]:
    """What there is to say: the right move, what the game's move cost, and the other choices."""
    lines = [f"正解：{letter + '，' if letter else ''}{terms.vertex(answer)}。"]
    if also:
        lines.append(f"{'、'.join(terms.vertex(vertex) for vertex in also[:3])}也可以，相差很小。")
    before, after = swing
    name = f"{played_letter}（{terms.vertex(played)}）" if played_letter else terms.vertex(played)
    cost = f"损失{terms.decimal(points)}目"
    if before - after >= 0.01:
        cost += f"，胜率由{terms.percent(before, 0)}降到{terms.percent(after, 0)}"
    lines.append(f"实战下{name}，{cost}。")
    lines += [f"{name}差{terms.decimal(loss)}目。" for name, loss in others]
    return tuple(lines)
