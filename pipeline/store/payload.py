"""One evaluation as a few hundred bytes: the journal's payload.

Little-endian columns, then zlib. Floats are IEEE single, as in the dataset, so
that an evaluation read from the journal equals the one read from Parquet.
A vertex takes two bytes: ``row * 19 + column``, 65535 for a pass.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any

from pipeline.evaluation import Candidate, Evaluation, HumanMove
from pipeline.go.board import MAX_SIZE, PASS, Color, Point, parse_vertex, vertex_name

VERSION = 1
# The same, and the moves of a human-style network after it.
VERSION_HUMAN = 2

_PASS = 0xFFFF
_HEAD = struct.Struct("<BBHI7fd16s")
_COUNTS = struct.Struct("<HHI")
_LEVEL_BYTES = 16
_MAX_BYTES = 4_000_000
_COMPRESSION = 1  # the journal is soon forgotten, and its writer is in a hurry
_VERTEX_NAMES = {
    row * MAX_SIZE + col: vertex_name(Point(col, row)) for row in range(MAX_SIZE) for col in range(MAX_SIZE)
} | {_PASS: PASS}
_VERTEX_CODES = {name: code for code, name in _VERTEX_NAMES.items()}


def encode(evaluation: Evaluation) -> bytes:
    """Compact bytes of an evaluation.

    Raises:
        ValueError: a vertex that is none, or a number out of range.
    """
    candidates = evaluation.candidates
    level = evaluation.level.encode()
    if len(level) > _LEVEL_BYTES:
        raise ValueError(f"level too long: {evaluation.level!r}")
    variations = [vertex for candidate in candidates for vertex in candidate.pv]
    try:
        parts = [
            _HEAD.pack(
                VERSION_HUMAN if evaluation.human else VERSION,
                evaluation.to_move is Color.WHITE,
                evaluation.turn,
                evaluation.visits,
                evaluation.winrate,
                evaluation.score_lead,
                evaluation.score_stdev,
                evaluation.raw_winrate,
                evaluation.raw_score_lead,
                evaluation.raw_st_wr_error,
                evaluation.raw_st_score_error,
                evaluation.engine_seconds,
                level,
            ),
            _COUNTS.pack(len(evaluation.ownership), len(candidates), len(variations)),
            _column("b", evaluation.ownership),
            _column("H", [_code(c.move) for c in candidates]),
            _column("H", [c.order for c in candidates]),
            _column("H", [len(c.pv) for c in candidates]),
            _column("I", [c.visits for c in candidates]),
            _column("f", [c.winrate for c in candidates]),
            _column("f", [c.score_lead for c in candidates]),
            _column("f", [c.score_stdev for c in candidates]),
            _column("f", [c.lcb for c in candidates]),
            _column("f", [c.prior for c in candidates]),
            _column("H", [_code(vertex) for vertex in variations]),
        ]
        if evaluation.human:
            parts.append(struct.pack("<H", len(evaluation.human)))
            parts.append(_column("H", [_code(h.move) for h in evaluation.human]))
            parts.append(_column("f", [h.probability for h in evaluation.human]))
    except (struct.error, OverflowError) as error:
        raise ValueError(f"evaluation of turn {evaluation.turn}: {error}") from error
    return zlib.compress(b"".join(parts), _COMPRESSION)


def decode(payload: bytes) -> Evaluation:
    """The evaluation that :func:`encode` wrote.

    Raises:
        ValueError: damaged, or written by a newer version.
    """
    try:
        inflater = zlib.decompressobj()
        data = inflater.decompress(payload, _MAX_BYTES)
        if data[:1] not in (bytes([VERSION]), bytes([VERSION_HUMAN])):
            raise ValueError(f"payload version {data[:1].hex()}")
        if not inflater.eof:
            raise ValueError("payload is cut off or too long")
        return _Reader(data).evaluation()
    except (zlib.error, struct.error, KeyError, UnicodeDecodeError) as error:
        raise ValueError(f"damaged payload: {error}") from error


def stored_form(evaluation: Evaluation) -> Evaluation:
    """The evaluation as it will read back: judging it gives the same verdicts now and after re-reading."""
    return decode(encode(evaluation))


def as_stored(value: float) -> float:
    """The nearest single-precision number: what the journal and the dataset keep."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def evaluation(self) -> Evaluation:
        version, is_white, turn, visits, *numbers, level = self._take(_HEAD)
        owned, count, pv_total = self._take(_COUNTS)
        ownership = self._column("b", owned)
        moves, orders, lengths = (self._column("H", count) for _ in range(3))
        counts = self._column("I", count)
        winrates, leads, stdevs, lcbs, priors = (self._column("f", count) for _ in range(5))
        variations = [_VERTEX_NAMES[code] for code in self._column("H", pv_total)]
        candidates: list[Candidate] = []
        start = 0
        for index in range(count):
            stop = start + lengths[index]
            candidates.append(
                Candidate(
                    _VERTEX_NAMES[moves[index]],
                    orders[index],
                    counts[index],
                    winrates[index],
                    leads[index],
                    stdevs[index],
                    lcbs[index],
                    priors[index],
                    tuple(variations[start:stop]),
                )
            )
            start = stop
        human: tuple[HumanMove, ...] = ()
        if version == VERSION_HUMAN:
            (count,) = self._take(struct.Struct("<H"))
            codes, chances = self._column("H", count), self._column("f", count)
            human = tuple(HumanMove(_VERTEX_NAMES[code], p) for code, p in zip(codes, chances, strict=True))
        winrate, lead, stdev, raw_winrate, raw_lead, raw_st_wr, raw_st_score, seconds = numbers
        return Evaluation(
            turn,
            Color.WHITE if is_white else Color.BLACK,
            visits,
            winrate,
            lead,
            stdev,
            raw_winrate,
            raw_lead,
            raw_st_wr,
            raw_st_score,
            tuple(candidates),
            ownership,
            level.rstrip(b"\0").decode(),
            seconds,
            human,
        )

    def _take(self, layout: struct.Struct) -> tuple[Any, ...]:
        values = layout.unpack_from(self._data, self._at)
        self._at += layout.size
        return values

    def _column(self, kind: str, count: int) -> tuple[Any, ...]:
        return self._take(struct.Struct(f"<{count}{kind}"))


def _column(kind: str, values: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(values)}{kind}", *values)


def _code(vertex: str) -> int:
    known = _VERTEX_CODES.get(vertex)
    if known is not None:
        return known
    point = parse_vertex(vertex, MAX_SIZE, MAX_SIZE)
    return _PASS if point is None else point.row * MAX_SIZE + point.col
