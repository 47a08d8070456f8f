"""What the summary says of the course of a game."""

from __future__ import annotations

from dataclasses import replace

from fakes.report_games import made_game

from pipeline.report import sentences


def told(*winrates: float) -> str:
    made = made_game()
    return "".join(sentences.overview(made.record, replace(made.review, winrates=winrates)))


def test_a_lead_that_was_lost_again_was_not_kept() -> None:
    said = told(0.5, 0.5, 0.67, 0.48, 0.47)
    assert "一度占优，最后双方接近。" in said
    assert "此后一直保持" not in said


def test_a_lead_that_lasted_is_told_with_its_beginning() -> None:
    assert "黑方从第2手起取得优势，此后一直保持。" in told(0.5, 0.5, 0.67, 0.7, 0.8)


def test_after_changes_of_the_lead_the_end_may_be_close() -> None:
    said = told(0.5, 0.7, 0.3, 0.5)
    assert "优势易手1次" in said
    assert "最后双方接近。" in said
