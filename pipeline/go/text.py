"""Making strings of unknown files harmless, and names comparable."""

from __future__ import annotations

import re
import unicodedata

from pipeline.go.lexicon import DAMAGED, GENERIC_NAMES, INVISIBLE_LETTERS

MAX_NAME = 60
MAX_LINE = 120
_MAX_MARKS = 3  # combining marks in a row; more is decoration that breaks printing
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_INVISIBLE = INVISIBLE_LETTERS | frozenset(map(chr, range(0xFE00, 0xFE10)))
_REPLACED = re.compile("\ufffd[\ufffd?]*")
_ESCAPE = re.compile(r"\\(\r\n|\n\r|.)", re.DOTALL)
_JSON_ESCAPE = re.compile(r"(?<!\\)\\u(003[cCeE]|002[267])")
_BLANKS = re.compile(r"\s+")


def unescape(raw: str) -> str:
    """The text of a raw SGF property value: escapes resolved, soft line breaks removed (FF[4]).

    野狐 leaves JSON's escapes of ``<``, ``>``, ``&`` and quotes in its titles.
    """
    if "\\u00" in raw:
        raw = _JSON_ESCAPE.sub(lambda m: chr(int(m[1], 16)), raw)
    return _ESCAPE.sub(lambda m: "" if m[1] in ("\n", "\r", "\r\n", "\n\r") else m[1], raw)


def clean(text: str) -> str:
    """One printable line: NFC, no control, zero-width, bidirectional or private characters.

    Bytes lost before we saw the file (U+FFFD) become one □.
    """
    spaced = _BLANKS.sub(" ", text)
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", _REPLACED.sub(DAMAGED, spaced)):
        category = unicodedata.category(char)
        if category in _DROPPED_CATEGORIES or char in _INVISIBLE:
            continue
        marks = marks + 1 if category.startswith("M") else 0
        if marks <= _MAX_MARKS:
            kept.append(char)
    # Removing a character can bring two composable ones together.
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", "".join(kept))).strip()


def cut(text: str, limit: int) -> tuple[str, bool]:
    """``text`` of at most ``limit`` characters, and whether something was cut off."""
    if len(text) <= limit:
        return text, False
    return text[: limit - 1].rstrip() + "…", True


def fold(text: str) -> str:
    """The form in which spellings are compared: NFKC, case-folded, blanks removed."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))


def narrow(text: str) -> str:
    """NFKC with single blanks, for pattern matching on full-width input."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def identity(name: str) -> str:
    """What two spellings of one player have in common; ``""`` when the name says nothing.

    Traditional and simplified characters stay apart. A name with lost characters
    identifies nobody.
    """
    folded = fold(name)
    if DAMAGED in folded or folded in GENERIC_NAMES:
        return ""
    return folded
