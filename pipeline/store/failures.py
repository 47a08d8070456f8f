"""What errors of the state database mean: for the user, and for whether trying again may help."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from pipeline.errors import StoreError

# Errors that pass by themselves: the server restarts, or another transaction was in the way.
PASSING = frozenset({"store.unreachable", "store.busy"})
FULL_BYTES = 100_000

_BUSY = frozenset({"40001", "40P01", "55P03", "57014"})
_GONE = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "25P04", "25006", "53300"})
_LOGIN = ("authentication failed", "no password supplied", "does not exist", "no pg_hba.conf entry")


def store_error(error: Exception, place: str, *, secret: str = "") -> StoreError:
    """What a failure of the database means for the user.

    Args:
        error: as raised by SQLAlchemy or the driver.
        place: file or address.
        secret: a text that must not be repeated.
    """
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = str(cause).replace(secret, "***") if secret else str(cause)
    code = _server_code(error, cause, text) if place.startswith("postgresql:") else _file_code(text, place)
    return StoreError(code, path=place, detail=" ".join(text.split()))


def _server_code(error: Exception, cause: BaseException, text: str) -> str:
    state = getattr(cause, "sqlstate", None) or ""
    if state in _BUSY:
        return "store.busy"
    if state.startswith("53") and state != "53300":
        return "store.disk_full"
    if state == "42501":
        return "store.forbidden"
    if state.startswith("28") or state == "3D000" or (not state and any(sign in text for sign in _LOGIN)):
        return "store.login"
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or state in _GONE or state.startswith("08") or (not state and type(cause).__name__ == "OperationalError"):
        return "store.unreachable"
    return "store.database"


def _file_code(text: str, place: str) -> str:
    lowered = text.casefold()
    # Without room for its shared memory SQLite speaks of an I/O error only.
    if "disk is full" in lowered or "no space left" in lowered or ("disk i/o" in lowered and _is_full(place)):
        return "store.disk_full"
    if "is locked" in lowered:
        return "store.locked"
    if "malformed" in lowered or "not a database" in lowered:
        return "store.corrupt"
    if "readonly" in lowered or "unable to open" in lowered:
        return "store.unwritable_database"
    return "store.database"


def _is_full(place: str) -> bool:
    try:
        return shutil.disk_usage(Path(place).parent).free < FULL_BYTES
    except OSError:
        return False
