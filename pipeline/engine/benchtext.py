"""Reading what ``katago benchmark`` prints. Pure.

The lines are those of KataGo's ``playutils.cpp`` (``BenchmarkResults``), the
same from 1.4 to 1.18::

    numSearchThreads =  8: 10 / 10 positions, visits/s = 1250.27 nnEvals/s = 1046.99
        nnBatches/s = 262.46 avgBatchSize = 3.99 (6.4 secs) (EloDiff +123)

Progress reports lack ``nnEvals/s`` and are overwritten in place with carriage
returns. Since 1.18 the run ends with extra tests of other settings at the
recommended number of threads, which are no part of the comparison.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBER = r"([-+]?[\d.]+(?:e[-+]?\d+)?)"
_RESULT = re.compile(
    rf"numSearchThreads =\s*(\d+): (\d+) / (\d+) positions, visits/s = {_NUMBER} nnEvals/s = {_NUMBER}"
    rf" nnBatches/s = {_NUMBER} avgBatchSize = {_NUMBER} \({_NUMBER} secs\)"
)
_PROGRESS = re.compile(r"numSearchThreads =\s*(\d+): (\d+) / (\d+) positions,")
_RECOMMENDED = re.compile(r"numSearchThreads =\s*(\d+): .*\(recommended\)")
_VISITS = re.compile(r"^Testing using (\d+) visits")
_BOARD = re.compile(r"\(board size (\d+)x\d+\)|default positions for board size: (\d+)")
_EXTRA_TESTS = "Running additional tests"
_ADVICE = re.compile(r"^ADDITIONAL RECOMMENDATION: (.+)")
_MOST_THREADS = 65_536


@dataclass(frozen=True, slots=True)
class ThreadSpeed:
    """The speed of one search with so many threads; ``batch`` is the mean batch size."""

    threads: int
    visits_per_second: float
    evaluations_per_second: float
    batch: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a run of ``katago benchmark`` measured.

    ``speeds`` ascend by threads, each number of threads once (the last report
    counts). ``recommended`` is KataGo's choice, 0 when the run ended before it
    made one. ``visits`` are those of each search, ``board`` the side of the
    board; 0 when not said. ``advice`` are KataGo's additional recommendations.
    """

    speeds: tuple[ThreadSpeed, ...]
    recommended: int = 0
    visits: int = 0
    board: int = 0
    advice: tuple[str, ...] = ()

    @property
    def at_recommended(self) -> ThreadSpeed | None:
        """The speed at the recommended threads; the fastest where KataGo did not get to recommend."""
        chosen = next((speed for speed in self.speeds if speed.threads == self.recommended), None)
        return chosen or self.fastest

    @property
    def fastest(self) -> ThreadSpeed | None:
        """The highest speed, with the fewest threads that reach it; None when nothing was measured."""
        return max(self.speeds, key=lambda speed: (speed.visits_per_second, -speed.threads), default=None)


def split_output(text: str) -> list[str]:
    """Lines of an output in which carriage returns overwrite progress."""
    return [line for line in re.split(r"[\r\n]+", text) if line.strip()]


def parse_benchmark(lines: Iterable[str]) -> Reading:
    """Read the whole output, or what there is of one that was cut off; foreign lines are skipped."""
    speeds: dict[int, ThreadSpeed] = {}
    recommended = visits = board = 0
    advice: list[str] = []
    in_extras = False
    for line in lines:
        in_extras = in_extras or line.startswith(_EXTRA_TESTS)
        if match := _ADVICE.match(line):
            advice.append(match.group(1).strip())
        elif in_extras:
            continue
        elif match := _VISITS.match(line):
            visits = int(match.group(1)[:12])
        elif match := _RESULT.search(line):
            if (speed := _speed(match)) is not None:
                speeds[speed.threads] = speed
        elif match := _RECOMMENDED.search(line):
            recommended = int(match.group(1)[:9])
        elif match := _BOARD.search(line):
            board = int((match.group(1) or match.group(2))[:4])
    ordered = tuple(speeds[threads] for threads in sorted(speeds))
    return Reading(ordered, recommended if recommended in speeds else 0, visits, board, tuple(advice))


def progress_of(line: str) -> tuple[int, int, int] | None:
    """Threads, positions done and positions in all out of a progress report."""
    match = _PROGRESS.search(line)
    return None if match is None else (int(match.group(1)), int(match.group(2)), int(match.group(3)))


def _speed(match: re.Match[str]) -> ThreadSpeed | None:
    """The values of a result line, if they can be true."""
    try:
        threads, done, of = (int(match.group(i)[:9]) for i in (1, 2, 3))
        rate, evaluations, _, batch, seconds = (float(match.group(i)) for i in range(4, 9))
    except ValueError:
        return None
    sound = all(math.isfinite(value) for value in (rate, evaluations, batch, seconds))
    if not sound or rate <= 0 or done < of or not 1 <= threads <= _MOST_THREADS:
        return None
    return ThreadSpeed(threads, rate, evaluations, batch, seconds)
