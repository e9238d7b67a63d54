"""A load whose clients send the same bytes until they are acknowledged, and an account of every request."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import requests

from tests.support.otlp import as_json, record, request

GIVE_UP_S = 120.0
ANSWER_S = 60.0
MINUTE_NS = 60 * 1_000_000_000
IMPATIENT = 0.1  # of the requests are sent once, whatever becomes of them
SCATTERED = 0.2  # of the requests have rows of two days, which are two parts in ClickHouse
SIZES = {"small": (1, 5), "middle": (200, 200), "big": (3000, 3000)}
SENDERS = ("small", "small", "middle", "big")
RETRIED = {0, 503}  # 0: no answer at all

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Window:
    """The hours that one load writes into, so that what it left can be told from everything else.

    Requests that nobody repeats have hours of their own: if the server is killed within one of them, its view may
    stay behind its table.
    """

    first_hour_s: int

    def hours(self, *, patient: bool) -> tuple[int, int]:
        """Return an hour, and the same hour ten days earlier, in seconds since 1970."""
        hour = self.first_hour_s - (0 if patient else 3600)
        return hour, hour - 10 * 86_400


@dataclass(slots=True)
class Sent:
    """A request, and what became of it."""

    marker: str
    rows: int
    patient: bool
    attempts: int = 0
    acknowledged: bool = False


class Load:
    """Several clients that send as fast as they are answered: small requests, middle ones and big ones."""

    def __init__(self, url: str, token: str, window: Window, seed: int) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"}
        self.window = window
        self.seed = seed
        self.sent: list[Sent] = []
        self.surprises: list[str] = []  # answers that a load like this must never get
        self.stopping = threading.Event()
        self.threads = [
            threading.Thread(target=self._run, args=(size, number), name=f"sender-{number}-{size}")
            for number, size in enumerate(SENDERS)
        ]

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.finish()

    @property
    def acknowledged(self) -> int:
        """How many requests have been acknowledged until now."""
        return sum(sent.acknowledged for sent in list(self.sent))

    def finish(self) -> None:
        """Begin no more requests, and wait until each that has begun is acknowledged or given up."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _run(self, size: str, number: int) -> None:
        rng = random.Random(f"{self.seed} {number}")
        with requests.Session() as session:
            while not self.stopping.is_set():
                sent = Sent(f"r{next(_numbers)}", rng.randint(*SIZES[size]), patient=rng.random() >= IMPATIENT)
                encoding = rng.choice(("protobuf", "json"))
                body = make_body(sent, self.window, encoding, scattered=rng.random() < SCATTERED)
                self.sent.append(sent)
                self._deliver(session, sent, body, encoding, rng)

    def _deliver(self, session: requests.Session, sent: Sent, body: bytes, encoding: str, rng: random.Random) -> None:
        """Do as exporters of OTLP do: the same bytes again after 503 and after a connection that broke."""
        content_type = "application/json" if encoding == "json" else "application/x-protobuf"
        deadline = time.monotonic() + GIVE_UP_S
        while time.monotonic() < deadline:
            sent.attempts += 1
            status = self._post(session, body, content_type)
            if status == 200:
                sent.acknowledged = True
                return
            if status not in RETRIED:
                self.surprises.append(f"{sent.marker} was answered with {status}")
                return
            if not sent.patient:
                return
            time.sleep(rng.uniform(0.05, 0.3))
        self.surprises.append(f"{sent.marker} was not acknowledged within {GIVE_UP_S:g} s")

    def _post(self, session: requests.Session, body: bytes, content_type: str) -> int:
        try:
            answer = session.post(
                f"{self.url}/v1/logs",
                body,
                headers={**self.headers, "Content-Type": content_type},
                timeout=ANSWER_S,
            )
        except requests.Timeout as error:
            self.surprises.append(f"a web process was silent: {error!r}")
            return 0
        except requests.RequestException:
            return 0
        if answer.status_code == 200 and answer.content not in (b"", b"{}"):
            self.surprises.append(f"records were refused: {answer.text[:200]}")
        return answer.status_code


def make_body(sent: Sent, window: Window, encoding: str, *, scattered: bool) -> bytes:
    """Write a request whose rows can be told apart, all of them in the hours of the window."""
    hours = window.hours(patient=sent.patient)[: 2 if scattered else 1]
    records = (
        record(
            f"{sent.marker} {row}",
            {"request": sent.marker, "row": row, "http.route": "/api/orders"},
            time_unix_nano=moment,
            severity_number=(9, 13, 17)[row % 3],
        )
        for row, moment in zip(range(sent.rows), _moments(hours), strict=False)
    )
    resource = {"service.name": f"service-{len(sent.marker)}", "host.name": f"host-{sent.rows % 7}"}
    message = request(*records, resource=resource)
    return as_json(message) if encoding == "json" else message.SerializeToString()


def _moments(hours: tuple[int, ...]) -> Iterator[int]:
    """Yield moments in the hours by turns, over many minutes."""
    for row in itertools.count():
        yield hours[row % len(hours)] * 1_000_000_000 + row * 7 % 60 * MINUTE_NS + row
