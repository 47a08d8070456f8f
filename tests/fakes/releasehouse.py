"""Release archives of the shape of KataGo's, and the NVIDIA libraries that the fake engine in them looks for."""

from __future__ import annotations

import dataclasses
import io
import stat
import zipfile
from pathlib import Path

import pytest
from fakes.webshop import Shop
from fakes.wheelhouse import FakeSource, make_component, sha256

from pipeline.engine import provision, releases
from pipeline.engine.assets import Archive, Component
from pipeline.engine.download import Downloader
from pipeline.engine.releases import Build


class QuietLoader(Downloader):
    """A downloader that asks GitHub nothing; ``answer`` is what GitHub would say."""

    answer = ""

    def text(self, url: str, limit: int) -> str:
        return self.answer


def bare_place(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of engines of somebody who has nothing yet, and works in ``place``."""
    monkeypatch.setenv("FUPAN_CACHE_DIR", str(place / "cache"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    monkeypatch.chdir(place)
    return provision.engine_root()


_BACKEND_LINES = {"tensorrt": "TensorRT", "cuda": "CUDA", "opencl": "OpenCL", "eigen": "Eigen(CPU)"}

# Starts only if it finds every library along LD_LIBRARY_PATH, and says what the dynamic linker says otherwise.
_ENGINE = """#!/bin/sh
for library in {libraries}; do
  found=
  IFS=:
  for folder in $LD_LIBRARY_PATH; do [ -e "$folder/$library" ] && found=1; done
  unset IFS
  if [ -z "$found" ]; then
    echo "$0: error while loading shared libraries: $library: cannot open shared object file" >&2
    exit 127
  fi
done
echo 'KataGo v{version}'
echo 'Git revision: fake'
echo 'Using {backend} backend'
echo "LD_LIBRARY_PATH=$LD_LIBRARY_PATH"
"""

# An AppImage as far as this program is concerned: it unpacks itself when asked to.
_IMAGE = """#!/bin/sh
[ "$1" = --appimage-extract ] || exit 1
mkdir -p squashfs-root/usr/bin squashfs-root/usr/lib
cat > squashfs-root/usr/bin/katago <<'END'
{engine}END
chmod +x squashfs-root/usr/bin/katago
echo zip > squashfs-root/usr/lib/libzip.so.4.0
ln -s libzip.so.4.0 squashfs-root/usr/lib/libzip.so.4
ln -s /etc/hostname squashfs-root/usr/lib/outside.so
ln -s usr/bin/katago squashfs-root/AppRun
"""


def engine_script(backend: str, version: str, libraries: tuple[str, ...]) -> str:
    return _ENGINE.format(backend=_BACKEND_LINES[backend], version=version, libraries=" ".join(libraries))


def zipped(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    """A zip archive; ``links`` are stored as symbolic links."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 8, 24, 4, 27, 54)), data)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name, (2026, 8, 24, 4, 27, 54))
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, target)
    return buffer.getvalue()


def release_zip(build: Build, libraries: tuple[str, ...] = (), *, image: bool = True) -> bytes:
    """What the release of a build holds on its system."""
    extra = {"README.txt": b"KataGo", "analysis_example.cfg": b"maxVisits = 1\n", "cacert.pem": b"-"}
    engine = engine_script(build.backend, build.version, libraries)
    if build.system == "windows":
        return zipped({"katago.exe": engine.encode(), "zip.dll": b"dll", "msvcp140.dll": b"dll", **extra})
    return zipped({"katago": (_IMAGE.format(engine=engine) if image else engine).encode(), **extra})


@dataclasses.dataclass
class House:
    """A table of small builds, a server that has their archives, and a source of the wheels."""

    shop: Shop
    source: FakeSource
    builds: dict[str, Build]

    def path(self, key: str) -> str:
        return self.builds[key].archive.url.removeprefix(self.shop.address)


def furnish(shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """Put small builds of every backend into the table, under the names of the real ones."""
    monkeypatch.setattr(releases, "RELEASES", shop.url("/lightvector/KataGo/releases/download/"))
    wheels: dict[str, Path] = {}

    def library(key: str, system: str, *names: str) -> Component:
        component, wheel = make_component(
            folder, f"{key}-{system}", {f"nvidia/{name}": name.encode() for name in names}
        )
        wheels[component.key] = wheel
        return component

    parts: dict[str, tuple[Component | Archive, ...]] = {}
    for system, cuda, tensorrt in (
        ("linux", ("libcudart.so.12", "libcublas.so.12", "libcudnn.so.9"), "libnvinfer.so.10"),
        ("windows", ("cudart64_12.dll", "cublas64_12.dll", "cudnn64_9.dll"), "nvinfer_10.dll"),
    ):
        runtime = library("nvidia-cuda-runtime", system, cuda[0])
        wheel = zipped({f"tensorrt_libs/{tensorrt}": b"trt" * 1000, "tensorrt_libs/not_wanted.so": b"x" * 5000})
        path = f"/tensorrt-cu12-libs/{system}.whl"
        shop.files[path] = wheel
        libs = Archive(
            key=f"tensorrt-{system}",
            url=shop.url(path),
            size=len(wheel),
            sha256=sha256(wheel),
            licence="test",
            limit=1_000_000,
            members=(f"tensorrt_libs/{tensorrt}",),
        )
        parts[f"cuda-{system}"] = (
            runtime,
            library("nvidia-cublas", system, cuda[1]),
            library("nvidia-cudnn", system, cuda[2]),
        )
        parts[f"tensorrt-{system}"] = (runtime, libs)
    needed = {
        "cuda-linux": ("libcudart.so.12", "libcublas.so.12", "libcudnn.so.9"),
        "tensorrt-linux": ("libcudart.so.12", "libnvinfer.so.10"),
    }
    table, builds = [], {}
    for row in releases.TABLE:
        key = f"{row.backend}-{row.system}"
        data = release_zip(row, needed.get(key, ()))
        checked = None if row.sha256 is None else sha256(data)
        small = dataclasses.replace(row, size=len(data), sha256=checked, libraries=parts.get(key, ()))
        table.append(small)
        builds.setdefault(f"{key}-{row.variant}" if row.backend == "eigen" else key, small)
        shop.files[small.archive.url.removeprefix(shop.address)] = data
    monkeypatch.setattr(releases, "TABLE", tuple(table))
    return House(shop, FakeSource(wheels), builds)
