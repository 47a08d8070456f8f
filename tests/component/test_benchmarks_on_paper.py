"""The benchmarks without an engine stand in for parts of the driver by name: they still fit it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
GAMES = ("--games", "2", "--visits", "160", "--quick", "16", "--max-moves", "95", "samples")


def run(tmp_path: Path, name: str, *arguments: str) -> dict[str, Any]:
    """The figures that a benchmark prints."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
        "FUPAN_CACHE_DIR": str(tmp_path / "cache"),
    }
    program = str(ROOT / "benchmarks" / name)
    ended = subprocess.run(
        [sys.executable, "-B", program, *arguments, *GAMES],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    figures: dict[str, Any] = json.loads(ended.stdout)
    return figures


def test_a_review_on_paper_says_how_close_it_comes_to_the_card(tmp_path):
    trace = tmp_path / "run.jsonl"
    figures = run(tmp_path, "on_paper.py", "--card", "h100-opencl", "--record", str(trace))
    assert figures["games"] == 2
    assert 0.3 < figures["ratio"] < 1.3
    assert len(figures["idle"]) == 10
    events = [json.loads(line)["kind"] for line in trace.read_text().splitlines()]
    assert events.count("answered") == figures["positions"]
    assert events.count("published") == 2


def test_what_an_answer_costs_us(tmp_path):
    figures = run(tmp_path, "own_cpu.py")
    assert figures["games"] == 2
    assert figures["cpu_ms_per_answer"] > 0
