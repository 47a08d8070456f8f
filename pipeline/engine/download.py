"""Fetching a file by its address: resumed after a break, limited in size, checked, through a mirror if asked.

Unfinished downloads lie beside their address and the server's tag of the
version; the next attempt, or the next run, goes on from there. A file that has
become another one on the server is fetched from its beginning.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import logging
import random
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import pipeline
from pipeline.errors import ConfigError, DependencyError

_LOG = logging.getLogger(__name__)
_BLOCK = 1 << 18
_LONGEST_WAIT = 60.0
_KEPT_SECONDS = 14 * 86400.0
_PERMANENT = frozenset({400, 401, 403, 404, 405, 410, 451})
_GITHUB = frozenset({"github.com", "objects.githubusercontent.com", "release-assets.githubusercontent.com"})
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

OnBytes = Callable[[int, int], None]
"""Gets the bytes so far and in all, 0 where the server does not say."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try: ``timeout`` seconds without a byte, ``attempts`` in a row without progress.

    Waits between attempts double from ``first_wait`` seconds on.
    """

    timeout: float = 30.0
    attempts: int = 6
    first_wait: float = 1.0


class _Broken(Exception):
    """This attempt failed; another may succeed. ``wait``: what the server asked for, in seconds."""

    def __init__(self, detail: str, wait: float = 0.0) -> None:
        super().__init__(detail)
        self.wait = wait


class SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to web addresses only, and never from an encrypted connection to an open one."""

    def redirect_request(  # noqa: PLR0917 - the base class's
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """As the base class; refuses by an error."""
        before, after = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if after not in {"http", "https"} or (before == "https" and after == "http"):
            raise DependencyError("install.bad_redirect", url=req.full_url, target=newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def mirrored(url: str, mirror: str) -> str:
    """The address to ask when a mirror is set.

    Three spellings: ``https://mirror/{url}`` puts every address into the
    pattern; ``https://mirror/`` is put before addresses on GitHub (the way of
    the public accelerators, which serve nothing else); ``host=https://other``
    replaces a host, and several of these may be joined by commas.

    Raises:
        ConfigError: none of the three.
    """
    if not mirror:
        return url
    parts = urlsplit(url)
    if "{url}" in mirror:
        _check_web(mirror)
        return mirror.replace("{url}", url)
    if "=" in mirror.partition("//")[0]:
        for rule in mirror.split(","):
            host, _, other = rule.strip().partition("=")
            _check_web(other)
            if parts.netloc == host:
                return other.rstrip("/") + url.partition(parts.netloc)[2]
        return url
    _check_web(mirror)
    return f"{mirror.rstrip('/')}/{url}" if parts.netloc in _GITHUB else url


def _check_web(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ConfigError("install.bad_address", url=address)


def file_digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Downloader:
    """Fetches files into a folder of unfinished downloads.

    Args:
        folder: where unfinished and finished downloads lie.
        mirror: see :func:`mirrored`.
        patience: time limits.
        sleep: waits; the tests bring their own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        mirror: str = "",
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        mirrored("https://github.com/", mirror)
        self._folder = folder
        self._mirror = mirror
        self._patience = patience or Patience()
        self._sleep = sleep
        self._opener = urllib.request.build_opener(SafeRedirects())

    def fetch(self, url: str, *, size: int | None, sha256: str | None, limit: int, on_bytes: OnBytes) -> Path:
        """Download a file; what an earlier attempt left is used.

        Args:
            url: its true address; the mirror is applied here.
            size: its length in bytes, where known.
            sha256: its sum, where known.
            limit: the most bytes it may have.
            on_bytes: progress.

        Returns:
            The complete file, whose sum is right where one was given. The caller removes it.

        Raises:
            ConfigError: not a web address.
            DependencyError: not there, the connection keeps breaking, too large, wrong sum.
        """
        _check_web(url)
        name = url.rsplit("/", 1)[-1]
        part = self._folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.part"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._tidy()
        failures = 0
        while True:
            before = _length(part)
            if size is not None and before == size:
                break
            try:
                self._attempt(url, part, size or limit, on_bytes)
                break
            except _Broken as broken:
                grown = _length(part) > before
                failures = 1 if grown else failures + 1
                if failures >= self._patience.attempts:
                    detail = str(broken)
                    raise DependencyError("install.network", name=name, url=self._address(url), detail=detail) from None
                wait = max(broken.wait, self._patience.first_wait * 2 ** (failures - 1))
                _LOG.info("download of %s broke (%s); trying again", name, broken)
                self._sleep(min(_LONGEST_WAIT, wait * random.uniform(1.0, 1.25)))  # noqa: S311 - spreads load
        found = file_digest(part)
        if (size is not None and _length(part) != size) or (sha256 is not None and found != sha256):
            self._forget(part)
            raise DependencyError("install.checksum", name=name, url=self._address(url), found=found)
        _tag_file(part).unlink(missing_ok=True)
        return part

    def text(self, url: str, limit: int) -> str:
        """A short answer as text, asked once, without the mirror; empty if there is none."""
        try:
            with self._opener.open(self._request(url), timeout=self._patience.timeout) as answer:
                body: bytes = answer.read(limit + 1)
        except (OSError, http.client.HTTPException, ValueError, DependencyError):
            return ""
        return body.decode("utf-8", "replace") if len(body) <= limit else ""

    def _tidy(self) -> None:
        """Remove what was begun long ago and never finished."""
        for leftover in self._folder.iterdir():
            with contextlib.suppress(OSError):
                if time.time() - leftover.stat().st_mtime > _KEPT_SECONDS:
                    leftover.unlink()

    def _address(self, url: str) -> str:
        return mirrored(url, self._mirror)

    def _request(self, address: str, headers: dict[str, str] | None = None) -> urllib.request.Request:
        agent = {"User-Agent": f"Mozilla/5.0 (compatible; fupan/{pipeline.__version__})", "Accept-Encoding": "identity"}
        return urllib.request.Request(address, headers=agent | (headers or {}))  # noqa: S310 - the scheme is checked

    def _forget(self, part: Path) -> None:
        part.unlink(missing_ok=True)
        _tag_file(part).unlink(missing_ok=True)

    def _attempt(self, url: str, part: Path, limit: int, on_bytes: OnBytes) -> None:
        """Fetch what is missing of a file.

        Raises:
            _Broken: try again.
            DependencyError: trying again is no use.
        """
        address, name = self._address(url), url.rsplit("/", 1)[-1]
        tag = _read_tag(part, address)
        have = _length(part) if tag else 0
        if have > limit:
            self._forget(part)
            have, tag = 0, ""
        headers = {"Range": f"bytes={have}-", "If-Range": tag} if have else {}
        try:
            with self._opener.open(self._request(address, headers), timeout=self._patience.timeout) as answer:
                resumed = answer.status == http.client.PARTIAL_CONTENT
                start = _start_of(answer.headers.get("Content-Range", "")) if resumed else 0
                if resumed and start != have:
                    self._forget(part)
                    raise _Broken(f"range {start} instead of {have}")
                length = answer.headers.get("Content-Length", "")
                total = start + int(length) if length.isdigit() else None
                if total is not None and total > limit:
                    raise DependencyError("install.too_large", name=name, limit=_megabytes(limit))
                _write_tag(part, address, answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")
                self._copy(
                    answer, part, start, limit=limit, on_bytes=lambda done: on_bytes(done, total or 0), name=name
                )
                if total is not None and _length(part) < total:
                    raise _Broken("Connection reset by peer")
        except urllib.error.HTTPError as error:
            with error:
                self._refused(error, url, part)
        except (urllib.error.URLError, http.client.HTTPException, ssl.SSLError, TimeoutError, ConnectionError) as error:
            reason = getattr(error, "reason", error)
            detail = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
            raise _Broken(detail) from error

    def _copy(
        self, answer: IO[bytes], part: Path, start: int, *, limit: int, on_bytes: Callable[[int], None], name: str
    ) -> None:
        done = start
        with part.open("r+b" if start else "wb") as sink:
            sink.seek(start)
            sink.truncate()
            on_bytes(done)
            while block := answer.read(_BLOCK):
                done += len(block)
                if done > limit:
                    break
                sink.write(block)
                on_bytes(done)
        if done > limit:
            self._forget(part)
            raise DependencyError("install.too_large", name=name, limit=_megabytes(limit))

    def _refused(self, error: urllib.error.HTTPError, url: str, part: Path) -> None:
        if error.code in _PERMANENT:
            raise DependencyError("install.refused", name=url.rsplit("/", 1)[-1], url=error.url, status=error.code)
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            self._forget(part)
        after = error.headers.get("Retry-After", "")
        raise _Broken(f"HTTP {error.code}", wait=float(after) if after.isdigit() else 0.0)


def _megabytes(count: int) -> int:
    return -(-count // 1_000_000)


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _start_of(content_range: str) -> int:
    match = _RANGE.fullmatch(content_range.strip())
    return int(match.group(1)) if match else -1


def _tag_file(part: Path) -> Path:
    return part.with_suffix(".json")


def _read_tag(part: Path, address: str) -> str:
    """The server's tag of the version that the part belongs to; empty where going on is not safe."""
    try:
        stored = json.loads(_tag_file(part).read_text(encoding="utf-8"))
        return str(stored["tag"]) if stored["address"] == address else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _write_tag(part: Path, address: str, tag: str) -> None:
    # A weak tag may not be used with If-Range (RFC 9110, 13.1.5).
    strong = "" if tag.startswith("W/") else tag
    _tag_file(part).write_text(json.dumps({"address": address, "tag": strong}), encoding="utf-8")
