"""``student`` and ``stats`` as a printed page and as a workbook."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdfium2
import pytest
from fakes.report_games import Sample, random_game

from pipeline import cli
from pipeline.atomic import temporary_beside
from pipeline.go.board import Color
from pipeline.go.record import GameInfo, Player, Result, ResultKind
from pipeline.publish import Folders
from pipeline.report.render import Renderer
from pipeline.report.student_view import build_club, build_student
from pipeline.store.dataset import Dataset

HOSTILE = "</h1><script>alert(1)</script>&amp;😀../x"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def played(seed: int, black: str, white: str, date: str, mistakes: tuple[int, ...]) -> Sample:
    made = random_game(9, 30, seed, mistakes=mistakes)
    info = GameInfo(
        black=Player(black, "3k", black.casefold()),
        white=Player(white, "", white.casefold()),
        date=date,
        result=Result(ResultKind.RESIGN, Color.BLACK),
    )
    moves = tuple(replace(m, tags=("tenuki",)) if m.points_lost > 1 else m for m in made.review.moves)
    return replace(made, record=replace(made.record, info=info), review=replace(made.review, moves=moves))


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("statistics") / "out"
    dataset = Dataset(folder / "evaluations")
    for game in (
        played(1, "王小明", "李华", "2026-01-10", (3, 9)),
        played(2, "王小明", HOSTILE, "2026-03-11", (4, 5)),
        played(3, "王小明", "=1+1", "", ()),
    ):
        dataset.publish(game.record, game.info, game.evaluations, game.review)
    return folder


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return re.sub(r"\s+", "", document[0].get_textpage().get_text_range())


def run(capfd: Any, *arguments: str) -> str:
    assert cli.run([*arguments]) == 0
    return str(capfd.readouterr().out)


def test_a_student_on_one_page_with_the_figures_of_the_table(output: Path, capfd: Any) -> None:
    (row,) = json.loads(run(capfd, "student", "小明", "--json", "--output", str(output)))["summary"]
    path = output / "students" / "王小明.pdf"
    assert str(path) in run(capfd, "student", "小明", "--pdf", "--output", str(output))
    text = text_of(path.read_bytes())
    for expected in (
        "王小明学习小结",
        "2026年1月10日至2026年3月11日",
        "3胜0负",
        f"{row['mean_loss']:.2f}",
        f"{row['accuracy']:.1f}",
        f"{row['mistakes_per_100']:.1f}",
        "脱先过早",
        "布局",
        "老师的话",
        "1盘没有日期",
        "第1页/共1页",
    ):
        assert expected in text
    assert "相对最弱" not in text, "three games are too few to judge"


def test_the_club_on_one_page(output: Path, tmp_path: Path, capfd: Any) -> None:
    target = tmp_path / "club.pdf"
    run(capfd, "stats", "--pdf", "--file", str(target), "--output", str(output))
    text = text_of(target.read_bytes())
    for expected in ("棋友统计", "王小明", "李华", "=1+1", "棋手数4", "对局数3"):
        assert expected in text


def test_a_hostile_name_is_only_text(output: Path, capfd: Any) -> None:
    shown = run(capfd, "student", "script", "--pdf", "--output", str(output))
    (made,) = [path for path in (output / "students").iterdir() if "alert" in path.name]
    assert str(made) in shown
    assert "</h1><script>alert" in text_of(made.read_bytes())


def test_no_game_makes_no_page(tmp_path: Path, capfd: Any) -> None:
    assert "还没有" in run(capfd, "stats", "--pdf", "--output", str(tmp_path / "none"))
    assert not list(tmp_path.rglob("*.pdf"))


def test_a_workbook_has_a_sheet_for_each_table(output: Path, tmp_path: Path, capfd: Any) -> None:
    target = tmp_path / "王.xlsx"
    assert str(target) in run(capfd, "stats", "--xlsx", str(target), "--output", str(output))
    with zipfile.ZipFile(target) as book:
        names = [node.get("name") for node in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet")]
        assert names == ["棋手", "各阶段", "逐月", "常见问题"]
        types = book.read("[Content_Types].xml").decode()
        cells = []
        for index in range(1, len(names) + 1):
            assert f"sheet{index}.xml" in types
            sheet = ElementTree.parse(io.BytesIO(book.read(f"xl/worksheets/sheet{index}.xml")))
            cells += ["".join(cell.itertext()) for cell in sheet.iter(f"{MAIN}c")]
    assert {"平均目损", "王小明", "'=1+1", "布局", "脱先过早", HOSTILE} <= set(cells)


def test_much_of_everything_is_still_one_page_and_the_same_each_time() -> None:
    figures = {"mean_loss": 1.0, "accuracy": 60.0, "top1_rate": 0.4, "mistakes_per_100": 9.0, "moves": 4000}
    counts = {"games": 40, "won": 20, "lost": 20}
    months = [{"month": f"{2018 + n // 12}-{n % 12 + 1:02d}", **counts, **figures} for n in range(100)]
    phases = [{"phase": name, **figures, "others_mean_loss": 2.0 - n} for n, name in enumerate(("opening", "middle"))]
    tags = [{"tag": f"很长的名字{n}" * 9, "times": 100_000, "total_loss": 1e6 - n} for n in range(100)]
    name = "王" * 200
    player = {"player": name, "since": "2018-01-01", "until": "2026-04-30", "weakest_phase": "middle"}
    regions = [{"region": "centre", "mistakes": 123_456, "share_of_mistakes": 1.0}]
    colours = [{"colour": colour, **counts, **figures} for colour in "BW"]
    tables = {"summary": [{**player, **counts, **figures}], "months": months, "phases": phases, "tags": tags}
    view = build_student(
        {**tables, "regions": regions, "colours": colours}, games=40, name=name, created="2026-11-22", club="会" * 99
    )
    assert len(view.sentences) == 2
    renderer = Renderer()
    pdf = renderer.render_sheet(view)
    text_of(pdf)
    assert renderer.render_sheet(view) == pdf
    players = [{**player, "player": f"{n}{name}", **counts, **figures} for n in range(300)]
    club = build_club(
        {"players": players, "all_months": months, "phases": phases, "tags": tags}, games=40, created="2026-11-22"
    )
    assert "另有" in text_of(renderer.render_sheet(club))


def test_what_a_killed_run_left_half_written_beside_the_pages_is_swept(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.create()
    folders.students.mkdir()
    page, left_over = folders.students / "甲.pdf", temporary_beside(folders.students / "甲.pdf")
    page.write_bytes(b"%PDF")
    left_over.write_bytes(b"%P")
    folders.sweep()
    assert [path.name for path in folders.students.iterdir()] == ["甲.pdf"]
