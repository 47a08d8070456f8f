"""How a file of the inbox is read, and how deep its games go: by the settings of its folder."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from pipeline.errors import ConfigError, GameError
from pipeline.go.formats import read_game_file
from pipeline.go.record import GameRecord
from pipeline.inbox.intake import read_defaults, side_to_review, with_aliases
from pipeline.inbox.names import folder_of_class
from pipeline.jobs.assumptions import from_json, to_json
from pipeline.jobs.model import Arrival, Job, Level, NewGame
from pipeline.needs import estimate
from pipeline.plan import AnalysisProfile, Budget
from pipeline.settings import AnalysisSettings, FolderSettings, ReportSettings, Settings, StudentSettings

log = logging.getLogger(__name__)

SECTIONS: dict[str, type[BaseModel]] = {
    "analysis": AnalysisSettings,
    "report": ReportSettings,
    "students": StudentSettings,
}

CUT_SHORT = frozenset({"sgf.unclosed", "sgf.unclosed_value"})


@dataclass(frozen=True, slots=True)
class ResumedGame:
    """A job's game with the profile and report settings that are in force for its class."""

    record: GameRecord
    profile: AnalysisProfile
    report: ReportSettings


class Arrivals:
    """Reads games when they arrive, and again when their job is begun.

    What was assumed about rules and komi stays as it was on arrival, so that the
    game stays the same game; everything else follows the settings in force. A
    worker that has no inbox follows the orders: the settings that were in force
    for the class on the machine that received the game.

    Args:
        inbox: the folder watched; its sub-folders are classes and may hold a ``fupan.toml``.
            ``None`` for a worker without one.
        folders: settings by folder.
        network: key of the network; ``""`` when every worker may use its own.
        budget_of: visits by settings (and hardware).
        is_known: whether a finished analysis of a game exists.
        decides: whether this machine's budget is that of the machines that search.
    """

    def __init__(
        self,
        inbox: Path | None,
        folders: FolderSettings,
        network: str,
        *,
        budget_of: Callable[[Settings], Budget],
        is_known: Callable[[str, AnalysisProfile], bool],
        decides: bool = True,
    ) -> None:
        self._inbox = inbox
        self._folders = folders
        self.network = network
        self._budget_of = budget_of
        self._is_known = is_known
        self._decides = decides
        self._lock = threading.Lock()  # games are read in two threads; settings are loaded in one
        self._last: tuple[str, str, tuple[GameRecord, ...]] = ("", "", ())

    def read(self, path: Path, data: bytes, name: str) -> Arrival:
        """The games of a file that has come.

        Raises:
            GameError: nothing in it can be analysed.
            ConfigError: the ``fupan.toml`` of its folder is broken.
        """
        settings = self._settings_for(path)
        defaults = read_defaults(settings)
        records = read_game_file(data, file=name, defaults=defaults)
        games = {record.game_id: self._new_game(record, index, name, settings) for index, record in enumerate(records)}
        is_cut_short = any(note.code in CUT_SHORT for record in records for note in record.corrections)
        orders = self._orders(settings)
        return Arrival(tuple(games.values()), to_json(defaults), orders, self.network, is_cut_short)

    def resume(self, job: Job, name: str, data: bytes, orders: str = "") -> ResumedGame:
        """The game of a job, from the file that it came from and its orders.

        Raises:
            GameError: the file is read differently now.
            ConfigError: the ``fupan.toml`` of its class is broken.
        """
        # One file with many games is asked for once a game.
        if self._last[:2] != (job.source, job.assumptions):
            records = read_game_file(data, file=name, defaults=from_json(job.assumptions))
            self._last = (job.source, job.assumptions, records)
        records = self._last[2]
        record = records[job.index] if job.index < len(records) else None
        if record is None or record.game_id != job.game_id:
            raise GameError("job.changed", file=job.name)
        if self._inbox is not None:
            settings = self._settings_for(folder_of_class(self._inbox, job.group) / "game.sgf")
        else:
            settings = settings_by_order(orders, self._folders.general)
        record = with_aliases(record, settings.students.aliases)
        return ResumedGame(record, self._profile(record, settings), settings.report)

    def _orders(self, settings: Settings) -> str:
        """What another machine must know to make the same report; the budget only where this one decides it."""
        sections = settings.model_dump(mode="json", include=set(SECTIONS))
        if self._decides:
            budget = self._budget_of(settings)
            chosen = {"visits": budget.full, "quick": budget.quick, "strategy": budget.strategy.value}
            sections["analysis"] |= chosen
        return json.dumps(sections, ensure_ascii=False, sort_keys=True)

    def _settings_for(self, path: Path) -> Settings:
        with self._lock:
            return self._folders.for_file(path)

    def _new_game(self, record: GameRecord, index: int, name: str, settings: Settings) -> NewGame:
        profile = self._profile(with_aliases(record, settings.students.aliases), settings)
        return NewGame(
            record.game_id,
            name if record.source.games_in_file <= 1 and index == 0 else f"{name} #{index + 1}",
            index,
            record.total_turns + 1,
            levels_of(record, profile, 2 * settings.report.key_moments),
            profile.profile_id,
            is_known=self._is_known(record.game_id, profile),
        )

    def _profile(self, record: GameRecord, settings: Settings) -> AnalysisProfile:
        budget = self._budget_of(settings)
        side = side_to_review(record, settings)
        return AnalysisProfile(self.network, budget.full, budget.quick, budget.strategy, side)


def settings_by_order(orders: str, own: Settings) -> Settings:
    """The settings of this machine with what the receiving one ordered; what this program does not know is left out.

    Raises:
        ConfigError: an order that makes no sense.
    """
    if not orders:
        return own
    try:
        given = {
            name: model.model_validate({key: value for key, value in section.items() if key in model.model_fields})
            for name, section in json.loads(orders).items()
            if (model := SECTIONS.get(name)) is not None
        }
    except ValueError as error:
        raise ConfigError("job.bad_orders", detail=error) from error
    report = given.get("report")
    if isinstance(report, ReportSettings) and report.logo is not None and not report.logo.is_file():
        log.warning("printed without the logo, which is not on this machine: %s", report.logo)
        given["report"] = report.model_copy(update={"logo": None})
    return own.model_copy(update=given)


def levels_of(record: GameRecord, profile: AnalysisProfile, moments: int) -> dict[Level, int]:
    """The levels that a game gets, with the visits expected for each.

    There is no quick level where it would be as deep as the deep one.
    """
    whole = estimate(record, profile, moments).visits
    if not 0 < profile.quick_visits < profile.visits:
        return {Level.DEEP: whole}
    quick = (record.total_turns + 1) * profile.quick_visits
    return {Level.QUICK: quick, Level.DEEP: max(0, whole - quick)}
