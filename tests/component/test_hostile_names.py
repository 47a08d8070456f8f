"""Names and comments that mean harm, through everything that is made of a stored game."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2
import pytest
from fakes.report_games import made_game, renamed
from sgfmill import sgf as sgfmill

from pipeline.diagrams import DiagramRequest, draw_diagram
from pipeline.go.record import Correction
from pipeline.morning import write_overview
from pipeline.publish import Folders, Publisher
from pipeline.settings import FolderSettings, load
from pipeline.store.dataset import StoredGame
from pipeline.workbook import WorkbookRequest, make_workbook

HOSTILE = {
    "markup": '"></svg></script><script>document.title="x"</script>{{ 7*7 }}',
    "path": "../../../etc/passwd\x00.pdf",
    "letters": "小明😀\u202eأحمد\x1b[31m𠮷박정환" + "Z\u0337\u0322\u0301" * 9,
    "long": "超长姓名" * 300,
    "sgf": "];B[aa]C[坏\\",
}


class Tags(HTMLParser):
    """The tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_name_stays_a_name_in_everything_that_is_made(tmp_path: Path, name: str) -> None:
    made = renamed(made_game(), name, name, event=name, place=name, handicap_text=name)
    record = replace(made.record, corrections=(Correction("x", name),))
    info = replace(made.info, identity=replace(made.info.identity, device=name, network=name))
    stored = StoredGame(record, info, made.evaluations)
    output = tmp_path / "deep" / "output"
    settings = load({"output": {"folder": output}, "report": {"club": name[:60].replace("\x00", ""), "html": True}})
    folders = Folders(output)
    folders.create()
    publisher = Publisher(folders, printed_on="2026-11-22")
    tame = made_game()

    pdf = publisher.publish(stored, settings.report, name[:50])
    book = make_workbook(WorkbookRequest(), settings, date(2026, 11, 22)).path
    written = write_overview(settings, now=datetime.now().astimezone(), since=None)
    request = DiagramRequest(record.game_id, move=13, show="惩罚", caption=name, file=tmp_path / "图.svg")
    drawing = draw_diagram(request, FolderSettings({"output": {"folder": output}}))

    for document in (pdf, book, *([written.pdf] if written.pdf else [])):
        with pypdfium2.PdfDocument(document) as opened:
            assert 1 <= len(opened) <= 12
    for page in [*output.rglob("*.html")]:
        names = Tags(page.read_text(encoding="utf-8")).names
        assert names.count("script") <= 1
        assert "img" not in names
    root = ElementTree.parse(drawing).getroot()
    assert root.tag.endswith("svg")
    assert not [e for e in root.iter() if "script" in e.tag]
    game = sgfmill.Sgf_game.from_bytes(next(output.rglob("*.sgf")).read_bytes())
    moves = [node.get_move() for node in game.get_main_sequence() if node.get_move()[0]]
    assert len(moves) == tame.record.total_turns
    assert {path.name for path in tmp_path.iterdir()} == {"deep", "图.svg"}, "nothing lies outside the output"
    assert {path.name for path in output.parent.iterdir()} == {"output"}
