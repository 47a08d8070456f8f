"""Settings merge in the documented order, and every mistake in them is named."""

import pytest

from pipeline.errors import ConfigError
from pipeline.settings import load


@pytest.fixture(autouse=True)
def _clean(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("FUPAN_ANALYSIS__VISITS", "FUPAN_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def write(tmp_path, text):
    (tmp_path / "fupan.toml").write_text(text, encoding="utf-8")


def test_flags_beat_environment_beats_file_beats_defaults(tmp_path, monkeypatch):
    assert load().analysis.visits is None
    write(tmp_path, "[analysis]\nvisits = 10\nquick = 5\n[report]\nclub = '星火'\n")
    assert load().analysis.visits == 10
    monkeypatch.setenv("FUPAN_ANALYSIS__VISITS", "20")
    assert load().analysis.visits == 20
    merged = load({"analysis": {"visits": 30, "quick": None}})
    assert (merged.analysis.visits, merged.analysis.quick, merged.report.club) == (30, 5, "星火")


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("[analysis\n", "config.bad_toml", "fupan.toml"),
        ("[analysis]\nvisit = 3\n", "config.bad_value", "analysis.visit"),
        ("[analysis]\nvisits = 0\n", "config.bad_value", "不能小于 1"),
        ("[analysis]\nkomi = 3.75\n", "config.bad_value", "倍数"),
        ("[analysis]\nside = 'left'\n", "config.bad_value", "只能是"),
    ],
)
def test_mistakes_in_the_file_are_named(tmp_path, text, code, named):
    write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load()
    assert caught.value.code == code
    assert named in caught.value.message


def test_a_mistyped_variable_is_not_ignored(monkeypatch):
    monkeypatch.setenv("FUPAN_ANALYSIS__VISIT", "20")
    with pytest.raises(ConfigError) as caught:
        load()
    assert "FUPAN_ANALYSIS__VISIT" in caught.value.message


def test_a_named_file_must_exist(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(file=tmp_path / "other.toml")
    assert caught.value.exit_code == 3


def test_the_template_of_config_init_is_valid_when_uncommented(tmp_path):
    from pipeline.wording.cli import CONFIG_TEMPLATE

    lines = [line.removeprefix("# ") for line in CONFIG_TEMPLATE.splitlines()[1:]]
    write(tmp_path, "\n".join(lines))
    settings = load()
    assert settings.analysis.visits == 10000
    assert settings.report.key_moments == 5
