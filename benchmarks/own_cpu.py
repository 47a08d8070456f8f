"""What an answer of the engine costs our own process: no engine runs, so a busy machine does not disturb it.

    PYTHONPATH=tests:benchmarks .venv/bin/python benchmarks/own_cpu.py [--games 6] [--visits 160] [--quick 12]
        [--max-moves 120] [--strategy adaptive] [--profile] [FOLDER ...]

A whole review in this process. In the engine's place stands a stub that hands each query's answer back at
once, as a line of JSON of KataGo's shape and size (up to 40 candidates with variations, ownership with nine
digits), so that each answer is parsed, checked, stored and judged as the real ones are. Each comes alone, as
from a slow engine: one commit of the journal an answer. Making the answers up is not counted, printing
neither. The seconds are those of the driving thread's own CPU time; the pipes to the engine are left out
(``throughput.py`` has them).
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from engine_runs import made_up_setup, planned, read_games, review
from made_up_answers import Leads, Position, made_up_answer
from stand_in import StandIn

from pipeline import drive, gamework
from pipeline.engine import protocol
from pipeline.engine.setup import Threads
from pipeline.engine.work import PositionDone, PositionResult, SearchJob
from pipeline.go.record import GameRecord
from pipeline.publish import Publisher
from pipeline.store.journal import Journal

IN_FLIGHT = 8


class Clock:
    """CPU seconds of this thread by part of the work; what is made up in between is taken out."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self.made_up = 0.0

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count what is done inside."""
        begun, made_up = time.thread_time(), self.made_up
        try:
            yield
        finally:
            spent = time.thread_time() - begun - (self.made_up - made_up)
            self.parts[name] = self.parts.get(name, 0.0) + spent

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, counted as a part."""

        def wrapped(*arguments: Any, **more: Any) -> Any:
            with self.part(name):
                return function(*arguments, **more)

        return wrapped


def answer_for(query_id: str, record: GameRecord, turn: int, visits: int, leads: Leads, seed: int = 0) -> str:
    """A made-up answer for a position of a game that is known to its end; another ``seed``, other mistakes."""
    moves = [(move.color.value, move.vertex) for move in record.moves[: turn + 1]]
    start = f"{seed} {record.game_id}"
    lead, played = leads.after(start, moves[:turn]), None
    if turn < record.total_turns:
        played = record.moves[turn].point, leads.after(start, moves)
    position = Position(f"{start} {turn}", record.board_at(turn), record.to_move(turn), lead, played)
    return made_up_answer(query_id, protocol.reported_turn(record, turn), position, visits)


class InstantEngine(StandIn):
    """Answers at once."""

    clock: Clock
    answers = visits = 0
    threads = Threads(IN_FLIGHT, 1)
    visits_per_second = busy_seconds = 1.0

    def analyse(
        self, jobs: Iterable[SearchJob | None], look: Callable[[], object] = object
    ) -> Iterator[PositionResult]:
        """Answer each job, the oldest first."""
        clock, source = self.clock, iter(jobs)
        queries: list[SearchJob] = []
        sent = 0
        while True:
            for job in self._wanted(source, lambda: len(queries) < IN_FLIGHT):
                with clock.part("query"):
                    sent += 1
                    assert not self._referee.objection(job.record, job.request)
                    protocol.build_query(
                        f"p{sent}",
                        job.record,
                        job.request.turn,
                        job.request.visits,
                        options=protocol.QueryOptions(report_every=5.0),
                    )
                queries.append(job)
            if not queries:
                if self._is_over:
                    return
                look()
                continue
            job = queries.pop(0)
            begun = time.thread_time()
            line = answer_for("p1", job.record, job.request.turn, job.request.visits, self._leads)
            clock.made_up += time.thread_time() - begun
            with clock.part("parse and check"):
                event = protocol.parse_line(line)
                assert isinstance(event, protocol.Answer)
                evaluation = self._referee.judge(event, job.record, job.request, 0.1)
            type(self).answers += 1
            type(self).visits += evaluation.visits
            yield PositionDone(job, evaluation)
            look()


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path("samples")])
    parser.add_argument("--games", type=int, default=6)
    parser.add_argument("--visits", type=int, default=160)
    parser.add_argument("--quick", type=int, default=12)
    parser.add_argument("--strategy", choices=["adaptive", "uniform"], default="adaptive")
    parser.add_argument("--max-moves", type=int, default=120)
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    options = parser.parse_args()
    clock = InstantEngine.clock = Clock()
    drive.AnalysisEngine = InstantEngine  # type: ignore[misc, assignment]
    Publisher.publish = lambda *_, **__: Path("none.pdf")  # type: ignore[method-assign]
    for owner, name, part in (
        (drive, "next_round", "planning"),
        (gamework, "recall", "recall"),
        (drive, "encode", "encode and decode"),
        (drive, "decode", "encode and decode"),
        (Journal, "write", "journal"),
    ):
        setattr(owner, name, clock.timed(part, getattr(owner, name)))
    profile = cProfile.Profile()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        setup = made_up_setup(folder, 0.0)
        found = read_games(options.folders, options.games, options.max_moves)
        games = planned(found, setup, options.visits, options.quick, options.strategy)
        if options.profile:
            profile.enable()
        with clock.part("all"):
            review(games, setup, folder / "output")
        profile.disable()
    answers, visits = InstantEngine.answers, InstantEngine.visits
    whole = clock.parts.pop("all")
    per_answer = whole / answers
    figures = {
        "games": len(games),
        "answers": answers,
        "visits_per_answer": round(visits / answers, 1),
        "cpu_ms_per_answer": round(1000 * per_answer, 3),
        "of_it": {name: round(1000 * seconds / answers, 3) for name, seconds in sorted(clock.parts.items())}
        | {"the rest": round(1000 * (whole - sum(clock.parts.values())) / answers, 3)},
        "share_of_a_core_at_300_visits_s": round(300 * whole / visits, 4),
        "share_of_a_core_at_20000_visits_s_1000_a_position": round(20 * per_answer, 4),
    }
    print(json.dumps(figures, indent=2))
    if options.profile:
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
