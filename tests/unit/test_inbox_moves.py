"""Files leave the inbox whole, onto nobody's place, and never as something else than what was read."""

import os
from pathlib import Path

import pytest

from pipeline.inbox import moves
from pipeline.inbox.listing import FileChanged, list_inbox, read_settled, signature_of
from pipeline.inbox.names import class_of
from pipeline.inbox.stability import Signature


def put(path: Path, text: str = "game") -> Signature:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return signature_of(path.lstat())


def test_a_name_that_is_taken_gets_a_number(tmp_path):
    put(tmp_path / "processed" / "a.sgf")
    put(tmp_path / "processed" / "a (2).sgf")
    assert moves.free_target(tmp_path / "processed", "a.sgf").name == "a (3).sgf"


def test_a_reason_that_lies_alone_keeps_its_name(tmp_path):
    put(moves.error_file(tmp_path / "failed" / "a.sgf"))
    assert moves.free_target(tmp_path / "failed", "a.sgf").name == "a (2).sgf"


def test_nothing_is_overwritten(tmp_path):
    signature = put(tmp_path / "a.sgf", "mine")
    put(tmp_path / "processed" / "a.sgf", "theirs")
    with pytest.raises(moves.TargetTaken):
        moves.move(tmp_path / "a.sgf", tmp_path / "processed" / "a.sgf", signature)
    assert (tmp_path / "a.sgf").read_text() == "mine"
    assert (tmp_path / "processed" / "a.sgf").read_text() == "theirs"


def test_a_reservation_left_by_a_killed_run_is_used(tmp_path):
    signature = put(tmp_path / "a.sgf", "mine")
    put(tmp_path / "processed" / "a.sgf", "")
    assert moves.move(tmp_path / "a.sgf", tmp_path / "processed" / "a.sgf", signature)
    assert (tmp_path / "processed" / "a.sgf").read_text() == "mine"
    assert not (tmp_path / "a.sgf").exists()


def test_a_file_replaced_before_the_move_stays(tmp_path):
    signature = put(tmp_path / "a.sgf", "old")
    put(tmp_path / "a.sgf", "newer and longer")
    assert not moves.move(tmp_path / "a.sgf", tmp_path / "processed" / "a.sgf", signature)
    assert (tmp_path / "a.sgf").read_text() == "newer and longer"
    assert not (tmp_path / "processed" / "a.sgf").exists()


def test_a_file_replaced_in_the_instant_of_the_move_comes_back(tmp_path, monkeypatch):
    signature = put(tmp_path / "a.sgf", "old")
    real = os.replace
    calls = []

    def replace(source, target):
        if not calls:
            put(tmp_path / "a.sgf", "newer and longer")
        calls.append(source)
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    assert not moves.move(tmp_path / "a.sgf", tmp_path / "processed" / "a.sgf", signature)
    assert (tmp_path / "a.sgf").read_text() == "newer and longer"
    assert not (tmp_path / "processed" / "a.sgf").exists()


def test_another_disk_is_copied_to(tmp_path, monkeypatch):
    signature = put(tmp_path / "a.sgf", "mine")
    real = os.replace

    def replace(source, target):
        if Path(source).name == "a.sgf":
            raise OSError(18, "Invalid cross-device link")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    assert moves.move(tmp_path / "a.sgf", tmp_path / "processed" / "a.sgf", signature)
    assert (tmp_path / "processed" / "a.sgf").read_text() == "mine"
    assert not (tmp_path / "a.sgf").exists()
    assert len(list((tmp_path / "processed").iterdir())) == 1


def test_a_full_target_disk_loses_nothing(tmp_path, monkeypatch):
    signature = put(tmp_path / "a.sgf", "mine")

    def replace(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="No space"):
        moves.move(tmp_path / "a.sgf", tmp_path / "processed" / "a.sgf", signature)
    assert (tmp_path / "a.sgf").read_text() == "mine"
    assert not (tmp_path / "processed" / "a.sgf").exists()


def test_the_listing_shows_game_files_only(tmp_path):
    for name in ("a.sgf", "B.SGF", "c.zip", "甲班/d.gib", "processed/x.sgf", "failed/x.sgf", "duplicate/x.sgf"):
        put(tmp_path / name)
    for name in ("a.txt", ".hidden.sgf", "~a.sgf", "a.sgf.part", "@eaDir/a.sgf", "__MACOSX/a.sgf", ".git/a.sgf"):
        put(tmp_path / name)
    (tmp_path / "link.sgf").symlink_to(tmp_path / "a.sgf")
    (tmp_path / "folder.sgf").mkdir()
    os.mkfifo(tmp_path / "pipe.sgf")
    put(tmp_path / "甲班" / "processed" / "e.sgf")
    assert set(list_inbox(tmp_path)) == {"a.sgf", "B.SGF", "c.zip", "甲班/d.gib", "甲班/processed/e.sgf"}
    assert class_of("甲班/周三/d.gib") == "甲班/周三"
    assert class_of("d.gib") == ""


def test_names_that_are_no_text_are_listed_and_read(tmp_path):
    (tmp_path / os.fsdecode(b"\xc6\xe5\xc6\xd7.sgf")).write_bytes(b"game")
    [(name, signature)] = list_inbox(tmp_path).items()
    assert read_settled(tmp_path / name, signature, file="?") == b"game"


def test_a_file_that_is_not_what_settled_is_not_read(tmp_path):
    signature = put(tmp_path / "a.sgf", "old")
    put(tmp_path / "a.sgf", "newer and longer")
    with pytest.raises(FileChanged):
        read_settled(tmp_path / "a.sgf", signature, file="a.sgf")


def test_an_inbox_that_is_gone_is_an_error_and_not_an_empty_one(tmp_path):
    with pytest.raises(OSError, match="absent"):
        list_inbox(tmp_path / "absent")


def test_the_thousandth_file_of_a_name_is_placed_after_a_few_looks(tmp_path, monkeypatch):
    for number in range(1, 1001):
        put(moves.free_target(tmp_path, "棋谱.sgf"), str(number))
    assert len(list(tmp_path.iterdir())) == 1000
    assert (tmp_path / "棋谱 (1000).sgf").read_text() == "1000"
    looks = []
    exists = os.path.lexists
    monkeypatch.setattr("os.path.lexists", lambda path: looks.append(path) or exists(path))
    moves.free_target(tmp_path, "棋谱.sgf")
    assert len(looks) < 50
