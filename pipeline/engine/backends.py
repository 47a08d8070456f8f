"""The official builds that are installed here: which of them run on this machine, and how to start one.

TensorRT, CUDA and OpenCL builds go before Eigen; a build that the machine
cannot run (an old driver, an old card, no AVX2) is passed over.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine import archives, components, identify, releases
from pipeline.engine.assets import Archive, Component
from pipeline.engine.components import Phase, ProvisionProgress, ProvisionStep
from pipeline.engine.download import Downloader
from pipeline.engine.hardware import Hardware
from pipeline.engine.releases import BACKENDS, Build, version_tuple
from pipeline.engine.setup import EngineSetup, Origin
from pipeline.engine.wheels import WheelSource
from pipeline.errors import DependencyError

_LOG = logging.getLogger(__name__)
_NVIDIA = frozenset({"tensorrt", "cuda"})
# Two gigabytes of libraries are read, and by a virus scanner first.
_PROBE_SECONDS = 300.0
_SPARE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Installed:
    """A build in the cache. ``obstacle`` says why this machine cannot run it; None if it can."""

    build: Build
    folder: Path
    program: Path
    obstacle: DependencyError | None


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A download whose sum nobody publishes: it was recorded, not compared."""

    name: str
    sha256: str


def obstacle(build: Build, machine: Hardware) -> DependencyError | None:
    """Why a machine cannot run a build; None if nothing is known against it."""
    if (machine.system, machine.machine) != (build.system, "x86_64") or not machine.glibc:
        return DependencyError("engine.unsupported_platform", system=machine.system, machine=machine.machine)
    if build.backend in _NVIDIA:
        return _nvidia_obstacle(build, machine)
    if build.backend == "opencl" and machine.best_gpu is None:
        return DependencyError("engine.gpu_without_opencl" if machine.nvidia else "engine.no_gpu")
    if build.avx2 and not machine.cpu.avx2:
        return DependencyError("install.no_avx2", cpu=machine.cpu.name)
    return None


def _nvidia_obstacle(build: Build, machine: Hardware) -> DependencyError | None:
    if not machine.nvidia:
        return DependencyError("install.no_nvidia", backend=build.backend)
    have, need = machine.nvidia_driver, build.oldest_driver
    if have and version_tuple(have) < version_tuple(need):
        return DependencyError("install.old_driver", have=have, need=need, backend=build.backend, cuda=build.cuda)
    known = [card for card in machine.cards if card.compute > (0, 0)]
    if known and all(card.compute < build.compute for card in known):
        return DependencyError("install.old_card", name=known[0].name, backend=build.backend)
    return None


def choose_build(backend: str, machine: Hardware, version: str | None = None) -> Build:
    """The build of a backend that fits a machine.

    Raises:
        DependencyError: none is offered for the system, no such version, or the machine cannot run it.
    """
    offered = releases.offered(backend, machine.system)
    if not offered or machine.machine != "x86_64":
        raise DependencyError("engine.unsupported_platform", system=machine.system, machine=machine.machine)
    wanted = [build for build in offered if version in {None, build.version}]
    if not wanted:
        known = ", ".join(dict.fromkeys(build.version for build in offered))
        raise DependencyError("install.no_version", version=version, backend=backend, known=known)
    problems = []
    for build in wanted:
        problem = obstacle(build, machine)
        if problem is None:
            return build
        problems.append(problem)
    raise problems[0]


def _is_there(root: Path, part: Component | Archive, thorough: bool = False) -> bool:
    if isinstance(part, Archive):
        return archives.is_installed(root, part, thorough=thorough)
    return components.is_installed(root, part)


def installed(root: Path, machine: Hardware) -> tuple[Installed, ...]:
    """The complete builds in the cache, fastest backend first."""
    found = []
    for build in sorted(releases.TABLE, key=lambda build: BACKENDS.index(build.backend)):
        if not all(_is_there(root, part) for part in (build.archive, *build.libraries)):
            continue
        folder = root / build.archive.key
        program = folder / str(archives.read_stamp(folder).get("program", ""))
        if program.is_file():
            found.append(Installed(build, folder, program, obstacle(build, machine)))
    return tuple(found)


def best(root: Path, machine: Hardware, *, backend: str = "auto", prefer: str = "auto") -> Installed | None:
    """The installed build to use, if one runs here.

    Args:
        root: the folder of installed components.
        machine: where it is to run.
        backend: only this one; ``auto`` for the fastest.
        prefer: ``cpu`` leaves only Eigen, ``gpu`` everything else.
    """
    for one in installed(root, machine):
        if backend not in {"auto", one.build.backend}:
            continue
        if (prefer == "cpu") > (one.build.backend == "eigen") or (prefer == "gpu" and one.build.backend == "eigen"):
            continue
        if one.obstacle is not None:
            _LOG.info("%s is installed but cannot run here: %s", one.folder.name, one.obstacle.message)
            continue
        return one
    return None


def library_environment(build: Build, program: Path, root: Path) -> dict[str, str]:
    """What the engine's process needs to find its libraries; nothing outside that process changes.

    On Windows a program looks into its own folder first and then along PATH.
    """
    folders = [root / part.key for part in build.libraries]
    name = "PATH" if build.system == "windows" else "LD_LIBRARY_PATH"
    own = program.parent.parent / "lib"
    if build.system == "linux" and own.is_dir():
        folders.insert(0, own)
    if not folders:
        return {}
    separator = ";" if build.system == "windows" else ":"
    inherited = os.environ.get(name, "")
    return {name: separator.join([*map(str, folders), *([inherited] if inherited else [])])}


def _card_for(build: Build, machine: Hardware) -> str:
    """The name of the card that CUDA counts first: the fastest, of those that the build runs on."""
    able = [card for card in machine.cards if card.compute >= build.compute or card.compute == (0, 0)]
    best = max(able, key=lambda card: (card.compute, card.memory_bytes), default=None)
    return best.name if best is not None else (*machine.nvidia, "")[0]


def setup_of(one: Installed, network: Path, root: Path, machine: Hardware) -> EngineSetup:
    """How to start an installed build with a network."""
    backend = one.build.backend
    environment = library_environment(one.build, one.program, root)
    gpu = machine.best_gpu
    if backend == "opencl":
        environment = dict(machine.environment) | environment
        device, is_gpu = (gpu.name, not gpu.integrated) if gpu else (machine.cpu.name, False)
    elif backend in _NVIDIA:
        device, is_gpu = _card_for(one.build, machine), True
    else:
        device, is_gpu = machine.cpu.name, False
    return EngineSetup(
        katago=one.program,
        network=network,
        origin=Origin.PROVISIONED,
        backend=backend,
        device=device,
        is_gpu=is_gpu,
        environment=tuple(environment.items()),
    )


def install_build(
    root: Path,
    build: Build,
    *,
    source: WheelSource,
    downloader: Downloader,
    progress: ProvisionProgress,
    sha256: str | None = None,
    verify: bool = False,
    may_run: bool = True,
) -> tuple[Unconfirmed, ...]:
    """Install a build and its libraries; the engine comes last, so that what is there is complete.

    Args:
        root: the folder of installed components.
        build: what to install.
        source: where wheels come from.
        downloader: where archives come from.
        progress: called often.
        sha256: what the user says the sum of the engine's archive is.
        verify: look at every byte of what is there.
        may_run: whether the build is for this system, so that it can be tried before it is published.

    Returns:
        The downloads whose sums could only be recorded.

    Raises:
        DependencyError: network, sum, space, permissions, pip; the engine does not start.
    """
    parts = (*build.libraries, build.archive)
    _check_space(root, parts, downloader)
    unconfirmed = []

    def probe(program: Path) -> None:
        identify.identify_katago(program, library_environment(build, program, root), _PROBE_SECONDS)

    for number, part in enumerate(parts, 1):
        if isinstance(part, Component):
            components.install(root, (part,), source, _renumbered(progress, number, len(parts)), verify=verify)
            continue

        def report(phase: Phase, done: int, total: int, key: str = part.key, number: int = number) -> None:
            progress(ProvisionStep(phase, key, done, total, number, len(parts)))

        engine = part is parts[-1]
        found = archives.install(
            root,
            part,
            downloader,
            report,
            sha256=sha256 if engine else None,
            verify=verify,
            probe=probe if engine and may_run else None,
        )
        if found:
            unconfirmed.append(Unconfirmed(part.name, found))
    return tuple(unconfirmed)


def _check_space(root: Path, parts: Sequence[Component | Archive], downloader: Downloader) -> None:
    """Say what is missing in all before the first gigabyte is fetched, not before the last."""
    missing = [part for part in parts if not _is_there(root, part)]
    if not missing:
        return
    wheels = [part for part in missing if isinstance(part, Component)]
    zips = [part for part in missing if isinstance(part, Archive)]
    to_fetch = [
        *(part.wheel.size for part in wheels),
        *(archives.download_size(part) - downloader.begun(part.url, part.sha256) for part in zips),
    ]
    stays = sum(part.installed_size for part in wheels) + sum(archives.unpacked_size(part) for part in zips)
    needed = stays + max(to_fetch) + _SPARE_BYTES
    try:
        root.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(root).free
    except OSError as error:
        raise components.disk_error(error, root, needed) from error
    if free < needed:
        raise components.no_space(root, needed)


def _renumbered(progress: ProvisionProgress, number: int, of: int) -> Callable[[ProvisionStep], None]:
    def step(one: ProvisionStep) -> None:
        progress(ProvisionStep(one.phase, one.component, one.done, one.total, number, of))

    return step
