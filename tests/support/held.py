"""An insertion that goes on for as long as a test wants."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clickhouse_driver import Client

from tests.support.logs import Log, columns

WAIT_S = 30


@contextmanager
def held_insertion(url: str, row: Log) -> Iterator[threading.Event]:
    """Begin to insert a row, and end when the event is set; it is at the end of the block."""
    block = {**columns([row]), "uuid": [row.uuid]}
    del block["observed_timestamp"]
    released = threading.Event()

    def values() -> Iterator[tuple[Any, ...]]:
        assert released.wait(WAIT_S)
        yield tuple(column[0] for column in block.values())

    def run() -> None:
        with Client.from_url(url) as client:
            client.execute(f"INSERT INTO logs ({', '.join(block)}) VALUES", values())

    thread = threading.Thread(target=run)
    thread.start()
    with Client.from_url(url) as client:
        deadline = time.monotonic() + WAIT_S
        while not client.execute("SELECT count() FROM system.processes WHERE query_kind = 'Insert'")[0][0]:
            assert time.monotonic() < deadline
    try:
        yield released
    finally:
        released.set()
        thread.join()
