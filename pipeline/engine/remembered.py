"""What was measured on this machine: the threads that suit an engine, kept in one small file.

The file is read anew each time and never trusted: what is damaged or of
another version counts as not there.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.atomic import atomic_write_bytes
from pipeline.engine.hardware import Hardware
from pipeline.engine.setup import EngineSetup, Threads

log = logging.getLogger(__name__)

FILE_NAME = "threads.json"
VERSION = 1
_MOST_BYTES = 1_000_000
_MOST_ENTRIES = 200
_MOST_THREADS = 4096
_SAMPLE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class TuningKey:
    """What a measurement holds for: both files by content, the backend, and what they run on.

    ``gpus`` is how many GPUs are used, ``devices`` which of them by the engine's numbers (empty: of its choice),
    ``driver`` the version of their driver, ``cores`` how many threads of the processor may be used (0: on a GPU).
    """

    engine: str
    network: str
    backend: str
    device: str
    gpus: int
    devices: str = ""
    driver: str = ""
    cores: int = 0


@dataclass(frozen=True, slots=True)
class Tuning:
    """The threads that were found best, their speed in visits a second, and when (ISO 8601)."""

    threads: Threads
    visits_per_second: float
    measured_at: str


def fingerprint(path: Path) -> str:
    """16 hex digits of a file's size, first and last mebibyte.

    Enough to notice another build or network without reading hundreds of
    megabytes at each start: the head of an executable holds its build id, the
    end of a gzip file the checksum of all of it.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        digest.update(str(size).encode())
        for start in (0, max(0, size - _SAMPLE_BYTES)):
            stream.seek(start)
            digest.update(stream.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:16]


def key_of(setup: EngineSetup, machine: Hardware) -> TuningKey | None:
    """The key of a set-up; None when one of its files cannot be read."""
    try:
        engine, network = fingerprint(setup.katago), fingerprint(setup.network)
    except OSError as error:
        log.warning("no remembered threads: %s", error)
        return None
    devices = ",".join(map(str, setup.devices))
    driver, cores = (machine.driver, 0) if setup.is_gpu else ("", machine.cpu.threads)
    return TuningKey(engine, network, setup.backend, setup.device, max(1, len(setup.devices)), devices, driver, cores)


class Tunings:
    """The file of measurements.

    Args:
        path: where it is; it need not exist.

    ``damaged`` says why the file was not used, empty when it was.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = ""

    def find(self, setup: EngineSetup, machine: Hardware) -> Tuning | None:
        """What was measured for this set-up on this machine as it is, if anything was."""
        entries = self._read()
        if not entries:
            return None
        key = key_of(setup, machine)
        return entries.get(key) if key is not None else None

    def keep(self, setup: EngineSetup, tuning: Tuning, machine: Hardware) -> None:
        """Remember a measurement in place of an older one; the oldest of very many are forgotten.

        Raises:
            StoreError, ConfigError: the file cannot be written.
        """
        key = key_of(setup, machine)
        if key is None:
            return
        entries = self._read()
        entries.pop(key, None)
        entries[key] = tuning
        rows = [{**asdict(k), **asdict(v)} for k, v in list(entries.items())[-_MOST_ENTRIES:]]
        text = json.dumps({"version": VERSION, "measurements": rows}, ensure_ascii=False, indent=1)
        atomic_write_bytes(self.path, text.encode())

    def _read(self) -> dict[TuningKey, Tuning]:
        self.damaged = ""
        try:
            with self.path.open("rb") as stream:
                raw = stream.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            self.damaged = error.strerror or str(error)
            return {}
        try:
            if len(raw) > _MOST_BYTES:
                raise ValueError("too large")
            data = json.loads(raw)
            if data["version"] != VERSION:
                raise ValueError(f"version {data['version']!r}")
            return dict(_entry(row) for row in data["measurements"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self.damaged = f"{type(error).__name__}: {error}"[:200]
            log.warning("%s is not usable: %s", self.path, self.damaged)
            return {}


def _entry(row: Mapping[str, Any]) -> tuple[TuningKey, Tuning]:
    threads, when, speed = row["threads"], row["measured_at"], row["visits_per_second"]
    # Who measured before driver and cores were noted has to measure again.
    key = TuningKey(
        row["engine"],
        row["network"],
        row["backend"],
        row["device"],
        row["gpus"],
        row.get("devices", ""),
        row.get("driver", ""),
        row.get("cores", 0),
    )
    texts = (key.engine, key.network, key.backend, key.device, key.devices, key.driver, when)
    counts = (key.gpus, threads["analysis"], threads["search"], key.cores or 1)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("text expected")
    if not all(isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= _MOST_THREADS for n in counts):
        raise ValueError("number out of range")
    if not isinstance(speed, int | float) or not 0 < speed < 1e9:
        raise ValueError("speed out of range")
    datetime.fromisoformat(when)
    return key, Tuning(Threads(threads["analysis"], threads["search"]), float(speed), when)
