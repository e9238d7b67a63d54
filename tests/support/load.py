"""A load whose clients send the same bytes until they are acknowledged, and an account of every request."""

from __future__ import annotations

import itertools
import random
import statistics
import threading
import time
from dataclasses import dataclass

import requests

from tests.support.bulk import ENCODINGS, Row

GIVE_UP_S = 120.0
ANSWER_S = 60.0
IMPATIENT = 0.1  # of the requests are sent once, whatever becomes of them
SCATTERED = 0.2  # of the requests have rows of two days, which are two parts in ClickHouse
DAYS_APART = 14  # of the rows of such a request; logs are kept for 30 days
SIZES = {"small": (1, 5), "middle": (200, 200), "big": (3000, 3000)}
SENDERS = ("small", "small", "small", "small", "middle", "middle", "big", "big")
RETRIED = {0, 503}  # 0: no answer at all
PAUSE_S = 0.1  # at most, between two requests of a client: the moments that count are those behind the gate

_numbers = itertools.count(1)
_LETTERS = "ghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Window:
    """The hours that one load writes into, so that what it left can be told from everything else."""

    hour_s: int

    @property
    def hours(self) -> tuple[int, int]:
        """An hour, and the same hour of an earlier day, in seconds since 1970."""
        return self.hour_s, self.hour_s - DAYS_APART * 86_400


@dataclass(slots=True)
class Sent:
    """A request, and what became of it."""

    marker: str
    rows: int
    patient: bool
    attempts: int = 0
    acknowledged: bool = False


class Load:
    """Several clients that send small requests, middle ones and big ones, each the next when the last is through.

    The clients meet at a gate before each request: closed and opened again, it lets all of them send at one moment.
    """

    def __init__(self, url: str, token: str, window: Window, seed: int) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"}
        self.window = window
        self.seed = seed
        self.sent: list[Sent] = []
        self.took_s: list[float] = []
        self.surprises: list[str] = []  # answers that a load like this must never get
        self.gate = threading.Event()
        self.at_gate = 0
        self._counting = threading.Lock()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._run, args=(size, number), name=f"sender-{number}-{size}")
            for number, size in enumerate(SENDERS)
        ]

    def __enter__(self) -> Load:
        self.gate.set()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.finish()

    @property
    def acknowledged(self) -> int:
        """How many requests have been acknowledged until now."""
        return len(self.took_s)

    @property
    def is_gathered(self) -> bool:
        """Whether every client stands at the closed gate."""
        return self.at_gate == len(SENDERS)

    @property
    def typical_s(self) -> float:
        """How long a request takes."""
        return statistics.median(list(self.took_s))

    def finish(self) -> None:
        """Begin no more requests, and wait until each that has begun is acknowledged or given up."""
        self._stopping = True
        self.gate.set()
        for thread in self._threads:
            thread.join()

    def _run(self, size: str, number: int) -> None:
        rng = random.Random(f"{self.seed} {number}")
        with requests.Session() as session:
            while True:
                sent = Sent(_next_marker(), rng.randint(*SIZES[size]), patient=rng.random() >= IMPATIENT)
                content_type = rng.choice(list(ENCODINGS))
                body = make_body(sent, self.window, content_type, scattered=rng.random() < SCATTERED)
                self._pass_gate()
                if self._stopping:
                    return
                self.sent.append(sent)
                self._deliver(session, sent, body, content_type, rng)
                time.sleep(rng.uniform(0, PAUSE_S))

    def _pass_gate(self) -> None:
        with self._counting:
            self.at_gate += 1
        self.gate.wait()
        with self._counting:
            self.at_gate -= 1

    def _deliver(
        self, session: requests.Session, sent: Sent, body: bytes, content_type: str, rng: random.Random
    ) -> None:
        """Do as exporters of OTLP do: the same bytes again after 503 and after a connection that broke."""
        deadline = time.monotonic() + GIVE_UP_S
        while time.monotonic() < deadline:
            sent.attempts += 1
            began_at = time.monotonic()
            status = self._post(session, body, content_type)
            if status == 200:
                sent.acknowledged = True
                self.took_s.append(time.monotonic() - began_at)
                return
            if status not in RETRIED:
                self.surprises.append(f"{sent.marker} was answered with {status}")
                return
            if not sent.patient:
                return
            time.sleep(rng.uniform(0.1, 0.4))
        self.surprises.append(f"{sent.marker} was not acknowledged within {GIVE_UP_S:g} s")

    def _post(self, session: requests.Session, body: bytes, content_type: str) -> int:
        headers = {**self.headers, "Content-Type": content_type}
        try:
            answer = session.post(f"{self.url}/v1/logs", body, headers=headers, timeout=ANSWER_S)
        except requests.Timeout as error:
            self.surprises.append(f"a web process was silent: {error!r}")
            return 0
        except requests.RequestException:
            return 0
        if answer.status_code == 200 and answer.content not in (b"", b"{}"):
            self.surprises.append(f"records were refused: {answer.text[:200]}")
        return answer.status_code


def make_body(sent: Sent, window: Window, content_type: str, *, scattered: bool) -> bytes:
    """Write a request whose rows can be told apart, over many minutes of the window."""
    hours = window.hours[: 2 if scattered else 1]
    rows = [
        Row((hours[row % len(hours)] + row * 7 % 60 * 60) * 1_000_000_000 + row, (9, 13, 17)[row % 3], row)
        for row in range(sent.rows)
    ]
    resource = {"service.name": f"service-{sent.rows % 3}", "host.name": f"host-{sent.rows % 7}"}
    return ENCODINGS[content_type](sent.marker, rows, resource)


def _next_marker() -> str:
    """Return a word that no other request of this process has, and that does not look like an id."""
    number, word = next(_numbers), ""
    while number:
        number, digit = divmod(number, len(_LETTERS))
        word += _LETTERS[digit]
    return word
