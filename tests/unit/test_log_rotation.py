"""A service that runs for years does not fill the disk with its log."""

from __future__ import annotations

import logging
import logging.handlers

import pytest

from pipeline.console import configure_logging


@pytest.fixture
def log():
    yield logging.getLogger("pipeline.test")
    configure_logging(None, verbose=False)


def test_the_log_is_rotated_and_old_parts_are_dropped(tmp_path, log, monkeypatch):
    configure_logging(tmp_path, verbose=False)
    handler = next(
        h for h in logging.getLogger("pipeline").handlers if isinstance(h, logging.handlers.RotatingFileHandler)
    )
    limit = handler.maxBytes
    assert 0 < limit * (handler.backupCount + 1) <= 50_000_000
    monkeypatch.setattr(handler, "maxBytes", 2000)
    for number in range(500):
        log.info("line %d %s", number, "x" * 80)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["fupan.log", *(f"fupan.log.{n}" for n in range(1, handler.backupCount + 1))]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2000 * (handler.backupCount + 1)
    assert "line 499" in (tmp_path / "fupan.log").read_text(encoding="utf-8")
