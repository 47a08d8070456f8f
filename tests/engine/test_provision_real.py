"""The provisioned engine really answers."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from pipeline.engine import identify, provision
from pipeline.engine.hardware import probe_opencl
from pipeline.engine.setup import EngineSetup, Origin

pytestmark = pytest.mark.engine

_CONFIG = {
    "logToStderr": "true",
    "reportAnalysisWinratesAs": "BLACK",
    "numAnalysisThreads": "2",
    "numSearchThreadsPerAnalysisThread": "1",
    "nnMaxBatchSize": "4",
    "nnCacheSizePowerOfTwo": "16",
    "nnMutexPoolSizePowerOfTwo": "12",
    "maxVisits": "4",
}


@pytest.fixture(scope="module")
def own_setup() -> EngineSetup:
    return provision.provision()


def test_the_provisioned_engine_says_its_version_and_searches(own_setup: EngineSetup, tmp_path: Path) -> None:
    values = {**_CONFIG, "homeDataDir": str(tmp_path), **dict(own_setup.config)}
    config = tmp_path / "analysis.cfg"
    config.write_text("".join(f"{key} = {value}\n" for key, value in values.items()), encoding="utf-8")
    position = {"rules": "chinese", "komi": 7.5, "boardXSize": 19, "boardYSize": 19}
    queries = [{"id": "v", "action": "query_version"}, {"id": "q", "moves": [["B", "Q16"]], **position}]
    done = subprocess.run(
        [str(own_setup.katago), "analysis", "-config", str(config), "-model", str(own_setup.network)],
        input="".join(json.dumps(query) + "\n" for query in queries).encode(),
        capture_output=True,
        env={**os.environ, **dict(own_setup.environment)},
        timeout=600,
        check=False,
    )
    log = done.stderr.decode("utf-8", "replace")
    answers = {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    assert answers["v"]["version"] == "1.18.1", log
    assert answers["q"]["rootInfo"]["visits"] >= 4
    assert 0 < answers["q"]["rootInfo"]["winrate"] < 1
    if not own_setup.is_gpu and "openclTunerFile" in dict(own_setup.config):
        assert "Loaded tuning parameters from" in log
        assert "Performing autotuning" not in log


def test_it_is_found_again_without_fetching(own_setup: EngineSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert provision.find_setup() == own_setup
    assert own_setup.origin is Origin.PROVISIONED


def test_the_files_tell_what_they_are(own_setup: EngineSetup) -> None:
    identity = identify.identify_katago(own_setup.katago, dict(own_setup.environment))
    assert (identity.version, identity.backend) == ("1.18.1", "opencl")
    assert identify.identify_network(own_setup.network).model_version >= 8


def test_the_probe_sees_the_processor_through_the_runtime(own_setup: EngineSetup) -> None:
    if "OCL_ICD_FILENAMES" not in dict(own_setup.environment):
        pytest.skip("this machine uses its GPU")
    loader, devices = probe_opencl("cpu", dict(own_setup.environment))
    assert loader
    assert [device.name for device in devices] == [own_setup.device]
