"""Move files out of the inbox: nothing is ever overwritten, and nothing is lost, whenever we are killed."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path

from pipeline.atomic import temporary_beside
from pipeline.inbox.listing import DUPLICATE, FAILED, PROCESSED, is_same, signature_of
from pipeline.inbox.stability import Signature
from pipeline.wording.jobs import ERROR_SUFFIX

MAX_NAME_BYTES = 200
MAX_NUMBER = 1 << 40


class TargetTaken(Exception):
    """Somebody else's file lies where ours was to go."""


def folder_for(outcome: str, month: str, relative: str) -> str:
    """Where a file goes, relative to the inbox.

    Args:
        outcome: one of our folders.
        month: ``YYYY-MM``; used for processed files.
        relative: where it lies now.
    """
    assert outcome in {PROCESSED, FAILED, DUPLICATE}
    inner = relative.rpartition("/")[0]
    return "/".join(part for part in (outcome, month if outcome == PROCESSED else "", inner) if part)


def free_target(folder: Path, name: str) -> Path:
    """A path in ``folder`` that nobody has: ``game.sgf``, ``game (2).sgf`` and so on.

    The numbers are tried in growing steps, so that the ten-thousandth file of a
    name is placed as fast as the second one. Where files were taken away, a gap may stay.
    """
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - the name may be no valid text

    def target(number: int) -> Path:
        mark = "" if number == 1 else f" ({number})"
        return folder / f"{_shortened(stem, MAX_NAME_BYTES - len(suffix))}{mark}{suffix}"

    def is_free(number: int) -> bool:
        path = target(number)
        return not os.path.lexists(path) and not os.path.lexists(error_file(path))

    taken, free = 0, 1
    while not is_free(free):
        taken, free = free, free * 2
        if free > MAX_NUMBER:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder / name))
    while free - taken > 1:
        middle = (taken + free) // 2
        taken, free = (taken, middle) if is_free(middle) else (middle, free)
    return target(free)


def error_file(target: Path) -> Path:
    """Where the reason lies for a file that could not be analysed."""
    return target.with_name(target.name + ERROR_SUFFIX)


def move(source: Path, target: Path, expected: Signature) -> bool:
    """Move ``source`` to ``target``, which must be free or an empty file of ours.

    The name is reserved by an empty file first, and the file is then moved onto
    it in one step. If it turns out that the file moved is not the one that was
    read (it was replaced at the last moment), it is put back.

    Returns:
        Whether the file of signature ``expected`` is at the target now.

    Raises:
        TargetTaken: ``target`` belongs to somebody else.
        OSError: no permission, disk full, or the share is gone. Nothing was moved.
    """
    if not is_same(source, expected):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    _reserve(target)
    try:
        os.replace(source, target)  # noqa: PTH105 - Path.replace is the same; os.replace reads better beside os.link
    except FileNotFoundError:
        target.unlink(missing_ok=True)
        return False
    except OSError as error:
        if error.errno != errno.EXDEV:
            _release(target)
            raise
        return _copy_over(source, target, expected)
    if signature_of(target.lstat()) != expected:
        put_back(target, source)
        return False
    return True


def put_back(target: Path, source: Path) -> None:
    """Undo a move without overwriting what has come to the old place since."""
    place = source if not os.path.lexists(source) else free_target(source.parent, source.name)
    _reserve(place)
    os.replace(target, place)  # noqa: PTH105 - as above


def _reserve(target: Path) -> None:
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError as error:
        facts = target.lstat()
        if facts.st_size or not target.is_file() or target.is_symlink():
            raise TargetTaken(str(target)) from error


def _release(target: Path) -> None:
    with contextlib.suppress(OSError):
        if target.lstat().st_size == 0:
            target.unlink()


def _copy_over(source: Path, target: Path, expected: Signature) -> bool:
    """The target is another disk: copy, make it durable, and only then remove the source."""
    temporary = temporary_beside(target)
    try:
        with source.open("rb") as reader, temporary.open("wb") as writer:
            shutil.copyfileobj(reader, writer)
            writer.flush()
            os.fsync(writer.fileno())
        shutil.copystat(source, temporary)
        if not is_same(source, expected) or temporary.stat().st_size != expected.size:
            _release(target)
            return False
        os.replace(temporary, target)  # noqa: PTH105 - as above
        source.unlink()
    except OSError:
        _release(target)
        raise
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _shortened(stem: str, limit: int) -> str:
    while len(os.fsencode(stem)) > limit:
        stem = stem[:-1]
    return stem
