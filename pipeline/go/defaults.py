"""What the reader assumes where a file is silent, and what the user forces on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from pipeline.go.record import Correction, Ruleset

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadDefaults:
    """Assumptions of one folder or run.

    ``ruleset`` and ``komi`` fill gaps (``komi`` ``None``: by rules, handicap and
    date); ``forced_*`` win over the file; ``fox_komi`` replaces the 0 that 野狐
    writes in even games (``None``: 7.5 under area rules, else 6.5). Komi in points.
    """

    ruleset: Ruleset = Ruleset.CHINESE
    komi: float | None = None
    forced_ruleset: Ruleset | None = None
    forced_komi: float | None = None
    fox_komi: float | None = None
    max_games: int = 200


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What an interpreter understood: the value, the words it came from, what it corrected."""

    value: T
    source: str = ""
    corrections: tuple[Correction, ...] = ()
