"""Doing several things at one moment."""

from __future__ import annotations

import threading
from collections.abc import Callable


def side_by_side(*calls: Callable[[], object]) -> list[Exception]:
    """Begin all calls at the same time, each in a thread, and return what they raise."""
    start = threading.Barrier(len(calls))
    raised: list[Exception] = []

    def run(call: Callable[[], object]) -> None:
        start.wait()
        try:
            call()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
