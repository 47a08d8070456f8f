"""``python -m pipeline`` and the command ``fupan``."""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # until somebody listens: no traceback while modules are imported

import sys  # noqa: E402
from typing import NoReturn  # noqa: E402

from pipeline.exits import StopRequested, exit_code_of, listen_for_signals  # noqa: E402


def main() -> NoReturn:
    """Run the command line of this process and exit."""
    try:
        listen_for_signals()
        from pipeline.cli import run  # noqa: PLC0415 - Ctrl-C while it is imported is answered too

        code = run()
    except StopRequested as stop:
        code = exit_code_of(stop)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    sys.exit(code)


if __name__ == "__main__":
    main()
