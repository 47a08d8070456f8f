"""What searching says while it runs, whoever asked for it."""

from __future__ import annotations

ENGINE_WARNING = "引擎警告：{text}"
