"""Explaining sentences: every tag has them, all of them are complete, and the choice is stable."""

from __future__ import annotations

import re

import pytest

from pipeline.review.model import Fact, Tag
from pipeline.review.territory import NAMES, STRIPS
from pipeline.wording import explain as words

SPOKEN = [tag for tag in Tag if tag not in (Tag.UNPUNISHED, Tag.MISSED_PUNISHMENT)]


@pytest.mark.parametrize("tag", SPOKEN)
@pytest.mark.parametrize("phase", ["opening", "middle", "endgame"])
@pytest.mark.parametrize("points", [0.4, 0.8, 7.8])
def test_every_wording_is_a_finished_sentence(tag: Tag, phase: str, points: float) -> None:
    said = {
        words.sentence(
            tag, "B", variant, point="Q4", stones="D4", owner="W", count=3, points=points, region="top", phase=phase
        )
        for variant in range(6)
    }
    assert len(said) >= 2
    for text in said:
        assert text.endswith("。")
        assert not re.search(r"[{}]|。。|，，|None", text)


def test_the_same_move_always_reads_the_same() -> None:
    first = words.sentence("tenuki", "W", 5, point="Q4", stones="R6", region="lower_right")
    assert first == words.sentence("tenuki", "W", 5, point="Q4", stones="R6", region="lower_right")
    assert first != words.sentence("tenuki", "W", 6, point="Q4", stones="R6", region="lower_right")


def test_colours_follow_the_mover() -> None:
    assert "白5子" in words.sentence("missed_capture", "B", 0, point="Q4", stones="D4", owner="W", count=5)
    assert "黑5子" in words.sentence("missed_capture", "W", 0, point="Q4", stones="D4", owner="B", count=5)


def test_what_is_doubtful_is_said_with_doubt() -> None:
    sure = words.sentence("stones_lost", "B", 0, stones="D4", owner="B", count=4, points=0.9)
    unsure = words.sentence("stones_lost", "B", 0, stones="D4", owner="B", count=4, points=0.4)
    assert "难以存活" in sure
    assert "凶多吉少" in unsure
    assert "约" not in words.sentence("lost", "B", 0, region="top", points=2.0)


def test_one_stone_is_no_area() -> None:
    assert "D4一子" in words.sentence("ignored_atari", "B", 0, point="E4", stones="D4", owner="B", count=1)


def test_every_stored_tag_has_a_name() -> None:
    stored = {tag.value for tag in Tag if tag is not Tag.LOST_IN}
    stored |= {Fact(Tag.LOST_IN, region=region).stored for region in (*NAMES.values(), *STRIPS)}
    assert all(words.tag_name(tag) != tag for tag in stored)


@pytest.mark.parametrize("tag", [Tag.VITAL_POINT, Tag.BAD_TRADE, Tag.LEFT_OPEN, Tag.BAD_EXCHANGE])
def test_what_the_opponent_could_play_is_not_told_as_played(tag: Tag) -> None:
    said = " ".join(
        words.sentence(tag, "B", variant, point="Q4", stones="D4", points=7.8, region="top") for variant in range(2)
    )
    assert not re.search("反被|但白转到|白走到|白走上边|的交换亏损", said)
