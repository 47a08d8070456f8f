"""Imposition: pages of a report on both sides of A4 sheets that are folded and stapled in the middle.

Each page becomes a form that its sheet draws, so its text stays text. What
makes the report a document comes along: title, author and language, the
outline and the links, which now lead to the sheet, and the tags.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PdfWriter

SHEET_PT = (841.89, 595.276)  # A4, landscape
PAGES_A_SHEET = 4


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page went: the sheet's side, and how its coordinates got there."""

    sheet: Any
    form: Any
    scale: float
    x: float
    y: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + self.scale * x, self.y + self.scale * y


def page_order(pages: int) -> tuple[tuple[int | None, int | None], ...]:
    """For each side of a sheet, front and back in turn, the pages at its left and right (from 0, ``None``: empty).

    Folded and put into each other, the sheets give the pages in order.
    """
    total = -(-pages // PAGES_A_SHEET) * PAGES_A_SHEET
    sides = []
    for sheet in range(total // PAGES_A_SHEET):
        low, high = 2 * sheet, total - 1 - 2 * sheet
        sides += [(high, low), (low + 1, high - 1)]
    return tuple((_real(left, pages), _real(right, pages)) for left, right in sides)


def _real(index: int, pages: int) -> int | None:
    return index if index < pages else None


def impose(pdf: bytes) -> bytes:
    """A PDF to be printed on both sides, turned on the short edge; pages are scaled to half a sheet.

    The same input gives the same bytes.
    """
    from pypdf import PdfWriter  # noqa: PLC0415 - only booklets need it
    from pypdf.generic import NameObject  # noqa: PLC0415

    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    writer.pdf_header = "%PDF-1.7"
    source = list(writer.pages)
    places: dict[int, _Place] = {}
    for sides in page_order(len(source)):
        sheet = writer.add_blank_page(*SHEET_PT)
        sheet[NameObject("/Tabs")] = NameObject("/S")
        drawn = [(slot, source[index]) for slot, index in enumerate(sides) if index is not None]
        _draw(writer, sheet, drawn, places)
    root = writer._root_object
    _move_annotations(source, places)
    for destination in _destinations(root):
        _move_destination(destination, places)
    if "/StructTreeRoot" in root:
        _move_tags(root["/StructTreeRoot"], places)
    for _ in source:
        writer.remove_page(0)
    writer.compress_identical_objects(remove_duplicates=False)  # like tags are not one tag
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _draw(writer: PdfWriter, sheet: Any, drawn: list[tuple[int, Any]], places: dict[int, _Place]) -> None:
    """Put these pages into the left (0) and right (1) half of a sheet."""
    from pypdf.generic import (  # noqa: PLC0415
        DecodedStreamObject,
        DictionaryObject,
        FloatObject,
        NameObject,
        RectangleObject,
    )

    width, height = SHEET_PT
    forms, operators = DictionaryObject(), []
    for slot, page in drawn:
        box = page.mediabox
        scale = min(width / 2 / float(box.width), height / float(box.height))
        x = width / 2 * slot + (width / 2 - float(box.width) * scale) / 2
        y = (height - float(box.height) * scale) / 2
        content = DecodedStreamObject()
        content.set_data(page.get_contents().get_data())
        form = content.flate_encode()
        form[NameObject("/Type")] = NameObject("/XObject")
        form[NameObject("/Subtype")] = NameObject("/Form")
        form[NameObject("/BBox")] = RectangleObject([FloatObject(value) for value in box])
        for key in ("/Resources", "/StructParents"):
            if key in page:
                form[NameObject(key)] = page.raw_get(key)
        reference = writer._add_object(form)
        forms[NameObject(f"/P{slot}")] = reference
        operators.append(f"q {scale:.6f} 0 0 {scale:.6f} {x:.4f} {y:.4f} cm /P{slot} Do Q")
        places[page.indirect_reference.idnum] = _Place(sheet, reference, scale, x, y)
    stream = DecodedStreamObject()
    stream.set_data("\n".join(operators).encode("ascii"))
    sheet[NameObject("/Contents")] = writer._add_object(stream)
    sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): forms})


def _place(places: dict[int, _Place], reference: Any) -> _Place | None:
    return places.get(getattr(reference, "idnum", -1))


def _move_annotations(source: list[Any], places: dict[int, _Place]) -> None:
    """The links of the pages, on the sheet that draws them."""
    from pypdf.generic import ArrayObject, FloatObject, NameObject  # noqa: PLC0415

    for page in source:
        place = places[page.indirect_reference.idnum]
        for reference in page.get("/Annots", ()):
            annotation = reference.get_object()
            left, bottom, right, top = map(float, annotation["/Rect"])
            corners = (*place.at(left, bottom), *place.at(right, top))
            annotation[NameObject("/Rect")] = ArrayObject([FloatObject(round(v, 4)) for v in corners])
            annotation[NameObject("/P")] = place.sheet.indirect_reference
            place.sheet.setdefault(NameObject("/Annots"), ArrayObject()).append(reference)


def _destinations(root: Any) -> Iterator[Any]:
    """Every ``[page /XYZ left top zoom]`` of the outline, of named places and of their tree."""
    waiting = [root[key].get_object() for key in ("/Outlines", "/Names", "/Dests") if key in root]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, list):
            if len(node) > 3 and node[1] == "/XYZ":
                yield node
            else:
                waiting += [item.get_object() for item in node if hasattr(item, "get_object")]
        elif isinstance(node, dict):
            keys = ("/First", "/Next", "/Dest", "/Dests", "/Names", "/Kids", "/D")
            waiting += [node[key].get_object() for key in keys if key in node]


def _move_destination(destination: Any, places: dict[int, _Place]) -> None:
    from pypdf.generic import FloatObject  # noqa: PLC0415

    if place := _place(places, destination.raw_get(0) if hasattr(destination, "raw_get") else destination[0]):
        x, y = place.at(float(destination[2]), float(destination[3]))
        destination[0] = place.sheet.indirect_reference
        destination[2], destination[3] = FloatObject(round(x, 4)), FloatObject(round(y, 4))


def _move_tags(tree: Any, places: dict[int, _Place]) -> None:
    """Tags name content by its number on a page; now it lies in the form that the sheet draws."""
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject  # noqa: PLC0415

    waiting = [tree]
    while waiting:
        element = waiting.pop()
        kids = element.get("/K", ArrayObject())
        kids = kids.get_object() if hasattr(kids, "get_object") else kids
        kids = kids if isinstance(kids, list) else [kids]
        place = _place(places, element.raw_get("/Pg")) if "/Pg" in element else None
        moved = ArrayObject()
        for kid in kids:
            held = kid.get_object() if hasattr(kid, "get_object") else kid
            if isinstance(held, int) and place is not None:
                content = {"/Type": NameObject("/MCR"), "/Stm": place.form, "/MCID": held}
                content["/Pg"] = place.sheet.indirect_reference
                moved.append(DictionaryObject({NameObject(key): value for key, value in content.items()}))
                continue
            if isinstance(held, dict):
                waiting.append(held)
            moved.append(kid)
        if "/K" in element:
            element[NameObject("/K")] = moved
        if place is not None:
            element[NameObject("/Pg")] = place.sheet.indirect_reference
