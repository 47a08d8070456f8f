"""A whole run beside the other batch tools: same engine, network, games and visits, wall-clock time of everything.

    PYTHONPATH=tests:benchmarks .venv/bin/python benchmarks/peers.py --network FILE [--katawrap FOLDER]
        [--analyze-sgf FOLDER] [--katagoanal FOLDER] [--games 3] [--visits 30] [--size 19] [--max-moves 80]
        [--rounds 2] [--loops] [--engine fake] [GAMES ...]

The folders are checkouts of the tools: github.com/kaorahi/katawrap (with chardet on PYTHONPATH),
github.com/9beach/analyze-sgf (after ``npm install --omit=dev`` in it), and katagoanal's wheel from PyPI,
unpacked (with sgfmill on PYTHONPATH). A tool that is not given is left out; one that fails shows what it said.

Each runs as its user runs it, one after the other, every other round backwards: from the command to its end,
start of the engine and writing of the results included (ours prints the reports as well). All get the
configuration that this program generates, and uniform visits. ``visits/s`` counts positions times visits over the
whole time. ``cpu_seconds`` is the time of the whole process tree, on a busy machine worth more than the clock; the
engine's is missing where a tool does not wait for its end (katawrap).

``--loops`` adds two minimal loops, with nothing around them, of the query patterns that are common elsewhere:
one position at a time as an interactive program asks, and one query a game with the next game after it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from engine_runs import made_up_setup, read_games, real_setup
from fakes.plain_sgf import write_sgf

from pipeline.engine.config import default_threads, engine_config
from pipeline.engine.protocol import QueryOptions, build_query
from pipeline.engine.provision import cache_dir
from pipeline.engine.setup import EngineSetup
from pipeline.engine.startup import machine_facts
from pipeline.go.record import GameRecord

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 3600


@dataclass(frozen=True)
class Place:
    """What all get: the games as files, the engine behind a script, its config and network."""

    folder: Path
    games: tuple[Path, ...]
    records: tuple[GameRecord, ...]
    katago: Path
    config: Path
    network: Path
    visits: int
    is_fake: bool

    @property
    def engine(self) -> list[str]:
        """The command that starts the engine."""
        return [str(self.katago), "analysis", "-config", str(self.config), "-model", str(self.network)]


def prepare(folder: Path, setup: EngineSetup, records: Sequence[GameRecord], visits: int, *, is_fake: bool) -> Place:
    """Write games, script and config."""
    games = folder / "games"
    games.mkdir()
    paths = []
    for number, record in enumerate(records):
        paths.append(games / f"game{number}.sgf")
        paths[-1].write_text(write_sgf(record), encoding="utf-8")
    katago = folder / "katago.sh"
    variables = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in setup.environment)
    version = "[ $1 = version ] && { echo KataGo v1.18.1; echo Using OpenCL backend; exit; }\n" if is_fake else ""
    start = f'exec {shlex.quote(str(setup.katago))} "$@"\n'
    katago.write_text(f"#!/bin/sh\n{version}{variables}{start}", encoding="utf-8")
    katago.chmod(0o755)
    machine = machine_facts(gpus=max(1, len(setup.devices)))
    threads = default_threads(setup, machine)
    config = folder / "analysis.cfg"
    home = cache_dir() / "home"
    config.write_text(engine_config(setup, machine, home=home, threads=threads), encoding="utf-8")
    return Place(folder, tuple(paths), tuple(records), katago, config, setup.network, visits, is_fake)


def ours(place: Place, output: Path) -> tuple[list[str], dict[str, str], str]:
    """This program; with the provisioned engine it finds everything itself."""
    engine = ["--katago", str(place.katago)] if place.is_fake else []
    command = [sys.executable, "-m", "pipeline", "review", str(place.games[0].parent), "--output", str(output)]
    command += ["--visits", str(place.visits), "--quick", "0", "--strategy", "uniform"]
    return [*command, *engine, "--network", str(place.network)], {"PYTHONPATH": str(ROOT)}, ""


def katawrap(tool: Path, place: Place) -> tuple[list[str], dict[str, str], str]:
    """Names of files on standard input, one line an answer on standard output."""
    program = next(tool.rglob("katawrap.py"))
    command = [sys.executable, str(program), "-silent", "-visits", str(place.visits), *place.engine]
    return command, {}, "".join(f"{path}\n" for path in place.games)


def analyze_sgf(tool: Path, place: Place, output: Path) -> tuple[list[str], dict[str, str], str]:
    """Starts the engine anew for each game; reads its settings from the home folder."""
    size = place.records[0].width
    settings = (tool / "src" / "analyze-sgf.yml").read_text(encoding="utf-8")
    for line in settings.splitlines():
        key = line.strip()
        for name, value in (
            ("path:", json.dumps(str(place.katago))),
            ("arguments:", json.dumps(shlex.join(place.engine[1:]))),
            ("maxVisits:", place.visits),
            ("boardXSize:", size),
            ("boardYSize:", size),
            ("rules:", '"chinese"'),
        ):
            if key.startswith(name):
                settings = settings.replace(line, f"  {name} {value}")
    (output / ".analyze-sgf.yml").write_text(settings, encoding="utf-8")
    copies = [output / path.name for path in place.games]
    for source, copy in zip(place.games, copies, strict=True):
        copy.write_bytes(source.read_bytes())
    return ["node", str(tool / "src" / "index.js"), *map(str, copies)], {"HOME": str(output)}, ""


def katagoanal(tool: Path, place: Place, output: Path) -> tuple[list[str], dict[str, str], str]:
    """One query a game, one game after the other."""
    home = output / "katagoanal"
    home.mkdir()
    paths = {"binary": str(place.katago), "config": str(place.config), "model": str(place.network)}
    (home / "paths.json").write_text(json.dumps(paths), encoding="utf-8")
    command = [sys.executable, "-c", "import sys; from KataGoAnal.cli import inject_main; sys.exit(inject_main())"]
    command += [*map(str, place.games), "--visits", str(place.visits), "-o", str(output)]
    return command, {"PYTHONPATH": str(tool), "XDG_CONFIG_HOME": str(output)}, ""


def loop(place: Place, *, at_once: Callable[[GameRecord], int]) -> None:
    """Ask for so many positions, wait for all of them, ask for the next."""
    options = QueryOptions()
    with subprocess.Popen(
        place.engine, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as engine:
        assert engine.stdin is not None
        assert engine.stdout is not None
        for record in place.records:
            count = at_once(record)
            turns = list(range(record.total_turns + 1))
            for begin in range(0, len(turns), count):
                for turn in turns[begin : begin + count]:
                    engine.stdin.write(build_query(f"t{turn}", record, turn, place.visits, options=options) + "\n")
                engine.stdin.flush()
                for _ in turns[begin : begin + count]:
                    json.loads(engine.stdout.readline())
        engine.stdin.close()


def children_cpu() -> float:
    """CPU seconds of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def timed(work: Callable[[], str]) -> dict[str, float | str]:
    """Wall and CPU seconds; ``failed`` with the reason if it did not do its work."""
    cpu, begun = children_cpu(), time.monotonic()
    failed = work()
    found: dict[str, float | str] = {"seconds": time.monotonic() - begun, "cpu_seconds": children_cpu() - cpu}
    return found | ({"failed": failed} if failed else {})


def command_work(
    prepared: tuple[list[str], dict[str, str], str], output: Path, wanted: Callable[[str], int], count: int
) -> str:
    """Run a tool; returns what went wrong."""
    command, environment, text = prepared
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        cwd=output,
        timeout=PATIENCE,
        check=False,
    )
    found = wanted(done.stdout)
    if done.returncode or found != count:
        return f"exit code {done.returncode}, {found} of {count} results: {done.stderr[-400:]}"
    return ""


def contenders(options: argparse.Namespace, place: Place) -> dict[str, Callable[[Path], str]]:
    """What is compared: name -> what runs it in a folder of its own and says what went wrong."""
    games = len(place.games)
    positions = sum(record.total_turns + 1 for record in place.records)
    found: dict[str, Callable[[Path], str]] = {
        "fupan": lambda out: command_work(ours(place, out), out, lambda _: len([*out.rglob("*.pdf")]), games)
    }
    if options.katawrap:
        found["katawrap"] = lambda out: command_work(
            katawrap(options.katawrap.resolve(), place), out, lambda text: len(text.splitlines()), positions
        )
    if options.analyze_sgf:
        found["analyze-sgf"] = lambda out: command_work(
            analyze_sgf(options.analyze_sgf.resolve(), place, out),
            out,
            lambda _: len([*out.glob("*-analyzed.sgf")]),
            games,
        )
    if options.katagoanal:
        found["katagoanal"] = lambda out: command_work(
            katagoanal(options.katagoanal.resolve(), place, out),
            out,
            lambda _: len([*out.glob("*.injected.sgf")]),
            games,
        )
    if options.loops:
        found["loop: one position at a time"] = lambda _: str(loop(place, at_once=lambda _: 1) or "")
        found["loop: one game at a time"] = lambda _: str(loop(place, at_once=lambda r: r.total_turns + 1) or "")
    return found


def summed_up(done: list[dict[str, float | str]], ours: list[dict[str, float | str]], visits: int) -> dict[str, object]:
    """The figures of one tool over its rounds; ratios only where it did its work."""
    failures = [run["failed"] for run in done if "failed" in run]
    if failures:
        return {"failed": failures}
    seconds, cpu = (fmean(float(run[name]) for run in done) for name in ("seconds", "cpu_seconds"))
    of_ours = fmean(float(run["seconds"]) for run in ours)
    return {
        "seconds": round(seconds, 1),
        "visits_per_second": round(visits / seconds, 1),
        "times_ours": round(seconds / of_ours, 2),
        "cpu_seconds": round(cpu, 2),
    }


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / "samples"])
    parser.add_argument("--engine", choices=["real", "fake"], default="real")
    parser.add_argument("--visit-us", type=float, default=1000.0, help="fake engine: microseconds a visit")
    parser.add_argument("--network", type=Path)
    for name in ("--katawrap", "--analyze-sgf", "--katagoanal"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--games", type=int, default=3)
    parser.add_argument("--visits", type=int, default=30)
    parser.add_argument("--size", type=int, default=19)
    parser.add_argument("--max-moves", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--loops", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        is_fake = options.engine == "fake"
        setup = made_up_setup(folder, options.visit_us) if is_fake else real_setup(options.network)
        found = [game.record for game in read_games(options.paths, 1000, options.max_moves)]
        square = [record for record in found if record.width == record.height == options.size][: options.games]
        if not square:
            sys.exit("no game of this size")
        place = prepare(folder, setup, square, options.visits, is_fake=is_fake)
        runs: dict[str, list[dict[str, float | str]]] = {}
        everyone = contenders(options, place)
        for number in range(options.rounds):
            for who in list(everyone) if number % 2 == 0 else reversed(everyone):
                with tempfile.TemporaryDirectory(dir=folder) as output:
                    out = Path(output)
                    runs.setdefault(who, []).append(timed(lambda who=who, out=out: everyone[who](out)))
                print(who, runs[who][-1], file=sys.stderr, flush=True)
        positions = sum(record.total_turns + 1 for record in square)
        figures = {
            "games": len(square),
            "positions": positions,
            "visits": options.visits,
            "tools": {who: summed_up(done, runs["fupan"], positions * options.visits) for who, done in runs.items()},
        }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    return int(any("failed" in run for run in runs["fupan"]))


if __name__ == "__main__":
    sys.exit(main())
