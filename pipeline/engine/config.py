"""The text of KataGo's analysis config, fitted to the machine. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine.setup import EngineSetup, Threads
from pipeline.go.board import MAX_SIZE

__all__ = [
    "GIB",
    "MachineFacts",
    "Threads",
    "board_buffer",
    "buffer_for",
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
_CACHE_MIN_POWER, _CACHE_MAX_POWER = 12, 23

# KataGo's advice for batches: many positions at once, few threads for each (analysis_example.cfg).
_GPU_ANALYSIS_THREADS = 32
_GPU_SEARCH_THREADS = 4
# Several positions for each core, but no more than this unless there are more cores: many delay the first report.
_CPU_ENOUGH_THREADS = 32
_DEVICE_KEYS = {"cuda": "cuda", "tensorrt": "trt", "opencl": "opencl"}

# KataGo searches every position in a buffer of this size, smaller boards too, and is the faster the smaller it is.
_BUFFER_KEYS = ("maxBoardXSizeForNNBuffer", "maxBoardYSizeForNNBuffer")
_BUFFER_OF_BOTH = "maxBoardSizeForNNBuffer"
_LEAST_BUFFER = 9  # the position that proves a start is one of 9x9
_BUILDS_A_PLAN = "tensorrt"  # minutes for every size of buffer


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What the config depends on: logical cores, main memory in bytes, number of GPUs used."""

    cpu_count: int = 2
    memory_bytes: int = 8 * GIB
    gpus: int = 1


def default_threads(setup: EngineSetup, machine: MachineFacts) -> Threads:
    """Threads that suit a GPU, or this number of cores (figures in ``benchmarks``).

    More positions at once than cores: an OpenCL device that is a CPU is quicker with larger batches.
    """
    if setup.is_gpu:
        return Threads(_GPU_ANALYSIS_THREADS * max(1, machine.gpus), _GPU_SEARCH_THREADS)
    # KataGo's Eigen backend evaluates on no more cores than there are search threads.
    return Threads(max(8, min(4 * machine.cpu_count, max(_CPU_ENOUGH_THREADS, machine.cpu_count))), 1)


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


def buffer_for(setup: EngineSetup, boards: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """The buffer, columns and rows, for an engine that gets boards of these sizes only; none: of every size.

    TensorRT keeps the full one, because it builds a plan of minutes for each size.
    """
    sizes = list(boards)
    if not sizes or setup.backend == _BUILDS_A_PLAN:
        return MAX_SIZE, MAX_SIZE
    return max(_LEAST_BUFFER, *(width for width, _ in sizes)), max(_LEAST_BUFFER, *(height for _, height in sizes))


def board_buffer(setup: EngineSetup, buffer: tuple[int, int]) -> tuple[int, int]:
    """The largest board, columns and rows, that an engine started with this buffer can search.

    Where ``setup.config`` names a buffer, that one counts. A larger board must
    not be sent: the search thread ends with a line on standard error, the query
    is never answered, and when all threads are gone the engine is.
    """
    extras = dict(setup.config)
    both = extras.get(_BUFFER_OF_BOTH, "")
    named = [extras.get(key) or both for key in _BUFFER_KEYS]
    columns, rows = (int(text) if text.isdigit() else own for text, own in zip(named, buffer, strict=True))
    return columns, rows


def engine_config(
    setup: EngineSetup,
    machine: MachineFacts,
    *,
    home: Path,
    log_dir: Path | None = None,
    threads: Threads | None = None,
    buffer: tuple[int, int] = (MAX_SIZE, MAX_SIZE),
) -> str:
    """The whole config file as text.

    Every value is reported in Black's view. ``home`` is where KataGo keeps its
    tuning and plan caches. Without ``log_dir`` it logs to stderr, which the
    process keeps in a rotating file anyway. ``buffer`` is that of :func:`buffer_for`.
    ``setup.config`` comes last and overrides, except for the point of view.

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
    if buffer != (MAX_SIZE, MAX_SIZE) and _BUFFER_OF_BOTH not in dict(setup.config):
        values |= {key: str(lines) for key, lines in zip(_BUFFER_KEYS, buffer, strict=True)}
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
