"""Shared fixtures. The real engine is provisioned once; its absence is a failure, never a skip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def samples(project_root: Path) -> Path:
    """The shipped sample games."""
    return project_root / "samples"


@pytest.fixture(scope="session")
def corpus() -> Path | None:
    """The shared corpus of game files where it lies beside the checkout, else None."""
    folder = ROOT.parent / "shared" / "corpus"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def real_setup():
    """A real engine with a real network, provisioned into the user's cache on first use."""
    from pipeline.engine.provision import ensure_setup

    return ensure_setup(progress=lambda *_: None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[object]:
    """A PostgreSQL server; its absence is a failure, never a skip."""
    from fakes.postgres import PostgresServer

    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def shared_postgres_url(postgres) -> str:
    """One database for many tests; each empties its tables first."""
    return postgres.database()
