"""Statistics over many games in words: headings, columns, names of values."""

from __future__ import annotations

from pipeline.wording import explain, terms

TABLES: dict[str, str] = {
    "players": "棋手",
    "summary": "概况",
    "months": "逐月",
    "all_months": "逐月",
    "phases": "各阶段",
    "tags": "常见问题",
    "zones": "棋盘部位",
    "regions": "失误在哪一带",
    "colours": "执黑与执白",
    "worst": "失误最大的棋",
}

COLUMNS: dict[str, str] = {
    "player": "棋手",
    "since": "最早",
    "until": "最近",
    "games": "盘数",
    "won": "胜",
    "lost": "负",
    "moves": "手数",
    "mean_loss": "平均目损",
    "accuracy": "准确度",
    "top1_rate": "一选率",
    "mistakes_per_100": "百手失误以上",
    "mistakes": "失误以上",
    "weakest_phase": "最弱阶段",
    "month": "月份",
    "phase": "阶段",
    "others_mean_loss": "其他人目损",
    "tag": "问题",
    "times": "次数",
    "per_game": "每盘",
    "total_loss": "累计目损",
    "zone": "部位",
    "share_of_loss": "占损失",
    "region": "部位",
    "share_of_mistakes": "占比",
    "colour": "执",
    "date": "日期",
    "source_file": "棋谱",
    "opponent": "对手",
    "move_number": "手",
    "vertex": "实战",
    "best_vertex": "推荐",
    "points": "目损",
    "category": "类别",
}
ZONES: dict[str, str] = {"corner": "角", "side": "边", "centre": "中腹"}
RATES = frozenset({"top1_rate", "share_of_loss", "share_of_mistakes"})
PLACES: dict[str, int] = {"mean_loss": 2, "others_mean_loss": 2, "per_game": 2}
NONE = "—"

HEADING = "共 {games} 盘对局。"
NO_GAMES = "还没有分析过的对局，或没有符合条件的对局。"
NOTES: tuple[str, ...] = (
    "平均目损越小越好；准确度按 KaTrain 的公式；百手失误以上：每百手中失误、恶手、大恶手共有几手。",
    "最弱阶段：与其他棋手相比目损最多的阶段，至少 20 手才计。",
)
TABLE_TITLE = "【{name}】"


def cell(column: str, value: object) -> str:
    """A value as the tables show it."""
    if value is None or value == "":
        return NONE
    names: dict[str, dict[str, str]] = {
        "phase": terms.PHASES,
        "weakest_phase": terms.PHASES,
        "zone": ZONES,
        "region": explain.REGIONS,
        "colour": terms.COLORS,
        "category": terms.CATEGORIES,
    }
    if column in names:
        return names[column].get(str(value), str(value))
    if column == "tag":
        return explain.tag_name(str(value))
    if column in {"vertex", "best_vertex"}:
        return terms.vertex(str(value))
    if isinstance(value, float):
        return terms.percent(value) if column in RATES else terms.decimal(value, PLACES.get(column, 1))
    return str(value)
