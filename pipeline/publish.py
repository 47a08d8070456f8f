"""Publish one analysed game: dataset, PDF and annotated SGF, each atomically."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.atomic import atomic_write_bytes, safe_file_name, sweep, temporary_beside
from pipeline.errors import ConfigError
from pipeline.folderindex import FolderIndex
from pipeline.go.board import Color
from pipeline.go.names import side_of
from pipeline.go.record import GameRecord
from pipeline.inbox.intake import IntakeGame
from pipeline.plan import AnalysisProfile
from pipeline.press import OwnPress, Press, PrintOrder
from pipeline.review.judge import JudgeOptions, judge
from pipeline.review.key_moments import KeyMomentRule
from pipeline.review.level import Level
from pipeline.review.model import GameReview
from pipeline.settings import ReportSettings
from pipeline.store.dataset import StoredGame
from pipeline.wording import morning as morning_words
from pipeline.wording import report as words

if TYPE_CHECKING:
    from pipeline.report.options import ReportOptions
    from pipeline.report.view_model import DataUri
    from pipeline.store.dataset import Dataset

SHORT_ID = 8


@dataclass(frozen=True, slots=True)
class Folders:
    """The output tree. ``log_name`` is this machine's sub-folder of the logs where several write there."""

    root: Path
    log_name: str = ""

    @property
    def reports(self) -> Path:
        """Printed reviews."""
        return self.root / "reports"

    @property
    def html(self) -> Path:
        """Reviews for telephones, one file each."""
        return self.root / "html"

    @property
    def workbooks(self) -> Path:
        """Problems from the players' own mistakes."""
        return self.root / "workbooks"

    @property
    def students(self) -> Path:
        """Printed statistics of a player, or of the club."""
        return self.root / "students"

    @property
    def evaluations(self) -> Path:
        """The Parquet dataset."""
        return self.root / "evaluations"

    @property
    def sgf(self) -> Path:
        """Annotated game records."""
        return self.root / "sgf"

    @property
    def logs(self) -> Path:
        """Logs of the program and the engine."""
        return self.root / "logs" / self.log_name

    @property
    def state(self) -> Path:
        """State database and lock."""
        return self.root / "state"

    def create(self) -> None:
        """Make the folders and prove that they can be written.

        Raises:
            ConfigError: no permission, a read-only disk, or a file in the way.
        """
        try:
            for folder in (self.reports, self.evaluations, self.sgf, self.logs, self.state):
                folder.mkdir(parents=True, exist_ok=True)
            probe = temporary_beside(self.state / "probe")
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise ConfigError("output.not_writable", path=self.root, detail=error.strerror or error) from error

    def sweep(self, *, older_than: float = 0.0) -> None:
        """Remove what a killed run left half-written; only under the lock, or when it is old (in seconds)."""
        overviews = self.root / morning_words.FOLDER
        written = (self.reports, self.evaluations, self.sgf, self.html, self.workbooks, self.students, overviews)
        for folder in (*written, self.state):
            sweep(folder, older_than=older_than)
        sweep(self.root, older_than=older_than, is_deep=False)  # it may be a folder with much else in it


def base_name(record: GameRecord) -> str:
    """Readable file name without suffix: date, players (or the source file's name), short game id."""
    info = record.info
    players = [name for name in (info.black.name, info.white.name) if name]
    middle = players if len(players) == 2 else [Path(record.source.file).stem or "game"]
    name = safe_file_name([info.date, *middle, record.game_id[:SHORT_ID]])
    # In a GBK locale, say, not every name can be one of a file.
    coding = sys.getfilesystemencoding()
    return name.encode(coding, "ignore").decode(coding)


@dataclass(frozen=True, slots=True)
class PlannedGame:
    """A game that was read, and how it is to be analysed."""

    game: IntakeGame
    profile: AnalysisProfile


@dataclass(frozen=True, slots=True)
class PrintedFile:
    """A file to be written."""

    path: Path
    data: bytes


def judge_options(report: ReportSettings) -> JudgeOptions:
    """How many key moments a report has, and for players of which strength they are chosen."""
    level = None if report.level == "auto" else Level(report.level)
    return JudgeOptions(key_moments=KeyMomentRule(per_player=report.key_moments), level=level)


class Publisher:
    """Turns finished evaluations into files.

    Args:
        folders: where to.
        printed_on: the date on the page, ISO 8601.
        is_alone: whether this process holds the lock of the output folder and no other machine writes there.
        press: sets the pages; by default in this process.
    """

    def __init__(
        self, folders: Folders, *, printed_on: str, is_alone: bool = False, press: Press | None = None
    ) -> None:
        self._folders = folders
        self._printed_on = printed_on
        self._is_alone = is_alone
        self._press = press or OwnPress()
        self._logos: dict[Path, DataUri] = {}
        self._reports = FolderIndex(folders.reports, _short_id_in(".pdf"), is_deep=True, is_alone=is_alone)
        self._records = FolderIndex(folders.sgf, _short_id_in(".sgf"), is_deep=True, is_alone=is_alone)

    @cached_property
    def dataset(self) -> Dataset:
        """The Parquet dataset (its libraries are loaded on first use)."""
        from pipeline.store.dataset import Dataset  # noqa: PLC0415 - see above

        return Dataset(self._folders.evaluations, is_alone=self._is_alone)

    def warm_up(self) -> None:
        """Load the libraries that :meth:`publish` needs. Errors as there: they are for whoever publishes."""
        import pyarrow.parquet  # noqa: F401, PLC0415 - as the dataset does

        self._press.warm_up()

    def close(self) -> None:
        """No more is to be published for now: what sets the pages may go. It comes again when it is needed."""
        self._press.close()

    def report_of(self, game_id: str) -> Path | None:
        """The PDF of a game, if it was made."""
        return next(iter(self._reports.find(game_id[:SHORT_ID])), None)

    def has_sgf(self, game_id: str) -> bool:
        """Whether the annotated SGF of a game is there."""
        return bool(self._records.find(game_id[:SHORT_ID]))

    def publish(self, game: StoredGame, report: ReportSettings, group: str | None = None) -> Path:
        """Write dataset, PDF and SGF of a game; returns the PDF.

        The dataset comes first: when the report fails, nothing has to be searched again.
        ``group`` as for :meth:`print_report`.

        Raises:
            StoreError: the dataset cannot be written.
            RenderError: the report cannot be made.
        """
        review = judge(game.record, game.evaluations, judge_options(report))
        self.dataset.publish(game.record, game.info, game.evaluations, review)
        return self.print_report(game, report, review=review, group=group)

    def print_report(
        self,
        game: StoredGame,
        report: ReportSettings,
        *,
        review: GameReview | None = None,
        side: Color | None = None,
        group: str | None = None,
    ) -> Path:
        """Write PDF and annotated SGF from stored evaluations; returns the PDF.

        ``side`` details one player's key moments only; by default the side that was analysed.
        ``group`` is the class, printed in the footer and a sub-folder of the output; ``None``
        keeps the one that the report has already.
        """
        review = review or judge(game.record, game.evaluations, judge_options(report))
        folder = self._folder_of(game.record.game_id, group)
        target, *others = self._printed(game, report, review, folder, side or game.info.side)
        record = self._folders.sgf / folder / f"{base_name(game.record)}.sgf"
        with self._reports.changing(target.path), self._records.changing(record):
            for file in (target, *others):
                atomic_write_bytes(file.path, file.data)
        self._drop_others(self._reports, game.record, target.path.with_name(f"{base_name(game.record)}.pdf"))
        self._drop_others(self._records, game.record, record)
        return target.path

    def _printed(
        self, game: StoredGame, report: ReportSettings, review: GameReview, folder: Path, side: Color | None
    ) -> list[PrintedFile]:
        """The files of a report, the PDF first."""
        club = " ".join([report.club, *folder.parts]).strip()
        options = self.options(report, game.record, club=club, side=side)
        printed = self._press.print(
            PrintOrder(
                game,
                review,
                options,
                self._printed_on,
                sgf_branches=report.sgf_branches,
                booklet=report.booklet,
                page=report.html,
            )
        )
        name = base_name(game.record)
        title = safe_file_name([name, words.for_student(options.student)]) if options.student else name
        files = [
            PrintedFile(self._folders.reports / folder / f"{title}.pdf", printed.pdf),
            PrintedFile(self._folders.sgf / folder / f"{name}.sgf", printed.sgf),
        ]
        if printed.booklet is not None:
            booklet = safe_file_name([title, words.BOOKLET_FILE], ".pdf")
            files.append(PrintedFile(self._folders.reports / folder / booklet, printed.booklet))
        if printed.page is not None:
            files.append(PrintedFile(self._folders.html / folder / f"{title}.html", printed.page))
        return files

    def _drop_others(self, index: FolderIndex, record: GameRecord, kept: Path) -> None:
        """Remove what was written of a game when its players were called otherwise, or it was in another class."""
        for old in index.find(record.game_id[:SHORT_ID]):
            if old != kept:
                with index.changing(old):
                    old.unlink(missing_ok=True)

    def options(
        self, report: ReportSettings, record: GameRecord | None = None, *, club: str = "", side: Color | None = None
    ) -> ReportOptions:
        """The user's choices for one game: one player's report where he is named and plays in it."""
        from pipeline.report.options import Coordinates, ReportOptions  # noqa: PLC0415

        his = side_of(record.info.black, record.info.white, report.student) if record and report.student else None
        return ReportOptions(
            paper=report.paper,
            club=club or report.club,
            moves_per_figure=report.moves_per_figure,
            record=report.record,
            side=his or side,
            large_print=report.large_print,
            columns=report.columns,
            coordinates=Coordinates(report.coordinates),
            colour=report.colour,
            student=_player_name(record, his) if record and his else "",
            logo=self._logo(report.logo),
        )

    def _logo(self, path: Path | None) -> DataUri | None:
        from pipeline.report.logo import load_logo  # noqa: PLC0415 - only with a logo

        if path is None:
            return None
        if path not in self._logos:
            self._logos[path] = load_logo(path)
        return self._logos[path]

    def _folder_of(self, game_id: str, group: str | None) -> Path:
        """Sub-folder of the output for a class, or the one in which the report lies."""
        if group is None:
            known = self.report_of(game_id)
            return known.parent.relative_to(self._folders.reports) if known else Path()
        return Path(*(safe_file_name([part]) for part in group.split("/") if part))


def _player_name(record: GameRecord, side: Color) -> str:
    return (record.info.black if side is Color.BLACK else record.info.white).name


def _short_id_in(suffix: str) -> Callable[[str], str]:
    """What finds the short game id at the end of the name of a file of this kind."""

    def short_id(name: str) -> str:
        stem = name.removesuffix(suffix)
        return stem.rpartition("_")[2] if stem != name and "_" in stem else ""

    return short_id
