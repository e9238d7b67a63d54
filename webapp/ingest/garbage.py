"""Python's cyclic garbage collector, held still while millions of objects are made that form no cycles."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_holders = 0
_was_enabled = False


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector until the last of the threads that asked for it is done.

    Parsed JSON is nothing but containers, and the collector walks them again and again: 40,000 records took three
    times as long.
    """
    global _holders, _was_enabled  # noqa: PLW0603 - the collector is one per process, and so is this count
    with _lock:
        if _holders == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _holders += 1
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if _holders == 0 and _was_enabled:
                gc.enable()
