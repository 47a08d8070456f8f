"""How long a report takes to print, and whether memory stays flat.

    python benchmarks/print_speed.py [--reports 200] [--profile]

Two reports of a made-up game of 240 moves: one of 12 pages, whose boards are
more than 30, and one of 30 boards, whose pages are fewer than 12. The aim, 12
pages with 30 boards, lies between them. Seconds are CPU seconds of one core.
Figures of the last run stand in ``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil
import pypdfium2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from fakes.report_games import Sample, random_game

from pipeline.report.render import Renderer
from pipeline.report.view import ReportOptions, build_view

# Pages, boards: key moments, moves in a figure of the record.
KINDS = {"12 pages": (14, 20), "30 boards": (12, 60)}
OVER = ("pipeline", "weasyprint", "pydyf", "tinyhtml5", "tinycss2", "cssselect2", "fontTools", "jinja2", "zlib")


@dataclass(frozen=True)
class Kind:
    """A game, made four times over, and how it is printed."""

    games: tuple[Sample, ...]
    options: ReportOptions

    @classmethod
    def of(cls, moments: int, moves: int) -> Kind:
        """That many key moments, and figures of that many moves."""
        step = 228 // moments
        mistakes = range(8, 8 + step * moments, step)
        games = tuple(random_game(19, 240, seed=seed, mistakes=mistakes) for seed in range(4))
        return cls(games, ReportOptions(moves_per_figure=moves))


def report(kind: Kind, index: int, renderer: Renderer) -> tuple[bytes, int]:
    """One PDF, and the number of its boards."""
    made = kind.games[index % len(kind.games)]
    view = build_view(made.record, made.evaluations, made.review, made.info, kind.options, printed_on="2026-11-22")
    boards = sum(len(m.figures) for m in view.moments) + sum(map(len, view.record))
    return renderer.render_pdf(view), boards


def shares(kind: Kind, renderer: Renderer) -> None:
    """Print where the time of one report goes: own time by library, then the costliest functions."""
    profile = cProfile.Profile()
    profile.runcall(report, kind, 0, renderer)
    stats = pstats.Stats(profile)
    spent: Counter[str] = Counter()
    for (file, _, name), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        place = f"{file} {name}".replace("\\", "/")
        spent[next((part for part in OVER if f"/{part}/" in place or f"<{part}" in place), "others")] += own
    total = sum(spent.values())
    print("share of one report:", ", ".join(f"{part} {own / total:.0%}" for part, own in spent.most_common()))
    stats.sort_stats("tottime").print_stats(25)


def measure(name: str, kind: Kind, renderer: Renderer, count: int) -> None:
    """Print the figures of one kind of report."""
    process = psutil.Process()
    began = time.process_time()
    pdf, boards = report(kind, 0, renderer)
    first = time.process_time() - began
    with pypdfium2.PdfDocument(pdf) as document:
        pages = len(document)
    report(kind, 1, renderer)
    before = process.memory_info().rss
    seconds = []
    for index in range(count):
        began = time.process_time()
        report(kind, index, renderer)
        seconds.append(time.process_time() - began)
    grown = (process.memory_info().rss - before) / 1e6
    print(f"{name}: {pages} pages, {boards} boards, {len(pdf) / 1000:.0f} KB")
    print(f"  first {first:.2f} s, then median {statistics.median(seconds):.2f} s, best {min(seconds):.2f} s (CPU)")
    print(f"  memory {before / 1e6:.0f} MB, grown by {grown:+.1f} MB over {count} reports", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=20)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    renderer = Renderer()
    kinds = {name: Kind.of(*numbers) for name, numbers in KINDS.items()}
    for name, kind in kinds.items():
        measure(name, kind, renderer, arguments.reports)
    if arguments.profile:
        shares(kinds["12 pages"], renderer)


if __name__ == "__main__":
    main()
