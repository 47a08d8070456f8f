"""The text of KataGo's analysis config, fitted to the machine. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine.setup import EngineSetup, Threads

__all__ = [
    "GIB",
    "MachineFacts",
    "Threads",
    "cache_bytes",
    "cache_power",
    "config_text",
    "default_threads",
    "engine_config",
    "gpu_settings",
]

GIB = 1024**3

# An entry of the neural-net cache with ownership takes about 3 KiB; 1/8 of the memory may go into it.
_CACHE_ENTRY_BYTES = 3 * 1024
_CACHE_SHARE = 8
_CACHE_MIN_POWER, _CACHE_MAX_POWER = 15, 23

# KataGo's advice for batches: many positions at once, few threads for each (analysis_example.cfg).
_GPU_ANALYSIS_THREADS = 16
_GPU_SEARCH_THREADS = 4
_DEVICE_KEYS = {"cuda": "cuda", "tensorrt": "trt", "opencl": "opencl"}


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What the config depends on: logical cores, main memory in bytes, number of GPUs used."""

    cpu_count: int = 2
    memory_bytes: int = 8 * GIB
    gpus: int = 1


def default_threads(setup: EngineSetup, machine: MachineFacts) -> Threads:
    """Threads that suit a GPU, or this number of cores (figures in ``benchmarks``)."""
    if setup.is_gpu:
        return Threads(_GPU_ANALYSIS_THREADS * max(1, machine.gpus), _GPU_SEARCH_THREADS)
    return Threads(max(4, min(32, 2 * machine.cpu_count)), 1)


def cache_power(machine: MachineFacts) -> int:
    """``nnCacheSizePowerOfTwo`` for this much memory."""
    entries = max(1, machine.memory_bytes // _CACHE_SHARE // _CACHE_ENTRY_BYTES)
    return max(_CACHE_MIN_POWER, min(_CACHE_MAX_POWER, entries.bit_length() - 1))


def cache_bytes(power: int) -> int:
    """Memory of a full neural-net cache of ``2 ** power`` entries, about."""
    return _CACHE_ENTRY_BYTES << power


def gpu_settings(setup: EngineSetup, machine: MachineFacts) -> dict[str, str]:
    """The keys that spread the work: one server thread for each GPU; nothing for one GPU of the engine's choice."""
    devices = setup.devices or tuple(range(machine.gpus))
    prefix = _DEVICE_KEYS.get(setup.backend, "")
    if not setup.is_gpu or (len(devices) < 2 and not setup.devices):
        return {}
    values = {f"{prefix}DeviceToUseThread{i}": str(device) for i, device in enumerate(devices)} if prefix else {}
    return {"numNNServerThreadsPerModel": str(len(devices)), **values}


def engine_config(
    setup: EngineSetup,
    machine: MachineFacts,
    *,
    home: Path,
    log_dir: Path | None = None,
    threads: Threads | None = None,
) -> str:
    """The whole config file as text.

    Every value is reported in Black's view. ``home`` is where KataGo keeps its
    tuning and plan caches. Without ``log_dir`` it logs to stderr, which the
    process keeps in a rotating file anyway. ``setup.config`` comes last and
    overrides, except for the point of view.

    Raises:
        ValueError: a key or a value holds a line break.
    """
    chosen = threads or setup.threads or default_threads(setup, machine)
    power = cache_power(machine)
    values: dict[str, str] = {
        "homeDataDir": str(home),
        "numAnalysisThreads": str(chosen.analysis),
        "numSearchThreadsPerAnalysisThread": str(chosen.search),
        "nnMaxBatchSize": str(max(8, -(-chosen.total // max(1, machine.gpus)))),
        "nnCacheSizePowerOfTwo": str(power),
        "nnMutexPoolSizePowerOfTwo": str(max(12, power - 4)),
        "logAllRequests": "false",
        "logAllResponses": "false",
        "logSearchInfo": "false",
        "maxVisits": "100",
    }
    values |= gpu_settings(setup, machine)
    if log_dir is None:
        values["logToStderr"] = "true"
    else:
        values["logDir"] = str(log_dir)
    values |= dict(setup.config)
    values["reportAnalysisWinratesAs"] = "BLACK"
    return config_text(values)


def config_text(values: Mapping[str, str]) -> str:
    """The lines of a config file.

    Raises:
        ValueError: a key or a value holds a line break.
    """
    return "".join(f"{_clean(key)} = {_quoted(value)}\n" for key, value in values.items())


def _clean(text: str) -> str:
    if any(ord(character) < 32 for character in text):
        raise ValueError(f"control character in an engine setting: {text!r}")
    return text.strip()


def _quoted(value: str) -> str:
    """KataGo cuts a value at ``#`` unless it is quoted."""
    text = _clean(value)
    if "#" not in text and '"' not in text:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
