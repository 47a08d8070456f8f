"""What a player should take home from a game."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fakes.report_games import Sample, made_game, random_game

from pipeline.go.board import Color
from pipeline.report.lessons import lessons
from pipeline.report.options import ReportOptions
from pipeline.report.sentences import overview
from pipeline.report.view import build_view
from pipeline.review.model import GameReview, Phase, PlayerSummary, Tag
from pipeline.wording.lessons import HABITS


def reviewed(changes: dict[int, dict[str, Any]], made: Sample | None = None) -> GameReview:
    made = made or random_game(19, 60, mistakes=(11, 21, 31, 41, 12))
    moves = tuple(replace(m, **changes.get(m.move_number, {})) for m in made.review.moves)
    return replace(made.review, moves=moves)


def test_habits_are_ordered_by_the_points_that_they_cost() -> None:
    review = reviewed(
        {
            11: {"tags": (Tag.TENUKI.value,)},
            21: {"tags": (Tag.URGENT_POINT.value, Tag.STONES_LOST.value)},
            31: {"tags": (Tag.MISSED_LADDER.value,)},
        }
    )
    told = lessons(review, Color.BLACK)
    assert told[0] == f"1．{HABITS['urgent']}（第11、21手，共损约14目）。"
    assert told[1] == f"2．{HABITS['captures']}（第31手，损失约7目）。"


def test_of_many_moves_only_the_costliest_are_named_and_all_are_counted() -> None:
    """Whoever adds up the moves that are named must not wonder at the sum."""
    review = reviewed({n: {"tags": (Tag.TENUKI.value,)} for n in (11, 21, 31, 41)})
    assert f"{HABITS['urgent']}（第11、21、31等4手，共损约28目）。" in lessons(review, Color.BLACK)[0]


def test_a_player_with_nothing_to_learn_has_no_lesson() -> None:
    calm = random_game(19, 30)
    assert lessons(calm.review, Color.BLACK) == ()
    assert lessons(calm.review, None) == ()


def test_what_was_decided_anyway_teaches_nothing() -> None:
    review = reviewed({n: {"tags": (Tag.TENUKI.value,), "decided": n == 11} for n in (11, 21)})
    assert "第21手" in lessons(review, Color.BLACK)[0]
    assert "11" not in lessons(review, Color.BLACK)[0]


def test_three_at_most_for_a_student_and_two_each_for_both() -> None:
    tags = (Tag.TENUKI, Tag.MISSED_CUT, Tag.OVERPLAY, Tag.TOO_SMALL)
    changes = {n: {"tags": (tag.value,)} for n, tag in zip((11, 21, 31, 41), tags, strict=True)}
    review = reviewed(changes)
    assert len(lessons(review, Color.BLACK)) == 3
    both = lessons(review, None)
    assert both[0].startswith("黑方：1．")
    assert "3．" not in both[0]


def test_the_report_of_a_student_speaks_of_him_alone() -> None:
    made = made_game()
    moves = tuple(replace(m, tags=(Tag.TENUKI.value,)) for m in made.review.moves)
    review = replace(made.review, moves=moves)

    def view(side: Color | None) -> tuple[str, str]:
        shown = build_view(
            made.record, made.evaluations, review, made.info, ReportOptions(side=side), printed_on="2026-11-22"
        )
        return "".join(shown.overview), "".join(shown.lessons)

    told, learnt = view(Color.BLACK)
    assert "白方失误" not in told
    assert "白方" not in learnt
    assert "黑方失误" in told
    both = view(None)
    assert "白方失误" in both[0]
    assert "黑方：" in both[1]
    assert "白方：" in both[1]


def test_the_only_phase_of_a_game_is_not_called_the_worst() -> None:
    made = made_game()

    def only_opening(summary: PlayerSummary) -> PlayerSummary:
        return replace(summary, by_phase=((Phase.OPENING, summary.overall),))

    review = replace(made.review, black=only_opening(made.review.black), white=only_opening(made.review.white))
    assert lessons(review, Color.BLACK) == ()
    assert lessons(made.review, Color.BLACK) != ()
    assert "失分" not in "".join(overview(made.record, review))
    assert "失分" in "".join(overview(made.record, made.review))
