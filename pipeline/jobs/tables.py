"""The tables of the queue, in the state database beside the evaluation journal.

``jobs`` holds one row a game and level, ``sources`` the bytes of the files
they came from (so that a job outlives the file in the inbox), ``inbox_files``
what became of each file, ``orders`` the settings that files came with, ``workers``
who is at work, ``incidents`` trouble that mended itself, ``control`` switches. Paths are bytes: file names need not be
valid text.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from pipeline.jobs.model import WORKED_ON, Failure, Job, JobState, Level

METADATA = sa.MetaData()


class Words(sa.TypeDecorator[str]):
    """Text from outside: what no database takes (NUL, half surrogates) is replaced."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """The text as it can be stored."""
        if value is None:
            return None
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("game_id", sa.String(32), nullable=False),
    sa.Column("level", sa.String(8), nullable=False),
    sa.Column("profile_id", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("class_name", Words, nullable=False, default=""),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("game_index", sa.Integer, nullable=False, default=0),
    sa.Column("assumptions", sa.Text, nullable=False, default="{}"),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("started_at", sa.Float),
    sa.Column("finished_at", sa.Float),
    sa.Column("not_before", sa.Float, nullable=False, default=0.0),
    sa.Column("owner", sa.String(64)),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("losses", sa.Integer, nullable=False, default=0),
    sa.Column("positions", sa.Integer, nullable=False, default=0),
    sa.Column("positions_done", sa.Integer, nullable=False, default=0),
    sa.Column("visits_expected", sa.BigInteger, nullable=False, default=0),
    sa.Column("visits_done", sa.BigInteger, nullable=False, default=0),
    sa.Column("visits_foreseen", sa.BigInteger),  # as visits_expected, by the worker that has it
    sa.Column("report", Words, nullable=False, default=""),
    sa.Column("error_code", sa.String(64), nullable=False, default=""),
    sa.Column("error_message", Words, nullable=False, default=""),
    sa.Column("error_advice", Words, nullable=False, default=""),
    sa.Column("network", sa.String(255), nullable=False, server_default=""),  # empty: any
    sa.Column("orders", sa.String(16), nullable=False, server_default=""),
    sa.UniqueConstraint("game_id", "level"),
    sa.Index("jobs_in_turn", "state", "priority", "id"),
    sa.Index("jobs_by_level", "state", "level", "priority", "id"),
    sa.Index("jobs_of_owner", "owner"),
    sa.Index("jobs_by_source", "source"),
)

SOURCES = sa.Table(
    "sources",
    METADATA,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),  # zlib
)

ORDERS = sa.Table(
    "orders",
    METADATA,
    sa.Column("key", sa.String(16), primary_key=True),  # hash of the data
    sa.Column("data", sa.Text, nullable=False),
)

FILES = sa.Table(
    "inbox_files",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("path", sa.LargeBinary, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("class_name", Words, nullable=False, default=""),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("target", sa.LargeBinary, nullable=False),
    sa.Column("moved", sa.Boolean, nullable=False, default=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("error_code", sa.String(64), nullable=False, default=""),
    sa.Column("error_message", Words, nullable=False, default=""),
    sa.Column("error_advice", Words, nullable=False, default=""),
    sa.Index("files_to_move", "moved", "path"),
)

WORKERS = sa.Table(
    "workers",
    METADATA,
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("host", Words, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("inbox", Words, nullable=False, default=""),
    sa.Column("phase", sa.String(16), nullable=False),
    sa.Column("started_at", sa.Float, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False),
    sa.Column("speed", sa.Float, nullable=False, default=0.0),  # visits a second
    sa.Column("engine", Words, nullable=False, default=""),
    sa.Column("trouble", Words, nullable=False, default=""),
    sa.Column("network", sa.String(255), nullable=False, server_default=""),  # empty: takes none or any
    sa.Column("seconds_left", sa.Float),  # when it was seen, until all that it knows of is done; null: not forecast
)

INCIDENTS = sa.Table(
    "incidents",
    METADATA,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Index("incidents_in_order", "at"),
)

CONTROL = sa.Table(
    "control",
    METADATA,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


def failure_of(row: sa.Row[Any]) -> Failure | None:
    """The failure that a row of ``jobs`` or ``inbox_files`` tells of."""
    return Failure(row.error_code, row.error_message, row.error_advice) if row.error_code else None


def failure_values(failure: Failure | None) -> dict[str, str]:
    """The columns for a failure, or for none."""
    found = failure or Failure("", "", "")
    return {"error_code": found.code, "error_message": found.message, "error_advice": found.advice}


def job_of(row: sa.Row[Any]) -> Job:
    """A row of ``jobs`` as a value; what its worker foresees holds only as long as it has it."""
    is_foreseen = row.visits_foreseen is not None and row.state in WORKED_ON
    return Job(
        id=row.id,
        game_id=row.game_id,
        level=Level(row.level),
        profile_id=row.profile_id,
        state=JobState(row.state),
        name=row.name,
        group=row.class_name,
        source=row.source,
        index=row.game_index,
        assumptions=row.assumptions,
        priority=row.priority,
        created_at=row.created_at,
        updated_at=row.updated_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        not_before=row.not_before,
        owner=row.owner,
        attempts=row.attempts,
        losses=row.losses,
        positions=row.positions,
        positions_done=row.positions_done,
        visits_expected=row.visits_foreseen if is_foreseen else row.visits_expected,
        visits_done=row.visits_done,
        report=row.report,
        failure=failure_of(row),
        network=row.network,
        orders=row.orders,
    )
