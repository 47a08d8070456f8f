"""The program as its user runs it, on the fake engine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

FAKE = Path(__file__).parent / "fake_katago.py"
CLOCKED = Path(__file__).parent / "clocked.py"
ENTRY = ["-m", "pipeline"]
GAME = "(;GM[1]FF[4]CA[UTF-8]SZ[9]KM[7]RU[Chinese]PB[{black}]PW[{white}]RE[B+R];{moves})"
MOVES = "B[ee];W[ec];B[cc];W[cg];B[gg];W[gc];B[gd];W[fc];B[hc];W[hb];B[hd];W[cf]"
LAST = [f"{column}{row}" for row in "abhi" for column in "abcdefghi" if f"{column}{row}" not in {"hb", "hc", "hd"}]


def sgf(number: int, black: str = "甲", white: str = "乙") -> bytes:
    """A game of 13 moves; another number is another game (up to 34)."""
    return GAME.format(black=black, white=white, moves=f"{MOVES};B[{LAST[number]}]").encode()


def set_up(place: Path) -> Path:
    """An engine, a network and an inbox in ``place``."""
    engine = place / "engine"
    engine.mkdir()
    program = engine / "katago"
    program.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = version ]; then echo "KataGo v1.18.1"; echo "Using OpenCL backend"; exit; fi\n'
        f'exec "{sys.executable}" -S -E "{FAKE}" "$@"\n'
    )
    program.chmod(0o755)
    (engine / "net.bin").write_bytes(b"fake-b1c1\n8\n")
    (place / "inbox").mkdir()
    return place


def environment(place: Path, faults: str = "") -> dict[str, str]:
    """Only our own settings, with files that settle fast."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FUPAN_")}
    return {
        **kept,
        "FUPAN_CACHE_DIR": str(place / "cache"),
        "FUPAN_ENGINE__KATAGO": str(place / "engine" / "katago"),
        "FUPAN_ENGINE__NETWORK": str(place / "engine" / "net.bin"),
        "FUPAN_ANALYSIS__VISITS": "20",
        "FUPAN_ANALYSIS__QUICK": "10",
        "FUPAN_INBOX__SETTLE_SECONDS": "0.6",
        "FUPAN_INBOX__RESCAN_SECONDS": "0.5",
        "FAKE_KATAGO_FAULTS": faults,
        "FAKE_KATAGO_STATE": str(place / "engine"),
        "PYTHONUNBUFFERED": "1",
    }


def _command(is_clocked: bool) -> list[str]:
    return [sys.executable, str(CLOCKED)] if is_clocked else [sys.executable, *ENTRY]


def set_clock(place: Path, shown: datetime) -> None:
    """What the clock of a clocked program shows from now on."""
    write_whole(place / "clock", str(shown.timestamp() - time.time()))


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody reads half of it."""
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").replace(path)


def fupan(
    place: Path, *arguments: str, faults: str = "", is_clocked: bool = False, limit: float = 300.0
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; ``is_clocked``: with the clock of the test, see ``clocked.py``."""
    return subprocess.run(
        [*_command(is_clocked), *arguments],
        cwd=place,
        env=environment(place, faults),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=limit,
        check=False,
    )


class Running:
    """A command that goes on; what it says is in ``said``. ``prefix`` is a program that starts it."""

    def __init__(
        self, place: Path, *arguments: str, faults: str = "", is_clocked: bool = False, prefix: tuple[str, ...] = ()
    ) -> None:
        self._file = place / f"said-{time.monotonic_ns()}.txt"
        with self._file.open("w") as stream:
            self.process = subprocess.Popen(
                [*prefix, *_command(is_clocked), *arguments],
                cwd=place,
                env=environment(place, faults),
                stdout=subprocess.DEVNULL,
                stderr=stream,
            )

    @property
    def said(self) -> str:
        return self._file.read_text(encoding="utf-8")

    def wait_for(self, condition, seconds: float = 90.0) -> None:
        """Wait until ``condition`` holds; a text means that it was said."""
        deadline = time.monotonic() + seconds
        while not (condition in self.said if isinstance(condition, str) else condition()):
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.said}"
            assert time.monotonic() < deadline, f"waited too long for {condition}: {self.said}"
            time.sleep(0.05)

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def searched(place: Path) -> Counter[str]:
    """How often each ``turn visits`` was searched to the end."""
    path = place / "engine" / "searched"
    return Counter(path.read_text().splitlines()) if path.exists() else Counter()


def inbox_files(place: Path) -> dict[str, list[str]]:
    """Names below each of our folders in the inbox, ``""`` for what was not moved; hidden files left out."""
    found: dict[str, list[str]] = {"": [], "processed": [], "failed": [], "duplicate": []}
    inbox = place / "inbox"
    for path in inbox.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            top = path.relative_to(inbox).parts[0]
            found[top if top in found else ""].append(path.name)
    return {folder: sorted(names) for folder, names in found.items()}
