"""What standard error tells, and what is done about deaths and silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.engines import jobs_of, spiral_game

from pipeline.engine.meter import BusyMeter, ProgressWatch
from pipeline.engine.retries import Retries
from pipeline.engine.setup import EngineSetup, Origin
from pipeline.engine.startup import StartupFacts, start_error
from pipeline.engine.work import OpenJob

SETUP = EngineSetup(Path("katago"), Path("net.bin.gz"), Origin.FLAG)
STAMP = "2026-11-22 15:27:29+0000: "


@pytest.mark.parametrize(
    ("lines", "backend", "device"),
    [
        (
            [
                "Using OpenCL Device 0: Intel(R) Xeon(R) Processor (Intel(R) Corporation) OpenCL 3.1 (Build 0) (Ext)",
                "OpenCL backend thread 0: Model version 8",
            ],
            "opencl",
            "Intel(R) Xeon(R) Processor",
        ),
        (
            ["Using OpenCL Device 1: NVIDIA GeForce RTX 5070 (NVIDIA Corporation) OpenCL 3.0 CUDA (Extensions: x)"],
            "unknown",
            "NVIDIA GeForce RTX 5070",
        ),
        (
            ["Cuda backend thread 0: Found GPU NVIDIA RTX A5000 memory 25425608704 compute capability major 8 minor 6"],
            "cuda",
            "NVIDIA RTX A5000",
        ),
        (["TensorRT backend thread 0: Found GPU Tesla T4 memory 15843721216 compute"], "tensorrt", "Tesla T4"),
        (["Eigen (CPU) backend thread 0: Model version 8"], "eigen", ""),
        (["something new altogether"], "unknown", ""),
    ],
)
def test_backend_and_device(lines, backend, device):
    facts = StartupFacts(SETUP)
    for line in lines:
        facts.feed(STAMP + line)

    assert (facts.backend, facts.device) == (backend, device)


@pytest.mark.parametrize(
    ("tail", "code", "words"),
    [
        (
            "katago: error while loading shared libraries: libOpenCL.so.1: cannot open shared object file",
            "engine.start.library",
            "libOpenCL.so.1",
        ),
        (
            "  what():  Error loading or parsing model file n.gz: Error while ungzipping file, Z_DATA_ERROR.",
            "engine.start.network",
            "Z_DATA_ERROR",
        ),
        (
            "  what():  Error loading or parsing model file n.gz: Model failed to parse name or version.",
            "engine.start.network",
            "parse name",
        ),
        (
            "  what():  OpenCL error at openclhelpers.cpp, func err, line 308, error CL_PLATFORM_NOT_FOUND_KHR",
            "engine.start.no_device",
            "CL_PLATFORM_NOT_FOUND",
        ),
        ("CUDA error: out of memory", "engine.start.memory", "out of memory"),
        ("func err, line 99, error CL_MEM_OBJECT_ALLOCATION_FAILURE", "engine.start.memory", "ALLOCATION"),
        (
            "  what():  Could not find key 'nnMaxBatchSize' in config file a.cfg",
            "engine.start.config",
            "nnMaxBatchSize",
        ),
        ("./katago: /lib/libc.so.6: version `GLIBC_2.38' not found", "engine.start.glibc", "GLIBC_2.38"),
        ("first\nsomething unheard of", "engine.start.failed", "something unheard of"),
        ("", "engine.start.failed", "1"),
    ],
)
def test_a_failed_start_is_explained(tail, code, words):
    error = start_error(SETUP, exit_code=1, tail=tail, log_file=Path("logs/katago.log"))

    assert error.code == code
    assert words in error.message
    assert error.exit_code == 5
    assert error.params["tail"] == tail


def test_a_processor_that_is_too_old_is_recognised_by_the_signal():
    assert start_error(SETUP, exit_code=-4, tail="", log_file=Path("x")).code == "engine.start.cpu"


def test_silence_is_measured_against_the_usual_gap():
    watch = ProgressWatch(floor=10, factor=4)
    watch.reset(0)
    assert next(now for now in range(20) if watch.stalled(now)) == 11

    for now in range(5, 100, 5):
        watch.progress(now)
    assert watch.limit == pytest.approx(20)
    assert next(now for now in range(95, 130) if watch.stalled(now)) == 116


def test_silence_counts_only_while_somebody_listens():
    """The laptop was closed, or the program stopped with Ctrl-Z: the engine may have answered all the while."""
    watch = ProgressWatch(floor=10, factor=4)
    watch.reset(0)
    assert not any(watch.stalled(now) for now in range(8))

    assert not watch.stalled(5000)
    assert next(now for now in range(5001, 5030) if watch.stalled(now)) == 5011


def test_nothing_is_expected_before_work_was_sent():
    assert not ProgressWatch(1, 1).stalled(1e9)


def test_the_busy_time_goes_on_while_no_answer_comes():
    meter = BusyMeter()
    assert meter.busy_at(5.0) == 0.0
    meter.work_begins(10.0)
    assert meter.busy_at(70.0) == 60.0
    meter.answered(80.0, 100, last=True)
    assert meter.busy_at(200.0) == meter.busy_seconds == 70.0


def test_time_goes_to_answers_by_their_visits():
    meter = BusyMeter()
    meter.work_begins(0)
    meter.answered(10, 1000, last=False)
    meter.answered(20, 1000, last=False)
    assert meter.answered(30, 100, last=False) == pytest.approx(100 * 30 / 2100)
    assert meter.visits_per_second == pytest.approx(2100 / 30)


def opened(*deaths: int) -> list[OpenJob]:
    jobs = jobs_of(spiral_game(len(deaths), size=19))
    return [OpenJob(job, deaths=count) for job, count in zip(jobs, deaths, strict=False)]


def test_after_one_death_all_go_again_in_their_order():
    retries, jobs = Retries(2), opened(0, 0, 0)
    assert retries.bury(jobs) is None

    assert [retries.next(nothing_open=False) for _ in range(4)] == [*jobs, None]


def test_suspects_go_first_and_one_by_one_when_few_died_together():
    retries, (innocent, first, second) = Retries(2), opened(0, 1, 1)
    retries.bury([innocent, first, second])

    assert retries.next(nothing_open=True) is first
    assert retries.holds_back
    assert retries.next(nothing_open=False) is None
    retries.closed(first)
    assert retries.next(nothing_open=True) is second
    assert retries.bury([second]) is None, "once may be chance"
    assert retries.next(nothing_open=True) is second
    assert retries.bury([second]) is second, "it killed the engine alone, twice"
    assert retries.next(nothing_open=True) is innocent
    assert not retries.holds_back


def send(retries: Retries) -> list[OpenJob]:
    """What is sent at once when nothing is open."""
    group: list[OpenJob] = []
    while (job := retries.next(nothing_open=not group)) is not None:
        group.append(job)
    return group


@pytest.mark.parametrize("guilty", [0, 77, 127])
def test_the_guilty_one_among_many_is_found_while_the_others_go_in_groups(guilty):
    """Sent one by one, 128 deep positions would take a GPU most of an hour."""
    retries, jobs = Retries(2), opened(*[1] * 128)
    poison = jobs[guilty]
    rounds, done, condemned = [], [], retries.bury(jobs)
    while condemned is None:
        group = send(retries)
        rounds.append(len(group))
        if poison in group:
            condemned = retries.bury(group)
        else:
            done += group
            for job in group:
                retries.closed(job)

    assert condemned is poison
    assert max(rounds) == 32
    while group := send(retries):
        done += group
        for job in group:
            retries.closed(job)
    assert sorted(job.job.request.turn for job in [*done, poison]) == list(range(128))
    assert len(retries) == 0
    assert not retries.holds_back


def test_a_position_that_was_alone_in_one_death_only_is_not_condemned():
    """Somebody kills the engine from outside again and again: nobody but him is guilty."""
    retries, jobs = Retries(2), opened(0, 0)
    retries.bury(jobs)
    assert send(retries) == jobs
    retries.bury(jobs)
    assert send(retries) == jobs[:1]
    assert retries.bury(jobs[:1]) is None
    for job in jobs:
        assert send(retries) == [job]
        retries.closed(job)
    assert len(retries) == 0
