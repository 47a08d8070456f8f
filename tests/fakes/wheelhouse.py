"""Tiny wheels and components, and sources of wheels that fail in chosen ways."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

from pipeline.engine.assets import Component, FileSpec, WheelSpec
from pipeline.errors import DependencyError


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_wheel(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
    return path


def make_component(folder: Path, key: str, members: dict[str, bytes]) -> tuple[Component, Path]:
    """A component of these members and the wheel that holds them."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = write_wheel(folder / f"{key.replace('-', '_')}-1.0-py3-none-any.whl", members)
    data = wheel.read_bytes()
    component = Component(
        key=key,
        wheel=WheelSpec(key, "1.0", len(data), sha256(data)),
        files=tuple(
            FileSpec(name, name.rsplit("/", 1)[-1], len(content), sha256(content)) for name, content in members.items()
        ),
        licence="test",
    )
    return component, wheel


class FakeSource:
    """Hands out prepared wheels; ``before`` runs first and may raise or spoil the file."""

    def __init__(self, wheels: dict[str, Path], before: Callable[[WheelSpec, Path], None] | None = None) -> None:
        self.wheels = wheels
        self.before = before
        self.fetched: list[str] = []

    def fetch(self, wheel: WheelSpec, folder: Path, on_bytes: Callable[[int], None]) -> Path:
        self.fetched.append(wheel.requirement)
        target = folder / self.wheels[wheel.distribution].name
        on_bytes(wheel.size // 2)
        target.write_bytes(self.wheels[wheel.distribution].read_bytes())
        if self.before is not None:
            self.before(wheel, target)
        on_bytes(wheel.size)
        return target


class NoNetwork:
    """A source that never delivers."""

    def fetch(self, wheel: WheelSpec, folder: Path, on_bytes: Callable[[int], None]) -> Path:
        (folder / "half.whl").write_bytes(b"PK")
        raise DependencyError("provision.network", name=wheel.requirement, detail="reset")
