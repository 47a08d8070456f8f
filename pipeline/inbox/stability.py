"""When a file in the inbox is finished: pure bookkeeping over successive listings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

EMPTY_PATIENCE = 10  # an empty file is mostly one whose content is still to come


@dataclass(frozen=True, slots=True)
class Signature:
    """What changes when a file does. Times are compared with each other only, never with a clock of ours."""

    size: int
    mtime_ns: int


@dataclass(slots=True)
class _Seen:
    signature: Signature
    since: float
    not_before: float = 0.0
    failures: int = 0


class SettleTracker:
    """Tells which files have stopped changing.

    A file is settled when two listings at least ``settle`` seconds apart, and
    all between them, showed the same signature. Empty files must lie ten times
    as long.

    Args:
        settle: seconds.
        retry_first: seconds until a file that could not be handled is tried
            again; doubles each time up to ``retry_max``.
        retry_max: seconds.
    """

    def __init__(self, settle: float, *, retry_first: float = 5.0, retry_max: float = 300.0) -> None:
        self._settle = settle
        self._retry_first = retry_first
        self._retry_max = retry_max
        self._seen: dict[str, _Seen] = {}

    def observe(self, listing: Mapping[str, Signature], now: float) -> list[str]:
        """Take in a complete listing; returns the settled paths, in the listing's order.

        A path is returned at every look until it is gone, changes, or
        :meth:`postpone` was called.

        Args:
            listing: path -> signature.
            now: seconds, monotonic.
        """
        for path in self._seen.keys() - listing.keys():
            del self._seen[path]
        settled = []
        for path, signature in listing.items():
            seen = self._seen.get(path)
            if seen is None or seen.signature != signature:
                self._seen[path] = _Seen(signature, now)
                continue
            patience = self._settle if signature.size else self._settle * EMPTY_PATIENCE
            if now - seen.since >= patience and now >= seen.not_before:
                settled.append(path)
        return settled

    def age(self, path: str, now: float) -> float:
        """Seconds for which a path has been seen unchanged."""
        seen = self._seen.get(path)
        return now - seen.since if seen else 0.0

    def postpone(self, path: str, now: float) -> int:
        """A settled file could not be handled: try again later. Returns how often that has happened."""
        seen = self._seen.get(path)
        if seen is None:
            return 0
        seen.failures += 1
        seen.not_before = now + min(self._retry_max, self._retry_first * 2.0 ** (seen.failures - 1))
        return seen.failures

    def changed(self, path: str) -> None:
        """A file changed while it was read: it has to settle again."""
        self._seen.pop(path, None)

    @property
    def waiting(self) -> int:
        """Files that were seen and are still there."""
        return len(self._seen)
