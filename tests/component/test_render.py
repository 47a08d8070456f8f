"""The printed report: fonts, text, structure, hostile input. Every renderer warning is a failure."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from fakes.report_games import Sample, made_game, random_game, renamed

from pipeline.errors import DependencyError, RenderError
from pipeline.go.board import Color
from pipeline.report import glyphs
from pipeline.report.options import Coordinates
from pipeline.report.render import Renderer, default_templates
from pipeline.report.view import ReportOptions, build_view
from pipeline.report.view_model import ReportView, Svg
from pipeline.wording.corrections import CORRECTIONS

HOSTILE = {
    "markup": "<script>alert(1)</script><b>&amp;",
    "long": "超长姓名" * 300,
    "long word": "x" * 3000,
    "emoji": "小明😀👨‍👩‍👧🏆",
    "right to left": "\u202eأحمد שלום",
    "control": "\x00\x07李\x1b[31m四\u2028",
    "rare hanzi": "𠮷田申真谞仲邑菫",
    "hangul": "박정환 신진서",
    "zalgo": "Z\u0337\u0322\u0301a\u0327\u0300l" * 30,
    "style": '"></style><img src="file:///etc/passwd">{{ 7*7 }}',
}


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def view_of(made: Sample, options: ReportOptions | None = None) -> ReportView:
    return build_view(
        made.record, made.evaluations, made.review, made.info, options or ReportOptions(), printed_on="2026-11-22"
    )


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    # The extractor may give compatibility forms of radicals; both spell the same word.
    return unicodedata.normalize("NFKC", "\n".join(pages)).replace("\r", "")


def fonts_of(pdf: bytes, tmp_path: Path) -> set[str]:
    """Names of the embedded fonts, from the font dictionaries in the file's object streams."""
    import zlib

    names: set[str] = set(re.findall(rb"/FontName\s*/([^\s/<>\[\]()]+)", pdf))
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            names |= set(re.findall(rb"/FontName\s*/([^\s/<>\[\]()]+)", zlib.decompress(match.group(1).strip(b"\r\n"))))
        except zlib.error:
            continue
    return {name.decode("ascii") for name in names}


def test_the_report_says_what_it_should(renderer: Renderer) -> None:
    text = text_of(renderer.render_pdf(view_of(made_game())))
    for part in (
        "围棋复盘报告",
        "张三",
        "2段",
        "白胜3目半",
        "败着",
        "总评",
        "统计",
        "实战图",
        "参考图",
        "惩罚图",
        "全谱",
    ):
        assert part in text
    assert re.search(r"第\s*1\s*页\s*/\s*共\s*\d\s*页", text)


def test_only_our_fonts_are_embedded(renderer: Renderer, tmp_path: Path) -> None:
    fonts = fonts_of(renderer.render_pdf(view_of(renamed(made_game(), "신진서", "柯洁"))), tmp_path)
    assert fonts
    assert all("+Fupan" in name for name in fonts), fonts


def test_the_same_view_gives_the_same_bytes(renderer: Renderer) -> None:
    view = view_of(made_game())
    assert renderer.render_pdf(view) == Renderer().render_pdf(view)


def test_the_document_is_tagged_and_titled(renderer: Renderer) -> None:
    pdf = renderer.render_pdf(view_of(made_game()))
    with pypdfium2.PdfDocument(pdf) as document:
        assert document.get_metadata_value("Title") == "围棋复盘报告：张三 对 李四"
        assert document.is_tagged()
        titles = [bookmark.get_title() for bookmark in document.get_toc()]
    assert "统计" in titles
    assert any("第13手" in title for title in titles)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_never_break_a_page(renderer: Renderer, name: str) -> None:
    made = renamed(made_game(), name, name, event=name, place=name, date=name, handicap_text=name)
    tame = renderer.render_pdf(view_of(made_game()))
    pdf = renderer.render_pdf(view_of(made, ReportOptions(club=name)))
    with pypdfium2.PdfDocument(pdf) as document, pypdfium2.PdfDocument(tame) as expected:
        assert len(document) <= len(expected) + 1


def test_markup_in_a_name_is_text(renderer: Renderer) -> None:
    view = view_of(renamed(made_game(), "<script>x</script>", "李四"))
    assert "<script>x" not in renderer.render_html(view)
    assert "<script>x</script>" in text_of(renderer.render_pdf(view))


def test_a_missing_glyph_becomes_a_mark_and_is_told(renderer: Renderer) -> None:
    text = text_of(renderer.render_pdf(view_of(renamed(made_game(), "小明🐉", "李四"))))
    assert "小明〓" in text
    assert "有1个字符不在本报告的字库内" in text


def test_no_note_when_nothing_was_missing(renderer: Renderer) -> None:
    assert "字库" not in text_of(renderer.render_pdf(view_of(made_game())))


def test_our_fonts_cover_all_our_own_words() -> None:
    covered = glyphs.coverage(default_templates() / "fonts")
    wording = Path(glyphs.__file__).parent.parent / "wording"
    own = set("".join(file.read_text(encoding="utf-8") for file in wording.glob("*.py"))) - {"\n"}
    own |= set("".join(CORRECTIONS.values()))
    assert {char for char in own if ord(char) not in covered} == set()


def test_a_warning_of_the_renderer_is_an_error(renderer: Renderer) -> None:
    view = view_of(made_game())
    odd = replace(view.curves[0], svg=Svg('<svg><text font-family="FupanSans">🐉</text><title>x</title></svg>'))
    with pytest.raises(RenderError) as caught:
        renderer.render_pdf(replace(view, curves=(odd,)))
    assert caught.value.code in ("report.glyphs", "report.warning")


@pytest.mark.parametrize("address", ["https://example.org/x.png", "file:///etc/hostname", "data:image/png;base64,AA=="])
def test_nothing_is_fetched_but_our_own_files(renderer: Renderer, address: str) -> None:
    view = view_of(made_game())
    odd = replace(view.curves[0], svg=Svg(f'<img src="{address}" alt="x">'))
    with pytest.raises(RenderError):
        renderer.render_pdf(replace(view, curves=(odd,)))
    assert renderer.render_pdf(view).startswith(b"%PDF")


@pytest.mark.parametrize(("size", "length"), [(9, 40), (13, 80), (19, 260), (5, 8), (2, 2)])
def test_every_board_size_prints(renderer: Renderer, size: int, length: int) -> None:
    mistakes = [m for m in (1, 8, 30, 31, 77, 150, 210, 259) if m <= length]
    pdf = renderer.render_pdf(view_of(random_game(size, length, mistakes=mistakes)))
    with pypdfium2.PdfDocument(pdf) as document:
        assert 1 <= len(document) <= 4 + len(mistakes)


@pytest.mark.parametrize("paper", ["A4", "B5", "A5"])
def test_papers(renderer: Renderer, paper: str) -> None:
    pdf = renderer.render_pdf(view_of(made_game(), ReportOptions(paper=paper)))
    widths = {"A4": 595, "B5": 516, "A5": 420}
    with pypdfium2.PdfDocument(pdf) as document:
        assert round(document[0].get_width()) == widths[paper]


def test_one_side_only(renderer: Renderer) -> None:
    text = text_of(renderer.render_pdf(view_of(made_game(), ReportOptions(side=Color.WHITE, record=False))))
    assert "本报告只详解白方的关键手" in text
    assert "全谱" not in text


@pytest.mark.parametrize(
    "options",
    [
        ReportOptions(),
        ReportOptions(side=Color.WHITE, student="乙", moves_per_figure=100),
        ReportOptions(paper="B5", large_print=True),
        ReportOptions(paper="A5", coordinates=Coordinates.CHINESE),
    ],
)
def test_pages_are_well_filled(renderer: Renderer, options: ReportOptions) -> None:
    """No heading stands alone at the end of a page, and no page but the last is more than half empty."""
    pdf = renderer.render_pdf(view_of(random_game(19, 260, mistakes=(20, 61, 92, 133, 154, 195)), options))
    with pypdfium2.PdfDocument(pdf) as document:
        for index in range(len(document) - 1):
            image = document[index].render(scale=0.5, grayscale=True).to_numpy()
            body = image[int(image.shape[0] * 0.06) : int(image.shape[0] * 0.93)]
            inked = [row for row in range(body.shape[0]) if body[row].min() < 128]
            assert inked[-1] > body.shape[0] / 2, f"page {index + 1}"


def test_a_long_table_of_key_moves_stays_whole(renderer: Renderer) -> None:
    """In large print it does not leave its last lines to the next page."""
    made = random_game(19, 150, mistakes=tuple(range(10, 120, 11)))
    pdf = renderer.render_pdf(view_of(made, ReportOptions(paper="A5", large_print=True, record=False)))
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
    assert [("胜率变化" in text) for text in texts].count(True) == 1


def test_missing_fonts_are_named(tmp_path: Path) -> None:
    source = default_templates()
    for file in ("report.html.j2", "_macros.html.j2", "report.css"):
        (tmp_path / file).write_text((source / file).read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(DependencyError) as caught:
        Renderer(tmp_path).render_pdf(view_of(made_game()))
    assert caught.value.code == "dependency.fonts"


def test_importing_the_renderer_does_not_import_weasyprint() -> None:
    code = "import sys, pipeline.report.render; sys.exit('weasyprint' in sys.modules or 'jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_missing_system_libraries_name_the_command() -> None:
    code = (
        "import cffi\n"
        "real = cffi.FFI.dlopen\n"
        "def gone(self, name, *args, **kwargs):\n"
        "    if name and 'pango' in name:\n"
        "        raise OSError('cannot load library ' + name)\n"
        "    return real(self, name, *args, **kwargs)\n"
        "cffi.FFI.dlopen = gone\n"
        "from pipeline.errors import DependencyError\n"
        "from pipeline.report.render import _weasyprint\n"
        "try:\n"
        "    _weasyprint()\n"
        "except DependencyError as error:\n"
        "    print(error.code, error.advice)\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code], check=False, capture_output=True, text=True, encoding="utf-8"
    )
    assert "dependency.pango" in done.stdout
    assert "apt-get install" in done.stdout
