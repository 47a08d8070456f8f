"""What lies in the inbox: the listing is the truth, events are only a wake-up.

Names that are no valid text are kept as Python keeps them (surrogate escapes).
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import ConfigError, GameError
from pipeline.go.formats import SUPPORTED_SUFFIXES
from pipeline.inbox.stability import Signature

log = logging.getLogger(__name__)

PROCESSED, FAILED, DUPLICATE = "processed", "failed", "duplicate"
OWN_FOLDERS = frozenset({PROCESSED, FAILED, DUPLICATE})
MAX_DEPTH = 8
MAX_FILE_BYTES = 32_000_000
_IGNORED_FOLDERS = frozenset({"@eadir", "__macosx", "#recycle", "$recycle.bin", "system volume information"})


class FileChanged(Exception):
    """A file is not what it was when it settled."""


def check_apart(inbox: Path, output: Path) -> None:
    """Refuse folders of which one lies in the other: the program would review its own output.

    Raises:
        ConfigError: they overlap, or the inbox is no folder.
    """
    if not inbox.is_dir():
        raise ConfigError("inbox.missing", path=inbox)
    here, there = inbox.resolve(), output.resolve()
    if here == there or here in there.parents:
        raise ConfigError("inbox.output_inside", inbox=inbox, output=output)
    if there in here.parents:
        raise ConfigError("inbox.inside_output", inbox=inbox, output=output)


def list_inbox(inbox: Path) -> dict[str, Signature]:
    """Path relative to the inbox -> signature of every game file below it, sorted.

    Hidden and temporary files, our own folders, links and everything that is no
    regular file are left out.

    Raises:
        OSError: the inbox cannot be listed (removed, unmounted, no permission).
    """
    return dict(sorted(_walk(str(inbox), "", MAX_DEPTH)))


def list_files(folder: Path) -> list[str]:
    """Game files below one of our own folders, as paths relative to it, sorted.

    Raises:
        OSError: it cannot be listed.
    """
    return sorted(relative for relative, _ in _walk(str(folder), "", MAX_DEPTH + 2))


def _walk(root: str, relative: str, depth: int) -> Iterator[tuple[str, Signature]]:
    where = os.path.join(root, relative) if relative else root  # noqa: PTH118 - Path would cost a listing its speed
    with os.scandir(where) as entries:
        for entry in entries:
            name = entry.name
            inner = f"{relative}/{name}" if relative else name
            if _is_ignored(name) or (not relative and name in OWN_FOLDERS):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    if depth and name.lower() not in _IGNORED_FOLDERS:
                        yield from _walk(root, inner, depth - 1)
                elif os.path.splitext(name)[1].lower() in SUPPORTED_SUFFIXES:  # noqa: PTH122 - as above
                    facts = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(facts.st_mode):
                        yield inner, signature_of(facts)
            except OSError as error:
                if not relative and not os.path.isdir(root):  # noqa: PTH112 - as above
                    raise
                log.info("left out of the listing: %r: %s", inner, error)


def _is_ignored(name: str) -> bool:
    return name.startswith((".", "~")) or name.endswith(("~", ".part", ".tmp", ".crdownload"))


def signature_of(facts: os.stat_result) -> Signature:
    """The signature of a file."""
    return Signature(facts.st_size, facts.st_mtime_ns)


def read_settled(path: Path, expected: Signature, *, file: str) -> bytes:
    """The bytes of a file that is still as it was when it settled.

    Raises:
        FileChanged: it was replaced or written to, also while it was read, or somebody has it open for writing.
        GameError: too large for a game file.
        OSError: it cannot be read now.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as stream:
        if signature_of(os.fstat(stream.fileno())) != expected or _has_writer(stream.fileno()):
            raise FileChanged
        if expected.size > MAX_FILE_BYTES:
            raise GameError("game.too_large", file=file, size=expected.size)
        data = stream.read(MAX_FILE_BYTES + 1)
        after = signature_of(os.fstat(stream.fileno()))
    if after != expected or len(data) != expected.size or not is_same(path, expected):
        raise FileChanged
    return data


def _has_writer(handle: int) -> bool:
    """Whether another program has a file open for writing, where the system can tell (Linux, local disks).

    A read lease is refused while there is a writer. Who opens the file in the
    instant in which we hold it makes the kernel send us SIGIO, so this is asked
    only where that signal is ignored.
    """
    io_signal = getattr(signal, "SIGIO", None)
    if io_signal is None or signal.getsignal(io_signal) is not signal.SIG_IGN:
        return False
    import fcntl  # noqa: PLC0415 - not on Windows

    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    with contextlib.suppress(OSError):
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def is_same(path: Path, expected: Signature) -> bool:
    """Whether a file is there and has this signature."""
    try:
        return signature_of(path.lstat()) == expected
    except OSError:
        return False
