"""Words of the morning summary (今日概览): what the night brought, in one line a game.

Times are local; losses are points; rates 0..1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from pipeline.wording import report, terms
from pipeline.wording.cli import duration
from pipeline.wording.jobs import LEVELS, STATES

TITLE = "今日概览"
FILE_NAME = "今日概览"
FOLDER = "概览"  # earlier ones, by date

HELP = {
    "overview": "写一份今日概览（PDF 和网页）：完成了哪些对局、哪些没有成功、还剩什么。",
    "since": "从什么时候算起：时刻（18:00）、日期（2026-11-20）或两者（2026-11-20T18:00）；不写则从昨天中午起。",
}

LABELS: dict[str, str] = {
    "title": TITLE,
    "creator": report.LABELS["creator"],
    "page_before": report.LABELS["page_before"],
    "page_between": report.LABELS["page_between"],
    "page_after": report.LABELS["page_after"],
    "summary": "一夜之间",
    "failures": "没有成功",
    "open": "还没做完",
    "reason": "原因",
    "advice": "怎么办",
    "black": "黑方",
    "white": "白方",
    "match": "吻合度",
    "worst": "最大失误",
    "page": "网页版",
    "pdf": "报告",
    "nothing": "这段时间没有完成的对局。",
}
FACTS: dict[str, str] = {
    "period": "时段",
    "done": "完成",
    "failed": "没有成功",
    "open": "还没做完",
    "time": "用时",
    "visits": "计算量",
    "speed": "速度",
    "engine": "引擎",
    "duplicates": "重复",
    "trouble": "注意",
}
GAMES_HEAD = ("", "黑方", "白方", "结果", "手数", "黑", "白", "黑", "白", "版本", "编号")
GAMES_GROUPS = (("", 5), ("吻合度", 2), ("最大失误", 2), ("", 2))
FAILURES_HEAD = ("棋谱", "原因", "怎么办")
TICK = "□"
NONE = "无"
BLANK = "—"
NO_CLASS = "未分班"
ALL_GAMES = "对局"
EDITIONS = {"quick": "快速", "partial": "限时", "deep": "深度"}
NOTES: tuple[str, ...] = (
    "□供发报告时打勾。编号是报告文件名末尾的八位；报告在所写的文件夹里。快速版和限时版（到点没有算完）会由深度版原地替换，文件名不变。",
    "吻合度：下出一选计100%，下出其他候选点按其计算量与最多者之比计，未进候选计0，取平均。最大失误：手数与目损，不足半目不列。",
)
WRITTEN = "今日概览写好了：{path}（完成 {done} 盘；没有成功：{failed}）"
KEPT = "今日概览没有写成：{message}"


def clock(moment: datetime) -> str:
    """``11月21日 18:30``."""
    return f"{moment.month}月{moment.day}日 {moment:%H:%M}"


def headline(day: date) -> str:
    """``2026年11月22日``."""
    return terms.date(day.isoformat())


def period(since: datetime, now: datetime) -> str:
    """``11月21日 12:00 至 11月22日 07:03``."""
    return f"{clock(since)} 至 {clock(now)}"


def done(counts: Mapping[str, int]) -> str:
    """``12盘（深度版10，快速版2）`` of a number for each level."""
    parts = [f"{report.EDITIONS[level]}{counts[level]}" for level in ("deep", "partial", "quick") if counts.get(level)]
    return f"{sum(counts.values())}盘（{'，'.join(parts)}）" if parts else NONE


def failed(games: int, files: int) -> str:
    """``1盘对局，2个文件读不了``."""
    parts = [f"{games}盘对局"] if games else []
    parts += [f"{files}个文件读不了"] if files else []
    return "，".join(parts) or NONE


def still_open(games: int, seconds: float | None, *, paused: bool) -> str:
    """``3盘，预计还需1小时20分``."""
    if not games:
        return NONE
    text = f"{games}盘"
    if paused:
        return text + "（队列已暂停）"
    return text + (f"，预计还需{duration(seconds)}" if seconds else "")


def time_used(engine_seconds: float, first: datetime | None, last: datetime | None) -> str:
    """``引擎计算6小时12分（18:31 至 06:55）``."""
    span = f"（{first:%H:%M} 至 {last:%H:%M}）" if first and last else ""
    return f"引擎计算{duration(engine_seconds)}{span}"


def visits(count: int, positions: int) -> str:
    """``123.4万次，4321个局面``."""
    amount = f"{count / 10000:.1f}万次" if count >= 10000 else f"{count}次"
    return f"{amount}，{positions}个局面"


def speed(visits_per_second: float) -> str:
    """``平均每秒320次``."""
    return f"平均每秒{visits_per_second:.0f}次"


def engine(version: str, device: str, network: str) -> str:
    """``KataGo 1.18.1，RTX 4070，b18``."""
    return "，".join(part for part in (f"KataGo {version}", device, network) if part)


def duplicates(files: int) -> str:
    """``2个文件，里面的对局已经分析过或正在排队``."""
    return f"{files}个文件，里面的对局已经分析过或正在排队"


def group_heading(group: str, count: int) -> str:
    """``甲班（5盘）``."""
    return f"{group}（{count}盘）"


def player(name: str, rank: str) -> str:
    """``张三 2段``."""
    return " ".join(part for part in (name or report.NAMELESS, terms.rank(rank)) if part)


def match(rate: float | None) -> str:
    """``54%``."""
    return BLANK if rate is None else terms.percent(rate, 0)


def worst(move: int | None, points: float | None) -> str:
    """``87手 12.3目``."""
    return BLANK if move is None or points is None or points < 0.5 else f"{move}手 {terms.decimal(points)}目"


def result(kind: str, winner: str | None, margin: float | None) -> str:
    """``黑中盘胜``, ``白胜3目半``, without what it is in 子."""
    return terms.result(kind, winner, margin, "")


def failure_name(name: str, level: str) -> str:
    """``甲班/一.sgf（深度版）``; ``level`` empty for a file."""
    return f"{name}（{LEVELS[level]}）" if level else name


def open_line(name: str, level: str, state: str, percent: int) -> str:
    """``甲班/一.sgf　深度版　分析中 63%``."""
    progress = f" {percent}%" if percent else ""
    return f"{name}　{LEVELS[level]}　{STATES[state]}{progress}"


def left_out(games: int, failures: int) -> str:
    """What the printed summary does not list."""
    parts = [f"{count}{what}" for count, what in ((games, "盘棋"), (failures, "项失败")) if count]
    return f"篇幅所限，另有{'、'.join(parts)}未列出，见同名网页 {FILE_NAME}.html"


def open_rest(count: int) -> str:
    """How many more there are."""
    return f"……另有{count}项，见 ./fupan list"


def one_of_each(black: str, white: str) -> str:
    """``黑54% 白61%``."""
    return f"{terms.COLORS['B']}{black} {terms.COLORS['W']}{white}"


def moves(count: int) -> str:
    """``213手``."""
    return f"{count}手"


def sentence(parts: Sequence[str]) -> str:
    """Parts of one line."""
    return "　".join(part for part in parts if part)
