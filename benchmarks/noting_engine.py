"""The real engine behind a filter that notes every finished search: ``noting_engine.py NOTES PROGRAM ARGUMENTS...``.

It writes the lines that the fake engine writes too, ``turn visits``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Pass everything through."""
    notes, command = Path(sys.argv[1]), sys.argv[2:]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as engine:
        assert engine.stdout is not None
        for line in engine.stdout:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            reply = json.loads(line)
            if "rootInfo" in reply and not reply.get("isDuringSearch"):
                with notes.open("a") as file:
                    file.write(f"{reply['turnNumber']} {reply['rootInfo']['visits']}\n")
        return engine.wait()


if __name__ == "__main__":
    sys.exit(main())
