"""Flags that several commands share."""

from __future__ import annotations

import pytest
import typer.main

from pipeline.cli import app
from pipeline.flags import report_section
from pipeline.settings import ReportSettings


@pytest.mark.parametrize("command", ["review", "report", "workbook"])
def test_a_student_can_be_named_by_either_word(command: str) -> None:
    group = typer.main.get_command(app)
    options = {name for parameter in group.commands[command].params for name in parameter.opts}  # type: ignore[attr-defined]
    assert {"--for", "--student"} <= options


def test_every_setting_of_the_report_has_its_flag() -> None:
    assert set(report_section()) == set(ReportSettings.model_fields)
