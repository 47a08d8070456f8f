"""``docs/errors.md`` is a promise about exit codes: it and the tree of errors must agree."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline import errors

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
# 0 is success and 2 is what the command-line parser says of a wrong call.
NOT_IN_THE_TREE = {0, 2}


def codes_in(kind: type[errors.FupanError]) -> set[int]:
    return {kind.exit_code}.union(*(codes_in(child) for child in kind.__subclasses__()))


def test_the_page_lists_exactly_the_exit_codes_that_exist() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)}

    assert listed == codes_in(errors.FupanError) | NOT_IN_THE_TREE
