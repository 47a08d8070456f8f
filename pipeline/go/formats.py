"""One door for game files of every supported format: SGF, GIB, NGF, UGF, UGI, and a ZIP or GZIP of them."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

from pipeline.errors import GameError
from pipeline.go.defaults import ReadDefaults
from pipeline.go.record import Correction, GameRecord
from pipeline.go.refusal import ReadError
from pipeline.go.server_formats import scan_gib, scan_ngf, scan_ugf
from pipeline.go.sgf import MAX_BYTES, build_all, check_bytes, printable, read_decoded, with_corrections

__all__ = ["SUPPORTED_SUFFIXES", "ReadDefaults", "read_game_file"]

SUPPORTED_SUFFIXES = frozenset({".sgf", ".gib", ".ngf", ".ugf", ".ugi", ".zip"})
_GAME_SUFFIXES = SUPPORTED_SUFFIXES - {".zip"}
MAX_ARCHIVE_BYTES = 32_000_000
MAX_MEMBERS = 1_000
MAX_RATIO = 200
MAX_UNPACKED = 64_000_000
_NO_DEFAULTS = ReadDefaults()
_GIB = re.compile(r"\\HS|\\\[GIBOKIND=|\\\[GAMEBLACKNAME=")
_NGF = re.compile(r"^PM[A-Z]{2}[BW][A-Z]{4}", re.MULTILINE)
_UGF = re.compile(r"^\[Header\]", re.MULTILINE | re.IGNORECASE)
_UTF8_NAME = 0x800


def read_game_file(data: bytes, *, file: str, defaults: ReadDefaults = _NO_DEFAULTS) -> tuple[GameRecord, ...]:
    """Every game of a file, whatever its format; the content decides, then the suffix.

    Args:
        data: the whole file.
        file: its name, for messages and the record's source; never opened.
        defaults: what to assume or force.

    Raises:
        GameError: nothing in the file can be analysed; the code says why.
    """
    file = printable(file)
    if data.startswith(b"PK\x03\x04"):
        return _read_zip(data, file, defaults)
    if data.startswith(b"\x1f\x8b"):
        return _read_single(_gunzip(data, file), file, defaults)
    return _read_single(data, file, defaults)


def _read_single(data: bytes, file: str, defaults: ReadDefaults) -> tuple[GameRecord, ...]:
    decoded = check_bytes(data, file)
    head = decoded.text[:4_000]
    suffix = PurePosixPath(file).suffix.lower()
    try:
        if _GIB.search(head):
            scanned = scan_gib(decoded.text)
        elif _UGF.search(head):
            scanned = scan_ugf(decoded.text)
        elif _NGF.search(head) and (suffix == ".ngf" or "(;" not in head):
            scanned = scan_ngf(decoded.text)
        else:
            return read_decoded(decoded, data, file=file, defaults=defaults)
    except ReadError as error:
        raise error.of_file(file) from error
    return build_all((scanned,), decoded, data, file=file, defaults=defaults)


def _gunzip(data: bytes, file: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise GameError("game.bad_archive", file=file) from error
    if len(body) > MAX_BYTES:
        raise GameError("game.too_large", file=file, size=len(body))
    if not body or not unpacker.eof:
        raise GameError("game.bad_archive", file=file)
    return body


def _read_zip(data: bytes, file: str, defaults: ReadDefaults) -> tuple[GameRecord, ...]:
    if len(data) > MAX_ARCHIVE_BYTES:
        raise GameError("game.too_large", file=file, size=len(data))
    members = _unpack(data, file)
    records: list[GameRecord] = []
    skipped: list[Correction] = []
    first_error: GameError | None = None
    for name, body in members:
        inner = f"{file}/{name}"
        try:
            records += _read_single(body, inner, defaults)
        except GameError as error:
            first_error = first_error or error
            skipped.append(Correction.of("file.member_skipped", name=name[:80], reason=error.message))
        if len(records) > defaults.max_games:
            raise GameError("game.too_many_games", file=file, limit=defaults.max_games)
    if not records:
        raise first_error or GameError("game.empty_archive", file=file)
    if skipped:
        records[0] = with_corrections(records[0], tuple(skipped[:5]))
    return tuple(records)


def _unpack(data: bytes, file: str) -> list[tuple[str, bytes]]:
    """Names and contents of the game files in an archive, within all limits; nothing is written to disk."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_MEMBERS:
                raise GameError("game.archive_limits", file=file)
            wanted = [(i, n) for i in infos if PurePosixPath(n := _member_name(i)).suffix.lower() in _GAME_SUFFIXES]
            wanted = [(i, n) for i, n in wanted if not i.is_dir() and "__MACOSX" not in n]
            total = sum(info.file_size for info, _ in wanted)
            packed = sum(info.compress_size for info, _ in wanted)
            if total > MAX_UNPACKED or total > MAX_RATIO * max(packed, 1_000):
                raise GameError("game.archive_limits", file=file)
            members: list[tuple[str, bytes]] = []
            for info, name in wanted:
                if info.flag_bits & 1:
                    raise GameError("game.archive_encrypted", file=file)
                with archive.open(info) as stream:
                    # The sizes in the directory may lie: never take more than a game file may have.
                    members.append((name, stream.read(MAX_BYTES + 1)))
            return members
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise GameError("game.bad_archive", file=file) from error


def _member_name(info: zipfile.ZipInfo) -> str:
    """Last part of a member's name; Chinese Windows writes it in GBK without saying so."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437", "replace")
        for codec in ("utf-8", "gb18030"):
            try:
                name = raw.decode(codec)
                break
            except UnicodeDecodeError:
                continue
    return PurePosixPath(name.replace("\\", "/")).name
