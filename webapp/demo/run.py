"""Running the shop: filling its past, then living."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import click

from webapp.demo.emit import Emitter, Refused
from webapp.demo.model import MINUTE, SECOND, Line
from webapp.demo.traffic import Traffic

BATCH_LINES = 4000
SENDERS = 2  # one batch is stored while the next one is encoded
TICK_S = 0.25


def run(
    url: str, token: str, traffic: Traffic, *, start_ns: int, live_ns: int, live: bool, duration_ns: int | None
) -> None:
    """Send the lines of the past from ``start_ns`` to ``live_ns``, then what happens from there on.

    Raises:
        ClickException: Hedgerow does not take the logs; the text says why and what to do.
    """
    emitter = Emitter(url, token)
    began = time.monotonic()
    try:
        emitter.check()
        click.echo(f"Sending to {url}. Ctrl-C ends it.")
        if start_ns < live_ns:
            fill(emitter, traffic, start_ns, live_ns)
        if live:
            stream(emitter, traffic, duration_ns)
    except KeyboardInterrupt:
        click.echo("")
    except Refused as problem:
        raise click.ClickException(str(problem)) from None
    finally:
        if emitter.accepted:
            click.echo(f"{emitter.accepted:,} lines sent in {span_text(time.monotonic() - began)}.")


def fill(emitter: Emitter, traffic: Traffic, start_ns: int, end_ns: int) -> None:
    """Send the past in batches, and show how far it has come.

    Raises:
        Refused: a batch was not accepted.
    """
    progress = _Progress(start_ns, end_ns)
    pool = ThreadPoolExecutor(SENDERS)
    waiting: deque[Future[None]] = deque()
    try:
        for reached_ns, batch in _batches(traffic, start_ns, end_ns):
            if len(waiting) > SENDERS:
                waiting.popleft().result()
            waiting.append(pool.submit(emitter.send, batch))
            progress.show(reached_ns, emitter.accepted)
        while waiting:
            waiting.popleft().result()
    except BaseException:  # also Ctrl-C: do not wait for retries
        emitter.stop_trying()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    progress.finish(emitter.accepted)


def stream(emitter: Emitter, traffic: Traffic, duration_ns: int | None) -> None:
    """Emit what happens as it happens.

    Raises:
        Refused: the token was revoked, or something else that waiting cannot heal.
    """
    live = emitter.live()
    end_ns = time.time_ns() + duration_ns if duration_ns else None
    away = False
    try:
        while True:
            now_ns = time.time_ns()
            live.emit(traffic.until(min(now_ns, end_ns or now_ns)))
            if end_ns and now_ns >= end_ns:
                return
            emitter.raise_if_refused()
            if emitter.failing != away:
                away = emitter.failing
                click.echo("Hedgerow does not answer; trying again." if away else "Hedgerow answers again.", err=True)
            time.sleep(TICK_S)
    finally:
        live.close()


def _batches(traffic: Traffic, start_ns: int, end_ns: int) -> Iterator[tuple[int, list[Line]]]:
    """The lines of that span in batches, each with the moment that they reach."""
    batch: list[Line] = []
    for reached_ns in range(start_ns + MINUTE, end_ns + MINUTE, MINUTE):
        batch += traffic.until(min(reached_ns, end_ns))
        while len(batch) >= BATCH_LINES:
            yield min(reached_ns, end_ns), batch[:BATCH_LINES]
            batch = batch[BATCH_LINES:]
    if batch:
        yield end_ns, batch


class _Progress:
    """One line that is written again and again on a terminal, and once at the end elsewhere."""

    def __init__(self, start_ns: int, end_ns: int) -> None:
        self._start_ns, self._end_ns = start_ns, end_ns
        self._began = self._shown = time.monotonic()

    def show(self, reached_ns: int, lines: int) -> None:
        """Show how far it is, a few times a second."""
        now = time.monotonic()
        if now - self._shown < 0.2 or not sys.stdout.isatty():
            return
        self._shown = now
        done = (reached_ns - self._start_ns) / (self._end_ns - self._start_ns)
        took = now - self._began
        left = span_text(took / done - took)
        click.echo(
            f"\r\x1b[2KFilling the past: {done:.0%}, {lines:,} lines, {lines / took:,.0f}/s, {left} left", nl=False
        )

    def finish(self, lines: int) -> None:
        """Say what was done."""
        took = time.monotonic() - self._began
        start = "\r\x1b[2K" if sys.stdout.isatty() else ""
        past = span_text((self._end_ns - self._start_ns) / SECOND)
        click.echo(f"{start}Filled the past {past}: {lines:,} lines in {span_text(took)}, {lines / took:,.0f}/s.")


def span_text(seconds: float) -> str:
    """A length of time for people."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    hours = f"{seconds // 3600:.0f} h"
    return hours if seconds % 3600 < 60 else f"{hours} {seconds % 3600 // 60:.0f} min"
