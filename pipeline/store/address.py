"""Where the state database is, and how a server is spoken to. A password given here reaches no message and no log."""

from __future__ import annotations

import importlib.util
from typing import Any

import sqlalchemy as sa

from pipeline.errors import ConfigError, DependencyError
from pipeline.wording.cluster import URL_REASONS

POSTGRESQL = "postgresql"
DRIVER = "psycopg"
CONNECT_SECONDS = 5
# A transaction takes milliseconds. What takes longer waits for a lock that a stopped machine holds.
LOCK_SECONDS = 20
STATEMENT_SECONDS = 60
IDLE_IN_TRANSACTION_SECONDS = 20

_SCHEMES = {"postgres", POSTGRESQL, f"{POSTGRESQL}+{DRIVER}"}


def parse_url(text: str) -> sa.URL:
    """The URL of a state database, with our driver.

    Raises:
        ConfigError: neither ``postgresql://`` nor ``sqlite:///``, or without a database.
        DependencyError: the driver is missing.
    """
    try:
        url = sa.make_url(text.strip())
        port = url.port
    except (sa.exc.ArgumentError, ValueError):
        # Not "from": the error may quote the URL.
        raise ConfigError("state.bad_url", why=URL_REASONS["form"]) from None
    if url.drivername == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ConfigError("state.bad_url", why=URL_REASONS["database"])
        return url
    if url.drivername not in _SCHEMES:
        raise ConfigError("state.bad_url", why=URL_REASONS["scheme"])
    if text.partition("?")[0].count("@") > 1 or (port is not None and not 0 < port < 65536):
        raise ConfigError("state.bad_url", why=URL_REASONS["password"])
    if not url.database:
        raise ConfigError("state.bad_url", why=URL_REASONS["database"])
    if importlib.util.find_spec(DRIVER) is None:
        raise DependencyError("state.no_driver", driver=DRIVER)
    query = dict(url.query)
    password = query.pop("password", None)
    url = url.set(drivername=f"{POSTGRESQL}+{DRIVER}", query=query)
    return url.set(password=str(password)) if password else url


def shown(url: sa.URL) -> str:
    """The address without what is secret."""
    if url.drivername == "sqlite":
        return str(url.database)
    user = f"{url.username}@" if url.username else ""
    port = f":{url.port}" if url.port else ""
    return f"{POSTGRESQL}://{user}{url.host or ''}{port}/{url.database}"


def server_options(url: sa.URL) -> dict[str, Any]:
    """Arguments of ``create_engine`` for a PostgreSQL server.

    A dead connection is noticed within half a minute on both ends (the
    system's own limit is two hours), and nobody waits for ever for a lock.
    """
    settings = {
        "lock_timeout": f"{LOCK_SECONDS}s",
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
        "tcp_keepalives_idle": "15",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
    }
    own = " ".join(f"-c {name}={value}" for name, value in settings.items())
    given = url.query.get("options", "")
    arguments = {
        "application_name": "fupan",
        "connect_timeout": CONNECT_SECONDS,
        "keepalives": 1,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
        "prepare_threshold": None,  # so that a connection pooler may stand between
        "options": f"{given} {own}".strip(),
    }
    return {"pool_pre_ping": True, "pool_size": 4, "max_overflow": 4, "connect_args": arguments}
