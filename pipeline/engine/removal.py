"""Taking installed engines and networks away again, with the libraries that nothing else here needs.

What goes is renamed out of sight first, so that a removal that is interrupted,
or refused because a program runs, leaves nothing half-done.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine import assets, components, networks, releases
from pipeline.engine.releases import BACKENDS
from pipeline.engine.wheels import folder_bytes
from pipeline.errors import DependencyError

# The engine out of wheels is an OpenCL one; its loader and its runtime for processors serve nothing else.
_OPENCL = (assets.KATAGO_LINUX, assets.KATAGO_WINDOWS, assets.ICD_LOADER, *assets.INTEL_RUNTIME)


@dataclass(frozen=True, slots=True)
class Removed:
    """What went: the names of files and folders, and their bytes."""

    names: tuple[str, ...]
    size: int


def remove(root: Path, name: str) -> Removed:
    """Remove the engines of a backend, or a network.

    Args:
        root: the folder of installed components.
        name: a backend, or a network's name.

    Raises:
        DependencyError: nothing of that name is here, it is in use, or the folder may not be written.
    """
    with components.locked(root, lambda: None):
        components.sweep(root)
        found = _folders(root, name) if name in BACKENDS else _network(root, name)
        if not found:
            known: list[str] = [backend for backend in BACKENDS if _folders(root, backend)]
            known += [one.name for one in networks.installed(root)]
            raise DependencyError("install.nothing_to_remove", name=name, known=", ".join(known) or "-")
        size = sum(folder_bytes(path) if path.is_dir() else path.stat().st_size for path in found)
        staging = Path(tempfile.mkdtemp(prefix=components.PARTIAL, dir=root))
        try:
            for path in found:
                components.rename(path, staging / path.name)
        except OSError as error:
            raise components.disk_error(error, root, 0) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return Removed(tuple(path.name for path in found), size)


def _folders(root: Path, backend: str) -> list[Path]:
    """The folders that belong to a backend and to no other that is installed; the engines first."""
    installed = [build for build in releases.TABLE if (root / build.archive.key).is_dir()]
    going = [build for build in installed if build.backend == backend]
    needed = {part.key for build in installed if build not in going for part in build.libraries}
    keys = [build.archive.key for build in going]
    keys += [part.key for build in going for part in build.libraries if part.key not in needed]
    if backend == "opencl":
        keys += [part.key for part in _OPENCL]
    return [root / key for key in dict.fromkeys(keys) if (root / key).is_dir()]


def _network(root: Path, name: str) -> list[Path]:
    path = networks.find(root, name)
    if path is None:
        return []
    return [path] if path.parent.name == networks.FOLDER else [path.parent]
