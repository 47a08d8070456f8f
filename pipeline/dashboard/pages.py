"""The addresses of the dashboard. All are read-only, and none holds a path of the file system."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote, unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pipeline.dashboard.guard import Guard
from pipeline.dashboard.library import Library
from pipeline.dashboard.view import build_dashboard
from pipeline.errors import StoreError
from pipeline.jobs.desk import QueueState
from pipeline.publish import SHORT_ID, Folders
from pipeline.queueview import empty_state, open_view, state_as_dict
from pipeline.report.render import default_templates
from pipeline.report.view_model import clean
from pipeline.settings import Settings
from pipeline.thumbnails import Thumbnails
from pipeline.wording import dashboard as words

log = logging.getLogger(__name__)

QUERY_LIMIT = 60
OWN_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
# A report for telephones brings its own, stricter policy; here it is shut into an origin of its own besides.
REPORT_PAGE = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
OVERVIEW_PAGE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)
# A browser's own viewer of PDF files is a page of its own that a narrower policy would leave empty.
PDF_FILE = "frame-ancestors 'none'"
_LINK = re.compile(r'href="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Site:
    """What the dashboard shows, and the names by which it may be asked."""

    settings: Settings
    hosts: frozenset[str]
    any_address: bool = False

    @property
    def folders(self) -> Folders:
        """The output tree, wherever this process goes."""
        return Folders(Path(os.path.abspath(self.settings.output.folder)))  # noqa: PTH100 - links stay as they are


def create_app(site: Site, *, clock: Callable[[], float] = time.time) -> Starlette:
    """The dashboard as an ASGI application."""
    pages = _Pages(site, clock)
    routes = [
        Route("/", pages.home),
        Route("/status.json", pages.status),
        Route("/style.css", pages.style),
        Route("/script.js", pages.script),
        Route("/overview.{kind:str}", pages.latest),
        Route("/overview/{day:str}.{kind:str}", pages.earlier),
        Route("/report/{key:str}.{kind:str}", pages.report),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _refused, Exception: _broken})
    app.add_middleware(Guard, hosts=site.hosts, any_address=site.any_address)
    return app


class _Pages:
    """Answers; Starlette runs each in a thread of its own."""

    def __init__(self, site: Site, clock: Callable[[], float]) -> None:
        self._site = site
        self._clock = clock
        self._library = Library(site.folders)
        self._thumbnails = Thumbnails(site.folders.state / "thumbnails")
        self._templates = default_templates()
        self._environment = Environment(
            loader=FileSystemLoader(self._templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def home(self, request: Request) -> Response:
        """The page that a teacher opens."""
        query = clean(request.query_params.get("q", ""), QUERY_LIMIT)
        number = request.query_params.get("page", "1")
        shown = self._library.search(query) if query else self._library.reports()
        state, levels, trouble = self._queue([report.game for report in shown])
        view = build_dashboard(
            state,
            self._library,
            shown,
            now=self._now(),
            levels=levels,
            club=self._site.settings.report.club,
            query=query,
            page=int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 1,
            trouble=trouble,
        )
        html = self._environment.get_template("dashboard.html.j2").render(view=view)
        return HTMLResponse(html, headers={"content-security-policy": OWN_PAGE})

    def status(self, _: Request) -> Response:
        """The same as ``fupan status --json``."""
        state, _levels, trouble = self._queue([])
        if trouble:
            return JSONResponse({"error": trouble}, status_code=503)
        return JSONResponse(state_as_dict(state or empty_state(), self._clock()))

    def style(self, _: Request) -> Response:
        """The stylesheet: that of the pages for telephones, and what is this page's own."""
        return Response(self._read("page.css", "dashboard.css"), media_type="text/css")

    def script(self, _: Request) -> Response:
        """The script that fetches the page again."""
        return Response(self._read("dashboard.js"), media_type="text/javascript")

    def latest(self, request: Request) -> Response:
        """The morning summary."""
        return self._overview(None, request.path_params["kind"])

    def earlier(self, request: Request) -> Response:
        """The summary of a day."""
        try:
            day = date.fromisoformat(request.path_params["day"])
        except ValueError as error:
            raise HTTPException(404) from error
        return self._overview(day, request.path_params["kind"])

    def report(self, request: Request) -> Response:
        """A report as PDF or HTML, or the picture of its first page."""
        report = self._library.report(request.path_params["key"])
        kind = request.path_params["kind"]
        if report is None:
            raise HTTPException(404)
        if kind == "pdf":
            return self._file(report.pdf, "application/pdf", PDF_FILE)
        if kind == "html" and report.page is not None:
            return self._file(report.page, "text/html", REPORT_PAGE)
        picture = self._thumbnails.of(report.pdf) if kind == "png" else None
        if picture is None:
            raise HTTPException(404)
        return Response(picture, media_type="image/png", headers={"cache-control": "private, max-age=86400"})

    def _overview(self, day: date | None, kind: str) -> Response:
        found = next((overview for overview in self._library.overviews() if overview.day == day), None)
        if found is not None and kind == "pdf" and found.pdf is not None:
            return self._file(found.pdf, "application/pdf", PDF_FILE)
        if found is not None and kind == "html" and found.page is not None:
            text = self._content(found.page).decode("utf-8", "replace")
            return HTMLResponse(self._led_here(text), headers={"content-security-policy": OVERVIEW_PAGE})
        raise HTTPException(404)

    def _led_here(self, html: str) -> str:
        """A summary whose links lead to the reports by their keys."""
        folders = self._site.folders
        known: dict[str, str] = {}
        for report in self._library.reports():
            known[report.pdf.relative_to(folders.root).as_posix()] = f"/report/{report.key}.pdf"
            if report.page is not None:
                known[report.page.relative_to(folders.root).as_posix()] = f"/report/{report.key}.html"

        def here(match: re.Match[str]) -> str:
            path = unquote(match[1], errors="surrogateescape").removeprefix("../")
            return f'href="{known.get(path, "/")}"'

        return _LINK.sub(here, html)

    def _file(self, path: Path, kind: str, policy: str) -> Response:
        name = quote(path.name.encode("utf-8", "replace"))
        headers = {"content-security-policy": policy, "content-disposition": f"inline; filename*=UTF-8''{name}"}
        return Response(self._content(path), media_type=kind, headers=headers)

    def _content(self, path: Path) -> bytes:
        """A file of the library; one that a link leads out of the output is not there."""
        try:
            if not path.resolve(strict=True).is_relative_to(self._site.folders.root.resolve()):
                raise HTTPException(404)
            return path.read_bytes()
        except OSError as error:
            raise HTTPException(404) from error

    def _read(self, *names: str) -> str:
        return "\n".join((self._templates / name).read_text(encoding="utf-8") for name in names)

    def _queue(self, games: list[str]) -> tuple[QueueState | None, dict[str, str], str]:
        """The queue, the level that is finished of each game (by short id), and why it cannot be read."""
        try:
            with open_view(self._site.settings) as desk:
                if desk is None:
                    return None, {}, ""
                return desk.state(), desk.finished_levels(SHORT_ID) if games else {}, ""
        except StoreError as error:
            return None, {}, words.TROUBLE.format(message=error.message, advice=error.advice)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock()).astimezone()


def _refused(_: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 404
    return PlainTextResponse(words.BAD_METHOD if code == 405 else words.NOT_FOUND, status_code=code)


def _broken(_: Request, error: Exception) -> Response:
    log.error("dashboard", exc_info=error)
    return PlainTextResponse(words.BROKEN, status_code=500)
