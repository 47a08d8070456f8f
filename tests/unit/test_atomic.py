"""Files appear whole or not at all, under names that every system takes."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.atomic import atomic_path, atomic_write_bytes, safe_file_name, sweep
from pipeline.errors import ConfigError, StoreError


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writes_and_makes_missing_folders(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "report.pdf"
    atomic_write_bytes(target, b"new")
    assert target.read_bytes() == b"new"
    assert left(target.parent) == ["report.pdf"]


def test_replaces_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old")
    atomic_write_bytes(target, b"new")
    assert target.read_bytes() == b"new"


def test_half_written_is_invisible_and_hidden(tmp_path: Path) -> None:
    target = tmp_path / "x.parquet"
    with atomic_path(target) as temporary:
        temporary.write_bytes(b"half")
        assert not target.exists()
        assert temporary.parent == target.parent
        assert temporary.name.startswith(".")
    assert target.read_bytes() == b"half"


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_any_failure_leaves_the_old_file_and_no_rubbish(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old")

    def fail_half_way() -> None:
        with atomic_path(target) as temporary:
            temporary.write_bytes(b"half")
            raise failure

    with pytest.raises(failure):
        fail_half_way()
    assert target.read_bytes() == b"old"
    assert left(tmp_path) == ["x"]


def test_nothing_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError), atomic_path(tmp_path / "x"):
        pass
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "error", "code"),
    [
        (errno.ENOSPC, StoreError, "store.disk_full"),
        (errno.EDQUOT, StoreError, "store.disk_full"),
        (errno.EROFS, ConfigError, "store.not_writable"),
        (errno.EACCES, ConfigError, "store.not_writable"),
        (errno.EIO, StoreError, "store.write_failed"),
    ],
)
def test_system_errors_become_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception], code: str
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    target = tmp_path / "x"
    with pytest.raises(error) as caught:
        atomic_write_bytes(target, b"data")
    assert caught.value.code == code  # type: ignore[attr-defined]
    assert str(target) in str(caught.value)
    assert left(tmp_path) == []


def test_error_about_another_file_is_not_disguised(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "x"):
        (tmp_path / "missing-template").read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_file_is_readable_as_the_umask_says(tmp_path: Path) -> None:
    atomic_write_bytes(tmp_path / "x", b"")
    (tmp_path / "plain").touch()
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


class TestSafeFileName:
    def test_readable(self) -> None:
        name = safe_file_name(["2024-05-01", "\u5f20\u4e09-\u674e\u56db", "1a2b3c4d"], ".pdf")
        assert name == "2024-05-01_\u5f20\u4e09-\u674e\u56db_1a2b3c4d.pdf"

    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            ('a<b>c:d"e/f\\g|h?i*j', "a b c d e f g h i j"),
            ("../../etc/passwd", "etc passwd"),
            ("  spaced.. ", "spaced"),
            ("line\nfeed\ttab\x00nul", "linefeedtabnul"),
            ("right\u202eto\u200bleft", "righttoleft"),
            ("go\U0001f600player", "goplayer"),
            ("\ud800lone", "lone"),
            (".hidden", "hidden"),
            ("-rf", "rf"),
            ("", "game"),
            ("...", "game"),
            ("CON", "game_CON"),
            ("nul.txt", "game_nul.txt"),
            ("com1", "game_com1"),
            ("console", "console"),
        ],
    )
    def test_one_part(self, part: str, expected: str) -> None:
        assert safe_file_name([part]) == expected

    def test_long_names_are_cut_by_bytes_and_the_id_survives(self) -> None:
        name = safe_file_name(["2024-05-01", "\u9f99" * 200, "\u864e" * 200, "1a2b3c4d"], ".pdf")
        assert len(name.encode()) <= 120
        assert name.startswith("2024-05-01_\u9f99")
        assert name.endswith("_1a2b3c4d.pdf")

    @given(st.lists(st.text(max_size=80), max_size=5))
    def test_any_text_makes_a_name_that_works(self, parts: list[str]) -> None:
        name = safe_file_name(parts, ".sgf")
        stem = name.removesuffix(".sgf")
        assert name.endswith(".sgf")
        assert stem
        assert len(name.encode()) <= 120
        assert not set('<>:"/\\|?*') & set(name)
        assert name.isprintable()
        assert stem == stem.strip(" .-")


def test_only_leftovers_of_killed_writers_are_swept(tmp_path):
    (tmp_path / "games").mkdir()
    leftover = tmp_path / "games" / ".0123456789abcdef.tmp"
    others = [tmp_path / ".hidden.tmp", tmp_path / "a.tmp", tmp_path / "games" / "x.parquet"]
    for path in (leftover, *others):
        path.write_bytes(b"x")
    assert sweep(tmp_path) == 1
    assert not leftover.exists()
    assert all(path.exists() for path in others)
