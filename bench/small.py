"""What single-record requests of 20 clients cost: requests a second, parts and latency, gathered and one by one.

    ./hedgerow bench small

Both ways are measured in one run on one ClickHouse, with two web processes, as in an instance. "One by one" is what
Hedgerow does while Redis is away.
"""

from __future__ import annotations

import http.client
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from clickhouse_driver import Client

from bench.ingest import PROTOBUF, prepare
from bench.instance import settings_for
from tests.support.otlp import record, request
from tests.support.web import run_gunicorn
from webapp import create_app
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.embedded.processes import free_port
from webapp.embedded.valkey import EmbeddedValkey
from webapp.settings import Settings

CLIENTS = 20
SECONDS_EACH = 15.0
SETTLE_S = 5.0
PARTS = "SELECT count() FROM system.parts WHERE active AND table = 'logs' AND database = currentDatabase()"
INSERTIONS = "SELECT value FROM system.events WHERE event = 'InsertQuery'"


@dataclass
class Load:
    """What the clients saw."""

    latencies_s: list[float] = field(default_factory=list)
    refused: int = 0

    def percentile_ms(self, share: float) -> float:
        """Return a latency in milliseconds below which that share of them lies."""
        return sorted(self.latencies_s)[int(len(self.latencies_s) * share)] * 1000


def send(address: str, token: str, name: str, deadline: float, load: Load) -> None:
    """Be one client: the next request when the last is answered."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    number = 0
    while time.perf_counter() < deadline:
        number += 1
        made = request(record(f"{name} {number}", {"number": number}, time_unix_nano=time.time_ns()))
        started_at = time.perf_counter()
        connection.request(
            "POST", "/v1/logs", made.SerializeToString(), {**PROTOBUF, "Authorization": f"Bearer {token}"}
        )
        response = connection.getresponse()
        response.read()
        if response.status == 200:
            load.latencies_s.append(time.perf_counter() - started_at)
        else:
            load.refused += 1
    connection.close()


def measure(settings: Settings, token: str, folder: Path, name: str) -> None:
    """Send for a while under these settings, and print a row."""
    load = Load()
    with (
        Client.from_url(settings.clickhouse_url) as client,
        run_gunicorn(settings, folder / f"{name}.log", processes=2, threads=32) as address,
    ):
        send(address, token, f"{name} warm", time.perf_counter() + 1, Load())
        [(inserted_before,)] = client.execute(INSERTIONS)
        deadline = time.perf_counter() + SECONDS_EACH
        clients = [
            threading.Thread(target=send, args=(address, token, f"{name} {index}", deadline, load))
            for index in range(CLIENTS)
        ]
        for thread in clients:
            thread.start()
        most_parts = 0
        while any(thread.is_alive() for thread in clients):
            most_parts = max(most_parts, client.execute(PARTS)[0][0])
            time.sleep(0.1)
        [(inserted,)] = client.execute(INSERTIONS)
        time.sleep(SETTLE_S)
        [(parts,)] = client.execute(PARTS)
        per_s = len(load.latencies_s) / SECONDS_EACH
        print(
            f"| {name} | {per_s:.0f} | {load.percentile_ms(0.5):.0f} | {load.percentile_ms(0.95):.0f} "
            f"| {(inserted - inserted_before) / SECONDS_EACH:.0f} | {most_parts} | {parts} | {load.refused} |",
            flush=True,
        )


def main() -> None:
    """Measure both and print the table."""
    with (
        tempfile.TemporaryDirectory() as place,
        EmbeddedClickHouse(Path(place) / "clickhouse") as server,
        EmbeddedValkey(Path(place) / "valkey") as valkey,
    ):
        folder = Path(place)
        settings = settings_for(server, folder, redis_url=valkey.url)
        token = prepare(create_app(settings))
        print("| | requests/s | p50 ms | p95 ms | insertions/s | most parts | parts after | refused |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|")
        measure(settings, token, folder, "gathered")
        measure(replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}"), token, folder, "one by one")


if __name__ == "__main__":
    main()
