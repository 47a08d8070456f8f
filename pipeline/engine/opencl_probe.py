"""Lists the OpenCL devices of this machine as JSON; runs as a process of its own.

A broken driver may hang or crash whoever loads it, so ``hardware.py`` starts
this file as a script with a time limit. It imports nothing of the project.

Prints ``{"loader": bool, "devices": [{"name", "vendor", "driver", "compute_units",
"clock_mhz", "memory_bytes", "unified_memory"}, ...]}``. The one argument is the
kind of device, ``gpu`` (the default) or ``cpu``. Constants are those of
``CL/cl.h``.
"""

from __future__ import annotations

import ctypes
import json
import sys
from typing import Any

_LIBRARIES = {"win32": ("OpenCL.dll",), "linux": ("libOpenCL.so.1", "libOpenCL.so")}
_KINDS = {"cpu": 1 << 1, "gpu": 1 << 2}
_MAX_COMPUTE_UNITS = 0x1002
_MAX_CLOCK_MHZ = 0x100C
_GLOBAL_MEMORY = 0x101F
_NAME = 0x102B
_VENDOR = 0x102C
_DRIVER = 0x102D
_UNIFIED_MEMORY = 0x1035
_MOST = 64


def load() -> ctypes.CDLL | None:
    """The system's OpenCL loader, or None."""
    for name in _LIBRARIES.get(sys.platform, ()):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def _handles(function: Any, *arguments: object) -> list[ctypes.c_void_p]:
    count = ctypes.c_uint(0)
    array = (ctypes.c_void_p * _MOST)()
    if function(*arguments, ctypes.c_uint(_MOST), array, ctypes.byref(count)) != 0:
        return []
    return [ctypes.c_void_p(value) for value in array[: min(count.value, _MOST)]]


def _text(library: ctypes.CDLL, device: ctypes.c_void_p, key: int) -> str:
    buffer = ctypes.create_string_buffer(1024)
    status = library.clGetDeviceInfo(device, ctypes.c_uint(key), ctypes.c_size_t(len(buffer)), buffer, None)
    return "" if status != 0 else " ".join(buffer.value.decode("utf-8", "replace").split())


def _number(library: ctypes.CDLL, device: ctypes.c_void_p, key: int) -> int:
    value = ctypes.c_ulonglong(0)
    status = library.clGetDeviceInfo(
        device, ctypes.c_uint(key), ctypes.c_size_t(ctypes.sizeof(value)), ctypes.byref(value), None
    )
    return 0 if status != 0 else int(value.value)


def devices(library: ctypes.CDLL, kind: str) -> list[dict[str, object]]:
    """All devices of a kind over all platforms."""
    found = []
    for platform in _handles(library.clGetPlatformIDs):
        for device in _handles(library.clGetDeviceIDs, platform, ctypes.c_ulonglong(_KINDS[kind])):
            found.append(
                {
                    "name": _text(library, device, _NAME),
                    "vendor": _text(library, device, _VENDOR),
                    "driver": _text(library, device, _DRIVER),
                    "compute_units": _number(library, device, _MAX_COMPUTE_UNITS),
                    "clock_mhz": _number(library, device, _MAX_CLOCK_MHZ),
                    "memory_bytes": _number(library, device, _GLOBAL_MEMORY),
                    "unified_memory": bool(_number(library, device, _UNIFIED_MEMORY)),
                }
            )
    return found


def main() -> None:
    """Print what there is."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "gpu"
    library = load()
    answer = {"loader": library is not None, "devices": devices(library, kind) if library else []}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
