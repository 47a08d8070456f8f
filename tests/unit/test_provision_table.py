"""The table of fetched files."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from pipeline.engine import assets
from pipeline.engine.assets import Component, FileSpec


@pytest.mark.parametrize("component", assets.ALL, ids=lambda component: component.key)
def test_rows_are_complete_and_stay_inside_their_folder(component: Component) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]+", component.key)
    assert component.licence
    assert component.files
    rows = [*component.files, *([component.image] if component.image else [])]
    for digest in [component.wheel.sha256, *(row.sha256 for row in rows)]:
        assert re.fullmatch(r"[0-9a-f]{64}", digest)
    for row in rows:
        assert row.size > 0
        target = PurePosixPath(row.target)
        assert not target.is_absolute()
        assert ".." not in target.parts
    assert len({row.target.lower() for row in rows}) == len(rows)


def test_keys_are_unique() -> None:
    assert len({component.key for component in assets.ALL}) == len(assets.ALL)


def test_the_runtime_serves_every_instruction_set() -> None:
    names = {row.target for row in assets.INTEL_OPENCL.files}
    for level in ("h8", "e9", "l9", "z0", "z1"):
        assert {f"clbltfn{level}.rtl", f"cllibrary{level}.o", f"libocl_svml_{level}.so"} <= names


def test_the_digest_follows_every_change_of_a_row() -> None:
    row = FileSpec("a", "a", 1, "0" * 64)
    base = Component("k", assets.TBB.wheel, (row,), "x")
    changed = [
        Component("k", assets.TBB.wheel, (FileSpec("a", "a", 1, "1" * 64),), "x"),
        Component("k", assets.TBB.wheel, (FileSpec("a", "b", 1, "0" * 64),), "x"),
        Component("k", assets.TBB.wheel, (FileSpec("a", "a", 2, "0" * 64),), "x"),
        Component("k", assets.TBB.wheel, (FileSpec("a", "a", 1, "0" * 64, executable=True),), "x"),
    ]
    assert len({base.digest, *(component.digest for component in changed)}) == 5
