"""Names from old archives are read as their owner wrote them."""

from __future__ import annotations

import os

import pytest

from pipeline.inbox.names import class_of, folder_of_class, readable


@pytest.mark.parametrize(
    ("text", "codec"),
    [("棋谱", "gbk"), ("周三对局 柯洁vs申真谞.sgf", "gbk"), ("張栩.sgf", "big5"), ("대국", "cp949"), ("複盤", "utf-8")],
)
def test_names_in_the_encodings_of_old_systems(text, codec):
    assert readable(os.fsdecode(text.encode(codec))) == text


@pytest.mark.parametrize("raw", [b"\xff\xfea.sgf", b"a\xb8 b", b"\x80\x81\xff", b"\xed\xa0\x80"])
def test_what_is_no_name_in_any_of_them_can_still_be_stored_and_printed(raw):
    shown = readable(os.fsdecode(raw))
    shown.encode("utf-8")
    assert shown.isprintable()


def test_control_characters_never_reach_a_terminal():
    assert readable("a\x1b[31m\n\u202eb.sgf") == "a\ufffd[31m\ufffd\ufffdb.sgf"


def test_a_class_folder_is_found_again_by_the_name_that_is_shown(tmp_path):
    spelt = os.fsdecode("甲班".encode("gbk"))
    (tmp_path / spelt / "周三").mkdir(parents=True)
    group = class_of(f"{spelt}/周三/一.sgf")
    assert group == "甲班/周三"
    assert folder_of_class(tmp_path, group) == tmp_path / spelt / "周三"
    assert folder_of_class(tmp_path, "") == tmp_path
    assert folder_of_class(tmp_path, "乙班") == tmp_path / "乙班"
