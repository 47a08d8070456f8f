"""Which engine and network a machine gets, and what version output and file heads tell."""

from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path

import pytest

from pipeline.engine import assets, provision
from pipeline.engine.hardware import Cpu, Gpu, Hardware, parse_cpuinfo
from pipeline.engine.identify import KatagoIdentity, identify_network, parse_version
from pipeline.errors import DependencyError

PLAIN = Hardware("linux", "x86_64", Cpu("Some CPU", 4), 8 << 30)
CARD = Gpu("Big card", compute_units=100, clock_mhz=2000, memory_bytes=12 << 30)
SMALL_CARD = Gpu("Small card", compute_units=10, clock_mhz=1000)
BUILT_IN = Gpu("Built in", compute_units=90, clock_mhz=3000, integrated=True)


def with_gpus(*gpus: Gpu, system: str = "linux") -> Hardware:
    return dataclasses.replace(PLAIN, gpus=gpus, system=system, opencl_loader=True)


def test_without_a_gpu_the_cpu_runtime_and_the_small_network() -> None:
    choice = provision.choose(PLAIN)
    assert choice.katago is assets.KATAGO_LINUX
    assert choice.network is assets.NETWORK_B15
    assert set(choice.runtime) == set(assets.INTEL_RUNTIME)
    assert choice.gpu is None


def test_with_a_graphics_card_the_large_network_and_no_runtime() -> None:
    choice = provision.choose(with_gpus(BUILT_IN, SMALL_CARD, CARD))
    assert choice.network is assets.NETWORK_B18
    assert choice.runtime == ()
    assert choice.gpu is CARD


def test_built_in_graphics_get_the_small_network() -> None:
    choice = provision.choose(with_gpus(BUILT_IN))
    assert choice.network is assets.NETWORK_B15
    assert choice.runtime == ()
    assert choice.gpu is BUILT_IN


def test_cpu_can_be_asked_for() -> None:
    choice = provision.choose(with_gpus(CARD), "cpu")
    assert choice.gpu is None
    assert choice.network is assets.NETWORK_B15


def test_windows_takes_its_own_build() -> None:
    assert provision.choose(with_gpus(CARD, system="windows")).katago is assets.KATAGO_WINDOWS


def test_a_folder_that_the_processors_runtime_cannot_work_in_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(tmp_path / "My Passport"))
    with pytest.raises(DependencyError) as caught:
        provision.choose(PLAIN)
    assert caught.value.code == "provision.blank_in_path"
    assert provision.choose(with_gpus(CARD)).gpu is CARD
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(tmp_path / "大硬盘"))
    assert provision.choose(PLAIN).gpu is None


@pytest.mark.parametrize(
    ("machine", "prefer", "code"),
    [
        (PLAIN, "gpu", "engine.no_gpu"),
        (dataclasses.replace(PLAIN, nvidia=("X",)), "gpu", "engine.gpu_without_opencl"),
        (dataclasses.replace(PLAIN, machine="arm64"), "auto", "engine.unsupported_platform"),
        (dataclasses.replace(PLAIN, system="macos"), "auto", "engine.unsupported_platform"),
        (dataclasses.replace(PLAIN, glibc=False), "auto", "engine.unsupported_platform"),
        (dataclasses.replace(PLAIN, system="windows"), "auto", "engine.no_opencl_device"),
    ],
)
def test_what_cannot_work_says_so(machine: Hardware, prefer: provision.Prefer, code: str) -> None:
    with pytest.raises(DependencyError) as caught:
        provision.choose(machine, prefer)
    assert caught.value.code == code
    assert caught.value.advice


@pytest.mark.parametrize("avx512", [True, False])
def test_the_tuner_file_is_there_for_either_kind_of_processor(avx512: bool) -> None:
    machine = dataclasses.replace(PLAIN, cpu=Cpu("x", 2, avx2=True, avx512=avx512))
    assert provision.tuner_file(machine).read_text(encoding="ascii").startswith("VERSION=")


def test_the_cache_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(tmp_path / "elsewhere"))
    assert provision.cache_dir() == tmp_path / "elsewhere"
    monkeypatch.delenv("FUPAN_CACHE_DIR")
    assert provision.cache_dir().name == "fupan"


@pytest.mark.parametrize(
    ("backend_line", "backend"),
    [
        ("Using OpenCL backend", "opencl"),
        ("Using CUDA backend", "cuda"),
        ("Using TensorRT backend", "tensorrt"),
        ("Using Eigen(CPU) backend", "eigen"),
        ("Using Eigen AVX2 backend", "eigen"),
        ("", "unknown"),
    ],
)
def test_version_output(backend_line: str, backend: str) -> None:
    text = f"KataGo v1.16.0\nGit revision: abc\nCompile Time: x\n{backend_line}\n"
    assert parse_version(text) == KatagoIdentity("1.16.0", "abc", backend)


def test_another_program_is_no_engine() -> None:
    assert parse_version("GNU Go 3.8\n") is None


def test_cpuinfo() -> None:
    name, flags = parse_cpuinfo("processor\t: 0\nmodel name\t: AMD X\nflags\t\t: fpu avx2\n\nmodel name\t: other\n")
    assert name == "AMD X"
    assert "avx2" in flags
    assert parse_cpuinfo("") == ("", frozenset())


def test_a_network_is_known_by_its_head(tmp_path: Path) -> None:
    path = tmp_path / "net.bin.gz"
    path.write_bytes(gzip.compress(b"kata1-b18c384nbt-s1-d2\n14\n22\n19\n"))
    identity = identify_network(path)
    assert (identity.name, identity.model_version) == ("kata1-b18c384nbt-s1-d2", 14)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!DOCTYPE html>\n<html>",
        gzip.compress(b"<html> 404", mtime=0),
        gzip.compress(b"name\n999999\n", mtime=0),
        b"\x1f\x8b\x08\x00",
        b"\x1f\x8bgarbage garbage",
        b"(;GM[1]SZ[19])",
    ],
)
def test_what_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.bin.gz"
    path.write_bytes(content)
    with pytest.raises(DependencyError) as caught:
        identify_network(path)
    assert caught.value.code == "engine.network_broken"
    assert "net.bin.gz" in caught.value.message


def test_a_missing_network_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(DependencyError) as caught:
        identify_network(tmp_path / "nowhere.bin.gz")
    assert caught.value.code == "engine.network_missing"
