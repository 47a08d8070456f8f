"""Web addresses: which are accepted, what a mirror makes of them, redirects that are followed, SOCKS proxies."""

from __future__ import annotations

import http.client
import urllib.request
from typing import IO
from urllib.parse import quote, urlsplit

from pipeline.errors import ConfigError, DependencyError

_GITHUB = frozenset({"github.com", "objects.githubusercontent.com", "release-assets.githubusercontent.com"})
_PLAIN = "%/:=&?~#+!$,;'@()*[]"


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
        check_web(mirror)
        return mirror.replace("{url}", url)
    if "=" in mirror.partition("//")[0]:
        for rule in mirror.split(","):
            host, _, other = rule.strip().partition("=")
            check_web(other)
            if parts.netloc == host:
                return other.rstrip("/") + url.partition(parts.netloc)[2]
        return url
    check_web(mirror)
    return f"{mirror.rstrip('/')}/{url}" if parts.netloc in _GITHUB else url


def check_web(address: str) -> None:
    """Refuse what is no web address.

    Raises:
        ConfigError: it is none.
    """
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_web = False
    if not is_web:
        raise ConfigError("install.bad_address", url=address)


def plain(address: str) -> str:
    """An address as the protocol wants it: people paste spaces, and folders with Chinese names."""
    return quote(address, safe=_PLAIN)


def socks_proxy(address: str) -> str:
    """The SOCKS proxy that is set for an address, without its password; empty if there is none.

    Python's standard library speaks to HTTP proxies only: it passes over
    ``ALL_PROXY`` and takes a SOCKS proxy in ``HTTPS_PROXY`` for an HTTP one.
    """
    parts = urlsplit(address)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not proxy.lower().startswith("socks") or urllib.request.proxy_bypass(parts.hostname or ""):
        return ""
    found = urlsplit(proxy)
    return f"{found.scheme}://{found.hostname}" + (f":{found.port}" if found.port else "")
