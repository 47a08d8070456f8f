"""The one look-up of error texts: code -> (what happened, what to do). The texts lie with their areas."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import PurePath

from pipeline.wording.diagram import DIAGRAM_ERRORS
from pipeline.wording.errors_engine import ENGINE_ERRORS
from pipeline.wording.errors_input import INPUT_ERRORS
from pipeline.wording.errors_print import PRINT_ERRORS
from pipeline.wording.errors_store import STORE_ERRORS
from pipeline.wording.install import INSTALL_ERRORS

TABLES = (INPUT_ERRORS, PRINT_ERRORS, STORE_ERRORS, ENGINE_ERRORS, DIAGRAM_ERRORS, INSTALL_ERRORS)
ERRORS: dict[str, tuple[str, str]] = {code: texts for table in TABLES for code, texts in table.items()}


# Why a program is taken for something else than KataGo
NO_ANSWER = "{seconds:.0f} 秒内没有回答"
NO_OUTPUT = "什么也没有输出（退出码 {code}）"

# What systems say of a failed call -> Chinese
DETAILS = {
    "Permission denied": "没有权限",
    "Operation not permitted": "系统不允许",
    "Read-only file system": "磁盘是只读的",
    "No space left on device": "磁盘已满",
    "Disk quota exceeded": "超过了磁盘配额",
    "File name too long": "名字太长",
    "Too many levels of symbolic links": "符号链接绕成了圈",
    "Is a directory": "这是一个文件夹",
    "Not a directory": "路径里有一段不是文件夹",
    "No such file or directory": "不存在",
    "File exists": "同名的文件已经存在",
    "Exec format error": "不是本系统的程序",
    "Input/output error": "磁盘读写错误",
    "Stale file handle": "网络共享已经断开",
    "Transport endpoint is not connected": "网络共享已经断开",
    "Host is down": "网络共享已经断开",
    "Too many open files": "打开的文件太多",
    "Text file busy": "文件正被占用",
    "not a regular file": "不是普通文件",
    "Connection refused": "对方拒绝连接",
    "Connection reset by peer": "连接被对方断开",
    "Network is unreachable": "网络不通",
    "No route to host": "网络不通",
    "Name or service not known": "找不到这个网址（域名解析失败）",
    "getaddrinfo failed": "找不到这个网址（域名解析失败）",
    "No address associated with hostname": "找不到这个网址（域名解析失败）",
    "Remote end closed connection without response": "连接被对方断开",
    "Temporary failure in name resolution": "找不到这个网址（域名解析失败）",
    "certificate verify failed": "网站证书有问题",
    "Read timed out": "对方太久没有回应",
    "read timed out": "对方太久没有回应",
    "timed out": "对方太久没有回应",
    "unable to open database file": "打不开文件",
    "attempt to write a readonly database": "没有写的权限",
}


def describe(code: str, params: Mapping[str, object]) -> tuple[str, str]:
    """Message and advice of an error, placeholders filled.

    Raises:
        KeyError: unknown code or missing parameter (a bug, caught by the tests).
    """
    message, advice = ERRORS[code]
    shown = {name: _shown(value) for name, value in params.items()}
    return message.format(**shown), advice.format(**shown)


def readable(detail: str) -> str:
    """What the system said, in Chinese where it is known."""
    return DETAILS.get(detail, detail)


def _shown(value: object) -> object:
    """A parameter as it may be printed: paths without control characters, system messages in Chinese."""
    if isinstance(value, PurePath):
        return "".join("\ufffd" if unicodedata.category(c) in {"Cc", "Cf", "Cs"} else c for c in str(value))
    return readable(value) if isinstance(value, str) else value
