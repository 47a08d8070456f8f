"""Make a workbook from stored games: read, choose, print, and remember what was handed out."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from filelock import FileLock

from pipeline.app import make_publisher, side_in, stored_games
from pipeline.atomic import atomic_write_bytes, safe_file_name
from pipeline.errors import ConfigError, StoreError
from pipeline.publish import Folders, judge_options
from pipeline.report.render import Renderer
from pipeline.report.workbook_view import SourceProblem, build_workbook
from pipeline.review.judge import judge
from pipeline.review.problems import problems_of
from pipeline.review.repetition import HandedOut, choose, handed_out
from pipeline.settings import Settings
from pipeline.store.dataset import Dataset, StoredGameHeader
from pipeline.wording import report as report_words
from pipeline.wording import workbook as words

HISTORY_FILE = "workbooks.json"
HISTORY_VERSION = 1


@dataclass(frozen=True, slots=True)
class WorkbookRequest:
    """What the user asks for: games (empty: all), how many problems, with choices, whether to ignore the history."""

    games: tuple[str, ...] = ()
    count: int = 12
    choices: bool = True
    again: bool = False


@dataclass(frozen=True, slots=True)
class MadeWorkbook:
    """What was printed."""

    path: Path
    problems: int
    games: int


def make_workbook(request: WorkbookRequest, settings: Settings, today: date | None = None) -> MadeWorkbook:
    """Print a workbook below ``workbooks/`` and note what was handed out below ``state/``.

    Raises:
        ConfigError: no such game or student, or nothing to print.
        StoreError: the dataset or the history cannot be read or written.
        RenderError: the workbook cannot be printed.
    """
    day = today or datetime.now().astimezone().date()
    folders = Folders(settings.output.folder)
    folders.create()
    publisher = make_publisher(settings)
    student = settings.report.student
    headers = _headers(publisher.dataset, request.games, student)
    sources = _sources(publisher.dataset, headers, settings)
    if not sources:
        raise ConfigError("workbook.no_problems", games=len(headers))
    history_path = folders.state / HISTORY_FILE
    with FileLock(history_path.with_suffix(".lock")):
        histories = {} if request.again else read_history(history_path)
        key = _key(student)
        chosen = choose((s.problem for s in sources), histories.get(key, {}), day, request.count)
        if not chosen:
            due = min(handed.due() for handed in histories[key].values())
            raise ConfigError("workbook.nothing_due", total=len(sources), due=due.isoformat())
        by_id = {source.problem.problem_id: source for source in sources}
        picked = [by_id[problem.problem_id] for problem in chosen]
        options = publisher.options(settings.report)
        view = build_workbook(picked, options, student=student, printed_on=day.isoformat(), choices=request.choices)
        pdf = Renderer().render_workbook(view)
        name = [day.isoformat(), student or words.CLASS_NAME, words.FILE_WORD]
        path = folders.workbooks / safe_file_name(name, ".pdf")
        atomic_write_bytes(path, pdf)
        if settings.report.booklet:
            from pipeline.report.booklet import impose  # noqa: PLC0415 - only booklets need it

            atomic_write_bytes(path.with_name(safe_file_name([*name, report_words.BOOKLET_FILE], ".pdf")), impose(pdf))
        if not request.again:
            histories[key] = handed_out(histories.get(key, {}), chosen, day)
            write_history(history_path, histories)
    return MadeWorkbook(path, len(picked), len({source.record.game_id for source in picked}))


def _headers(dataset: Dataset, queries: Sequence[str], student: str) -> list[StoredGameHeader]:
    if queries or student:
        return stored_games(dataset, queries, student)
    return list({header.game_id: header for header in dataset.list_games()}.values())


def _sources(dataset: Dataset, headers: Sequence[StoredGameHeader], settings: Settings) -> list[SourceProblem]:
    student = settings.report.student
    sources = []
    for header in headers:
        stored = dataset.load(header.game_id, header.profile_id)
        side = side_in(header, student) if student else None
        review = judge(stored.record, stored.evaluations, judge_options(settings.report))
        found = problems_of(stored.record, stored.evaluations, review, side)
        sources += [SourceProblem(stored.record, problem) for problem in found]
    return sources


def _key(student: str) -> str:
    return "".join(unicodedata.normalize("NFKC", student).casefold().split())


def read_history(path: Path) -> dict[str, dict[str, HandedOut]]:
    """Student -> position -> what was handed out; empty when there is no file yet.

    Raises:
        StoreError: the file is damaged or newer than this program.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StoreError("workbook.bad_history", path=path, detail=error) from error
    try:
        if data["version"] > HISTORY_VERSION:
            raise StoreError("workbook.bad_history", path=path, detail=f"version {data['version']}")
        return {
            student: {
                position: HandedOut(int(entry["times"]), date.fromisoformat(entry["last"]))
                for position, entry in entries.items()
            }
            for student, entries in data["students"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError("workbook.bad_history", path=path, detail=error) from error


def write_history(path: Path, histories: Mapping[str, Mapping[str, HandedOut]]) -> None:
    """Write the history whole or not at all.

    Raises:
        StoreError, ConfigError: it cannot be written.
    """
    students = {
        student: {p: {"times": h.times, "last": h.last.isoformat()} for p, h in sorted(entries.items())}
        for student, entries in sorted(histories.items())
    }
    text = json.dumps({"version": HISTORY_VERSION, "students": students}, ensure_ascii=False, indent=1)
    atomic_write_bytes(path, text.encode("utf-8"))
