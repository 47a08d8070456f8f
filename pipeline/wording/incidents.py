"""What a teacher reads of trouble with the engine that mended itself: short, and that nothing is lost."""

from __future__ import annotations

from datetime import datetime

STALLED = "引擎停住不动，已结束它并重新启动；当时在算的 {open} 个局面重算，其余不受影响。"
CRASHED = "引擎意外退出（退出码 {code}），正在重新启动；当时在算的 {open} 个局面重算，其余不受影响。"
SKIPPED = "{message}已跳过它，这盘棋的其余部分照常分析。"
MORE = "……另有{count}条，见日志。"
LOG_TAIL = "引擎日志的最后几行："
LOG_LINE = "  {line}"


def restarts(crashes: int, stalls: int) -> str:
    """``引擎中断过3次（意外退出2次，停住不动1次），已自动重新启动，算完的局面没有丢失。``."""
    return _counted(crashes, stalls, "")


def restarting(crashes: int, stalls: int, last: datetime) -> str:
    """The same while the work goes on, with the time of the last one."""
    return _counted(crashes, stalls, f"；最近一次 {last:%H:%M}")


def _counted(crashes: int, stalls: int, more: str) -> str:
    parts = [f"意外退出{crashes}次"] if crashes else []
    parts += [f"停住不动{stalls}次"] if stalls else []
    return f"引擎中断过{crashes + stalls}次（{'，'.join(parts)}{more}），已自动重新启动，算完的局面没有丢失。"


def positions(searched: int, gaps: list[int]) -> str:
    """``120`` or ``120（第57手后的局面引擎算不了，未计入）``."""
    if not gaps:
        return str(searched)
    shown = "、".join(str(turn) for turn in gaps[:5]) + ("等" if len(gaps) > 5 else "")
    return f"{searched}（第{shown}手后的局面引擎算不了，未计入）"
