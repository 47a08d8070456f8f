"""The analysis properties of the annotated SGF, decoded by the rules of the programs that read them."""

from __future__ import annotations

import base64
import gzip
import json
import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sgfmill import sgf as sgfmill

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Color
from pipeline.report import sgf_formats as sgf

OWNERSHIP = (100, -100, 50, 0)


def candidate(move: str, order: int, *, visits: int = 30, winrate: float = 0.7, lead: float = 2.5) -> Candidate:
    return Candidate(move, order, visits, winrate, lead, 8.0, winrate - 0.02, 0.25, (move, "B2"))


def evaluation(to_move: Color = Color.BLACK, *, candidates: tuple[Candidate, ...] | None = None) -> Evaluation:
    if candidates is None:
        candidates = (candidate("A1", 0), candidate("B1", 1, visits=10, winrate=0.6, lead=1.25))
    return Evaluation(7, to_move, 1234, 0.7, 2.5, 8.125, 0.65, 2.0, 0.1, 1.0, candidates, OWNERSHIP)


def decoded(values: tuple[str, str, str]) -> tuple[bytes, bytes, dict[str, object]]:
    own, policy, main = (gzip.decompress(base64.standard_b64decode(value)) for value in values)
    return own, policy, json.loads(main)


class LizzieYzy:
    """How LizzieYzy splits an ``LZ`` value."""

    def __init__(self, value: str) -> None:
        first, _, second = value.partition("\n")
        self.engine, winrate, visits, score, stdev = first.split(" ")
        self.just_moved_winrate, self.score, self.stdev = float(winrate), float(score), float(stdev)
        self.visits = int(visits)
        moves_text, _, ownership = second.partition("ownership")
        self.moves = [self._move(part) for part in moves_text.split(" info ") if part.strip()]
        self.ownership: list[float] = []
        for word in ownership.split():
            try:
                self.ownership.append(float(word))
            except ValueError:
                break

    @staticmethod
    def _move(part: str) -> dict[str, str]:
        words = part.split()
        pv = words.index("pv")
        pairs = dict(zip(words[:pv:2], words[1:pv:2], strict=True))
        return {**pairs, "pv": " ".join(words[pv + 1 :])}


@pytest.mark.parametrize("to_move", list(Color))
def test_kt_is_blacks_view_whoever_is_to_move(to_move: Color) -> None:
    own, policy, main = decoded(sgf.kt_values(evaluation(to_move)))

    assert struct.unpack("<4e", own) == (1.0, -1.0, 0.5, 0.0)
    assert policy == b""
    assert main["root"]["winrate"] == 0.7
    assert main["root"]["scoreLead"] == 2.5
    assert main["root"]["visits"] == 1234
    assert main["completed"] is True
    assert main["moves"]["B1"]["scoreLead"] == 1.25
    assert [m["order"] for m in main["moves"].values()] == [0, 1]
    assert all(m["prior"] == 0.25 and m["pv"] for m in main["moves"].values())


def test_kt_adds_the_played_move_with_the_value_behind_it() -> None:
    behind = evaluation(Color.WHITE)
    _, _, main = decoded(sgf.kt_values(evaluation(), sgf.Played("C3", behind, 0.01)))

    played = main["moves"]["C3"]
    assert played["order"] == 999
    assert (played["winrate"], played["visits"], played["prior"]) == (0.7, 1234, 0.01)
    assert played["pv"] == ["C3", "A1", "B2"]
    assert sum(m["order"] == 0 for m in main["moves"].values()) == 1


def test_kt_keeps_the_better_searched_value_of_a_played_candidate() -> None:
    shallow = evaluation()
    deep = evaluation(candidates=(candidate("A1", 0, visits=5000, lead=4.0),))

    _, _, updated = decoded(sgf.kt_values(shallow, sgf.Played("B1", shallow)))
    _, _, kept = decoded(sgf.kt_values(deep, sgf.Played("A1", shallow)))

    assert updated["moves"]["B1"]["visits"] == 1234
    assert updated["moves"]["B1"]["order"] == 1
    assert kept["moves"]["A1"]["scoreLead"] == 4.0


@pytest.mark.parametrize(
    ("to_move", "just_moved", "score", "best", "owner"),
    [(Color.BLACK, 30.0, 2.5, "7000", 1.0), (Color.WHITE, 70.0, -2.5, "3000", -1.0)],
)
def test_lz_speaks_for_the_side_to_move(
    to_move: Color, just_moved: float, score: float, best: str, owner: float
) -> None:
    read = LizzieYzy(sgf.lz_value(evaluation(to_move), "KataGo 1.18.1 ]\\"))

    assert read.engine == "KataGo1.18.1"
    assert read.just_moved_winrate == just_moved
    assert read.score == score
    assert read.visits == 1234
    assert [m["move"] for m in read.moves] == ["A1", "B1"]
    assert read.moves[0]["winrate"] == best
    assert read.moves[0]["prior"] == "2500"
    assert read.moves[0]["pv"] == "A1 B2"
    assert float(read.moves[1]["scoreMean"]) == (1.25 if to_move is Color.BLACK else -1.25)
    assert read.ownership == [owner, -owner, 0.5 * owner, 0.0]


def test_lizgoban_finds_everything_before_the_closing_info() -> None:
    only = evaluation(candidates=(candidate("A1", 0),))

    found = re.search(r"\n(.*) *info */?", sgf.lz_value(only, "KataGo"))

    assert found is not None
    assert found[1].startswith("move A1 visits 30 ")
    assert "ownership 1.00 -1.00 0.50 0.00" in found[1]


def test_lz_without_candidates_has_an_empty_second_line() -> None:
    value = sgf.lz_value(evaluation(candidates=()), "KataGo")

    assert value.count("\n") == 1
    assert value.endswith("\n")


def test_numbers_never_show_a_negative_zero() -> None:
    assert sgf.black_lead(-0.001) == "0.00"
    assert sgf.black_lead(-3.25) == "-3.25"
    assert sgf.black_winrate(0.43214) == "43.21"


def test_equal_results_give_equal_bytes() -> None:
    assert sgf.kt_values(evaluation()) == sgf.kt_values(evaluation())
    # Bytes 4 to 7 of a gzip header hold the time of writing.
    assert base64.b64decode(sgf.kt_values(evaluation())[2])[4:8] == bytes(4)


def test_points_count_from_the_top_left() -> None:
    assert sgf.sgf_vertex("A19", 19, 19) == "aa"
    assert sgf.sgf_vertex("J1", 13, 19) == "is"
    assert sgf.sgf_vertex("pass", 9, 9) == ""


@given(st.text())
def test_no_text_breaks_out_of_its_property(text: str) -> None:
    source = f"(;FF[4]CA[UTF-8]PB[{sgf.escape_simple(text)}]C[{sgf.escape_text(text)}]SZ[9])"

    root = sgfmill.Sgf_game.from_string(source.encode("utf-8").decode("utf-8")).get_root()

    assert set(root.properties()) <= {"FF", "CA", "PB", "C", "SZ"}
    assert root.get("SZ") == 9
    visible = sgf.clean(text, sgf.MAX_TEXT)
    assert root.get("C").split() == visible.split()


def test_clean_drops_what_nobody_sees() -> None:
    assert sgf.clean("甲\u202e乙\x00\u200b丙\ud800\u3164", 99) == "甲乙丙"
    assert len(sgf.clean("长" * 500, 300)) == 300
