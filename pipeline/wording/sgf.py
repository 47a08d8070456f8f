"""Texts inside the annotated SGF: comments of moves, names of variations, the root's summary.

Leads and winrates arrive in Black's view, losses in the mover's. Vertices are
GTP names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.wording import terms

RECOMMENDED = "推荐变化"
PRAISED = "好手：第一感不易想到，其他下法都要吃亏。"
INSERTED_PASS = "原棋谱没有这一手：同一方连下两手，中间按对方停一手处理，不作评价。"
KEY_MOMENT = "关键手{number}"
MAX_LINE_MOVES = 8
TAGS: dict[str, str] = {
    "unpunished": "对方没有抓住这一失误。",
    "missed_punishment": "错过了惩罚对方上一手的机会。",
}

_SEARCH = {"quick": "速览", "partial": "限时", "deep": "精析"}


def lead(points: float) -> str:
    """``黑领先3.2目``, ``双方目数相当`` below a twentieth of a point."""
    if abs(points) < 0.05:
        return "双方目数相当"
    return f"{terms.COLORS['B' if points > 0 else 'W']}领先{terms.decimal(abs(points))}目"


def state(winrate: float, score_lead: float) -> str:
    """``黑胜率61.0%，黑领先3.2目``."""
    return f"黑胜率{terms.percent(winrate)}，{lead(score_lead)}"


def moves_line(vertices: Sequence[str]) -> str:
    """``R14 Q10 O3 …``, at most eight moves."""
    shown = " ".join(terms.vertex(vertex) for vertex in vertices[:MAX_LINE_MOVES])
    return shown + (" …" if len(vertices) > MAX_LINE_MOVES else "")


def move_head(number: int, color: str, vertex: str, marks: Iterable[str]) -> str:
    """``第45手 黑 Q16【恶手 · 关键手2】``."""
    names = " · ".join(marks)
    return f"第{number}手 {terms.COLORS[color]} {terms.vertex(vertex)}" + (f"【{names}】" if names else "")


def loss(points: float, winrate: float, *, settled: bool) -> str:
    """``目损6.2，胜率降12.3个百分点``; negative estimates count as nothing lost."""
    text = f"目损{terms.decimal(max(points, 0.0))}，胜率降{terms.decimal(max(winrate, 0.0) * 100)}个百分点"
    return text if settled else text + "（计算量有限，仅供参考）"


def best_line(line: Sequence[str], winrate: float, score_lead: float) -> str:
    """What should have been played, with what follows, and what comes of it."""
    return f"推荐：{moves_line(line)}，{state(winrate, score_lead)}"


def refutation(color: str, line: Sequence[str]) -> str:
    """The opponent's best answer to the move played; ``color`` is the opponent."""
    return f"{terms.SIDES[color]}最强应对：{moves_line(line)}"


def after(winrate: float, score_lead: float, visits: int) -> str:
    """The position after the move."""
    return f"此手之后：{state(winrate, score_lead)}（{terms.thousands(visits)}计算量）"


def variation_comment(number: int, vertex: str, winrate: float, score_lead: float, visits: int) -> str:
    """Comment of a variation's first move; ``visits`` are this move's own."""
    return (
        f"第{number}手的{RECOMMENDED}：{terms.vertex(vertex)}\n"
        f"{state(winrate, score_lead)}（此点{terms.thousands(visits)}计算量）"
    )


def player_line(
    color: str,
    name: str,
    *,
    moves: int,
    mean_loss: float | None,
    match_rate: float | None,
    top1_rate: float | None,
    accuracy: float | None,
    counts: Iterable[tuple[str, int]],
) -> str:
    """One player's statistics in one or two lines; a missing value is ``—``."""

    def rate(value: float | None) -> str:
        return "—" if value is None else terms.percent(value)

    def plain(value: float | None, unit: str) -> str:
        return "—" if value is None else terms.decimal(value) + unit

    figures = "，".join(
        (
            f"{moves}手",
            f"平均目损{plain(mean_loss, '目')}",
            f"一选率{rate(top1_rate)}",
            f"吻合度{rate(match_rate)}",
            f"准确度{plain(accuracy, '')}",
        )
    )
    classes = " ".join(f"{terms.CATEGORIES.get(category, category)}{count}" for category, count in counts if count)
    head = terms.SIDES[color] + (f"（{name}）" if name else "")
    return f"{head}：{figures}" + (f"\n　　{classes}" if classes else "")


def key_line(number: int, move_number: int, color: str, vertex: str, points: float) -> str:
    """One key moment in the root's list."""
    return (
        f"{number}. 第{move_number}手 {terms.COLORS[color]} {terms.vertex(vertex)}，"
        f"目损{terms.decimal(max(points, 0.0))}"
    )


def losing_line(move_number: int) -> str:
    """The 败着 in the root's list."""
    return f"{terms.LOSING_MOVE}：第{move_number}手"


def terms_line(handicap: int, komi: float, handicap_text: str, ruleset: str) -> str:
    """``让3子，5目半（中国规则…）``."""
    return f"{terms.handicap(handicap, komi, handicap_text)}，贴目：{terms.komi(komi, ruleset)}"


def root_comment(
    *,
    rules: str,
    players: Sequence[str],
    key_moments: Sequence[str],
    losing: str,
    corrections: Sequence[str],
    engine: str,
    network: str,
    visits: int,
    level: str,
    positions: int,
    total_visits: int,
    finished_at: str,
    threshold: float,
) -> str:
    """The whole comment of the root node."""
    blocks = ["【复盘摘要】\n" + "\n".join([rules, *players])]
    if key_moments or losing:
        blocks.append("【关键手】\n" + "\n".join([*key_moments, *([losing] if losing else [])]))
    if corrections:
        blocks.append("【识别说明】\n" + "\n".join(corrections))
    blocks.append(
        "【分析方法】\n"
        f"{engine}，网络 {network}\n"
        f"{_SEARCH.get(level, level)}，每个局面最多{terms.thousands(visits)}计算量，"
        f"共{positions}个局面、{total_visits}计算量，完成于 {finished_at}\n"
        f"目损超过{terms.decimal(threshold)}的着手，以及关键手和败着，附有{RECOMMENDED}分支。胜率和目数均由程序计算，供讲解参考。"
    )
    return "\n\n".join(blocks)
