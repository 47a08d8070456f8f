"""The table of official builds is complete and agrees with itself."""

from __future__ import annotations

import re

import pytest

from pipeline.engine import nvidia, releases
from pipeline.engine.addresses import SafeRedirects
from pipeline.engine.assets import Archive, Component
from pipeline.engine.missing import command_for, find_missing
from pipeline.engine.releases import BACKENDS, TABLE, Build, version_tuple
from pipeline.engine.setup import EngineSetup, Origin
from pipeline.engine.startup import start_error
from pipeline.errors import DependencyError

SYSTEMS = ("linux", "windows")
SHA256 = re.compile(r"[0-9a-f]{64}")


def ident(build: Build) -> str:
    return build.archive.key


def library(build: Build, name: str) -> Component | Archive | None:
    return next((part for part in build.libraries if part.key.startswith(name)), None)


@pytest.mark.parametrize("build", TABLE, ids=ident)
def test_a_row_is_complete(build: Build) -> None:
    assert build.backend in BACKENDS
    assert build.system in SYSTEMS
    assert 1_000_000 < build.size < 200_000_000
    assert build.sha256 is None or SHA256.fullmatch(build.sha256)
    archive = build.archive
    assert re.fullmatch(
        rf"https://github\.com/lightvector/KataGo/releases/download/v{re.escape(build.version)}/"
        rf"katago-v{re.escape(build.version)}-[a-z0-9.-]+-{build.system}-x64\.zip",
        archive.url,
    )
    assert archive.image is (build.system == "linux")
    assert archive.program == ("katago.exe" if build.system == "windows" else "katago")


@pytest.mark.parametrize("build", TABLE, ids=ident)
def test_the_versions_in_the_name_are_those_of_the_row_and_of_the_libraries(build: Build) -> None:
    named = dict(re.findall(r"(trt|cuda|cudnn)([\d.]+)", build.variant))
    assert named.get("cuda", "") == build.cuda
    assert named.get("cudnn", "") == build.cudnn
    assert named.get("trt", "") == build.tensorrt
    for part in build.libraries:
        assert part.key.endswith(f"-{build.system}-x64")
    if not build.cuda:
        assert build.libraries == ()
        assert build.oldest_driver == ""
        return
    assert version_tuple(build.oldest_driver) >= (525,)
    runtime = library(build, "nvidia-cuda-runtime-")
    assert isinstance(runtime, Component)
    assert runtime.wheel.version.startswith(build.cuda + ".")
    assert runtime.wheel.distribution.endswith(f"cu{build.cuda.split('.', maxsplit=1)[0]}")
    if build.cudnn:
        cudnn, cublas = library(build, "nvidia-cudnn-"), library(build, "nvidia-cublas-")
        assert isinstance(cudnn, Component)
        assert isinstance(cublas, Component)
        assert cudnn.wheel.version.startswith(build.cudnn)
        assert cublas.wheel.version.startswith(build.cuda)
        assert library(build, "nvidia-cuda-nvrtc-") is not None
    if build.tensorrt:
        tensorrt = library(build, "tensorrt-")
        assert isinstance(tensorrt, Archive)
        assert f"cu{build.cuda.split('.', maxsplit=1)[0]}_libs-{build.tensorrt}" in tensorrt.url
        assert tensorrt.sha256 is not None
        assert tensorrt.size or tensorrt.about
        assert any("nvonnxparser" in member for member in tensorrt.members)
        assert build.compute >= (7, 5)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_is_offered_on_both_systems(backend: str, system: str) -> None:
    offered = releases.offered(backend, system)
    assert offered
    assert len({build.archive.key for build in offered}) == len(offered)


def test_only_these_builds_have_no_sum_that_anybody_published() -> None:
    """Their first download is recorded, said to the user, and compared ever after; another one is a decision."""
    assert {build.archive.key for build in TABLE if build.sha256 is None} == {
        "release-1.18.1-trt10.9.0-cuda12.8-linux-x64",
        "release-1.18.1-cuda12.8-cudnn9.8.0-linux-x64",
        "release-1.18.2-cuda12.8-cudnn9.8.0-windows-x64",
    }


def test_the_first_choice_is_a_build_whose_sum_is_known_wherever_one_is() -> None:
    for backend in BACKENDS:
        for system in SYSTEMS:
            offered = releases.offered(backend, system)
            assert offered[0].sha256 is not None or all(build.sha256 is None for build in offered)


@pytest.mark.parametrize("part", [*nvidia.CUDA_LINUX, *nvidia.CUDA_WINDOWS], ids=lambda part: part.key)
def test_nvidias_wheels_hold_libraries_and_their_licence(part: Component) -> None:
    assert SHA256.fullmatch(part.wheel.sha256)
    assert any(option.startswith("--platform=") for option in part.wheel.options)
    targets = [row.target for row in part.files]
    assert "License.txt" in targets
    suffix = re.compile(r"\.so\.\d+|\.so\.12\.8" if "linux" in part.key else r"\.dll$")
    assert all(suffix.search(name) for name in targets if name != "License.txt")
    assert all(SHA256.fullmatch(row.sha256) and row.size > 0 for row in part.files)
    assert len(set(targets)) == len(targets)


def test_versions_compare_as_numbers() -> None:
    assert version_tuple("470.199.02") < version_tuple("525.60.13") < version_tuple("570.86.10")
    assert version_tuple("525.60.13") <= version_tuple("525.60.13")
    assert version_tuple("528.02") > version_tuple("527.41")


def test_an_encrypted_connection_is_never_given_up_by_a_redirect() -> None:
    import urllib.request
    from email.message import Message

    asked = urllib.request.Request("https://github.com/x")
    with pytest.raises(DependencyError) as caught:
        SafeRedirects().redirect_request(asked, None, 302, "", Message(), "http://elsewhere/x")  # type: ignore[arg-type]
    assert caught.value.code == "install.bad_redirect"


@pytest.mark.parametrize(
    ("output", "backend", "library_file", "component", "command"),
    [
        (
            "katago: error while loading shared libraries: libcudnn.so.9: cannot open shared object file",
            "cuda",
            "libcudnn.so.9",
            "cuDNN",
            "--backend cuda",
        ),
        (
            "./katago: error while loading shared libraries: libnvinfer.so.10: cannot open shared object file",
            "",
            "libnvinfer.so.10",
            "TensorRT",
            "--backend tensorrt",
        ),
        ("libcublas.so.12: cannot open shared object file", "tensorrt", "libcublas.so.12", "cuBLAS", "tensorrt"),
        ("Could not load library libcudnn_cnn.so.9. Error: ...", "cuda", "libcudnn_cnn.so.9", "cuDNN", "cuda"),
        ("Could not load library cudnn_ops64_9.dll. Error code 126", "cuda", "cudnn_ops64_9.dll", "cuDNN", "cuda"),
        (
            "Unable to load library: libnvinfer_builder_resource.so.10.9.0: cannot open",
            "tensorrt",
            "libnvinfer_builder_resource.so.10.9.0",
            "TensorRT",
            "tensorrt",
        ),
        (
            "katago: error while loading shared libraries: libcuda.so.1: cannot open",
            "cuda",
            "libcuda.so.1",
            "驱动",
            "nvidia-smi",
        ),
    ],
)
def test_a_missing_library_names_its_component_and_the_command(
    output: str, backend: str, library_file: str, component: str, command: str
) -> None:
    found = find_missing(output, backend)
    assert found is not None
    assert found.library == library_file
    assert component in found.component
    assert command in found.command


@pytest.mark.parametrize("output", ["", "libOpenCL.so.1: cannot open shared object file", "out of memory"])
def test_other_complaints_are_left_to_others(output: str) -> None:
    assert find_missing(output) is None


def start(tail: str, exit_code: int | None, tmp_path, backend: str = "cuda"):
    setup = EngineSetup(tmp_path / "katago", tmp_path / "n.bin.gz", Origin.PROVISIONED, backend)
    return start_error(setup, exit_code=exit_code, tail=tail, log_file=tmp_path / "katago.log")


def test_a_start_that_fails_for_a_library_says_how_to_get_it(tmp_path) -> None:
    error = start("katago: error while loading shared libraries: libcudnn.so.9: cannot open", 127, tmp_path)
    assert error.code == "engine.start.missing_library"
    assert "libcudnn.so.9" in error.message
    assert "./fupan engine install --backend cuda" in error.advice


@pytest.mark.parametrize("exit_code", [0xC0000135, -1073741515])
def test_windows_only_gives_a_number_for_a_missing_dll(tmp_path, exit_code: int) -> None:
    error = start("", exit_code, tmp_path, "tensorrt")
    assert error.code == "engine.start.missing_dll"
    assert "--backend tensorrt" in error.advice


def test_an_old_driver_is_told_from_no_card(tmp_path) -> None:
    error = start("CUDA driver version is insufficient for CUDA runtime version", 1, tmp_path)
    assert error.code == "engine.start.driver"
    assert start("no CUDA-capable device is detected", 1, tmp_path).code == "engine.start.no_device"


@pytest.mark.parametrize(
    ("tail", "code", "said"),
    [
        ("CUDA error: the provided PTX was compiled with an unsupported toolchain.", "engine.start.driver", "570"),
        ("CUDA Error: system has unsupported display driver / cuda driver combination", "engine.start.driver", "570"),
        ("no kernel image is available for execution on the device", "engine.start.old_card", "opencl"),
        (
            "Error Code: 9: Target GPU SM 61 is not supported by this TensorRT release.",
            "engine.start.old_card",
            "opencl",
        ),
    ],
)
def test_cuda_s_own_words_for_an_old_driver_or_card_are_understood(tmp_path, tail: str, code: str, said: str) -> None:
    error = start(tail, 1, tmp_path)
    assert error.code == code
    assert said in error.advice


def test_the_command_for_an_unknown_backend_is_the_one_that_always_works() -> None:
    assert command_for("unknown").endswith("opencl")
