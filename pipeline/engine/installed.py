"""Every engine and every network that is there already, for comparisons. Nothing is downloaded."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.engine import hardware
from pipeline.engine.assets import WheelSpec
from pipeline.engine.finding import named_network
from pipeline.engine.hardware import Hardware
from pipeline.engine.identify import identify_network
from pipeline.engine.provision import Prefer, engine_root, find_setup, missing_components, provision
from pipeline.engine.releases import BACKENDS
from pipeline.engine.setup import EngineSetup
from pipeline.errors import DependencyError

log = logging.getLogger(__name__)

NETWORK_FOLDERS = "network*"
NETWORK_SUFFIXES = (".bin.gz", ".txt.gz", ".bin", ".txt")
# Keys of a set-up that hold for one network only
_OF_ONE_NETWORK = frozenset({"openclTunerFile"})


@dataclass(frozen=True, slots=True)
class InstalledNetwork:
    """A network file and the name that it gives itself."""

    path: Path
    name: str


class _NoSource:
    """A source of wheels that has none."""

    def fetch(self, wheel: WheelSpec, *_: object) -> Path:
        raise DependencyError("provision.not_offered", name=wheel.requirement)


def installed_networks(named: Iterable[Path | None], *, only_named: bool = False) -> list[InstalledNetwork]:
    """The networks that the user names, then those in our own folder; each name once.

    Args:
        named: files, or names of installed networks.
        only_named: leave out what the user does not name.

    Raises:
        DependencyError: a named one is missing, no network, or one that imitates players.
    """
    found: dict[str, InstalledNetwork] = {}
    for wish in named:
        path = named_network(wish, None, engine_root())
        if path is not None:
            network = InstalledNetwork(path, identify_network(path).name)
            found.setdefault(network.name, network)
    if only_named:
        return list(found.values())
    folders = engine_root().glob(NETWORK_FOLDERS)
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.name.endswith(NETWORK_SUFFIXES))
    for path in files:
        try:
            identity = identify_network(path)
        except DependencyError as error:
            log.warning("%s", error.message)
            continue
        if not identity.is_human:
            found.setdefault(identity.name, InstalledNetwork(path, identity.name))
    return list(found.values())


def installed_engines(
    named: Sequence[Path], network: Path, prefer: Prefer, machine: Hardware | None = None
) -> list[EngineSetup]:
    """Our own copy, on the GPU and on the processor, then the engines that the user names (or the one on PATH).

    Args:
        named: the user's engines.
        network: what the user's engines run; see :func:`with_network`.
        prefer: ``gpu`` or ``cpu`` for our own copy on that only.
        machine: this machine.

    Raises:
        DependencyError: a named one is missing or does not run.
    """
    machine = machine or hardware.detect()
    own: list[EngineSetup] = []
    kinds: tuple[Prefer, ...] = ("auto", "cpu") if prefer == "auto" else (prefer,)
    for kind in kinds:
        try:
            if not missing_components(machine, kind):
                own.append(provision(prefer=kind, machine=machine, source=_NoSource()))
        except DependencyError as error:
            log.info("no engine of our own for %s: %s", kind, error.message)
    unique = {_identity(setup): setup for setup in own}
    for backend in BACKENDS:
        try:
            build = find_setup(network=network, prefer=prefer, backend=backend, machine=machine)
        except DependencyError as error:
            log.info("no %s engine of our own: %s", backend, error.message)
            continue
        if build is not None:
            unique.setdefault(_identity(build), build)
    # Without a name the search order ends at PATH, or at our own copy again.
    for katago in dict.fromkeys(named) if named else [None]:
        try:
            setup = find_setup(katago=katago, network=network, prefer=prefer, machine=machine)
        except DependencyError:
            if katago is not None:
                raise
            setup = None
        if setup is not None:
            unique.setdefault(_identity(setup), setup)
    return list(unique.values())


def _identity(setup: EngineSetup) -> tuple[Path, str, str]:
    return setup.katago.resolve(), setup.backend, setup.device


def with_network(setup: EngineSetup, network: InstalledNetwork) -> EngineSetup:
    """The same engine on another network, without what was only right for the one before."""
    if setup.network.resolve() == network.path.resolve():
        return setup
    config = tuple((key, value) for key, value in setup.config if key not in _OF_ONE_NETWORK)
    return replace(setup, network=network.path, config=config)
