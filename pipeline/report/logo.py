"""A club's logo: a PNG or SVG file of the user's, checked and made into a ``data:`` address.

The file may hold anything. A PNG is decoded and written anew; of an SVG only
shapes, groups and gradients are kept, so that nothing is run, fetched or set
in a font of the machine.
"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from xml.etree import ElementTree as ET

from pipeline.errors import ConfigError
from pipeline.report.view_model import DataUri

MAX_BYTES = 1_000_000
MAX_SIDE = 6000  # pixels
KEPT_SIDE = 640  # pixels: 42 mm at 390 dpi
MAX_ELEMENTS = 3000
MAX_DEPTH = 40

_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}"
# fmt: off
_SHAPES = frozenset((
    "svg", "g", "defs", "title", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
    "linearGradient", "radialGradient", "stop", "clipPath",
))
_ATTRIBUTES = frozenset((
    "id", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "fx", "fy", "r", "rx", "ry", "width", "height", "points",
    "viewBox", "preserveAspectRatio", "transform", "gradientTransform", "gradientUnits", "spreadMethod", "offset",
    "clipPathUnits", "clip-path", "clip-rule", "fill", "fill-rule", "fill-opacity", "stroke", "stroke-width",
    "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset",
    "stroke-opacity", "opacity", "color", "stop-color", "stop-opacity",
))
# fmt: on
_DROPPED = frozenset(("metadata", "desc", "namedview"))  # what drawing programs add and nobody sees
_REFERENCE = re.compile(r"url\(\s*#[A-Za-z_][\w.-]*\s*\)")
_SAFE_VALUE = re.compile(r"[\w\s.,;:#%()+\-'*/]*")


def load_logo(path: Path) -> DataUri:
    """The image for the report.

    Raises:
        ConfigError: the file is missing, too large, damaged, or neither PNG nor SVG of plain shapes.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError("logo.too_large", path=path, limit=MAX_BYTES // 1000)
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError("logo.unreadable", path=path, detail=error.strerror or error) from error
    if data.startswith(_PNG):
        return _uri("image/png", _png(path, data))
    return _uri("image/svg+xml", _svg(path, data))


def _uri(kind: str, data: bytes) -> DataUri:
    return DataUri(f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}")


def _png(path: Path, data: bytes) -> bytes:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - only with a logo

    width, height = (int.from_bytes(data[i : i + 4], "big") for i in (16, 20))
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise ConfigError("logo.too_many_pixels", path=path, width=width, height=height, limit=MAX_SIDE)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            shown = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as error:
        raise ConfigError("logo.damaged", path=path) from error
    shown.thumbnail((KEPT_SIDE, KEPT_SIDE))
    flat = Image.new("RGB", shown.size, "white")
    flat.paste(shown, mask=shown.getchannel("A"))
    target = io.BytesIO()
    flat.save(target, "PNG", optimize=True)
    return target.getvalue()


def _svg(path: Path, data: bytes) -> bytes:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError("logo.format", path=path) from error
    if "<!DOCTYPE" in text and "[" in text.partition("<!DOCTYPE")[2].partition(">")[0]:
        raise ConfigError("logo.unsafe_svg", path=path, name="DOCTYPE")
    if "<!ENTITY" in text:
        raise ConfigError("logo.unsafe_svg", path=path, name="ENTITY")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without entities, and limited in size
    except ET.ParseError as error:
        raise ConfigError("logo.format", path=path) from error
    if root.tag != f"{_SVG}svg":
        raise ConfigError("logo.format", path=path)
    count = sum(1 for _ in root.iter())
    if count > MAX_ELEMENTS:
        raise ConfigError("logo.too_complex", path=path, count=count, limit=MAX_ELEMENTS)
    if not (root.get("viewBox") or (root.get("width") and root.get("height"))):
        raise ConfigError("logo.no_size", path=path)
    kept = _kept(path, root, 0)
    kept.set("xmlns", _SVG[1:-1])
    return ET.tostring(kept, encoding="unicode").encode("utf-8")


def _kept(path: Path, element: ET.Element, depth: int) -> ET.Element:
    name = element.tag.removeprefix(_SVG)
    if name not in _SHAPES or depth > MAX_DEPTH:
        raise ConfigError("logo.unsafe_svg", path=path, name=name.rpartition("}")[2])
    twin = ET.Element(name)
    for key, value in _properties(element):
        if key in _ATTRIBUTES and _SAFE_VALUE.fullmatch(value) and "url" not in _REFERENCE.sub("", value).lower():
            twin.set(key, value)
    if name == "title":
        twin.text = element.text
    for child in element:
        own = isinstance(child.tag, str) and child.tag.startswith(_SVG)
        if own and child.tag.removeprefix(_SVG) not in _DROPPED:
            twin.append(_kept(path, child, depth + 1))
    return twin


def _properties(element: ET.Element) -> list[tuple[str, str]]:
    """Attributes, with the declarations of ``style`` as attributes of their own."""
    styles = (part.split(":", 1) for part in element.get("style", "").split(";") if ":" in part)
    return [*element.items(), *((key.strip(), value.strip()) for key, value in styles)]
