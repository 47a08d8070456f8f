"""Raw evaluations: asked of an engine, kept in a database file, read back without one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine.provision import cache_dir
from pipeline.engine.setup import EngineSetup
from pipeline.engine.supervisor import AnalysisEngine
from pipeline.engine.work import PositionDone, SearchJob
from pipeline.evaluation import Evaluation
from pipeline.go.record import GameRecord
from pipeline.plan import ENOUGH, PositionRequest
from pipeline.store.journal import Journal
from pipeline.store.payload import stored_form


@dataclass(frozen=True, slots=True)
class Wanted:
    """One position of a record, to at least so many visits."""

    record: GameRecord
    turn: int
    visits: int


class Archive:
    """The database of raw evaluations of one network (known by the stem of its file)."""

    def __init__(self, path: Path, network: str) -> None:
        self._stack = ExitStack()
        self._journal = self._stack.enter_context(Journal(path))
        self._network = network
        self._known: dict[str, dict[int, Evaluation]] = {}

    def close(self) -> None:
        """Give back the database."""
        self._stack.close()

    def of(self, record: GameRecord) -> dict[int, Evaluation]:
        """Turn -> evaluation of a record, as far as it was searched."""
        key = record.game_id
        if key not in self._known:
            self._known[key] = self._journal.load(key, self._network)
        return self._known[key]

    def missing(self, wanted: Iterable[Wanted]) -> list[Wanted]:
        """What falls short of its budget."""
        short: dict[tuple[str, int], Wanted] = {}
        for item in wanted:
            found = self.of(item.record).get(item.turn)
            if found is None or found.visits < ENOUGH * item.visits:
                key = (item.record.game_id, item.turn)
                if key not in short or short[key].visits < item.visits:
                    short[key] = item
        return list(short.values())

    def keep(self, record: GameRecord, evaluation: Evaluation) -> None:
        """Store one answer, durably."""
        value = stored_form(evaluation)
        self._journal.put(record.game_id, self._network, value)
        self.of(record)[value.turn] = value


def search(archive: Archive, wanted: Iterable[Wanted], *, setup: EngineSetup, logs: Path) -> None:
    """Ask the engine for all that is missing, in the order given; may be stopped at any time."""
    jobs = archive.missing(wanted)
    if not jobs:
        return
    total, done = sum(job.visits for job in jobs), 0
    with AnalysisEngine(setup, state_dir=cache_dir() / "home", log_dir=logs) as engine:
        engine.start()
        for answered, outcome in enumerate(engine.analyse(_jobs(jobs)), start=1):
            if isinstance(outcome, PositionDone):
                archive.keep(outcome.job.record, outcome.evaluation)
            else:
                print(f"not searched: {outcome.job.record.source.file} {outcome.error.message}", file=sys.stderr)
            done += outcome.job.request.visits
            if answered % 20 == 0 or answered == len(jobs):
                print(f"{answered} of {len(jobs)} positions, {done} of {total} visits", file=sys.stderr, flush=True)


def _jobs(wanted: Iterable[Wanted]) -> Iterator[SearchJob]:
    for index, item in enumerate(wanted):
        yield SearchJob(index, item.record, PositionRequest(item.turn, item.visits, "deep"))
