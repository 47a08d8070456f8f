"""Which sum a download must have: the table's or the user's, GitHub's own, else that of the first installation."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.atomic import atomic_write_bytes
from pipeline.engine.components import Phase
from pipeline.engine.download import Downloader, file_digest
from pipeline.errors import DependencyError

_TRUST = "trusted.json"
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_GITHUB = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)/releases/download/([\w.+-]+)/([\w.+-]+)")
_API_LIMIT = 4_000_000

Report = Callable[[Phase, int, int], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A checked download. ``trusted`` is true where its sum could only be recorded, not compared."""

    path: Path
    sha256: str
    trusted: bool


def _official_digest(downloader: Downloader, url: str) -> str:
    """GitHub's own SHA-256 of a release file; empty if it cannot be asked."""
    match = _GITHUB.fullmatch(url)
    if match is None:
        return ""
    repository, tag, name = match.groups()
    answer = downloader.text(f"https://api.github.com/repos/{repository}/releases/tags/{tag}", _API_LIMIT)
    try:
        found = next(asset["digest"] for asset in json.loads(answer)["assets"] if asset["name"] == name)
        matched = _DIGEST.fullmatch(found or "")
    except (ValueError, KeyError, TypeError, StopIteration):
        return ""
    return matched.group(1) if matched else ""


def _trusted(root: Path) -> dict[str, dict[str, str]]:
    try:
        known = json.loads((root / _TRUST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def recorded_sum(root: Path, url: str) -> str:
    """The sum that an address had when it was installed first; empty if it was compared with a published one."""
    row = _trusted(root).get(url)
    return str(row.get("sha256", "")) if isinstance(row, dict) else ""


def fetch_checked(
    root: Path,
    downloader: Downloader,
    url: str,
    *,
    size: int | None,
    sha256: str | None,
    limit: int,
    report: Report,
) -> Fetched:
    """Download a file and compare its sum with the best one that is known.

    In this order: the one given, GitHub's own, the one recorded when it was
    installed first. Without any, the caller says by :func:`record` that it held
    what it should: a login page must not become what later downloads have to
    agree with. Call it with the lock held.

    Raises:
        DependencyError: as ``Downloader.fetch``; another sum than recorded.
    """
    name = url.rsplit("/", 1)[-1]
    expected = sha256 or _official_digest(downloader, url) or None
    total = size or 0
    report(Phase.DOWNLOAD, 0, total)
    path = downloader.fetch(
        url,
        size=size,
        sha256=expected,
        limit=limit,
        on_bytes=lambda done, of: report(Phase.DOWNLOAD, done, of or max(total, done)),
    )
    found = expected or file_digest(path)
    if expected is None:
        before = recorded_sum(root, url)
        if before and before != found:
            path.unlink(missing_ok=True)
            raise DependencyError("install.changed", name=name, before=before, found=found)
    return Fetched(path, found, trusted=expected is None)


def record(root: Path, url: str, fetched: Fetched) -> None:
    """Remember the sum of a download that could only be trusted, for the next one to be held against.

    Raises:
        StoreError, ConfigError: as :func:`pipeline.atomic.atomic_path`.
    """
    known = _trusted(root)
    if not fetched.trusted or url in known:
        return
    known[url] = {"sha256": fetched.sha256, "date": datetime.datetime.now(datetime.UTC).date().isoformat()}
    atomic_write_bytes(root / _TRUST, (json.dumps(known, indent=1) + "\n").encode())
