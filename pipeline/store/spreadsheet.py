"""A workbook with sheets of plain cells, as Office Open XML (ECMA-376): just what Excel needs to open it."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

MAX_ROWS = 1_048_576
MAX_CELL = 32_767  # characters that a cell holds

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_SHEET_NAME = re.compile(r"[\x00-\x1f\[\]:*?/\\']")

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
)
_RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, a line of column names, then rows block by block."""

    name: str
    head: Sequence[str]
    blocks: Iterable[Sequence[Sequence[object]]]


def write_xlsx(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write a workbook; the sheets' names differ from one another."""
    numbered = list(enumerate(sheets, start=1))
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{_SHEET_TYPE}"/>' for i, _ in numbered
    )
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i, _ in numbered
    )
    named = "".join(f'<sheet name="{_sheet_name(s.name)}" sheetId="{i}" r:id="rId{i}"/>' for i, s in numbered)
    parts = {
        "[Content_Types].xml": f"{_TYPES}{types}</Types>",
        "_rels/.rels": _RELATIONS,
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for part, text in parts.items():
            book.writestr(part, _HEAD + text)
        for index, sheet in numbered:
            with book.open(f"xl/worksheets/sheet{index}.xml", "w", force_zip64=True) as stream:
                stream.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
                stream.write(_row(sheet.head).encode())
                for block in sheet.blocks:
                    stream.write("".join(map(_row, block)).encode())
                stream.write(b"</sheetData></worksheet>")


def _sheet_name(name: str) -> str:
    return escape(_SHEET_NAME.sub("_", name)[:31], {'"': "&quot;"}) or "sheet"


def _row(values: Sequence[object]) -> str:
    return "<row>" + "".join(map(_cell, values)) + "</row>"


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value!r}</v></c>"
    text = escape(_FORBIDDEN.sub("", str(value))[:MAX_CELL])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
