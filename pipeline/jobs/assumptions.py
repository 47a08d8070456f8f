"""The reader's defaults as text, so that a job is read again as it was read first. Pure."""

from __future__ import annotations

import json

from pipeline.go.defaults import ReadDefaults
from pipeline.go.record import Ruleset


def to_json(defaults: ReadDefaults) -> str:
    """What was assumed where the file was silent."""
    forced = defaults.forced_ruleset
    return json.dumps(
        {"rules": defaults.ruleset.value, "forced_rules": forced and forced.value, "komi": defaults.forced_komi}
    )


def from_json(text: str) -> ReadDefaults:
    """The inverse of :func:`to_json`."""
    values = json.loads(text)
    forced = values.get("forced_rules")
    return ReadDefaults(
        ruleset=Ruleset(values["rules"]),
        forced_ruleset=Ruleset(forced) if forced else None,
        forced_komi=values.get("komi"),
    )
