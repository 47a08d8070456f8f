"""Setups of the fake engine, and games to search."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pipeline.engine.config import MachineFacts, Threads
from pipeline.engine.launch import LaunchOptions
from pipeline.engine.setup import EngineSetup, Origin
from pipeline.engine.supervisor import EngineOptions, SearchJob
from pipeline.go.board import Color, Point
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.plan import PositionRequest

FAKE = Path(__file__).with_name("fake_katago.py")


def fake_setup(folder: Path, faults: str = "", *, state: bool = True) -> EngineSetup:
    """An engine that behaves as ``faults`` says (see ``fake_katago``); its notes lie in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "katago"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "{FAKE}" "$@"\n')
    program.chmod(0o755)
    network = folder / "fake.bin.gz"
    network.write_bytes(b"not a network")
    environment = [("FAKE_KATAGO_FAULTS", faults)]
    if state:
        environment.append(("FAKE_KATAGO_STATE", str(folder)))
    return EngineSetup(program, network, Origin.FLAG, environment=tuple(environment))


def quick_options(**changes: object) -> EngineOptions:
    """Options with short patience for the fake engine."""
    values: dict[str, object] = {
        "machine": MachineFacts(cpu_count=2),
        "threads": Threads(2, 1),
        "launch": LaunchOptions(start_timeout=30, start_silence=20),
        "stall_floor": 0.5,
        "stall_factor": 1.0,
        "tick": 0.05,
        "idle_poll": 0.01,
        "backoff_first": 0.01,
        "backoff_max": 0.05,
        "close_patience": 5.0,
    }
    return EngineOptions(**{**values, **changes})  # type: ignore[arg-type]


def spiral_game(moves: int = 30, size: int = 9, ruleset: Ruleset = Ruleset.CHINESE, **fields: object) -> GameRecord:
    """A legal game of alternating moves along the rows, with free points left between them."""
    points = [Point(c, r) for r in range(0, size, 2) for c in range(size)]
    colors = (Color.BLACK, Color.WHITE)
    played = tuple(Move(colors[i % 2], points[i]) for i in range(moves))
    return GameRecord(size, size, played, 7.5, ruleset, **fields)  # type: ignore[arg-type]


def jobs_of(record: GameRecord, visits: int = 20, key: str = "game") -> list[SearchJob]:
    """Every position of a game."""
    return [
        SearchJob((key, turn), record, PositionRequest(turn, visits, "deep")) for turn in range(record.total_turns + 1)
    ]


def searched(folder: Path) -> list[int]:
    """Turns that the fake engine has searched to the end, in order."""
    path = folder / "searched"
    return [int(line.split()[0]) for line in path.read_text().splitlines()] if path.exists() else []


def alive(pid: int) -> bool:
    """Whether a process still runs (a zombie counts as ended)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")
