"""The vocabulary that every Chinese text shares: names of things, and how numbers are written.

Keys are the plain strings that the enums of the project spell (``"B"``,
``"blunder"``, ``"opening"``), so that this module depends on nothing.
Losses and leads are in points (目).
"""

from __future__ import annotations

import re
from fractions import Fraction

BLACK, WHITE = "B", "W"

COLORS: dict[str, str] = {BLACK: "黑", WHITE: "白"}
SIDES: dict[str, str] = {BLACK: "黑方", WHITE: "白方"}

CATEGORIES: dict[str, str] = {
    "best": "一选",
    "good": "好手",
    "small_loss": "小损",
    "slack": "缓手",
    "mistake": "失误",
    "blunder": "恶手",
    "huge_blunder": "大恶手",
}
LOSING_MOVE = "败着"

LEVELS: dict[str, str] = {"kyu": "级位", "dan": "业余段", "strong": "强业余"}
# How the level may be written on the command line and in the settings.
LEVEL_INPUT: dict[str, str] = {"自动": "auto", **{text: key for key, text in LEVELS.items()}}

PHASES: dict[str, str] = {"opening": "布局", "middle": "中盘", "endgame": "官子"}

RULESETS: dict[str, str] = {
    "chinese": "中国规则",
    "japanese": "日本规则",
    "korean": "韩国规则",
    "aga": "美国围棋协会规则",
    "new-zealand": "新西兰规则",
    "tromp-taylor": "Tromp-Taylor规则",
    "ing": "应氏规则",
    "chinese-ogs": "OGS的中国规则",
    "chinese-kgs": "KGS的中国规则",
    "ancient-area": "古棋数子规则",
    "ancient-territory": "古棋数目规则",
}
# Rulesets whose results Chinese clubs also count in 子 (half of a 目).
COUNTED_IN_STONES = frozenset({"chinese", "chinese-ogs", "chinese-kgs", "ancient-area"})

PASS_WORD = "停一手"
INSERTED_PASS_WORD = "补停手"  # as wide: the notes under a board stand in columns
UNKNOWN_RESULT = "不详"

_MINUS = "−"
_DIGITS = "零一二三四五六七八九"
_NUMERALS = frozenset(_DIGITS[1:] + "十")
_COLUMNS = "ABCDEFGHJKLMNOPQRST"
_POINT = re.compile(r"(?<![A-Za-z0-9])([A-HJ-T])(1[0-9]|[1-9])(?![A-Za-z0-9])")
_DATE = re.compile(r"(\d{3,4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_RANK = re.compile(r"(\d{1,2})\s*([dkp])\.?", re.IGNORECASE)
_PROFESSIONAL = re.compile(r"[Pp]\s*([1-9])\s*段")
_RATING = re.compile(r"[1-9][0-9]{2,3}")
_KOREAN = {"단": "段", "급": "级"}
_KOREAN_RANK = re.compile(r"(\d{1,2})\s*([단급])")


def decimal(value: float, places: int = 1) -> str:
    """``3.2``; a true minus sign, and never ``−0.0``."""
    text = f"{abs(value):.{places}f}"
    return _MINUS + text if value < 0 and float(text) != 0 else text


def signed(value: float, places: int = 1) -> str:
    """``+3.2``, ``−3.2``, ``0.0``."""
    text = decimal(value, places)
    return text if text.startswith(_MINUS) or float(text) == 0 else "+" + text


def percent(fraction: float, places: int = 1) -> str:
    """``62.4%`` of 0.624."""
    return decimal(fraction * 100, places) + "%"


def signed_percent(fraction: float, places: int = 1) -> str:
    """``−14.3%`` of -0.143."""
    return signed(fraction * 100, places) + "%"


def half_points(points: float) -> str:
    """Points as players say them: ``7目半``, ``半目``, ``3目``; other fractions as decimals."""
    whole, rest = divmod(abs(points), 1)
    if rest == 0:
        return f"{whole:.0f}目"
    if rest == 0.5:
        return f"{whole:.0f}目半" if whole else "半目"
    return f"{abs(points):.2f}".rstrip("0") + "目"


def stones(points: float) -> str:
    """Points as stones of area counting, two points a stone: 7.5 is ``3又3/4子``."""
    whole, rest = divmod(Fraction(abs(points)) / 2, 1)
    if rest == 0:
        return f"{whole}子"
    part = f"{rest.numerator}/{rest.denominator}子"
    return f"{whole}又{part}" if whole else part


def vertex(name: str) -> str:
    """``Q16`` as it is; a pass as ``停一手``."""
    return PASS_WORD if name.lower() == "pass" else name


def numeral(number: int) -> str:
    """1 to 99 in hanzi: ``四``, ``十``, ``十九``, ``二十三``."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def board_labels(width: int, height: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Coordinates of Chinese books: of the columns from the left, and of the rows from the bottom.

    Columns are 1 to 19; rows are counted from the top, 一 to 十九.
    """
    columns = tuple(str(col + 1) for col in range(width))
    return columns, tuple(numeral(height - row) for row in range(height))


def chinese_points(text: str, height: int) -> str:
    """Our own sentence with its points named as in Chinese books: ``黑Q16`` becomes ``黑16四``."""

    def name(match: re.Match[str]) -> str:
        column, row = _COLUMNS.index(match[1]) + 1, height - int(match[2]) + 1
        if row < 1:
            return match[0]
        # A numeral right behind would be read as part of the point: 9十一 一带.
        gap = " " if text[match.end() : match.end() + 1] in _NUMERALS else ""
        return f"{column}{numeral(row)}{gap}"

    return _POINT.sub(name, text)


def komi(points: float, ruleset: str) -> str:
    """``7目半（中国规则，合3又3/4子）``, ``不贴目（日本规则）``."""
    rules = RULESETS.get(ruleset, ruleset)
    if points == 0:
        return f"不贴目（{rules}）"
    amount = half_points(points)
    if points < 0:
        amount = "倒贴" + amount
    if ruleset in COUNTED_IN_STONES and points > 0.5:
        return f"{amount}（{rules}，合{stones(points)}）"
    return f"{amount}（{rules}）"


def handicap(count: int, points: float, text: str = "") -> str:
    """``让4子``, ``让先``, ``分先``; ``text`` is what the record itself says, e.g. ``先相先``.

    An even game without komi is only called ``黑先``: old games had none, and
    whether one player was thought the stronger is not in the record.
    """
    if text:
        return text
    if count >= 2:
        return f"让{count}子"
    if count == 1:
        return "让先"
    return "黑先" if 0 <= points <= 0.5 else "分先"


def result(kind: str, winner: str | None, margin: float | None, ruleset: str) -> str:
    """``黑中盘胜``, ``白胜3目半``, ``黑胜5目半（2又3/4子）``, ``和棋``."""
    if kind == "draw":
        return "和棋"
    if kind == "void":
        return "无胜负"
    if winner is None:
        return UNKNOWN_RESULT
    side = COLORS[winner]
    if kind == "points" and margin is not None:
        counted = f"（{stones(margin)}）" if ruleset in COUNTED_IN_STONES else ""
        return f"{side}胜{half_points(margin)}{counted}"
    endings = {"resign": "中盘胜", "time": "超时胜", "forfeit": "胜（对方弃权）"}
    return side + endings.get(kind, "胜")


def date(text: str) -> str:
    """``1976-01-28`` as ``1976年1月28日``, ``1976-01`` as ``1976年1月``; anything else as it is."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        return text
    year, month, day = match.groups()
    parts = [f"{int(year)}年"]
    if month:
        parts.append(f"{int(month)}月")
    if day:
        parts.append(f"{int(day)}日")
    return "".join(parts)


def rank(text: str) -> str:
    """``4d`` as ``4段``, ``12k`` as ``12级``, ``9p`` and Fox's ``P9段`` as ``职业九段``, ``9단`` as ``9段``.

    A bare number of three or four digits is a rating; anything else stays as it is.
    """
    if _RATING.fullmatch(text.strip()):
        return f"等级分{text.strip()}"
    if professional := _PROFESSIONAL.fullmatch(text.strip()):
        return f"职业{_DIGITS[int(professional[1])]}段"
    if korean := _KOREAN_RANK.fullmatch(text.strip()):
        return korean[1] + _KOREAN[korean[2]]
    match = _RANK.fullmatch(text.strip())
    if not match:
        return text
    number, kind = int(match.group(1)), match.group(2).lower()
    if kind == "p" and 1 <= number <= 9:
        return f"职业{_DIGITS[number]}段"
    return f"{number}级" if kind == "k" else f"{number}段"


def thousands(count: int) -> str:
    """``10000`` as ``1万``, ``12500`` as ``12500``: visits as they are spoken of."""
    return f"{count // 10000}万" if count >= 10000 and count % 10000 == 0 else str(count)
