"""Which component brings a library that an engine did not find, and the command that installs it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.wording import install as texts

DLL_NOT_FOUND = frozenset({0xC0000135, 0xC0000135 - (1 << 32)})
"""Exit codes of a Windows program one of whose DLLs is missing (STATUS_DLL_NOT_FOUND), unsigned and signed."""

_FILE = r"(?P<name>(?:lib)?(?:cudnn|cublas|nvrtc|nvinfer|nvonnx)[^\s:,}]*)"
_COMPLAINTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"error while loading shared libraries: (?P<name>[^\s:]+)",
        r"Could not load library:? ?" + _FILE,
        r"Unable to load (?:library|any of)[:\s{]*" + _FILE,
        r"(?P<name>\w[\w.-]*\.(?:so(?:\.\d+)*|dll))[^\n]{0,40}(?:cannot open shared object|not found)",
    )
)
# Part of a file's name -> key of the component's name, backend that brings it; the first match wins
_OWNERS = (
    ("cudnn", "cudnn", "cuda"),
    ("nvonnxparser", "nvonnxparser", "tensorrt"),
    ("nvinfer", "nvinfer", "tensorrt"),
    ("cublas", "cublas", "cuda"),
    ("nvrtc", "nvrtc", "cuda"),
    ("nvjitlink", "nvjitlink", "cuda"),
    ("cudart", "cudart", "cuda"),
)


@dataclass(frozen=True, slots=True)
class MissingLibrary:
    """A library that was not found: its file, what it belongs to, the command that helps."""

    library: str
    component: str
    command: str


def find_missing(output: str, backend: str = "") -> MissingLibrary | None:
    """What an engine's last words say is missing; None if they speak of nothing that we know.

    Args:
        output: its standard error.
        backend: the engine's, where known: a TensorRT engine that misses a CUDA library needs its own installation.
    """
    for pattern in _COMPLAINTS:
        match = pattern.search(output)
        if match is None:
            continue
        name = match.group("name").rstrip(".")
        lowered = name.lower()
        if lowered.startswith(("libcuda.so", "nvcuda")):
            return MissingLibrary(name, texts.LIBRARIES["cuda_driver"], texts.DRIVER_COMMAND)
        for part, owner, brings in _OWNERS:
            if part in lowered:
                wanted = backend if backend in {"cuda", "tensorrt"} and brings == "cuda" else brings
                return MissingLibrary(name, texts.LIBRARIES[owner], texts.INSTALL_COMMAND.format(backend=wanted))
    return None


def command_for(backend: str) -> str:
    """The command that installs an engine with everything that it needs."""
    return texts.INSTALL_COMMAND.format(backend=backend if backend in {"tensorrt", "cuda", "eigen"} else "opencl")
