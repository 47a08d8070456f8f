"""The view: what the report says about a game, without any page."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from fakes.report_games import Sample, made_game, random_game, renamed, sample

from pipeline.go.board import Color, Point
from pipeline.go.record import Correction, GameRecord, Result, ResultKind, Ruleset
from pipeline.report.view import ReportOptions, build_view
from pipeline.report.view_model import ReportView, Svg, clean
from pipeline.review.judge import judge
from pipeline.review.model import Fact, Overlooked, Praise, Tag

GOLDEN = Path(__file__).parent.parent / "golden" / "report_view.json"


def view_of(made: Sample, **options: Any) -> ReportView:
    return build_view(
        made.record, made.evaluations, made.review, made.info, ReportOptions(**options), printed_on="2026-11-22"
    )


def plain(value: Any) -> Any:
    """The view as JSON values; drawings are shortened to their kind."""
    if isinstance(value, Svg):
        return "<svg>"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def texts(view: ReportView) -> str:
    return json.dumps(plain(asdict(view)), ensure_ascii=False)


def test_the_whole_view_of_a_made_game() -> None:
    """Rewrite after a wanted change with FUPAN_GOLDEN=write, and read the difference."""
    shown = json.dumps(plain(asdict(view_of(made_game()))), ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("FUPAN_GOLDEN") == "write":
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


def test_the_summary_names_the_losing_move() -> None:
    said = "".join(view_of(made_game()).overview)
    assert "第13手黑S7是败着" in said
    assert "败着" in view_of(made_game()).key_moves.rows[1][-1]


def test_the_summary_counts_each_class_as_the_table_does() -> None:
    game = made_game()
    view = view_of(sample(game.record, {8: 13.0, 13: 8.0, 15: 7.0, 21: 3.5}, key={}))
    assert "黑方失误1手、恶手2手，白方大恶手1手。" in "".join(view.overview)
    counted = {row[0]: (row[1], row[1 + len(row) // 2]) for row in view.statistics.rows}
    assert counted["失误"] == ("1", "0")
    assert counted["恶手"] == ("2", "0")
    assert counted["大恶手"] == ("0", "1")


def test_a_game_without_mistakes_says_so() -> None:
    calm = made_game()
    view = view_of(sample(calm.record, {}, key={}))
    assert "本局没有明显失误" in "".join(view.overview)
    assert view.key_moves.rows == ()
    assert view.moments == ()


def test_one_side_is_detailed_but_both_are_listed() -> None:
    view = view_of(made_game(), side=Color.WHITE)
    assert [m.heading for m in view.moments] == ["第8手　白R9"]
    assert len(view.key_moves.rows) == 3
    assert "白方" in view.moments_note


def test_the_weightiest_moments_are_kept_and_numbered_anew() -> None:
    view = view_of(made_game(), key_moments=1)
    assert [row[:2] for row in view.key_moves.rows] == [("1", "白8"), ("2", "黑13")]
    assert [m.number for m in view.moments] == [1, 2]


def test_a_costly_move_has_a_punishment_and_a_small_one_has_none() -> None:
    moments = view_of(made_game()).moments
    assert [len(m.figures) for m in moments] == [2, 3, 2]
    assert "惩罚图" in moments[1].figures[2].caption


def test_no_punishment_when_the_opponent_found_it() -> None:
    made = made_game()
    reply = made.record.moves[13]
    after = made.evaluations[13]
    best = replace(after.candidates[0], move=reply.vertex, pv=(reply.vertex, "A1", "A2"))
    punished = replace(made, evaluations={**made.evaluations, 13: replace(after, candidates=(best,))})
    moment = view_of(punished).moments[1]
    assert len(moment.figures) == 2
    assert "应对正确" in moment.text


def test_missing_names_read_naturally() -> None:
    view = view_of(renamed(made_game(), "", ""))
    assert view.running_head == "黑方 对 白方"
    assert view.game[0].value == "未记名"


def test_a_long_name_is_cut_everywhere() -> None:
    view = view_of(renamed(made_game(), "长" * 5000, "短"))
    assert len(view.running_head) < 60
    assert all(len(field.value) < 80 for field in view.game)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("李\u0000四\u202e\u200b", "李四"),
        ("  a \n\t b  ", "a b"),
        ("e\u0301", "é"),
        ("\ud800x", "x"),
        ("", ""),
    ],
)
def test_display_text_is_one_clean_line(text: str, shown: str) -> None:
    assert clean(text, 40) == shown


def test_corrections_are_listed() -> None:
    made = made_game()
    record = replace(made.record, corrections=(Correction("x", "贴目按野狐写法读作7目半。"),))
    assert view_of(replace(made, record=record)).corrections == ("贴目按野狐写法读作7目半。",)
    assert view_of(made).corrections == ()


@pytest.mark.parametrize("kind", [ResultKind.RESIGN, ResultKind.TIME, ResultKind.POINTS, ResultKind.WIN])
def test_a_winner_who_stood_worse_is_mentioned(kind: ResultKind) -> None:
    made = made_game()
    info = replace(made.record.info, result=Result(kind, Color.BLACK))
    said = "".join(view_of(replace(made, record=replace(made.record, info=info))).overview)
    assert "终局时按分析白方占优" in said


def test_gaps_in_the_evaluations_are_survived() -> None:
    made = made_game()
    review = replace(
        made.review,
        moves=tuple(m for m in made.review.moves if m.move_number == 8),
        winrates=(None,) * 25,
        score_leads=(None,) * 25,
    )
    view = view_of(replace(made, evaluations={}, review=review))
    assert view.curves == ()
    assert len(view.moments) == 1
    assert len(view.moments[0].figures) == 1


def test_a_game_without_moves_makes_a_view() -> None:
    record = GameRecord(9, 9, (), 7.5, Ruleset.CHINESE, setup_black=(Point(4, 4),))
    view = view_of(sample(record, {}, key={}))
    assert view.record == ()
    assert view.statistics.rows == ()


@pytest.mark.parametrize(("size", "across"), [(9, 3), (13, 2), (19, 2)])
def test_small_boards_stand_closer_together(size: int, across: int) -> None:
    view = view_of(random_game(size, 60), moves_per_figure=15)
    assert len(view.record[0]) == across
    assert sum(f.width_mm for f in view.record[0]) <= view.paper.content_width


def test_the_record_can_be_left_out() -> None:
    assert view_of(made_game(), record=False).record == ()


def test_a_quick_analysis_is_called_so() -> None:
    made = made_game()
    view = view_of(replace(made, info=replace(made.info, level="quick")))
    assert "快速分析" in texts(view)
    assert "快速版" in texts(view)
    assert "深度版" not in texts(view)
    assert "深度版" in texts(view_of(made))


def test_a_key_moment_is_explained() -> None:
    made = made_game()
    facts = (
        Fact(Tag.TENUKI, "S6", "R9", Color.WHITE, region="lower_right"),
        Fact(Tag.URGENT_POINT, "S6", owner=Color.WHITE, region="lower_right"),
        Fact(Tag.LOST_IN, region="upper_right", points=7.8),
    )
    moves = tuple(replace(m, facts=facts) if m.move_number == 13 else m for m in made.review.moves)
    text = view_of(replace(made, review=replace(made.review, moves=moves))).moments[1].text
    assert "脱先" in text
    assert "S6" in text
    assert "右上角" in text
    assert "约8目" in text
    assert "急" not in text, "two reasons that name one point are one"


def test_lost_stones_are_named_instead_of_the_place() -> None:
    made = made_game()
    facts = (
        Fact(Tag.STONES_LOST, stones="R6", owner=Color.BLACK, count=5, points=0.9),
        Fact(Tag.LOST_IN, region="right_side", points=7.8),
    )
    moves = tuple(replace(m, facts=facts) if m.move_number == 13 else m for m in made.review.moves)
    text = view_of(replace(made, review=replace(made.review, moves=moves))).moments[1].text
    assert "黑R6一带5子" in text
    assert "右边" not in text


def test_praise_and_overlooked_points_are_told() -> None:
    made = made_game()
    review = replace(
        made.review,
        praised=(Praise(7, Color.BLACK, "R6", 0.03, 4.2, brilliant=True),),
        overlooked=(Overlooked("C6", 4, 9, 4, 5.3, taken_by=None), Overlooked("D14", 4, 9, 4, 5.3, taken_by=21)),
    )
    told = view_of(replace(made, review=review)).highlights
    assert "妙手：第7手黑R6" in told[0]
    assert "C6" in told[1]
    assert "终局也没有走到" in told[1]
    assert "直到第21手才被黑走到" in told[2]
    assert view_of(made).highlights == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("OGS: https://online-go.com/game/1", "OGS"),
        ("The KGS Go Server at http://www.gokgs.com/", "The KGS Go Server"),
        ("http://a.b/c", ""),
        ("北京（棋院）", "北京（棋院）"),
    ],
)
def test_addresses_are_no_places(text: str, shown: str) -> None:
    made = made_game()
    info = replace(made.record.info, place=text)
    fields = view_of(replace(made, record=replace(made.record, info=info))).game
    assert [f.value for f in fields if f.label == "地点"] == ([shown] if shown else [])


def test_segments_and_distribution_of_a_long_game() -> None:
    made = random_game(19, 120, mistakes=(11, 60, 62, 110))
    review = judge(made.record, made.evaluations)
    view = view_of(replace(made, review=review))
    assert [row[0] for row in view.segments.rows] == ["1—50手", "51—100手", "101—120手"]
    assert len(view.segments.head) == 7
    assert view.segments.head[-1] == "失误以上"
    for row, segment in zip(view.segments.rows, review.white.by_segment, strict=True):
        assert row[-1] == str(
            sum(
                m.points_lost >= 3
                for m in review.moves
                if m.player is Color.WHITE and segment[0] <= m.move_number <= segment[1]
            )
        )
    assert view.histogram is not None
    assert "大恶手" in view.histogram.svg


def test_a_short_game_has_no_segments() -> None:
    assert view_of(made_game()).segments.rows == ()
