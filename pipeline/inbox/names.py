"""File names as text. On disk a name is bytes; those from old Chinese archives are often GBK, not UTF-8."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from pipeline.go.charset import decode

REPLACED = "\ufffd"


def readable(name: str) -> str:
    """A name as text that can always be printed and stored: no stray bytes, no control characters.

    Args:
        name: as Python gives it, with surrogate escapes for bytes that are no UTF-8.
    """
    if any("\udc80" <= char <= "\udcff" for char in name):
        raw = os.fsencode(name)
        # What looks like the mark of UTF-16 is none: no name has zero bytes.
        name = raw.decode("utf-8", "replace") if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else decode(raw).text
    return "".join(REPLACED if unicodedata.category(char) in {"Cc", "Cf", "Cs"} else char for char in name)


def class_of(relative: str) -> str:
    """The class that a file of the inbox belongs to: its sub-folders, readable, joined by ``/``."""
    return "/".join(readable(folder) for folder in relative.split("/")[:-1])


def folder_of_class(inbox: Path, group: str) -> Path:
    """The folder of a class, whose name on the disk may be spelt in other bytes; it need not exist."""
    folder = inbox
    for part in filter(None, group.split("/")):
        plain = folder / part
        folder = plain if plain.is_dir() else next(_spelt_so(folder, part), plain)
    return folder


def _spelt_so(folder: Path, part: str) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            yield from (folder / entry.name for entry in entries if readable(entry.name) == part)
    except OSError:
        return
