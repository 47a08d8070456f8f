"""Reading the output of ``katago benchmark``: recorded ones, other backends' shapes, and what is cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.engine.benchtext import parse_benchmark, progress_of, split_output
from pipeline.engine.setup import EngineSetup, Origin
from pipeline.engine.startup import StartupFacts

RECORDED = Path(__file__).parent.parent / "golden" / "katago_benchmark"

# As KataGo's playutils.cpp prints it; figures of the reference table.
ROW = (
    "\rnumSearchThreads = {threads:2d}: 0 / 10 positions, visits/s = nan (0.0 secs)      "
    "\rnumSearchThreads = {threads:2d}: 10 / 10 positions, visits/s = {speed:.2f} nnEvals/s = {evals:.2f}"
    " nnBatches/s = {batches:.2f} avgBatchSize = {batch:.2f} (6.4 secs) (EloDiff {elo})\n"
)
STAMP = "2026-01-01 00:00:00+0000: "
CARD = "Found GPU NVIDIA GeForce RTX 5070 memory 12226396160 compute capability major 12 minor 0\n"
BACKENDS = {
    "opencl": (
        f"{STAMP}Using OpenCL Device 0: NVIDIA GeForce RTX 5070 (NVIDIA Corporation) OpenCL 3.0 CUDA\n"
        f"{STAMP}OpenCL backend thread 0: Model version 14\n\nTesting using 800 visits.\n"
        "You are currently using the OpenCL version of KataGo.\n",
        "NVIDIA GeForce RTX 5070",
    ),
    "cuda": (
        f"{STAMP}Cuda backend thread 0: {CARD}{STAMP}Cuda backend thread 0: Model version 14 useFP16 = true\n"
        "Your GTP config is currently set to cudaUseFP16 = auto\n",
        "NVIDIA GeForce RTX 5070",
    ),
    "tensorrt": (
        f"{STAMP}TensorRT backend thread 0: {CARD}{STAMP}TensorRT backend thread 0: Initializing\n"
        "Your GTP config is currently set to trtUseFP16 = auto\n",
        "NVIDIA GeForce RTX 5070",
    ),
    "eigen": (
        f"{STAMP}Eigen (CPU) backend thread 0: Model version 14\n"
        "You are currently using the Eigen (CPU) version of KataGo. Due to having no GPU, it may be slow.\n",
        "My processor",
    ),
}
RESULT = "numSearchThreads = {} positions, visits/s = {} nnEvals/s = 5 nnBatches/s = 5 avgBatchSize = 1 (1 secs)"


def read(name: str) -> list[str]:
    return split_output((RECORDED / name).read_text(encoding="utf-8"))


def row(threads: int, speed: float, elo: str = "baseline") -> str:
    return ROW.format(threads=threads, speed=speed, evals=speed * 0.9, batches=speed / 4, batch=3.6, elo=elo)


def test_a_recorded_run_over_given_threads():
    reading = parse_benchmark(read("opencl-1.18.1-fixed.txt"))

    assert [speed.threads for speed in reading.speeds] == [1, 2, 4, 8]
    assert [speed.visits_per_second for speed in reading.speeds] == [15.04, 12.77, 11.81, 10.18]
    assert (reading.recommended, reading.visits, reading.board) == (1, 200, 19)
    assert reading.speeds[3].batch == 4.10


def test_a_recorded_search_for_the_best_threads():
    """The extra tests at its end, twice as fast by chance, are no part of the comparison."""
    reading = parse_benchmark(read("opencl-1.18.1-auto.txt"))

    assert [speed.threads for speed in reading.speeds] == [3, 5, 6, 8, 10, 12]
    assert reading.recommended == 6
    assert reading.at_recommended.visits_per_second == 7.58
    assert (reading.fastest.threads, reading.fastest.visits_per_second) == (10, 8.41)
    assert reading.visits == 24


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_is_read_with_its_device(backend):
    head, device = BACKENDS[backend]
    elo = "So APPROXIMATELY ...\nnumSearchThreads = 12: (baseline)\nnumSearchThreads = 24:  +142 Elo (recommended)\n"
    lines = split_output(head + row(12, 980.5) + row(24, 1250.27, "+142") + row(64, 1339.0, "+120") + elo)
    facts = StartupFacts(EngineSetup(Path("katago"), Path("net"), Origin.FLAG, device="My processor"))
    for line in lines:
        facts.feed(line)
    reading = parse_benchmark(lines)

    assert (facts.backend, facts.device) == (backend, device)
    assert (reading.recommended, reading.at_recommended.visits_per_second) == (24, 1250.27)
    assert reading.fastest.visits_per_second == 1339.0


def test_a_run_that_was_cut_off_keeps_what_it_measured():
    text = row(4, 500.0) + row(8, 900.0) + row(16, 1200.0)[:140]
    reading = parse_benchmark(split_output(text))

    assert [speed.threads for speed in reading.speeds] == [4, 8]
    assert reading.recommended == 0
    assert reading.at_recommended == reading.fastest == reading.speeds[1]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "numSearchThreads = 1",
        "numSearchThreads =  1: 0 / 3 positions, visits/s = -nan (0.0 secs)",
        RESULT.format("99999999999: 1 / 1", "5"),
        RESULT.format("4: 1 / 1", "1e999"),
        RESULT.format("4: 1 / 1", "1.2.3"),
        RESULT.format("4: 1 / 9", "5"),
        RESULT.format("4: 1 / 1", "0"),
        "Testing using 9999999999999999999999999 visits",
        "numSearchThreads = 77777777777777: (recommended)",
    ],
)
def test_nonsense_is_no_measurement(line):
    reading = parse_benchmark([line])

    assert reading.speeds == ()
    assert reading.at_recommended is None
    assert reading.recommended == 0


def test_advice_of_the_extra_tests_is_kept():
    lines = [
        "Running additional tests of a few other settings at numSearchThreads = 6.",
        "ADDITIONAL RECOMMENDATION: a smaller batch size measured faster. To use this, set nnMaxBatchSize = 3",
    ]
    assert parse_benchmark(lines).advice == (
        "a smaller batch size measured faster. To use this, set nnMaxBatchSize = 3",
    )


def test_progress():
    assert progress_of("numSearchThreads =  8: 3 / 10 positions, visits/s = 9.21 (44.9 secs)") == (8, 3, 10)
    assert progress_of("2026-01-01: Loading") is None
