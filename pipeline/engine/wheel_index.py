"""Fetching a wheel by its address in the index that pip uses, so that a break costs nothing.

pip throws away what it has when a download ends early, and NVIDIA's wheels have
hundreds of megabytes. So the address is looked up here: in the index that the
user's pip settings name (mirror, proxy and certificates too), for the very file
that the table pins by its sum. Where that is not possible, an index that asks
for a password or publishes no sums for example, pip does it as before.

Sources: PEP 503 and PEP 691 (the simple index as HTML and JSON),
``pip config list`` for the settings.
"""

from __future__ import annotations

import ast
import json
import logging
import re
import ssl
import subprocess
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from pipeline.engine.assets import WheelSpec
from pipeline.engine.download import Downloader, OnBreak, ignore_break
from pipeline.engine.wheels import PipSource, WheelSource, pip_command
from pipeline.errors import ConfigError, DependencyError

_LOG = logging.getLogger(__name__)
_DEFAULT_INDEX = "https://pypi.org/simple"
_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_PAGE_LIMIT = 20_000_000
_SETTINGS_SECONDS = 60.0
_SETTING = re.compile(r"(?P<section>[^.=\s]+)\.(?P<key>[a-z-]+)=(?P<value>['\"].*['\"])")
# Later sections stand above earlier ones, as for ``pip download``.
_SECTIONS = ("global", "download", ":env:")
# With these pip looks elsewhere, or has a key to show.
_PIPS_OWN = frozenset({"no-index", "client-cert"})


def parse_settings(text: str) -> dict[str, str]:
    """The settings in force for ``pip download``, from the output of ``pip config list``."""
    found: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in text.splitlines():
        match = _SETTING.fullmatch(line.strip())
        if match is None or match["section"] not in found:
            continue
        try:
            value = ast.literal_eval(match["value"])
        except (ValueError, SyntaxError):
            continue
        if isinstance(value, str):
            found[match["section"]][match["key"]] = value
    merged: dict[str, str] = {}
    for section in _SECTIONS:
        merged |= found[section]
    return merged


def pip_settings() -> dict[str, str]:
    """What pip is set to; empty without pip."""
    command = pip_command()
    if command is None:
        return {}
    try:
        done = subprocess.run(
            [*command, "config", "list"],
            capture_output=True,
            timeout=_SETTINGS_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return parse_settings(done.stdout.decode("utf-8", "replace"))


def indexes(settings: Mapping[str, str]) -> list[str]:
    """The indexes to look into, in order; none where pip has to do it."""
    if any(settings.get(key) for key in _PIPS_OWN):
        return []
    named = [settings.get("index-url") or _DEFAULT_INDEX, *settings.get("extra-index-url", "").split()]
    return [url.rstrip("/") for url in named if urlsplit(url).scheme in {"http", "https"} and "@" not in url]


def on_shelf(settings: Mapping[str, str], wheel: WheelSpec) -> bool:
    """Whether a folder that pip is pointed to (``find-links``) seems to hold the wheel."""
    stem = re.sub(r"[-_.]+", "_", wheel.distribution)
    folders = (Path(place).expanduser() for place in settings.get("find-links", "").split() if "://" not in place)
    return any(folder.is_dir() and any(folder.glob(f"{stem}-{wheel.version}-*.whl")) for folder in folders)


class _Links(HTMLParser):
    """The addresses of all links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def find_wheel(page: str, address: str, sha256: str) -> str:
    """The address of the file with this sum on a project's page of an index; empty if there is none.

    Args:
        page: JSON or HTML.
        address: of the page, to which relative links refer.
        sha256: of the wheel.
    """
    target = ""
    try:
        files = json.loads(page)["files"]
        target = next(str(file["url"]) for file in files if file["hashes"].get("sha256") == sha256)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        links = _Links()
        links.feed(page)
        target = next((link for link in links.found if urldefrag(link).fragment == f"sha256={sha256}"), "")
    whole = urldefrag(urljoin(address, target)).url if target else ""
    return whole if urlsplit(whole).scheme in {"http", "https"} else ""


def _handlers(settings: Mapping[str, str]) -> Sequence[urllib.request.BaseHandler]:
    """Pip's own proxy and certificates, for those who set them there only."""
    handlers: list[urllib.request.BaseHandler] = []
    proxy, certificates = settings.get("proxy"), settings.get("cert")
    if proxy:
        handlers.append(urllib.request.ProxyHandler({"http": proxy, "https": proxy}))
    if certificates:
        try:
            context = ssl.create_default_context(cafile=str(Path(certificates).expanduser()))
        except (OSError, ValueError):
            _LOG.info("the certificates of pip's settings cannot be read: %s", certificates)
        else:
            handlers.append(urllib.request.HTTPSHandler(context=context))
    return handlers


class IndexSource:
    """Wheels by address, resumed where they broke; what has no address goes through pip.

    Args:
        folder: of unfinished downloads.
        pip: for the rest.
        settings: pip's; asked of pip at the first wheel.
        downloader: made from the settings; the tests bring their own.
        on_break: told of every break that is followed by another attempt.
    """

    def __init__(
        self,
        folder: Path,
        *,
        pip: WheelSource | None = None,
        settings: Callable[[], Mapping[str, str]] = pip_settings,
        downloader: Downloader | None = None,
        on_break: OnBreak = ignore_break,
    ) -> None:
        self._folder = folder
        self._pip: WheelSource = pip or PipSource()
        self._ask = settings
        self._settings: Mapping[str, str] | None = None
        self._downloader = downloader
        self._on_break = on_break

    def fetch(self, wheel: WheelSpec, folder: Path, on_bytes: Callable[[int], None]) -> Path:
        """See ``WheelSource``. The wheel stays in the folder of downloads until the caller removes it."""
        if self._settings is None:
            self._settings = self._ask()
        if self._downloader is None:
            handlers = _handlers(self._settings)
            self._downloader = Downloader(self._folder, handlers=handlers, on_break=self._on_break)
        address = self._address(wheel, self._downloader)
        if not address:
            return self._pip.fetch(wheel, folder, on_bytes)
        try:
            return self._downloader.fetch(
                address,
                size=wheel.size,
                sha256=wheel.sha256,
                limit=wheel.size,
                on_bytes=lambda done, _: on_bytes(done),
            )
        except ConfigError:
            return self._pip.fetch(wheel, folder, on_bytes)
        except DependencyError as error:
            if error.code == "install.network":
                raise DependencyError(
                    "provision.interrupted", name=wheel.requirement, detail=error.params["detail"]
                ) from error
            if error.code == "install.socks":
                raise
            _LOG.info("%s: %s", wheel.requirement, error.message)
            return self._pip.fetch(wheel, folder, on_bytes)

    def _address(self, wheel: WheelSpec, downloader: Downloader) -> str:
        settings = self._settings or {}
        if on_shelf(settings, wheel):
            return ""
        project = re.sub(r"[-_.]+", "-", wheel.distribution).lower()
        for index in indexes(settings):
            address, page = downloader.page(f"{index}/{project}/", _PAGE_LIMIT, _ACCEPT)
            found = find_wheel(page, address, wheel.sha256)
            if found:
                return found
        return ""
