"""Fetching a file by its address: resumed after a break, limited in size, checked, through a mirror if asked.

Unfinished downloads lie beside their address and the server's tag of the
version; the next attempt, or the next run, goes on from there. A file that has
become another one on the server is fetched from its beginning.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import json
import logging
import os
import random
import re
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pipeline
from pipeline.engine.addresses import SafeRedirects, check_web, mirrored, plain, socks_proxy
from pipeline.errors import DependencyError

FOLDER = ".downloads"  # of unfinished downloads, below that of the components
_LOG = logging.getLogger(__name__)
_BLOCK = 1 << 18
_LONGEST_WAIT = 60.0
_KEPT_SECONDS = 14 * 86400.0
_PERMANENT = frozenset({400, 401, 403, 404, 405, 410, 451})
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

OnBytes = Callable[[int, int], None]
"""Gets the bytes so far and in all, 0 where the server does not say."""
OnBreak = Callable[[str, str, float], None]
"""Gets the file's name, what happened, and the seconds until the next attempt."""


def ignore_break(_name: str, _detail: str, _seconds: float) -> None:
    """For callers that show nothing."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try: ``timeout`` seconds without a byte, ``attempts`` in a row without progress.

    Where nobody has answered at all, ``knocks`` attempts are enough. Waits
    between attempts double from ``first_wait`` seconds on.
    """

    timeout: float = 30.0
    attempts: int = 6
    first_wait: float = 1.0
    knocks: int = 3


class _Broken(Exception):
    """This attempt failed; another may succeed. ``wait``: what the server asked for, in seconds."""

    def __init__(self, detail: str, wait: float = 0.0, *, answered: bool = True) -> None:
        super().__init__(detail)
        self.wait = wait
        self.answered = answered


def file_digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def part_name(url: str, sha256: str | None) -> str:
    """The name of an unfinished download: by what it holds where that is known, so that another mirror may go on."""
    return f"{(sha256 or hashlib.sha256(url.encode()).hexdigest())[:32]}.part"


class Downloader:
    """Fetches files into a folder of unfinished downloads.

    Args:
        folder: where unfinished and finished downloads lie.
        mirror: see :func:`mirrored`.
        patience: time limits.
        sleep: waits; the tests bring their own.
        handlers: of ``urllib``, for a proxy or certificates of one's own.
        on_break: told of every break that is followed by another attempt.
    """

    def __init__(
        self,
        folder: Path,
        *,
        mirror: str = "",
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
        handlers: Sequence[urllib.request.BaseHandler] = (),
        on_break: OnBreak = ignore_break,
    ) -> None:
        mirrored("https://github.com/", mirror)
        self._folder = folder
        self._mirror = mirror
        self._patience = patience or Patience()
        self._sleep = sleep
        self._on_break = on_break
        self._opener = urllib.request.build_opener(SafeRedirects(), *handlers)

    def fetch(self, url: str, *, size: int | None, sha256: str | None, limit: int, on_bytes: OnBytes) -> Path:
        """Download a file; what an earlier attempt left is used.

        With a sum, the part of one mirror is completed by another: the sum
        decides, and a mixture that is wrong is fetched once more from the start.

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
            DependencyError: not there, the connection keeps breaking, wrong length, too large, wrong sum.
            OSError: the disk is full, or would be.
        """
        check_web(url)
        part = self._folder / part_name(url, sha256)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._tidy()
        # Without a size only the sum tells that an earlier run has brought all of it.
        is_there = sha256 is not None and size is None and _length(part) > 0 and file_digest(part) == sha256
        for is_last in (False, True):
            pieced = not is_there and self._complete(
                url, part, size=size, limit=size or limit, has_sum=sha256 is not None, on_bytes=on_bytes
            )
            found = file_digest(part)
            if sha256 is None or found == sha256:
                break
            self._forget(part)
            if is_last or not pieced:
                name = url.rsplit("/", 1)[-1]
                raise DependencyError("install.checksum", name=name, url=self._address(url), found=found)
            _LOG.info("the parts of %s do not fit together; fetching it from its beginning", url)
        _tag_file(part).unlink(missing_ok=True)
        return part

    def begun(self, url: str, sha256: str | None) -> int:
        """Bytes of a file that lie here already."""
        return _length(self._folder / part_name(url, sha256))

    def text(self, url: str, limit: int) -> str:
        """A short answer as text, asked once, without the mirror; empty if there is none."""
        return self.page(url, limit)[1]

    def page(self, url: str, limit: int, accept: str = "*/*") -> tuple[str, str]:
        """As ``text``, with the address that the answer came from after redirects before it."""
        try:
            asked = self._request(url, {"Accept": accept})
            with self._opener.open(asked, timeout=self._patience.timeout) as answer:
                body: bytes = answer.read(limit + 1)
                address = str(answer.geturl())
        except (OSError, http.client.HTTPException, ValueError, DependencyError):
            return "", ""
        return (address, body.decode("utf-8", "replace")) if len(body) <= limit else ("", "")

    def _complete(
        self, url: str, part: Path, *, size: int | None, limit: int, has_sum: bool, on_bytes: OnBytes
    ) -> bool:
        """Try until all of it is there; returns whether it was put together from several answers."""
        name = url.rsplit("/", 1)[-1]
        failures, pieced, answered = 0, _length(part) > 0, False
        while size is None or _length(part) != size:
            before = _length(part)
            pieced |= before > 0
            try:
                self._attempt(url, part, size=size, limit=limit, has_sum=has_sum, on_bytes=on_bytes)
                break
            except _Broken as broken:
                failures = 1 if _length(part) > before else failures + 1
                answered |= broken.answered
                if failures >= (self._patience.attempts if answered else self._patience.knocks):
                    proxy = socks_proxy(self._address(url))
                    if proxy:
                        raise DependencyError("install.socks", name=name, proxy=proxy) from None
                    detail = str(broken)
                    raise DependencyError("install.network", name=name, url=self._address(url), detail=detail) from None
                wait = max(broken.wait, self._patience.first_wait * 2 ** (failures - 1))
                wait = min(_LONGEST_WAIT, wait * random.uniform(1.0, 1.25))  # noqa: S311 - spreads load
                _LOG.info("download of %s broke (%s); trying again", name, broken)
                self._on_break(name, str(broken), wait)
                self._sleep(wait)
        return pieced

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
        return urllib.request.Request(plain(address), headers=agent | (headers or {}))  # noqa: S310 - the scheme is checked

    def _forget(self, part: Path) -> None:
        part.unlink(missing_ok=True)
        _tag_file(part).unlink(missing_ok=True)

    def _attempt(self, url: str, part: Path, *, size: int | None, limit: int, has_sum: bool, on_bytes: OnBytes) -> None:
        """Fetch what is missing of a file.

        Raises:
            _Broken: try again.
            DependencyError: trying again is no use.
        """
        address, name = self._address(url), url.rsplit("/", 1)[-1]
        tag = _read_tag(part, address)
        # Without a tag the server may go on with another version: only a sum would notice.
        have = _length(part) if tag or has_sum else 0
        if have > limit:
            self._forget(part)
            have, tag = 0, ""
        headers = {"Range": f"bytes={have}-"} if have else {}
        if have and tag:
            headers["If-Range"] = tag
        try:
            with self._opener.open(self._request(address, headers), timeout=self._patience.timeout) as answer:
                resumed = answer.status == http.client.PARTIAL_CONTENT
                start, total = _range_of(answer.headers.get("Content-Range", "")) if resumed else (0, None)
                if resumed and start != have:
                    self._forget(part)
                    raise _Broken(f"range {start} instead of {have}")
                length = answer.headers.get("Content-Length", "")
                total = start + int(length) if length.isdigit() else total
                if size is not None and total is not None and total != size:
                    # A login page or another file: what is here already stays.
                    raise DependencyError("install.wrong_length", name=name, url=address, found=total, size=size)
                if total is not None and total > limit:
                    raise DependencyError("install.too_large", name=name, limit=_megabytes(limit))
                if total is not None and shutil.disk_usage(self._folder).free < total - start:
                    # Better now than with a disk that is full to the last byte.
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(part))
                if not start:
                    part.unlink(missing_ok=True)
                _write_tag(part, address, _version_tag(answer.headers))
                self._copy(
                    answer, part, start, limit=limit, on_bytes=lambda done: on_bytes(done, total or 0), name=name
                )
                expected = size if total is None else total
                if expected is not None and _length(part) < expected:
                    raise _Broken("Connection reset by peer")
        except urllib.error.HTTPError as error:
            with error:
                self._refused(error, url, part)
        except (urllib.error.URLError, http.client.HTTPException, ssl.SSLError, TimeoutError, ConnectionError) as error:
            raise _Broken(_detail_of(error), answered=not isinstance(error, urllib.error.URLError)) from error

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
            sink.flush()
            os.fsync(sink.fileno())
        if done > limit:
            self._forget(part)
            raise DependencyError("install.too_large", name=name, limit=_megabytes(limit))

    def _refused(self, error: urllib.error.HTTPError, url: str, part: Path) -> None:
        if error.code in _PERMANENT:
            raise DependencyError("install.refused", name=url.rsplit("/", 1)[-1], url=error.url, status=error.code)
        if http.client.MULTIPLE_CHOICES <= error.code < http.client.BAD_REQUEST:
            # urllib follows those that lead to the web, and gives up in a circle.
            target = error.headers.get("Location", "-")
            raise DependencyError("install.bad_redirect", url=self._address(url), target=target)
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            self._forget(part)
        after = error.headers.get("Retry-After", "")
        raise _Broken(f"HTTP {error.code}", wait=float(after) if after.isdigit() else 0.0)


def _detail_of(error: Exception) -> str:
    """What happened, in the words of the system where there are any."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return "certificate verify failed"
    if isinstance(reason, http.client.IncompleteRead):
        return "Connection reset by peer"
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__


def _megabytes(count: int) -> int:
    return -(-count // 1_000_000)


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _range_of(content_range: str) -> tuple[int, int | None]:
    """Where an answer starts (-1 if it does not say) and how long the whole file is."""
    match = _RANGE.fullmatch(content_range.strip())
    if match is None:
        return -1, None
    return int(match.group(1)), int(match.group(2)) if match.group(2).isdigit() else None


def _version_tag(headers: http.client.HTTPMessage) -> str:
    """What tells this version from another: a strong ETag, else the date.

    A weak ETag may not be used with If-Range (RFC 9110, 13.1.5).
    """
    tag = str(headers.get("ETag") or "")
    return tag if tag and not tag.startswith("W/") else str(headers.get("Last-Modified") or "")


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
    _tag_file(part).write_text(json.dumps({"address": address, "tag": tag}), encoding="utf-8")
