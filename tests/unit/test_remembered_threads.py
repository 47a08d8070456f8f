"""What is remembered about threads, and which threads are in force."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engine import hardware
from pipeline.engine.config import GIB, MachineFacts, cache_power, engine_config
from pipeline.engine.hardware import Cpu, Gpu, Hardware
from pipeline.engine.parallel import ThreadsOrigin, equip, gpus_to_use
from pipeline.engine.remembered import Tuning, Tunings, fingerprint
from pipeline.engine.setup import EngineSetup, Origin, Threads
from pipeline.engine.startup import machine_facts

TUNING = Tuning(Threads(7, 3), 1234.5, "2026-01-01T00:00:00+00:00")
PLAIN = Hardware("linux", "x86_64", Cpu("Plain CPU", 4), 8 << 30)


@pytest.fixture
def setup(tmp_path: Path) -> EngineSetup:
    for name in ("katago", "net.bin.gz"):
        (tmp_path / name).write_bytes(name.encode() * 50)
    return EngineSetup(tmp_path / "katago", tmp_path / "net.bin.gz", Origin.FLAG, backend="opencl", device="CPU 1")


@pytest.fixture
def tunings(tmp_path: Path) -> Tunings:
    return Tunings(tmp_path / "cache" / "threads.json")


def test_a_measurement_is_found_again_by_another_run(setup, tunings):
    assert tunings.find(setup) is None
    tunings.keep(setup, TUNING)
    again = Tunings(tunings.path)

    assert again.find(setup) == TUNING
    assert again.damaged == ""


def test_it_holds_for_this_engine_network_device_and_backend_only(setup, tunings, tmp_path):
    tunings.keep(setup, TUNING)

    assert tunings.find(replace(setup, backend="cuda")) is None
    assert tunings.find(replace(setup, device="CPU 2")) is None
    assert tunings.find(replace(setup, devices=(0, 1))) is None
    moved = tmp_path / "elsewhere"
    moved.write_bytes(setup.katago.read_bytes())
    assert tunings.find(replace(setup, katago=moved)) == TUNING
    setup.network.write_bytes(setup.network.read_bytes()[:-1] + b"x")
    assert tunings.find(setup) is None


def test_a_new_measurement_replaces_the_old_one_and_leaves_others(setup, tunings):
    other = replace(setup, device="CPU 2")
    tunings.keep(setup, TUNING)
    tunings.keep(other, TUNING)
    better = replace(TUNING, threads=Threads(5, 1))
    tunings.keep(setup, better)

    assert tunings.find(setup) == better
    assert tunings.find(other) == TUNING
    assert len(json.loads(tunings.path.read_text())["measurements"]) == 2


def good(setup: EngineSetup, tunings: Tunings) -> dict:
    tunings.keep(setup, TUNING)
    return json.loads(tunings.path.read_text())


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 2}', '{"version": 1}', "[" * 100_000, "\xff"])
def test_a_damaged_file_counts_as_none_and_is_reported(setup, tunings, text):
    tunings.path.parent.mkdir()
    tunings.path.write_bytes(text.encode("latin-1"))

    assert tunings.find(setup) is None
    assert tunings.damaged
    tunings.keep(setup, TUNING)
    assert tunings.find(setup) == TUNING
    assert tunings.damaged == ""


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("gpus", 0),
        ("gpus", "1"),
        ("visits_per_second", -1),
        ("visits_per_second", None),
        ("measured_at", "yesterday"),
        ("device", 5),
        ("threads", {"analysis": 0, "search": 1}),
        ("threads", {"analysis": 10**9, "search": 1}),
        ("threads", {"analysis": True, "search": 1}),
        ("threads", {"analysis": 4}),
        ("threads", []),
    ],
)
def test_values_that_cannot_be_are_not_used(setup, tunings, key, value):
    data = good(setup, tunings)
    data["measurements"][0][key] = value
    tunings.path.write_text(json.dumps(data))

    assert tunings.find(setup) is None
    assert tunings.damaged


def test_a_fingerprint_sees_both_ends_of_a_large_file(tmp_path):
    path = tmp_path / "large"
    data = bytearray(3 << 20)
    seen = set()
    for place in (None, 0, len(data) - 1):
        if place is not None:
            data[place] ^= 1
        path.write_bytes(data)
        seen.add(fingerprint(path))
    path.write_bytes(data + b"\0")

    assert len(seen | {fingerprint(path)}) == 4


def test_the_users_word_wins_over_what_was_measured_and_that_over_the_default(setup, tunings):
    _, default = equip(setup, tunings, machine=PLAIN)
    assert default.origin is ThreadsOrigin.DEFAULT
    tunings.keep(setup, TUNING)
    equipped, measured = equip(setup, tunings, machine=PLAIN)
    assert (measured.threads, measured.origin) == (Threads(7, 3), ThreadsOrigin.MEASURED)
    assert equipped.threads == Threads(7, 3)
    for given, threads in [
        ({"analysis": 9}, Threads(9, 3)),
        ({"search": 2}, Threads(7, 2)),
        ({"analysis": 1, "search": 1}, Threads(1, 1)),
    ]:
        equipped, chosen = equip(setup, tunings, machine=PLAIN, **given)
        assert (chosen.threads, chosen.origin) == (threads, ThreadsOrigin.SETTINGS)
        assert equipped.threads == threads


def test_the_batch_follows_the_threads_in_force(setup, tunings):
    tunings.keep(setup, replace(TUNING, threads=Threads(40, 3)))
    equipped, _ = equip(setup, tunings, machine=PLAIN)
    text = engine_config(equipped, MachineFacts(), home=Path("home"))

    assert "numAnalysisThreads = 40\n" in text
    assert "numSearchThreadsPerAnalysisThread = 3\n" in text
    assert "nnMaxBatchSize = 120\n" in text


def cards(*names: str) -> Hardware:
    return replace(PLAIN, nvidia=names, gpus=tuple(Gpu(name) for name in names))


@pytest.mark.parametrize("backend", ["cuda", "tensorrt", "opencl"])
def test_equal_cards_share_the_work_and_others_do_not(setup, backend, monkeypatch):
    monkeypatch.setattr(hardware, "probe_opencl", lambda *_: (True, ()))
    setup = replace(setup, is_gpu=True, backend=backend)

    assert gpus_to_use(setup, cards("RTX 5070", "RTX 5070")) == (0, 1)
    assert gpus_to_use(setup, cards("RTX 5070")) == ()
    assert gpus_to_use(setup, cards("RTX 5070", "GT 710")) == ()
    assert gpus_to_use(replace(setup, is_gpu=False), cards("RTX 5070", "RTX 5070")) == ()


def test_opencl_numbers_are_not_guessed_where_a_processor_is_among_the_devices(setup, monkeypatch):
    monkeypatch.setattr(hardware, "probe_opencl", lambda *_: (True, (Gpu("pocl"),)))

    assert gpus_to_use(replace(setup, is_gpu=True), cards("RTX 5070", "RTX 5070")) == ()


def test_two_cards_get_twice_the_positions_and_a_server_thread_each(setup, tunings):
    gpu = replace(setup, is_gpu=True, backend="cuda")
    one, alone = equip(gpu, tunings, machine=cards("RTX 5070"))
    two, both = equip(gpu, tunings, machine=cards("RTX 5070", "RTX 5070"))

    assert both.threads.analysis == 2 * alone.threads.analysis
    assert "numNNServerThreadsPerModel" not in engine_config(one, MachineFacts(), home=Path("home"))
    text = engine_config(two, MachineFacts(gpus=2), home=Path("home"))
    assert "numNNServerThreadsPerModel = 2\ncudaDeviceToUseThread0 = 0\ncudaDeviceToUseThread1 = 1\n" in text


def test_the_users_choice_of_cards_counts(setup, tunings):
    equipped, parallelism = equip(
        replace(setup, is_gpu=True, backend="tensorrt"), tunings, gpus=[2], machine=cards("A", "A", "B")
    )
    text = engine_config(equipped, MachineFacts(), home=Path("home"))

    assert parallelism.gpus == (2,)
    assert "numNNServerThreadsPerModel = 1\ntrtDeviceToUseThread0 = 2\n" in text


@pytest.mark.parametrize(("limit", "expected"), [("2147483648\n", 2 * GIB), ("max\n", None), ("", None)])
def test_a_container_counts_with_its_own_memory(tmp_path, monkeypatch, limit, expected):
    """The host's memory would give a cache that the container is killed for."""
    (tmp_path / "memory.max").write_text(limit)
    monkeypatch.setattr(hardware, "_CGROUP_MEMORY", tmp_path / "memory.max")
    total = hardware.psutil.virtual_memory().total

    assert machine_facts().memory_bytes == min(total, expected or total)


@pytest.mark.parametrize("gib", [1, 2, 4, 8, 16, 64, 256])
def test_a_full_cache_takes_no_more_than_an_eighth_of_the_memory(gib):
    assert 3 * 1024 << cache_power(MachineFacts(memory_bytes=gib * GIB)) <= gib * GIB / 8
