"""``fupan engine benchmark``: measuring what is installed, and the threads that suit this machine."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pipeline
from pipeline import comparison
from pipeline.app import equipped, find_engine, threads_file
from pipeline.atomic import atomic_write_bytes
from pipeline.comparison import Row
from pipeline.console import Reporter, configure_logging
from pipeline.drive import TUNING
from pipeline.engine import hardware
from pipeline.engine.benchmark import BenchmarkOptions, run_benchmark
from pipeline.engine.identify import identify_katago, identify_network
from pipeline.engine.installed import InstalledNetwork, installed_engines, installed_networks, with_network
from pipeline.engine.provision import cache_dir
from pipeline.engine.remembered import Tuning, Tunings
from pipeline.engine.setup import EngineSetup
from pipeline.engine.startup import machine_facts
from pipeline.engine.tune import Candidate, Outcome, TuneOptions, Tuner, candidates_for
from pipeline.errors import ConfigError, DependencyError, FupanError
from pipeline.go.record import GameRecord
from pipeline.inbox.intake import collect, read_all
from pipeline.report.barchart import bar_chart, to_svg
from pipeline.report.raster import to_png
from pipeline.report.render import default_templates
from pipeline.settings import FolderSettings, Settings
from pipeline.wording import benchmark as words
from pipeline.wording.cli import ENGINE_TUNING

log = logging.getLogger(__name__)

FOLDER = "benchmark"
PAGE, DATA, SVG, PNG, TUNED = "benchmark.md", "benchmark.json", "benchmark.svg", "benchmark.png", "tuning.json"
_SAMPLES = Path(__file__).resolve().parent.parent / "samples"
_SHORTEST_GAME = 10


@dataclass(slots=True)
class Comparison:
    """One run over all engines and networks. Use :meth:`run` once.

    Args:
        settings: for the engine, the network and the output folder.
        reporter: shows what happens.
        katago: engines that the user names.
        networks: networks that the user names.
        folder: for the results.
        options: what is measured.

    ``rows`` are the results so far, also after Ctrl-C.
    """

    settings: Settings
    reporter: Reporter
    katago: Sequence[Path]
    networks: Sequence[Path]
    folder: Path
    options: BenchmarkOptions
    rows: list[Row] = field(default_factory=list)
    _failure: FupanError | None = None

    def run(self) -> list[Row]:
        """Measure every engine on every network; one that fails is a row that says why.

        The files are written after each measurement, so that a run that is
        stopped leaves what it has.

        Raises:
            DependencyError: nothing is installed, or what the user named is missing.
            ConfigError, StoreError: the folder cannot be written to.
            FupanError: that of the first engine, when every one failed.
        """
        engine = self.settings.engine
        networks = installed_networks(self.networks or [engine.network], only_named=bool(self.networks))
        if not networks:
            raise DependencyError("benchmark.no_network")
        own = [engine.katago] if engine.katago is not None else []
        setups = installed_engines([*self.katago, *own], networks[0].path, engine.prefer)
        if not setups:
            raise DependencyError("benchmark.no_engine")
        pairs = [(setup, network) for network in networks for setup in setups]
        self.reporter.message(words.START.format(count=len(pairs), minutes=self.options.limit / 60))
        for number, (setup, network) in enumerate(pairs, start=1):
            self._measure(setup, network, number, len(pairs))
            write_comparison(self.rows, self.folder)
        for name in (PAGE, DATA, SVG, PNG):
            if (self.folder / name).exists():
                self.reporter.message(words.WRITTEN.format(path=self.folder / name))
        if self._failure is not None and all(row.error for row in self.rows):
            raise self._failure
        return self.rows

    def _measure(self, engine: EngineSetup, network: InstalledNetwork, number: int, of: int) -> None:
        setup, parallelism = equipped(with_network(engine, network), self.settings)
        blank = Row(
            network.name,
            network.path.name,
            setup.backend,
            comparison.short_device(setup.device),
            analysis_speed=parallelism.tuning.visits_per_second if parallelism.tuning else 0.0,
        )
        say = self.reporter.message
        say(
            words.RUNNING.format(
                number=number,
                of=of,
                network=comparison.short_network(network.name),
                backend=comparison.backend_name(setup.backend),
                device=blank.device,
            )
        )
        try:
            identity = identify_katago(setup.katago, dict(setup.environment))
            variant = "AVX2" if identity.is_avx2 and identity.backend == "eigen" else ""
            blank = replace(blank, engine=identity.version, variant=variant)
            run = run_benchmark(
                setup,
                self.options,
                home=cache_dir() / "home",
                work_dir=self.folder / "logs",
                on_progress=_Progress(self.reporter),
            )
        except FupanError as error:
            log.warning("%s on %s: %s", setup.katago, network.name, error.message)
            say(words.FAILED.format(message=error.message, advice=error.advice))
            self.rows.append(replace(blank, error=error.message))
            self._failure = self._failure or error
            return
        row = comparison.row_of(run, blank)
        self.rows.append(row)
        say(words.RESULT.format(threads=row.threads, speed=words.speed(row.speed), top=words.speed(row.top_speed)))


class _Progress:
    """Says what KataGo is doing, each thing once: it ends with tests of other settings at the same threads."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._said: set[object] = set()

    def __call__(self, line: str, progress: tuple[int, int, int] | None) -> None:
        if TUNING in line:
            self._say_once(TUNING, ENGINE_TUNING)
        if progress is not None and progress[1] == progress[2]:
            threads, done, of = progress
            self._say_once(threads, words.PROGRESS.format(threads=threads, done=done, of=of))

    def _say_once(self, key: object, text: str) -> None:
        if key not in self._said:
            self._said.add(key)
            self._reporter.message(text)


def write_comparison(rows: Sequence[Row], folder: Path) -> None:
    """Write table, data and charts.

    Raises:
        ConfigError, StoreError: the folder cannot be written to.
        DependencyError: the fonts are missing.
    """
    filled = comparison.with_factors(rows)
    groups = comparison.chart_groups(filled)
    when = datetime.now().astimezone()
    if groups:
        drawing = bar_chart(groups, title=words.CHART_TITLE, unit=words.CHART_UNIT, legend=words.CHART_LEGEND)
        atomic_write_bytes(folder / SVG, to_svg(drawing).encode())
        atomic_write_bytes(folder / PNG, to_png(drawing, default_templates() / "fonts"))
    else:
        for name in (SVG, PNG):  # of an earlier run, with other figures than the page
            (folder / name).unlink(missing_ok=True)
    page = comparison.markdown(
        filled,
        when=when.strftime("%Y-%m-%d %H:%M"),
        version=pipeline.__version__,
        chart=SVG if groups else "",
    )
    atomic_write_bytes(folder / PAGE, page.encode())
    data = {"measured_at": when.isoformat(timespec="seconds"), "fupan": pipeline.__version__}
    write_json(folder / DATA, {**data, **comparison.as_dict(filled)})


def write_json(path: Path, value: object) -> None:
    """A result for programs, as a file.

    Raises:
        ConfigError, StoreError: it cannot be written.
    """
    atomic_write_bytes(path, json.dumps(value, ensure_ascii=False, indent=2).encode())


def tuning_games(paths: Sequence[Path], settings: Settings) -> list[GameRecord]:
    """The games to measure on: the user's, or the samples.

    Raises:
        ConfigError: there are none.
    """
    sources = list(paths) or [_SAMPLES]
    if not paths and not _SAMPLES.is_dir():
        raise ConfigError("benchmark.no_games", path=_SAMPLES)
    intake = read_all(collect(sources), FolderSettings({"analysis": {"side": settings.analysis.side}}, tops=sources))
    records = [game.record for game in intake.games if game.record.total_turns >= _SHORTEST_GAME]
    if not records:
        raise ConfigError("benchmark.no_games", path=sources[0])
    return records


def tune(
    settings: Settings, reporter: Reporter, *, games: Sequence[Path], folder: Path, options: TuneOptions
) -> dict[str, Any]:
    """Measure the threads of the engine in force and remember the best; returns the result for programs.

    Raises:
        ConfigError: no games to measure on; the result cannot be written.
        DependencyError, EngineError: the engine is missing or fails.
    """
    records = tuning_games(games, settings)
    setup = find_engine(settings, reporter)
    machine = machine_facts(gpus=max(1, len(setup.devices)))
    configure_logging(folder / "logs", verbose=False)
    reporter.message(
        words.TUNING_START.format(
            engine=setup.katago.name,
            network=comparison.short_network(identify_network(setup.network).name),
            count=len(candidates_for(setup, machine)),
            seconds=options.window,
            rounds=options.rounds,
        )
    )
    outcome = Tuner(
        setup,
        records,
        machine=machine,
        options=options,
        state_dir=cache_dir() / "home",
        log_dir=folder / "logs",
        on_measured=lambda candidate: reporter.message(_step(candidate)),
    ).tune()
    best, default = outcome.best, outcome.default
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    Tunings(threads_file()).keep(setup, Tuning(best.threads, round(best.speed, 2), now), hardware.detect())
    reporter.message(
        words.TUNING_DONE.format(
            analysis=best.threads.analysis,
            search=best.threads.search,
            speed=words.speed(best.speed),
            old_analysis=default.threads.analysis,
            old_search=default.threads.search,
            old_speed=words.speed(default.speed),
        )
    )
    if best.rounds < min(2, options.rounds):
        reporter.message(words.TUNING_SHORT)
    if settings.engine.analysis_threads is not None or settings.engine.search_threads is not None:
        reporter.message(words.TUNING_OVERRIDDEN)
    result = {"measured_at": now, **_tuning_as_dict(setup, outcome)}
    write_json(folder / TUNED, result)
    reporter.message(words.WRITTEN.format(path=folder / TUNED))
    return result


def _step(candidate: Candidate) -> str:
    shape = {"analysis": candidate.threads.analysis, "search": candidate.threads.search}
    if candidate.failure:
        return words.TUNING_STEP_FAILED.format(**shape)
    return words.TUNING_STEP.format(**shape, speed=words.speed(candidate.speed), round=candidate.rounds)


def _tuning_as_dict(setup: EngineSetup, outcome: Outcome) -> dict[str, Any]:
    def shown(candidate: Candidate) -> dict[str, Any]:
        return {
            "analysis_threads": candidate.threads.analysis,
            "search_threads": candidate.threads.search,
            "visits_per_second": round(candidate.speed, 2),
            "visits": candidate.visits,
            "seconds": round(candidate.seconds, 2),
            "rounds": candidate.rounds,
            "error": candidate.failure,
        }

    return {
        "network": setup.network.name,
        "backend": setup.backend,
        "device": setup.device,
        "best": shown(outcome.best),
        "default": shown(outcome.default),
        "candidates": [shown(candidate) for candidate in outcome.candidates],
        "seconds": round(outcome.seconds, 1),
    }
