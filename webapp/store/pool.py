"""Connections: one query at a time on each, a bounded number per process, none across a fork."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from clickhouse_driver import Client
from clickhouse_driver.util.helpers import parse_url

from webapp.errors import Unavailable
from webapp.store.blocks import BlockClient

CONNECT_TIMEOUT_S = 5


class Pool:
    """Hands out clients of the driver, the last one given back first.

    A client serves one thread at a time: two on one connection hang. It comes back only after a query that ended well;
    any error breaks the connection, whose other end may still be sending.
    """

    def __init__(self, url: str, *, size: int, socket_timeout_s: int, wait_s: float) -> None:
        self.url = url
        self._size = size
        self._socket_timeout_s = socket_timeout_s
        self._wait_s = wait_s
        self._reset()
        _pools.add(self)

    def _reset(self) -> None:
        self._idle: list[Client] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(self._size)

    @contextmanager
    def client(self) -> Iterator[Client]:
        """Lend a client for one query.

        Raises:
            Unavailable: all of them have been busy for too long.
        """
        places = self._places
        if not places.acquire(timeout=self._wait_s):
            raise Unavailable(
                f"Too many queries are waiting for ClickHouse ({self._size} at once). Try again in a few seconds."
            )
        try:
            client = self._take()
            try:
                yield client
            except BaseException:
                disconnect(client)
                raise
            with self._lock:
                self._idle.append(client)
        finally:
            places.release()

    def _take(self) -> Client:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return connect(self.url, socket_timeout_s=self._socket_timeout_s)

    def forget(self) -> None:
        """Leave the parent's connections alone after a fork: to shut one down here would shut it down there."""
        for client in self._idle:
            if client.connection.socket is not None:
                client.connection.socket.close()  # the descriptor of this process only
        self._reset()

    def close(self) -> None:
        """Close the connections that are not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for client in idle:
            disconnect(client)


_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


def _forget_connections() -> None:
    for pool in _pools:
        pool.forget()


# At the fork itself, when the child has one thread: the lock and the places may be held by threads it does not have.
os.register_at_fork(after_in_child=_forget_connections)


def connect(url: str, *, socket_timeout_s: int, database: str | None = None) -> Client:
    """Return a client for an address, which connects with its first query.

    ``clickhouses://`` means TLS; what follows the ``?`` are options of the driver (``verify``, ``ca_certs``,
    ``alt_hosts``, ``compression`` …).
    """
    host, options = parse_url(url)
    settings: dict[str, Any] = options.pop("settings", {})
    if options.get("compression"):
        # Servers of today answer with ZSTD unless told otherwise, which the driver cannot read.
        settings.setdefault("network_compression_method", "lz4")
    if database is not None:
        options["database"] = database
    return BlockClient(
        host,
        **{
            "connect_timeout": CONNECT_TIMEOUT_S,
            "send_receive_timeout": socket_timeout_s,
            "sync_request_timeout": CONNECT_TIMEOUT_S,
            "tcp_keepalive": True,
            "client_name": "hedgerow",
            **options,
        },
        settings={"server_side_params": True, **settings},
    )


def disconnect(client: Client) -> None:
    """Close a connection, whatever state it is in."""
    with suppress(Exception):
        client.disconnect()


def database_of(url: str) -> str:
    """Return the name of the database in an address."""
    return urlsplit(url).path.lstrip("/") or "default"


def without_password(url: str) -> str:
    """Return an address that may be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))
