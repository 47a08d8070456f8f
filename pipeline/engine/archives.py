"""Installing a zip archive from an address: download, check, unpack safely, publish by one rename.

Nothing in an archive is believed: names may not leave the folder, links and
devices are refused, and the unpacked bytes are counted while they are written.
The stamp of a published folder lists its files with sizes and sums, so that a
damaged one is noticed even though the table does not know what is inside.
"""

from __future__ import annotations

import contextlib
import json
import lzma
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pipeline.engine import components
from pipeline.engine.assets import Archive
from pipeline.engine.components import Phase
from pipeline.engine.download import FOLDER, Downloader, file_digest
from pipeline.engine.sums import Fetched, Report, fetch_checked, record
from pipeline.errors import DependencyError

DOWNLOADS = FOLDER
_MOST_FILES = 4000
_BLOCK = 1 << 20
_SPARE_BYTES = 50_000_000
_PLAIN = re.compile(r"[^\x00-\x1f<>:\"|?*\\]+")
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\..*)?", re.IGNORECASE
)

# What zipfile raises at a spoilt archive; an encrypted member is a RuntimeError, and so is NotImplementedError.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    KeyError,
    EOFError,
    RuntimeError,
    FileExistsError,
    UnicodeError,
)


def safe_members(archive: zipfile.ZipFile, limit: int, name: str) -> list[zipfile.ZipInfo]:
    """The files of an archive, if all of it is harmless.

    Raises:
        DependencyError: a name leads out of the folder or is none on some system, a link or device,
            an encrypted or doubled entry, too many files or bytes.
    """
    files: list[zipfile.ZipInfo] = []
    seen: set[str] = set()
    for info in archive.infolist():
        parts = PurePosixPath(info.filename).parts
        kind = stat.S_IFMT(info.external_attr >> 16)
        harmless = (
            parts
            and not info.filename.startswith("/")
            and all(
                _PLAIN.fullmatch(part) and part not in {".", ".."} and not part.endswith((".", " ")) for part in parts
            )
            and not any(_RESERVED.fullmatch(part) for part in parts)
            and kind in {0, stat.S_IFREG, stat.S_IFDIR}
            and not info.flag_bits & 1
        )
        if not harmless:
            raise DependencyError("install.unsafe", name=name, member=info.filename[:100])
        if info.is_dir():
            continue
        if info.filename.casefold() in seen:
            raise DependencyError("install.unsafe", name=name, member=info.filename[:100])
        seen.add(info.filename.casefold())
        files.append(info)
    if len(files) > _MOST_FILES or sum(info.file_size for info in files) > limit:
        raise DependencyError("install.too_large", name=name, limit=-(-limit // 1_000_000))
    return files


def unpack(path: Path, archive: Archive, folder: Path, on_bytes: Callable[[int, int], None]) -> None:
    """Unpack an archive into an empty folder: its ``members`` flat, or everything.

    Raises:
        DependencyError: not a sound archive, unsafe, too large, a member is missing.
    """
    try:
        with zipfile.ZipFile(path) as source:
            infos = safe_members(source, archive.limit, archive.name) if not archive.members else []
            if archive.members:
                infos = [source.getinfo(member) for member in archive.members]
            total, done = sum(info.file_size for info in infos), 0
            for info in infos:
                flat = info.filename.rsplit("/", 1)[-1] if archive.members else info.filename
                target = folder / flat
                target.parent.mkdir(parents=True, exist_ok=True)
                with source.open(info) as stream, target.open("xb") as sink:
                    done = _copy(stream, sink, done, archive, lambda count: on_bytes(count, total))  # type: ignore[arg-type]
    except _DAMAGE as error:
        raise DependencyError("install.broken_archive", name=archive.name) from error


def _copy(stream: BinaryIO, sink: BinaryIO, done: int, archive: Archive, on_bytes: Callable[[int], None]) -> int:
    while block := stream.read(_BLOCK):
        done += len(block)
        if done > archive.limit:
            raise DependencyError("install.too_large", name=archive.name, limit=-(-archive.limit // 1_000_000))
        sink.write(block)
        on_bytes(done)
    sink.flush()
    os.fsync(sink.fileno())
    return done


def _unpack_image(image: Path, content: Path, limit: int) -> None:
    """Put what an AppImage holds in place of it: ``usr/bin`` and ``usr/lib``. A plain program stays as it is."""
    with tempfile.TemporaryDirectory(prefix="image-", dir=content.parent) as room:
        try:
            done = subprocess.run(
                [str(image.resolve()), "--appimage-extract"],
                cwd=room,
                capture_output=True,
                timeout=components.UNPACK_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise DependencyError("provision.not_executable", path=content.parent.parent) from error
        inside = Path(room).resolve() / "squashfs-root"
        if not (inside / "usr" / "bin").is_dir():
            return
        if done.returncode != 0:
            raise DependencyError("install.broken_archive", name=image.name)
        image.unlink()
        total = 0
        for part in ("bin", "lib"):
            for found in sorted((inside / "usr" / part).rglob("*")):
                real = found.resolve()
                if not real.is_file() or not real.is_relative_to(inside):
                    continue
                total += real.stat().st_size
                if total > limit:
                    raise DependencyError("install.too_large", name=image.name, limit=-(-limit // 1_000_000))
                target = content / part / found.relative_to(inside / "usr" / part)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(real, target)
                _sync(target)


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _program(content: Path, archive: Archive) -> str:
    """The program's place in the folder, the shallowest one of its name."""
    found = sorted((path for path in content.rglob(archive.program) if path.is_file()), key=lambda p: len(p.parts))
    if not found:
        raise DependencyError("install.no_program", name=archive.name, program=archive.program)
    found[0].chmod(0o755)
    return found[0].relative_to(content).as_posix()


def _manifest(content: Path) -> dict[str, list[object]]:
    return {
        path.relative_to(content).as_posix(): [path.stat().st_size, file_digest(path)]
        for path in sorted(content.rglob("*"))
        if path.is_file()
    }


def read_stamp(folder: Path) -> dict[str, object]:
    """The stamp of a published folder; empty without one."""
    try:
        stamp = json.loads((folder / components.STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_installed(root: Path, archive: Archive, *, thorough: bool = False) -> bool:
    """Whether the folder is there as it was published: by stamp and sizes, or ``thorough``-ly by sums."""
    folder = root / archive.key
    stamp = read_stamp(folder)
    files = stamp.get("files")
    if stamp.get("digest") != archive.digest or not isinstance(files, dict) or not files:
        return False
    try:
        return all(
            (folder / name).stat().st_size == row[0] and (not thorough or file_digest(folder / name) == row[1])
            for name, row in files.items()
        )
    except (OSError, TypeError, IndexError):
        return False


def space_needed(archive: Archive) -> int:
    """Bytes that installing takes at most: the download, and beside it what is in it."""
    return download_size(archive) + unpacked_size(archive) + _SPARE_BYTES


def download_size(archive: Archive) -> int:
    """Bytes to fetch, as far as they are known."""
    return archive.size or archive.about


def unpacked_size(archive: Archive) -> int:
    """Bytes that the folder takes at most: nobody publishes what is in it."""
    return min(archive.limit, 4 * download_size(archive))


def install(
    root: Path,
    archive: Archive,
    downloader: Downloader,
    report: Report,
    *,
    sha256: str | None = None,
    verify: bool = False,
    probe: Callable[[Path], None] | None = None,
) -> str:
    """Install an archive unless it is there.

    Args:
        root: the folder of installed components.
        archive: what to install.
        downloader: fetches it.
        report: progress.
        sha256: what the user says its sum is; stands above the table's None.
        verify: look at every byte of what is there.
        probe: gets the program before it is published; an error of its keeps it out.

    Returns:
        The sum that could only be recorded, not compared; otherwise empty.

    Raises:
        DependencyError: network, sum, space, permissions, unsafe or broken archive, the probe's.
    """

    def is_there(*, thorough: bool) -> bool:
        has_sum = sha256 is None or read_stamp(root / archive.key).get("sha256") == sha256
        return has_sum and is_installed(root, archive, thorough=thorough)

    if not verify and is_there(thorough=False):
        return ""
    needed = space_needed(archive)
    with components.locked(root, lambda: report(Phase.WAIT, 0, 0)):
        if is_there(thorough=verify):
            return ""
        components.sweep(root)
        staging: Path | None = None
        fetched: Fetched | None = None
        try:
            needed -= min(downloader.begun(archive.url, sha256 or archive.sha256), download_size(archive))
            if shutil.disk_usage(root).free < needed:
                raise components.no_space(root, needed)
            fetched = fetch_checked(
                root,
                downloader,
                archive.url,
                size=archive.size,
                sha256=sha256 or archive.sha256,
                limit=archive.size or archive.limit,
                report=report,
            )
            staging = Path(tempfile.mkdtemp(prefix=components.PARTIAL, dir=root))
            content = staging / "content"
            content.mkdir()
            unpack(fetched.path, archive, content, lambda done, total: report(Phase.EXTRACT, done, total))
            program = _program(content, archive) if archive.program else ""
            if archive.image and program and sys.platform != "win32":
                _unpack_image(content / program, content, archive.limit)
                program = _program(content, archive)
            report(Phase.VERIFY, 0, archive.size or 0)
            if probe is not None:
                probe(content / program)
            stamp = {
                "component": archive.key,
                "digest": archive.digest,
                "licence": archive.licence,
                "url": archive.url,
                "sha256": fetched.sha256,
                "compared": not fetched.trusted,
                "program": program,
                "files": _manifest(content),
            }
            components.publish(content, root / archive.key, stamp, staging)
            record(root, archive.url, fetched)
            with contextlib.suppress(OSError):
                fetched.path.unlink()
        except DependencyError:
            if fetched is not None and fetched.trusted:
                # Nobody's sum vouches for it, so the next attempt must not find the same file again.
                fetched.path.unlink(missing_ok=True)
            raise
        except OSError as error:
            raise components.disk_error(error, root, needed) from error
        finally:
            if staging is not None:
                with contextlib.suppress(OSError):
                    shutil.rmtree(staging, ignore_errors=True)
    return fetched.sha256 if fetched.trusted else ""
