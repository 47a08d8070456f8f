"""Running KataGo's own ``katago benchmark`` on one engine and one network."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine.benchtext import Reading, parse_benchmark, progress_of, split_output
from pipeline.engine.config import MachineFacts, cache_power, config_text, gpu_settings
from pipeline.engine.process import Ended, EngineProcess, OutLine
from pipeline.engine.setup import EngineSetup
from pipeline.engine.startup import StartupFacts, machine_facts, start_error
from pipeline.errors import DependencyError

LOG_NAME = "katago-benchmark.log"
CONFIG_NAME = "benchmark.cfg"
_POLL = 0.5
_TAIL = 40
_MOST_LINES = 100_000
# KataGo asks for 800 visits and ten positions; a processor needs minutes for what a graphics card does in one.
_GPU_VISITS, _GPU_POSITIONS = 800, 10
_CPU_VISITS, _CPU_POSITIONS = 80, 6


@dataclass(frozen=True, slots=True)
class BenchmarkOptions:
    """What is measured; ``None`` follows the hardware.

    ``threads`` are the numbers of search threads to try (empty: KataGo looks
    for the best one itself), ``limit`` the seconds after which the run is ended
    and what it measured so far counts, ``move_seconds`` the thinking time for
    which KataGo recommends.
    """

    visits: int | None = None
    positions: int | None = None
    threads: tuple[int, ...] | None = None
    limit: float = 1800.0
    move_seconds: float | None = None

    def arguments(self, setup: EngineSetup, machine: MachineFacts) -> list[str]:
        """Command-line arguments for ``katago benchmark``."""
        visits = self.visits or (_GPU_VISITS if setup.is_gpu else _CPU_VISITS)
        positions = self.positions or (_GPU_POSITIONS if setup.is_gpu else _CPU_POSITIONS)
        threads = self.threads
        if threads is None:
            threads = () if setup.is_gpu else processor_threads(machine.cpu_count)
        arguments = ["-visits", str(visits), "-numpositions", str(positions)]
        if threads:
            arguments += ["-threads", ",".join(map(str, threads))]
        if self.move_seconds is not None:
            arguments += ["-time", f"{self.move_seconds:g}"]
        return arguments


@dataclass(frozen=True, slots=True)
class BenchmarkRun:
    """What came out: the reading, what the engine said it ran on, and whether it got to its end."""

    reading: Reading
    backend: str
    device: str
    seconds: float
    is_complete: bool


def processor_threads(cores: int) -> tuple[int, ...]:
    """Numbers of threads worth trying on so many logical cores: powers of two up to twice as many, and the cores."""
    powers = {1 << power for power in range(9) if 1 << power <= 2 * cores}
    return tuple(sorted({1, *powers, max(1, cores)}))


def benchmark_config(setup: EngineSetup, machine: MachineFacts, *, home: Path) -> str:
    """The config for ``katago benchmark``: a GTP config as short as KataGo takes it.

    ``nnMaxBatchSize`` is left out, for the benchmark sets it by the threads
    that it tries. ``home`` is the one of our analyses, so that tunings are shared.
    """
    values = {
        "homeDataDir": str(home),
        "rules": "chinese",
        "numSearchThreads": "8",
        "maxVisits": "500",
        "nnCacheSizePowerOfTwo": str(min(20, cache_power(machine))),
        **gpu_settings(setup, machine),
        **{key: value for key, value in setup.config if key != "nnMaxBatchSize"},
    }
    return config_text(values)


def run_benchmark(
    setup: EngineSetup,
    options: BenchmarkOptions,
    *,
    home: Path,
    work_dir: Path,
    machine: MachineFacts | None = None,
    on_progress: Callable[[str, tuple[int, int, int] | None], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> BenchmarkRun:
    """Run the benchmark to its end, or to the limit.

    Args:
        setup: engine and network.
        options: what to measure.
        home: where KataGo keeps its tuning.
        work_dir: for the config and the log.
        machine: this machine.
        on_progress: gets each line, with (threads, positions done, of) when it reports progress.
        clock: seconds, monotonic.

    Raises:
        EngineStartError: the engine failed, or measured nothing before the limit.
        DependencyError: the engine cannot be started, or its folders not be written.
    """
    machine = machine or machine_facts(gpus=max(1, len(setup.devices)))
    config, log_file = work_dir / CONFIG_NAME, work_dir / LOG_NAME
    try:
        home.mkdir(parents=True, exist_ok=True)
        work_dir.mkdir(parents=True, exist_ok=True)
        config.write_text(benchmark_config(setup, machine, home=home), encoding="utf-8")
    except OSError as error:
        raise DependencyError("provision.cache_unwritable", path=work_dir, detail=error.strerror or error) from error
    argv = [str(setup.katago), "benchmark", "-config", str(config), "-model", str(setup.network)]
    begun = clock()
    try:
        process = EngineProcess(
            [*argv, *options.arguments(setup, machine)],
            environment=dict(setup.environment),
            log_file=log_file,
            clock=clock,
        )
    except OSError as error:
        tail = os.strerror(error.errno or 0)
        raise start_error(
            setup, exit_code=None, tail=tail, log_file=log_file, reason="engine.start.not_executable"
        ) from error
    process.forward_stderr = False
    lines: list[str] = []
    facts = StartupFacts(setup)
    try:
        is_complete = _read(
            process, begun + options.limit, lines=lines, facts=facts, on_progress=on_progress, clock=clock
        )
        code = process.close(patience=10.0) if is_complete else process.kill()
    except BaseException:
        process.kill()
        raise
    reading = parse_benchmark(lines)
    if not reading.speeds or (is_complete and code != 0):
        tail = "\n".join([*deque(lines, maxlen=_TAIL), process.stderr_tail()])
        reason = "benchmark.failed" if is_complete else "benchmark.nothing_in_time"
        exit_code = code if is_complete else None
        raise start_error(setup, exit_code=exit_code, tail=tail, log_file=log_file, reason=reason)
    return BenchmarkRun(reading, facts.backend, facts.device, clock() - begun, is_complete)


def _read(
    process: EngineProcess,
    deadline: float,
    *,
    lines: list[str],
    facts: StartupFacts,
    on_progress: Callable[[str, tuple[int, int, int] | None], None] | None,
    clock: Callable[[], float],
) -> bool:
    """Collect the output; whether the engine came to its end before the deadline."""
    while clock() < deadline:
        message = process.receive(_POLL)
        if isinstance(message, Ended):
            return True
        if not isinstance(message, OutLine):
            continue
        for line in split_output(message.text):
            facts.feed(line)
            if len(lines) < _MOST_LINES:
                lines.append(line)
            if on_progress is not None:
                on_progress(line, progress_of(line))
    return False
