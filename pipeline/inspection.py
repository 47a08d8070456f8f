"""Answers to "what is this?": game files, the engine, the machine. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.app import threads_file
from pipeline.engine.config import cache_bytes
from pipeline.engine.doctor import examine
from pipeline.engine.parallel import Parallelism
from pipeline.engine.setup import EngineSetup
from pipeline.go.board import vertex_name
from pipeline.go.record import GameRecord, Player
from pipeline.inbox.intake import collect, read_all
from pipeline.report.render import default_templates
from pipeline.settings import FolderSettings, Settings
from pipeline.wording import benchmark as bench
from pipeline.wording import cli as words
from pipeline.wording import terms


def inspect_files(paths: Sequence[Path], folders: FolderSettings) -> list[dict[str, Any]]:
    """What the reader makes of files, one entry a game.

    Raises:
        ConfigError: no such file or folder.
        GameError: it cannot be read; the text says why.
    """
    intake = read_all(collect(paths), folders)
    for unread in (*intake.failures, *intake.own):
        raise unread.error
    return [_facts(game.record) for game in [*intake.games, *(game for game, _ in intake.duplicates)]]


def _facts(record: GameRecord) -> dict[str, Any]:
    info = record.info
    return {
        "file": record.source.file,
        "charset": record.source.charset,
        "index": record.source.index + 1,
        "games_in_file": record.source.games_in_file,
        "game_id": record.game_id,
        "black": asdict(info.black),
        "white": asdict(info.white),
        "board": [record.width, record.height],
        "moves": record.total_turns,
        "inserted_passes": [number for number, move in enumerate(record.moves, start=1) if move.inserted],
        "first_to_play": record.first_to_play.value,
        "komi": record.komi,
        "ruleset": record.ruleset.value,
        "handicap": record.handicap,
        "handicap_text": info.handicap_text,
        "setup_black": [vertex_name(p) for p in record.setup_black],
        "setup_white": [vertex_name(p) for p in record.setup_white],
        "date": info.date,
        "event": info.event,
        "result": {
            "kind": info.result.kind.value,
            "winner": info.result.winner.value if info.result.winner else None,
            "margin": info.result.margin,
            "raw": info.result.raw,
        },
        "read_from": dict(record.source.read_from),
        "corrections": [{"code": c.code, "text": c.text} for c in record.corrections],
    }


def lines_of(facts: dict[str, Any]) -> list[str]:
    """The facts of one game as lines to read."""
    label, result = words.INSPECT, facts["result"]
    rows = [
        (label["file"], facts["file"]),
        (label["charset"], facts["charset"]),
        (label["id"], facts["game_id"]),
        (label["black"], _player(facts["black"])),
        (label["white"], _player(facts["white"])),
        (label["board"], f"{facts['board'][0]}×{facts['board'][1]}"),
        (label["moves"], str(facts["moves"])),
        (label["komi"], terms.komi(facts["komi"], facts["ruleset"])),
        (label["handicap"], terms.handicap(facts["handicap"], facts["komi"], facts["handicap_text"])),
        (label["date"], terms.date(facts["date"]) if facts["date"] else label["none"]),
        (label["event"], facts["event"] or label["none"]),
        (label["result"], terms.result(result["kind"], result["winner"], result["margin"], facts["ruleset"])),
    ]
    lines = [words.INSPECT_LINE.format(name=name, value=value) for name, value in rows]
    if facts["games_in_file"] > 1:
        lines.insert(0, label["game"].format(index=facts["index"], total=facts["games_in_file"]))
    if facts["read_from"]:
        lines.append(words.INSPECT_LINE.format(name=label["read_from"], value="  ".join(facts["read_from"].values())))
    corrections = [f"  - {c['text']}" for c in facts["corrections"]]
    heading = words.INSPECT_LINE.format(name=label["corrections"], value="" if corrections else label["none"])
    return [*lines, heading, *corrections]


def _player(player: dict[str, str]) -> str:
    shown = Player(**player)
    return f"{shown.name} {shown.rank}".strip() or words.INSPECT["none"]


def engine_facts(setup: EngineSetup | None, parallelism: Parallelism | None = None) -> dict[str, Any]:
    """Which engine and network are in force, and how parallel, for programs; empty if there is none."""
    if setup is None:
        return {}
    return {
        **(_parallel_facts(parallelism) if parallelism else {}),
        "katago": str(setup.katago),
        "network": str(setup.network),
        "origin": setup.origin.value,
        "backend": setup.backend,
        "device": setup.device,
        "is_gpu": setup.is_gpu,
    }


def _parallel_facts(parallelism: Parallelism) -> dict[str, Any]:
    tuning = parallelism.tuning
    return {
        "analysis_threads": parallelism.threads.analysis,
        "search_threads": parallelism.threads.search,
        "threads_origin": parallelism.origin.value,
        "measured_at": tuning.measured_at if tuning else None,
        "measured_visits_per_second": tuning.visits_per_second if tuning else None,
        "measurements_damaged": parallelism.damaged or None,
        "cache_power": parallelism.cache_power,
        "gpus": list(parallelism.gpus),
    }


def _parallel_lines(facts: dict[str, Any]) -> list[str]:
    origin = bench.THREADS_ORIGINS[facts["threads_origin"]]
    if facts["threads_origin"] == "measured":
        speed = bench.speed(facts["measured_visits_per_second"])
        origin = bench.THREADS_MEASURED.format(date=facts["measured_at"][:10], speed=speed)
    threads = {"analysis": facts["analysis_threads"], "search": facts["search_threads"]}
    power = facts["cache_power"]
    rows = [
        (bench.THREADS_LABEL, bench.THREADS_INFO.format(**threads, origin=origin)),
        (bench.CACHE_LABEL, bench.CACHE_INFO.format(power=power, megabytes=cache_bytes(power) // 1_000_000)),
    ]
    if facts["gpus"]:
        numbers = words.LIST_COMMA.join(map(str, facts["gpus"]))
        rows.append((bench.GPUS_LABEL, bench.GPUS_INFO.format(count=len(facts["gpus"]), numbers=numbers)))
    lines = [words.INSPECT_LINE.format(name=name, value=value) for name, value in rows]
    if facts["measurements_damaged"]:
        lines.append(bench.THREADS_DAMAGED.format(path=threads_file(), detail=facts["measurements_damaged"]))
    return lines


def engine_lines(facts: dict[str, Any]) -> list[str]:
    """The same as lines to read."""
    label = words.ENGINE_INFO
    if not facts:
        return [label["missing"]]
    shown = {**facts, "origin": words.ORIGINS[facts["origin"]]}
    keys = ("katago", "network", "origin", "backend", "device")
    lines = [words.INSPECT_LINE.format(name=label[key], value=shown[key]) for key in keys if shown[key]]
    return [*lines, *_parallel_lines(facts)] if "threads_origin" in facts else lines


def doctor_report(settings: Settings) -> tuple[bool, list[dict[str, Any]], list[str]]:
    """Whether the machine is fit, the checks as data, and as lines to read."""
    items = examine(
        output=settings.output.folder,
        fonts=default_templates() / "fonts",
        settings_katago=settings.engine.katago,
        settings_network=settings.engine.network,
        prefer=settings.engine.prefer,
        backend=settings.engine.backend,
    )
    lines = []
    for item in items:
        mark = words.CHECK_OK if item.ok else words.CHECK_BAD
        lines.append(words.CHECK_LINE.format(mark=mark, name=item.name, detail=item.detail))
        if item.advice and not item.ok:
            lines.append(words.ADVICE_INDENT + words.ADVICE.format(advice=item.advice))
    healthy = all(item.ok for item in items)
    lines.append(words.HEALTHY if healthy else words.UNHEALTHY)
    return healthy, [asdict(item) for item in items], lines
