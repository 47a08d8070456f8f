"""The annotated SGF as foreign parsers see it."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from sgfmill import sgf as sgfmill

from pipeline.errors import GameError
from pipeline.evaluation import AnalysisInfo, Candidate, EngineIdentity, Evaluation
from pipeline.go.board import Color, Point, parse_vertex
from pipeline.go.formats import read_game_file
from pipeline.go.record import Correction, GameInfo, GameRecord, Move, Player, Result, ResultKind, Ruleset
from pipeline.report.annotated import annotated_sgf
from pipeline.review.model import GameReview, KeyMoment, MoveCategory, MoveReview, MoveStats, Phase, PlayerSummary

INFO = AnalysisInfo(
    EngineIdentity("1.18.1", "abc", "b15c192", "f" * 64, "opencl", "CPU"),
    "0123456789ab",
    1000,
    100,
    "uniform",
    "deep",
    7,
    7000,
    12.5,
    "2026-01-02T03:04:05+08:00",
)


def moves(text: str, width: int = 9, height: int = 9, first: Color = Color.BLACK) -> tuple[Move, ...]:
    color, played = first, []
    for vertex in text.split():
        played.append(Move(color, parse_vertex(vertex, width, height)))
        color = color.opponent
    return tuple(played)


def game(**changes: object) -> GameRecord:
    record = GameRecord(9, 9, moves("E5 C3 G7 C7 pass G3"), 7.5, Ruleset.CHINESE)
    return replace(record, **changes)  # type: ignore[arg-type]


def evaluations_of(record: GameRecord, *, step: float = 1.0) -> dict[int, Evaluation]:
    """Made results: Black leads by ``step`` points more after every move, his winrate follows."""
    size = record.width * record.height
    found = {}
    for turn in range(record.total_turns + 1):
        lead = turn * step
        best = Candidate("D4", 0, 80, 0.5 + lead / 100, lead, 5.0, 0.5, 0.4, ("D4", "F6", "D6", "F4"))
        near = Candidate("F6", 1, 40, 0.5 + lead / 100, lead, 5.0, 0.5, 0.3, ("F6", "D4"))
        found[turn] = Evaluation(
            turn, record.to_move(turn), 120, 0.5 + lead / 100, lead, 5.0, 0.5, 0.0, 0.1, 1.0, (best, near), (10,) * size
        )
    return found


def review_of(record: GameRecord, losses: Mapping[int, float], *, losing: int | None = None) -> GameReview:
    verdicts = tuple(
        MoveReview(
            number,
            move.color,
            move.vertex,
            losses.get(number, 0.0),
            losses.get(number, 0.0) / 50,
            losses.get(number, 0.0),
            None,
            0.0,
            None,
            MoveCategory.BLUNDER if losses.get(number, 0.0) >= 6 else MoveCategory.GOOD,
            None,
            Phase.OPENING,
            key_moment=1 if number == losing else None,
        )
        for number, move in enumerate(record.moves, start=1)
    )
    stats = MoveStats(3, 6.2, 2.1, 0.05, 0.5, None, 0.7, 88.8, ((MoveCategory.BLUNDER, 1),), 3, None, None)
    moments = (KeyMoment(1, losing, record.moves[losing - 1].color, 1.0),) if losing else ()
    return GameReview(
        verdicts,
        PlayerSummary(Color.BLACK, stats, (), ()),
        PlayerSummary(Color.WHITE, stats, (), ()),
        moments,
        (),
        (),
        (),
        losing,
    )


def written(record: GameRecord, losses: Mapping[int, float] = {}, **options: object) -> bytes:
    given: dict[str, object] = {"version": "1.2.3", **options}
    evaluations = given.pop("evaluations", None) or evaluations_of(record)
    review = review_of(record, losses, losing=given.pop("losing", None))  # type: ignore[arg-type]
    return annotated_sgf(record, evaluations, review, INFO, **given)  # type: ignore[arg-type]


def main_line(data: bytes) -> list[sgfmill.Tree_node]:
    return list(sgfmill.Sgf_game.from_string(data.decode("utf-8")).get_main_sequence())


def played(nodes: list[sgfmill.Tree_node]) -> list[tuple[str, tuple[int, int] | None]]:
    return [node.get_move() for node in nodes if node.get_move()[0]]


def text_of(node: sgfmill.Tree_node, name: str) -> str:
    return node.get_raw(name).decode("utf-8")


def kt(node: sgfmill.Tree_node) -> tuple[bytes, dict[str, object]]:
    own, _, main = (gzip.decompress(base64.b64decode(value)) for value in node.get_raw_list("KT"))
    return own, json.loads(main)


def test_root_describes_the_game() -> None:
    info = GameInfo(
        Player("学员甲", "3级"),
        Player("学员乙", "5级"),
        "2026-01-01",
        "周末赛",
        result=Result(ResultKind.POINTS, Color.WHITE, 3.5),
    )
    record = game(info=info, corrections=(Correction("x", "贴目按7.5目分析"),))

    root = main_line(written(record))[0]

    assert (root.get("FF"), root.get("SZ"), root.get("KM"), root.get("CA")) == (4, 9, 7.5, "UTF-8")
    assert text_of(root, "AP") == "Fupan:1.2.3"
    assert text_of(root, "KTV") == "1.0"
    assert (root.get("PB"), root.get("BR"), root.get("PW"), root.get("WR")) == ("学员甲", "3级", "学员乙", "5级")
    assert (root.get("DT"), root.get("EV"), root.get("RE"), root.get("RU")) == (
        "2026-01-01",
        "周末赛",
        "W+3.5",
        "Chinese",
    )
    comment = root.get("C")
    for words in ("7目半", "学员甲", "准确度88.8", "恶手1", "贴目按7.5目分析", "b15c192", "2026-01-02T03:04:05+08:00"):
        assert words in comment


def test_every_node_carries_three_dialects_that_agree() -> None:
    record = game()
    nodes = main_line(written(record))

    assert len(nodes) == 7
    for turn, node in enumerate(nodes):
        assert text_of(node, "SBKV") == f"{50 + turn:.2f}"
        assert text_of(node, "SBKS") == f"{turn:.2f}"
        own, main = kt(node)
        assert len(own) == 2 * 81
        assert main["root"]["scoreLead"] == turn
        line = text_of(node, "LZOP" if turn == 0 else "LZ").split("\n")[0].split()
        sign = record.to_move(turn).sign
        assert line[0] == "KataGo-1.18.1"
        assert float(line[1]) == pytest.approx(50 - sign * turn)
        assert float(line[3]) == pytest.approx(sign * turn)


def test_the_main_line_is_the_game_and_a_pass_stays_a_pass() -> None:
    data = written(game(), {2: 9.0, 4: 2.0, 6: 3.0})

    assert played(main_line(data)) == [
        ("b", (4, 4)),
        ("w", (2, 2)),
        ("b", (6, 6)),
        ("w", (6, 2)),
        ("b", None),
        ("w", (2, 6)),
    ]


def test_branches_stand_where_more_than_the_threshold_was_lost() -> None:
    losses = {2: 9.0, 4: 2.0}

    def branching(threshold: float) -> list[int]:
        nodes = main_line(written(game(), losses, variation_threshold=threshold))
        return [number for number, node in enumerate(nodes) if len(node) > 1]

    assert branching(1.5) == [1, 3]
    assert branching(2.0) == [1]
    assert branching(20.0) == []


def test_the_move_that_lost_the_game_has_a_branch_whatever_the_threshold() -> None:
    nodes = main_line(written(game(), {2: 9.0}, variation_threshold=20.0, losing=2))
    assert [number for number, node in enumerate(nodes) if len(node) > 1] == [1]


def test_a_branch_is_the_best_line_in_turn_and_says_so() -> None:
    nodes = main_line(written(game(), {2: 9.0}, max_variation_moves=3))

    first = nodes[1][1]

    assert first.get("N") == "推荐变化"
    assert "第2手的推荐变化：D4" in first.get("C")
    assert text_of(first, "SBKS") == "1.00"
    line = [first, first[0], first[0][0]]
    assert [node.get_move() for node in line] == [("w", (3, 3)), ("b", (5, 5)), ("w", (5, 3))]
    assert len(line[-1]) == 0


def test_a_branch_ends_before_a_move_that_cannot_be_played() -> None:
    record = game()
    broken = evaluations_of(record)
    best = broken[1].candidates[0]
    broken[1] = replace(broken[1], candidates=(replace(best, pv=("D4", "E5", "D6")),))

    first = main_line(written(record, {2: 9.0}, evaluations=broken))[1][1]

    assert first.get_move() == ("w", (3, 3))
    assert len(first) == 0


def test_no_branch_when_the_best_move_was_played() -> None:
    record = game(moves=moves("E5 D4"))

    assert all(len(node) <= 1 for node in main_line(written(record, {2: 9.0})))


def test_a_notable_move_says_what_it_cost_and_what_was_better() -> None:
    node = main_line(written(game(), {2: 9.0}, losing=2))[2]

    comment = node.get("C")

    for words in (
        "第2手 白 C3【恶手 · 关键手1 · 败着】",
        "目损9.0，胜率降18.0个百分点",
        "推荐：D4 F6 D6 F4，黑胜率51.0%，黑领先1.0目",
        "黑方最强应对：D4 F6",
    ):
        assert words in comment
    assert "黑胜率52.0%，黑领先2.0目" in comment
    assert node.get("BM") == 1
    assert node.get("HO") == 2
    assert node.get("MA") == {(3, 3)}
    assert node.get("SQ") == {(5, 5)}


def test_a_quiet_move_has_analysis_but_no_comment() -> None:
    node = main_line(written(game(), {2: 9.0}))[1]

    assert not {"C", "BM", "MA", "TE", "HO"} & set(node.properties())
    assert node.has_property("KT")


def test_a_hard_only_move_is_praised() -> None:
    record = game(moves=moves("E5 D4"))
    results = evaluations_of(record)
    best, near = results[1].candidates
    results[1] = replace(results[1], candidates=(best, replace(near, score_lead=9.0)))
    review = review_of(record, {})
    verdict = replace(review.moves[1], rank=1, played_prior=0.05)
    review = replace(review, moves=(review.moves[0], verdict))

    node = main_line(annotated_sgf(record, results, review, INFO, version="1"))[2]

    assert node.get("TE") == 1
    assert "好手" in node.get("C")


def test_handicap_stones_and_the_first_player_are_explicit() -> None:
    stones = tuple(sorted((Point(2, 2), Point(6, 6))))
    record = game(
        handicap=2, setup_black=stones, moves=moves("E5 C7", first=Color.WHITE), first_to_play=Color.WHITE, komi=0.0
    )

    root = main_line(written(record))[0]

    assert root.get("HA") == 2
    assert root.get("AB") == {(2, 2), (6, 6)}
    assert root.get("PL") == "w"
    assert text_of(root, "KM") == "0"
    assert kt(root)[1]["root"]["currentPlayer"] == "W"


def test_an_unsearched_position_is_a_plain_node() -> None:
    record = game()
    some = evaluations_of(record)
    del some[1], some[3]
    some[4] = replace(some[4], score_lead=float("nan"))

    nodes = main_line(written(record, {2: 9.0, 4: 9.0}, evaluations=some))

    assert [node.has_property("KT") for node in nodes] == [True, False, True, False, False, True, True]
    assert "恶手" in nodes[2].get("C")
    assert all(len(node) <= 1 for node in nodes)


def test_a_rectangle_has_both_sides_in_its_size() -> None:
    record = game(width=13, height=7, moves=moves("N7 A1", 13, 7))

    text = written(record, {2: 9.0}).decode("utf-8")

    assert "SZ[13:7]" in text
    assert text.index("\n;B[ma]") < text.index("\n;W[ag]BM[1]") < text.index("\n;W[dd]N[")
    blob = re.search(r"KT\[([^]]*)\]", text)
    assert blob is not None
    assert len(gzip.decompress(base64.b64decode(blob[1]))) == 2 * 13 * 7


def test_hostile_texts_stay_inside_their_properties() -> None:
    name = "甲];W[aa]\\ (;B[bb])\x00\u202e\n<b>&amp;"
    info = GameInfo(Player(name), Player("乙" * 5000), event="杯\\", result=Result(ResultKind.UNKNOWN, raw="?]"))
    record = game(info=info, corrections=(Correction("x", "]\\;B[aa]"),))

    nodes = main_line(written(record, {2: 9.0}))
    root = nodes[0]

    assert root.get("PB") == "甲];W[aa]\\ (;B[bb]) <b>&amp;"
    assert len(root.get("PW")) == 300
    assert root.get("EV") == "杯\\"
    assert "]\\;B[aa]" in root.get("C")
    assert len(played(nodes)) == 6


def test_a_long_game_of_mistakes_nests_within_any_readers_reach() -> None:
    record = game(moves=moves("A1 J9 " + "pass pass " * 200))

    nodes = main_line(written(record, dict.fromkeys(range(1, 403), 9.0)))

    assert len(played(nodes)) == 402


def test_equal_input_gives_equal_bytes() -> None:
    assert written(game(), {2: 9.0}) == written(game(), {2: 9.0})


def test_without_our_mark_it_reads_back_as_the_same_game() -> None:
    stones = tuple(sorted((Point(2, 2), Point(6, 6))))
    record = game(handicap=2, setup_black=stones, moves=moves("E5 C7 pass D4", first=Color.WHITE), komi=0.5)
    record = replace(record, first_to_play=Color.WHITE)

    data = written(record, {1: 9.0, 4: 9.0}).replace(b"AP[Fupan:1.2.3]", b"")

    (read,) = read_game_file(data, file="x.sgf")
    assert read.game_id == record.game_id


def test_our_own_output_is_never_taken_for_a_new_game() -> None:
    with pytest.raises(GameError) as refused:
        read_game_file(written(game()), file="x.sgf")

    assert refused.value.code == "game.own_output"
