"""Tables of the dataset as CSV, JSON or XLSX.

CSV and XLSX hold plain cells: the candidates, the ownership and other nested
columns are left out but for the lists of texts, which are joined by blanks, and
the best candidate, which becomes ``best`` and ``best_visits``. JSON is an array
of objects with everything. CSV is UTF-8 with a byte order mark, so that a Chinese
Excel reads it; a text that a spreadsheet would take for a formula gets an
apostrophe before it.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.atomic import atomic_path
from pipeline.errors import StoreError
from pipeline.store.spreadsheet import MAX_ROWS, Sheet, write_xlsx

FORMATS = ("csv", "json", "xlsx")
TABLES = ("games", "moves", "positions")
BOM = b"\xef\xbb\xbf"
BLOCK = 1 << 20
FETCH = 10_000

_ORDER = {
    "games": "date, game_id, profile_id",
    "moves": "game_id, profile_id, move_number",
    "positions": "game_id, profile_id, turn",
}
_LISTS = {"games": ("setup_black", "setup_white"), "moves": ("tags",), "positions": ()}
_DROPPED = {"games": ("corrections",), "moves": (), "positions": ("candidates", "ownership")}
_EXTRA = {
    "games": "array_to_string([c.text for c in corrections], ' ') AS corrections",
    "moves": "",
    "positions": "candidates[1].move AS best, candidates[1].visits AS best_visits",
}


def export_table(dataset: Path, table: str, path: Path, kind: str) -> int:
    """Write one table; returns the number of rows.

    Raises:
        StoreError: the disk is full, a file is damaged, or too many rows for a spreadsheet.
        ConfigError: the folder may not be written to.
    """
    db = duckdb.connect()
    try:
        files = _quoted(dataset / table / "*.parquet")
        db.execute(f"CREATE TEMP VIEW source AS SELECT * FROM read_parquet({files}, union_by_name = true)")
        row = db.execute("SELECT count(*) FROM source").fetchone()
        count = int(row[0]) if row else 0
        query = f"SELECT * FROM source ORDER BY {_ORDER[table]}" if kind == "json" else _flat(db, table)
        with atomic_path(path) as temporary:
            if kind == "xlsx":
                if count >= MAX_ROWS:
                    raise StoreError("export.too_long", path=path, rows=count, limit=MAX_ROWS - 1)
                cursor = db.execute(query)
                names = [str(column[0]) for column in cursor.description or ()]
                write_xlsx(temporary, [Sheet(table, names, iter(lambda: cursor.fetchmany(FETCH), []))])
            elif kind == "json":
                db.execute(f"COPY ({query}) TO {_quoted(temporary)} (FORMAT json, ARRAY true)")
            else:
                body = temporary.with_suffix(".part")
                try:
                    db.execute(f"COPY ({query}) TO {_quoted(body)} (FORMAT csv, HEADER true)")
                    _with_mark(body, temporary)
                finally:
                    body.unlink(missing_ok=True)
        return count
    except duckdb.Error as error:
        raise StoreError("export.failed", path=path, detail=error) from error
    finally:
        db.close()


def _flat(db: duckdb.DuckDBPyConnection, table: str) -> str:
    kinds = {str(name): str(kind) for name, kind, *_ in db.execute("DESCRIBE source").fetchall()}
    columns = []
    for name, kind in kinds.items():
        if name in _DROPPED[table]:
            continue
        text = f"array_to_string({name}, ' ')" if name in _LISTS[table] else name
        if kind == "VARCHAR" or name in _LISTS[table]:
            text = f"if(regexp_matches({text}, '^[=+@\\t\\r-]'), '''' || {text}, {text})"
        columns.append(f"{text} AS {name}")
    columns += [_EXTRA[table]] if _EXTRA[table] else []
    return f"SELECT {', '.join(columns)} FROM source ORDER BY {_ORDER[table]}"


def _with_mark(body: Path, target: Path) -> None:
    with body.open("rb") as source, target.open("wb") as out:
        out.write(BOM)
        while block := source.read(BLOCK):
            out.write(block)


def _quoted(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"'{text}'"
