"""Files appear whole or not at all, under names that every system accepts."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import ConfigError, FupanError, StoreError

MAX_NAME_BYTES = 120

_FULL = {errno.ENOSPC, errno.EDQUOT}
_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM}
_FORBIDDEN = frozenset('<>:"/\\|?*')
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789\u00b9\u00b2\u00b3"}
)
_EDGES = " .-_~"
_TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp")


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path to write to; on a clean exit it becomes ``path``.

    The temporary file lies in the same folder and its name starts with a dot,
    so that readers of the folder do not see it. It is synced to the disk before
    it replaces ``path``. Whatever goes wrong, Ctrl-C too, it is removed and
    ``path`` stays as it was. Missing folders are made.

    Raises:
        StoreError: the disk is full, or writing failed.
        ConfigError: the folder may not be written to.
    """
    temporary = temporary_beside(path)
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            _sync_file(temporary)
            temporary.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            if error.filename is not None and Path(error.filename) not in {temporary, path, path.parent}:
                raise  # about another file that the caller used
            raise write_error(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def atomic_write_bytes(path: Path, data: bytes) -> None:
    """Write ``path`` whole or not at all. Errors as :func:`atomic_path`."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def temporary_beside(path: Path) -> Path:
    """Another name in the same folder that readers do not see and :func:`sweep` knows."""
    return path.with_name(f".{secrets.token_hex(8)}.tmp")


def sweep(folder: Path, *, older_than: float = 0.0, is_deep: bool = True) -> int:
    """Remove what killed writers left in a folder, and below it if ``is_deep``; returns how many files.

    Only for a caller that knows that nobody else writes there now, or with an
    age in seconds that no writer's temporary file reaches.
    """
    removed = 0
    for leftover in folder.rglob(".*.tmp") if is_deep else folder.glob(".*.tmp"):
        if _TEMPORARY.fullmatch(leftover.name) and not leftover.is_symlink():
            with contextlib.suppress(OSError):
                if older_than and leftover.lstat().st_mtime > time.time() - older_than:
                    continue
                leftover.unlink()
                removed += 1
    return removed


def write_error(error: OSError, path: Path) -> FupanError:
    """What an operating system error means for the user who wanted ``path`` written."""
    if error.errno in _FULL:
        return StoreError("store.disk_full", path=path)
    if error.errno in _REFUSED:
        return ConfigError("store.not_writable", path=path, detail=error.strerror or error)
    return StoreError("store.write_failed", path=path, detail=error.strerror or error)


def safe_file_name(parts: Sequence[str], suffix: str = "", *, max_bytes: int = MAX_NAME_BYTES) -> str:
    """A readable file name from texts that may hold anything.

    The parts are joined by ``_``; what Windows and network shares forbid,
    control and direction marks, and symbols such as emoji are left out. The
    name has at most ``max_bytes`` bytes of UTF-8 with the suffix: the longest
    parts are shortened first, so that a short id at the end survives.

    Args:
        parts: for example date, players, short id; empty ones are skipped.
        suffix: extension with its dot; taken as it is.
        max_bytes: limit for the whole name.
    """
    words = [word for part in parts if (word := _clean(part))]
    limit = max_bytes - len(suffix.encode())
    while len("_".join(words).encode()) > limit:
        longest = max(range(len(words)), key=lambda index: len(words[index].encode()))
        words[longest] = words[longest][:-1].rstrip(_EDGES)
        words = [word for word in words if word]
    stem = "_".join(words) or "game"
    if stem.split(".")[0].strip().casefold() in _RESERVED:
        stem = f"game_{stem}"
    return stem + suffix


def _clean(text: str) -> str:
    kept: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if char in _FORBIDDEN or category.startswith("Z"):
            kept.append(" ")
        elif category[0] in "LN" or category in {"Mn", "Mc", "Sm", "Sc"} or category[0] == "P":
            kept.append(char)
    return " ".join("".join(kept).split()).strip(_EDGES)


def _sync_file(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    # Windows cannot open a folder, and some network shares refuse to sync one.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
