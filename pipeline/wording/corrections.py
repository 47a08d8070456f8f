"""Lines of 识别说明: what the reader corrected or assumed. Code -> Chinese text."""

from __future__ import annotations

CORRECTIONS: dict[str, str] = {}
