"""The analysis config for a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.engine.config import (
    GIB,
    MachineFacts,
    Threads,
    board_buffer,
    buffer_for,
    cache_power,
    default_threads,
    engine_config,
)
from pipeline.engine.setup import EngineSetup, Origin

HOME = Path("state")
CPU = MachineFacts(cpu_count=2, memory_bytes=8 * GIB)


def setup(**changes: object) -> EngineSetup:
    return EngineSetup(Path("katago"), Path("net.bin.gz"), Origin.FLAG, **changes)  # type: ignore[arg-type]


def config(machine: MachineFacts = CPU, **changes: object) -> dict[str, str]:
    threads = changes.pop("threads", None)
    text = engine_config(setup(**changes), machine, home=HOME, threads=threads)
    lines = text.splitlines()
    values = dict(line.split(" = ", 1) for line in lines)
    assert len(values) == len(lines), "a key twice stops KataGo"
    return values


def test_values_are_always_blacks():
    changed = config(config=(("reportAnalysisWinratesAs", "WHITE"),))

    assert changed["reportAnalysisWinratesAs"] == "BLACK"


def test_what_the_engine_cannot_do_without():
    values = config()

    assert values["homeDataDir"] == str(HOME)
    assert int(values["nnMaxBatchSize"]) >= int(values["numAnalysisThreads"])
    assert values["logToStderr"] == "true"


def test_extras_of_the_setup_win():
    values = config(config=(("openclTunerFile", "tuned.txt"), ("nnMaxBatchSize", "3")))

    assert values["openclTunerFile"] == "tuned.txt"
    assert values["nnMaxBatchSize"] == "3"


def test_a_gpu_gets_many_positions_and_a_batch_that_holds_them():
    values = config(is_gpu=True)
    total = int(values["numAnalysisThreads"]) * int(values["numSearchThreadsPerAnalysisThread"])

    assert 32 <= total <= 256
    assert int(values["nnMaxBatchSize"]) >= total


@pytest.mark.parametrize(("backend", "key"), [("cuda", "cuda"), ("tensorrt", "trt"), ("opencl", "opencl")])
def test_several_gpus_share_the_work(backend, key):
    values = config(MachineFacts(32, 64 * GIB, gpus=2), is_gpu=True, backend=backend)

    assert values["numNNServerThreadsPerModel"] == "2"
    assert values[f"{key}DeviceToUseThread0"] == "0"
    assert values[f"{key}DeviceToUseThread1"] == "1"
    total = int(values["numAnalysisThreads"]) * int(values["numSearchThreadsPerAnalysisThread"])
    assert int(values["nnMaxBatchSize"]) >= total / 2


def test_measured_threads_are_used():
    values = config(threads=Threads(12, 3))

    assert (values["numAnalysisThreads"], values["numSearchThreadsPerAnalysisThread"]) == ("12", "3")


def test_no_core_of_a_large_processor_is_idle():
    """Eigen evaluates on as many cores as there are search threads."""
    for cores in (32, 64, 128):
        assert default_threads(setup(), MachineFacts(cpu_count=cores)).total == cores


def test_a_processor_gets_two_positions_for_each_core():
    assert default_threads(setup(), MachineFacts(cpu_count=4)).analysis == 16
    assert default_threads(setup(), MachineFacts(cpu_count=1)).analysis == 8
    assert default_threads(setup(), MachineFacts(cpu_count=24)).analysis == 32


@pytest.mark.parametrize(("gib", "power"), [(0.25, 13), (0.5, 14), (1, 15), (8, 18), (24, 20), (64, 21), (1024, 23)])
def test_the_cache_follows_the_memory(gib, power):
    assert cache_power(MachineFacts(memory_bytes=int(gib * GIB))) == power


def test_values_cannot_break_out_of_their_line():
    with pytest.raises(ValueError, match="control character"):
        config(config=(("openclTunerFile", "a\nreportAnalysisWinratesAs = WHITE"),))


def test_a_hash_sign_in_a_path_is_quoted():
    assert config(config=(("openclTunerFile", "go #1/t.txt"),))["openclTunerFile"] == '"go #1/t.txt"'


class TestBuffer:
    """KataGo never answers for a board larger than its buffer, so the largest board must be known."""

    def test_every_size_fits_where_nothing_is_known_of_the_games(self):
        assert buffer_for(setup(), ()) == (19, 19)
        assert not any("Buffer" in key for key in config())

    def test_the_largest_board_of_each_direction_decides(self):
        assert buffer_for(setup(), [(9, 9), (13, 13), (9, 17)]) == (13, 17)
        assert buffer_for(setup(), [(9, 9), (19, 19)]) == (19, 19)

    def test_the_position_that_proves_a_start_fits_into_every_buffer(self):
        assert buffer_for(setup(), [(5, 5), (7, 4)]) == (9, 9)

    def test_tensorrt_need_not_build_a_plan_for_every_size(self):
        assert buffer_for(setup(backend="tensorrt"), [(9, 9)]) == (19, 19)

    def test_the_config_names_both_directions(self):
        text = engine_config(setup(), CPU, home=HOME, buffer=(9, 13))

        assert "maxBoardXSizeForNNBuffer = 9\n" in text
        assert "maxBoardYSizeForNNBuffer = 13\n" in text

    @pytest.mark.parametrize(
        ("extras", "largest"),
        [
            ((), (13, 13)),
            ((("maxBoardXSizeForNNBuffer", "9"),), (9, 13)),
            ((("maxBoardSizeForNNBuffer", "9"),), (9, 9)),
            ((("maxBoardSizeForNNBuffer", "9"), ("maxBoardYSizeForNNBuffer", "17")), (9, 17)),
        ],
    )
    def test_what_the_user_sets_is_what_counts(self, extras, largest):
        chosen = setup(config=extras)
        text = engine_config(chosen, CPU, home=HOME, buffer=(13, 13))
        values = dict(line.split(" = ", 1) for line in text.splitlines())
        both = values.get("maxBoardSizeForNNBuffer", "19")

        assert board_buffer(chosen, (13, 13)) == largest
        named = (values.get("maxBoardXSizeForNNBuffer", both), values.get("maxBoardYSizeForNNBuffer", both))
        assert tuple(map(int, named)) == largest
