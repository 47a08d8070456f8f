import os
from pathlib import Path
import pytest
from pipeline.engine.setup import EngineSetup, Origin


@pytest.fixture(scope="session")
def real_setup():
    env = tuple((k, os.environ["FUPAN_TEST_" + k]) for k in ("OCL_ICD_FILENAMES", "LD_LIBRARY_PATH"))
    return EngineSetup(
        Path(os.environ["FUPAN_TEST_KATAGO"]),
        Path(os.environ["FUPAN_TEST_NETWORK"]),
        Origin.FLAG,
        environment=env,
        config=(("openclUseFP16", "false"), ("openclTunerFile", os.environ["FUPAN_TEST_TUNER"])),
    )
