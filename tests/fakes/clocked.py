"""The program with a clock, a disk and a patience of the test's own: ``python clocked.py COMMAND...``.

The file ``clock`` in the working folder holds the seconds by which the clock is
ahead, ``free`` (if it is there) the bytes that the disk has left. Both are read
whenever the program asks. ``FUPAN_TEST_BUSY`` is how long, in milliseconds, a
locked database is waited for.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

real_time, real_usage = time.time, shutil.disk_usage


def _time() -> float:
    try:
        return real_time() + float(Path("clock").read_text() or 0)
    except (OSError, ValueError):
        return real_time()


def _usage(path):
    usage = real_usage(path)
    try:
        return usage._replace(free=int(Path("free").read_text()))
    except (OSError, ValueError):
        return usage


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    time.time, shutil.disk_usage = _time, _usage
    from pipeline.store import database

    database.BUSY_MILLISECONDS = int(os.environ.get("FUPAN_TEST_BUSY", database.BUSY_MILLISECONDS))
    from pipeline.__main__ import main

    main()
