"""The reports that may be shown: found by listing the output, named by keys that hold no path."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pipeline.publish import SHORT_ID, Folders
from pipeline.report.view_model import clean
from pipeline.wording import morning as morning_words

KEY_LENGTH = 20
LOOK_SECONDS = 3.0
NAME_LIMIT = 120

_ENDS_WITH_GAME = re.compile(rf"_([0-9a-z]{{{SHORT_ID}}})(?:_|$)")


@dataclass(frozen=True, slots=True)
class Report:
    """A printed review. ``game`` is the short id in its name, ``group`` its class, ``changed`` seconds since 1970."""

    key: str
    pdf: Path
    page: Path | None
    name: str
    group: str
    game: str
    changed: float


@dataclass(frozen=True, slots=True)
class Overview:
    """A morning summary: PDF and HTML, where they are there; ``day`` is ``None`` for the latest."""

    day: date | None
    pdf: Path | None
    page: Path | None


class Library:
    """What lies in an output folder. For several threads.

    Only regular files with the name of a report are in it, and none that a
    link leads to: what is asked for is looked up by key, never opened by name.

    Args:
        folders: the output tree.
        monotonic: seconds, for how long a listing holds.
    """

    def __init__(self, folders: Folders, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folders = folders
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._reports: dict[str, Report] = {}
        self._until = float("-inf")

    def reports(self) -> tuple[Report, ...]:
        """All reports, the latest first."""
        with self._lock:
            if self._monotonic() >= self._until:
                found = sorted(self._list(), key=lambda report: (-report.changed, report.key))
                self._reports = {report.key: report for report in found}
                self._until = self._monotonic() + LOOK_SECONDS
            return tuple(self._reports.values())

    def report(self, key: str) -> Report | None:
        """The report with that key."""
        self.reports()
        return self._reports.get(key)

    def search(self, text: str) -> tuple[Report, ...]:
        """Reports whose name or class holds every word of ``text``."""
        wanted = text.casefold().split()
        return tuple(r for r in self.reports() if all(w in f"{r.group} {r.name}".casefold() for w in wanted))

    def overviews(self) -> tuple[Overview, ...]:
        """The morning summary and those of earlier days, the latest first."""
        root = self._folders.root
        latest = _pair(None, root, morning_words.FILE_NAME)
        same = _day_of(latest.pdf)
        kept = []
        for path in sorted((root / morning_words.FOLDER).glob("????-??-??.pdf"), reverse=True):
            try:
                day = date.fromisoformat(path.stem)
            except ValueError:
                continue
            if day != same:
                kept.append(_pair(day, path.parent, path.stem))
        return tuple(found for found in (latest, *kept) if found.pdf or found.page)

    def _list(self) -> Iterator[Report]:
        """Every report; what has not changed since the last listing is taken from there."""
        known = {str(report.pdf): report for report in self._reports.values()}
        for folder, files in _walk(str(self._folders.reports)):
            pages = _files_in(self._folders.html / Path(folder).relative_to(self._folders.reports))
            for entry in files:
                found = _ENDS_WITH_GAME.search(entry.name.removesuffix(".pdf"))
                if not entry.name.endswith(".pdf") or found is None:
                    continue
                try:
                    changed = entry.stat(follow_symlinks=False).st_mtime
                except OSError:
                    continue
                has_page = entry.name.removesuffix(".pdf") + ".html" in pages
                report = known.get(entry.path)
                if report is None or (report.changed, report.page is not None) != (changed, has_page):
                    report = self._report(Path(entry.path), found[1], changed, has_page=has_page)
                yield report

    def _report(self, path: Path, game: str, changed: float, *, has_page: bool) -> Report:
        place = path.relative_to(self._folders.reports)
        return Report(
            key=hashlib.sha256(os.fsencode(place.as_posix())).hexdigest()[:KEY_LENGTH],
            pdf=path,
            page=(self._folders.html / place).with_suffix(".html") if has_page else None,
            name=clean(path.stem.replace("_", " "), NAME_LIMIT),
            group=clean(place.parent.as_posix().removeprefix("."), NAME_LIMIT),
            game=game,
            changed=changed,
        )


def _walk(root: str) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    """As :func:`os.walk`, with entries, which know without asking the system what they are; regular files only."""
    try:
        with os.scandir(root) as found:
            entries = list(found)
    except OSError:
        return
    folders = [e.path for e in entries if not e.name.startswith(".") and e.is_dir(follow_symlinks=False)]
    yield root, [entry for entry in entries if entry.is_file(follow_symlinks=False)]
    for folder in folders:
        yield from _walk(folder)


def _files_in(folder: Path) -> set[str]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.is_file(follow_symlinks=False)}
    except OSError:
        return set()


def _is_own_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _pair(day: date | None, folder: Path, name: str) -> Overview:
    pdf, page = folder / f"{name}.pdf", folder / f"{name}.html"
    return Overview(day, pdf if _is_own_file(pdf) else None, page if _is_own_file(page) else None)


def _day_of(path: Path | None) -> date | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime).astimezone().date() if path else None
    except OSError:
        return None
