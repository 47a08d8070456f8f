"""Who may trust his own notes of what lies in the output folder."""

from __future__ import annotations

import pytest

from pipeline import statedb
from pipeline.settings import load


@pytest.mark.parametrize(
    ("url", "is_locked"), [(None, True), ("sqlite:///elsewhere.db", False), ("postgresql://host/fupan", False)]
)
def test_only_the_lock_in_the_output_folder_itself_keeps_other_runs_out_of_it(tmp_path, url, is_locked):
    settings = load({"output": {"folder": tmp_path / "output"}, "state": {"url": url}})
    assert statedb.locks_output(settings) is is_locked
