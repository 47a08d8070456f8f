"""Imposition: pages of a report on both sides of A4 sheets that are folded and stapled in the middle."""

from __future__ import annotations

import io

SHEET_PT = (841.89, 595.276)  # A4, landscape
PAGES_A_SHEET = 4


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
    from pypdf import PdfReader, PdfWriter, Transformation  # noqa: PLC0415 - only booklets need it

    reader, writer = PdfReader(io.BytesIO(pdf)), PdfWriter()
    width, height = SHEET_PT
    for page in reader.pages:
        page.pop("/Annots", None)  # links lead to pages that are not there any more
    source = [writer.add_page(page) for page in reader.pages]
    for sides in page_order(len(source)):
        sheet = writer.add_blank_page(width, height)
        for slot, index in enumerate(sides):
            if index is None:
                continue
            box = source[index].mediabox
            scale = min(width / 2 / float(box.width), height / float(box.height))
            x = width / 2 * slot + (width / 2 - float(box.width) * scale) / 2
            y = (height - float(box.height) * scale) / 2
            sheet.merge_transformed_page(source[index], Transformation().scale(scale).translate(x, y))
        sheet.compress_content_streams()
    for _ in source:
        writer.remove_page(0)
    title = reader.metadata.title if reader.metadata else None
    writer.metadata = {"/Title": title} if title else {}
    writer.compress_identical_objects(remove_unreferenced=True)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
