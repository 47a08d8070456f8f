"""Networks by name, address or file: the table of known ones, and the folder of those that the user added."""

from __future__ import annotations

import contextlib
import gzip
import re
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.atomic import atomic_path
from pipeline.engine import assets, components, identify, releases, sums
from pipeline.engine.addresses import check_web
from pipeline.engine.assets import Component
from pipeline.engine.components import Phase, ProvisionProgress, ProvisionStep
from pipeline.engine.download import Downloader, file_digest
from pipeline.engine.wheels import WheelSource
from pipeline.errors import DependencyError

FOLDER = "networks"
_MOST_BYTES = 4_000_000_000
_MOST_UNPACKED = 8_000_000_000
_USUAL_BYTES = 300_000_000  # of a network whose size nobody told
_BLOCK = 1 << 22
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,150}")
# KataGo tells by them how a file is to be read, and refuses others (``desc.cpp``, ``loadFromFileMaybeGZipped``).
_SUFFIXES = (".bin.gz", ".txt.gz", ".bin", ".txt", ".gz")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_KATA1 = "https://media.katagotraining.org/uploaded/networks/models/kata1/"
_EXTRA = "https://media.katagotraining.org/uploaded/networks/models_extra/"
MIT = "MIT (KataGo)"
KATA1 = "katagotraining.org network licence"
EXTRA = "katagotraining.org, extra networks"
_TRANSFORMERS = "1.17.0"

Report = Callable[[Phase, int, int], None]


@dataclass(frozen=True, slots=True)
class KnownNetwork:
    """A network that has a short name here: from a wheel, or from an address.

    ``size`` in bytes and ``sha256`` are None where they are not known.
    ``needs_gpu``: transformers, which the CPU backends cannot run or not in any useful time.
    ``human``: imitates players of a rank (``engine.human_network``); no network to review with.
    ``katago`` is a version of KataGo that reads it; older ones may not.
    """

    name: str
    component: Component | None = None
    url: str = ""
    size: int | None = None
    sha256: str | None = None
    needs_gpu: bool = False
    human: bool = False
    licence: str = KATA1
    katago: str = "1.13.0"


@dataclass(frozen=True, slots=True)
class InstalledNetwork:
    """A network in the cache: the name that settings may use, its own name, its file; ``is_human`` as there."""

    name: str
    identity: str
    path: Path
    size: int
    is_human: bool = False


KNOWN: tuple[KnownNetwork, ...] = (
    KnownNetwork("b15c192", assets.NETWORK_B15, licence=MIT, katago="1.3.0"),
    KnownNetwork("b18c384", assets.NETWORK_B18),
    KnownNetwork("b10c384", assets.NETWORK_B10, needs_gpu=True, licence=MIT, katago=_TRANSFORMERS),
    KnownNetwork(
        "b10c512",
        url=releases.RELEASES + "v1.17.1/b10c512h8nbt3tflrs-fson-silu-rsnh.bin.gz",
        size=94281753,
        sha256="c04db4a503721d948bb720324f3cbdac6088cc9eb243632f020e4b6846f58995",
        needs_gpu=True,
        licence=MIT,
        katago=_TRANSFORMERS,
    ),
    KnownNetwork(
        "b18c384-s9996604416",
        url=_KATA1 + "kata1-b18c384nbt-s9996604416-d4316597426.bin.gz",
        size=97898094,
        sha256="9d7a6afed8ff5b74894727e156f04f0cd36060a24824892008fbb6e0cba51f1d",
    ),
    KnownNetwork(
        "b28c512",
        url=_KATA1 + "kata1-b28c512nbt-adam-s11165M-d5387M.bin.gz",
        sha256="798da8fe3e9819f09535240b1bc29cb3047a4fa981433c56c491e57007a3d3f0",
        katago="1.16.0",
    ),
    KnownNetwork(
        "b28c512-s13255194368",
        url=_KATA1 + "kata1-b28c512nbt-s13255194368-d5935380940.bin.gz",
        size=271440852,
        sha256="c5bca453d7b08ea8df6546439325d4dd681e77d975e1da3f7593d771147b73bc",
        katago="1.16.0",
    ),
    KnownNetwork(
        "b11c768",
        url=_KATA1 + "kata1-tf3-b11c768-s11003M-d5973M-7gres.bin.gz",
        size=262039869,
        sha256="93bdb63a3bfae4a70db0cb5265287495ecfc10b1ba1cc6814feeba1cdf055871",
        needs_gpu=True,
        katago=_TRANSFORMERS,
    ),
    KnownNetwork(
        "b11c768-s12002M",
        url=_KATA1 + "kata1-tf3-b11c768-s12002M-d6304M.bin.gz",
        size=262017809,
        sha256="4a6312e80faadee7b7dd28689a2e87a1efb4640c10132f16290da7a17b4c6d9e",
        needs_gpu=True,
        katago=_TRANSFORMERS,
    ),
    KnownNetwork(
        "human",
        url=_EXTRA + "b18c384nbt-humanv0.bin.gz",
        size=99066230,
        sha256="637746e44f0efe00ad1245a50aa9bbf0716efe364c43965ead97bd6835d84ab5",
        human=True,
        licence=EXTRA,
        katago="1.15.0",
    ),
)
"""Every sum is one that other installers pin too. ``b11c768`` was the strongest by the run's ratings in October 2026,
``b11c768-s12002M`` is newer; ``b10c512`` is the middle one, and comes from GitHub, which has mirrors."""


def known(name: str) -> KnownNetwork | None:
    """The table's row of a name; None if it has none."""
    return next((row for row in KNOWN if row.name == name), None)


def component_file(root: Path, component: Component) -> Path:
    """The file of an installed network component."""
    return root / component.key / component.files[0].target


def _short(file_name: str) -> str:
    for suffix in _SUFFIXES:
        if file_name.lower().endswith(suffix):
            return file_name[: -len(suffix)]
    return file_name


def find(root: Path, name: str) -> Path | None:
    """The file of an installed network by its name here; None if there is none.

    A name is one of the table or that of an added file, with or without its extension.
    """
    if not _NAME.fullmatch(name):
        return None
    row = known(name)
    if row is not None and row.component is not None:
        installed = components.is_installed(root, row.component)
        return component_file(root, row.component) if installed else None
    wanted = {name, row.url.rsplit("/", 1)[-1]} if row is not None else {name}
    return next((path for path in _added(root) if path.name in wanted or _short(path.name) in wanted), None)


def _added(root: Path) -> list[Path]:
    try:
        found = sorted((root / FOLDER).iterdir())
    except OSError:
        return []
    return [path for path in found if not path.name.startswith(".") and path.is_file()]


def installed(root: Path) -> tuple[InstalledNetwork, ...]:
    """All networks in the cache that can be read, those of the table first."""
    rows: list[tuple[str, Path]] = []
    for row in KNOWN:
        path = find(root, row.name)
        if path is not None:
            rows.append((row.name, path))
    there = {path for _, path in rows}
    rows += [(_short(path.name), path) for path in _added(root) if path not in there]
    found = []
    for name, path in rows:
        with contextlib.suppress(DependencyError, OSError):
            found.append(_described(name, path))
    return tuple(found)


def _described(name: str, path: Path) -> InstalledNetwork:
    identity = identify.identify_network(path)
    return InstalledNetwork(name, identity.name, path, path.stat().st_size, identity.is_human)


def install(
    root: Path,
    wanted: str,
    *,
    source: WheelSource,
    downloader: Downloader,
    progress: ProvisionProgress,
    sha256: str | None = None,
) -> tuple[InstalledNetwork, str]:
    """Bring a network into the cache.

    Args:
        root: the folder of installed components.
        wanted: a name of the table, a web address, or a file.
        source: where wheels come from.
        downloader: for addresses.
        progress: called often.
        sha256: what the user says the file's sum is.

    Returns:
        The network, and the sum that could only be recorded (otherwise empty).

    Raises:
        DependencyError: no such name or file, network, wrong sum, not a network, no space.
    """

    def report(phase: Phase, done: int, total: int) -> None:
        progress(ProvisionStep(phase, f"network-{_short(wanted.rsplit('/', 1)[-1])}", done, total, 1, 1))

    row = known(wanted)
    unconfirmed = ""
    if _WEB.match(wanted):
        check_web(wanted)
    if row is not None and row.component is not None:
        components.install(root, (row.component,), source, progress)
        path, name = component_file(root, row.component), row.name
        if sha256 is not None and (found := file_digest(path)) != sha256:
            raise DependencyError("install.checksum", name=path.name, url=path, found=found)
    elif row is not None or _WEB.match(wanted):
        name = row.name if row is not None else _short(_file_name(wanted))
        row = row or KnownNetwork(name, url=wanted)
        there = _installed_from(root, row, sha256)
        path, unconfirmed = (there, "") if there else _from_web(root, row, downloader, sha256, report)
    else:
        path = _from_file(root, Path(wanted).expanduser(), sha256, report)
        name = _short(path.name)
    return _described(name, path), unconfirmed


def _installed_from(root: Path, row: KnownNetwork, sha256: str | None) -> Path | None:
    """The file of an address, if it is here already and holds what it should."""
    name = _file_name(row.url)
    path, expected = root / FOLDER / name, sha256 or row.sha256 or sums.recorded_sum(root, row.url)
    is_same = _NAME.fullmatch(name) and expected and path.is_file() and file_digest(path) == expected
    return path if is_same else None


def _from_web(
    root: Path, row: KnownNetwork, downloader: Downloader, sha256: str | None, report: Report
) -> tuple[Path, str]:
    name = _file_name(row.url)
    target = _target(root, name)
    with components.locked(root, lambda: report(Phase.WAIT, 0, 0)):
        try:
            needed = (row.size or 0) - downloader.begun(row.url, sha256 or row.sha256)
            if shutil.disk_usage(root).free < needed:
                raise components.no_space(root, needed)
            fetched = sums.fetch_checked(
                root, downloader, row.url, size=row.size, sha256=sha256 or row.sha256, limit=_MOST_BYTES, report=report
            )
            _keep(fetched.path, target, name, move=True)
            sums.record(root, row.url, fetched)
        except OSError as error:
            raise components.disk_error(error, root, row.size or _USUAL_BYTES) from error
    return target, fetched.sha256 if fetched.trusted else ""


def _from_file(root: Path, path: Path, sha256: str | None, report: Report) -> Path:
    if not path.is_file():
        names = ", ".join(row.name for row in KNOWN)
        raise DependencyError("install.unknown_network", name=path, known=names)
    identify.identify_network(path)
    target = _target(root, path.name)
    report(Phase.VERIFY, 0, path.stat().st_size)
    if sha256 is not None and file_digest(path) != sha256:
        raise DependencyError("install.checksum", name=path.name, url=path, found=file_digest(path))
    with components.locked(root, lambda: report(Phase.WAIT, 0, 0)):
        try:
            _keep(path, target, path.name, move=False)
        except OSError as error:
            raise components.disk_error(error, root, path.stat().st_size) from error
    return target


def _file_name(url: str) -> str:
    return urlsplit(url).path.rsplit("/", 1)[-1]


def _target(root: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise DependencyError("install.bad_network_name", name=name[:100])
    if not name.lower().endswith(_SUFFIXES):
        raise DependencyError("install.bad_network_suffix", name=name, suffixes=", ".join(_SUFFIXES))
    return root / FOLDER / name


def _keep(path: Path, target: Path, name: str, *, move: bool) -> None:
    """Check a network to its end and put it in place by one rename."""
    try:
        identify.identify_network(path)
        if not _is_whole(path):
            raise DependencyError("engine.network_broken", path=name)
    except DependencyError as error:
        if move:
            path.unlink(missing_ok=True)
        raise DependencyError("engine.network_broken", path=name) from error
    target.parent.mkdir(parents=True, exist_ok=True)
    if move:
        components.rename(path, target)
        return
    with atomic_path(target) as temporary:
        shutil.copyfile(path, temporary)


def _is_whole(path: Path) -> bool:
    """Whether a compressed file can be read to its end; its own checksum is compared there."""
    with path.open("rb") as stream:
        if stream.read(2) != b"\x1f\x8b":
            return True
    total = 0
    try:
        with gzip.open(path) as packed:
            while block := packed.read(_BLOCK):
                total += len(block)
                if total > _MOST_UNPACKED:
                    return False
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False
    return True
