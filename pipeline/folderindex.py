"""Which files of a folder belong to which game, without listing the folder for every question.

The listing stays the truth. A folder is listed again when its time of change
is another one than at the last listing. Who is alone in the output folder, under
its lock, notes his own changes himself; so ten thousand games cost ten
thousand notes and not ten thousand listings of up to ten thousand names.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

# File systems note times in steps: two changes within one step leave one and the same time behind.
COARSEST_CLOCK = 2.5
_File: TypeAlias = tuple[str, str]  # folder and name
_AWAY = (FileNotFoundError, NotADirectoryError, PermissionError)


@dataclass(slots=True)
class _Listed:
    """A folder as it was listed. ``since`` is when we first saw that time of change, by our own clock."""

    changed: int
    since: float
    is_settled: bool = False
    names: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)


class FolderIndex:
    """Finds the files of a game. For several threads.

    Whatever is moved, renamed or deleted by anybody, the answer is right: a
    file that should be there and is not makes the folder be listed anew, and
    so does every change that is seen in the folder's time. What nobody can see
    is a file that somebody else adds in the same instant as one of ours, and
    only where we are alone by the lock, so that nobody but a person could.

    Args:
        root: the folder; it need not exist.
        key_of: what a file name belongs to, ``""`` for names that are none of ours.
        is_deep: look into sub-folders too; hidden ones and links are left out.
        is_alone: whether no other process writes here, so that our own notes hold.
        monotonic: seconds.
    """

    def __init__(
        self,
        root: Path,
        key_of: Callable[[str], str],
        *,
        is_deep: bool = False,
        is_alone: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = str(root)
        self._key_of = key_of
        self._is_deep = is_deep
        self._is_alone = is_alone
        self._monotonic = monotonic
        self._lock = threading.RLock()
        self._folders: dict[str, _Listed] = {}
        self._files: dict[str, tuple[_File, ...]] = {}  # nearly always one: a set would take four times the room
        self._changes_in_work = 0
        self.listings = 0

    def find(self, key: str) -> list[Path]:
        """The files of a game, sorted.

        Raises:
            OSError: the disk or share does not answer.
        """
        with self._lock:
            self._refresh()
            found = self._paths(key)
            if not all(map(os.path.lexists, found)):
                self._folders.clear()
                self._files.clear()
                self._refresh()
                found = self._paths(key)
            return found

    @contextmanager
    def changing(self, path: Path) -> Iterator[None]:
        """While this is open we write, replace or remove ``path``; questions of other threads do not list meanwhile."""
        with self._lock:
            if self._is_alone and self._folders:
                self._refresh()  # what others did until now: our own change will hide that there was one
            self._changes_in_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._changes_in_work -= 1
                self._note(path)

    def _note(self, path: Path) -> None:
        """Take down what became of a file of ours, where nobody else can have changed the folder too."""
        listed = self._folders.get(str(path.parent))
        if not self._is_alone or listed is None:
            return  # listed when it is asked for: a new folder changes the time of the one above it
        if os.path.lexists(path):
            listed.names.add(path.name)
            self._add(str(path.parent), path.name)
        else:
            listed.names.discard(path.name)
            self._drop(str(path.parent), path.name)
        if not self._changes_in_work:
            try:
                listed.changed = path.parent.stat().st_mtime_ns
            except _AWAY:
                self._leave(str(path.parent))

    def _refresh(self) -> None:
        if self._is_alone and self._changes_in_work and self._folders:
            return  # our own change is half done, and will be noted
        if self._root not in self._folders:
            self._list(self._root)
        for folder, listed in list(self._folders.items()):
            try:
                changed = Path(folder).stat().st_mtime_ns
            except _AWAY:
                self._leave(folder)
                continue
            if changed != listed.changed or not listed.is_settled:
                self._list(folder)

    def _list(self, folder: str) -> None:
        try:
            changed, now = Path(folder).stat().st_mtime_ns, self._monotonic()
            names, folders = self._names(folder)
        except _AWAY:
            self._leave(folder)
            return
        self.listings += 1
        listed = self._folders.get(folder)
        if listed is None or listed.changed != changed:
            old = listed or _Listed(changed, now)
            listed = _Listed(changed, now, self._is_alone, old.names, old.folders)
            self._folders[folder] = listed
        listed.is_settled = self._is_alone or now - listed.since >= COARSEST_CLOCK
        for name in names - listed.names:
            self._add(folder, name)
        for name in listed.names - names:
            self._drop(folder, name)
        for name in listed.folders - folders:
            self._leave(os.path.join(folder, name))  # noqa: PTH118 - texts all through, for speed
        listed.names, listed.folders = names, folders
        for name in folders:
            inner = os.path.join(folder, name)  # noqa: PTH118 - as above
            if inner not in self._folders:
                self._list(inner)

    def _names(self, folder: str) -> tuple[set[str], set[str]]:
        """Names of files and of folders to look into."""
        if not self._is_deep:
            return set(os.listdir(folder)), set()  # noqa: PTH208 - as above
        files: set[str] = set()
        folders: set[str] = set()
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    files.add(entry.name)
                elif not entry.name.startswith("."):
                    folders.add(entry.name)
        return files, folders

    def _paths(self, key: str) -> list[Path]:
        return sorted(Path(folder, name) for folder, name in self._files.get(key, ()))

    def _add(self, folder: str, name: str) -> None:
        key = "" if name.startswith(".") else self._key_of(name)
        known = self._files.get(key, ())
        if key and (folder, name) not in known:
            self._files[key] = (*known, (folder, name))

    def _drop(self, folder: str, name: str) -> None:
        key = self._key_of(name)
        left = tuple(file for file in self._files.get(key, ()) if file != (folder, name))
        if left:
            self._files[key] = left
        else:
            self._files.pop(key, None)

    def _leave(self, folder: str) -> None:
        """Forget a folder that is gone, and those in it."""
        listed = self._folders.pop(folder, None)
        if listed is None:
            return
        for name in listed.names:
            self._drop(folder, name)
        for name in listed.folders:
            self._leave(os.path.join(folder, name))  # noqa: PTH118 - as above
