"""What is said when the state database was damaged or lost."""

from __future__ import annotations

DAMAGED = "状态数据库 {path} 已损坏：把它改名留存，能读出的都救回来……"
SAVED = "损坏的文件留存为 {path}；救回 {positions} 个算好的局面、{jobs} 项工作。"
REBUILT = "队列已重建：看过 {files} 个收下的文件，{done} 盘已经完成，{again} 盘重新排队。"
