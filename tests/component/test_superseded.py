"""A game has one report, the deepest, whatever was written before it, by whom, and wherever somebody put it since."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes.postgres import emptied
from fakes.report_games import made_game, renamed

from pipeline.console import QuietReporter
from pipeline.jobs.model import Arrival, Level, NewGame
from pipeline.jobs.queue import JobQueue
from pipeline.jobs.register import FileEntry, Register
from pipeline.jobs.tables import METADATA
from pipeline.opengame import OpenGame
from pipeline.outcome import RunSummary
from pipeline.plan import DEEP, QUICK, AnalysisProfile
from pipeline.publish import Folders, PrintedFile, Publisher, base_name
from pipeline.queuework import QueueWork, WorkerTimes
from pipeline.schedule import GameTask
from pipeline.settings import ReportSettings
from pipeline.store.database import Database
from pipeline.store.dataset import StoredGame
from pipeline.store.journal import EVALUATIONS, Journal

REPORT = ReportSettings()
PROFILE = AnalysisProfile("net@0123456789ab", 500, 50)


class PlainPublisher(Publisher):
    """Prints the level only."""

    def _printed(self, game, _report, _review, folder, _side):
        name = base_name(game.record)
        return [
            PrintedFile(self._folders.reports / folder / f"{name}.pdf", game.info.level.encode()),
            PrintedFile(self._folders.sgf / folder / f"{name}.sgf", game.info.level.encode()),
        ]


def analysed(level: str, *, black: str = "张三", profile: AnalysisProfile = PROFILE) -> StoredGame:
    made = renamed(made_game(), black, "李四")
    info = replace(
        made.info,
        profile_id=profile.profile_id,
        visits=profile.visits,
        quick_visits=profile.quick_visits,
        level=level,
    )
    return StoredGame(made.record, info, dict(made.evaluations))


def tree(folders: Folders) -> dict[str, str]:
    """File -> level, of reports and annotated records."""
    return {
        path.relative_to(kind).as_posix(): path.read_text()
        for kind in (folders.reports, folders.sgf)
        for path in kind.rglob("*")
        if path.is_file()
    }


def levels(folders: Folders) -> list[str]:
    return sorted(path.stem.split("-")[2:][0] if path.stem.count("-") > 1 else DEEP for path in _games(folders))


def _games(folders: Folders) -> list[Path]:
    return list((folders.evaluations / "games").glob("*.parquet"))


@pytest.fixture
def folders(tmp_path):
    made = Folders(tmp_path / "output")
    made.create()
    return made


@pytest.fixture(params=[True, False], ids=["alone", "shared"])
def publisher(request, folders):
    return PlainPublisher(folders, printed_on="2026-11-22", is_alone=request.param)


@pytest.fixture
def short():
    return made_game().record.game_id[:8]


def test_the_deep_report_replaces_the_quick_one_under_another_name_and_in_another_class(publisher, folders, short):
    publisher.publish(analysed(QUICK), REPORT, "甲班")
    publisher.publish(analysed(DEEP, black="张三丰"), REPORT, "乙班/周三")
    name = f"乙班/周三/2026-11-21_张三丰_李四_{short}"
    assert tree(folders) == {f"{name}.pdf": DEEP, f"{name}.sgf": DEEP}
    assert levels(folders) == [DEEP]


def test_a_report_that_somebody_moved_and_renamed_is_replaced_where_it_belongs(publisher, folders, short):
    publisher.publish(analysed(QUICK), REPORT, "")
    old = next(folders.reports.glob("*.pdf"))
    (folders.reports / "给家长").mkdir()
    old.rename(folders.reports / "给家长" / f"张三的棋_{short}.pdf")
    publisher.publish(analysed(DEEP), REPORT, "")
    assert list(tree(folders)) == [f"2026-11-21_张三_李四_{short}.pdf", f"2026-11-21_张三_李四_{short}.sgf"]


def test_without_a_class_of_its_own_a_report_stays_where_somebody_put_it(publisher, folders, short):
    publisher.publish(analysed(QUICK), REPORT, "")
    (folders.reports / "给家长").mkdir()
    for path in folders.reports.glob("*.pdf"):
        path.rename(folders.reports / "给家长" / path.name)
    assert publisher.report_of(made_game().record.game_id).parent.name == "给家长"
    publisher.publish(analysed(DEEP), REPORT)
    assert sorted(tree(folders)) == [
        f"给家长/2026-11-21_张三_李四_{short}.pdf",
        f"给家长/2026-11-21_张三_李四_{short}.sgf",
    ]


def test_folders_that_were_deleted_in_between_are_made_again(publisher, folders, short):
    publisher.publish(analysed(QUICK), REPORT, "甲班")
    for folder in (folders.reports, folders.sgf, folders.evaluations):
        shutil.rmtree(folder)
    assert publisher.report_of(made_game().record.game_id) is None
    publisher.publish(analysed(DEEP), REPORT, "甲班")
    name = f"甲班/2026-11-21_张三_李四_{short}"
    assert tree(folders) == {f"{name}.pdf": DEEP, f"{name}.sgf": DEEP}
    assert levels(folders) == [DEEP]


def test_what_another_machine_wrote_is_superseded_too(folders, short):
    here, there = (PlainPublisher(folders, printed_on="2026-11-22") for _ in range(2))
    here.publish(analysed(QUICK), REPORT, "甲班")
    there.publish(analysed(QUICK, black="张三丰"), REPORT, "乙班")
    here.publish(analysed(DEEP), REPORT, "甲班")
    name = f"甲班/2026-11-21_张三_李四_{short}"
    assert tree(folders) == {f"{name}.pdf": DEEP, f"{name}.sgf": DEEP}


def test_reports_of_earlier_years_are_found_by_a_new_start(folders, short):
    PlainPublisher(folders, printed_on="2026-11-22", is_alone=True).publish(analysed(QUICK), REPORT, "甲班")
    PlainPublisher(folders, printed_on="2026-11-23", is_alone=True).publish(analysed(DEEP), REPORT, "乙班")
    assert list(tree(folders)) == [
        f"乙班/2026-11-21_张三_李四_{short}.pdf",
        f"乙班/2026-11-21_张三_李四_{short}.sgf",
    ]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    if request.param == "postgresql":
        return emptied(request.getfixturevalue("shared_postgres_url"), METADATA, EVALUATIONS.metadata)
    return None


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_worker_that_was_cut_off_and_prints_its_quick_report_late_restores_the_deep_one(
    folders, url, tmp_path, short
):
    """It was given up for dead, another one made both reports, and then it wrote the report that it had in hand."""
    clock, record = Clock(), made_game().record
    new = NewGame(record.game_id, "一.sgf", 0, 25, {Level.QUICK: 1, Level.DEEP: 9}, PROFILE.profile_id)
    with (
        Database(tmp_path / "fupan.db", METADATA, url=url) as database,
        Journal(tmp_path / "fupan.db", url=url) as kept,
    ):
        register = Register(database, clock=clock)
        register.accept(FileEntry(b"1", "一.sgf", "sha", "甲班"), b"", Arrival((new,), "{}"), place=lambda _: b"")
        late = JobQueue(database, "late", clock=clock)
        other = JobQueue(database, "other", clock=clock)
        for queue in (late, other):
            queue.register(host="h", pid=1, inbox="")
        job = late.claim()
        assert job.level is Level.QUICK
        assert late.publishing(job.id)
        clock.now += 1000
        other.register(host="h", pid=1, inbox="")
        assert other.take_over(alone=False) == []
        elsewhere = PlainPublisher(folders, printed_on="2026-11-22")
        for level in (QUICK, DEEP):
            mine = other.claim()
            assert (mine.level.value, other.publishing(mine.id)) == (level, True)
            report = elsewhere.publish(analysed(level), REPORT, "甲班")
            assert other.done(mine.id, str(report), PROFILE.profile_id)

        publisher, said = PlainPublisher(folders, printed_on="2026-11-22"), QuietReporter()
        said.tally.expect(100.0, 0.0)
        jobs = QueueWork(
            late,
            job,
            kept,
            publisher,
            reporter=said,
            arrivals=SimpleNamespace(network=PROFILE.network),
            summary=RunSummary(),
            more_to_come=lambda: False,
            times=WorkerTimes(),
            lets_go=lambda: False,
            cancel=lambda: None,
            has_deadline=False,
        )
        assert said.tally.seconds_left(0.0) is None, "what an engine before it was to do says nothing"
        game = OpenGame(GameTask(record, "一.sgf", PROFILE), PROFILE, REPORT, level=QUICK, group="甲班", mark=job)
        report = publisher.publish(analysed(QUICK), REPORT, "甲班")
        name = f"甲班/2026-11-21_张三_李四_{short}"
        assert tree(folders) == {f"{name}.pdf": QUICK, f"{name}.sgf": QUICK}
        jobs.published(game, report, QUICK)
        assert tree(folders) == {f"{name}.pdf": DEEP, f"{name}.sgf": DEEP}
        assert levels(folders) == [DEEP]
