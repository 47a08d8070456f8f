"""A workbook from stored games, and the record of what was handed out."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
import pytest
from fakes.report_games import made_game, renamed

from pipeline.errors import ConfigError, StoreError
from pipeline.review.judge import judge
from pipeline.settings import Settings, load
from pipeline.store.dataset import Dataset
from pipeline.workbook import WorkbookRequest, make_workbook, read_history

TODAY = date(2026, 11, 22)


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    made = renamed(made_game(), "张三", "<b>李四</b>")
    dataset = Dataset(tmp_path / "output" / "evaluations")
    dataset.publish(made.record, made.info, made.evaluations, judge(made.record, made.evaluations))
    return tmp_path / "output"


def settings(output: Path, **report: object) -> Settings:
    return load({"output": {"folder": output}, "report": report})


def text_of(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_a_students_workbook_is_printed_and_remembered(output: Path) -> None:
    made = make_workbook(WorkbookRequest(), settings(output, student="张三"), TODAY)
    text = text_of(made.path)
    assert made.path.parent == output / "workbooks"
    assert "错题本" in text
    assert "黑先" in text
    assert "白先" not in text
    assert "<b>李四</b>" in text
    with pytest.raises(ConfigError) as caught:
        make_workbook(WorkbookRequest(), settings(output, student="张三"), TODAY)
    assert caught.value.code == "workbook.nothing_due"
    assert "2026-11-25" in caught.value.message
    again = make_workbook(WorkbookRequest(), settings(output, student="张三"), TODAY + timedelta(3))
    assert again.problems == made.problems


def test_the_rest_of_the_last_page_of_problems_is_for_notes(output: Path) -> None:
    made = make_workbook(WorkbookRequest(), settings(output), TODAY)
    with pypdfium2.PdfDocument(made.path) as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
    answers = next(number for number, text in enumerate(texts) if "答案所在的页" in text)
    assert "笔记" in texts[answers - 1]
    assert not any("笔记" in text for text in texts[: answers - 1] + texts[answers:])


def test_the_record_can_be_ignored(output: Path) -> None:
    for _ in range(2):
        make_workbook(WorkbookRequest(again=True), settings(output), TODAY)
    assert read_history(output / "state" / "workbooks.json") == {}


def test_the_same_day_gives_the_same_file(output: Path) -> None:
    files = [make_workbook(WorkbookRequest(again=True), settings(output), TODAY).path.read_bytes() for _ in range(2)]
    assert files[0] == files[1]


def test_an_unknown_student_is_named(output: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        make_workbook(WorkbookRequest(), settings(output, student="王五"), TODAY)
    assert caught.value.code == "report.unknown_student"


def test_without_games_there_is_nothing_to_print(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        make_workbook(WorkbookRequest(), settings(tmp_path / "empty"), TODAY)
    assert caught.value.code == "workbook.no_problems"


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"version": 9, "students": {}}', '{"version": 1, "students": {"": {"a": {"times": 1}}}}']
)
def test_a_damaged_record_is_named_and_kept(output: Path, text: str) -> None:
    path = output / "state" / "workbooks.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StoreError) as caught:
        make_workbook(WorkbookRequest(), settings(output), TODAY)
    assert caught.value.code == "workbook.bad_history"
    assert path.read_text(encoding="utf-8") == text


def test_a_booklet_is_made_beside_it(output: Path) -> None:
    made = make_workbook(WorkbookRequest(), settings(output, booklet=True, paper="A5"), TODAY)
    booklets = [p for p in made.path.parent.glob("*.pdf") if p != made.path]
    assert len(booklets) == 1
    assert json.loads((output / "state" / "workbooks.json").read_text(encoding="utf-8"))["version"] == 1
