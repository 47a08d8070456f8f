"""The sample games: small, legal, and really in the dialects that their table promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sgfmill import sgf as sgfmill

from pipeline.go.board import Board, Color, Point
from pipeline.go.formats import read_game_file

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "samples"
FILES = sorted(FOLDER.glob("*.sgf"))


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def replayed(path: Path) -> tuple[Board, int]:
    """The final position and the number of moves that were not handicap stones."""
    game = sgfmill.Sgf_game.from_string(text_of(path))
    board, count = Board(game.get_size(), game.get_size()), 0
    for node in game.main_sequence_iter():
        if node.has_property("AB"):
            board.setup(black=[Point(col, row) for row, col in node.get("AB")])
        color, point = node.get_move()
        if color:
            count += 1
            board.play(Color(color.upper()), None if point is None else Point(point[1], point[0]))
    return board, count


def test_the_table_names_every_file() -> None:
    table = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert len(FILES) >= 4
    assert set(re.findall(r"`(\d\d-[^`]+\.sgf)`", table)) == {path.name for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:2])
def test_the_moves_are_legal(path: Path) -> None:
    _, count = replayed(path)

    assert count >= 30


def test_the_first_file_is_short_and_all_fit_a_slow_machine() -> None:
    counts = [replayed(path)[1] for path in FILES]

    assert counts[0] <= 60
    assert sum(counts) <= 560


def test_what_each_file_shows_is_really_there() -> None:
    raw = {path.name[:2]: path.read_bytes() for path in FILES}

    assert b"SZ[9]" in raw["01"]
    assert b"KM[375]" in raw["01"]
    assert b"\r\n" in raw["01"]
    assert b"KM[0]HA[0]" in raw["02"]
    assert re.search(rb"HA\[3\][^;]*;AB\[pd\]\[dp\]\[dd\];W", raw["03"])
    assert b"SZ[13]" in raw["04"]
    assert b"HA[4]" in raw["04"]
    assert b"AB[" not in raw["04"]
    with pytest.raises(UnicodeDecodeError):
        raw["05"].decode("utf-8")
    assert "吴清源" in raw["05"].decode("gb18030")
    assert b"CA[" not in raw["05"]
    assert b"\r\n" in raw["05"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("01", (9, 36, 7.5, "chinese", 0, "B", "utf-8")),
        ("02", (19, 92, 6.5, "japanese", 0, "B", "utf-8")),
        ("03", (19, 93, 5.5, "chinese", 3, "W", "utf-8")),
        ("04", (13, 107, 0.5, "chinese", 4, "W", "utf-8")),
        ("05", (19, 111, 0.0, "chinese", 0, "B", "gb18030")),
    ],
)
def test_our_reader_understands_them(prefix: str, expected: tuple[object, ...]) -> None:
    path = next(path for path in FILES if path.name.startswith(prefix))

    (record,) = read_game_file(path.read_bytes(), file=path.name)

    read = (record.width, len(record.moves), record.komi, record.ruleset, record.handicap, record.first_to_play)
    assert (*read, record.source.charset) == expected
    assert len(record.setup_black) == record.handicap
    assert record.info.black.name


def test_nobody_else_wrote_in_them() -> None:
    for path in FILES:
        root = sgfmill.Sgf_game.from_string(text_of(path))
        assert not any(node.has_property("C") for node in root.main_sequence_iter())


def test_git_never_converts_them() -> None:
    assert "samples/*.sgf -text" in (ROOT / ".gitattributes").read_text(encoding="utf-8")
