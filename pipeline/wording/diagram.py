"""What the command that draws single diagrams says: help, the parts of a board, signs, errors."""

from __future__ import annotations

import re

HELP = {
    "diagram": "把棋谱里的一个局面画成图（SVG、PNG 或 PDF），供讲义使用（不启动引擎）。",
    "game": "棋谱文件，或已分析对局的编号、文件名或棋手名的一部分。",
    "number": "文件里有多盘棋时，画第几盘（从 1 数起）。",
    "move": "第几手后的局面；不写则为终局。",
    "last": "给最后几手标上手数；不写则只用三角标出最后一手。",
    "figure": "给这几手标上手数，如 31-60。",
    "line": "从这个局面往下的变化，如“Q16 R14 pass”，从 1 标起。",
    "show": "画 --move 那一手的实战图、参考图或惩罚图（后两种用已有的分析）：实战、参考、惩罚。",
    "from": "第一个标出的手从几数起（如 1）；不写则用实战手数。",
    "part": "只画一部分：左上、右上、左下、右下、上边、下边、左边、右边、中央、局部（自动），或两角的坐标如 D10:T19。",
    "mark": "标记，可写多次：三角:Q16,R14　方块:…　圈:…　叉:…　或字母，如 A:D4。",
    "caption": "图下面的一行字。",
    "file": "写到哪个文件；后缀决定格式：.svg、.png 或 .pdf。",
    "cell": "相邻两线的距离（毫米）。",
    "width": "整张图的宽度（毫米）；写了就不看 --cell。",
    "dpi": "PNG 每英寸的像素数。",
}
# Parts of a board: from where to where, in halves of its width and height (left, bottom, right, top).
PARTS: dict[str, tuple[float, float, float, float]] = {
    "左上": (0, 0.5, 0.5, 1),
    "右上": (0.5, 0.5, 1, 1),
    "左下": (0, 0, 0.5, 0.5),
    "右下": (0.5, 0, 1, 0.5),
    "上边": (0, 0.5, 1, 1),
    "下边": (0, 0, 1, 0.5),
    "左边": (0, 0, 0.5, 1),
    "右边": (0.5, 0, 1, 1),
    "中央": (0.25, 0.25, 0.75, 0.75),
    "全": (0, 0, 1, 1),
}
LOCAL_PART = "局部"
# How a sign may be called -> how the drawing calls it
SIGNS = {
    **dict.fromkeys(("三角", "△", "▲", "TR"), "triangle"),
    **dict.fromkeys(("方块", "□", "■", "SQ"), "square"),
    **dict.fromkeys(("圈", "圆圈", "○", "CR"), "circle"),
    **dict.fromkeys(("叉", "×", "MA"), "cross"),
}
SHOWN = {"实战": "played", "参考": "better", "惩罚": "punished"}
DONE = "图已写到 {path}。"
NOTES_JOIN = "　"
LIST_COMMA = "、"
FILE_WORD = "图"

DIAGRAM_ERRORS: dict[str, tuple[str, str]] = {
    "diagram.bad_move": (
        "{file} 共 {total} 手，没有第 {value} 手。",
        "--move 和 --figure 请写 1 到 {total} 之间的手数（--move 0 是开局前）。",
    ),
    "diagram.bad_figure": ("--figure 的“{value}”不是手数范围。", "请写成 31-60 这样的形式。"),
    "diagram.bad_part": (
        "--part 的“{value}”不是棋盘的一部分。",
        "请写{known}，或棋盘内两角的坐标，如 D10:T19。",
    ),
    "diagram.bad_mark": (
        "--mark 的“{value}”读不懂。",
        "请写成 三角:Q16,R14 的形式；符号有三角、方块、圈、叉，或一至三个字母数字，坐标须在棋盘内。",
    ),
    "diagram.bad_line": (
        "--line 的第 {number} 手“{value}”不能下。",
        "请用 Q16 这样的坐标或 pass，并检查那里是否已有棋子、是否打劫。",
    ),
    "diagram.bad_show": ("--show 不认识“{value}”。", "可以写：{known}。"),
    "diagram.several": (
        "--last、--figure、--line 和 --show 只能写一个。",
        "请去掉多余的选项；要在变化图前标手数，可以分两张图。",
    ),
    "diagram.no_game": ("{file} 里没有第 {value} 盘棋（共 {total} 盘）。", "请检查 --game。"),
    "diagram.no_analysis": (
        "{file} 第 {move} 手没有可用的分析，画不出{shown}图。",
        "请先用 ./fupan review 分析这盘棋，并检查 --output；也可以用 --line 自己写变化。",
    ),
    "diagram.bad_format": ("不能写成 {path}。", "文件后缀请用 .svg、.png 或 .pdf。"),
    "diagram.too_large": ("图太大（{width}×{height} 像素）。", "请把 --dpi 或 --width 改小。"),
}
BETWEEN_POINTS = re.compile(r"[\s,，、]+")
_RANGE = re.compile(r"\s*(\d{1,4})\s*(?:[-–—~～至到]\s*(\d{1,4}))?\s*手?\s*")


def move_range(text: str) -> tuple[int, int] | None:
    """First and last move of ``31-60``; ``None`` when it is no range."""
    match = _RANGE.fullmatch(text)
    return (int(match[1]), int(match[2] or match[1])) if match else None


def halves(text: str) -> tuple[str, str]:
    """What stands before and behind the colon."""
    first, _, second = text.replace("：", ":").partition(":")
    return first.strip(), second.strip()


def alt(players: str, caption: str) -> str:
    """What the picture is called for those who cannot see it."""
    return f"{players}　{caption}"


def position_caption(number: int) -> str:
    """What a diagram without numbers shows."""
    return f"第{number}手" if number else "开局前"


def figure_caption(first: int, last: int) -> str:
    """What a diagram with numbers shows."""
    return f"第{first}手" if first == last else f"第{first}—{last}手"


def line_caption(number: int) -> str:
    """What a diagram of somebody's own variation shows."""
    return f"{position_caption(number)}后的变化"


def file_stem(name: str, caption: str) -> tuple[str, ...]:
    """Parts of the file name of a diagram that was given none."""
    return (name, caption, FILE_WORD)
