"""A web server of this machine with files to download, and faults by path."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_RANGE = re.compile(r"bytes=(\d+)-")
_DATE = "Mon, 24 Aug 2026 04:27:54 GMT"


@dataclass
class Shop:
    """What is served.

    ``breaks``: path -> how often the connection breaks in the middle of an answer.
    ``refuses``: path -> status codes to give first, one a request.
    ``redirects``: path -> where to.
    ``stalls``: paths that send half of the body and then nothing.
    ``deaf``: paths that ignore ranges.
    ``weak``: paths whose tag is a weak one, beside a date.
    ``untagged``: paths without a tag and without a date.
    ``types``: path -> type of its content.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    breaks: Counter[str] = field(default_factory=Counter)
    refuses: dict[str, list[int]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    stalls: Counter[str] = field(default_factory=Counter)
    deaf: set[str] = field(default_factory=set)
    weak: set[str] = field(default_factory=set)
    untagged: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)
    lengthless: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    release: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    def url(self, path: str) -> str:
        return self.address + path

    def ranges(self, path: str) -> list[str]:
        """The range of every request for a path, in order; empty for a whole one."""
        return [span for asked, span in self.asked if asked == path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shop: Shop

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        shop, path = self.shop, self.path
        span = self.headers.get("Range", "")
        shop.asked.append((path, span))
        self.close_connection = True
        if shop.refuses.get(path):
            self._plain(shop.refuses[path].pop(0))
            return
        if path in shop.redirects:
            self.send_response(302)
            self.send_header("Location", shop.redirects[path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if path not in shop.files:
            self._plain(404)
            return
        self._serve(shop.files[path], span)

    def _plain(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _serve(self, data: bytes, span: str) -> None:
        shop, path = self.shop, self.path
        tag = '"' + hashlib.sha256(data).hexdigest()[:12] + '"'
        if path in shop.weak:
            tag = _DATE
        match = _RANGE.fullmatch(span)
        same = self.headers.get("If-Range", tag) == tag
        start = int(match.group(1)) if match and same and path not in shop.deaf else 0
        if start >= len(data) > 0:
            self._plain(416)
            return
        body = data[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if path in shop.weak:
            self.send_header("ETag", 'W/"weak"')
            self.send_header("Last-Modified", _DATE)
        elif path not in shop.untagged:
            self.send_header("ETag", tag)
        self.send_header("Content-Type", shop.types.get(path, "application/octet-stream"))
        if path not in shop.lengthless:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if shop.breaks[path] > 0 or shop.stalls[path] > 0:
            half = body[: len(body) // 2]
            self.wfile.write(half)
            self.wfile.flush()
            shop.sent[path] += len(half)
            if shop.stalls[path] > 0:
                shop.stalls[path] -= 1
                shop.release.wait(20)
                return
            shop.breaks[path] -= 1
            return
        self.wfile.write(body)
        shop.sent[path] += len(body)


@contextmanager
def open_shop() -> Iterator[Shop]:
    """A running server; its files and faults may be changed at any time."""
    shop = Shop()
    handler = type("Handler", (_Handler,), {"shop": shop})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        shop.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield shop
        finally:
            shop.release.set()
            server.shutdown()
            thread.join(10)
