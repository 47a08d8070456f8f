"""The inbox's side of the queue: a file and all that follows from it become durable in one transaction."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipeline.jobs.model import PRIORITY, Arrival, Failure, FileOutcome, JobState, Level, NewGame
from pipeline.jobs.tables import FILES, JOBS, ORDERS, SOURCES, failure_of, failure_values
from pipeline.store.database import Database

_AGAIN = frozenset({JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of the inbox: where it lies, its content's hash, its class. ``name`` can be shown."""

    path: bytes
    name: str
    sha256: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a file, durable by now; ``target`` is where it is to be moved."""

    id: int
    outcome: FileOutcome
    target: bytes
    failure: Failure | None = None
    games: int = 0  # new or taken up again
    is_repeat: bool = False  # decided before, by a run that did not come to moving the file


@dataclass(frozen=True, slots=True)
class OpenMove:
    """A file that was decided about and may not have been moved."""

    decision: Decision
    path: bytes
    sha256: str


class Register:
    """Takes files in. Safe for several threads and processes.

    Args:
        database: the state database with :data:`pipeline.jobs.tables.METADATA`.
        clock: seconds since 1970; by default the clock that all machines share.

    Raises:
        StoreError: every method, when the database cannot be used.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] | None = None) -> None:
        self._database = database
        self._clock = clock

    def earlier(self, entry: FileEntry) -> Decision | None:
        """The decision about this very file whose move was not noted as done."""
        query = (
            sa.select(FILES)
            .where(FILES.c.path == entry.path, FILES.c.sha256 == entry.sha256, FILES.c.moved.is_(False))
            .order_by(FILES.c.id.desc())
            .limit(1)
        )
        with self._database.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return _decision(row) if row else None

    def unmoved(self) -> list[OpenMove]:
        """All files whose move was not noted as done, oldest first."""
        query = sa.select(FILES).where(FILES.c.moved.is_(False)).order_by(FILES.c.id)
        with self._database.transaction() as connection:
            rows = connection.execute(query).all()
        return [OpenMove(_decision(row), row.path, row.sha256) for row in rows]

    def accept(
        self,
        entry: FileEntry,
        data: bytes,
        arrival: Arrival,
        *,
        place: Callable[[FileOutcome], bytes],
    ) -> Decision:
        """Commit a file that holds games: its bytes, its jobs, and where it is to be moved.

        A game that is known, or in the queue already, brings no job; one that
        failed or was cancelled is taken up again.

        Args:
            entry: the file.
            data: its bytes.
            arrival: what was read from it.
            place: chooses the target of the move.
        """
        now = self._database.now(self._clock)
        source = {"sha256": entry.sha256, "name": entry.name, "data": zlib.compress(data)}
        orders = hashlib.sha256(arrival.orders.encode()).hexdigest()[:16] if arrival.orders else ""
        common = {
            "source": entry.sha256,
            "assumptions": arrival.assumptions,
            "class_name": entry.group,
            "network": arrival.network,
            "orders": orders,
        }
        with self._database.intake() as connection:
            connection.execute(self._database.insert(SOURCES).values(**source).on_conflict_do_nothing())
            if orders:
                order = self._database.insert(ORDERS).values(key=orders, data=arrival.orders)
                connection.execute(order.on_conflict_do_nothing())
            taken = sum(self._enqueue(connection, game, common, now) for game in arrival.games)
            outcome = FileOutcome.TAKEN if taken else FileOutcome.DUPLICATE
            if not taken:
                used = sa.exists().where(JOBS.c.source == entry.sha256, JOBS.c.state != JobState.DONE)
                connection.execute(sa.delete(SOURCES).where(SOURCES.c.sha256 == entry.sha256, sa.not_(used)))
            return self._note(connection, entry, outcome, place(outcome), games=taken)

    def refuse(self, entry: FileEntry, failure: Failure, *, place: Callable[[FileOutcome], bytes]) -> Decision:
        """Commit that a file cannot be analysed, and why."""
        with self._database.transaction() as connection:
            return self._note(connection, entry, FileOutcome.FAILED, place(FileOutcome.FAILED), failure=failure)

    def retarget(self, decision: Decision, target: bytes) -> Decision:
        """Move the file somewhere else, because the place was taken meanwhile."""
        with self._database.transaction() as connection:
            connection.execute(sa.update(FILES).where(FILES.c.id == decision.id).values(target=target))
        return Decision(decision.id, decision.outcome, target, decision.failure, decision.games, decision.is_repeat)

    def moved(self, decision: Decision) -> None:
        """The file has left the inbox."""
        with self._database.transaction() as connection:
            connection.execute(sa.update(FILES).where(FILES.c.id == decision.id).values(moved=True))

    def _enqueue(
        self, connection: sa.Connection, game: NewGame, common: dict[str, Any], now: sa.ColumnElement[float]
    ) -> bool:
        """Whether the game brought work."""
        rows = connection.execute(sa.select(JOBS).where(JOBS.c.game_id == game.game_id)).all()
        known = {Level(row.level): row for row in rows}
        if game.is_known and not any(JobState(row.state).is_open for row in rows):
            return False
        brought = False
        for level, visits in game.visits.items():
            row = known.get(level)
            values = {
                **common,
                "name": game.name,
                "profile_id": game.profile_id,
                "game_index": game.index,
                "positions": game.positions,
                "visits_expected": visits,
                "updated_at": now,
            }
            fresh = {"state": JobState.QUEUED, "created_at": now, "priority": PRIORITY[level], **values}
            if row is None:
                connection.execute(sa.insert(JOBS).values(game_id=game.game_id, level=level, **fresh))
            elif row.state in _AGAIN or (row.state == JobState.DONE and row.profile_id != game.profile_id):
                reset = {"attempts": 0, "losses": 0, "not_before": 0.0, "positions_done": 0, "visits_done": 0}
                again = {**fresh, **reset, **failure_values(None), "started_at": None, "finished_at": None}
                connection.execute(sa.update(JOBS).where(JOBS.c.id == row.id).values(**again))
            else:
                continue
            brought = True
        return brought

    def _note(
        self,
        connection: sa.Connection,
        entry: FileEntry,
        outcome: FileOutcome,
        target: bytes,
        *,
        failure: Failure | None = None,
        games: int = 0,
    ) -> Decision:
        made = connection.execute(
            sa.insert(FILES).values(
                path=entry.path,
                sha256=entry.sha256,
                name=entry.name,
                class_name=entry.group,
                outcome=outcome,
                target=target,
                moved=False,
                at=self._database.now(self._clock),
                **failure_values(failure),
            )
        )
        assert made.inserted_primary_key is not None
        return Decision(int(made.inserted_primary_key[0]), outcome, target, failure, games)


def _decision(row: sa.Row[Any]) -> Decision:
    return Decision(row.id, FileOutcome(row.outcome), row.target, failure_of(row), is_repeat=True)
