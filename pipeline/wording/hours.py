"""Hours of work: how days are written in the settings, and what is said while it is not time yet."""

from __future__ import annotations

# Every way in which a day of the week may be written -> its number (Monday is 0).
DAYS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            ("周一", "星期一", "礼拜一", "mon"),
            ("周二", "星期二", "礼拜二", "tue"),
            ("周三", "星期三", "礼拜三", "wed"),
            ("周四", "星期四", "礼拜四", "thu"),
            ("周五", "星期五", "礼拜五", "fri"),
            ("周六", "星期六", "礼拜六", "sat"),
            ("周日", "周天", "星期日", "星期天", "礼拜日", "礼拜天", "sun"),
        )
    )
    for name in names
}
DAY_GROUPS: dict[str, tuple[int, ...]] = {
    "每天": (0, 1, 2, 3, 4, 5, 6),
    "工作日": (0, 1, 2, 3, 4),
    "周末": (5, 6),
    "daily": (0, 1, 2, 3, 4, 5, 6),
    "weekdays": (0, 1, 2, 3, 4),
    "weekend": (5, 6),
}
DAY_NAMES = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
# Chinese signs that people type -> what the grammar has
SIGNS = str.maketrans({"：": ":", "－": "-", "—": "-", "–": "-", "～": "-", "~": "-", "至": "-", "到": "-"})
COMMAS = ",，、"

BAD_SPAN = "“{text}”不是时段，请写成 22:00-07:00，前面可以写星期，如“周一-周五 22:00-07:00”"
BAD_DAY = "“{text}”不是星期几，请写成周一到周日，或每天、工作日、周末"
NEVER_OPEN = "除去 quiet 以后没有剩下任何时间，永远不会开始分析"

CLOSED = "现在不是分析时段：引擎不启动，棋谱照常收下，{until} 开始分析。"
QUICK_ONLY = "现在不是深度分析的时段：先出快速版，深度版等到 {until}。"
OPEN = "分析时段开始，到 {until} 为止。"
OPEN_ALWAYS = "分析时段开始。"
LOW_SPACE = "磁盘只剩 {free:.0f} MB（至少要留 {reserve:.0f} MB），分析暂停。棋谱照常收下，腾出空间后会自动继续：{path}"
SPACE_BACK = "磁盘空间够了（{free:.0f} MB），继续分析。"
SPACE_TIGHT = "磁盘可能不够：排队的对局大约还要 {needed:.0f} MB，{path} 只剩 {free:.0f} MB（另要留 {reserve:.0f} MB）。"


def moment(weekday: int, clock: str, *, days_ahead: int) -> str:
    """When something happens: ``22:00``, ``明天 07:00`` or ``周一 22:00``."""
    if days_ahead == 0:
        return clock
    return f"明天 {clock}" if days_ahead == 1 else f"{DAY_NAMES[weekday]} {clock}"
