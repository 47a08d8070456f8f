"""What searching says while it runs, whoever asked for it."""

from __future__ import annotations

ENGINE_WARNING = "引擎警告：{text}"
QUICK_REPORT = "初步报告 {name} → {report}"
PARTIAL_REPORT = "到时截止 {name} → {report}（没有全部算完，下次接着算）"
NO_TIME = "没来得及 {name}：时间不够，还没有报告；已算的保留，下次接着算。"
UNTIL = "到 {moment} 为止：先给每盘棋作初步分析，再按重要程度加深，到时全部印好。"
FORECAST = "预计 {moment} 完成"
FORECAST_UNTIL = "预计 {moment} 完成（{until} 截止）"
WIDE_COLON = "："
PENDING = "其中 {count} 盘时间不够，还没有报告，下次接着算。"
