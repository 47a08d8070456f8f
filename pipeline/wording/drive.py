"""What searching says while it runs, whoever asked for it."""

from __future__ import annotations

from datetime import datetime

from pipeline.wording.cli import duration

ENGINE_WARNING = "引擎警告：{text}"
QUICK_REPORT = "初步报告 {name} → {report}"
PARTIAL_REPORT = "到时截止 {name} → {report}（没有全部算完，下次接着算）"
NO_TIME = "没来得及 {name}：时间不够，还没有报告；已算的保留，下次接着算。"
UNTIL = "到 {moment} 为止（还有 {left}）：先给每盘棋作初步分析，再按重要程度加深，到时全部印好。"
FIRST_PASS_CUT = "时间不够给每盘棋作完整的初步分析：没算的各盘先算得少一些，让每盘棋到时都有报告。"
FORECAST_UNKNOWN = "还不能预计何时完成"
WIDE_COLON = "："
PENDING = "其中 {count} 盘时间不够，还没有报告，下次接着算。"


def forecast(end: datetime, seconds: float, until: datetime | None) -> str:
    """``预计 06:40 完成（还需 3小时05分）``; with a deadline what comes first."""
    if until is not None and end >= until:
        return f"{until:%H:%M} 截止，到时印好；全部算满还需 {duration(seconds)}"
    moment = f"{end:%H:%M}" if seconds < 18 * 3600 else f"{end:%m-%d %H:%M}"
    left = f"预计 {moment} 完成（还需 {duration(seconds)}）"
    return left if until is None else f"{left}，{until:%H:%M} 截止"
