"""Parquet files of the dataset: written whole and checked, read with any older schema version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.atomic import atomic_path
from pipeline.errors import StoreError
from pipeline.store import schema

COMPRESSION_LEVEL = 9


def write_table(path: Path, table: pa.Table) -> None:
    """Publish a table atomically, after reading the written bytes back.

    Raises:
        StoreError: the disk is full, or what was written reads differently.
        ConfigError: the folder may not be written to.
    """
    with atomic_path(path) as temporary:
        with temporary.open("wb") as stream:  # Arrow itself cannot open every name that Python can
            pq.write_table(table, stream, compression="zstd", compression_level=COMPRESSION_LEVEL)
        if not _read_raw(temporary).equals(table):
            raise StoreError("store.write_failed", path=path, detail="read back differs")


def read_table(path: Path, table_name: str, columns: list[str] | None = None) -> pa.Table:
    """A file's rows in today's columns and types; columns that an older version lacks are null.

    Raises:
        FileNotFoundError: there is no such file.
        StoreError: damaged, or written by a newer version.
    """
    return _conform(_read_raw(path, columns), schema.TABLES[table_name], columns, path)


def _read_raw(path: Path, columns: list[str] | None = None) -> pa.Table:
    try:
        with path.open("rb") as stream, pq.ParquetFile(stream) as file:
            known = None if columns is None else [name for name in columns if name in file.schema_arrow.names]
            return file.read(columns=known)
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        raise StoreError("store.bad_dataset", path=path, detail=error) from error


def _conform(table: pa.Table, wanted: pa.Schema, columns: list[str] | None, path: Path) -> pa.Table:
    """The table in today's columns and types: forward reading of older versions."""
    found = (table.schema.metadata or {}).get(schema.VERSION_KEY, b"").decode("ascii", "replace")
    if not found.isdigit():
        raise StoreError("store.bad_dataset", path=path, detail="no schema version")
    if int(found) > schema.SCHEMA_VERSION:
        raise StoreError("store.newer_schema", path=path, found=found, supported=schema.SCHEMA_VERSION)
    fields = [field for field in wanted if columns is None or field.name in columns]
    try:
        arrays: list[Any] = [
            table.column(field.name).cast(field.type)
            if field.name in table.column_names
            else pa.nulls(table.num_rows, field.type)
            for field in fields
        ]
    except pa.ArrowException as error:
        raise StoreError("store.bad_dataset", path=path, detail=error) from error
    return pa.Table.from_arrays(arrays, names=[field.name for field in fields])
