"""Ranks as files write them, to what they mean."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.go.lexicon import DIGITS, RANK, RANK_DAN, RANK_KYU
from pipeline.go.text import narrow

MAX_DAN, MAX_KYU = 10, 40


@dataclass(frozen=True, slots=True)
class Rank:
    """``number`` kyu (``is_kyu``) or dan; ``professional`` where the file says so."""

    number: int
    is_kyu: bool = False
    professional: bool = False


def read_rank(text: str) -> Rank | None:
    """The rank that a text names; ``None`` when there is none, or a rating instead of a rank."""
    match = RANK.search(narrow(text))
    if match is None:
        return None
    number, unit = _number(match["number"]), match["unit"].lower()
    if unit in RANK_KYU:
        return Rank(number, is_kyu=True) if 1 <= number <= MAX_KYU else None
    if not 1 <= number <= MAX_DAN:
        return None
    return Rank(number, professional=bool(match["mark"]) or unit not in RANK_DAN)


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    values = [DIGITS[char] for char in text]
    # 十二 is ten and two, 二十 two tens.
    return sum(values) if values[0] == 10 or len(values) == 1 else values[0] * 10 + sum(values[2:])
