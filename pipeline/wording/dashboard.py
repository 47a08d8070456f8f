"""Words of the dashboard, the web page that shows queue and reports."""

from __future__ import annotations

from datetime import datetime

from pipeline.wording import morning, report
from pipeline.wording.cli import duration

HELP = {
    "dashboard": "在浏览器里看进度和报告（只读；默认只有本机能打开）。",
    "host": "在哪个地址上提供；默认只有本机（127.0.0.1）。写 0.0.0.0 则同一网络里的人都能看。",
    "port": "端口。",
}
LABELS: dict[str, str] = {
    "title": "复盘",
    "creator": report.LABELS["creator"],
    "overview": morning.TITLE,
    "earlier": "以前的概览",
    "queue": "队列",
    "running": "正在分析",
    "workers": "引擎",
    "failures": "没有成功",
    "reports": "报告",
    "reason": "原因",
    "advice": "怎么办",
    "pdf": "PDF",
    "page": "网页版",
    "search": "找报告",
    "search_hint": "姓名、班级或日期",
    "newer": "较新的",
    "older": "较早的",
    "all": "全部",
    "no_reports": "还没有报告。",
    "no_match": "没有找到。",
    "read_only": "这一页只供查看。重试、暂停、取消请用 ./fupan retry、pause、cancel。",
    "lost": "连接中断，显示的是刚才的情形。",
    "updated": "更新于",
    "first_page": "首页",
    "inbox": "收件文件夹",
    "trouble": "最近的问题",
    "level": "",
}
COUNTS = {
    "queued": "排队",
    "running": "分析中",
    "done": "完成",
    "paused": "暂停",
    "failed": "失败",
    "cancelled": "取消",
}
IDLE = "现在没有在分析。用 ./fupan watch 文件夹 开始。"
EMPTY = "队列里的都做完了。"
PAUSED = "队列已暂停。用 ./fupan resume 继续。"
NOTHING_YET = "还没有棋谱进来。用 ./fupan watch 文件夹 开始。"
GONE = "已失去联系"
NOT_FOUND = "没有这一页。"
BAD_HOST = "请用 {host} 打开这一页。"
BAD_METHOD = "这一页只供查看。"
BROKEN = "程序内部错误，详见 output/logs。"
TROUBLE = "{message}{advice}"

SERVING = "在浏览器里打开 {url}（按 Ctrl-C 结束）"
OPEN_TO_ALL = "注意：同一网络里的任何人都能打开这一页，看到学生的姓名和报告，没有密码。"
CLOSED = "已关闭。"


def left(seconds: float | None, now: datetime) -> str:
    """``还需约1小时05分，06:40左右``, or nothing while it is not known."""
    if seconds is None:
        return ""
    end = datetime.fromtimestamp(now.timestamp() + seconds, now.tzinfo)
    return f"还需约{duration(seconds)}，{end:%H:%M}左右"


def remaining(games: int, seconds: float | None, now: datetime) -> str:
    """``还有3盘，还需约1小时05分，06:40左右``."""
    return "，".join(part for part in (f"还有{games}盘", left(seconds, now)) if part)


def speed(visits_per_second: float) -> str:
    """``每秒320次``."""
    return f"每秒{visits_per_second:.0f}次"


def worker(host: str, pid: int) -> str:
    """``office（进程 1234）``."""
    return f"{host}（进程 {pid}）"


def page_of(number: int, pages: int) -> str:
    """``第2页，共9页``."""
    return f"第{number}页，共{pages}页"


def count(reports: int) -> str:
    """``312份``."""
    return f"{reports}份"


def moment(when: datetime) -> str:
    """``11月22日 06:55``."""
    return morning.clock(when)
