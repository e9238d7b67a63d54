"""Rounds of ``kill -9`` on a whole instance under load, each with a verdict on what its clients were promised."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from tests.support.instance import PARTS, Instance, processes_of, wait_for
from tests.support.load import DAYS_APART, SENDERS, Load, Window
from tests.support.verdict import Verdict, judge
from webapp import create_app
from webapp.embedded.processes import free_port
from webapp.extensions import db, store
from webapp.services import attribute_counts
from webapp.settings import load_settings

VICTIMS = ("web", "gunicorn", "worker", "scheduler", "clickhouse", "valkey", "supervisor")
WHOLE = {"clickhouse": 1, "valkey": 1, "gunicorn": 1, "web": 2, "worker": 1, "scheduler": 1}
PATIENCE_S = 120.0
COUNTING_S = 60.0
HOUR_S = 3600
MOST_ROUNDS = DAYS_APART * 24  # each takes an hour of the days


@dataclass(frozen=True, slots=True)
class Round:
    """One round: who was killed, how long until all parts were back and answered, and the verdict."""

    victims: tuple[str, ...]
    back_s: float
    verdict: Verdict


def living(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Return those that have not ended."""
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


class Rounds:
    """An instance that is killed piece by piece while clients send to it. The seed makes all choices."""

    def __init__(self, data_dir: Path, seed: int) -> None:
        self.data_dir = data_dir
        self.seed = seed
        self.rng = random.Random(seed)
        # The same address after each start: clients know no other.
        self.port = str(free_port())
        self.played = 0
        self.first_hour_s = (int(time.time()) // HOUR_S - 2) * HOUR_S
        self.instance = self._start()
        self.token = self.instance.read("with header").split()[-1]

    def _start(self) -> Instance:
        instance = Instance(self.data_dir, HEDGEROW_PORT=self.port, HEDGEROW_WORKERS="1")
        try:
            return instance.ready()
        except BaseException as error:
            error.add_note(f"The instance said:\n{instance.output}")
            instance.process.terminate()
            instance.wait()
            raise

    def play(self, *victims: str) -> Round:
        """Kill the victims at a moment of a fresh load, wait until all is well again, and judge."""
        window = Window(self.first_hour_s - self.played * HOUR_S)
        self.played += 1
        with Load(self.instance.url, self.token, window, self.rng.getrandbits(32)) as load:
            self._await_progress(load, len(SENDERS))
            load.gate.clear()
            wait_for(lambda: load.is_gathered, "all clients at the gate", PATIENCE_S)
            load.gate.set()
            time.sleep(self.rng.uniform(0, 1.5) * load.typical_s)  # somewhere in the midst of their requests
            killed_at = time.monotonic()
            self._kill(victims)
            back_s = time.monotonic() - killed_at
            self._await_progress(load, self.rng.randint(1, 8))
        self._count_attributes()
        verdict = judge(self.instance.announced["clickhouse_url"], load.sent, window)
        verdict.faults.extend(load.surprises)
        return Round(victims, back_s, verdict)

    def _count_attributes(self) -> None:
        """Count beside the instance's own workers what arrived until now, instead of waiting for their next turn."""
        app = create_app(load_settings({"HEDGEROW_DATA": str(self.data_dir), "HEDGEROW_OWN_LOGS": "0"}))
        with app.app_context():
            while attribute_counts.count_arrivals(COUNTING_S):
                continue
            store.close()
            db.engine.dispose()

    def _await_progress(self, load: Load, requests: int) -> None:
        goal = load.acknowledged + requests
        wait_for(lambda: load.acknowledged >= goal, f"{requests} more acknowledged requests", PATIENCE_S)

    def _kill(self, victims: tuple[str, ...]) -> None:
        if "supervisor" in victims:
            self._kill_supervisor()
            return
        parts = self._parts()
        killed = [self.rng.choice(parts[name]) for name in victims]
        for process in killed:
            process.kill()
        wait_for(lambda: self._is_whole_without(killed), f"{' and '.join(victims)} to come back", PATIENCE_S)

    def _kill_supervisor(self) -> None:
        """Kill the parent of all; start anew at once, as a service manager does, which waits for what still ends."""
        orphans = psutil.Process(self.instance.process.pid).children(recursive=True)
        self.instance.process.kill()
        self.instance.wait()
        try:
            self.instance = self._start()
        except AssertionError as error:
            error.add_note(f"These outlived their supervisor: {living(orphans)}")
            raise
        assert not living(orphans)
        wait_for(lambda: self._is_whole_without([]), "all parts", PATIENCE_S)

    def _parts(self) -> dict[str, list[psutil.Process]]:
        """Return the supervisor's children by name, gunicorn's among them. Nothing else is ever killed."""
        parts: dict[str, list[psutil.Process]] = {}
        for child in psutil.Process(self.instance.process.pid).children():
            try:
                command = " ".join(child.cmdline())
                name = next((name for name, part in PARTS.items() if part in command), None)
                if name == "web":
                    parts["gunicorn"] = [child]
                    parts["web"] = child.children()
                elif name is not None:
                    parts.setdefault(name, []).append(child)
            except psutil.Error:  # it ended while we looked
                continue
        return parts

    def _is_whole_without(self, killed: list[psutil.Process]) -> bool:
        parts = self._parts()
        alive = [process for processes in parts.values() for process in processes]
        counts = {name: len(processes) for name, processes in parts.items()}
        return counts == WHOLE and not any(process in alive for process in killed) and self.instance.answers()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self.instance.process.poll() is None:
            self.instance.process.terminate()
        self.instance.wait()
        if error is not None:
            error.add_note(f"The seed was {self.seed}. The instance said:\n{self.instance.output}")
        else:
            assert not processes_of(self.data_dir)
