"""Run the dashboard until it is told to stop."""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from pipeline.dashboard.pages import Site, create_app
from pipeline.errors import ConfigError
from pipeline.exits import StopRequested
from pipeline.settings import Settings
from pipeline.wording import dashboard as words

LOOPBACK = "127.0.0.1"
MAX_CONNECTIONS = 100
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


def serve(settings: Settings, *, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serve the dashboard of the output folder until Ctrl-C.

    Args:
        settings: settings in force.
        host: address to listen at.
        port: 0 for any that is free.
        say: tells the user where to look.

    Raises:
        ConfigError: the address is no address of this machine, or the port is taken.
    """
    listening = _listen(host, port)
    address = listening.getsockname()
    is_open = not _is_loopback(str(address[0]))
    site = Site(
        settings=settings,
        hosts=LOOPBACK_NAMES | ({host.lower(), *_own_names()} if is_open else set()),
        any_address=is_open,
    )
    server = uvicorn.Server(server_config(create_app(site)))
    # In a thread of its own it leaves our handling of signals alone.
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="dashboard", daemon=True)
    thread.start()
    say(words.SERVING.format(url=f"http://{_shown(str(address[0]))}:{address[1]}/"))
    if is_open:
        say(words.OPEN_TO_ALL)
    try:
        while thread.is_alive():
            thread.join(timeout=1.0)
    except (KeyboardInterrupt, StopRequested):
        say(words.CLOSED)
    finally:
        server.should_exit = True
        thread.join(timeout=5.0)
        listening.close()


def server_config(app: Starlette) -> uvicorn.Config:
    """One small server, silent and without what a read-only page needs not."""
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=2,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise ConfigError("dashboard.bad_host", host=host, detail=error) from error
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would let two programs share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(MAX_CONNECTIONS)
    except (OSError, OverflowError) as error:
        listening.close()
        detail = getattr(error, "strerror", None) or error
        raise ConfigError("dashboard.cannot_listen", host=host, port=port, detail=detail) from error
    return listening


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _shown(address: str) -> str:
    if ipaddress.ip_address(address.partition("%")[0]).is_unspecified:
        address = _own_address()
    return f"[{address}]" if ":" in address else address


def _own_names() -> set[str]:
    name = socket.gethostname().lower()
    return {name, f"{name}.local", name.partition(".")[0]}


def _own_address() -> str:
    """The address under which others in the network reach this machine; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return LOOPBACK
