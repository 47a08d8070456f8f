"""What watching a folder and looking at the queue say."""

from __future__ import annotations

ERROR_SUFFIX = ".错误.txt"
ERROR_TEXT = """\
{name} 没有分析。

原因：{message}
解决办法：{advice}

改正后请把棋谱重新放进收件文件夹。
"""

HELP = {
    "watch": "守着一个收件文件夹：放进去的棋谱自动分析，先出快速版报告，再换成深度版。",
    "inbox": "收件文件夹。里面的子文件夹就是班级。",
    "once": "处理完现有的棋谱就结束，不再等新的。",
    "until": "到这个时刻（HH:MM，今天或明天）为止：先给每盘棋作初步分析，再按重要程度加深，到时印好报告；没算完的下次接着算。",
    "status": "显示队列：在算什么、还剩多少、预计何时完成、哪些没有成功。",
    "live": "持续刷新，按 Ctrl-C 退出。",
    "list": "列出全部对局和状态。",
    "show": "显示一盘对局的详细情况。",
    "retry": "重新分析失败或已取消的对局；不写对局则全部重试。",
    "cancel": "取消还没有完成的对局。",
    "pause": "暂停：不写对局则暂停整个队列（正在算的会算完）。",
    "resume": "继续：不写对局则继续整个队列，并恢复暂停的对局。",
    "game": "对局编号、文件名或班级的一部分。",
    "all": "用于全部对局。",
    "state": "只列出这种状态：queued、running、publishing、paused、done、failed、cancelled。",
}

STATES = {
    "queued": "排队",
    "running": "分析中",
    "publishing": "生成报告",
    "done": "完成",
    "paused": "暂停",
    "failed": "失败",
    "cancelled": "已取消",
}
LEVELS = {"quick": "快速版", "deep": "深度版"}
PHASES = {"start": "启动", "idle": "等待棋谱", "engine": "启动引擎", "search": "分析", "trouble": "出错，稍后重试"}

WATCHING = "正在守候 {inbox}（{how}）。把棋谱放进去即可，按 Ctrl-C 结束。"
BY_EVENTS = "有新文件立即知道"
BY_POLLING = "网络文件夹，每 {seconds:.0f} 秒查看一次"
ONCE = "处理 {inbox} 里现有的棋谱，完成后结束。"
UNTIL = "到 {moment} 停止。"
TAKEN_UP = "接着上次没有做完的：{count} 项。"
FILE_TAKEN = "收到 {name}：{games} 盘对局"
FILE_DUPLICATE = "重复 {name}：里面的对局已经分析过或正在排队，移到 duplicate"
FILE_FAILED = "无法分析 {name}：{message}"
FILE_UNREADABLE = "暂时读不了 {name}（{detail}），稍后再试。"
MOVE_FAILED = "{name} 已收下，但还不能移走（{detail}），稍后再试。"
INBOX_GONE = "收件文件夹 {inbox} 暂时打不开（{detail}），等它恢复。"
INBOX_BACK = "收件文件夹 {inbox} 恢复了。"
INBOX_TROUBLE = "收件暂停：{message} {seconds:.0f} 秒后再试。"
JOB_DONE = "{level} {name} → {report}"
JOB_AGAIN = "{name} {level}没有成功：{message} 稍后再试。"
JOB_FAILED = "{name} {level}失败：{message}"
TROUBLE = "工作中断：{message} {seconds:.0f} 秒后自动重试。"
REACHED_UNTIL = "到了 {moment}，停止。没有算完的下次接着算。"
WATCH_SUMMARY = "完成 {done} 份报告，失败 {failed}，还在队列里 {pending} 项；用时 {elapsed}。"

STATUS_EMPTY = "队列是空的。"
STATUS_PAUSED = "队列已暂停（./fupan resume 继续）。"
STATUS_NO_WORKER = "现在没有在分析（./fupan watch 文件夹 开始）。"
STATUS_WORKER = "{phase}：{host}（进程 {pid}），{speed:.0f} visits/s，收件文件夹 {inbox}"
STATUS_COUNTS = "{level}：排队 {queued}，分析中 {running}，完成 {done}，暂停 {paused}，失败 {failed}，取消 {cancelled}"
STATUS_LEFT = "预计还需 {left}（{moment} 左右）"
STATUS_RUNNING = "正在分析："
STATUS_RUNNING_LINE = "  {level} {name}  {percent}%"
STATUS_RUNNING_LEFT = "，还需约 {left}"
STATUS_ENGINE = "  引擎：{engine}"
STATUS_FAILED = "没有成功："
STATUS_FAILED_LINE = "  {name}：{message}{advice}"
STATUS_TROUBLE = "最近的问题：{text}"
LIST_LINE = "{game_id}  {quick:<6} {deep:<6} {name}"
LIST_NONE = "没有对局。"
NOT_WANTED = "—"
CHANGED = {
    "retry": "重新排队：{name}（{level}）",
    "cancel": "已取消：{name}（{level}）",
    "pause": "已暂停：{name}（{level}）",
    "resume": "已恢复：{name}（{level}）",
}
CHANGED_NONE = "没有可以这样处理的对局。"
QUEUE_PAUSED = "队列已暂停：正在算的会算完，不再开始新的。"
QUEUE_RESUMED = "队列继续。"
SHOW = {
    "game_id": "编号",
    "name": "棋谱",
    "group": "班级",
    "level": "级别",
    "state": "状态",
    "positions": "局面",
    "attempts": "已重试",
    "created": "收到",
    "finished": "结束",
    "report": "报告",
    "reason": "原因",
    "advice": "办法",
}


def in_class(group: str, name: str) -> str:
    """A file with its class: ``甲班/一.sgf``."""
    return f"{group}/{name}" if group else name
