"""What must be in order before anything is started; each failure is one plain sentence."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from pathlib import Path

from webapp.settings import Settings
from webapp.supervisor import CannotStart

BACKLOG = 1024


def prepare_data_dir(data_dir: Path) -> None:
    """Make the data directory, for this user alone.

    Raises:
        CannotStart: it cannot be made or written to.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("run", "logs"):
            (data_dir / name).mkdir(exist_ok=True, mode=0o700)
        data_dir.chmod(0o700)
    except OSError as error:
        raise CannotStart(
            f"The data directory {data_dir} cannot be used: {error.strerror}. Choose another one with HEDGEROW_DATA."
        ) from error
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise CannotStart(f"The data directory {data_dir} cannot be written to. Choose another one with HEDGEROW_DATA.")


def check_free_disk(settings: Settings) -> None:
    """Refuse to start on a disk that is nearly full: ClickHouse would fail later, and less plainly.

    Raises:
        CannotStart: less is free than HEDGEROW_MIN_FREE_BYTES.
    """
    free = shutil.disk_usage(settings.data_dir).free
    if free < settings.min_free_bytes:
        raise CannotStart(
            f"Only {_mib(free)} MiB are free on the disk of {settings.data_dir}, and Hedgerow wants "
            f"{_mib(settings.min_free_bytes)} MiB. Make room, choose another disk with HEDGEROW_DATA, "
            "or lower HEDGEROW_MIN_FREE_BYTES."
        )


def _mib(size: int) -> str:
    return f"{size / 2**20:,.0f}"


def listen(host: str, port: int) -> socket.socket:
    """Open the web server's socket. The supervisor keeps it, so that clients queue while the web server restarts.

    Raises:
        CannotStart: the port is taken, or the address is not of this machine.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(
            address,
            family=family,
            backlog=BACKLOG,
            dualstack_ipv6=host == "::" and socket.has_dualstack_ipv6(),
        )
    except OSError as error:
        raise CannotStart(_cannot_listen(host, port, error)) from error


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is used by another program. Stop that, "
            f"or choose another port: HEDGEROW_PORT={_another(port)}."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs privileges that this user does not have. Choose one above 1023 with HEDGEROW_PORT."
    return f"HEDGEROW_HOST is {host!r}, which is no address of this machine: {error.strerror or error}."


def _another(port: int) -> int:
    return port + 1 if port < 65535 else 8000
