"""Bringing one engine process up until it has proved that it can search."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine import protocol, survivor
from pipeline.engine.config import MachineFacts, Threads, board_buffer, buffer_for, engine_config
from pipeline.engine.process import LOG_NAME, Ended, EngineProcess, ErrLine, OutLine
from pipeline.engine.setup import EngineSetup
from pipeline.engine.startup import StartupFacts, ended_from_outside, file_sha256, start_error
from pipeline.errors import DependencyError, EngineStartError, Stopped
from pipeline.evaluation import EngineIdentity

log = logging.getLogger(__name__)

CONFIG_NAME = "analysis.cfg"
LATE_STDERR = 1.0
RESTART_FACTOR = 4.0
FIRST_STARTS = 3
_POLL = 0.2


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """Patience at a start, in seconds.

    Tuning and TensorRT plans may take many minutes: ``start_timeout`` is the
    limit for all of it, ``start_silence`` the limit without a line from it.
    Once it has come up there is nothing left to tune: a later start may be silent
    for ``restart_silence``, or for ``RESTART_FACTOR`` times what the quickest start took.
    """

    start_timeout: float = 3600.0
    start_silence: float = 900.0
    restart_silence: float = 60.0


class Launcher:
    """Starts the engine of one setup, as often as needed, and asks who it is.

    Args:
        setup: engine and network.
        machine: for the config.
        threads: for the config.
        boards: sizes, columns and rows, of all games that the engine will get; ``None``: any.
        state_dir: KataGo's home (tuning); may be shared by several engines.
        log_dir: for its standard error, and for our config, which is this run's own.
        options: patience.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        setup: EngineSetup,
        *,
        machine: MachineFacts,
        threads: Threads,
        boards: Iterable[tuple[int, int]] | None,
        state_dir: Path,
        log_dir: Path,
        options: LaunchOptions,
        clock: Callable[[], float],
    ) -> None:
        self._setup = setup
        self._machine = machine
        self._threads = threads
        self._buffer = buffer_for(setup, boards or ())
        self._state_dir = state_dir
        self._options = options
        self._clock = clock
        self._sha256 = ""
        self._quickest: float | None = None
        self.log_file = log_dir / LOG_NAME
        self.largest_board = board_buffer(setup, self._buffer)

    def launch(
        self,
        *,
        expected: EngineIdentity | None,
        on_progress: Callable[[str], None] | None,
        stop: Callable[[], bool],
    ) -> tuple[EngineProcess, EngineIdentity]:
        """A running engine that has answered a search, and its identity.

        A first start that somebody ended from outside (the system that ran out of
        memory, a user) is tried ``FIRST_STARTS`` times: it says nothing of the engine.
        Whoever starts an engine again counts the attempts himself.

        Args:
            expected: what ran before; another version or network is refused.
            on_progress: gets standard error, line by line.
            stop: asked again and again; true ends the start.

        Raises:
            EngineStartError: with the cause and the end of the log.
            Stopped: ``stop`` said so.
        """
        for attempt in range(1, FIRST_STARTS):
            try:
                return self._launch(expected, on_progress, stop)
            except EngineStartError as error:
                if expected is not None or not ended_from_outside(error):
                    raise
                log.warning("start %d was ended from outside: %s", attempt, error.message)
        return self._launch(expected, on_progress, stop)

    def _launch(
        self, expected: EngineIdentity | None, on_progress: Callable[[str], None] | None, stop: Callable[[], bool]
    ) -> tuple[EngineProcess, EngineIdentity]:
        begun = self._clock()
        process = self._spawn()
        try:
            identity = self._interview(process, on_progress, stop)
            self._quickest = min(self._clock() - begun, self._quickest or math.inf)
            if expected is not None and (expected.version, expected.network_key) != (
                identity.version,
                identity.network_key,
            ):
                raise EngineStartError(
                    "engine.start.changed",
                    before=f"KataGo {expected.version}, {expected.network_key}",
                    after=f"KataGo {identity.version}, {identity.network_key}",
                )
        except BaseException:
            process.kill()
            raise
        process.forward_stderr = False
        return process, identity

    def _spawn(self) -> EngineProcess:
        setup = self._setup
        if not setup.network.is_file():
            raise self._error("engine.start.no_network")
        try:
            self._state_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            detail = error.strerror or error
            raise DependencyError("provision.cache_unwritable", path=self._state_dir, detail=detail) from error
        text = engine_config(setup, self._machine, home=self._state_dir, threads=self._threads, buffer=self._buffer)
        config = self.log_file.with_name(CONFIG_NAME)
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(text, encoding="utf-8")
        argv = [
            str(setup.katago),
            "analysis",
            "-config",
            str(config),
            "-model",
            str(setup.network),
            "-quit-without-waiting",
        ]
        if setup.human_network is not None:
            argv += ["-human-model", str(setup.human_network)]
        survivor.end_survivor(config.parent)
        try:
            process = EngineProcess(
                argv, environment=dict(setup.environment), log_file=self.log_file, clock=self._clock
            )
        except OSError as error:
            raise self._error("engine.start.not_executable", tail=os.strerror(error.errno or 0)) from error
        survivor.remember(config.parent, process.pid)
        return process

    def _interview(
        self, process: EngineProcess, on_progress: Callable[[str], None] | None, stop: Callable[[], bool]
    ) -> EngineIdentity:
        """Ask for version and models, and for one tiny search: only an answer proves that the device works."""
        process.send(protocol.build_action("query_version", protocol.VERSION_ID))
        process.send(protocol.build_action("query_models", protocol.MODELS_ID))
        process.send(protocol.build_canary())
        self._sha256 = self._sha256 or file_sha256(self._setup.network)
        facts = StartupFacts(self._setup)
        replies: dict[str, protocol.Json] = {}
        begun = answered = self._clock()
        # Standard error comes through a pipe of its own and may lag behind the answers.
        while len(replies) < 3 or (not facts.complete and self._clock() - answered < LATE_STDERR):
            if stop():
                raise Stopped("engine.stopped")
            message = process.receive(_POLL)
            now = self._clock()
            match message:
                case ErrLine(text=text):
                    facts.feed(text)
                    if on_progress is not None:
                        on_progress(text)
                case OutLine(text=text):
                    self._note_reply(process, protocol.parse_line(text), replies)
                    answered = now
                case Ended():
                    code = process.close(patience=2.0)
                    raise self._error("engine.start.failed", exit_code=code, tail=process.stderr_tail())
            silent = now - max(begun, process.last_sign_of_life)
            if now - begun > self._options.start_timeout or silent > self._patience:
                process.kill()
                raise self._error("engine.start.timeout", tail=process.stderr_tail())
        return self._identity(replies, facts)

    @property
    def _patience(self) -> float:
        """Seconds of silence that are allowed to a start."""
        options = self._options
        if self._quickest is None:
            return options.start_silence
        return min(options.start_silence, max(options.restart_silence, RESTART_FACTOR * self._quickest))

    def _note_reply(self, process: EngineProcess, event: protocol.Event, replies: dict[str, protocol.Json]) -> None:
        match event:
            case protocol.ActionReply(id=query_id, payload=payload):
                replies[query_id] = payload
            case protocol.Answer(id=protocol.CANARY_ID, payload=payload):
                root = payload.get("rootInfo")
                winrate = root.get("winrate") if isinstance(root, dict) else None
                if not isinstance(winrate, int | float) or not 0 <= winrate <= 1:
                    raise self._error("engine.start.nonsense", tail=process.stderr_tail())
                replies[protocol.CANARY_ID] = payload
            case protocol.WarningReply(text=text, field=name):
                log.warning("engine: %s: %s", name, text)
            case protocol.ErrorReply(text=text):
                raise self._error("engine.start.failed", tail=f"{process.stderr_tail()}\n{text}")
            case protocol.Garbage(excerpt=excerpt):
                log.info("not a reply of the engine: %s", excerpt)

    def _identity(self, replies: dict[str, protocol.Json], facts: StartupFacts) -> EngineIdentity:
        version = replies.get(protocol.VERSION_ID, {})
        models = replies.get(protocol.MODELS_ID, {}).get("models")
        first = models[0] if isinstance(models, list) and models and isinstance(models[0], dict) else {}
        name = str(first.get("internalName") or "") or self._setup.network.name.split(".")[0]
        return EngineIdentity(
            version=str(version.get("version", "unknown")),
            git_hash=str(version.get("git_hash", "unknown")),
            network=name,
            network_sha256=self._sha256,
            backend=facts.backend,
            device=facts.device,
        )

    def _error(self, reason: str, *, exit_code: int | None = None, tail: str = "") -> EngineStartError:
        return start_error(self._setup, exit_code=exit_code, tail=tail, log_file=self.log_file, reason=reason)
