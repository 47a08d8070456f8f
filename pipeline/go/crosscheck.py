"""Does the komi agree with the result? Whole komi cannot give half a point, nor the other way round."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.go.defaults import ReadDefaults, Reading
from pipeline.go.interpret_komi import default_komi
from pipeline.go.record import Correction, Result, ResultKind, Ruleset
from pipeline.go.text import cut

_SINA = re.compile(r"\s*sinago", re.IGNORECASE)


def agree_with_result(
    komi: Reading[float],
    result: Result,
    root: Mapping[str, str],
    *,
    handicap: int,
    ruleset: Ruleset,
    year: int | None,
) -> Reading[float]:
    """Komi, corrected or at least doubted where the margin of the game proves it wrong.

    Every finished game leaves a whole number of points before komi, so margin
    and komi both have a half or neither has. A whole komi with a half in the
    result lost its half (新浪 never writes it: true of every finished game seen);
    a komi of 0 was not filled in. The other way round it is not known which of
    the two is wrong.
    """
    if komi.source == "option":
        return komi
    is_whole = komi.value % 1 == 0
    if is_whole and komi.value > 0 and not handicap and _SINA.match(root.get("EV", "")):
        return _with(komi, komi.value + 0.5, "komi.sina", raw=cut(root.get("KM", ""), 20)[0])
    if result.kind is not ResultKind.POINTS or result.margin is None or (result.margin - komi.value) % 1 == 0:
        return komi
    shown = cut(result.raw, 30)[0]
    usual = default_komi(
        ruleset, handicap=handicap, year=year, black_always=False, defaults=ReadDefaults(ruleset=ruleset)
    )
    if is_whole and komi.source != "default":
        if komi.value > 0 or handicap:
            return _with(komi, komi.value + 0.5, "komi.half_lost", raw=f"{komi.value:g}", result=shown)
        if komi.value == 0 and usual % 1:
            return _with(komi, usual, "komi.zero_disproved", result=shown)
    return _with(komi, komi.value, "komi.result_mismatch", result=shown)


def _with(komi: Reading[float], value: float, code: str, **params: object) -> Reading[float]:
    kept = tuple(note for note in komi.corrections if note.code != "komi.zero_kept" or value == komi.value)
    return Reading(value, komi.source, (*kept, Correction.of(code, used=f"{value:g}", **params)))
