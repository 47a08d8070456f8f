"""How long until the work goes on when a machine, an engine or the database fails, and what is searched twice.

    PYTHONPATH=.:tests python benchmarks/takeover.py [--away 60]

Each case starts two ``fupan worker`` on one PostgreSQL server (SQLite: one
``fupan watch``) with the slow fake engine, waits until the game is being
searched, strikes, and measures the time until the next position is finished,
then lets all end and counts.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from fakes import program
from fakes.postgres import PostgresServer
from fakes.program import Running, fupan, searched, set_up, sgf

SLOW = "slow=1000"


def family(running: Running) -> list[psutil.Process]:
    """A program with its engine."""
    parent = psutil.Process(running.process.pid)
    return [parent, *parent.children(recursive=True)]


def done_so_far(place: Path) -> int:
    """Searches that were finished."""
    return sum(searched(place).values())


def wait(place: Path, more_than: int, limit: float = 300.0) -> float:
    """Seconds until more searches than these are finished."""
    started = time.monotonic()
    while done_so_far(place) <= more_than:
        if time.monotonic() - started > limit:
            return float("nan")
        time.sleep(0.05)
    return time.monotonic() - started


def outcome(place: Path, seconds: float, games: int, server: PostgresServer | None) -> dict[str, object]:
    """Let all be finished and count."""
    command = ["worker"] if server else ["watch", "inbox"]
    fupan(place, *command, "--once", limit=1200)
    output = place / "output"
    quick = sum(count for line, count in searched(place).items() if line.endswith(" 10"))
    return {
        "seconds_until_it_goes_on": round(seconds, 1),
        "reports": len(list((output / "reports").rglob("*.pdf"))),
        "quick_reports_left": sum(b"quick" in p.read_bytes() for p in (output / "reports").rglob("*.pdf")),
        "in_dataset": len(list((output / "evaluations" / "games").glob("*.parquet"))),
        "quick_positions_searched_twice": quick - games * 14,
    }


def killed(place: Path, server: PostgresServer, _: float) -> dict[str, object]:
    """SIGKILL for the worker that has the only game; the other one is idle."""
    with Running(place, "worker", faults=SLOW) as one:
        one.wait_for(lambda: done_so_far(place) > 2)
        with Running(place, "worker", faults=SLOW) as two:
            two.wait_for("本机加入队列")
            for process in family(one):
                process.kill()
            time.sleep(1.0)
            seconds = wait(place, done_so_far(place))
            two.wait_for("深度版", 300)
            two.stop(signal.SIGTERM)
    return outcome(place, seconds + 1.0, 1, server)


def cut_off(place: Path, server: PostgresServer, _: float) -> dict[str, object]:
    """All processes of a worker stand still, and go on when another one has finished its game."""
    with Running(place, "worker", faults=SLOW) as one:
        one.wait_for(lambda: done_so_far(place) > 2)
        with Running(place, "worker", faults=SLOW) as two:
            two.wait_for("本机加入队列")
            stopped = family(one)
            for process in stopped:
                process.suspend()
            time.sleep(1.0)
            seconds = wait(place, done_so_far(place))
            two.wait_for("深度版", 300)
            for process in stopped:
                process.resume()
            time.sleep(10.0)
            assert one.process.poll() is None, one.said
            one.stop(signal.SIGTERM)
            two.stop(signal.SIGTERM)
    return outcome(place, seconds + 1.0, 1, server)


def hung(place: Path, server: PostgresServer, _: float) -> dict[str, object]:
    """The engine stops answering; its own worker notices."""
    with Running(place, "worker", faults="slow=1000,hang=3@1") as one:
        one.wait_for(lambda: done_so_far(place) >= 3)
        seconds = wait(place, 3)
        one.wait_for("深度版", 600)
        one.stop(signal.SIGTERM)
    return outcome(place, seconds, 1, server)


def restarted(place: Path, server: PostgresServer, away: float) -> dict[str, object]:
    """The database is away for a while; the worker goes on by itself."""
    with Running(place, "worker", faults=SLOW) as one:
        one.wait_for(lambda: done_so_far(place) > 2)
        server.stop(hard=True)
        time.sleep(away)
        server.start()
        seconds = wait(place, done_so_far(place))
        one.wait_for("深度版", 300)
        one.stop(signal.SIGTERM)
    return outcome(place, seconds, 1, server)


def restarted_after_kill(place: Path, _server: None, _: float) -> dict[str, object]:
    """SQLite: the only program is killed and started again at once (as a service is)."""
    with Running(place, "watch", "inbox", faults=SLOW) as one:
        one.wait_for(lambda: done_so_far(place) > 2)
        for process in family(one):
            process.kill()
    seen = done_so_far(place)
    with Running(place, "watch", "inbox", faults=SLOW) as two:
        seconds = wait(place, seen)
        two.wait_for("深度版", 300)
        two.stop(signal.SIGTERM)
    return outcome(place, seconds, 1, None)


def main() -> int:
    """Run all cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--away", type=float, default=60.0, help="seconds for which the database is away")
    options = parser.parse_args()
    program.ENTRY = [str(Path(__file__).with_name("without_printing.py"))]
    cases: list[Callable[..., dict[str, object]]] = [killed, cut_off, hung, restarted, restarted_after_kill]
    with PostgresServer(is_durable=True) as server:
        for case in cases:
            with tempfile.TemporaryDirectory() as folder:
                place = set_up(Path(folder))
                is_shared = case is not restarted_after_kill
                if is_shared:
                    (place / "fupan.toml").write_text(f'[state]\nurl = "{server.database()}"\n')
                (place / "inbox" / "0.sgf").write_bytes(sgf(0))
                fupan(place, "watch", "inbox", "--once", "--no-worker")
                print(case.__name__, json.dumps(case(place, server if is_shared else None, options.away)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
