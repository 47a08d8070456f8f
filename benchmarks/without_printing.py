"""The command line with a stub in place of the printer: the files of a report are of a few bytes.

The benchmarks of the queue use it, because printing would take most of their
time. All else is as it is: judging, the dataset, finding and removing the
reports that are superseded.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pipeline.__main__ import main
from pipeline.publish import PrintedFile, Publisher, base_name


def print_nothing(
    self: Publisher, game: Any, _report: Any, _review: Any, folder: Path, _side: Any
) -> list[PrintedFile]:
    """The files of a report, nearly empty, under the names that they would have."""
    name = base_name(game.record)
    return [
        PrintedFile(self._folders.reports / folder / f"{name}.pdf", f"%PDF {game.info.level}".encode()),
        PrintedFile(self._folders.sgf / folder / f"{name}.sgf", b"(;)"),
    ]


if __name__ == "__main__":
    Publisher._printed = print_nothing  # type: ignore[method-assign]
    sys.exit(main())
