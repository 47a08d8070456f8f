"""Error texts: code -> (what happened, what to do)."""

from __future__ import annotations

from collections.abc import Mapping

ERRORS: dict[str, tuple[str, str]] = {
    "internal": ("程序内部错误：{detail}", "请把 output/logs 里的日志发给开发者。"),
}


def describe(code: str, params: Mapping[str, object]) -> tuple[str, str]:
    """Message and advice of an error, placeholders filled.

    Raises:
        KeyError: unknown code or missing parameter (a bug, caught by the tests).
    """
    message, advice = ERRORS[code]
    return message.format(**params), advice.format(**params)
