"""What is remembered about threads, and which threads are in force."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engine import hardware
from pipeline.engine.config import GIB, MachineFacts, cache_power, engine_config
from pipeline.engine.hardware import Cpu, Gpu, Hardware, NvidiaCard
from pipeline.engine.parallel import ThreadsOrigin, equip, gpus_to_use
from pipeline.engine.remembered import Tuning, Tunings, fingerprint
from pipeline.engine.setup import EngineSetup, Origin, Threads
from pipeline.engine.startup import machine_facts

TUNING = Tuning(Threads(7, 3), 1234.5, "2026-01-01T00:00:00+00:00")
PLAIN = Hardware("linux", "x86_64", Cpu("Plain CPU", 4), 8 << 30)


@pytest.fixture(autouse=True)
def _all_cards_are_visible(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.fixture
def setup(tmp_path: Path) -> EngineSetup:
    for name in ("katago", "net.bin.gz"):
        (tmp_path / name).write_bytes(name.encode() * 50)
    return EngineSetup(tmp_path / "katago", tmp_path / "net.bin.gz", Origin.FLAG, backend="opencl", device="CPU 1")


@pytest.fixture
def tunings(tmp_path: Path) -> Tunings:
    return Tunings(tmp_path / "cache" / "threads.json")


def test_a_measurement_is_found_again_by_another_run(setup, tunings):
    assert tunings.find(setup, PLAIN) is None
    tunings.keep(setup, TUNING, PLAIN)
    again = Tunings(tunings.path)

    assert again.find(setup, PLAIN) == TUNING
    assert again.damaged == ""


def test_it_holds_for_this_engine_network_device_and_backend_only(setup, tunings, tmp_path):
    tunings.keep(setup, TUNING, PLAIN)

    assert tunings.find(replace(setup, backend="cuda"), PLAIN) is None
    assert tunings.find(replace(setup, device="CPU 2"), PLAIN) is None
    assert tunings.find(replace(setup, devices=(0, 1)), PLAIN) is None
    moved = tmp_path / "elsewhere"
    moved.write_bytes(setup.katago.read_bytes())
    assert tunings.find(replace(setup, katago=moved), PLAIN) == TUNING
    setup.network.write_bytes(setup.network.read_bytes()[:-1] + b"x")
    assert tunings.find(setup, PLAIN) is None


def test_a_new_measurement_replaces_the_old_one_and_leaves_others(setup, tunings):
    other = replace(setup, device="CPU 2")
    tunings.keep(setup, TUNING, PLAIN)
    tunings.keep(other, TUNING, PLAIN)
    better = replace(TUNING, threads=Threads(5, 1))
    tunings.keep(setup, better, PLAIN)

    assert tunings.find(setup, PLAIN) == better
    assert tunings.find(other, PLAIN) == TUNING
    assert len(json.loads(tunings.path.read_text())["measurements"]) == 2


def good(setup: EngineSetup, tunings: Tunings) -> dict:
    tunings.keep(setup, TUNING, PLAIN)
    return json.loads(tunings.path.read_text())


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 2}', '{"version": 1}', "[" * 100_000, "\xff"])
def test_a_damaged_file_counts_as_none_and_is_reported(setup, tunings, text):
    tunings.path.parent.mkdir()
    tunings.path.write_bytes(text.encode("latin-1"))

    assert tunings.find(setup, PLAIN) is None
    assert tunings.damaged
    tunings.keep(setup, TUNING, PLAIN)
    assert tunings.find(setup, PLAIN) == TUNING
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

    assert tunings.find(setup, PLAIN) is None
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
    tunings.keep(setup, TUNING, PLAIN)
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
    tunings.keep(setup, replace(TUNING, threads=Threads(40, 3)), PLAIN)
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


GROUPS = [
    ("0::/\n", "memory.max"),  # a container
    ("0::/system.slice/fupan.service\n", "system.slice/fupan.service/memory.max"),  # a service with MemoryMax=
    ("0::/a/b\n", "a/memory.max"),
    ("4:memory:/docker/1\n0::/\n", "memory/memory.limit_in_bytes"),  # version 1, seen from inside
    ("4:memory:/docker/1\n0::/\n", "memory/docker/1/memory.limit_in_bytes"),
    ("0::/../elsewhere\n", "memory.max"),
    ("", "memory.max"),
]


@pytest.fixture
def control_group(tmp_path, monkeypatch):
    """Says which control groups this process is in, and what their files hold."""
    monkeypatch.setattr(hardware, "_GROUPS", tmp_path / "groups")
    monkeypatch.setattr(hardware, "_OWN_GROUPS", tmp_path / "own")

    def make(own: str, files: dict[str, str]) -> None:
        (tmp_path / "own").write_text(own)
        for name, text in files.items():
            path = tmp_path / "groups" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return make


@pytest.mark.parametrize(("own", "file"), GROUPS)
def test_a_control_group_counts_with_its_own_memory(control_group, own, file):
    """The host's memory would give a cache that the container is killed for."""
    control_group(own, {file: "536870912\n"})
    assert machine_facts().memory_bytes == 512 << 20


@pytest.mark.parametrize("limit", ["max\n", "", "9223372036854771712\n"])
def test_a_control_group_without_a_limit_has_all_memory(control_group, limit):
    control_group("0::/\n", {"memory.max": limit})
    assert machine_facts().memory_bytes == hardware.psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("own", "files"),
    [
        ("0::/a\n", {"a/cpu.max": "100000 100000\n", "cpu.max": "max 100000\n"}),
        (
            "1:cpu,cpuacct:/a\n",
            {"cpu,cpuacct/a/cpu.cfs_quota_us": "100000", "cpu,cpuacct/a/cpu.cfs_period_us": "100000"},
        ),
        ("1:cpu:/a\n", {"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"}),
    ],
)
def test_a_control_group_counts_with_its_own_cores(control_group, own, files):
    control_group(own, files)
    assert machine_facts().cpu_count == 1


@pytest.mark.parametrize("gib", [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 64, 256])
def test_a_full_cache_takes_no_more_than_an_eighth_of_the_memory(gib):
    assert 3 * 1024 << cache_power(MachineFacts(memory_bytes=int(gib * GIB))) <= gib * GIB / 8


def test_it_does_not_hold_for_another_driver_other_cards_or_fewer_cores(setup, tunings):
    gpu = replace(setup, is_gpu=True, devices=(0,))
    card = replace(PLAIN, cards=(NvidiaCard("RTX 5070", "570.86.10"),))
    tunings.keep(setup, TUNING, PLAIN)
    tunings.keep(gpu, TUNING, card)

    assert tunings.find(gpu, card) == TUNING
    assert tunings.find(gpu, replace(card, cpu=Cpu("Plain CPU", 1))) == TUNING
    assert tunings.find(gpu, replace(card, cards=(NvidiaCard("RTX 5070", "580.1"),))) is None
    assert tunings.find(replace(gpu, devices=(1,)), card) is None
    assert tunings.find(setup, replace(PLAIN, cpu=Cpu("Plain CPU", 2))) is None
    amd = replace(PLAIN, gpus=(Gpu("RX 7900", driver="3590.0"),))
    tunings.keep(gpu, TUNING, amd)
    assert tunings.find(gpu, replace(amd, gpus=(Gpu("RX 7900", driver="3600.0"),))) is None


def test_what_was_measured_before_drivers_were_noted_is_no_damage(setup, tunings):
    data = good(setup, tunings)
    for name in ("devices", "driver", "cores"):
        del data["measurements"][0][name]
    tunings.path.write_text(json.dumps(data))

    assert tunings.find(setup, PLAIN) is None
    assert tunings.damaged == ""


@pytest.mark.parametrize(
    ("visible", "used"), [("0,1", (0, 1)), ("1, 3", (0, 1)), ("2", ()), ("", ()), ("-1", ()), ("GPU-8932f937", ())]
)
def test_cards_that_are_hidden_from_cuda_are_not_used(setup, monkeypatch, visible, used):
    """nvidia-smi names them all the same; CUDA numbers those that are left from 0."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpus_to_use(replace(setup, is_gpu=True, backend="cuda"), cards(*["RTX 5070"] * 4)) == used
