"""The one tree of errors. Each class has an exit code; each text lives in ``pipeline.wording.errors``.

::

    FupanError 1                bug or unexpected
    ├── ConfigError 3           bad settings, missing or empty folder, output not writable
    ├── DependencyError 4       engine, network, font or system library missing or broken
    ├── GameError               one game cannot be read or analysed; never ends a batch
    ├── EngineError 5           the engine fails as a whole
    │   ├── EngineStartError    it does not come up
    │   ├── EngineCrashed       it died (retryable)
    │   ├── EngineStalled       it stopped answering (retryable)
    │   └── QueryRejected       it refused one query (belongs to one game)
    ├── StoreError 6            state database or dataset: full disk, wrong schema, corrupt
    ├── RenderError             one report cannot be made; never ends a batch
    ├── BatchIncomplete 7       finished, but some games failed
    ├── AlreadyRunning 8        another run holds the lock
    └── Stopped 130 / 143       Ctrl-C / SIGTERM

Exit codes are a stable interface (``docs/errors.md``, tested).
"""

from __future__ import annotations

from typing import ClassVar

from pipeline.wording import errors as texts


class FupanError(Exception):
    """Base of all expected failures.

    Args:
        code: key in ``pipeline.wording.errors.ERRORS``, e.g. ``"engine.not_found"``.
        params: values for the placeholders of that text.

    ``message`` says in Chinese what happened, ``advice`` what to do about it.
    """

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, code: str, /, **params: object) -> None:
        self.code = code
        self.params = params
        self.message, self.advice = texts.describe(code, params)
        super().__init__(self.message)


def unexpected(error: Exception) -> FupanError:
    """A bug that struck in the work on one game, as that game's failure."""
    return FupanError("internal", detail=f"{type(error).__name__}: {error}")


class ConfigError(FupanError):
    """Settings, folders or flags that cannot work."""

    exit_code = 3


class DependencyError(FupanError):
    """Something that must be installed is missing or unusable."""

    exit_code = 4


class GameError(FupanError):
    """One game cannot be read or analysed; the batch goes on."""

    exit_code = 7


class EngineError(FupanError):
    """The engine as a whole fails."""

    exit_code = 5


class EngineStartError(EngineError):
    """The engine does not come up."""


class EngineCrashed(EngineError):
    """The engine process ended although work was open."""

    retryable = True


class EngineStalled(EngineError):
    """The engine gave no final answer for too long."""

    retryable = True


class QueryRejected(EngineError):
    """The engine refused a query; the fault lies in that query's game."""


class StoreError(FupanError):
    """The state database or the dataset cannot be read or written."""

    exit_code = 6


class RenderError(FupanError):
    """One report cannot be made; the batch goes on."""

    exit_code = 7


class BatchIncomplete(FupanError):
    """Everything was tried, some games failed."""

    exit_code = 7


class AlreadyRunning(FupanError):
    """Another process works on the same output folder."""

    exit_code = 8


class Stopped(FupanError):
    """The user or the system asked to stop; what was finished stays usable."""

    exit_code = 130


class Terminated(Stopped):
    """SIGTERM."""

    exit_code = 143
