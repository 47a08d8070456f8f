"""The SGF reader: bytes to game records."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from pipeline.errors import GameError
from pipeline.go.assemble import build_record
from pipeline.go.charset import Decoded, decode
from pipeline.go.defaults import ReadDefaults
from pipeline.go.record import Correction, GameRecord, Source
from pipeline.go.refusal import ReadError
from pipeline.go.scan import ScannedGame, scan
from pipeline.go.text import clean, cut

__all__ = ["MAX_BYTES", "ReadDefaults", "read_sgf"]

MAX_BYTES = 4_000_000
_NO_DEFAULTS = ReadDefaults()
_BINARY_STARTS = (b"\x1f\x8b", b"PK\x03\x04", b"\x89PNG", b"%PDF", b"\xff\xd8\xff", b"7z\xbc\xaf", b"Rar!")


def read_sgf(data: bytes, *, file: str = "", defaults: ReadDefaults = _NO_DEFAULTS) -> tuple[GameRecord, ...]:
    """Every game of an SGF file, main lines only, in the order of the file.

    A game of a collection that cannot be read is left out and named in the
    corrections of the first game that can.

    Args:
        data: the whole file.
        file: its name, for messages and the record's source; never opened.
        defaults: what to assume or force.

    Raises:
        GameError: nothing in the file can be analysed; the code says why.
    """
    return read_decoded(check_bytes(data, file), data, file=file, defaults=defaults)


def check_bytes(data: bytes, file: str) -> Decoded:
    """Decode a file after refusing what cannot be a text file.

    Raises:
        GameError: too large, empty, or a binary format.
    """
    if len(data) > MAX_BYTES:
        raise GameError("game.too_large", file=printable(file), size=len(data))
    if not data.strip(b"\x00\t\n\r \xef\xbb\xbf"):
        raise GameError("game.empty", file=printable(file))
    if data.startswith(_BINARY_STARTS):
        raise GameError("game.not_sgf", file=printable(file))
    return decode(data)


def read_decoded(decoded: Decoded, data: bytes, *, file: str, defaults: ReadDefaults) -> tuple[GameRecord, ...]:
    """Games of a text that is already decoded; ``data`` is what its hash is taken of."""
    try:
        scanned = scan(decoded.text, max_games=defaults.max_games)
    except ReadError as error:
        raise error.of_file(printable(file)) from error
    return build_all(scanned, decoded, data, file=file, defaults=defaults)


def build_all(
    scanned: tuple[ScannedGame, ...], decoded: Decoded, data: bytes, *, file: str, defaults: ReadDefaults
) -> tuple[GameRecord, ...]:
    """Records of all scanned games that make one.

    Raises:
        GameError: that of the first game, when there is none.
    """
    digest = hashlib.sha256(data).hexdigest()
    records: list[GameRecord] = []
    skipped: list[Correction] = []
    first_error: GameError | None = None
    for index, game in enumerate(scanned):
        source = Source(printable(file), digest, decoded.charset, index, len(scanned))
        try:
            record = build_record(game, source=source, defaults=defaults)
        except ReadError as error:
            named = error.of_file(printable(file))
            first_error = first_error or named
            skipped.append(Correction.of("file.game_skipped", n=index + 1, total=len(scanned), reason=named.message))
            continue
        notes = decoded.corrections
        if len(scanned) > 1:
            notes = (*notes, Correction.of("file.collection", n=index + 1, total=len(scanned)))
        records.append(with_corrections(record, notes))
    if not records:
        raise first_error or GameError("game.not_sgf", file=printable(file))
    if skipped:
        records[0] = with_corrections(records[0], tuple(skipped[:5]))
    return tuple(records)


def with_corrections(record: GameRecord, first: tuple[Correction, ...]) -> GameRecord:
    """The record with these corrections in front of its own."""
    return replace(record, corrections=tuple(dict.fromkeys((*first, *record.corrections))))


def printable(file: str) -> str:
    """A file name that can be shown and stored."""
    return cut(clean(file), 200)[0]
