"""From a view to HTML and PDF. Fetches nothing but our own templates and fonts."""

from __future__ import annotations

import base64
import hashlib
import logging
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pipeline.errors import DependencyError, RenderError
from pipeline.report import glyphs
from pipeline.report.morning_view import MorningView
from pipeline.report.outlines import portable
from pipeline.report.pages import MIN_LINES
from pipeline.report.plate import Plate
from pipeline.report.student_view import SheetView
from pipeline.report.view_model import ReportView
from pipeline.report.workbook_view import WorkbookView

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATE = "report.html.j2"
WORKBOOK_TEMPLATE = "workbook.html.j2"
DIAGRAM_TEMPLATE = "diagram.html.j2"
PAGE_TEMPLATE = "page.html.j2"
MORNING_TEMPLATE = "morning.html.j2"
STATISTICS_TEMPLATE = "statistics.html.j2"
MORNING_PAGE_TEMPLATE = "morning_page.html.j2"
STYLESHEET = "report.css"
FONTS = "fonts"
PDF_VARIANT = "pdf/ua-1"
# Ruled lines that give way to a part of the report that was not reckoned: a heading and a line or two.
SPARED_LINES = 4

# Pages are set one at a time in a process: what WeasyPrint stands on is not made for several threads.
_PRESS = threading.Lock()
_GLYPH_WARNING = ".notdef glyph"
_WEASYPRINT_LOGGER = "weasyprint"
_BLANK = '<html lang="zh-CN"><head><title>0</title></head><body><p>0</p></body></html>'


def default_templates() -> Path:
    """The folder of templates: inside the installed package, or beside it in a checkout.

    Raises:
        DependencyError: neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_templates", package.parent / "templates"):
        if (folder / TEMPLATE).is_file():
            return folder
    raise DependencyError("dependency.templates", folder=package.parent / "templates")


class Renderer:
    """Makes reports. Reuse one object: fonts and templates are loaded once.

    Not for several threads at a time.

    Args:
        templates_dir: folder with the template, its stylesheet and ``fonts``;
            by default the one that comes with the program.
    """

    def __init__(self, templates_dir: Path | None = None) -> None:
        self._folder = (templates_dir or default_templates()).resolve()
        self._covered: frozenset[int] | None = None
        self._environment: Environment | None = None
        self._pages = 0  # of the document set last
        self._fonts: Any = None
        self._styles: Any = None

    def render_html(self, view: ReportView) -> str:
        """The report as HTML; fonts and stylesheet lie in the templates folder.

        Raises:
            DependencyError: the fonts are missing.
            RenderError: the template fails.
        """
        return self._fill(TEMPLATE, glyphs.printable(view, self._coverage()))

    def render_pdf(self, view: ReportView) -> bytes:
        """The report as a tagged PDF; the same view gives the same bytes.

        Raises:
            DependencyError: WeasyPrint's system libraries or our fonts are missing.
            RenderError: a glyph is missing or the renderer complains of anything.
        """
        pdf = self._typeset(self.render_html(view), view.logo)
        if self._pages > 1 + len(view.starts) and view.starts:
            # A part is higher than was reckoned: pages that begin by order would leave its end alone on one.
            # What was not reckoned comes off the lines at the end, or these would spill over.
            lines = view.last_lines - SPARED_LINES
            freed = replace(view, starts=(), ruled=(), last_lines=lines if lines >= MIN_LINES else 0)
            pdf = self._typeset(self.render_html(freed), view.logo)
        return pdf

    def render_workbook(self, view: WorkbookView) -> bytes:
        """A workbook as a tagged PDF. Errors as :meth:`render_pdf`."""
        shown, _ = glyphs.replaced(view, self._coverage())
        return self._typeset(self._fill(WORKBOOK_TEMPLATE, shown), view.logo)

    def render_plate(self, plate: Plate) -> bytes:
        """A single drawing as a tagged PDF of one page. Errors as :meth:`render_pdf`."""
        return self._typeset(self._fill(DIAGRAM_TEMPLATE, plate), None)

    def render_svg(self, plate: Plate) -> bytes:
        """A single drawing as an SVG file that looks the same without our fonts.

        Raises:
            DependencyError: the fonts are missing.
        """
        return portable(plate.svg, self._folder / FONTS)

    def render_page(self, view: ReportView) -> bytes:
        """The report as one HTML file for a telephone: no font, no network, nothing but what it holds.

        ``view`` is made with :attr:`ReportOptions.screen`. A content security
        policy in the file allows its own script and style, and no other.

        Raises:
            RenderError: the template fails.
        """
        parts = {name: (self._folder / f"page.{name}").read_text(encoding="utf-8").strip() for name in ("css", "js")}
        hashes = {name: _content_hash(text) for name, text in parts.items()}
        return self._fill(PAGE_TEMPLATE, view, parts=parts, hashes=hashes).encode("utf-8")

    def render_morning(self, view: MorningView, *, ups: Sequence[str] = ("",)) -> tuple[bytes, ...]:
        """The morning summary as tagged PDFs that differ only in where their links lead. Errors as :meth:`render_pdf`.

        ``ups``: what leads from where each of them lies to the output folder.
        """
        shown, _ = glyphs.replaced(view, self._coverage())
        return self._typeset_copies(self._fill(MORNING_TEMPLATE, shown), view.logo, ups)

    def render_morning_page(self, view: MorningView, *, up: str = "") -> bytes:
        """The morning summary as one HTML file without script; reports are linked, nothing is loaded.

        ``up`` leads from where it lies to the output folder.

        Raises:
            RenderError: the template fails.
        """
        css = "\n".join(
            (self._folder / name).read_text(encoding="utf-8").strip() for name in ("page.css", "morning.css")
        )
        parts, hashes = {"css": css}, {"css": _content_hash(css)}
        return self._fill(MORNING_PAGE_TEMPLATE, view, up=up, parts=parts, hashes=hashes).encode("utf-8")

    def render_sheet(self, view: SheetView) -> bytes:
        """The statistics of a player or a club as a tagged PDF of one page. Errors as :meth:`render_pdf`.

        What its parts need more than was reckoned comes off the ruled lines, then off the list of players.
        """
        shown, _ = glyphs.replaced(view, self._coverage())
        pdf = self._typeset(self._fill(STATISTICS_TEMPLATE, shown), view.logo)
        while self._pages > 1 and (shorter := shown.shorter()) is not None:
            shown = shorter
            pdf = self._typeset(self._fill(STATISTICS_TEMPLATE, shown), view.logo)
        return pdf

    def warm_up(self) -> None:
        """Load what the first page would have to wait for: WeasyPrint, fonts, styles and the report's template.

        Raises:
            DependencyError: something is missing.
            RenderError: the page that is set for it came out wrong.
        """
        self._coverage()
        self._jinja().get_template(TEMPLATE)
        self._typeset(_BLANK, None)

    def covered(self, text: str) -> str:
        """The text with the characters replaced that our fonts cannot print."""
        return glyphs.replaced(text, self._coverage())[0]

    def unprintable(self, view: ReportView) -> int:
        """How many different characters of a view our fonts cannot print.

        Raises:
            DependencyError: the fonts are missing.
        """
        return glyphs.replaced(view, self._coverage())[1]

    def _coverage(self) -> frozenset[int]:
        if self._covered is None:
            self._covered = glyphs.coverage(self._folder / FONTS)
        return self._covered

    def _fill(self, template: str, view: object, **more: object) -> str:
        from jinja2 import TemplateError  # noqa: PLC0415 - only reports need it

        try:
            return self._jinja().get_template(template).render(view=view, **more)
        except TemplateError as error:
            raise RenderError("report.template", detail=error) from error

    def _typeset(self, html: str, logo: str | None) -> bytes:
        return self._typeset_copies(html, logo, None)[0]

    def _typeset_copies(self, html: str, logo: str | None, ups: Sequence[str] | None) -> tuple[bytes, ...]:
        """One PDF, or one for each of ``ups``, which is set before the addresses of its links."""
        weasyprint = _weasyprint()
        with _PRESS, _recorded() as complaints:
            fetcher = _fetcher(weasyprint, self._folder, logo)
            base = self._folder.as_uri() + "/"
            if self._fonts is None:
                fonts = weasyprint.text.fonts.FontConfiguration()
                self._styles = weasyprint.CSS(
                    filename=self._folder / STYLESHEET, base_url=base, font_config=fonts, url_fetcher=fetcher
                )
                self._fonts = fonts
            source = weasyprint.HTML(string=html, base_url=base if ups is None else None, url_fetcher=fetcher)
            document = source.render(stylesheets=[self._styles], font_config=self._fonts, pdf_variant=PDF_VARIANT)
            self._pages = len(document.pages)
            addresses = [page.links for page in document.pages]
            copies = []
            for up in ups or ("",):
                for page, links in zip(document.pages, addresses, strict=True):
                    page.links = [
                        (kind, up + target if kind == "external" else target, *rest) for kind, target, *rest in links
                    ]
                copies.append(bytes(document.write_pdf(pdf_variant=PDF_VARIANT)))
        if complaints:
            self._fonts = None  # a font that failed to load must not be kept
            code = "report.glyphs" if all(c.startswith(_GLYPH_WARNING) for c in complaints) else "report.warning"
            raise RenderError(code, detail="; ".join(dict.fromkeys(complaints))[:500])
        return tuple(copies)

    def _jinja(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only reports need it

        if self._environment is None:
            self._environment = Environment(
                loader=FileSystemLoader(self._folder),
                autoescape=True,
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
            )
        return self._environment


def _content_hash(text: str) -> str:
    """As a content security policy names an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _weasyprint() -> Any:
    """Import WeasyPrint, whose libraries may be missing and whose import takes half a second.

    Raises:
        DependencyError: they are.
    """
    with warnings.catch_warnings():
        # Without HarfBuzz's subsetter it only warns, and falls back to a slower one.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import weasyprint  # noqa: PLC0415
            import weasyprint.text.fonts  # noqa: PLC0415
        except OSError as error:
            raise DependencyError("dependency.pango", detail=str(error).splitlines()[0]) from error
    return weasyprint


def _fetcher(weasyprint: Any, folder: Path, logo: str | None) -> Any:
    """A fetcher that opens files of our templates folder and the logo, and refuses all else."""

    class OwnFilesOnly(weasyprint.urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if logo is not None and url == logo:
                return super().fetch(url, headers)
            parts = urlsplit(url)
            if parts.scheme != "file" or parts.netloc:
                raise ValueError("only files of the templates folder are read")
            if not Path(url2pathname(parts.path)).resolve().is_relative_to(folder):
                raise ValueError("only files of the templates folder are read")
            return super().fetch(url, headers)

    return OwnFilesOnly(allowed_protocols={"file", "data"}, allow_redirects=False)


class _Recorder(logging.Handler):
    """Keeps what one thread logs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.messages.append(record.getMessage())


@contextmanager
def _recorded() -> Iterator[list[str]]:
    """Collect the renderer's complaints of this thread."""
    logger, handler = logging.getLogger(_WEASYPRINT_LOGGER), _Recorder()
    logger.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield handler.messages
    finally:
        logger.removeHandler(handler)
