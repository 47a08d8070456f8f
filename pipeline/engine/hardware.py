"""What this machine has: processor, memory, graphics cards, as far as the engine cares.

Drivers are only touched in processes of their own with a time limit: a broken
one can neither hang nor crash this program.
"""

from __future__ import annotations

import ctypes
import functools
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import psutil

_PROBE = Path(__file__).with_name("opencl_probe.py")
_PROBE_SECONDS = 30.0
_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")
# PF_AVX2_INSTRUCTIONS_AVAILABLE of winnt.h
_PF_AVX2 = 40
_NVIDIA_OPENCL = "libnvidia-opencl.so.1"
# Where it lies although PATH does not lead there: WSL, and drivers of old on Windows
_NVIDIA_SMI = (
    Path("/usr/lib/wsl/lib/nvidia-smi"),
    Path("C:/Program Files/NVIDIA Corporation/NVSMI/nvidia-smi.exe"),
)


@dataclass(frozen=True, slots=True)
class Cpu:
    """The processor; ``threads`` are those that this process may use."""

    name: str
    threads: int
    avx2: bool = False
    avx512: bool = False


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics card as OpenCL reports it; ``integrated`` ones share the processor's memory."""

    name: str
    vendor: str = ""
    compute_units: int = 0
    clock_mhz: int = 0
    memory_bytes: int = 0
    integrated: bool = False
    driver: str = ""


@dataclass(frozen=True, slots=True)
class NvidiaCard:
    """A card as NVIDIA's driver reports it; ``compute`` is its compute capability, (0, 0) if unknown."""

    name: str
    driver: str = ""
    compute: tuple[int, int] = (0, 0)
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Hardware:
    """The machine.

    ``system`` and ``machine`` are normalised: ``linux``/``windows``/``macos``
    and ``x86_64``/``arm64``/... ``glibc`` is false on musl. ``gpus`` are what
    OpenCL offers, ``nvidia`` what ``nvidia-smi`` names: the second without the
    first means that something is missing in between. ``cards`` says more about
    the latter. ``environment`` is what OpenCL needed to see the GPU.
    """

    system: str
    machine: str
    cpu: Cpu
    memory_bytes: int
    glibc: bool = True
    gpus: tuple[Gpu, ...] = ()
    nvidia: tuple[str, ...] = ()
    opencl_loader: bool = False
    environment: tuple[tuple[str, str], ...] = ()
    cards: tuple[NvidiaCard, ...] = ()

    @property
    def nvidia_driver(self) -> str:
        """The version of NVIDIA's driver, such as ``570.86.10``; empty without it."""
        return next((card.driver for card in self.cards if card.driver), "")

    @property
    def driver(self) -> str:
        """The version of the graphics driver: NVIDIA's own, else what OpenCL says; empty without graphics."""
        return self.nvidia_driver or (self.best_gpu.driver if self.best_gpu else "")

    @property
    def discrete_gpu(self) -> Gpu | None:
        """The strongest graphics card with memory of its own."""
        return max(
            (gpu for gpu in self.gpus if not gpu.integrated),
            key=lambda gpu: gpu.compute_units * max(1, gpu.clock_mhz),
            default=None,
        )

    @property
    def best_gpu(self) -> Gpu | None:
        """The discrete card, otherwise whatever graphics there is."""
        return self.discrete_gpu or next(iter(self.gpus), None)


def this_system() -> str:
    """The system that this runs on, as ``Hardware.system`` spells it."""
    return {"linux": "linux", "win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)


def _normalised_machine() -> str:
    name = platform.machine().lower()
    return {"amd64": "x86_64", "x64": "x86_64", "aarch64": "arm64"}.get(name, name)


def parse_cpuinfo(text: str) -> tuple[str, frozenset[str]]:
    """Model name and feature flags out of the text of ``/proc/cpuinfo``."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    return fields.get("model name", ""), frozenset(fields.get("flags", "").split())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _control_groups(controller: str) -> Iterator[tuple[Path, bool]]:
    """Folders of the control groups that this process lies in, its own first; whether they are of version 2.

    A service with ``MemoryMax=`` has its limit in its own group, a container mostly at the root of what it sees.
    """
    for line in _read(_OWN_GROUPS).splitlines() or ["0::/"]:
        _, names, path = (*line.split(":", 2), "", "")[:3]
        if names and controller not in names.split(","):
            continue
        base = _GROUPS / names if names else _GROUPS
        own = PurePosixPath(path.lstrip("/"))
        for group in (PurePosixPath(),) if ".." in own.parts else (own, *own.parents):
            yield base / group, not names


def usable_threads() -> int:
    """Logical processors that this process may use, within its affinity and the quota of its control groups."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    for group, is_new in _control_groups("cpu"):
        if is_new:
            quota, _, period = _read(group / "cpu.max").strip().partition(" ")
        else:
            quota, period = (_read(group / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period"))
        if quota.isdigit() and period.isdigit() and int(period) > 0:
            usable = min(usable, int(quota) // int(period))
    return max(1, usable)


def _glibc() -> bool:
    if sys.platform != "linux":
        return True
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except ValueError:
        return False


def usable_memory() -> int:
    """Main memory in bytes, or the limit of a control group (a container, a service) where that is less."""
    usable = int(psutil.virtual_memory().total)
    for group, is_new in _control_groups("memory"):
        limit = _read(group / ("memory.max" if is_new else "memory.limit_in_bytes")).strip()
        if limit.isdigit() and int(limit) > 0:
            usable = min(usable, int(limit))
    return usable


def _windows_avx2() -> bool:
    if sys.platform == "win32":
        return bool(ctypes.windll.kernel32.IsProcessorFeaturePresent(_PF_AVX2))
    return False


def detect_cpu() -> Cpu:
    """The processor of this machine."""
    name, flags = parse_cpuinfo(_read(Path("/proc/cpuinfo")))
    return Cpu(
        name=name or platform.processor() or _normalised_machine(),
        threads=usable_threads(),
        avx2="avx2" in flags or _windows_avx2(),
        avx512={"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"} <= flags,
    )


def probe_opencl(
    kind: str = "gpu", environment: Mapping[str, str] | None = None, seconds: float = _PROBE_SECONDS
) -> tuple[bool, tuple[Gpu, ...]]:
    """Ask OpenCL for its devices in a process of its own.

    Args:
        kind: ``gpu`` or ``cpu``.
        environment: added to the environment of the probe.
        seconds: after which a hanging driver counts as none.

    Returns:
        Whether a loader is there, and the devices.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_PROBE), kind],
            capture_output=True,
            timeout=seconds,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
        answer = json.loads(done.stdout.decode("utf-8", "replace").strip().splitlines()[-1])
        devices = tuple(
            Gpu(
                name=str(item["name"]),
                vendor=str(item["vendor"]),
                compute_units=int(item["compute_units"]),
                clock_mhz=int(item["clock_mhz"]),
                memory_bytes=int(item["memory_bytes"]),
                integrated=bool(item["unified_memory"]),
                driver=str(item.get("driver", "")),
            )
            for item in answer["devices"]
        )
        return bool(answer["loader"]), devices
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError, IndexError):
        return False, ()


def parse_nvidia(text: str) -> tuple[NvidiaCard, ...]:
    """Read ``nvidia-smi --query-gpu=name,driver_version,memory.total[,compute_cap] --format=csv,noheader,nounits``."""
    cards = []
    for line in text.splitlines():
        fields = [field.strip() for field in line.split(",")]
        if len(fields) < 3 or not fields[0]:
            continue  # a sentence, such as "No devices were found"
        name, driver, memory, compute = (*fields, "", "", "")[:4]
        major, _, minor = compute.partition(".")
        cards.append(
            NvidiaCard(
                name,
                driver if driver[:1].isdigit() else "",
                (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0),
                int(memory) * 1024**2 if memory.isdigit() else 0,
            )
        )
    return tuple(cards)


def nvidia_cards(seconds: float = 15.0) -> tuple[NvidiaCard, ...]:
    """The cards that NVIDIA's driver knows; empty without the driver."""
    tool = shutil.which("nvidia-smi") or next((str(path) for path in _NVIDIA_SMI if path.is_file()), None)
    if tool is None:
        return ()
    # Old drivers do not know compute_cap and refuse the whole question.
    for fields in ("name,driver_version,memory.total,compute_cap", "name,driver_version,memory.total"):
        try:
            done = subprocess.run(
                [tool, f"--query-gpu={fields}", "--format=csv,noheader,nounits"],
                capture_output=True,
                timeout=seconds,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.SubprocessError):
            return ()
        if done.returncode == 0:
            return parse_nvidia(done.stdout.decode("utf-8", "replace"))
    return ()


@functools.cache
def detect() -> Hardware:
    """The machine that this runs on; looked at once a process."""
    loader, gpus = probe_opencl()
    cards = nvidia_cards()
    nvidia = tuple(card.name for card in cards)
    environment: tuple[tuple[str, str], ...] = ()
    if nvidia and loader and not gpus:
        # Containers often have the driver without the .icd file that names it to the loader.
        environment = (("OCL_ICD_FILENAMES", _NVIDIA_OPENCL),)
        loader, gpus = probe_opencl(environment=dict(environment))
        environment = environment if gpus else ()
    return Hardware(
        system=this_system(),
        machine=_normalised_machine(),
        cpu=detect_cpu(),
        memory_bytes=usable_memory(),
        glibc=_glibc(),
        gpus=gpus,
        nvidia=nvidia,
        opencl_loader=loader,
        environment=environment,
        cards=cards,
    )
