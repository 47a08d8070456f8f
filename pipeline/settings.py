"""Settings: defaults < ``fupan.toml`` < the game folder's ``fupan.toml`` < ``FUPAN_*`` < command-line flags.

A folder of games may hold a ``fupan.toml`` of its own with the sections
``[analysis]``, ``[report]`` and ``[students]``; it counts for the games in
that folder and below. ``None`` means "decided later": budgets follow the hardware, rules and komi
follow the game file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from pipeline.errors import ConfigError
from pipeline.wording.benchmark import PRESET_INPUT
from pipeline.wording.cli import validation_detail
from pipeline.wording.terms import LEVEL_INPUT
from pipeline.worktimes import WorkTimes, parse_spans, parse_times

CONFIG_NAME = "fupan.toml"
ENV_PREFIX = "FUPAN_"
FOLDER_SECTIONS = frozenset({"analysis", "report", "students"})
# Read elsewhere (launcher, cache, tests), so not settings.
_BUDGET_KEYS = ("visits", "quick", "strategy")
OTHER_VARIABLES = frozenset({"FUPAN_PYTHON", "FUPAN_VENV", "FUPAN_CACHE_DIR", "FUPAN_CONFIG"})
TEST_PREFIX = "FUPAN_TEST_"

PresetName = Literal["quick", "club", "overnight", "research"]
RulesName = Literal["chinese", "japanese", "korean", "aga", "new-zealand", "tromp-taylor", "ing"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _level_word(value: object) -> object:
    """The Chinese name of a level is as good as the English one."""
    return LEVEL_INPUT.get(value.strip(), value) if isinstance(value, str) else value


def _preset_word(value: object) -> object:
    """The Chinese name of a preset is as good as the English one."""
    return PRESET_INPUT.get(value.strip(), value) if isinstance(value, str) else value


def _several(value: object) -> object:
    """One text is a list of one; an empty one is none."""
    return ((value,) if value.strip() else ()) if isinstance(value, str) else value


def _spans(value: tuple[str, ...]) -> tuple[str, ...]:
    parse_spans(value)
    return value


# The union keeps an environment variable from being read as JSON.
Spans = Annotated[tuple[str, ...] | str, BeforeValidator(_several), AfterValidator(_spans)]


class EngineSettings(_Section):
    """Which engine to use, and how parallel.

    Without an engine: PATH, then our own provisioned copy. Without threads:
    what was measured on this machine (``engine benchmark --tune``), then what
    suits the hardware. ``network`` is a file or the name of an installed
    network, ``human_network`` likewise one that imitates players of a rank,
    ``backend`` one of our own copies, ``mirror`` where releases and
    networks are downloaded from instead.
    """

    katago: Path | None = None
    network: Path | None = None
    human_network: Path | None = None
    prefer: Literal["auto", "gpu", "cpu"] = "auto"
    analysis_threads: int | None = Field(default=None, ge=1, le=4096)
    search_threads: int | None = Field(default=None, ge=1, le=1024)
    gpus: tuple[Annotated[int, Field(ge=0, le=255)], ...] = Field(default=(), max_length=64)
    backend: Literal["auto", "tensorrt", "cuda", "opencl", "eigen"] = "auto"
    mirror: str = Field(default="", max_length=500)


class AnalysisSettings(_Section):
    """How deep to search. Visits are per position; ``None`` follows the preset, else the hardware."""

    preset: Annotated[PresetName | None, BeforeValidator(_preset_word)] = None
    visits: int | None = Field(default=None, ge=1, le=10_000_000)
    quick: int | None = Field(default=None, ge=0, le=10_000_000)
    strategy: Literal["adaptive", "uniform"] | None = None
    side: Literal["black", "white", "both", "student"] = "both"
    rules: RulesName | None = None
    komi: float | None = Field(default=None, ge=-150, le=150, multiple_of=0.5)
    default_rules: RulesName = "chinese"
    default_komi: float | None = Field(default=None, ge=-150, le=150, multiple_of=0.5)
    fox_komi: float | None = Field(default=None, ge=-150, le=150, multiple_of=0.5)
    max_games_per_file: int = Field(default=200, ge=1, le=100_000)


class InboxSettings(_Section):
    """How a folder is watched; times in seconds. ``None`` follows the kind of the folder (local or network)."""

    settle_seconds: float | None = Field(default=None, ge=0.05, le=3600)
    polling: Literal["auto", "always", "never"] = "auto"
    rescan_seconds: float | None = Field(default=None, ge=0.05, le=3600)


class ScheduleSettings(_Section):
    """When engines may run, by the clock on the wall; see :mod:`pipeline.worktimes` for how hours are written.

    ``quick_by_day``: first reports are made outside these hours too.
    ``until_end``: the end of a window is kept like ``--until``: the whole time
    is used, by importance over all games, and what is known then is printed.
    """

    window: Spans = ()
    quiet: Spans = ()
    quick_by_day: bool = False
    until_end: bool = False

    @property
    def times(self) -> WorkTimes:
        """The hours of work."""
        return parse_times(self.window, self.quiet)

    @model_validator(mode="after")
    def _something_is_left(self) -> Self:
        parse_times(self.window, self.quiet)
        return self


class StateSettings(_Section):
    """Where the queue and the journal are. Empty: a SQLite file in the output folder.

    ``url`` may hold a password, so nothing ever shows it.
    """

    url: SecretStr | None = None


class OutputSettings(_Section):
    """Where results go; ``reserve_mb`` is the disk space in MB (10^6 bytes) that analysis leaves free."""

    folder: Path = Path("output")
    reserve_mb: int = Field(default=500, ge=0, le=10_000_000)


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
    sgf_branches: float = Field(default=1.5, ge=0, le=400)
    level: Annotated[Literal["auto", "kyu", "dan", "strong"], BeforeValidator(_level_word)] = "auto"


class StudentSettings(_Section):
    """Whose games these are.

    ``names`` are the students, for ``side = "student"``. ``aliases`` maps
    other spellings of a name (nicknames, traditional characters, accounts)
    to the name under which a player's games are brought together.
    """

    names: tuple[str, ...] = ()
    aliases: dict[str, str] = {}


class _PresetSource(PydanticBaseSettingsSource):
    """A source in which a preset replaces the budgets of the weaker sources.

    ``--preset club`` would otherwise do nothing for someone whose
    ``fupan.toml`` sets ``visits``.
    """

    def __init__(self, settings_cls: type[BaseSettings], inner: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._inner = inner

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """As the source that it wraps."""
        return self._inner.get_field_value(field, field_name)

    def __call__(self) -> dict[str, Any]:
        data = self._inner()
        analysis = data.get("analysis")
        if isinstance(analysis, Mapping) and analysis.get("preset") is not None:
            data = {**data, "analysis": {**dict.fromkeys(_BUDGET_KEYS), **analysis}}
        return data


class Settings(BaseSettings):
    """All settings, immutable. Build it with :func:`load`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=ENV_PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )

    engine: EngineSettings = EngineSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    inbox: InboxSettings = InboxSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    output: OutputSettings = OutputSettings()
    state: StateSettings = StateSettings()
    report: ReportSettings = ReportSettings()
    students: StudentSettings = StudentSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then environment, then the TOML files, the game folder's before the general one."""
        files = [TomlConfigSettingsSource(settings_cls, path) for path in _CURRENT_FILES[-1]]
        sources: Iterable[PydanticBaseSettingsSource] = (init_settings, env_settings, *files)
        return tuple(_PresetSource(settings_cls, source) for source in sources)


# pydantic-settings asks a classmethod for the sources; the files of this call are handed over here.
_CURRENT_FILES: list[tuple[Path, ...]] = [()]


def config_file(explicit: Path | None = None) -> Path | None:
    """The settings file in force: ``explicit``, ``FUPAN_CONFIG``, or ``fupan.toml`` in this folder.

    Raises:
        ConfigError: a file was named but does not exist.
    """
    named = explicit or (Path(os.environ["FUPAN_CONFIG"]) if os.environ.get("FUPAN_CONFIG") else None)
    if named is not None:
        try:
            if named.is_file():
                return named
        except OSError as error:
            raise ConfigError("config.unreadable", path=named, detail=error.strerror or error) from error
        raise ConfigError("config.missing_file", path=named)
    here = Path(CONFIG_NAME)
    return here if here.is_file() else None


def load(
    flags: Mapping[str, Mapping[str, Any]] | None = None, *, file: Path | None = None, folder_file: Path | None = None
) -> Settings:
    """Merge all sources.

    Args:
        flags: section -> key -> value from the command line; ``None`` values are not set.
        file: a settings file named by the user.
        folder_file: the ``fupan.toml`` beside the games, which may not touch engine and output.

    Raises:
        ConfigError: missing file, broken TOML, unknown key or variable, value out of range.
    """
    general = config_file(file)
    paths = []
    if folder_file is not None and (general is None or folder_file.resolve() != general.resolve()):
        for section in _read_toml(folder_file).keys() - FOLDER_SECTIONS:
            raise ConfigError("config.not_in_folder", path=folder_file, section=section)
        paths.append(folder_file)
    if general is not None:
        _read_toml(general)
        paths.append(general)
    _check_environment()
    given = {
        section: {key: value for key, value in values.items() if value is not None}
        for section, values in (flags or {}).items()
    }
    _CURRENT_FILES.append(tuple(paths))
    try:
        return Settings(**{section: values for section, values in given.items() if values})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        detail = validation_detail(first["type"], first.get("ctx", {}), first["msg"])
        if first["loc"][0] == "state":  # may hold a password; so may the error itself
            raise ConfigError("config.bad_value", key=key, value="***", detail=detail) from None
        raise ConfigError("config.bad_value", key=key, value=first.get("input"), detail=detail) from error
    finally:
        _CURRENT_FILES.pop()


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("config.bad_toml", path=path, detail=error) from error
    except OSError as error:
        raise ConfigError("config.unreadable", path=path, detail=error.strerror) from error


class FolderSettings:
    """Settings in force for each folder of games; every ``fupan.toml`` is read once.

    Args:
        flags: as for :func:`load`.
        file: as for :func:`load`.
        tops: the folders that are reviewed; a ``fupan.toml`` above them is not looked for.
    """

    def __init__(
        self,
        flags: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        file: Path | None = None,
        tops: Iterable[Path] = (),
    ) -> None:
        self._flags = flags
        self._file = file
        self._tops = {Path(os.path.realpath(top)) for top in tops if os.path.isdir(top)}  # noqa: PTH112 - never raises
        self.general = load(flags, file=file)
        self._known: dict[Path, Settings] = {}

    def for_file(self, path: Path) -> Settings:
        """Settings for a game file: the nearest ``fupan.toml`` in its folder or above counts.

        Raises:
            ConfigError: that file is broken or sets what it may not.
        """
        folder = path.parent.resolve()
        if folder not in self._known:
            nearest = next((f / CONFIG_NAME for f in self._upwards(folder) if (f / CONFIG_NAME).is_file()), None)
            self._known[folder] = load(self._flags, file=self._file, folder_file=nearest) if nearest else self.general
        return self._known[folder]

    def _upwards(self, folder: Path) -> Iterator[Path]:
        """The folder and those above it, up to the one that was asked to be reviewed."""
        yield folder
        if any(top in (folder, *folder.parents) for top in self._tops):
            while folder not in self._tops:
                folder = folder.parent
                yield folder


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
