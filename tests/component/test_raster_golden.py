"""What the pages look like, against pictures of pages that a person has looked at.

Rewrite with FUPAN_GOLDEN=write after a wanted change, and look at every
picture in ``tests/golden/pages``. A failure leaves its picture in
``tests/golden/actual``.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from fakes.report_games import made_game
from PIL import Image

from pipeline.report.options import Coordinates, ReportOptions
from pipeline.report.render import Renderer
from pipeline.report.view import build_view
from pipeline.report.view_model import ReportView, Svg

GOLDEN = Path(__file__).parent.parent / "golden"
SCALE = 0.9  # pixels in a point
BLOCK = 4  # pixels: about a quarter of a stone
# Grey levels that the mean of a block may differ: another version of the text engine moves letters by fractions of
# a pixel, a stone of the other colour turns whole blocks.
TOLERANCE = 70
OPTIONS = {
    "a4": ReportOptions(),
    "a5": ReportOptions(paper="A5", coordinates=Coordinates.CHINESE),
    "large": ReportOptions(large_print=True, coordinates=Coordinates.NONE, record=False),
}

Picture = np.ndarray[tuple[int, int], np.dtype[np.float64]]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def view_of(options: ReportOptions) -> ReportView:
    made = made_game()
    return build_view(made.record, made.evaluations, made.review, made.info, options, printed_on="2026-11-22")


def pictures(pdf: bytes) -> list[Image.Image]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=SCALE, grayscale=True).to_pil().convert("L") for page in document]


def blocks(picture: Image.Image) -> Picture:
    """Means of squares of pixels."""
    values = np.asarray(picture, dtype=np.float64)
    rows, columns = (size // BLOCK * BLOCK for size in values.shape)
    return values[:rows, :columns].reshape(rows // BLOCK, BLOCK, columns // BLOCK, BLOCK).mean(axis=(1, 3))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Largest difference of a block in grey levels; 255 for pages of different size."""
    return float(np.abs(blocks(one) - blocks(other)).max()) if one.size == other.size else 255.0


@pytest.mark.parametrize("name", OPTIONS)
def test_pages_look_as_they_did(renderer: Renderer, name: str) -> None:
    made = pictures(renderer.render_pdf(view_of(OPTIONS[name])))
    folder = GOLDEN / "pages"
    if os.environ.get("FUPAN_GOLDEN") == "write":
        folder.mkdir(exist_ok=True)
        for old in folder.glob(f"{name}-*.png"):
            old.unlink()
        for number, picture in enumerate(made, start=1):
            picture.quantize(16).save(folder / f"{name}-{number}.png", optimize=True)
    wanted = sorted(folder.glob(f"{name}-*.png"))
    assert len(made) == len(wanted)
    changed = []
    for picture, path in zip(made, wanted, strict=True):
        with Image.open(path) as golden:
            found = difference(picture, golden.convert("L"))
        if found > TOLERANCE:
            (GOLDEN / "actual").mkdir(exist_ok=True)
            picture.save(GOLDEN / "actual" / path.name)
            changed.append(f"{path.name}: {found:.0f}")
    assert changed == []


def broken(view: ReportView, kind: str) -> ReportView:
    """The view with one small fault in the first figure of the first key moment."""
    moment = view.moments[0]
    figure = moment.figures[0]
    if kind == "stone":
        # One white stone's disc less: it prints black.
        svg = figure.svg
        discs = re.search(r'd="(M\d+ \d+h0)[^"]*" fill="none" stroke="#fff" stroke-width="8[1-9]', svg)
        assert discs
        changed = replace(figure, svg=Svg(svg[: discs.start(1)] + svg[discs.end(1) :]))
    elif kind == "missing":
        changed = replace(figure, svg=Svg('<svg xmlns="http://www.w3.org/2000/svg" width="1mm" height="1mm"></svg>'))
    else:
        changed = replace(figure, caption=figure.caption + "　误")
    return replace(view, moments=(replace(moment, figures=(changed, *moment.figures[1:])), *view.moments[1:]))


@pytest.mark.parametrize("kind", ["stone", "missing", "caption"])
def test_the_comparison_sees_small_faults(renderer: Renderer, kind: str) -> None:
    right = pictures(renderer.render_pdf(view_of(OPTIONS["a4"])))
    wrong = pictures(renderer.render_pdf(broken(view_of(OPTIONS["a4"]), kind)))
    assert max(difference(a, b) for a, b in zip(right, wrong, strict=False)) > TOLERANCE


def test_the_comparison_forgives_a_shift_of_a_fraction_of_a_pixel(renderer: Renderer) -> None:
    page = pictures(renderer.render_pdf(view_of(OPTIONS["a4"])))[0]
    shifted = page.transform(page.size, Image.Transform.AFFINE, (1, 0, 0.2, 0, 1, 0.2), Image.Resampling.BILINEAR)
    assert 0 < difference(page, shifted) < TOLERANCE
