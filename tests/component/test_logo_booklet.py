"""A club's logo from a file that may hold anything, and the booklet made of a finished report."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from fakes.report_games import made_game, random_game
from PIL import Image
from pypdf import PdfReader

from pipeline.errors import ConfigError
from pipeline.report.booklet import impose, page_order
from pipeline.report.logo import MAX_BYTES, load_logo
from pipeline.report.render import Renderer
from pipeline.report.view import ReportOptions, build_view
from pipeline.report.view_model import DataUri, ReportView
from pipeline.report.workbook_view import SourceProblem, build_workbook
from pipeline.review.problems import problems_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{}</svg>'


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def view_of(options: ReportOptions) -> ReportView:
    made = made_game()
    return build_view(made.record, made.evaluations, made.review, made.info, options, printed_on="2026-11-22")


def write(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def content_of(uri: DataUri) -> bytes:
    return base64.b64decode(uri.partition(",")[2])


def dark_pixels(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=1, grayscale=True).to_numpy()
    # The top right corner, where the logo stands.
    return int((image[40:85, 400:560] < 100).sum())


def test_a_png_logo_is_printed(renderer: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("RGBA", (2000, 500), (0, 0, 0, 255)).save(path)
    logo = load_logo(path)
    with Image.open(io.BytesIO(content_of(logo))) as small:
        assert max(small.size) <= 640
    without = dark_pixels(renderer.render_pdf(view_of(ReportOptions())))
    assert dark_pixels(renderer.render_pdf(view_of(ReportOptions(logo=logo)))) > without + 500


def test_an_svg_logo_is_printed(renderer: Renderer, tmp_path: Path) -> None:
    logo = load_logo(write(tmp_path, "l.svg", SVG.format('<rect width="10" height="10" style="fill:#000"/>')))
    without = dark_pixels(renderer.render_pdf(view_of(ReportOptions())))
    assert dark_pixels(renderer.render_pdf(view_of(ReportOptions(logo=logo)))) > without + 500


def test_another_image_than_the_logo_is_still_refused(renderer: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("L", (4, 4)).save(path)
    html = renderer.render_html(view_of(ReportOptions(logo=load_logo(path))))
    assert html.count("data:") == 1


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('<rect width="1" height="1" onclick="x()"/>', "onclick"),
        ('<rect width="1" height="1" fill="url(http://a.b/c)"/>', "http://a.b"),
        ('<rect width="1" height="1" style="fill:red;background:url(file:///x)"/>', "file:"),
        ('<rect xmlns:x="http://www.w3.org/1999/xlink" x:href="http://a.b/" width="1" height="1"/>', "href"),
        ("<metadata><x/></metadata>", "metadata"),
    ],
)
def test_what_an_svg_may_not_do_is_left_out(tmp_path: Path, body: str, kept: str) -> None:
    assert kept not in content_of(load_logo(write(tmp_path, "l.svg", SVG.format(body)))).decode("utf-8")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (SVG.format("<script>x()</script>"), "logo.unsafe_svg"),
        (SVG.format('<image href="file:///etc/hostname"/>'), "logo.unsafe_svg"),
        (SVG.format('<use href="#a"/>'), "logo.unsafe_svg"),
        (SVG.format("<text>x</text>"), "logo.unsafe_svg"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format(""), "logo.unsafe_svg"),
        (SVG.format("<g>" * 60 + "</g>" * 60), "logo.unsafe_svg"),
        (SVG.format("<g/>" * 4000), "logo.too_complex"),
        ('<svg xmlns="http://www.w3.org/2000/svg"/>', "logo.no_size"),
        ("<svg", "logo.format"),
        ("GIF89a", "logo.format"),
        (b"\xff\xfe\x00", "logo.format"),
        (b"\x89PNG\r\n\x1a\n", "logo.too_many_pixels"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10xx", "logo.damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\xff\0\x10\0\0\0\x10xx", "logo.too_many_pixels"),
        (b"x" * (MAX_BYTES + 1), "logo.too_large"),
    ],
)
def test_a_file_that_is_no_logo_is_named(tmp_path: Path, content: str | bytes, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_logo(write(tmp_path, "l.svg", content))
    assert caught.value.code == code
    assert "l.svg" in caught.value.message


def test_a_missing_logo_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_logo(tmp_path / "none.png")
    assert caught.value.code == "logo.unreadable"


def test_a_booklet_holds_every_page_twice_as_small(renderer: Renderer) -> None:
    pdf = renderer.render_pdf(view_of(ReportOptions(paper="A5")))
    booklet = impose(pdf)
    assert impose(pdf) == booklet
    with pypdfium2.PdfDocument(pdf) as single, pypdfium2.PdfDocument(booklet) as double:
        pages = len(single)
        assert len(double) == -(-pages // 4) * 2
        assert round(double[0].get_width()) == 842
        front = double[0].get_textpage().get_text_range()
        assert "围棋复盘报告" in front
        assert double.get_metadata_value("Title") == single.get_metadata_value("Title")
    assert len(booklet) < 3 * len(pdf)


def outline(reader: PdfReader) -> list[tuple[str, int | None]]:
    """Titles with their pages."""
    found: list[tuple[str, int | None]] = []
    waiting = list(reader.outline)
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, list):
            waiting[:0] = item
        else:
            found.append((str(item.title), reader.get_destination_page_number(item)))
    return found


def test_a_booklet_stays_a_document(renderer: Renderer) -> None:
    """Outline, language, author and tags come along, and lead to the side of the sheet that shows the page."""
    pdf = renderer.render_pdf(view_of(ReportOptions(paper="A5")))
    single, double = PdfReader(io.BytesIO(pdf)), PdfReader(io.BytesIO(impose(pdf)))
    sheets = {page: side for side, pages in enumerate(page_order(len(single.pages))) for page in pages}
    assert outline(double) == [(title, sheets[page]) for title, page in outline(single)]
    assert len(outline(double)) > 5
    for reader in (single, double):
        root = reader.trailer["/Root"]
        assert root["/Lang"] == "zh-CN"
        assert root["/MarkInfo"]["/Marked"]
    assert double.metadata == single.metadata
    assert tagged(double) == tagged(single) > 100


def tagged(reader: PdfReader) -> int:
    """How many pieces of content the tags reach, each on a page that the document has."""
    pages = {page.indirect_reference.idnum for page in reader.pages if page.indirect_reference}
    waiting, count = [reader.trailer["/Root"]["/StructTreeRoot"]], 0
    while waiting:
        element = waiting.pop()
        for kid in element.get("/K", []):
            held = kid.get_object() if hasattr(kid, "get_object") else kid
            if isinstance(held, int) or held.get("/Type") == "/MCR":
                page = element if isinstance(held, int) else held
                assert page.raw_get("/Pg").idnum in pages
                count += 1
            elif held.get("/Type") != "/OBJR":
                waiting.append(held)
    return count


def test_links_of_a_workbook_lead_to_their_sheet(renderer: Renderer) -> None:
    made = random_game(9, 60, mistakes=(11, 20, 31, 44))
    problems = problems_of(made.record, made.evaluations, made.review)
    view = build_workbook(
        [SourceProblem(made.record, problem) for problem in problems],
        ReportOptions(paper="A5"),
        student="",
        printed_on="2026-11-22",
    )
    double = PdfReader(io.BytesIO(impose(renderer.render_workbook(view))))
    links = [link.get_object() for page in double.pages for link in page.get("/Annots", [])]
    assert len(links) >= len(problems) > 1
    for page in double.pages:
        for link in page.get("/Annots", []):
            left, one, right, other = map(float, link.get_object()["/Rect"])
            assert 0 <= left < right <= float(page.mediabox.width)
            assert 0 <= min(one, other) < max(one, other) <= float(page.mediabox.height)
    assert {d.page.idnum for d in double.named_destinations.values()} <= {
        page.indirect_reference.idnum for page in double.pages if page.indirect_reference
    }


@pytest.mark.parametrize("changes", [{"student": "<b>x</b>" * 9, "club": "<i>"}, {"colour": True, "large_print": True}])
def test_options_print_without_complaint(renderer: Renderer, changes: dict[str, object]) -> None:
    options = replace(ReportOptions(paper="A5"), **changes)  # type: ignore[arg-type]
    assert renderer.render_pdf(view_of(options)).startswith(b"%PDF")
