"""How parallel an engine is run: the user's word, then what was measured here, then what suits the hardware."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.engine import hardware
from pipeline.engine.config import cache_power, default_threads
from pipeline.engine.hardware import Hardware
from pipeline.engine.remembered import Tuning, Tunings
from pipeline.engine.setup import EngineSetup, Threads
from pipeline.engine.startup import machine_facts

_NVIDIA_BACKENDS = frozenset({"cuda", "tensorrt"})


class ThreadsOrigin(StrEnum):
    """Where the numbers of threads come from."""

    SETTINGS = "settings"
    MEASURED = "measured"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Parallelism:
    """What an engine is run with.

    ``cache_power`` is the size of its neural-net cache as a power of two,
    ``tuning`` what was measured for it (also where the settings win), ``gpus``
    the engine's numbers of those that share the work (empty: one of its
    choice), ``damaged`` why the file of measurements could not be used.
    """

    threads: Threads
    origin: ThreadsOrigin
    cache_power: int
    tuning: Tuning | None = None
    damaged: str = ""
    gpus: tuple[int, ...] = ()


def gpus_to_use(setup: EngineSetup, machine: Hardware) -> tuple[int, ...]:
    """The GPUs to share the work between, by the engine's own numbers; empty: leave it to the engine.

    Several are only used by themselves when they are all the same: a batch
    that waits for a weak card, or a number that means another device, would
    cost more than it gains. CUDA numbers the cards that it may use from 0. KataGo numbers
    OpenCL devices over all platforms, processors included, so a processor among
    them leaves the choice to the engine.
    """
    if not setup.is_gpu:
        return ()
    if setup.backend in _NVIDIA_BACKENDS:
        names = _visible(machine.nvidia)
    elif setup.backend == "opencl":
        names = tuple(gpu.name for gpu in machine.gpus)
        if any(gpu.integrated for gpu in machine.gpus):
            return ()
    else:
        return ()
    if len(names) < 2 or len(set(names)) > 1:
        return ()
    if setup.backend == "opencl" and hardware.probe_opencl("cpu", dict(setup.environment))[1]:
        return ()
    return tuple(range(len(names)))


def _visible(cards: tuple[str, ...]) -> tuple[str, ...]:
    """The cards that CUDA shows to a program: ``CUDA_VISIBLE_DEVICES`` hides the others and numbers these anew.

    None where they are named by something else than their numbers, so that the choice is left to the engine.
    """
    wanted = os.environ.get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return cards
    numbers = [part.strip() for part in wanted.split(",")]
    if not all(number.isascii() and number.isdigit() and int(number) < len(cards) for number in numbers):
        return ()
    return tuple(cards[int(number)] for number in dict.fromkeys(numbers))


def equip(
    setup: EngineSetup,
    tunings: Tunings,
    *,
    analysis: int | None = None,
    search: int | None = None,
    gpus: Sequence[int] = (),
    machine: Hardware | None = None,
) -> tuple[EngineSetup, Parallelism]:
    """A set-up with the threads and GPUs in force, and where they come from.

    Args:
        setup: engine and network.
        tunings: what was measured here.
        analysis: the user's number of positions at once.
        search: the user's threads on each position.
        gpus: the user's choice of GPUs.
        machine: this machine.
    """
    devices = tuple(gpus) if setup.is_gpu else ()
    machine = machine or hardware.detect()
    setup = replace(setup, devices=devices or gpus_to_use(setup, machine), threads=None)
    facts = machine_facts(gpus=max(1, len(setup.devices)))
    tuning = tunings.find(setup, machine)
    threads = tuning.threads if tuning else default_threads(setup, facts)
    origin = ThreadsOrigin.MEASURED if tuning else ThreadsOrigin.DEFAULT
    if analysis is not None or search is not None:
        threads = Threads(analysis or threads.analysis, search or threads.search)
        origin = ThreadsOrigin.SETTINGS
    parallelism = Parallelism(threads, origin, cache_power(facts), tuning, tunings.damaged, setup.devices)
    return replace(setup, threads=threads), parallelism
