"""Asking the servers that we need: all at once, within a time, and once for everybody who wants to know."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from flask import Flask

T = TypeVar("T")


def ask_all(app: Flask, questions: Mapping[str, Callable[[], Any]], timeout_s: float) -> dict[str, Any]:
    """Ask every question in a thread of its own; return the answers, or the exceptions in their place.

    A server that hangs costs the timeout and no more; its thread ends when its driver gives up.
    """
    answers: dict[str, Any] = {name: TimeoutError(f"no answer within {timeout_s:g} s") for name in questions}
    final = dict(answers)

    def ask(name: str, question: Callable[[], Any]) -> None:
        try:
            with app.app_context():
                answers[name] = question()
        except Exception as error:
            answers[name] = error

    threads = {
        name: threading.Thread(target=ask, args=(name, question), daemon=True) for name, question in questions.items()
    }
    deadline = time.monotonic() + timeout_s
    for thread in threads.values():
        thread.start()
    for name, thread in threads.items():
        thread.join(max(deadline - time.monotonic(), 0))
        final[name] = answers[name]
    return final


class Shared(Generic[T]):
    """Work that one caller does while those who come meanwhile wait for its result."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Future[T] | None = None

    def result_of(self, work: Callable[[], T]) -> T:
        """Do the work, or wait for the caller who does it now."""
        with self._lock:
            running = self._running
            if running is None:
                mine = self._running = Future()
        if running is not None:
            return running.result()
        try:
            mine.set_result(work())
        except BaseException as error:
            mine.set_exception(error)
        with self._lock:
            self._running = None
        return mine.result()
