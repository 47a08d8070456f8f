"""How long until the work goes on when a machine, an engine or the database fails, and what is searched twice.

    PYTHONPATH=$PWD:$PWD/tests python benchmarks/takeover.py [--rounds 3] [--cases killed,hung] [--away 60]
        [--limit 90] [--network FILE.bin.gz]

Each round takes one game into a fresh queue and starts one or two ``fupan
worker`` on PostgreSQL (SQLite: one ``fupan watch``), strikes while the game is
searched, and measures the seconds until the journal has a position that it did
not have before. Nothing is done by hand after that: the round waits for the
final report and counts the positions that were in the journal at the strike and
were searched again all the same, with no more visits.

killed       the worker that has the game, and its engine, get SIGKILL; another one is idle
frozen       the same processes stand still (SIGSTOP), and go on when the other worker has finished
cut_off      the same worker loses its network (a namespace of its own; needs root and ``ip``), and finds it again
hung         the engine stands still; its own worker has to notice
restarted    the database server is crashed and is away for ``--away`` seconds
sqlite       the only program is killed and started again at once, as a service is

The fake engine takes two seconds for each position. With ``--network`` the real
one searches, behind a filter that notes what it answers. Exit code 1 when something
was lost, searched again, or took longer than ``--limit`` seconds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil
import psycopg
from fakes import program
from fakes.postgres import PostgresServer
from fakes.program import Running, fupan, set_up, sgf

from pipeline.engine.provision import ensure_setup

SLOW = "slow=2000"
PATIENCE = 1200.0
OWN_NETWORK = ("fupan-cut", "fupan-cut0", "fupan-cut1", "10.213.77.1", "10.213.77.2")
FILTER = Path(__file__).with_name("noting_engine.py")
Stored = dict[int, int]
Network = tuple[tuple[str, ...], Callable[[bool], None]]  # how to start a program in it, and how to cut it off


@dataclass(slots=True)
class Round:
    """One game in one fresh queue, and what is seen of it."""

    place: Path
    server: PostgresServer | None
    url: str
    away: float
    network: Network
    before: Stored = field(default_factory=dict)
    noted: int = 0
    seconds: float = float("nan")

    def stored(self) -> Stored:
        """Turn -> visits in the journal, which the first worker makes."""
        query = "SELECT turn, visits FROM evaluation_journal"
        with suppress(psycopg.errors.UndefinedTable, sqlite3.OperationalError):
            if self.url:
                with psycopg.connect(self.url) as server:
                    return dict(server.execute(query).fetchall())
            with closing(sqlite3.connect(self.place / "output" / "state" / "fupan.db", timeout=30)) as file:
                return dict(file.execute(query).fetchall())
        return {}

    def searched(self) -> list[tuple[int, int]]:
        """Turn and visits of every search that an engine finished."""
        path = self.place / "engine" / "searched"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(int(turn), int(visits)) for turn, visits in (line.split() for line in lines)]

    def start(self, *command: str, prefix: tuple[str, ...] = ()) -> Running:
        """A program on this queue."""
        return Running(self.place, *command, faults=SLOW, prefix=prefix)

    def wait_for_work(self, running: Running) -> None:
        """Until some positions are finished."""
        running.wait_for(lambda: len(self.stored()) > 2, PATIENCE)

    def strike(self) -> None:
        """What was there when it happened; to be called before."""
        self.before, self.noted = self.stored(), len(self.searched())
        self.seconds = time.monotonic()

    def goes_on(self) -> None:
        """Wait for the first new position, or until all are published and the journal is empty."""
        started, known = self.seconds, self.before
        while (stored := self.stored()) and all(visits <= known.get(turn, 0) for turn, visits in stored.items()):
            if time.monotonic() - started > PATIENCE:
                self.seconds = float("nan")
                return
            time.sleep(0.1)
        self.seconds = time.monotonic() - started

    def outcome(self) -> dict[str, object]:
        """The figures."""
        output = self.place / "output"
        again = [turn for turn, visits in self.searched()[self.noted :] if visits <= self.before.get(turn, 0)]
        reports = [path.read_bytes() for path in (output / "reports").glob("*.pdf")]
        return {
            "seconds_until_it_goes_on": round(self.seconds, 1),
            "finished_at_the_strike": len(self.before),
            "finished_and_searched_again": len(again),
            "reports": len(reports),
            "final_reports": sum(b"deep" in report for report in reports),
            "in_dataset": len(list((output / "evaluations" / "games").glob("*.parquet"))),
        }


def family(running: Running) -> list[psutil.Process]:
    """A program with its engine."""
    parent = psutil.Process(running.process.pid)
    return [parent, *parent.children(recursive=True)]


def finish(running: Running) -> None:
    """Let it print the final report, and end it."""
    running.wait_for("深度版", PATIENCE)
    end(running)


def end(running: Running) -> None:
    """As Ctrl-C does, or a service that is stopped."""
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(PATIENCE)


def killed(round_: Round) -> None:
    """SIGKILL for the worker that has the only game; the other one is idle."""
    with round_.start("worker") as one:
        one.wait_for("引擎就绪", PATIENCE)
        with round_.start("worker") as two:
            two.wait_for("本机加入队列", PATIENCE)
            round_.wait_for_work(one)
            round_.strike()
            for process in family(one):
                process.kill()
            round_.goes_on()
            finish(two)


def frozen(round_: Round) -> None:
    """All of them stand still, and go on when the other one has finished."""
    with round_.start("worker") as one:
        one.wait_for("引擎就绪", PATIENCE)
        with round_.start("worker") as two:
            two.wait_for("本机加入队列", PATIENCE)
            round_.wait_for_work(one)
            round_.strike()
            stopped = family(one)
            for process in stopped:
                process.suspend()
            round_.goes_on()
            finish(two)
            for process in stopped:
                process.resume()
            still_works(one)


def cut_off(round_: Round) -> None:
    """The worker loses its network, and finds it again when the other one has finished."""
    prefix, cut = round_.network
    with round_.start("worker", prefix=prefix) as one:
        one.wait_for("引擎就绪", PATIENCE)
        with round_.start("worker") as two:
            two.wait_for("本机加入队列", PATIENCE)
            round_.wait_for_work(one)
            round_.strike()
            cut(True)
            round_.goes_on()
            finish(two)
            cut(False)
            still_works(one)


def hung(round_: Round) -> None:
    """The engine stands still."""
    with round_.start("worker") as one:
        round_.wait_for_work(one)
        round_.strike()
        for process in family(one)[1:]:
            process.suspend()
        round_.goes_on()
        finish(one)


def restarted(round_: Round) -> None:
    """The database is away; the clock starts when it is back."""
    assert round_.server is not None
    with round_.start("worker") as one:
        round_.wait_for_work(one)
        round_.strike()
        round_.server.stop(hard=True)
        time.sleep(round_.away)
        round_.server.start()
        round_.seconds = time.monotonic()
        round_.goes_on()
        finish(one)


def sqlite(round_: Round) -> None:
    """Killed and started again."""
    with round_.start("watch", "inbox") as one:
        round_.wait_for_work(one)
        round_.strike()
        for process in family(one):
            process.kill()
    with round_.start("watch", "inbox") as two:
        round_.goes_on()
        finish(two)


def still_works(running: Running) -> None:
    """A worker that comes back lives, has nothing to do, and ends in order."""
    time.sleep(20.0)
    assert running.process.poll() is None, running.said
    end(running)


@contextmanager
def own_network() -> Iterator[Network]:
    """A network of its own for one machine."""
    name, outside, inside, our_address, address = OWN_NETWORK

    def ip(*arguments: str) -> None:
        subprocess.run(["ip", *arguments], check=True)

    ip("netns", "add", name)
    try:
        ip("link", "add", outside, "type", "veth", "peer", "name", inside)
        ip("link", "set", inside, "netns", name)
        ip("addr", "add", f"{our_address}/30", "dev", outside)
        ip("link", "set", outside, "up")
        for arguments in (
            ("addr", "add", f"{address}/30", "dev", inside),
            *(("link", "set", d, "up") for d in ("lo", inside)),
        ):
            ip("-n", name, *arguments)
        yield ("ip", "netns", "exec", name), lambda is_cut: ip("link", "set", outside, "down" if is_cut else "up")
    finally:
        subprocess.run(["ip", "link", "del", outside], check=False)
        ip("netns", "del", name)


CASES: dict[str, Callable[[Round], None]] = {
    case.__name__: case for case in (killed, frozen, cut_off, hung, restarted, sqlite)
}


def real_engine(place: Path, network: Path) -> None:
    """Put this machine's own engine in the fake one's place, behind the filter."""
    setup = ensure_setup()
    with gzip.open(network) as packed, (place / "engine" / "net.bin").open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    exports = "".join(f'export {name}="{value}"\n' for name, value in setup.environment)
    overrides = ",".join(f"{key}={value}" for key, value in setup.config)
    more = f'-override-config "{overrides}"' if overrides else ""
    (place / "engine" / "katago").write_text(
        f'#!/bin/sh\n{exports}if [ "$1" = version ]; then exec "{setup.katago}" version; fi\n'
        f'exec "{sys.executable}" "{FILTER}" "{place / "engine" / "searched"}" "{setup.katago}" "$@" {more}\n'
    )


def run(
    case: Callable[[Round], None], server: PostgresServer, network: Network, options: argparse.Namespace
) -> dict[str, object]:
    """One round."""
    with tempfile.TemporaryDirectory() as folder:
        place = set_up(Path(folder))
        if options.network:
            real_engine(place, options.network)
        url = "" if case is sqlite else server.database()
        if case is cut_off:
            url = url.replace("127.0.0.1", OWN_NETWORK[3])
        if url:
            (place / "fupan.toml").write_text(f'[state]\nurl = "{url}"\n')
        (place / "inbox" / "0.sgf").write_bytes(sgf(0))
        fupan(place, "watch", "inbox", "--once", "--no-worker", limit=PATIENCE)
        round_ = Round(place, server if url else None, url, options.away, network)
        case(round_)
        return round_.outcome()


def is_bad(result: dict[str, object], limit: float) -> bool:
    """Whether something was lost, done twice or late."""
    counts = (
        result["finished_and_searched_again"],
        *(result[key] for key in ("final_reports", "reports", "in_dataset")),
    )
    return counts != (0, 1, 1, 1) or not float(str(result["seconds_until_it_goes_on"])) <= limit


def main() -> int:
    """Run all cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--cases", default=",".join(CASES), help="separated by commas")
    parser.add_argument("--away", type=float, default=60.0, help="seconds for which the database is away")
    parser.add_argument("--limit", type=float, default=90.0, help="seconds after which the work must go on")
    parser.add_argument("--network", type=Path, help="a .bin.gz: search with the real engine")
    options = parser.parse_args()
    program.ENTRY = [str(Path(__file__).with_name("without_printing.py"))]
    bad = 0
    for name in options.cases.split(","):
        hosts = (OWN_NETWORK[3],) if name == "cut_off" else ()
        results = []
        for _ in range(options.rounds):
            with ExitStack() as stack:
                network = stack.enter_context(own_network()) if hosts else ((), lambda _: None)
                server = stack.enter_context(PostgresServer(is_durable=True, also_on=hosts))
                results.append(run(CASES[name], server, network, options))
            print(name, json.dumps(results[-1]), flush=True)
            bad += is_bad(results[-1], options.limit)
        seconds = [float(str(result["seconds_until_it_goes_on"])) for result in results]
        print(
            f"{name}: {len(results)} rounds, median {median(seconds):.1f} s, longest {max(seconds):.1f} s", flush=True
        )
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
