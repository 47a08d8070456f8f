"""How long a report takes to print, and whether memory stays flat.

    python benchmarks/print_speed.py [--reports 200] [--profile]

The report: 12 pages with about 30 boards, made from a made-up game. Seconds
are CPU seconds of one core. Figures of the last run stand in
``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import sys
import time
from pathlib import Path

import psutil
import pypdfium2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from fakes.report_games import Sample, random_game

from pipeline.report.render import Renderer
from pipeline.report.view import build_view

MISTAKES = tuple(range(12, 230, 18))


def report(made: Sample, renderer: Renderer) -> tuple[bytes, int]:
    """One PDF, and the number of its boards."""
    view = build_view(made.record, made.evaluations, made.review, made.info, printed_on="2026-11-22")
    boards = sum(len(m.figures) for m in view.moments) + sum(map(len, view.record))
    return renderer.render_pdf(view), boards


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=20)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    games = [random_game(19, 240, seed=seed, mistakes=MISTAKES) for seed in range(4)]
    renderer, process = Renderer(), psutil.Process()
    began = time.process_time()
    pdf, boards = report(games[0], renderer)
    first = time.process_time() - began
    with pypdfium2.PdfDocument(pdf) as document:
        pages = len(document)
    report(games[1], renderer)
    before = process.memory_info().rss
    seconds = []
    for index in range(arguments.reports):
        began = time.process_time()
        report(games[index % len(games)], renderer)
        seconds.append(time.process_time() - began)
    grown = (process.memory_info().rss - before) / 1e6
    print(f"{pages} pages, {boards} boards, {len(pdf) / 1000:.0f} KB")
    print(f"first {first:.2f} s, then median {statistics.median(seconds):.2f} s, best {min(seconds):.2f} s (CPU)")
    print(f"memory {before / 1e6:.0f} MB, grown by {grown:+.1f} MB over {arguments.reports} reports")
    if arguments.profile:
        profile = cProfile.Profile()
        profile.runcall(report, games[0], renderer)
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
