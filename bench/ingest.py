"""How many rows a second come in: decoding alone, and through HTTP until they are durable.

    ./hedgerow bench ingest
    ./hedgerow bench ingest --rows 5000000

Client, web server and ClickHouse share one machine, so rows a second of wall time say what that machine does, and rows
a second of the web process's CPU time what it costs: read both as ratios within one run. It takes less than a
minute. With a number of rows it sends that many over one connection instead, and prints the memory of the web process;
their attributes are counted meanwhile, as a worker does.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import itertools
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from clickhouse_driver import Client
from flask import Flask
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from bench.instance import settings_for
from bench.quiet import keep_quiet
from tests.support.otlp import as_json, record, request
from tests.support.web import run_gunicorn
from webapp import create_app
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.extensions import db, store
from webapp.ingest.batch import Batch
from webapp.ingest.otlp_json import decode_json
from webapp.ingest.otlp_protobuf import decode_protobuf
from webapp.services import accounts, attribute_counts, projects, tokens
from webapp.services.database import upgrade_database
from webapp.settings import MIB

BATCH_ROWS = 2_000
SERVICES = ("api", "web", "cart", "checkout", "payments")
ROUTES = ("/api/orders", "/api/cart", "/api/users/{id}", "/healthz", "/api/search")
DECODE_ROUNDS = 10
PROTOBUF = {"Content-Type": "application/x-protobuf"}
PACKED = {**PROTOBUF, "Content-Encoding": "gzip"}
SECONDS_EACH = 4.0
COUNTING_S = 5.0
COUNTING_INTERVAL_S = 15.0
LINES_OF_LONG_RUN = 20


@dataclass(frozen=True)
class Target:
    """A project, for decoding without an instance."""

    project_id: int = 1
    retention_days: int = 30


def make_request(seed: int) -> ExportLogsServiceRequest:
    """Make 2,000 records of five services: a line of 70 characters, eight attributes, a trace."""
    rng = random.Random(seed)
    made = ExportLogsServiceRequest()
    start_ns = time.time_ns() - seed * 1_000_000
    for service in SERVICES:
        resource = {
            "service.name": service,
            "service.version": "1.42.0",
            "deployment.environment.name": "production",
            "host.name": f"{service}-7d9f8b6c5-{rng.randrange(4)}",
            "telemetry.sdk.language": "python",
        }
        records = (make_record(rng, start_ns + number * 1000) for number in range(BATCH_ROWS // len(SERVICES)))
        made.MergeFrom(request(*records, resource=resource, scope=(f"{service}.http", "1.0")))
    return made


def make_record(rng: random.Random, time_ns: int) -> LogRecord:
    """Make the line of one request that was served."""
    route, took_ms = rng.choice(ROUTES), rng.randrange(1, 900)
    status = rng.choice((200, 200, 200, 200, 404, 500))
    return record(
        f"GET {route} answered {status} in {took_ms} ms to user {rng.randrange(100_000)}",
        {
            "http.request.method": "GET",
            "http.route": route,
            "http.response.status_code": status,
            "url.scheme": "https",
            "client.address": f"10.0.{rng.randrange(256)}.{rng.randrange(256)}",
            "user.id": str(rng.randrange(100_000)),
            "thread.name": f"worker-{rng.randrange(16)}",
            "duration_ms": took_ms,
        },
        time_unix_nano=time_ns,
        observed_time_unix_nano=time_ns,
        severity_number=17 if status == 500 else 9,
        trace_id=rng.randbytes(16),
        span_id=rng.randbytes(8),
    )


def measure_decoding(bodies: list[bytes], decode: Callable[[bytes], object]) -> float:
    """Return rows a second of CPU time, the best of some rounds."""
    best = float("inf")
    for number in range(DECODE_ROUNDS):
        body = bodies[number % len(bodies)]
        started_at = time.thread_time()
        decode(body)
        best = min(best, time.thread_time() - started_at)
    return BATCH_ROWS / best


def into_columns(decoder: Callable[[bytes, Batch], None]) -> Callable[[bytes], object]:
    """Return a decoder that goes all the way to the block that is inserted."""

    def decode(body: bytes) -> object:
        batch = Batch(Target(), time.time_ns())
        decoder(body, batch)
        return batch.columns()

    return decode


class Sender:
    """Sends each body once over one connection, in turn with other senders."""

    def __init__(self, address: str, token: str, headers: dict[str, str], bodies: list[bytes]) -> None:
        self.host = urlsplit(address).netloc
        self.headers = {"Authorization": f"Bearer {token}", **headers}
        self.bodies = list(bodies)
        self.lock = threading.Lock()
        self.sent = 0

    def run(self, deadline: float) -> None:
        """Send until the time is over or nothing is left."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        while time.perf_counter() < deadline:
            with self.lock:
                if not self.bodies:
                    break
                body = self.bodies.pop()
            connection.request("POST", "/v1/logs", body, self.headers)
            response = connection.getresponse()
            assert response.read() in (b"", b"{}"), response.status
            with self.lock:
                self.sent += 1
        connection.close()


def measure_sending(sender: Sender, connections: int, seconds: float = SECONDS_EACH) -> tuple[float, float]:
    """Return acknowledged rows a second, by the wall and by the CPU time of the web process."""
    used_before = web_cpu_s()
    started_at = time.perf_counter()
    deadline = started_at + seconds
    threads = [threading.Thread(target=sender.run, args=(deadline,)) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = sender.sent * BATCH_ROWS
    return rows / (time.perf_counter() - started_at), rows / (web_cpu_s() - used_before)


def web_cpu_s() -> float:
    """Return the CPU time that gunicorn and its worker have used."""
    return sum(used.user + used.system for used in (process.cpu_times() for process in web_processes()))


def web_processes() -> list[psutil.Process]:
    """Return gunicorn and its worker."""
    return [process for process in psutil.Process().children(recursive=True) if "gunicorn" in process.cmdline()]


def print_long_run(address: str, token: str, protobuf: list[bytes], rows: int) -> None:
    """Send many rows over one connection, and print how much memory the worker has after each part of them."""
    worker = max(web_processes(), key=lambda process: process.memory_info().rss)
    part = max(1, rows // BATCH_ROWS // LINES_OF_LONG_RUN)
    numbers = itertools.count(1)
    sent = 0
    print(f"| {'rows sent':>10} | rows/s | rows per CPU second | MiB | load |\n|-----------:|---:|---:|---:|---:|")
    while sent < rows:
        # A resource of its own without records makes each request another one, or it would be taken for a retry.
        bodies = [
            protobuf[number % len(protobuf)] + request(resource={"n": number}).SerializeToString()
            for number in itertools.islice(numbers, part)
        ]
        per_s, per_cpu_s = measure_sending(Sender(address, token, PROTOBUF, bodies), 1, float("inf"))
        sent += part * BATCH_ROWS
        used = worker.memory_info().rss / MIB
        load = os.getloadavg()[0]
        print(f"| {sent:10,} | {per_s:6,.0f} | {per_cpu_s:7,.0f} | {used:5.0f} | {load:.1f} |", flush=True)


@contextmanager
def counting(app: Flask) -> Iterator[None]:
    """Count the attributes of what arrives, as often as a worker does."""
    stopping = threading.Event()

    def run() -> None:
        with app.app_context():
            while not stopping.wait(COUNTING_INTERVAL_S):
                attribute_counts.count_arrivals(COUNTING_S)
            store.close()
            db.engine.dispose()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def prepare(app: Flask) -> str:
    """Make an instance with one project, and return its token."""
    upgrade_database(app)
    with app.app_context():
        store.migrate()
        project = projects.create_project("Bench", accounts.create_user("bench@example.org", "bench", []))
        token = tokens.ingestion_token(project.id)
        store.close()
        db.engine.dispose()
    return token


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="./hedgerow bench ingest")
    parser.add_argument("--rows", type=int, help="send that many over one connection, and watch the memory")
    wanted: int | None = parser.parse_args().rows
    keep_quiet()
    messages = [make_request(seed) for seed in range(80)]
    with tempfile.TemporaryDirectory() as folder, EmbeddedClickHouse(Path(folder) / "clickhouse") as server:
        settings = settings_for(server, Path(folder))
        app = create_app(settings)
        token = prepare(app)
        gunicorn = run_gunicorn(settings, Path(folder) / "gunicorn.log", processes=1, threads=8)
        with gunicorn as address, counting(app):
            if wanted:
                print_long_run(address, token, [message.SerializeToString() for message in messages[:20]], wanted)
            else:
                print_table(messages, address, token)
        with Client.from_url(server.url) as client:
            counted = "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'logs'"
            rows, size = client.execute(counted)[0]
    print(f"\n{rows:,} rows stored, {size / rows:.0f} bytes each on disk")


def print_table(messages: list[ExportLogsServiceRequest], address: str, token: str) -> None:
    """Measure decoding, then sending, and print each as it is known."""
    protobuf = [message.SerializeToString() for message in messages]
    packed = [gzip.compress(body, 6) for body in protobuf[30:55]]
    texts = [as_json(message) for message in messages[:25]]
    print(f"{BATCH_ROWS:,} records a request: {len(protobuf[0]):,} bytes of protobuf, {len(texts[0]):,} of JSON\n")
    print(f"| {'':40} | rows/s | rows per CPU second | ratio |\n|{'-' * 42}|-------:|----------:|------:|")
    baseline = 0.0

    def report(name: str, per_cpu_s: float, per_s: float = 0) -> None:
        nonlocal baseline
        baseline = baseline or per_cpu_s
        wall = f"{per_s:6,.0f}" if per_s else " " * 6
        print(f"| {name:40} | {wall} | {per_cpu_s:9,.0f} | {per_cpu_s / baseline:5.2f} |", flush=True)

    report("protobuf into columns", measure_decoding(protobuf, into_columns(decode_protobuf)))
    report("protobuf's own parsing alone", measure_decoding(protobuf, ExportLogsServiceRequest.FromString))
    report("JSON into columns", measure_decoding(texts, into_columns(decode_json)))
    measure_sending(Sender(address, token, PROTOBUF, protobuf[:5]), 1)  # warms everything up
    for name, headers, bodies, connections in (
        ("protobuf, stored, 1 connection", PROTOBUF, protobuf[5:30], 1),
        ("protobuf + gzip, stored, 1 connection", PACKED, packed, 1),
        ("JSON, stored, 1 connection", {"Content-Type": "application/json"}, texts, 1),
        ("protobuf, stored, 4 connections", PROTOBUF, protobuf[55:], 4),
    ):
        per_s, per_cpu_s = measure_sending(Sender(address, token, headers, bodies), connections)
        report(name, per_cpu_s, per_s)


if __name__ == "__main__":
    main()
