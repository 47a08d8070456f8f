"""The layout of the state database: made once, mended when it is older, refused when it is newer.

Several machines may start at the same moment: on a server one of them holds a
lock until the layout stands; on SQLite a transaction is a lock.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from pipeline.errors import StoreError

VERSION = 1  # raised when an older program could no longer work with the tables
LOCK_LAYOUT, LOCK_INTAKE = 0x66757001, 0x66757002

_metadata = sa.MetaData()
_LAYOUTS = sa.Table(
    "state_layout",
    _metadata,
    sa.Column("part", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
)


def ensure_layout(connection: sa.Connection, metadata: sa.MetaData, place: str) -> None:
    """Make what is missing of these tables: whole tables, columns that have a default, indices.

    Raises:
        StoreError: a newer program made them.
    """
    part, fingerprint = min(metadata.tables), _fingerprint(metadata)
    if sa.inspect(connection).has_table(_LAYOUTS.name) and _is_current(connection, part, fingerprint, place):
        return
    lock(connection, LOCK_LAYOUT)
    _metadata.create_all(connection)
    if _is_current(connection, part, fingerprint, place):
        return
    metadata.create_all(connection)
    inspector = sa.inspect(connection)
    for table in metadata.sorted_tables:
        known = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                spelled = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {spelled}")
        for index in table.indexes:
            index.create(connection, checkfirst=True)
    connection.execute(sa.delete(_LAYOUTS).where(_LAYOUTS.c.part == part))
    connection.execute(sa.insert(_LAYOUTS).values(part=part, version=VERSION, fingerprint=fingerprint))


def lock(connection: sa.Connection, number: int) -> None:
    """Be the only one in this matter until the transaction ends; on SQLite the only writer at all."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
    else:
        begin_writing(connection)


def begin_writing(connection: sa.Connection) -> None:
    """On SQLite: what is read from now on stays true until it is written; Python begins at the first write only."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _is_current(connection: sa.Connection, part: str, fingerprint: str, place: str) -> bool:
    row = connection.execute(sa.select(_LAYOUTS).where(_LAYOUTS.c.part == part)).one_or_none()
    if row is not None and row.version > VERSION:
        raise StoreError("store.newer_database", path=place, found=row.version, supported=VERSION)
    return row is not None and row.fingerprint == fingerprint


def _fingerprint(metadata: sa.MetaData) -> str:
    names = [
        f"{table.name}:{sorted(column.name for column in table.columns)}:{sorted(str(i.name) for i in table.indexes)}"
        for table in metadata.sorted_tables
    ]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
