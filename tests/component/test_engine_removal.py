"""Engines and networks taken away again: with their libraries, and with nothing that others need."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.releasehouse import House, QuietLoader, bare_place, furnish
from fakes.webshop import open_shop
from fakes.wheelhouse import FakeSource, make_component

from pipeline.cli import run
from pipeline.engine import archives, backends, components, networks, removal
from pipeline.engine.components import ignore_progress
from pipeline.errors import DependencyError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins are shell scripts")
NET = gzip.compress(b"some-net\n8\n22\n", mtime=0)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return bare_place(tmp_path, monkeypatch)


@pytest.fixture
def house(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with open_shop() as shop:
        house = furnish(shop, tmp_path / "wheels", monkeypatch)
        for key in ("cuda-linux", "tensorrt-linux"):
            backends.install_build(
                root,
                house.builds[key],
                source=house.source,
                downloader=QuietLoader(root / archives.DOWNLOADS),
                progress=ignore_progress,
            )
        yield house


def names(root: Path) -> set[str]:
    return {path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")}


def test_what_another_engine_needs_stays(house: House, root: Path) -> None:
    gone = removal.remove(root, "tensorrt")
    assert set(gone.names) == {house.builds["tensorrt-linux"].archive.key, "tensorrt-linux"}
    assert gone.size > 0
    assert "nvidia-cuda-runtime-linux" in names(root)
    removal.remove(root, "cuda")
    assert names(root) == set()
    assert not list(root.glob(".partial-*"))


def test_a_network_goes_by_its_name_wherever_it_came_from(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    component, wheel = make_component(tmp_path / "w", "network-b15", {"b15.bin.gz": NET})
    monkeypatch.setattr(networks, "KNOWN", (networks.KnownNetwork("b15c192", component),))
    (tmp_path / "mine.bin.gz").write_bytes(NET)
    options = {"source": FakeSource({"network-b15": wheel}), "downloader": QuietLoader(root / archives.DOWNLOADS)}
    for wanted in ("b15c192", str(tmp_path / "mine.bin.gz")):
        networks.install(root, wanted, progress=ignore_progress, **options)  # type: ignore[arg-type]
    removal.remove(root, "mine")
    assert [one.name for one in networks.installed(root)] == ["b15c192"]
    assert removal.remove(root, "b15c192").names == ("network-b15",)
    assert networks.installed(root) == ()
    assert (tmp_path / "mine.bin.gz").exists()


@pytest.mark.parametrize("name", ["eigen", "b99", "../..", "networks", ".downloads", "stamp.json"])
def test_what_is_not_installed_is_not_removed(house: House, root: Path, name: str) -> None:
    before = names(root)
    with pytest.raises(DependencyError) as caught:
        removal.remove(root, name)
    assert caught.value.code == "install.nothing_to_remove"
    assert "tensorrt, cuda" in caught.value.advice
    assert names(root) == before


def test_an_engine_that_runs_is_left_whole(house: House, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = names(root)

    def replace(path: Path, target: Path) -> Path:
        error = PermissionError(13, "Access is denied", str(path))
        error.winerror = 5  # type: ignore[misc]
        raise error

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(components.time, "sleep", lambda _: None)
    with pytest.raises(DependencyError) as caught:
        removal.remove(root, "cuda")
    assert caught.value.code == "provision.held"
    assert names(root) == before


def test_the_command_says_how_much_it_freed(house: House, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["engine", "remove", "tensorrt"]) == 0
    assert "tensorrt 已删除" in capsys.readouterr().out
    assert run(["engine", "remove", "cuda", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["removed"][0]["name"] == "cuda"
    assert facts["removed"][0]["bytes"] > 0
    assert run(["engine", "remove", "cuda"]) == 4
    assert "engine info" in capsys.readouterr().err
