"""What the measurements of the engine share: the engine to run on, games, and a review in this process."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from fakes.engines import fake_setup
from fakes.plain_sgf import write_sgf
from modelled_card import CARDS

from pipeline import watching
from pipeline.app import equipped, make_publisher, network_key
from pipeline.console import QuietReporter, Reporter
from pipeline.deadline import Deadline
from pipeline.engine.provision import find_setup
from pipeline.engine.setup import EngineSetup, Threads
from pipeline.engine.work import EngineOptions
from pipeline.inbox.intake import IntakeGame, collect, read_all
from pipeline.outcome import RunSummary
from pipeline.plan import AnalysisProfile, Strategy
from pipeline.press import Press
from pipeline.pressroom import PressRoom
from pipeline.publish import Folders, PlannedGame
from pipeline.search import BatchSearch
from pipeline.settings import FolderSettings, Settings

MODEL = Path(__file__).with_name("modelled_engine.py")


def real_setup(network: Path | None, katago: Path | None = None) -> EngineSetup:
    """The engine of this machine, run as a review runs it, with another network or another program if one is named."""
    setup = find_setup(katago=katago, network=network)
    if setup is None:
        sys.exit("no engine: run ./fupan engine install first")
    return equipped(setup, Settings())[0]


def made_up_setup(folder: Path, visit_us: float) -> EngineSetup:
    """The fake engine, taking so many microseconds a visit on a 19x19 board."""
    setup = fake_setup(folder, f"visit_us={visit_us}")
    network = folder / "fake.bin"
    network.write_bytes(b"fake-b1c1\n8\n")
    return replace(setup, network=network)


def card_setup(folder: Path, name: str, scale: float) -> EngineSetup:
    """The modelled engine, as fast as a card times ``scale``, with the threads of a review on it."""
    setup = made_up_setup(folder, 0.0)
    setup.katago.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "{MODEL}" "$@"\n')
    environment = (*setup.environment, ("MODELLED_CARD", name), ("MODELLED_SCALE", str(scale)))
    return replace(setup, environment=environment, threads=CARDS[name].threads, is_gpu=True)


def model_notes(folder: Path) -> list[dict[str, float]]:
    """What the modelled engines of this folder took of the processor, one entry a start."""
    path = folder / "model.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def add_options(parser: ArgumentParser, **defaults: object) -> None:
    """What all of them ask: engine, network, games and budgets, with these defaults."""
    parser.add_argument("folders", nargs="*", type=Path, default=[Path("samples")])
    parser.add_argument("--engine", choices=["fake", "real", "card"])
    for name in ("--network", "--katago"):
        parser.add_argument(name, type=Path)
    for name in ("--games", "--visits", "--quick", "--max-moves"):
        parser.add_argument(name, type=int)
    parser.add_argument("--strategy", choices=["adaptive", "uniform"], default="adaptive")
    parser.add_argument("--visit-us", type=float, help="fake engine: microseconds a visit on 19x19")
    parser.add_argument("--card", choices=sorted(CARDS), default="h100-cuda", help="engine card: which one")
    parser.add_argument("--scale", type=float, default=0.25, help="engine card: a factor of its speed")
    parser.add_argument("--plain-end", action="store_true", help="no free search threads for the last positions")
    parser.set_defaults(**defaults)


def chosen_setup(options: Namespace, folder: Path) -> EngineSetup:
    """The engine that was asked for; a fake one lies in ``folder``."""
    if options.plain_end:
        Threads.for_each = lambda threads, *_: threads.search  # type: ignore[method-assign]
    if options.engine == "card":
        return card_setup(folder, options.card, options.scale)
    if options.engine == "fake":
        return made_up_setup(folder, options.visit_us)
    return real_setup(options.network, options.katago)


def read_games(paths: Iterable[Path], count: int, most_moves: int) -> list[IntakeGame]:
    """Up to ``count`` games of 10 to ``most_moves`` moves from files and folders, sizes of boards mixed."""
    found = read_all(collect(list(paths)), FolderSettings()).games
    games = [game for game in found if 10 <= game.record.total_turns <= most_moves]
    games.sort(key=lambda game: game.record.game_id)
    piles: dict[int, list[IntakeGame]] = {}
    for game in games:
        piles.setdefault(game.record.width * game.record.height, []).append(game)
    chosen: list[IntakeGame] = []
    while len(chosen) < count and any(piles.values()):
        for pile in piles.values():
            if pile and len(chosen) < count:
                chosen.append(pile.pop())
    return chosen


def planned(
    games: Iterable[IntakeGame], setup: EngineSetup, visits: int, quick: int, strategy: str
) -> list[PlannedGame]:
    """The games with what is to be searched of them."""
    profile = AnalysisProfile(network_key(setup.network), visits, quick, Strategy(strategy))
    return [PlannedGame(game, profile) for game in games]


def review(
    games: list[PlannedGame],
    setup: EngineSetup,
    output: Path,
    *,
    reporter: Reporter | None = None,
    options: EngineOptions | None = None,
    press: Press | None = None,
    deadline: Deadline | None = None,
) -> RunSummary:
    """A whole review, as ``fupan review`` makes it once the files are read."""
    folders = Folders(output)
    folders.create()
    publisher = make_publisher(FolderSettings({"output": {"folder": output}}).general, press=press or PressRoom())
    summary = RunSummary()
    search = BatchSearch(folders, publisher, reporter or QuietReporter(), summary, deadline=deadline, options=options)
    search.run(games, setup)
    return summary


def watched(
    games: Iterable[IntakeGame],
    setup: EngineSetup,
    place: Path,
    options: Namespace,
    *,
    reporter: Reporter,
    until: datetime | None,
) -> RunSummary:
    """The games through the queue, as ``fupan watch --once`` takes them out of a folder; ``place`` is empty."""
    inbox = place / "inbox"
    inbox.mkdir(parents=True)
    for number, game in enumerate(games):
        (inbox / f"{number:03}.sgf").write_text(write_sgf(game.record), encoding="utf-8")
    settings = FolderSettings(
        {
            "output": {"folder": place / "output"},
            "analysis": {"visits": options.visits, "quick": options.quick, "strategy": options.strategy},
            "inbox": {"settle_seconds": 0.1},
        }
    )
    watching.find_engine = lambda *_: setup
    return watching.WatchRun(settings, reporter, once=True, until=until).run(inbox)
