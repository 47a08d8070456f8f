"""Presets and what wins over them."""

from __future__ import annotations

import pytest

from pipeline.app import choose_budget
from pipeline.errors import ConfigError
from pipeline.plan import GPU_BUDGET, Budget, Strategy
from pipeline.presets import PRESETS, strength
from pipeline.settings import load
from pipeline.watching import two_level_budget
from pipeline.wording import benchmark as words


@pytest.fixture(autouse=True)
def _clean(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("FUPAN_ANALYSIS__VISITS", "FUPAN_ANALYSIS__QUICK", "FUPAN_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def budget(**analysis: object) -> Budget:
    return choose_budget(load({"analysis": analysis}), is_gpu=False)[0]


@pytest.mark.parametrize("name", ["quick", "club", "overnight"])
def test_a_preset_sets_the_budget_on_any_hardware(name):
    assert budget(preset=name) == choose_budget(load({"analysis": {"preset": name}}), is_gpu=True)[0] == PRESETS[name]


def test_research_searches_every_position_once():
    assert budget(preset="research") == Budget(0, 20_000, Strategy.UNIFORM)


def test_a_watched_folder_gets_a_first_report_with_research_too():
    settings = load({"analysis": {"preset": "research"}})

    assert two_level_budget(settings, is_gpu=False) == Budget(2_048, 20_000, Strategy.UNIFORM)


def test_the_users_own_numbers_win():
    assert budget(preset="overnight", visits=500) == Budget(32, 500)
    assert budget(preset="overnight", quick=33) == Budget(33, 10_000)
    assert budget(preset="overnight", strategy="uniform") == Budget(0, 10_000, Strategy.UNIFORM)
    assert budget(preset="club", visits=50_000) == Budget(128, 50_000)


def test_a_small_budget_has_a_first_pass_that_leaves_something_for_depth():
    assert budget(visits=50) == Budget(10, 50)
    assert choose_budget(load({"analysis": {"visits": 1_000}}), is_gpu=True)[0] == Budget(60, 1_000)
    assert budget(visits=1) == Budget(1, 1)


def test_the_reason_is_said():
    def reason(**analysis):
        return choose_budget(load({"analysis": analysis}), is_gpu=False)[1]

    assert "过夜" in reason(preset="overnight")
    assert "你的设置" in reason(preset="overnight", visits=9)
    assert "过夜" not in reason()


def test_a_preset_on_the_command_line_wins_over_visits_in_the_file(tmp_path, monkeypatch):
    (tmp_path / "fupan.toml").write_text("[analysis]\nvisits = 70\nquick = 7\nstrategy = 'uniform'\nside = 'black'\n")
    assert budget() == Budget(7, 70, Strategy.UNIFORM)
    assert budget(preset="club") == PRESETS["club"]
    assert budget(preset="club", visits=300) == Budget(32, 300)
    assert load({"analysis": {"preset": "club"}}).analysis.side == "black"
    monkeypatch.setenv("FUPAN_ANALYSIS__PRESET", "quick")
    assert budget() == PRESETS["quick"]


def test_visits_in_the_file_win_over_the_preset_beside_them(tmp_path):
    (tmp_path / "fupan.toml").write_text("[analysis]\nvisits = 700\npreset = 'club'\n")
    assert budget() == Budget(43, 700)


def test_visits_on_the_command_line_win_over_the_preset_in_the_file(tmp_path):
    (tmp_path / "fupan.toml").write_text("[analysis]\npreset = '过夜'\n")
    assert budget() == GPU_BUDGET
    assert budget(visits=90) == Budget(11, 90)


def test_a_class_folder_may_have_its_own_preset(tmp_path):
    (tmp_path / "fupan.toml").write_text("[analysis]\nvisits = 700\n")
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "fupan.toml").write_text("[analysis]\npreset = 'quick'\n")
    settings = load(folder_file=folder / "fupan.toml")

    assert choose_budget(settings, is_gpu=True)[0] == PRESETS["quick"]


def test_an_unknown_preset_is_named():
    with pytest.raises(ConfigError) as caught:
        load({"analysis": {"preset": "fast"}})
    assert "analysis.preset" in caught.value.message
    assert "overnight" in caught.value.message


def test_the_strength_table():
    assert [strength(visits) for visits in (5, 6, 17, 127, 128, 2_047, 2_048, 50_000)] == [
        "", "4d", "9d", "9d", "amateur", "amateur", "superhuman", "research",
    ]  # fmt: skip


def test_every_preset_and_strength_has_its_words():
    assert set(PRESETS) == set(words.PRESET_NAMES) == set(words.PRESET_PURPOSES)
    assert {strength(visits) for visits in range(20_000)} == set(words.STRENGTHS)
    for name, preset in PRESETS.items():
        assert name in words.PRESET_HELP
        assert str(preset.full) in words.PRESET_HELP
        assert preset.strategy is Strategy.UNIFORM or str(preset.quick) in words.PRESET_HELP
