"""The reader's defaults as text, so that a job is read again as it was read first. Pure."""

from __future__ import annotations

import json

from pipeline.go.defaults import ReadDefaults
from pipeline.go.record import Ruleset


def to_json(defaults: ReadDefaults) -> str:
    """What was assumed where the file was silent."""
    forced = defaults.forced_ruleset
    return json.dumps(
        {
            "rules": defaults.ruleset.value,
            "forced_rules": forced and forced.value,
            "komi": defaults.komi,
            "forced_komi": defaults.forced_komi,
            "fox_komi": defaults.fox_komi,
            "max_games": defaults.max_games,
        }
    )


def from_json(text: str) -> ReadDefaults:
    """The inverse of :func:`to_json`."""
    values = json.loads(text)
    forced = values["forced_rules"]
    return ReadDefaults(
        ruleset=Ruleset(values["rules"]),
        komi=values["komi"],
        forced_ruleset=Ruleset(forced) if forced else None,
        forced_komi=values["forced_komi"],
        fox_komi=values["fox_komi"],
        max_games=values["max_games"],
    )
