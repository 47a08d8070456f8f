"""What a given engine or network file is, found without starting an analysis."""

from __future__ import annotations

import gzip
import os
import subprocess
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine import missing
from pipeline.errors import DependencyError
from pipeline.wording.errors import NO_ANSWER, NO_OUTPUT

_HEADER_BYTES = 4096
_VERSION_SECONDS = 60.0
_MODEL_VERSIONS = range(3, 200)
_RANK_ENCODER, _RANK_ENCODER_SINCE = 11, 15


@dataclass(frozen=True, slots=True)
class KatagoIdentity:
    """What ``katago version`` says; ``backend`` is lower case (``opencl``, ``cuda``, ``tensorrt``, ``eigen``, ...).

    ``is_avx2``: built for processors with AVX2, which matters for Eigen.
    """

    version: str
    git: str
    backend: str
    is_avx2: bool = False


@dataclass(frozen=True, slots=True)
class NetworkIdentity:
    """The head of a network file: its name and the version of its format.

    ``is_human``: it was trained to imitate players of a given rank. What it
    thinks of a position is not to be believed (``engine.human``).
    """

    name: str
    model_version: int
    is_human: bool = False


def parse_version(text: str) -> KatagoIdentity | None:
    """Read the output of ``katago version``; None if it is some other program's."""
    version = git = ""
    backend = "unknown"
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("KataGo v"):
            version = line.removeprefix("KataGo v").split()[0]
        elif line.startswith("Git revision:"):
            git = line.removeprefix("Git revision:").strip()
        elif line.startswith("Using ") and line.endswith(" backend"):
            words = line.removeprefix("Using ").removesuffix(" backend").lower()
            backend = words.split("(")[0].strip().replace("eigen avx2", "eigen").split()[0]
    is_avx2 = "Compiled with AVX2" in text
    return KatagoIdentity(version, git, backend, is_avx2) if version else None


def identify_katago(
    katago: Path, environment: Mapping[str, str] | None = None, seconds: float = _VERSION_SECONDS
) -> KatagoIdentity:
    """Run ``katago version``.

    Raises:
        DependencyError: it does not run, or it is not KataGo.
    """
    try:
        done = subprocess.run(
            [str(katago), "version"],
            capture_output=True,
            timeout=seconds,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
    except subprocess.TimeoutExpired:
        raise DependencyError("engine.not_runnable", path=katago, detail=NO_ANSWER.format(seconds=seconds)) from None
    except OSError as error:
        raise DependencyError("engine.not_runnable", path=katago, detail=error.strerror or error) from error
    output = done.stdout.decode("utf-8", "replace")
    identity = parse_version(output)
    if identity is None:
        complaint = done.stderr.decode("utf-8", "replace") + output
        if "libOpenCL.so.1" in complaint:
            raise DependencyError("engine.loader_missing", path=katago)
        lost = missing.find_missing(complaint, _guess_backend(katago))
        if lost is not None:
            raise DependencyError(
                "engine.missing_library",
                path=katago,
                library=lost.library,
                component=lost.component,
                command=lost.command,
            )
        if done.returncode in missing.DLL_NOT_FOUND:
            command = missing.command_for(_guess_backend(katago))
            raise DependencyError("engine.missing_dll", path=katago, command=command)
        lines = [line.strip() for line in complaint.splitlines() if line.strip()]
        detail = lines[-1][:300] if lines else NO_OUTPUT.format(code=done.returncode)
        raise DependencyError("engine.not_runnable", path=katago, detail=detail)
    return identity


def _guess_backend(katago: Path) -> str:
    """The backend that the path speaks of; empty if it says nothing."""
    path = str(katago).lower()
    if "trt" in path or "tensorrt" in path:
        return "tensorrt"
    return next((name for name in ("cuda", "eigen", "opencl") if name in path), "")


def identify_network(network: Path) -> NetworkIdentity:
    """Read the head of a network file (``.bin.gz``, ``.txt.gz``, ``.bin`` or ``.txt``).

    KataGo's model format starts with words of text (``desc.cpp``, ``ModelDesc``):
    the network's name and the version of the format, two counts of inputs, from
    version 13 on seven scales, from version 15 on the kind of the encoder for
    players' ranks, 0 without one. This tells a network from a web page that was
    saved under its name; a file that breaks off later is found by the engine.

    Raises:
        DependencyError: missing, unreadable, empty or not a network.
    """
    try:
        with network.open("rb") as stream:
            magic = stream.read(2)
        if magic == b"\x1f\x8b":
            with gzip.open(network, "rb") as packed:
                head = packed.read(_HEADER_BYTES)
        else:
            with network.open("rb") as stream:
                head = stream.read(_HEADER_BYTES)
    except FileNotFoundError:
        raise DependencyError("engine.network_missing", path=network) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DependencyError("engine.network_broken", path=network) from None
    except OSError as error:
        raise DependencyError("engine.network_unreadable", path=network, detail=error.strerror or error) from error
    words = head.split(maxsplit=_RANK_ENCODER + 1)
    if len(words) < 2 or not words[1].isdigit() or int(words[1][:6]) not in _MODEL_VERSIONS or len(words[0]) > 200:
        raise DependencyError("engine.network_broken", path=network)
    version = int(words[1])
    encoder = words[_RANK_ENCODER] if version >= _RANK_ENCODER_SINCE and len(words) > _RANK_ENCODER else b"0"
    is_human = encoder.isdigit() and int(encoder[:6]) > 0
    return NetworkIdentity(words[0].decode("utf-8", "replace"), version, is_human)
