"""The text that lies in ``failed/`` for a game whose analysis failed after its file was received."""

from __future__ import annotations

import re

from pipeline.wording.jobs import LEVELS

_NOTE = """\
{name} 已经收下，但{level}没有做成。

原因：{message}
解决办法：{advice}

{place}处理后运行 ./fupan retry {short}，或把棋谱重新放进收件文件夹；重新开始分析时，这份说明会自动删除。

对局编号 {game_id}
"""
_PLACE = "棋谱在收件文件夹的 {place}，没有改动。\n"
_GAME = re.compile(r"^对局编号 ([0-9a-f]{8,64})$", re.MULTILINE)


def failure_note(*, name: str, level: str, message: str, advice: str, place: str, game_id: str) -> str:
    """What became of a game, why, and what to do; ``place`` is where its file lies, if known."""
    return _NOTE.format(
        name=name,
        level=LEVELS[level],
        message=message,
        advice=advice,
        place=_PLACE.format(place=place) if place else "",
        short=game_id[:8],
        game_id=game_id,
    )


def game_of_note(text: str) -> str | None:
    """The game that a note is about; ``None`` if the text is no note of ours."""
    found = _GAME.search(text)
    return found[1] if found else None


def clock_moved(seconds: float) -> str:
    """The system's clock was set, or the computer slept."""
    hours, minutes = divmod(round(abs(seconds) / 60), 60)
    span = f"{hours} 小时 {minutes} 分" if hours else f"{minutes} 分钟"
    way = "往前跳了" if seconds > 0 else "往回拨了"
    return f"系统时间{way} {span}（改过时间，或电脑休眠过）。工作照常继续；停止时刻和工作时段按新的时间算。"
