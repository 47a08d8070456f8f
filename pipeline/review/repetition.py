"""Spaced repetition: which problems are due. Pure; days are counted by the caller.

A problem that was handed out ``n`` times comes again ``INTERVALS[n - 1]``
days after the last time. Problems that are due come first, the longest
overdue in front; new ones follow, the costliest mistakes in front.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.review.problems import Problem

INTERVALS = (3, 7, 16, 35, 70, 140)


@dataclass(frozen=True, slots=True)
class HandedOut:
    """How often a problem was handed out, and the last time."""

    times: int
    last: date

    def due(self) -> date:
        """When it comes again."""
        interval = INTERVALS[min(max(self.times, 1), len(INTERVALS)) - 1]
        return date.fromordinal(self.last.toordinal() + interval)


def choose(
    problems: Iterable[Problem], history: Mapping[str, HandedOut], today: date, count: int
) -> tuple[Problem, ...]:
    """At most ``count`` problems for today, each position once."""
    unique: dict[str, Problem] = {}
    for problem in sorted(problems, key=lambda p: (-p.weight, p.problem_id)):
        unique.setdefault(problem.position, problem)
    old = [p for p in unique.values() if p.position in history and history[p.position].due() <= today]
    old.sort(key=lambda p: (history[p.position].due(), -p.weight, p.problem_id))
    new = [p for p in unique.values() if p.position not in history]
    return tuple([*old, *new][:count])


def handed_out(history: Mapping[str, HandedOut], problems: Iterable[Problem], today: date) -> dict[str, HandedOut]:
    """The history after these problems were given; twice on one day counts once."""
    changed = dict(history)
    for problem in problems:
        last = changed.get(problem.position)
        if last is None:
            changed[problem.position] = HandedOut(1, today)
        elif last.last != today:
            changed[problem.position] = HandedOut(last.times + 1, today)
    return changed
