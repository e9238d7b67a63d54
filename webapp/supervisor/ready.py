"""Waiting for a server to be ready, or for the reason why it will not be."""

from __future__ import annotations

import asyncio
import os
import time

from webapp.embedded.processes import EmbeddedServer
from webapp.settings import Settings
from webapp.supervisor import CannotStart
from webapp.supervisor.children import Child

WEB_TIMEOUT_S = 60.0


async def until_accepting(server: EmbeddedServer, child: Child) -> None:
    """Wait until the server takes clients.

    Raises:
        CannotStart: it ended, or it takes too long.
    """
    deadline = time.monotonic() + server.start_timeout_s
    while not server.accepts():
        if child.ended.is_set():
            raise CannotStart(f"{server.title} did not start: it {child.how_it_ended()}.")
        if time.monotonic() > deadline:
            raise CannotStart(f"{server.title} did not answer within {server.start_timeout_s:g} s.")
        await asyncio.sleep(0.01)


async def until_ready(child: Child, settings: Settings) -> None:
    """Wait until the web server says that it and all it needs answer.

    Raises:
        CannotStart: it ended, or it takes too long; with what it said last.
    """
    deadline = time.monotonic() + WEB_TIMEOUT_S
    answer = "nothing"
    while time.monotonic() < deadline:
        request = asyncio.ensure_future(_ask(settings))
        ended = asyncio.ensure_future(child.ended.wait())
        await asyncio.wait([request, ended], timeout=WEB_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        for task in (request, ended):
            task.cancel()
        if child.ended.is_set():
            raise CannotStart(f"The web server did not start: it {child.how_it_ended()}. See {child.log.baseFilename}.")
        if request.done() and not request.cancelled():
            status, answer = request.result()
            if status == 200:
                return
        await asyncio.sleep(0.1)
    raise CannotStart(f"The web server did not become ready within {WEB_TIMEOUT_S:g} s; it answers: {answer}")


async def read_all(descriptor: int) -> bytes:
    """Read a pipe to its end."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb")
    )
    try:
        return await reader.read()
    finally:
        transport.close()


async def _ask(settings: Settings) -> tuple[int, str]:
    """Ask /readyz; returns the status and the body. The socket is open already, so this waits for the first worker."""
    try:
        reader, writer = await asyncio.open_connection(settings.connect_host, settings.port)
        try:
            writer.write(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
        return int(head.split(b" ", 2)[1]), body.decode(errors="replace").strip()
    except (OSError, IndexError, ValueError) as error:
        return 0, str(error)
