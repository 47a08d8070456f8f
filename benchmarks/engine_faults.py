"""Kill and stop the engine at random moments while games are reviewed; nothing may be lost, nothing counted twice.

    PYTHONPATH=tests .venv/bin/python benchmarks/engine_faults.py [--network FILE] [--games 12] [--kills 10]
        [--stops 2] [--gap 15] [--visits 24] [--quick 6] [--max-moves 120] [--seed 1] [FOLDER ...]

The real engine searches while another thread sends it SIGKILL, and now and
then SIGSTOP, which only the watchdog can notice (its patience is set short).
Counted are the positions that were stored, how often each was, what the
dataset holds at the end, and the positions that were open at each death: so
many, and no more, are searched twice. Exit code 1 when anything is missing or
stored twice, or when not all the kills found an engine to kill.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil
from engine_runs import planned, read_games, real_setup, review

from pipeline.engine.launch import LaunchOptions
from pipeline.engine.setup import EngineSetup
from pipeline.engine.work import EngineOptions
from pipeline.publish import PlannedGame
from pipeline.store.dataset import Dataset
from pipeline.store.journal import Entry, Journal
from pipeline.store.payload import decode


class Tormentor(threading.Thread):
    """Sends signals to the engine below this process, at random moments, once it has answered something."""

    def __init__(
        self, signals: list[signal.Signals], rng: random.Random, has_answered: Callable[[], bool], gap: float
    ) -> None:
        super().__init__(daemon=True)
        self.sent: list[str] = []
        self.over = threading.Event()
        self._signals = signals
        self._rng = rng
        self._has_answered = has_answered
        self._gap = gap

    def run(self) -> None:
        """Strike, wait, strike again."""
        for number in self._signals:
            while not self.over.wait(self._rng.uniform(0.2, self._gap)):
                if self._has_answered() and self._strike(number):
                    break

    def _strike(self, number: signal.Signals) -> bool:
        for child in psutil.Process().children():
            try:
                if "analysis" in child.cmdline() and child.status() != psutil.STATUS_STOPPED:
                    child.send_signal(number)
                    self.sent.append(number.name)
                    return True
            except psutil.NoSuchProcess:
                continue
        return False


class Deaths(logging.Handler):
    """Counts what was open when the engine died, from the supervisor's log."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[int] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        if str(record.msg).startswith("engine died") and isinstance(record.args, tuple):
            self.open.append(int(str(record.args[-1])))


def torment(
    games: list[PlannedGame],
    setup: EngineSetup,
    place: Path,
    signals: list[signal.Signals],
    seed: int,
    patience: float,
    gap: float,
) -> dict[str, object]:
    """Run it; returns the figures."""
    stored: Counter[tuple[str, int, str]] = Counter()
    write = Journal.write

    def counted(journal: Journal, entries: Iterable[Entry]) -> None:
        taken = list(entries)
        write(journal, taken)
        stored.update((entry.game_id, entry.turn, decode(entry.payload).level) for entry in taken)

    deaths = Deaths()
    supervisor = logging.getLogger("pipeline.engine.supervisor")
    supervisor.addHandler(deaths)
    tormentor = Tormentor(signals, random.Random(seed), lambda: bool(stored), gap)
    options = EngineOptions(
        stall_floor=patience,
        stall_factor=4.0,
        backoff_first=0.2,
        launch=LaunchOptions(restart_silence=2 * patience),
    )
    Journal.write = counted  # type: ignore[method-assign]
    tormentor.start()
    try:
        summary = review(games, setup, place, options=options)
    finally:
        tormentor.over.set()
        Journal.write = write  # type: ignore[method-assign]
        supervisor.removeHandler(deaths)
    dataset = Dataset(place / "evaluations")
    held = {p.game.record.game_id: set(dataset.load(p.game.record.game_id).evaluations) for p in games}
    missing = sum(len(set(range(p.game.record.total_turns + 1)) - held[p.game.record.game_id]) for p in games)
    return {
        "games": len(games),
        "reports": len(list((place / "reports").glob("*.pdf"))),
        "signals": tormentor.sent,
        "restarts": summary.restarts,
        "of_them_stalls": summary.stalls,
        "skipped": summary.skipped,
        "positions_in_dataset": sum(len(turns) for turns in held.values()),
        "positions_missing": missing,
        "searches_stored": sum(stored.values()),
        "stored_twice": sum(count > 1 for count in stored.values()),
        "open_at_each_death": deaths.open,
        "searched_twice_at_most": sum(deaths.open),
        "share_searched_twice": round(sum(deaths.open) / max(1, sum(stored.values())), 3),
    }


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path("samples")])
    parser.add_argument("--network", type=Path)
    parser.add_argument("--games", type=int, default=12)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--stops", type=int, default=2)
    parser.add_argument("--gap", type=float, default=15.0, help="seconds between two signals at most")
    parser.add_argument("--visits", type=int, default=24)
    parser.add_argument("--quick", type=int, default=6)
    parser.add_argument("--max-moves", type=int, default=120)
    parser.add_argument("--patience", type=float, default=6.0, help="seconds of silence that the watchdog allows")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    setup = real_setup(options.network)
    games = planned(
        read_games(options.folders, options.games, options.max_moves), setup, options.visits, options.quick, "adaptive"
    )
    signals = [signal.SIGKILL] * options.kills + [signal.SIGSTOP] * options.stops
    random.Random(options.seed).shuffle(signals)
    with tempfile.TemporaryDirectory() as folder:
        figures = torment(games, setup, Path(folder), signals, options.seed, options.patience, options.gap)
    print(json.dumps(figures, indent=2))
    lost = (figures["positions_missing"], figures["stored_twice"], len(games) - int(str(figures["reports"])))
    return int(any(lost) or len(figures["signals"]) < len(signals))  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
