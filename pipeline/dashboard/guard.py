"""What every answer of the dashboard must obey: who may ask, how, and what the browser may do with it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.wording import dashboard as words

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: dict[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# What an answer that sets none of its own may do.
POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class Guard:
    """ASGI middleware: GET and HEAD only, a host that is ours, strict headers.

    The check of the host is what stops a foreign web page that has its own
    name point to this machine (DNS rebinding): such a request bears that name.

    Args:
        app: what answers.
        hosts: names that are ours, in lower case, without port.
        any_address: whether an address in digits is ours too; a name cannot be rebound to look like one.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], any_address: bool) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._any_address = any_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        from starlette.responses import PlainTextResponse  # noqa: PLC0415

        if scope["type"] != "http":
            return
        app = self._app
        if not self._is_ours(_host(scope)):
            app = PlainTextResponse(words.BAD_HOST.format(host="http://127.0.0.1"), status_code=421)
        elif scope["method"] not in {"GET", "HEAD"}:
            app = PlainTextResponse(words.BAD_METHOD, status_code=405, headers={"allow": "GET, HEAD"})

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                wanted = {**HEADERS, "content-security-policy": POLICY, "cache-control": "no-store"}
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in wanted.items() if name.encode() not in given),
                ]
            await send(message)

        await app(scope, receive, guarded)

    def _is_ours(self, host: str) -> bool:
        if host in self._hosts:
            return True
        if not self._any_address:
            return False
        try:
            ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            return False
        return True


def _host(scope: Scope) -> str:
    """The host that was asked for, in lower case, without port; empty when it is not given exactly once."""
    values = [value for name, value in scope["headers"] if name == b"host"]
    if len(values) != 1:
        return ""
    text = str(values[0], "latin-1").lower()
    name, separator, port = text.rpartition(":")
    return name if separator and port.isdigit() else text
