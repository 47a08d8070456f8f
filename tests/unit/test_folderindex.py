"""The files of a game are found without listing for every question, and whoever changes the folder, rightly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.folderindex import COARSEST_CLOCK, FolderIndex


def last_part(name: str) -> str:
    return name.removesuffix(".pdf").rpartition("_")[2] if name.endswith(".pdf") else ""


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Shelf:
    """A folder of reports, and an index on it."""

    def __init__(self, root: Path, *, is_alone: bool) -> None:
        self.root = root
        self.clock = Clock()
        self.index = FolderIndex(root, last_part, is_deep=True, is_alone=is_alone, monotonic=self.clock)

    def find(self, key: str) -> list[str]:
        return [path.relative_to(self.root).as_posix() for path in self.index.find(key)]

    def put(self, name: str) -> Path:
        """Somebody else writes a file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        return path

    def write(self, name: str) -> None:
        """We do."""
        with self.index.changing(self.root / name):
            self.put(name)

    def remove(self, name: str) -> None:
        with self.index.changing(self.root / name):
            (self.root / name).unlink()


@pytest.fixture(params=[True, False], ids=["alone", "shared"])
def shelf(request, tmp_path):
    return Shelf(tmp_path / "reports", is_alone=request.param)


def test_a_folder_that_is_not_there_yet_holds_nothing(shelf):
    assert shelf.find("aa") == []
    shelf.put("甲_aa.pdf")
    assert shelf.find("aa") == ["甲_aa.pdf"]


def test_files_are_found_in_all_classes_and_hidden_ones_are_not(shelf):
    for name in ("甲_aa.pdf", "甲班/乙_aa.pdf", "甲班/周三/丙_bb.pdf", ".甲_aa.pdf", ".旧/甲_aa.pdf", "aa.sgf"):
        shelf.put(name)
    assert shelf.find("aa") == ["甲_aa.pdf", "甲班/乙_aa.pdf"]
    assert shelf.find("bb") == ["甲班/周三/丙_bb.pdf"]
    assert shelf.find("cc") == []


def test_what_we_write_and_remove_is_known_at_once(shelf):
    assert shelf.find("aa") == []
    shelf.write("甲班/甲_aa.pdf")
    shelf.write("乙_aa.pdf")
    assert shelf.find("aa") == ["乙_aa.pdf", "甲班/甲_aa.pdf"]
    shelf.remove("甲班/甲_aa.pdf")
    assert shelf.find("aa") == ["乙_aa.pdf"]


def test_what_others_move_rename_or_delete_is_seen(shelf):
    for name in ("甲_aa.pdf", "乙_bb.pdf", "丙_cc.pdf"):
        shelf.write(name)
        shelf.find("aa")
    (shelf.root / "甲班").mkdir()
    (shelf.root / "甲_aa.pdf").rename(shelf.root / "甲班" / "甲_aa.pdf")
    (shelf.root / "乙_bb.pdf").rename(shelf.root / "改名_bb.pdf")
    (shelf.root / "丙_cc.pdf").unlink()
    assert shelf.find("aa") == ["甲班/甲_aa.pdf"]
    assert shelf.find("bb") == ["改名_bb.pdf"]
    assert shelf.find("cc") == []


def test_what_others_did_before_we_write_in_the_same_folder_is_seen(shelf):
    shelf.put("甲_aa.pdf")
    assert shelf.find("aa") == ["甲_aa.pdf"]
    (shelf.root / "甲班").mkdir()
    (shelf.root / "甲_aa.pdf").rename(shelf.root / "甲班" / "甲_aa.pdf")
    shelf.write("甲_aa.pdf")
    assert shelf.find("aa") == ["甲_aa.pdf", "甲班/甲_aa.pdf"]


def test_a_class_that_is_moved_or_deleted_as_a_whole(shelf):
    shelf.put("甲班/周三/甲_aa.pdf")
    shelf.put("乙班/乙_bb.pdf")
    assert shelf.find("aa") == ["甲班/周三/甲_aa.pdf"]
    (shelf.root / "甲班").rename(shelf.root / "升班")
    (shelf.root / "乙班" / "乙_bb.pdf").unlink()
    (shelf.root / "乙班").rmdir()
    assert shelf.find("aa") == ["升班/周三/甲_aa.pdf"]
    assert shelf.find("bb") == []


def test_a_move_that_leaves_no_trace_in_the_times_is_noticed_by_the_missing_file(shelf):
    shelf.put("甲班/甲_aa.pdf")
    (shelf.root / "乙班").mkdir()
    assert shelf.find("aa") == ["甲班/甲_aa.pdf"]
    times = {name: (shelf.root / name).stat() for name in ("甲班", "乙班")}
    (shelf.root / "甲班" / "甲_aa.pdf").rename(shelf.root / "乙班" / "甲_aa.pdf")
    for name, before in times.items():
        os.utime(shelf.root / name, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert shelf.find("aa") == ["乙班/甲_aa.pdf"]


def test_who_is_alone_lists_a_folder_once_however_much_he_writes(tmp_path):
    shelf = Shelf(tmp_path, is_alone=True)
    shelf.find("aa")
    for number in range(50):
        shelf.write(f"甲_{number}.pdf")
        assert shelf.find(f"{number}") == [f"甲_{number}.pdf"]
    assert shelf.index.listings == 1


def test_a_question_during_our_own_writing_does_not_list(tmp_path):
    shelf = Shelf(tmp_path, is_alone=True)
    shelf.put("乙_bb.pdf")
    shelf.find("aa")
    with shelf.index.changing(shelf.root / "甲_aa.pdf"):
        shelf.put("甲_aa.pdf")
        assert shelf.find("bb") == ["乙_bb.pdf"]
    assert shelf.find("aa") == ["甲_aa.pdf"]
    assert shelf.index.listings == 1


def test_two_changes_within_one_step_of_the_clock_of_a_shared_folder_are_both_seen(tmp_path):
    shelf = Shelf(tmp_path, is_alone=False)
    shelf.put("甲_aa.pdf")
    assert shelf.find("bb") == []
    before = shelf.root.stat()
    shelf.put("乙_bb.pdf")
    os.utime(shelf.root, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert shelf.find("bb") == ["乙_bb.pdf"]


def test_a_shared_folder_at_rest_is_not_listed_again(tmp_path):
    shelf = Shelf(tmp_path, is_alone=False)
    shelf.put("甲_aa.pdf")
    shelf.find("aa")
    shelf.clock.now += COARSEST_CLOCK
    shelf.find("aa")
    listings = shelf.index.listings
    shelf.clock.now += 100
    assert shelf.find("aa") == ["甲_aa.pdf"]
    assert shelf.index.listings == listings
    shelf.put("乙_aa.pdf")
    os.utime(shelf.root, ns=(0, 0))
    assert shelf.find("aa") == ["乙_aa.pdf", "甲_aa.pdf"]


def test_links_are_not_followed(shelf, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "甲_aa.pdf").write_bytes(b"")
    shelf.root.mkdir(exist_ok=True)
    try:
        (shelf.root / "link").symlink_to(outside, target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    assert shelf.find("aa") == []
