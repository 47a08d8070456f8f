"""What is there and what is missing, as data (``fupan doctor``)."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine import backends, components, hardware, identify, provision, wheels
from pipeline.engine.assets import Archive, Component
from pipeline.engine.hardware import Hardware
from pipeline.engine.provision import Prefer
from pipeline.engine.setup import EngineSetup, Origin
from pipeline.errors import DependencyError
from pipeline.wording import doctor as texts
from pipeline.wording import install as install_texts

_GIB = 1024**3
_OLDEST_PYTHON = (3, 11)
_SMALL_MEMORY = 2 * _GIB
_SPARE_OUTPUT_BYTES = 500_000_000
_RENDERER_SECONDS = 60.0
_FONT_SUFFIXES = frozenset({".ttf", ".otf", ".ttc"})
_SUBSETTER = "libharfbuzz-subset.so.0"


@dataclass(frozen=True, slots=True)
class DoctorItem:
    """One check.

    ``name`` and texts are for the user; ``key`` is stable, for programs.
    ``ok`` is false where something has to be done; ``advice`` may come with
    either and says what.
    """

    name: str
    ok: bool
    detail: str
    advice: str = ""
    key: str = ""


def _item(key: str, ok: bool, detail: str, advice: str = "") -> DoctorItem:
    return DoctorItem(texts.NAMES[key], ok, detail, advice, key)


def _python() -> DoctorItem:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return _item("python", False, texts.PYTHON_OLD.format(version=version), texts.PYTHON_ADVICE)
    return _item("python", True, texts.PYTHON.format(version=version, path=sys.executable))


def _machine(machine: Hardware) -> DoctorItem:
    detail = texts.MACHINE.format(cpu=machine.cpu.name, threads=machine.cpu.threads, memory=machine.memory_bytes / _GIB)
    small = machine.memory_bytes < _SMALL_MEMORY
    return _item("machine", not small, detail, texts.MACHINE_SMALL if small else "")


def _gpu(machine: Hardware, setup: EngineSetup | None) -> DoctorItem:
    gpu = machine.best_gpu
    if gpu is not None and gpu.integrated:
        return _item("gpu", True, texts.GPU_INTEGRATED.format(name=gpu.name))
    if gpu is not None:
        return _item("gpu", True, texts.GPU.format(name=gpu.name, memory=gpu.memory_bytes / _GIB))
    if not machine.nvidia:
        return _item("gpu", True, texts.GPU_NONE)
    names = ", ".join(machine.nvidia)
    if setup is not None and setup.is_gpu:
        return _item("gpu", True, names)
    if setup is None and not machine.opencl_loader:
        return _item("gpu", True, texts.GPU_LOADER_LATER.format(name=names))
    return _item("gpu", False, texts.GPU_UNSEEN.format(name=names), texts.GPU_UNSEEN_ADVICE)


def _nvidia(machine: Hardware, setup: EngineSetup | None) -> tuple[DoctorItem, ...]:
    """What NVIDIA's faster backends need here; nothing without such a card."""
    if not machine.nvidia or (machine.system, machine.machine) not in {("linux", "x86_64"), ("windows", "x86_64")}:
        return ()
    driver = machine.nvidia_driver or install_texts.DOCTOR_DRIVER_UNKNOWN
    card = install_texts.DOCTOR_CARD.format(name=", ".join(machine.nvidia), driver=driver)
    if setup is not None and setup.backend in {"tensorrt", "cuda"}:
        return (_item("nvidia", True, install_texts.DOCTOR_READY.format(card=card, backend=setup.backend)),)
    problem: DependencyError | None = None
    for backend in ("tensorrt", "cuda"):
        try:
            build = backends.choose_build(backend, machine)
        except DependencyError as error:
            problem = error
            continue
        size = sum(
            (part.size or part.about) if isinstance(part, Archive) else part.wheel.size for part in build.libraries
        )
        detail = install_texts.DOCTOR_OFFER.format(card=card, backend=backend, gigabytes=(size + build.size) / 1e9)
        return (_item("nvidia", True, detail),)
    if problem is None or problem.code != "install.old_driver":
        return (_item("nvidia", True, install_texts.DOCTOR_OLD_CARD.format(card=card)),)
    detail = install_texts.DOCTOR_OLD.format(card=card, need=problem.params["need"])
    # OpenCL does its work with the old driver, so nothing is broken.
    return (_item("nvidia", True, detail, problem.advice),)


def _path_note(setup: EngineSetup) -> str:
    found = shutil.which("katago")
    return texts.PATH_IGNORED.format(path=found) if found and setup.origin is Origin.PROVISIONED else ""


def _engine(setup: EngineSetup | None, failure: DependencyError | None, missing: tuple[Component, ...]) -> DoctorItem:
    if failure is not None:
        return _item("engine", False, failure.message, failure.advice)
    if setup is None:
        megabytes = -(-sum(part.wheel.size for part in missing) // 1_000_000)
        return _item("engine", True, texts.ENGINE_NONE.format(megabytes=megabytes), texts.ENGINE_NONE_ADVICE)
    try:
        identity = identify.identify_katago(setup.katago, dict(setup.environment))
    except DependencyError as error:
        advice = texts.ENGINE_BROKEN_ADVICE if setup.origin is Origin.PROVISIONED else error.advice
        if setup.origin is Origin.PROVISIONED and setup.backend != "opencl":
            advice = install_texts.REPAIR_ADVICE.format(backend=setup.backend)
        return _item("engine", False, error.message, advice)
    detail = texts.ENGINE.format(
        version=identity.version,
        backend=identity.backend,
        path=setup.katago,
        origin=texts.ORIGINS[setup.origin.value],
    )
    if setup.device:
        detail += texts.ENGINE_DEVICE.format(device=setup.device)
    return _item("engine", True, detail + _path_note(setup))


def _network(setup: EngineSetup | None) -> DoctorItem:
    if setup is None:
        return _item("network", True, texts.NETWORK_NONE)
    try:
        identity = identify.identify_network(setup.network)
    except DependencyError as error:
        return _item("network", False, error.message, error.advice)
    return _item("network", True, texts.NETWORK.format(name=identity.name, path=setup.network))


def _renderer() -> DoctorItem:
    """Loads WeasyPrint in a process of its own: a missing system library shows there."""
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", "import weasyprint, sys; sys.stdout.write(weasyprint.__version__)"],
            capture_output=True,
            timeout=_RENDERER_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return _item("renderer", False, texts.RENDERER_BROKEN.format(detail=error), texts.RENDERER_ADVICE)
    if done.returncode == 0:
        return _item("renderer", True, texts.RENDERER.format(version=done.stdout.decode("utf-8", "replace")))
    lines = [line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    detail = next((line for line in reversed(lines) if "Error" in line), lines[-1] if lines else "-")[:200]
    return _item("renderer", False, texts.RENDERER_BROKEN.format(detail=detail), texts.RENDERER_ADVICE)


def _subsetter() -> tuple[DoctorItem, ...]:
    if sys.platform != "linux":
        return ()
    try:
        ctypes.CDLL(_SUBSETTER)
    except OSError:
        return (_item("subsetter", False, texts.SUBSETTER_MISSING, texts.RENDERER_ADVICE),)
    return (_item("subsetter", True, texts.SUBSETTER),)


def _fonts(folder: Path) -> DoctorItem:
    try:
        count = sum(path.suffix.lower() in _FONT_SUFFIXES and path.stat().st_size > 0 for path in folder.iterdir())
    except OSError:
        count = 0
    if count == 0:
        return _item("fonts", False, texts.FONTS_MISSING.format(folder=folder), texts.FONTS_ADVICE)
    return _item("fonts", True, texts.FONTS.format(count=count))


def _pip(needed: bool) -> DoctorItem:
    if wheels.pip_command() is not None:
        return _item("pip", True, texts.PIP)
    command = f"{sys.executable} -m ensurepip --upgrade"
    return _item("pip", not needed, texts.PIP_MISSING, texts.PIP_ADVICE.format(command=command))


def _nearest_existing(path: Path) -> Path:
    absolute = path.absolute()
    return next(folder for folder in (absolute, *absolute.parents) if folder.is_dir())


def _disk(key: str, folder: Path, needed: int, how: str) -> DoctorItem:
    there = _nearest_existing(folder)
    advice = texts.DISK_ADVICE.format(how=how)
    if not os.access(there, os.W_OK | os.X_OK) or (folder.exists() and not folder.is_dir()):
        return _item(key, False, texts.DISK_UNWRITABLE.format(path=folder), advice)
    try:
        free = shutil.disk_usage(there).free
    except OSError:
        return _item(key, False, texts.DISK_UNWRITABLE.format(path=folder), advice)
    if free < needed:
        return _item(key, False, texts.DISK_LOW.format(path=folder, free=free / 1e9, needed=needed / 1e9), advice)
    return _item(key, True, texts.DISK.format(path=folder, free=free / 1e9))


def examine(
    *,
    output: Path,
    fonts: Path,
    katago: Path | None = None,
    network: Path | None = None,
    settings_katago: Path | None = None,
    settings_network: Path | None = None,
    prefer: Prefer = "auto",
    backend: str = "auto",
    machine: Hardware | None = None,
) -> tuple[DoctorItem, ...]:
    """Look at everything that a run needs. Downloads nothing, writes nothing, raises nothing of ours.

    Args:
        output: the output folder, there or not.
        fonts: the folder of our fonts.
        katago: as for ``provision.find_setup``; so are the next five.
        network: see ``katago``.
        settings_katago: see ``katago``.
        settings_network: see ``katago``.
        prefer: see ``katago``.
        backend: see ``katago``.
        machine: what to look at; this machine.
    """
    machine = machine or hardware.detect()
    setup: EngineSetup | None = None
    failure: DependencyError | None = None
    try:
        setup = provision.find_setup(
            katago=katago,
            network=network,
            settings_katago=settings_katago,
            settings_network=settings_network,
            prefer=prefer,
            backend=backend,
            machine=machine,
        )
    except DependencyError as error:
        failure = error
    missing: tuple[Component, ...] = ()
    if setup is None and failure is None:
        try:
            missing = provision.missing_components(machine, prefer)
        except DependencyError as error:
            failure = error
    needed = components.space_needed(missing)
    return (
        _python(),
        _machine(machine),
        _gpu(machine, setup),
        *_nvidia(machine, setup),
        _engine(setup, failure, missing),
        _network(setup),
        _renderer(),
        *_subsetter(),
        _fonts(fonts),
        _pip(needed=bool(missing)),
        _disk("cache", provision.cache_dir(), needed, texts.HOW_CACHE),
        _disk("output", output, _SPARE_OUTPUT_BYTES, texts.HOW_OUTPUT),
    )
