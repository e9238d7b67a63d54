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
    job_programs,
    prepare_program,
    server_program,
    web_program,
)
from webapp.supervisor.ready import until_accepting, until_ready
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
        facts = await self._prepare(environment, servers)
        if facts["own_logs_token"] and self.settings.ship_own_logs:
            environment.setdefault("HEDGEROW_OWN_LOGS_ENDPOINT", f"{self.settings.local_url}/v1/logs")
            environment.setdefault("HEDGEROW_OWN_LOGS_TOKEN", facts["own_logs_token"])
        web = self._start(web_program(self.settings, environment, self.listener.fileno()))
        await until_ready(web, self.settings)
        for program in job_programs(self.settings, environment):
            self._start(program)
        for child in self.children:
            child.watch()
        known = read_settings(environment)
        self.lock.announce({name: getattr(known, name) for name in FROM_INSTANCE})
        self.terminal.say(welcome(self.settings, facts))

    async def _prepare(self, environment: dict[str, str], servers: list[EmbeddedServer]) -> dict[str, str]:
        """Start the embedded servers and, meanwhile, the process that prepares the databases; return what it found."""
        running = [(server, self._start(server_program(server))) for server in servers]
        result, result_of_child = os.pipe()
        preparing = self._start(prepare_program(environment, result_of_child))
        os.close(result_of_child)
        for server, child in running:
            await until_accepting(server, child)
        preparing.tell("The servers are ready.")
        await preparing.ended.wait()
        self.children.remove(preparing)
        with os.fdopen(result) as handle:
            text = handle.read()
        if not text:
            raise CannotStart(f"Preparing the databases failed: it {preparing.how_it_ended()}.")
        facts: dict[str, str] = json.loads(text)
        if "error" in facts:
            raise CannotStart(facts["error"])
        return facts

    def _start(self, program: Program) -> Child:
        program = replace(program, descriptors=(*program.descriptors, self.lock.descriptor))
        child = Child(program, self.terminal, self.settings.data_dir / "logs")
        self.children.append(child)
        child.start()
        return child

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
