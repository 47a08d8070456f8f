"""A folder to work in with the fake engine beside it, and the program as its user runs it there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from fakes import program
from fakes.program import GAME, MOVES

CHECKOUT = Path(__file__).resolve().parents[2]


class Workplace:
    """``root`` is the working folder; games go to ``games``, results to ``output``."""

    def __init__(self, root: Path) -> None:
        self.root = program.set_up(root)
        self.games = root / "games"
        self.games.mkdir()
        self.output = root / "output"
        self.engine = root / "engine"

    def put(self, name: str, black: str = "甲", white: str = "乙", moves: str = MOVES) -> Path:
        """A game file."""
        path = self.games / name
        path.write_text(GAME.format(black=black, white=white, moves=moves), encoding="utf-8")
        return path

    def environment(self, faults: str = "", **changes: str | None) -> dict[str, str]:
        """The environment of a run; ``None`` takes a variable out."""
        path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
        values: dict[str, str | None] = {**program.environment(self.root, faults), "PYTHONPATH": path, **changes}
        for name in ("FUPAN_ANALYSIS__VISITS", "FUPAN_ANALYSIS__QUICK"):
            values[name] = changes.get(name)
        return {name: value for name, value in values.items() if value is not None}

    def start(
        self, *arguments: str, faults: str = "", env: Mapping[str, str | None] | None = None, **options: object
    ) -> subprocess.Popen[bytes]:
        """A run in the background, its streams piped unless ``options`` say otherwise."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(  # type: ignore[call-overload]
            [sys.executable, "-m", "pipeline", *arguments],
            cwd=self.root,
            env=self.environment(faults, **(env or {})),
            **{**streams, **options},
        )

    def run(
        self, *arguments: str, faults: str = "", env: Mapping[str, str | None] | None = None, **options: object
    ) -> subprocess.CompletedProcess[str]:
        """A run to its end; no run may ever show a traceback."""
        running = self.start(*arguments, faults=faults, env=env, **options)
        out, err = running.communicate(timeout=120)
        shown = (out or b"").decode("utf-8", "replace"), (err or b"").decode("utf-8", "replace")
        assert "Traceback" not in shown[1], shown[1]
        return subprocess.CompletedProcess(arguments, running.returncode, *shown)

    def review(self, *more: str, **options: object) -> subprocess.CompletedProcess[str]:
        """A review of the games with a small budget."""
        return self.run("review", "games", "--visits", "20", "--quick", "10", *more, **options)  # type: ignore[arg-type]

    def searched(self) -> Counter[str]:
        """How often each (turn, visits) was searched to the end."""
        return program.searched(self.root)


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return as soon as the condition holds; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)
