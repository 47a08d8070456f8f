"""Which KataGo goes with which CUDA, cuDNN and TensorRT: the one table of official builds.

The archives are those of the project's releases on GitHub. 1.18.1 is the last
release with every backend; 1.18.2 has CUDA only. Names and sizes are those of
the release pages. The project publishes no list of sums, so ``sha256`` is what
other installers pin for the same file, and None where no such pin was found:
then the program asks GitHub for its own digest of the file, and without an
answer trusts the first download, says so, and holds later ones against it.

Drivers: NVIDIA, "CUDA compatibility", table of minor version compatibility. A
12.x application runs on any driver of the 12 family, which starts with 525.
Cards: what the official builds are compiled for (``cpp/CMakeLists.txt``), and
TensorRT 10.9's support matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.engine import nvidia
from pipeline.engine.assets import Archive, Component

Backend = Literal["tensorrt", "cuda", "opencl", "eigen"]
BACKENDS: tuple[Backend, ...] = ("tensorrt", "cuda", "opencl", "eigen")
"""Fastest first."""

RELEASES = "https://github.com/lightvector/KataGo/releases/download/"
_UNPACKED_LIMIT = 1_500_000_000

OLDEST_DRIVER: dict[tuple[str, str], str] = {
    ("12", "linux"): "525.60.13",
    ("12", "windows"): "527.41",
}
"""(CUDA major version, system) -> oldest driver."""


@dataclass(frozen=True, slots=True)
class Build:
    """One official build of KataGo and the libraries that it needs.

    ``cuda``, ``cudnn`` and ``tensorrt`` are the versions it was built with,
    as its file name says; empty where it uses none. ``compute`` is the lowest
    compute capability of a card that it runs on. ``avx2``: the processor must
    have it.
    """

    backend: Backend
    system: str
    version: str
    variant: str
    size: int
    sha256: str | None
    cuda: str = ""
    cudnn: str = ""
    tensorrt: str = ""
    compute: tuple[int, int] = (0, 0)
    avx2: bool = False
    libraries: tuple[Component | Archive, ...] = ()

    @property
    def archive(self) -> Archive:
        """Where it comes from."""
        asset = f"katago-v{self.version}-{self.variant}-{self.system}-x64"
        return Archive(
            key=f"release-{self.version}-{self.variant}-{self.system}-x64",
            url=f"{RELEASES}v{self.version}/{asset}.zip",
            size=self.size,
            sha256=self.sha256,
            licence="MIT (KataGo)",
            limit=_UNPACKED_LIMIT,
            program="katago.exe" if self.system == "windows" else "katago",
            image=self.system == "linux",
        )

    @property
    def oldest_driver(self) -> str:
        """The oldest driver of NVIDIA's that runs it; empty where it needs none."""
        return OLDEST_DRIVER[self.cuda.split(".")[0], self.system] if self.cuda else ""


def _cuda(system: str, version: str, size: int, sha256: str | None) -> Build:
    return Build(
        backend="cuda",
        system=system,
        version=version,
        variant="cuda12.8-cudnn9.8.0",
        size=size,
        sha256=sha256,
        cuda="12.8",
        cudnn="9.8.0",
        compute=(5, 0),
        libraries=nvidia.CUDA_LINUX if system == "linux" else nvidia.CUDA_WINDOWS,
    )


def _tensorrt(system: str, size: int, sha256: str | None) -> Build:
    linux = system == "linux"
    return Build(
        backend="tensorrt",
        system=system,
        version="1.18.1",
        variant="trt10.9.0-cuda12.8",
        size=size,
        sha256=sha256,
        cuda="12.8",
        tensorrt="10.9.0",
        compute=(7, 5),
        libraries=(
            (nvidia.RUNTIME_LINUX, nvidia.TENSORRT_LINUX)
            if linux
            else (nvidia.RUNTIME_WINDOWS, nvidia.TENSORRT_WINDOWS)
        ),
    )


TABLE: tuple[Build, ...] = (
    _tensorrt("linux", 43122191, None),
    _tensorrt("windows", 8375820, "49b7229803b2ccee5205cc9d1f7b1a37790469405324de5e5acaafe7a8a9172a"),
    _cuda("linux", "1.18.2", 51350638, "2cb197fc9bc2050f29112abb5b83cdbad63936cb4605d6e199772aedc9806c02"),
    _cuda("linux", "1.18.1", 51344405, None),
    _cuda("windows", "1.18.1", 10135501, "8caabc5675950f52d285a686c19727f7a56a982313a7f055ade060ba78df552e"),
    _cuda("windows", "1.18.2", 10173580, None),
    Build(
        "opencl",
        "linux",
        "1.18.1",
        "opencl",
        41325151,
        "81ecea81526adb412a392ec728dbdf9627e754df7cf1a7a3dbb8ef220182184a",
    ),
    Build(
        "opencl",
        "windows",
        "1.18.1",
        "opencl",
        6004137,
        "1710db1903ab921aa6837a9599c8474f8a59f057650217c5d9bc125ee393a9ff",
    ),
    Build(
        "eigen",
        "linux",
        "1.18.1",
        "eigenavx2",
        41821245,
        "33e79780dbe3bf6ee859e16f64952cdfc90f7210c8f71ad978ffcba85ad20d79",
        avx2=True,
    ),
    Build(
        "eigen",
        "windows",
        "1.18.1",
        "eigenavx2",
        5899607,
        "0d62ffa41ee04dd89dd1b80fe45e306c837231cb1e2dccb4f5780d0ca7c313db",
        avx2=True,
    ),
    Build(
        "eigen",
        "linux",
        "1.18.1",
        "eigen",
        41780528,
        "993b642601e806037003d11e43775e7b4fc65281aed9b9469b7122f18fc16811",
    ),
    Build(
        "eigen",
        "windows",
        "1.18.1",
        "eigen",
        5903072,
        "074485cf150c38aa3bb14ac9f54f2952ffefbceb44673709bbb8a83650bf95d6",
    ),
)
"""For each backend and system the build to take comes first; further rows are for ``--version``."""


def offered(backend: str, system: str) -> tuple[Build, ...]:
    """The builds of a backend for a system, the one to take first."""
    return tuple(build for build in TABLE if (build.backend, build.system) == (backend, system))


def version_tuple(text: str) -> tuple[int, ...]:
    """``535.104.05`` as numbers that compare; what is no number counts as 0."""
    return tuple(int(part) if part.isdigit() else 0 for part in text.split("."))
