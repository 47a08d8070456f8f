"""Fetching through the real pip, without a network, and what its failures are called."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from pathlib import Path

import pytest
from fakes.wheelhouse import make_component, write_wheel

from pipeline.engine import components, wheels
from pipeline.engine.assets import Component, FileSpec, WheelSpec
from pipeline.engine.components import ignore_progress
from pipeline.engine.wheels import PipSource
from pipeline.errors import DependencyError


def fake_pip(tmp_path: Path, body: str) -> PipSource:
    script = tmp_path / "pip.py"
    script.write_text(f"import sys\n{body}\n", encoding="utf-8")
    return PipSource([sys.executable, str(script)])


@pytest.fixture
def offline_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null" if sys.platform != "win32" else "nul")
    return shelf


def installable(shelf: Path) -> Component:
    """A wheel that pip accepts, as a component."""
    meta = {
        "delta-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: delta\nVersion: 1.0\nRequires-Python: <3.0\n"
        b"Requires-Dist: something-that-does-not-exist\n",
        "delta-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "delta-1.0.dist-info/RECORD": b"",
    }
    component, wheel = make_component(shelf, "delta", {"delta/file.bin": b"content"})
    write_wheel(wheel, {"delta/file.bin": b"content", **meta})
    data = wheel.read_bytes()
    return dataclasses.replace(component, wheel=WheelSpec("delta", "1.0", len(data), hashlib.sha256(data).hexdigest()))


def test_the_users_own_pip_settings_are_used(tmp_path: Path, offline_shelf: Path) -> None:
    component = installable(offline_shelf)
    components.install(tmp_path / "cache", (component,), PipSource(), ignore_progress)
    assert (tmp_path / "cache" / "delta" / "file.bin").read_bytes() == b"content"
    assert {path.name for path in (tmp_path / "cache").iterdir()} <= {"delta", ".lock"}


def test_a_source_without_the_package_says_so(tmp_path: Path, offline_shelf: Path) -> None:
    component = Component("nothing", WheelSpec("delta", "9.9", 10, "0" * 64), (FileSpec("a", "a", 1, "0" * 64),), "x")
    with pytest.raises(DependencyError) as caught:
        components.install(tmp_path / "cache", (component,), PipSource(), ignore_progress)
    assert caught.value.code == "provision.not_offered"
    assert "delta==9.9" in caught.value.message
    assert offline_shelf.exists()


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'", "provision.network"),
        ("ERROR: Exception: ReadTimeoutError: Read timed out.", "provision.network"),
        ("ERROR: No matching distribution found for tbb==1", "provision.not_offered"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "provision.no_space",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "provision.checksum"),
        ("ERROR: Could not install packages: Missing dependencies for SOCKS support.", "install.socks"),
        ("ERROR: something else entirely", "provision.pip_failed"),
        ("", "provision.pip_failed"),
    ],
)
def test_what_pips_failures_mean(tmp_path: Path, output: str, code: str) -> None:
    source = fake_pip(tmp_path, f"sys.stderr.write({output!r}); sys.exit(1)")
    with pytest.raises(DependencyError) as caught:
        source.fetch(WheelSpec("tbb", "1", 10, "0" * 64), make_folder(tmp_path), lambda _: None)
    assert caught.value.code == code
    assert caught.value.advice


def make_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "download"
    folder.mkdir()
    return folder


def test_progress_follows_pips_temporary_file(tmp_path: Path) -> None:
    body = """
import os, pathlib, time
target = sys.argv[sys.argv.index("-d") + 1]
half = pathlib.Path(os.environ["TMPDIR"]) / "pip-unpack" / "x.whl"
half.parent.mkdir()
half.write_bytes(b"12345")
stop = pathlib.Path(__file__).with_name("seen")
while not stop.exists():
    time.sleep(0.02)
(pathlib.Path(target) / "x.whl").write_bytes(b"1234567890")
"""
    seen: list[int] = []

    def on_bytes(done: int) -> None:
        seen.append(done)
        if done == 5:
            (tmp_path / "seen").touch()

    path = fake_pip(tmp_path, body).fetch(WheelSpec("x", "1", 10, "0" * 64), make_folder(tmp_path), on_bytes)
    assert path.read_bytes() == b"1234567890"
    assert seen[-1] == 10
    assert 5 in seen


def test_an_interruption_ends_pip(tmp_path: Path) -> None:
    body = "import time, pathlib\npathlib.Path(__file__).with_name('alive').touch()\ntime.sleep(600)"

    def interrupt(_: int) -> None:
        if (tmp_path / "alive").exists():
            raise KeyboardInterrupt

    source = fake_pip(tmp_path, body)
    with pytest.raises(KeyboardInterrupt):
        source.fetch(WheelSpec("x", "1", 10, "0" * 64), make_folder(tmp_path), interrupt)


def test_without_pip_the_exact_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "pip_command", lambda: None)
    with pytest.raises(DependencyError) as caught:
        PipSource().fetch(WheelSpec("x", "1", 10, "0" * 64), tmp_path, lambda _: None)
    assert caught.value.code == "provision.no_pip"
    assert f"{sys.executable} -m ensurepip" in caught.value.advice
