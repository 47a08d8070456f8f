"""The engine and the network that the user has himself: named by flag or settings, or on PATH."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from pipeline.engine import identify, networks
from pipeline.engine.hardware import Hardware
from pipeline.engine.setup import EngineSetup, Origin
from pipeline.errors import DependencyError

_LOG = logging.getLogger(__name__)
MAX_NAME = 60  # no installed network is called by more characters; what is longer is a file, or nothing
GPU_BACKENDS = frozenset({"cuda", "tensorrt", "metal", "mlx", "rocm", "migraphx"})


def named_engine(flag: Path | None, setting: Path | None) -> tuple[Path, Origin] | None:
    """The engine that the user named, by path or by a command on PATH.

    Raises:
        DependencyError: the file is not there.
    """
    for named, origin in ((flag, Origin.FLAG), (setting, Origin.SETTINGS)):
        if named is None:
            continue
        path = named.expanduser()
        if path.is_file():
            return path.absolute(), origin
        found = shutil.which(str(named))
        if found is None:
            raise DependencyError("engine.not_found", path=named)
        return Path(found), origin
    return None


def engine_on_path() -> tuple[Path, identify.KatagoIdentity] | None:
    """The ``katago`` of PATH, if it is there and runs."""
    found = shutil.which("katago")
    if found is None:
        return None
    try:
        return Path(found), identify.identify_katago(Path(found))
    except DependencyError as error:
        _LOG.warning("katago on PATH is unusable: %s", error.message)
        return None


def named_network(flag: Path | None, setting: Path | None, root: Path, *, is_human: bool = False) -> Path | None:
    """The network that the user named, by path or by the name of an installed one.

    Args:
        flag: what the command line names.
        setting: what the settings name, if the command line does not.
        root: the folder of installed components.
        is_human: whether it is to imitate players, or to judge positions. KataGo takes either for the other
            and says so in its log at most: the values of one, or the probabilities of the other, would be wrong.

    Raises:
        DependencyError: there is no such file or name, it is not a network, or of the other kind.
    """
    named = flag or setting
    if named is None:
        return None
    path = named.expanduser().absolute()
    is_name = named.name == str(named) and len(named.name) <= MAX_NAME
    if is_name and not path.is_file():
        found = networks.find(root, named.name)
        if found is None and networks.known(named.name) is not None:
            raise DependencyError("install.network_not_installed", name=named.name)
        path = found or path
    identity = identify.identify_network(path)
    if identity.is_human != is_human:
        raise DependencyError("engine.network_not_human" if is_human else "engine.network_human", path=path)
    return path


def user_setup(
    katago: Path, network: Path, origin: Origin, identity: identify.KatagoIdentity, machine: Hardware
) -> EngineSetup:
    """The set-up around a user's engine."""
    gpu = machine.best_gpu if identity.backend == "opencl" else None
    is_gpu = identity.backend in GPU_BACKENDS or (gpu is not None and not gpu.integrated)
    card = gpu.name if gpu else (*machine.nvidia, "")[0]
    return EngineSetup(
        katago=katago,
        network=network,
        origin=origin,
        backend=identity.backend,
        device=card if (is_gpu or gpu) else machine.cpu.name,
        is_gpu=is_gpu,
    )
