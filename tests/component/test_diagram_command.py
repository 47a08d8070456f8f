"""Single diagrams for handouts: from a file or a stored game to SVG, PNG and PDF."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
from fakes.program import environment
from fakes.report_games import OPENING, made_game, renamed
from PIL import Image

from pipeline.diagrams import DiagramRequest, draw_diagram
from pipeline.errors import ConfigError
from pipeline.go.board import parse_vertex
from pipeline.report import figures as fig
from pipeline.report import plate
from pipeline.report.raster import page_png
from pipeline.report.render import Renderer
from pipeline.settings import FolderSettings
from pipeline.store.dataset import Dataset

SVG = "{http://www.w3.org/2000/svg}"


def sgf_point(vertex: str) -> str:
    point = parse_vertex(vertex, 19, 19)
    return "" if point is None else "abcdefghijklmnopqrs"[point.col] + "abcdefghijklmnopqrs"[18 - point.row]


@pytest.fixture
def game(tmp_path: Path) -> Path:
    moves = "".join(f";{'BW'[i % 2]}[{sgf_point(vertex)}]" for i, vertex in enumerate(OPENING))
    path = tmp_path / "对局.sgf"
    path.write_text(f"(;GM[1]FF[4]SZ[19]KM[7.5]RU[Chinese]PB[<b>张三</b>]PW[李四😀]{moves})", encoding="utf-8")
    return path


def draw(game: Path | str, file: Path | None = None, *, report: dict[str, Any] | None = None, **wishes: Any) -> Path:
    place = Path(game).parent
    folders = FolderSettings({"output": {"folder": place / "output"}, "report": report or {}})
    return draw_diagram(DiagramRequest(str(game), file=file, **wishes), folders)


def test_an_svg_needs_no_font_and_draws_every_number(game: Path, tmp_path: Path) -> None:
    path = draw(game, tmp_path / "a.svg", move=12, last=12)
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    assert not list(root.iter(f"{SVG}text"))
    assert "font" not in path.read_text(encoding="utf-8")
    assert root.findtext(f"{SVG}title") == "<b>张三</b> 对 李四😀　第1—12手"
    assert root.get("width", "").endswith("mm")


def test_outlines_look_as_the_printed_diagram_does() -> None:
    """In another program the drawing is the one of the report: letters, stones and marks in their places."""
    renderer = Renderer()
    made = plate.draw(fig.numbered_figure(made_game().record, 1, 23).diagram, ["打印＝外部"], cell_mm=5, width_mm=None)
    outlined = plate.Plate(type(made.svg)(renderer.render_svg(made).decode().partition("\n")[2]), *_size(made))
    one, two = (_grey(page_png(renderer.render_plate(p), dpi=100, colour=False)) for p in (made, outlined))
    difference = np.abs(one - two).mean()
    blank = plate.Plate(type(made.svg)("<svg xmlns='http://www.w3.org/2000/svg'/>"), *_size(made))
    nothing = _grey(page_png(renderer.render_plate(blank), dpi=100, colour=False))
    assert difference < 0.1 * np.abs(one - nothing).mean()


def _size(made: plate.Plate) -> tuple[float, float, str]:
    return made.width_mm, made.height_mm, made.title


def _grey(png: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"), dtype=float)


def test_a_png_has_the_resolution_asked_for(game: Path, tmp_path: Path) -> None:
    with Image.open(draw(game, tmp_path / "a.png", move=6, width_mm=60, dpi=200)) as picture:
        assert picture.mode == "L"
        assert picture.width == pytest.approx(60 / 25.4 * 200, abs=2)
        assert picture.info["dpi"][0] == pytest.approx(200, abs=0.1)
        corner = picture.getpixel((2, 2))
        assert corner == 255
    with Image.open(draw(game, tmp_path / "b.png", move=6, dpi=80, report={"colour": True})) as picture:
        assert picture.mode == "RGB"
        assert len(set(picture.getpixel((2, 2)))) > 1, "the board has the colour of wood"


def test_a_pdf_holds_the_picture_alone_with_real_text(game: Path, tmp_path: Path) -> None:
    path = draw(game, tmp_path / "a.pdf", move=12, last=3, first_number=1, part="右下", caption="黑先")
    with pypdfium2.PdfDocument(path) as document:
        assert len(document) == 1
        text = document[0].get_textpage().get_text_bounded()
        assert document.get_metadata_value("Title").endswith("第10—12手")
    assert "黑先" in text
    assert "页" not in text


def test_without_a_name_the_file_is_named_after_the_game(game: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(game.parent)
    path = draw(game, move=6, dpi=40)
    assert path.suffix == ".png"
    assert "第6手" in path.name
    assert not set('<>/\\:"|?*') & set(path.name)
    assert path.resolve().parent == game.parent


def test_a_line_of_ones_own_is_numbered_from_one(game: Path, tmp_path: Path) -> None:
    path = draw(game, tmp_path / "a.pdf", move=4, line="C3, D3，C4 pass", marks=("三角:Q16,Q4", "A:R14"))
    with pypdfium2.PdfDocument(path) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert "4＝" in text
    assert "A" in text


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    made = renamed(made_game(), "张三", "李四")
    Dataset(tmp_path / "output" / "evaluations").publish(made.record, made.info, made.evaluations, made.review)
    return tmp_path


@pytest.mark.parametrize("show", ["实战图", "参考", "惩罚"])
def test_diagrams_of_a_report_are_drawn_from_the_stored_analysis(stored: Path, show: str) -> None:
    folders = FolderSettings({"output": {"folder": stored / "output"}})
    path = draw_diagram(DiagramRequest("张三", file=stored / "a.svg", move=13, show=show), folders)
    assert show.removesuffix("图") in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"move": 99}, "diagram.bad_move"),
        ({"figure": "5-99"}, "diagram.bad_move"),
        ({"figure": "9-5"}, "diagram.bad_figure"),
        ({"figure": "一到五"}, "diagram.bad_figure"),
        ({"part": "那边"}, "diagram.bad_part"),
        ({"part": "A1:Z9"}, "diagram.bad_part"),
        ({"marks": ("三角:Z99",)}, "diagram.bad_mark"),
        ({"marks": ("<b>:Q16",)}, "diagram.bad_mark"),
        ({"marks": ("三角",)}, "diagram.bad_mark"),
        ({"move": 4, "line": "Q16"}, "diagram.bad_line"),
        ({"move": 4, "line": "C3 香"}, "diagram.bad_line"),
        ({"show": "参考", "move": 5}, "diagram.no_analysis"),
        ({"show": "别的", "move": 5}, "diagram.bad_show"),
        ({"last": 3, "figure": "1-5"}, "diagram.several"),
        ({"number": 2}, "diagram.no_game"),
        ({"file": Path("a.docx")}, "diagram.bad_format"),
        ({"file": Path("a.png"), "width_mm": 500, "dpi": 1200}, "diagram.too_large"),
    ],
)
def test_wishes_that_cannot_be_fulfilled_are_named(game: Path, wishes: dict[str, Any], code: str) -> None:
    wishes = {"file": game.with_suffix(".svg"), **wishes}
    with pytest.raises(ConfigError) as caught:
        draw(game, wishes.pop("file"), **wishes)
    assert caught.value.code == code
    assert caught.value.advice


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        draw(tmp_path / "没有.sgf", tmp_path / "a.svg")
    assert caught.value.code == "input.missing"


@pytest.mark.parametrize("text", ["<script>&amp;", "超长" * 200, "小明😀\u202e\x07𠮷", "x" * 500])
def test_hostile_captions_stay_words_in_the_picture(game: Path, tmp_path: Path, text: str) -> None:
    for suffix in ("svg", "pdf"):
        path = draw(game, tmp_path / f"a.{suffix}", move=5, caption=text)
        assert path.stat().st_size > 1000
    ElementTree.parse(tmp_path / "a.svg")


def test_the_command_line(game: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "diagram", game.name, "--move", "8", "-o", "a.svg", "--json"],
        cwd=tmp_path,
        env=environment(tmp_path) | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"diagram": "a.svg"}
    assert (tmp_path / "a.svg").read_bytes().startswith(b"<?xml")
