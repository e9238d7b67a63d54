"""Starts an instance, keeps it running, and stops it in order."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from dataclasses import replace
from itertools import groupby

from webapp import __version__
from webapp.embedded.processes import EmbeddedServer
from webapp.instance import InstanceLock
from webapp.settings import FROM_INSTANCE, Settings, read_settings
from webapp.supervisor import CannotStart
from webapp.supervisor.children import Child, Program
from webapp.supervisor.programs import (
    RANKS,
    child_environment,
    embedded_servers,
    first_web_program,
    job_programs,
    own_logs_environment,
    server_program,
    web_program,
)
from webapp.supervisor.ready import read_all, until_accepting, until_ready
from webapp.supervisor.terminal import Terminal

WEB_HEAD_START_S = 1.5  # at the stop: then the workers are asked too, while the last requests are answered


class Supervisor:
    """One instance, from its first child to the end of the last one.

    The lock and the socket are the caller's: they are taken before there is an event loop.
    """

    def __init__(self, settings: Settings, terminal: Terminal, lock: InstanceLock, listener: socket.socket) -> None:
        self.settings = replace(settings, port=listener.getsockname()[1])
        self.terminal = terminal
        self.lock = lock
        self.listener = listener
        self.children: list[Child] = []
        self.stop_requested = asyncio.Event()
        self.hurry = asyncio.Event()

    async def run(self) -> None:
        """Start everything; stop everything when asked to, or when the start fails.

        Raises:
            CannotStart: why there is no instance.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_stop_signal)
        loop.add_signal_handler(signal.SIGCHLD, self._on_child_ended)
        stopped = asyncio.ensure_future(self.stop_requested.wait())
        started = asyncio.ensure_future(self._start_all())
        try:
            await asyncio.wait([started, stopped], return_when=asyncio.FIRST_COMPLETED)
            if started.done():
                started.result()
                await stopped
        finally:
            started.cancel()
            await self._stop_all()

    async def _start_all(self) -> None:
        servers = embedded_servers(self.settings)
        names = " and ".join(server.title.removeprefix("The ") for server in servers)
        self.terminal.say(f"Hedgerow {__version__} starts{' with ' + names if names else ''} …")
        environment = child_environment(self.settings, servers)
        running = [(server, self._start(server_program(server))) for server in servers]
        web, facts = await self._start_web(environment, running)
        environment |= own_logs_environment(self.settings, facts["own_logs_token"])
        web.program = self._with_lock(web_program(self.settings, environment, self.listener.fileno()))
        for child in [web, *(self._start(program) for program in job_programs(self.settings, environment))]:
            child.watch()
        known = read_settings(environment)
        self.lock.announce({name: getattr(known, name) for name in FROM_INSTANCE})
        self.terminal.say(welcome(self.settings, facts))

    async def _start_web(
        self, environment: dict[str, str], servers: list[tuple[EmbeddedServer, Child]]
    ) -> tuple[Child, dict[str, str]]:
        """Start the web server, which prepares the databases first; return it when it is ready, and what it found."""
        result, result_of_child = os.pipe()
        listener = self.listener.fileno()
        web = self._start(first_web_program(self.settings, environment, listener, result_of_child))
        os.close(result_of_child)
        for server, child in servers:
            await until_accepting(server, child)
            child.watch()
        web.tell("The servers are ready.")
        text = await read_all(result)
        if not text:
            await web.ended.wait()
            raise CannotStart(f"Preparing the databases failed: it {web.how_it_ended()}.")
        facts: dict[str, str] = json.loads(text)
        if "error" in facts:
            raise CannotStart(facts["error"])
        await until_ready(web, self.settings)
        return web, facts

    def _start(self, program: Program) -> Child:
        child = Child(self._with_lock(program), self.terminal, self.settings.data_dir / "logs")
        self.children.append(child)
        child.start()
        return child

    def _with_lock(self, program: Program) -> Program:
        return replace(program, descriptors=(*program.descriptors, self.lock.descriptor))

    def _on_child_ended(self) -> None:
        for child in self.children:
            child.reap()

    def _on_stop_signal(self) -> None:
        if self.stop_requested.is_set():
            self.hurry.set()
        else:
            self.terminal.say("\nHedgerow stops …")
            self.stop_requested.set()

    async def _stop_all(self) -> None:
        """Stop rank by rank: nobody loses a server that it still needs."""
        self.terminal.shows_children = False  # that the others are away is no news now
        self.listener.close()  # from now on clients are refused, and try again elsewhere or later
        self.children.sort(key=lambda child: child.program.stop_rank)
        stopping: list[asyncio.Future[list[None]]] = []
        for rank, children in groupby(self.children, key=lambda child: child.program.stop_rank):
            stopping.append(asyncio.gather(*(child.stop(self.hurry) for child in children)))
            await asyncio.wait(stopping, timeout=WEB_HEAD_START_S if rank == RANKS["web"] else None)
        await asyncio.gather(*stopping)
        if self.stop_requested.is_set():
            self.terminal.say("Hedgerow has stopped.")


def welcome(settings: Settings, facts: dict[str, str]) -> str:
    """Everything that a person needs next, ready to be copied."""
    sign_in = f"/sign-in/{facts['sign_in_token']}" if facts["sign_in_token"] else ""
    lines = [("Open", f"{settings.base_url}{sign_in}")]
    if sign_in:
        lines += [("", "signs you in once, within 24 hours; for another link: ./hedgerow credentials")]
    lines += [("Send logs to", f"{settings.base_url}/v1/logs")]
    if facts["ingestion_token"]:
        lines += [("with header", f"Authorization: Bearer {facts['ingestion_token']}")]
    lines += [
        ("Try it", "./hedgerow demo"),
        ("Data", str(settings.data_dir)),
        ("Logs", str(settings.data_dir / "logs")),
        ("Stop", "Ctrl-C"),
    ]
    return "\n".join(["", "Hedgerow is running.", "", *(f"  {label:<14}{text}" for label, text in lines), ""])
