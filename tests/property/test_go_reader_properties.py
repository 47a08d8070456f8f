"""The reader on any input: a record or a GameError, nothing else; and identity that only the game decides."""

from __future__ import annotations

import time

import pytest
from fakes.plain_sgf import escape_text, write_sgf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import GameError
from pipeline.go.board import Board, Color, IllegalPlay, Point
from pipeline.go.formats import read_game_file
from pipeline.go.record import GameInfo, GameRecord, Move, Player, Result, ResultKind, Ruleset
from pipeline.go.sgf import read_sgf
from pipeline.go.text import clean

PIECES = st.sampled_from(
    (
        "(",
        ")",
        ";",
        "[",
        "]",
        "\\",
        "\n",
        " ",
        "(;",
        ";B[",
        ";W[",
        "pd]",
        "tt]",
        "AB[aa:cc]",
        "AW[dd]",
        "SZ[",
        "9]",
        "13:7]",
        "KM[",
        "375]",
        "3又3/4子]",
        "HA[",
        "7]",
        "RU[",
        "日本]",
        "RE[",
        "黑胜1/4子]",
        "W+0.02]",
        "PB[",
        "四段]",
        "AP[Fupan",
        "C[",
        "x",
    )
)
NAMES = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


def outcome(data: bytes, file: str) -> None:
    records: tuple[GameRecord, ...] = ()
    try:
        records = read_game_file(data, file=file)
    except GameError as error:
        told = error.message and error.advice
    else:
        told = ""
    if told:
        return
    assert records
    for record in records:
        assert record.moves
        # Every move must be playable: the engine refuses whole games for one that is not.
        board = Board(record.width, record.height)
        board.setup(record.setup_black, record.setup_white)
        for move in record.moves:
            board.play(move.color, move.point)
        assert abs(record.komi) <= 100
        assert len(record.game_id) == 16


@given(st.binary(max_size=400), st.sampled_from(["a.sgf", "a.gib", "a.ngf", "a.ugf", "a.zip", ""]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(data, file):
    outcome(data, file)


@given(st.lists(PIECES, max_size=60), st.sampled_from(["utf-8", "gb18030", "utf-16", "cp949"]))
@settings(max_examples=500, deadline=None)
def test_anything_that_looks_like_sgf_is_read_or_refused(pieces, codec):
    outcome("".join(["(;", *pieces]).encode(codec, "ignore"), "a.sgf")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_000_000,
        "(;" * 500_000,
        ";" * 1_000_000,
        "(;C" + "[" * 1_000_000,
        "(;" + ";B[pd" * 200_000,
        "(;C[" + "\\" * 1_000_000,
        "(;" + "[]" * 500_000,
        "(;" + "C[]1" * 250_000,
        "(;PB[" + "PB[" * 300_000,
        "( " * 500_000,
        "(;" + "a" * 1_000_000,
        "(;B[aa]" + "()" * 500_000,
        "(;C[x]" * 20_000,
        "让" * 300_000,
        "(;SZ[19]" + ";B[aa];W[]" + ";B[];W[]" * 400 + ";AB[aa]" * 20_000,
        "(;KM[" + "1" * 900_000 + "])",
        "(;RE[" + "黑胜又" * 100_000 + "];B[aa])",
        "(;DT[" + "1 9" * 200_000 + "];B[aa])",
        "\\HS" + "\\[GAMENAME=" * 100_000,
        "[Header]\n" + "PlayerB=," * 100_000,
    ],
)
def test_hostile_texts_take_linear_time(text):
    begun = time.process_time()
    outcome(text.encode(), "a.sgf")
    assert time.process_time() - begun < 8


@st.composite
def records(draw) -> GameRecord:
    width = draw(st.integers(2, 19))
    height = draw(st.sampled_from([width, draw(st.integers(2, 19))]))
    board = Board(width, height)
    moves: list[Move] = []
    color = Color.BLACK
    for _ in range(draw(st.integers(1, 30))):
        point = draw(
            st.one_of(st.none(), st.builds(Point, st.integers(0, width - 1), st.integers(0, height - 1)))
            if moves
            else st.builds(Point, st.integers(0, width - 1), st.integers(0, height - 1))
        )
        try:
            board.play(color, point)
        except IllegalPlay:
            continue
        moves.append(Move(color, point))
        color = color.opponent
    if not moves:
        moves = [Move(Color.BLACK, Point(0, 0))]
    komi = draw(st.integers(-15, 30)) / 2
    return GameRecord(
        width=width,
        height=height,
        moves=tuple(moves),
        komi=komi,
        ruleset=draw(st.sampled_from(list(Ruleset))),
        info=GameInfo(
            black=Player(name=clean(draw(NAMES))),
            white=Player(name=clean(draw(NAMES))),
            result=Result(ResultKind.POINTS, Color.WHITE, draw(st.integers(1, 100)) + komi % 1),
        ),
    )


@given(records())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_writing_and_reading_back_keeps_the_game(record):
    again = read_sgf(write_sgf(record).encode())[0]
    assert again.game_id == record.game_id
    assert again.moves == record.moves
    assert again.info.result.margin == record.info.result.margin


@given(records(), NAMES, NAMES, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_names_comments_and_encoding_do_not_change_the_identity(record, name, comment, codec):
    text = write_sgf(record).replace(";GM[1]", f";GM[1]GN[{escape_text(name)}]C[{escape_text(comment)}]", 1)
    assert read_sgf(text.encode(codec))[0].game_id == record.game_id


@given(NAMES)
def test_cleaning_is_idempotent_and_leaves_one_printable_line(text):
    once = clean(text)
    assert clean(once) == once
    assert once.isprintable() or "□" in once


LETTERS = "abcdefghijklmnopqrs"
SYMMETRIES = {
    "turned": lambda col, row, last: (row, last - col),
    "half turned": lambda col, row, last: (last - col, last - row),
    "mirrored": lambda col, row, last: (last - col, row),
    "flipped": lambda col, row, last: (row, col),
}


def sgf_of(size: int, points: list[tuple[int, int]], first: str = "B") -> bytes:
    second = "W" if first == "B" else "B"
    moves = "".join(f";{(first, second)[i % 2]}[{LETTERS[c]}{LETTERS[r]}]" for i, (c, r) in enumerate(points))
    return f"(;SZ[{size}]KM[7.5]RU[Chinese]PB[a]PW[b]{moves})".encode()


def moves_read(data: bytes) -> tuple[list[tuple[int, int]], list[str], str]:
    """Points from the upper left, codes of the corrections, identity."""
    record = read_sgf(data)[0]
    points = [(m.point.col, record.height - 1 - m.point.row) for m in record.moves if m.point is not None]
    return points, [c.code for c in record.corrections], record.game_id


@st.composite
def point_lists(draw) -> tuple[int, list[tuple[int, int]]]:
    size = draw(st.sampled_from((3, 5, 9, 19)))
    cell = st.integers(0, size - 1)
    return size, draw(st.lists(st.tuples(cell, cell), min_size=1, max_size=40))


@given(point_lists(), st.sampled_from(sorted(SYMMETRIES)))
@settings(max_examples=150, deadline=None)
def test_a_turned_board_is_read_alike_and_is_another_game(game, name):
    size, points = game
    turned = [SYMMETRIES[name](c, r, size - 1) for c, r in points]
    plain, codes, identity_plain = moves_read(sgf_of(size, points))
    other, other_codes, identity_other = moves_read(sgf_of(size, turned))
    assert other == [SYMMETRIES[name](c, r, size - 1) for c, r in plain]
    assert other_codes == codes
    assert (identity_other == identity_plain) == (other == plain)


@given(point_lists())
@settings(max_examples=150, deadline=None)
def test_exchanged_colours_are_read_alike_and_are_another_game(game):
    size, points = game
    plain, codes, identity_plain = moves_read(sgf_of(size, points))
    other, other_codes, identity_other = moves_read(sgf_of(size, points, first="W"))
    assert other == plain
    assert set(other_codes) - set(codes) == {"moves.white_first"}
    assert identity_other != identity_plain
