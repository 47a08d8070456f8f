"""Settings: defaults < ``fupan.toml`` < ``FUPAN_*`` environment < command-line flags.

``None`` means "decided later": budgets follow the hardware, rules and komi
follow the game file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from pipeline.errors import ConfigError
from pipeline.wording.cli import validation_detail

CONFIG_NAME = "fupan.toml"
ENV_PREFIX = "FUPAN_"
# Read elsewhere (launcher, cache, tests), so not settings.
OTHER_VARIABLES = frozenset({"FUPAN_PYTHON", "FUPAN_VENV", "FUPAN_CACHE_DIR", "FUPAN_CONFIG"})
TEST_PREFIX = "FUPAN_TEST_"

RulesName = Literal["chinese", "japanese", "korean", "aga", "new-zealand", "tromp-taylor", "ing"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EngineSettings(_Section):
    """Which engine to use. Empty: PATH, then our own provisioned copy."""

    katago: Path | None = None
    network: Path | None = None
    prefer: Literal["auto", "gpu", "cpu"] = "auto"


class AnalysisSettings(_Section):
    """How deep to search. Visits are per position; ``None`` follows the hardware."""

    visits: int | None = Field(default=None, ge=1, le=10_000_000)
    quick: int | None = Field(default=None, ge=0, le=10_000_000)
    strategy: Literal["adaptive", "uniform"] | None = None
    side: Literal["black", "white", "both"] = "both"
    rules: RulesName | None = None
    komi: float | None = Field(default=None, ge=-150, le=150, multiple_of=0.5)
    default_rules: RulesName = "chinese"


class OutputSettings(_Section):
    """Where results go."""

    folder: Path = Path("output")


class ReportSettings(_Section):
    """What the printed report looks like."""

    club: str = Field(default="", max_length=60)
    logo: Path | None = None
    student: str = Field(default="", max_length=60)
    paper: Literal["A4", "B5", "A5"] = "A4"
    large_print: bool = False
    colour: bool = False
    columns: int = Field(default=0, ge=0, le=2)
    coordinates: Literal["western", "chinese", "none"] = "western"
    key_moments: int = Field(default=5, ge=0, le=20)
    moves_per_figure: int = Field(default=50, ge=10, le=400)
    record: bool = True
    booklet: bool = False
    html: bool = False


class Settings(BaseSettings):
    """All settings, immutable. Build it with :func:`load`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=ENV_PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )

    engine: EngineSettings = EngineSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    output: OutputSettings = OutputSettings()
    report: ReportSettings = ReportSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then environment, then the TOML file."""
        toml = TomlConfigSettingsSource(settings_cls, _CURRENT_FILE[-1]) if _CURRENT_FILE[-1] else None
        return (init_settings, env_settings, *((toml,) if toml else ()))


# pydantic-settings asks a classmethod for the sources; the file of this call is handed over here.
_CURRENT_FILE: list[Path | None] = [None]


def config_file(explicit: Path | None = None) -> Path | None:
    """The settings file in force: ``explicit``, ``FUPAN_CONFIG``, or ``fupan.toml`` in this folder.

    Raises:
        ConfigError: a file was named but does not exist.
    """
    named = explicit or (Path(os.environ["FUPAN_CONFIG"]) if os.environ.get("FUPAN_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise ConfigError("config.missing_file", path=named)
        return named
    here = Path(CONFIG_NAME)
    return here if here.is_file() else None


def load(flags: Mapping[str, Mapping[str, Any]] | None = None, *, file: Path | None = None) -> Settings:
    """Merge all sources.

    Args:
        flags: section -> key -> value from the command line; ``None`` values are not set.
        file: a settings file named by the user.

    Raises:
        ConfigError: missing file, broken TOML, unknown key or variable, value out of range.
    """
    path = config_file(file)
    if path is not None:
        try:
            tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError("config.bad_toml", path=path, detail=error) from error
        except OSError as error:
            raise ConfigError("config.unreadable", path=path, detail=error.strerror) from error
    _check_environment()
    given = {
        section: {key: value for key, value in values.items() if value is not None}
        for section, values in (flags or {}).items()
    }
    _CURRENT_FILE.append(path)
    try:
        return Settings(**{section: values for section, values in given.items() if values})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        detail = validation_detail(first["type"], first.get("ctx", {}), first["msg"])
        raise ConfigError("config.bad_value", key=key, value=first.get("input"), detail=detail) from error
    finally:
        _CURRENT_FILE.pop()


def _check_environment() -> None:
    known = {
        f"{ENV_PREFIX}{section}__{key}".upper()
        for section, info in Settings.model_fields.items()
        for key in getattr(info.annotation, "model_fields", {})
    }
    for name in os.environ:
        if not name.startswith(ENV_PREFIX) or name in OTHER_VARIABLES or name.startswith(TEST_PREFIX):
            continue
        if name.upper() not in known:
            raise ConfigError("config.unknown_variable", name=name)
