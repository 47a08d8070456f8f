"""Komi and ruleset, from what files really say.

The rules for scaled komi rest on 28,430 野狐 games: the parity of the final
margins proves which values are wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.go import lexicon as lx
from pipeline.go.defaults import ReadDefaults, Reading
from pipeline.go.record import Correction, Ruleset
from pipeline.go.text import clean, cut, fold, narrow
from pipeline.wording import terms

MAX_KOMI = 100.0
_UNUSUAL_KOMI = 20.0
_SCALED_FROM = 50
_STONE_SCALED = frozenset({225, 275, 325, 375})
_AREA_RULES = frozenset(
    {
        Ruleset.CHINESE,
        Ruleset.CHINESE_KGS,
        Ruleset.CHINESE_OGS,
        Ruleset.AGA,
        Ruleset.NEW_ZEALAND,
        Ruleset.TROMP_TAYLOR,
        Ruleset.ING,
        Ruleset.ANCIENT_AREA,
    }
)
_NUMBER = re.compile(r"[+-]?\d{1,6}(?:\.\d{0,6})?|[+-]?\.\d{1,6}")
# Komi of its time where a record is silent: none before 1945, 4.5 to 1973, 5.5 to 2001.
_KOMI_OF_AGE = ((1945, 0.0), (1974, 4.5), (2002, 5.5))


def read_ruleset(raw: str | None, defaults: ReadDefaults) -> Reading[Ruleset]:
    """The ruleset that ``RU`` means; unknown or missing: the default, with a correction."""
    written = clean(raw or "")
    found = _ruleset_named(written)
    if defaults.forced_ruleset is not None:
        forced = defaults.forced_ruleset
        notes = () if found is forced else (Correction.of("rules.forced", used=rules_label(forced)),)
        return Reading(forced, "option", notes)
    if found is not None:
        return Reading(found, f"RU[{cut(written, 30)[0]}]")
    used = rules_label(defaults.ruleset)
    if not written:
        return Reading(defaults.ruleset, "default", (Correction.of("rules.missing", used=used),))
    note = Correction.of("rules.unknown", raw=cut(written, 30)[0], used=used)
    return Reading(defaults.ruleset, "default", (note,))


def rules_label(ruleset: Ruleset) -> str:
    """Chinese name of a ruleset."""
    return terms.RULESETS.get(ruleset.value, ruleset.value)


def _ruleset_named(written: str) -> Ruleset | None:
    name = narrow(written).lower()
    for candidate in (name, lx.RULE_SUFFIX.sub("", name).strip()):
        key = candidate.strip(" .:;,")
        if key in lx.RULES:
            return Ruleset(lx.RULES[key])
        if key.replace(" ", "") in lx.RULES:
            return Ruleset(lx.RULES[key.replace(" ", "")])
    for prefix in lx.RULE_PREFIXES:
        if name.startswith(prefix):
            return Ruleset(lx.RULES[prefix])
    if "scorearea" in name:
        return Ruleset.CHINESE
    return Ruleset.JAPANESE if "scoreterritory" in name else None


def read_komi(
    root: Mapping[str, str],
    *,
    ruleset: Ruleset,
    handicap: int,
    is_fox: bool,
    year: int | None,
    black_always: bool,
    defaults: ReadDefaults,
) -> Reading[float]:
    """Komi in points from ``KM``, ``KO``, a mistyped ``GM`` or the event text, else a stated default.

    ``root`` maps properties to clean text; ``black_always`` means that Black takes
    the first move of every game of the match (受先, 先相先), so there is no komi.
    """
    stated = _stated_komi(root, ruleset=ruleset, handicap=handicap, is_fox=is_fox, defaults=defaults)
    if defaults.forced_komi is not None:
        forced = defaults.forced_komi
        if stated is not None and stated.value == forced:
            return Reading(forced, "option")
        return Reading(forced, "option", (Correction.of("komi.forced", used=f"{forced:g}"),))
    if stated is not None:
        return stated
    value = default_komi(ruleset, handicap=handicap, year=year, black_always=black_always, defaults=defaults)
    raw = root.get("KM", "")
    if raw:
        note = Correction.of("komi.unreadable", raw=cut(raw, 30)[0], used=f"{value:g}")
    else:
        note = Correction.of("komi.missing", used=f"{value:g}")
    return Reading(value, "default", (note,))


def default_komi(
    ruleset: Ruleset, *, handicap: int, year: int | None, black_always: bool, defaults: ReadDefaults
) -> float:
    """Komi where nothing is written: 0 with handicap, the user's, that of the time, that of the rules."""
    if handicap or black_always or ruleset in (Ruleset.ANCIENT_AREA, Ruleset.ANCIENT_TERRITORY):
        return 0.0
    if defaults.komi is not None:
        return defaults.komi
    if year is not None:
        for before, komi in _KOMI_OF_AGE:
            if year < before:
                return komi
    return 7.5 if ruleset in _AREA_RULES else 6.5


def _stated_komi(
    root: Mapping[str, str], *, ruleset: Ruleset, handicap: int, is_fox: bool, defaults: ReadDefaults
) -> Reading[float] | None:
    for key in ("KM", "KO"):
        raw = root.get(key, "")
        if not raw:
            continue
        number = _plain_number(raw)
        if number == 0 and key == "KM" and handicap == 0 and "HA1" not in root:
            return _zero_komi(raw, ruleset=ruleset, is_fox=is_fox, defaults=defaults)
        reading = (
            _numeric_komi(raw, number, key=key, ruleset=ruleset) if number is not None else _worded_komi(raw, key=key)
        )
        if reading is not None:
            return _checked(reading, raw, key)
    mistyped = _plain_number(root.get("GM", ""))
    if mistyped is not None and mistyped % 1 == 0.5 and mistyped < _UNUSUAL_KOMI:
        note = Correction.of("komi.other_field", field="GM", raw=root["GM"], used=f"{mistyped:g}")
        return Reading(mistyped, f"GM[{root['GM']}]", (note,))
    for key in ("EV", "GN", "RU", "HA", "GC"):
        match = lx.KOMI_IN_TEXT.search(narrow(root.get(key, "")))
        if match and (worded := _worded_komi(match[0], key=key)) is not None:
            note = Correction.of("komi.other_field", field=key, raw=cut(match[0], 30)[0], used=f"{worded.value:g}")
            return Reading(worded.value, worded.source, (note,))
    return None


def _plain_number(raw: str) -> float | None:
    text = narrow(raw).replace(" ", "").replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def _zero_komi(raw: str, *, ruleset: Ruleset, is_fox: bool, defaults: ReadDefaults) -> Reading[float]:
    source = f"KM[{raw}]"
    if not is_fox:
        return Reading(0.0, source, (Correction.of("komi.zero_kept"),))
    usual = 7.5 if ruleset in _AREA_RULES else 6.5
    value = usual if defaults.fox_komi is None else defaults.fox_komi
    return Reading(value, source, (Correction.of("komi.fox_zero", used=f"{value:g}"),))


def _numeric_komi(raw: str, number: float, *, key: str, ruleset: Ruleset) -> Reading[float] | None:
    source = f"{key}[{cut(raw, 30)[0]}]"
    size, sign = abs(number), -1 if number < 0 else 1
    if size >= _SCALED_FROM:
        return _scaled_komi(raw, size, sign, source=source, ruleset=ruleset)
    if size * 2 % 1 == 0:
        notes = () if "," not in raw else (Correction.of("komi.comma", raw=raw, used=f"{number:g}"),)
        return Reading(number, source, notes)
    if size * 4 % 1 == 0:
        value = number * 2
        return Reading(value, source, (Correction.of("komi.stones", raw=cut(raw, 30)[0], used=f"{value:g}"),))
    value = round(number * 2) / 2
    return Reading(value, source, (Correction.of("komi.rounded", raw=cut(raw, 30)[0], used=f"{value:g}"),))


def _scaled_komi(raw: str, size: float, sign: int, *, source: str, ruleset: Ruleset) -> Reading[float] | None:
    """Hundredths of a point, or hundredths of a stone (x25 and x75, and 350 under Chinese rules)."""
    ambiguous = size == 350 and ruleset in _AREA_RULES
    if size in _STONE_SCALED or ambiguous:
        value = size / 50
    elif size / 100 * 2 % 1 == 0:
        value = size / 100
    elif size / 10 * 2 % 1 == 0 and size / 10 <= _UNUSUAL_KOMI:
        value = size / 10
    else:
        return None
    code = "komi.scaled_ambiguous" if ambiguous else "komi.scaled"
    return Reading(sign * value, source, (Correction.of(code, raw=raw, used=f"{sign * value:g}"),))


def _worded_komi(raw: str, *, key: str) -> Reading[float] | None:
    text = narrow(raw)
    value = 0.0 if lx.NO_KOMI.search(text) else points_in(text)
    if value is None:
        return None
    if lx.REVERSE_KOMI.search(text):
        value = -value
    if value * 2 % 1:
        return None
    shown = cut(raw, 30)[0]
    return Reading(value, f"{key}[{shown}]", (Correction.of("komi.worded", raw=shown, used=f"{value:g}"),))


def _checked(reading: Reading[float], raw: str, key: str) -> Reading[float] | None:
    if abs(reading.value) > MAX_KOMI:
        return None
    notes = list(reading.corrections)
    if reading.value < 0:
        notes.append(Correction.of("komi.negative", used=f"{reading.value:g}"))
    elif reading.value > _UNUSUAL_KOMI:
        notes.append(Correction.of("komi.unusual", used=f"{reading.value:g}"))
    if key == "KO" and not notes:
        notes.append(Correction.of("komi.other_field", field="KO", raw=cut(raw, 30)[0], used=f"{reading.value:g}"))
    return Reading(reading.value, reading.source, tuple(notes))


def points_in(text: str) -> float | None:  # noqa: PLR0911 - one return a spelling
    """Points (目) in a Chinese, Japanese or Korean amount: 7目半, 3又3/4子 (= 7.5), 半目; else ``None``."""
    for pattern in (lx.STONES_MIXED, lx.STONES_SPOKEN, lx.STONES_FRACTION):
        if match := pattern.search(text):
            parts = match.groupdict()
            whole = _amount(parts.get("whole") or "0")
            over, under = _amount(parts["num"]), _amount(parts["den"])
            return 2 * (whole + over / under) if under else None
    if match := lx.STONES_HALF.search(text):
        return 2 * _amount(match["whole"]) + 1
    if match := lx.POINTS_HALF.search(text):
        return _amount(match["whole"]) + 0.5
    if lx.HALF_POINT.search(text):
        return 0.5
    if match := lx.POINTS_PLAIN.search(text):
        return _amount(match["whole"])
    if match := lx.STONES_PLAIN.search(text):
        return 2 * _amount(match["whole"])
    return None


def _amount(word: str) -> float:
    """A number in digits or Chinese numerals up to 99."""
    if word[0].isascii():
        return float(word)
    tens, found, ones = word.partition(lx.TEN)
    if not found:
        total = 0
        for char in word:
            total = total * 10 + lx.CHINESE_DIGITS.get(char, 0)
        return float(total)
    return 10.0 * (lx.CHINESE_DIGITS.get(tens, 1) if tens else 1) + lx.CHINESE_DIGITS.get(ones[:1], 0)


def whole_number(word: str) -> int:
    """A whole number in digits or Chinese numerals."""
    return int(_amount(fold(word)))
