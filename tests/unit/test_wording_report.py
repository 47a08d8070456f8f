"""The words of the report as a Chinese Go teacher would write them."""

from __future__ import annotations

import pytest

from pipeline.go.record import ResultKind, Ruleset
from pipeline.review.model import MoveCategory, Phase
from pipeline.wording import report as words
from pipeline.wording import sentences, terms


@pytest.mark.parametrize(
    ("points", "text"), [(7.5, "7目半"), (0.5, "半目"), (3, "3目"), (0, "0目"), (-6.5, "6目半"), (0.25, "0.25目")]
)
def test_points_are_said_with_half(points: float, text: str) -> None:
    assert terms.half_points(points) == text


@pytest.mark.parametrize(
    ("points", "text"), [(7.5, "3又3/4子"), (5.5, "2又3/4子"), (1.5, "3/4子"), (6, "3子"), (7, "3又1/2子")]
)
def test_stones_of_area_counting(points: float, text: str) -> None:
    assert terms.stones(points) == text


@pytest.mark.parametrize(
    ("kind", "winner", "margin", "ruleset", "text"),
    [
        ("resign", "B", None, "chinese", "黑中盘胜"),
        ("time", "W", None, "japanese", "白超时胜"),
        ("points", "W", 3.5, "japanese", "白胜3目半"),
        ("points", "B", 5.5, "chinese", "黑胜5目半（2又3/4子）"),
        ("points", "B", 0.5, "korean", "黑胜半目"),
        ("win", "B", None, "chinese", "黑胜"),
        ("draw", None, None, "chinese", "和棋"),
        ("void", None, None, "chinese", "无胜负"),
        ("unknown", None, None, "chinese", "不详"),
    ],
)
def test_results(kind: str, winner: str | None, margin: float | None, ruleset: str, text: str) -> None:
    assert terms.result(kind, winner, margin, ruleset) == text


def test_komi_and_handicap() -> None:
    assert terms.komi(7.5, "chinese") == "7目半（中国规则，合3又3/4子）"
    assert terms.komi(6.5, "japanese") == "6目半（日本规则）"
    assert terms.komi(0, "japanese") == "不贴目（日本规则）"
    assert terms.komi(-5.5, "korean") == "倒贴5目半（韩国规则）"
    assert terms.handicap(4, 0.5) == "让4子"
    assert terms.handicap(0, 7.5) == "分先"
    assert terms.handicap(0, 0) == "黑先"
    assert terms.handicap(0, 7.5, "先相先") == "先相先"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1976-01-28", "1976年1月28日"),
        ("1976-01", "1976年1月"),
        ("1976", "1976年"),
        ("昭和51年", "昭和51年"),
        ("196", "196年"),
    ],
)
def test_dates(text: str, shown: str) -> None:
    assert terms.date(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("4d", "4段"),
        ("12k", "12级"),
        ("9p", "职业九段"),
        ("P9段", "职业九段"),
        ("9단", "9段"),
        ("3002", "等级分3002"),
        ("12급", "12级"),
        ("9段", "9段"),
        ("业余4段", "业余4段"),
        ("", ""),
    ],
)
def test_ranks(text: str, shown: str) -> None:
    assert terms.rank(text) == shown


def test_numbers_have_a_true_minus_and_no_negative_zero() -> None:
    assert terms.decimal(-0.04) == "0.0"
    assert terms.signed_percent(-0.143) == "−14.3%"
    assert terms.signed_percent(0.05) == "+5.0%"
    assert terms.percent(0.624) == "62.4%"


def test_every_value_of_the_enums_has_a_word() -> None:
    assert set(terms.CATEGORIES) == {c.value for c in MoveCategory}
    assert set(terms.PHASES) == {p.value for p in Phase}
    assert set(terms.RULESETS) == {r.value for r in Ruleset}
    for kind in ResultKind:
        assert terms.result(kind.value, "B", 2.5, "chinese")


@pytest.mark.parametrize(
    ("winrate", "score", "text"),
    [
        (0.5, 0.2, "双方接近"),
        (0.7, 3.2, "黑领先约3目"),
        (0.3, -3.4, "白领先约3目半"),
        (0.99, 24.6, "黑领先约25目，已是胜势"),
        (0.7, 0.1, "黑稍好"),
    ],
)
def test_standing(winrate: float, score: float, text: str) -> None:
    assert sentences.standing(winrate, score) == text


def test_a_turn_of_the_game_is_named_only_when_it_turned() -> None:
    assert sentences.moment_standing((0.8, 6.0), (0.2, -6.0)) == "此手之前黑领先约6目，此手之后形势逆转，白领先约6目。"
    assert "逆转" not in sentences.moment_standing((0.9, 9.0), (0.7, 3.0))
    assert sentences.moment_standing((0.5, 0.1), (0.52, 0.3)) == "此手前后双方接近。"


def test_phases_of_both_players_are_joined_when_equal() -> None:
    both = sentences.costly_phases([("B", "middle", 45.2), ("W", "middle", 38.0)])
    assert both == "双方失分都主要在中盘：黑方共损45.2目，白方共损38.0目。"
    assert sentences.costly_phases([("W", "endgame", 9.0)]) == "白方在官子失分最多，共损9.0目。"


def test_notes_under_figures() -> None:
    assert words.note(165, 160, "Q16") == "165＝160"
    assert words.note(177, None, "J8") == "177＝J8"
    assert words.note(200, None, "pass") == "200＝停一手"


def test_a_lead_that_was_given_back_is_not_called_kept() -> None:
    assert sentences.whole_course(0, "B", 8, 14, kept=False) == "黑方从第8手起一度占优，最后双方接近。"
    assert "一直保持" in sentences.whole_course(0, "B", 8, 14)
