"""Small pictures of the first page of a report, made when somebody looks and kept."""

from __future__ import annotations

import hashlib
import io
import logging
import threading
from pathlib import Path

from pipeline.atomic import atomic_write_bytes
from pipeline.errors import FupanError

WIDTH = 360  # twice the width on screen, for fine displays
GREYS = 16
MAX_IN_MEMORY = 64

_log = logging.getLogger(__name__)
# PDFium is not made for several threads.
_PDFIUM = threading.Lock()


class Thumbnails:
    """Pictures of PDF files, each made once for each version of its file. For several threads.

    Args:
        cache: folder for the pictures; where it cannot be written they are kept in memory.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._memory: dict[str, bytes] = {}

    def of(self, pdf: Path) -> bytes | None:
        """The first page as PNG; ``None`` when the file is gone or no PDF."""
        try:
            status = pdf.stat()
        except OSError:
            return None
        place = hashlib.sha256(str(pdf).encode("utf-8", "surrogateescape")).hexdigest()[:20]
        name = f"{place}-{status.st_mtime_ns:x}-{status.st_size:x}.png"
        known = self._memory.get(name)
        if known is not None:
            return known
        try:
            return (self._cache / name[:2] / name).read_bytes()
        except OSError:
            pass
        picture = _first_page(pdf)
        if picture is not None:
            self._keep(place, name, picture)
        return picture

    def _keep(self, place: str, name: str, picture: bytes) -> None:
        try:
            folder = self._cache / name[:2]  # 256 folders: looking for the older picture lists only one of them
            atomic_write_bytes(folder / name, picture)
            for old in folder.glob(f"{place}-*.png"):
                if old.name != name:
                    old.unlink(missing_ok=True)
        except (FupanError, OSError) as error:
            _log.info("thumbnails are not kept: %s", error)
            while len(self._memory) >= MAX_IN_MEMORY:
                self._memory.pop(next(iter(self._memory)), None)
            self._memory[name] = picture


def _first_page(pdf: Path) -> bytes | None:
    import pypdfium2  # noqa: PLC0415 - only who looks at pictures needs it

    try:
        with _PDFIUM, pypdfium2.PdfDocument(pdf.read_bytes()) as document:
            page = document[0]
            image = page.render(scale=WIDTH / page.get_width(), grayscale=True).to_pil()
    except (pypdfium2.PdfiumError, OSError, ValueError, IndexError) as error:
        _log.info("no thumbnail of %s: %s", pdf.name, error)
        return None
    picture = io.BytesIO()
    image.convert("L").quantize(GREYS).save(picture, "PNG", optimize=True)
    return picture.getvalue()
