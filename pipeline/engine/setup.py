"""A resolved engine: everything that is needed to start it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Origin(StrEnum):
    """Where the engine was found."""

    FLAG = "flag"
    SETTINGS = "settings"
    PATH = "path"
    PROVISIONED = "provisioned"


VISITS_A_THREAD = 64


@dataclass(frozen=True, slots=True)
class Threads:
    """How the engine works in parallel: ``analysis`` positions at once, ``search`` threads on each."""

    analysis: int
    search: int

    @property
    def total(self) -> int:
        """Search threads in all."""
        return self.analysis * self.search

    def for_each(self, positions: int, visits: int) -> int:
        """Search threads on a position of so many visits when no more than so many positions are searched side by side.

        The threads that nobody needs then make the last answers come sooner. A search with many threads is somewhat
        worse at equal visits, so each of them has at least :data:`VISITS_A_THREAD`.
        """
        spare = self.total // max(1, positions)
        return max(self.search, min(spare, visits // VISITS_A_THREAD))


@dataclass(frozen=True, slots=True)
class EngineSetup:
    """An engine and a network that can be started as they are.

    ``environment`` is added to the process environment, ``config`` are extra
    ``key = value`` lines for the analysis config (for example
    ``openclTunerFile``). ``is_gpu`` decides the default budgets. ``threads``
    are those to use instead of the hardware's default, ``devices`` the GPUs to
    use, by the engine's own numbers; empty: the one that the engine chooses.
    ``human_network`` is a second network that imitates players of a rank (``-human-model``).
    """

    katago: Path
    network: Path
    origin: Origin
    backend: str = "unknown"
    device: str = ""
    is_gpu: bool = False
    environment: tuple[tuple[str, str], ...] = ()
    config: tuple[tuple[str, str], ...] = ()
    threads: Threads | None = None
    devices: tuple[int, ...] = ()
    human_network: Path | None = None
