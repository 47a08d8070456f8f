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


@dataclass(frozen=True, slots=True)
class EngineSetup:
    """An engine and a network that can be started as they are.

    ``environment`` is added to the process environment, ``config`` are extra
    ``key = value`` lines for the analysis config (for example
    ``openclTunerFile``). ``is_gpu`` decides the default budgets.
    """

    katago: Path
    network: Path
    origin: Origin
    backend: str = "unknown"
    device: str = ""
    is_gpu: bool = False
    environment: tuple[tuple[str, str], ...] = ()
    config: tuple[tuple[str, str], ...] = ()
