"""The fake engine has every fault that the engine is to survive, and each is put before the supervisor by a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes import fake_katago

TESTS = Path(__file__).resolve().parents[1]

MUST_BE_SURVIVED = {
    "dies after n answers": "crash_after_n",
    "ends quietly": "exit0",
    "hangs": "hang",
    "a line that is no reply": "garbage",
    "a line in two pieces": "split_line",
    "a flood on standard error": "stderr_flood",
    "answers out of order": "out_of_order",
    "an answer twice": "duplicate",
    "a turn that is missing": "missing_turn",
    "a warning": "warning",
    "an error that names its query": "error_with_id",
    "an error that does not": "error_without_id",
    "a value that is no number": "nan",
    "a slow start": "slow_start",
    "a tuning phase": "tuning",
    "no memory on the card": "oom_at_start",
}

SPEEDS = {"slow", "visit_us"}


def listed() -> set[str]:
    """The faults of the fake engine's own table; how fast it is, is none."""
    assert fake_katago.__doc__
    return set(re.findall(r"^([a-z]\w+)(?:=[A-Z]+)? {2,}\S", fake_katago.__doc__, re.MULTILINE)) - SPEEDS


def test_every_fault_that_must_be_survived_is_there() -> None:
    assert set(MUST_BE_SURVIVED.values()) <= listed()


@pytest.mark.parametrize("fault", sorted(listed()))
def test_each_fault_is_known_to_the_program_and_used_by_a_test(fault: str) -> None:
    program = Path(fake_katago.__file__).read_text(encoding="utf-8").replace(fake_katago.__doc__ or "", "")
    assert f'"{fault}"' in program
    others = [path for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    use = re.compile(rf"""["',]{fault}\b""")
    assert any(use.search(path.read_text(encoding="utf-8")) for path in others)
