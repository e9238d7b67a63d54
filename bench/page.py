"""What the explorer's page weighs, and how long the server takes for its first rows and for its chart.

    ./hedgerow bench page [ROWS]

Fills an embedded ClickHouse of its own with ROWS logs over a week (2,000,000 unless given), signs in, and asks for the
page as a browser does, in one process and without the network between: median and 95th percentile of REQUESTS.
"""

from __future__ import annotations

import gzip
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bench.data import PROJECT, fill
from bench.instance import settings_for
from webapp import create_app, observability
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.pages.static import FOLDER

ROWS = 2_000_000
REQUESTS = 60
HOUR_NS = 3600 * 10**9
RANGES = ("15m", "1h", "24h", "7d")
SEARCHES = ("", "level:error service:api", "timeout", "http.route:/api/orders")


def timed(ask: Callable[[], TestResponse]) -> tuple[list[float], int]:
    """Return the sorted milliseconds of many answers, and the bytes of the last one."""
    taken = []
    for _ in range(REQUESTS):
        began_at = time.perf_counter()
        answer = ask()
        taken.append((time.perf_counter() - began_at) * 1000)
        assert answer.status_code == 200, answer.status
    return sorted(taken), len(answer.data)


def print_row(client: FlaskClient, path: str, span: str, search: str) -> None:
    """Measure one page and its chart, and print their row."""
    query = {"t": f"now-{span}..now", "q": search}
    headers = {"Accept-Encoding": "gzip"}
    page, size = timed(lambda: client.get(path, query_string=query, headers=headers))
    chart, _ = timed(lambda: client.get(f"{path}/summary", query_string=query, headers=headers))
    figures = " | ".join(f"{statistics.median(each):.0f} | {each[int(REQUESTS * 0.95)]:.0f}" for each in (page, chart))
    print(f"| `{search or ' '}` | {span} | {figures} | {size / 1000:.1f} |", flush=True)


def main(arguments: list[str]) -> None:
    """Fill, measure, print."""
    rows = int(arguments[0].replace("_", "").replace(",", "")) if arguments else ROWS
    with (
        tempfile.TemporaryDirectory(prefix="hedgerow-bench-") as folder,
        EmbeddedClickHouse(Path(folder) / "clickhouse") as server,
    ):
        settings = settings_for(server, Path(folder), log_level="error")
        observability.configure(settings, "cli")
        app = create_app(settings)
        with app.app_context():
            from webapp.extensions import store
            from webapp.services import accounts
            from webapp.services.database import upgrade_database

            upgrade_database(app)
            store.migrate()
            accounts.ensure_first_run()
            token = accounts.create_sign_in_link(accounts.first_user())
        fill(server.url, rows, time.time_ns() // HOUR_NS * HOUR_NS + HOUR_NS)
        client = app.test_client()
        client.get(f"/sign-in/{token}")
        loaded = [path for path in FOLDER.rglob("*") if path.suffix in {".js", ".css"}]
        weight = sum(len(gzip.compress(path.read_bytes(), 5)) for path in loaded)
        print(f"Scripts and styles: {weight / 1000:.1f} KB gzipped\n")
        print("| search | range | rows p50 ms | p95 | chart p50 ms | p95 | page KB gzipped |")
        print("|---|---|---|---|---|---|---|")
        for span in RANGES:
            for search in SEARCHES:
                print_row(client, "/p/default/logs", span, search)
        assert PROJECT == 1, "the first project is the one that the logs are made for"
        with app.app_context():
            store.close()


if __name__ == "__main__":
    main(sys.argv[1:])
