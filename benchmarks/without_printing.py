"""The command line with a stub in place of the printer: a report is a page of a few bytes.

The benchmarks of the queue use it, because printing would take most of their time.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pipeline.__main__ import main
from pipeline.atomic import atomic_write_bytes
from pipeline.publish import Publisher, base_name


def print_nothing(self: Publisher, game: Any, report: Any, *, group: str | None = None, **_: Any) -> Path:
    """Write the files of a report, nearly empty, under the names that they would have."""
    name = base_name(game.record)
    target = self._folders.reports / (group or "") / f"{name}.pdf"
    atomic_write_bytes(target, f"%PDF {game.info.level}".encode())
    atomic_write_bytes(self._folders.sgf / (group or "") / f"{name}.sgf", b"(;)")
    return target


if __name__ == "__main__":
    Publisher.print_report = print_nothing  # type: ignore[method-assign]
    sys.exit(main())
