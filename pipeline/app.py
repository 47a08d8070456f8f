"""Composition root: the only module that knows every stage and wires them."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import statedb
from pipeline.console import Reporter, configure_logging
from pipeline.deadline import Deadline
from pipeline.errors import ConfigError, DependencyError, FupanError, StoreError, unexpected
from pipeline.go.board import Color
from pipeline.go.names import side_of
from pipeline.go.record import Player
from pipeline.inbox.intake import SIDES, Intake, collect, read_all, shown_name
from pipeline.outcome import GameOutcome, RunSummary, Status
from pipeline.plan import AnalysisProfile, Budget, Strategy
from pipeline.presets import base_budget, resolve
from pipeline.press import Press
from pipeline.pressroom import PressRoom
from pipeline.publish import Folders, PlannedGame, Publisher
from pipeline.settings import FolderSettings, Settings
from pipeline.store.dataset import DAMAGED
from pipeline.wording import cli as words
from pipeline.wording import drive as drive_words
from pipeline.wording.benchmark import THREADS_DAMAGED, preset_reason
from pipeline.wording.doctor import PHASES, PROVISION_WAIT, component_name

if TYPE_CHECKING:
    from pipeline.engine.components import ProvisionStep
    from pipeline.engine.parallel import Parallelism
    from pipeline.engine.setup import EngineSetup
    from pipeline.store.dataset import Dataset, StoredGameHeader

log = logging.getLogger(__name__)


def choose_budget(settings: Settings, *, is_gpu: bool) -> tuple[Budget, str]:
    """Visits and strategy in force, and the reason in words."""
    analysis = settings.analysis
    base = base_budget(analysis.preset, is_gpu=is_gpu)
    budget = resolve(base, visits=analysis.visits, quick=analysis.quick, strategy=analysis.strategy)
    if analysis.visits is not None or analysis.quick is not None:
        return budget, words.REASON_USER
    if analysis.preset is not None:
        return budget, preset_reason(analysis.preset)
    return budget, words.REASON_GPU if is_gpu else words.REASON_CPU


class ReviewRun:
    """One batch from files to reports, by the hour ``until`` if there is one. Use :meth:`run` once."""

    def __init__(
        self, folders: FolderSettings, reporter: Reporter, *, until: datetime | None = None, verbose: bool = False
    ) -> None:
        self._folder_settings = folders
        self._settings = settings = folders.general
        self._reporter = reporter
        self._until = until
        self._verbose = verbose
        self._folders = Folders(settings.output.folder)
        self.summary = RunSummary()
        self._publisher = make_publisher(settings, is_alone=statedb.locks_output(settings), press=PressRoom())

    def run(self, paths: Sequence[Path]) -> RunSummary:
        """Review everything below ``paths``; returns what happened to each game.

        Raises:
            ConfigError, DependencyError, EngineError, StoreError, AlreadyRunning: nothing more can be done.
        """
        started = time.monotonic()
        files = collect(paths, exclude=self._folders.root)
        try:
            with statedb.instance(self._settings) as self._folders:
                configure_logging(self._folders.logs, verbose=self._verbose)
                self._mend_state()
                self._review(files)
        finally:
            self.summary.seconds = time.monotonic() - started
        return self.summary

    def _mend_state(self) -> None:
        state = statedb.state_file(self._settings)
        if not statedb.is_shared(self._settings) and state.exists():
            from pipeline.mending import mend  # noqa: PLC0415 - a new folder needs no database library yet

            mend(state, self._folders, self._reporter.message)

    def _review(self, files: Sequence[Path]) -> None:
        intake = read_all(files, self._folder_settings)
        self._take_note(intake)
        if not intake.games:
            return
        setup = find_engine(self._settings, self._reporter)
        budget, reason = choose_budget(self._settings, is_gpu=setup.is_gpu)
        key = network_key(setup.network)
        planned = [
            PlannedGame(game, AnalysisProfile(key, budget.full, budget.quick, budget.strategy, game.side))
            for game in intake.games
        ]
        todo = [item for item in planned if not self._is_done(item)]
        already = len(intake.games) - len(todo)
        if not todo:
            self._reporter.message(words.NOTHING_TO_SEARCH)
            return
        if already:
            self._reporter.message(words.ALREADY_DONE.format(count=already))
        template = words.BUDGET_ADAPTIVE if budget.strategy is Strategy.ADAPTIVE else words.BUDGET_UNIFORM
        self._reporter.message(template.format(quick=budget.quick, visits=budget.full, reason=reason))
        from pipeline.search import BatchSearch  # noqa: PLC0415 - its libraries are not needed when all is done

        deadline = None
        if self._until is not None:
            deadline = Deadline(self._until)
            left = words.duration(deadline.seconds_left)
            self._reporter.message(drive_words.UNTIL.format(moment=self._until.strftime("%m-%d %H:%M"), left=left))
        say = statedb.once_each(self._reporter.message)
        search = BatchSearch(
            self._folders,
            self._publisher,
            self._reporter,
            self.summary,
            deadline=deadline,
            open_journal=lambda: statedb.open_journal(self._settings, patience=statedb.PATIENCE, say=say),
        )
        search.run(todo, setup)

    def _take_note(self, intake: Intake) -> None:
        self._reporter.message(words.GAMES_FOUND.format(games=len(intake.games), files=intake.files))
        for failure in intake.failures:
            name = shown_name(failure.path)
            self.summary.add(GameOutcome(name, Status.FAILED, error=failure.error))
            self._reporter.message(words.GAME_FAILED.format(name=name, message=failure.error.message))
        for own in intake.own:
            self._skip(GameOutcome(shown_name(own.path), Status.OWN, error=own.error), own.error.message)
        for game, other in intake.duplicates:
            outcome = GameOutcome(game.name, Status.DUPLICATE, game.record.game_id)
            self._skip(outcome, words.DUPLICATE.format(other=other))

    def _skip(self, outcome: GameOutcome, why: str) -> None:
        self.summary.add(outcome)
        self._reporter.message(words.GAME_SKIPPED.format(name=outcome.name, message=why))

    def _is_done(self, planned: PlannedGame) -> bool:
        """Whether nothing has to be searched; a report or SGF that was lost is made again.

        Damaged data counts as not there, so that the game is searched anew.
        """
        game, profile = planned.game, planned.profile
        game_id = game.record.game_id
        dataset = self._publisher.dataset
        if not dataset.is_complete(game_id, profile.profile_id):
            return False
        report = self._publisher.report_of(game_id)
        try:
            if report is None or not self._publisher.has_sgf(game_id):
                stored = dataset.load(game_id, profile.profile_id)
                report = self._publisher.print_report(stored, game.settings.report)
        except StoreError as error:
            if error.code not in DAMAGED:
                raise
            log.warning("%s: %s", game.name, error)
            return False
        except (ConfigError, DependencyError):
            raise
        except Exception as error:
            log.exception("printing %s", game.name)
            failure = error if isinstance(error, FupanError) else unexpected(error)
            self.summary.add(GameOutcome(game.name, Status.FAILED, game_id, error=failure))
            self._reporter.message(words.GAME_FAILED.format(name=game.name, message=failure.message))
            return True
        self.summary.add(GameOutcome(game.name, Status.ALREADY, game_id, report))
        return True


def make_publisher(settings: Settings, *, is_alone: bool = False, press: Press | None = None) -> Publisher:
    """A publisher that prints today's date; ``is_alone``: under the lock, on an output folder of this machine only."""
    today = datetime.now().astimezone().date().isoformat()
    return Publisher(Folders(settings.output.folder), printed_on=today, is_alone=is_alone, press=press)


def find_engine(settings: Settings, reporter: Reporter) -> EngineSetup:
    """The engine in force, provisioned if there is none.

    Raises:
        DependencyError: it cannot be found or provisioned.
    """
    from pipeline.engine.provision import ensure_setup  # noqa: PLC0415 - only when an engine is needed

    engine = settings.engine
    setup = ensure_setup(
        settings_katago=engine.katago,
        settings_network=engine.network,
        prefer=engine.prefer,
        backend=engine.backend,
        progress=lambda step: show_provisioning(step, reporter),
    )
    setup = with_human(setup, engine.human_network)
    setup, parallelism = equipped(setup, settings)
    if parallelism.damaged:
        reporter.message(THREADS_DAMAGED.format(path=threads_file(), detail=parallelism.damaged))
    return setup


def with_human(setup: EngineSetup, wanted: Path | None) -> EngineSetup:
    """The set-up with a human-style network, a file or the name of an installed one.

    Raises:
        DependencyError: there is no such file or name, or it is none that imitates players.
    """
    from pipeline.engine.finding import named_network  # noqa: PLC0415 - only when an engine is needed
    from pipeline.engine.provision import engine_root  # noqa: PLC0415

    return replace(setup, human_network=named_network(wanted, None, engine_root(), is_human=True)) if wanted else setup


def threads_file() -> Path:
    """Where the threads that were measured on this machine are kept."""
    from pipeline.engine.provision import cache_dir  # noqa: PLC0415
    from pipeline.engine.remembered import FILE_NAME  # noqa: PLC0415

    return cache_dir() / FILE_NAME


def equipped(setup: EngineSetup, settings: Settings) -> tuple[EngineSetup, Parallelism]:
    """The engine with the threads and GPUs in force, and where they come from."""
    from pipeline.engine.parallel import equip  # noqa: PLC0415 - only when an engine is needed
    from pipeline.engine.remembered import Tunings  # noqa: PLC0415

    engine = settings.engine
    return equip(
        setup,
        Tunings(threads_file()),
        analysis=engine.analysis_threads,
        search=engine.search_threads,
        gpus=engine.gpus,
    )


def show_provisioning(step: ProvisionStep, reporter: Reporter) -> None:
    """Pass one report of progress on to the user."""
    if step.phase.value not in PHASES:  # it waits
        reporter.message(PROVISION_WAIT)
        return
    name = words.PROVISION_STEP.format(
        phase=PHASES[step.phase.value], number=step.number, of=step.of, component=component_name(step.component)
    )
    reporter.download(name, step.done, step.total)


def network_key(network: Path) -> str:
    """Name and content of a network, as :attr:`EngineIdentity.network_key` spells it, without starting the engine.

    Raises:
        DependencyError: not a network, or unreadable.
    """
    from pipeline.engine.identify import identify_network  # noqa: PLC0415
    from pipeline.engine.startup import file_sha256  # noqa: PLC0415

    return f"{identify_network(network).name}@{file_sha256(network)[:12]}"


def locate_engine(settings: Settings) -> EngineSetup | None:
    """The engine that would be used as things are, without downloading anything."""
    from pipeline.engine.provision import find_setup  # noqa: PLC0415

    engine = settings.engine
    return find_setup(
        settings_katago=engine.katago,
        settings_network=engine.network,
        prefer=engine.prefer,
        backend=engine.backend,
    )


def stored_games(dataset: Dataset, queries: Sequence[str], student: str) -> list[StoredGameHeader]:
    """Headers of the games that the user means: those he names, or else all of a student.

    Raises:
        ConfigError: a query matches no game, or several; the student plays in none.
    """
    if not queries:
        if not student:
            raise ConfigError("report.no_games")
        found = {header.game_id: header for header in dataset.list_games() if side_in(header, student)}
        if not found:
            raise ConfigError("report.unknown_student", student=student)
        return list(found.values())
    headers = []
    known = dataset.list_games()
    for query in queries:
        matches = dataset.match(Path(query).name if Path(query).is_file() else query, known)
        if not matches:
            raise ConfigError("report.unknown_game", query=query)
        if len({header.game_id for header in matches}) > 1:
            shown = words.LIST_COMMA.join(f"{h.source_file}({h.game_id[:8]})" for h in matches[:6])
            raise ConfigError("report.ambiguous", query=query, matches=shown)
        header = matches[0]
        if student and not side_in(header, student):
            names = {"black": header.black_name, "white": header.white_name}
            raise ConfigError("report.not_his_game", file=header.source_file, student=student, **names)
        headers.append(header)
    return headers


def side_in(header: StoredGameHeader, student: str) -> Color | None:
    """Which player of a stored game is called so."""
    black = Player(header.black_name, identity=header.black_player)
    return side_of(black, Player(header.white_name, identity=header.white_player), student)


def reprint(queries: Sequence[str], settings: Settings, reporter: Reporter) -> RunSummary:
    """Print the reports of stored games again; no engine is started.

    Raises:
        ConfigError: a query matches no game, or several; the student plays in none.
    """
    publisher = make_publisher(settings)
    folders = Folders(settings.output.folder)
    folders.create()
    headers = stored_games(publisher.dataset, queries, settings.report.student)
    summary = RunSummary()
    for header in headers:
        try:
            stored = publisher.dataset.load(header.game_id, header.profile_id)
            report = publisher.print_report(stored, settings.report, side=SIDES.get(settings.analysis.side))
        except FupanError as error:
            summary.add(GameOutcome(header.source_file, Status.FAILED, header.game_id, error=error))
            reporter.message(words.GAME_FAILED.format(name=header.source_file, message=error.message))
            continue
        summary.add(GameOutcome(header.source_file, Status.DONE, header.game_id, report))
        reporter.message(words.REPRINTED.format(report=report))
    return summary
