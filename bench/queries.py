"""What the explorer's questions cost: milliseconds, rows and bytes read, over an hour, a day and a week.

    ./hedgerow bench queries [ROWS] [--data FOLDER] [--only WORDS]

Fills an embedded ClickHouse of its own with ROWS logs (2,000,000 unless given), in a folder that may be kept so that
the next run need not fill it again, asks gunicorn through HTTP as a program does, and prints the table that is in
``bench/README.md``: the median of 15 and, in brackets, the fastest, which is the one to compare if the machine was
busy. "In ClickHouse" is what of the median the web process waited for it, with the rows that it sends back. Each
question is asked twice before it counts, and ClickHouse is kept from remembering which blocks had nothing for a
filter: the figures are of warm files and new questions.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from bench.data import (
    HOUR_NS,
    PROJECT,
    WEEK_NS,
    count_all,
    counted_until,
    fill,
    filled_until,
    sample_of,
    settle,
    size,
)
from bench.instance import settings_for
from bench.questions import Question, questions
from bench.quiet import keep_quiet
from tests.support.web import run_gunicorn
from webapp import create_app
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.extensions import db, store
from webapp.models import RollupProgress
from webapp.services import accounts, keys, projects
from webapp.services.attribute_counts import NAME
from webapp.services.database import upgrade_database

ROWS = 2_000_000
RANGES = {"1 h": HOUR_NS, "24 h": 24 * HOUR_NS, "7 d": WEEK_NS}
WARM_UP = 2
REPEATS = 15
LONGEST_S = 5.0
TIMING = re.compile(r"clickhouse;dur=([\d.]+);queries=(\d+);rows=(\d+);bytes=(\d+)")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one question took over one range, at the median and at best; ``marked``: its answer says approximate."""

    ms: float
    best_ms: float
    clickhouse_ms: float
    queries: int
    rows: int
    bytes: int
    marked: bool


class Asker:
    """A program that asks for a project's logs over one connection."""

    def __init__(self, address: str, key: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: bytes | None) -> tuple[bytes, tuple[float, int, int, int]]:
        """Ask once; return the answer, and ClickHouse's milliseconds, queries, rows and bytes."""
        self.connection.request(method, f"/api/projects/{PROJECT}/logs/{path}", body, self.headers)
        response = self.connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer
        timing = TIMING.fullmatch(response.headers["Server-Timing"])
        assert timing, response.headers
        return answer, (float(timing[1]), int(timing[2]), int(timing[3]), int(timing[4]))

    def measure(self, question: Question, first_ns: int, stop_ns: int) -> Cost:
        """Ask until it counts."""
        request = question.request(first_ns, stop_ns)
        taken: list[float] = []
        inside: list[float] = []
        deadline = time.monotonic() + LONGEST_S
        for attempt in range(WARM_UP + REPEATS):
            started_at = time.perf_counter()
            answer, (clickhouse_ms, queries, rows, size_bytes) = self.ask(*request)
            if attempt >= WARM_UP:
                taken.append((time.perf_counter() - started_at) * 1000)
                inside.append(clickhouse_ms)
            if taken and time.monotonic() > deadline:
                break
        marked = b'"approximate": true' in json.dumps(json.loads(answer)).encode()
        ms = statistics.median(taken)
        return Cost(ms, min(taken), statistics.median(inside), queries, rows, size_bytes, marked)


def print_table(asker: Asker, wanted: list[Question], end_ns: int) -> None:
    """Measure and print the questions line by line."""
    ranges = list(RANGES)
    print("| | ms | | | in ClickHouse | | | aim | queries | rows read | | | MB read | | |")
    print("|---|--:|--:|--:|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|")
    print(f"| | {' | '.join(ranges * 2)} | {', '.join(ranges)} | | {' | '.join(ranges * 2)} |")
    for question in wanted:
        costs = [asker.measure(question, end_ns - length, end_ns) for length in RANGES.values()]
        cells = [
            question.name,
            *(f"{'~' if cost.marked else ''}{cost.ms:.0f} ({cost.best_ms:.0f})" for cost in costs),
            *(f"{cost.clickhouse_ms:.0f}" for cost in costs),
            question.aim,
            ", ".join(str(cost.queries) for cost in costs),
            *(f"{cost.rows:,}" for cost in costs),
            *(f"{cost.bytes / 1e6:.1f}" for cost in costs),
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


@contextmanager
def server_in(folder: Path | None) -> Iterator[EmbeddedClickHouse]:
    """Run ClickHouse on this folder, or on one that is removed in the end."""
    with (
        tempfile.TemporaryDirectory(prefix="hedgerow-bench-") as passing,
        EmbeddedClickHouse((folder or Path(passing)) / "clickhouse") as server,
    ):
        yield server


def fill_once(url: str, rows: int) -> int:
    """Fill the tables unless that was done before; return the end of the week that they hold."""
    end_ns = filled_until(url)
    if end_ns is None:
        end_ns = time.time_ns() // HOUR_NS * HOUR_NS
        started_at = time.monotonic()
        fill(url, rows, end_ns)
        print(f"{rows:,} logs over 7 days in {time.monotonic() - started_at:.0f} s", flush=True)
    started_at = time.monotonic()
    settle(url)
    print(f"all days but the last in one part each after {time.monotonic() - started_at:.0f} s", flush=True)
    if not size(url)[-1][1]:
        started_at = time.monotonic()
        count_all(store)
        print(f"attributes counted in {time.monotonic() - started_at:.0f} s", flush=True)
    for name, table_rows, parts, bytes_each in size(url):
        print(f"{name}: {table_rows:,} rows in {parts} parts, {bytes_each:.0f} bytes a log")
    return end_ns


def prepare(app: Flask, url: str, rows: int) -> tuple[int, str]:
    """Make an instance with these logs, all counted, in its first project; return their end and a key."""
    upgrade_database(app)
    with app.app_context():
        store.migrate()
        user = accounts.create_user("bench@example.org", "bench", [])
        assert projects.create_project("Bench", user).id == PROJECT
        _, key = keys.create_key(user, "bench", ["logs:read"])
        end_ns = fill_once(url, rows)
        db.session.add(RollupProgress(name=NAME, counted_until_ns=counted_until(url)))
        db.session.commit()
        store.close()
        db.engine.dispose()
    return end_ns, key


def main(arguments: list[str]) -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(prog="./hedgerow bench queries")
    parser.add_argument("rows", nargs="?", default=str(ROWS), help="how many logs to fill in")
    parser.add_argument("--data", type=Path, help="folder to keep them in")
    parser.add_argument("--only", default="", help="part of the names of the questions to ask")
    options = parser.parse_args(arguments)
    keep_quiet()
    with server_in(options.data and options.data.resolve()) as server, tempfile.TemporaryDirectory() as folder:
        settings = settings_for(server, Path(folder), key_requests_per_minute=0, key_requests_per_hour=0)
        rows = int(options.rows.replace("_", "").replace(",", ""))
        end_ns, key = prepare(create_app(settings), server.url, rows)
        wanted = [question for question in questions(sample_of(server.url, end_ns)) if options.only in question.name]
        log = Path(folder) / "gunicorn.log"
        with run_gunicorn(settings, log, config="python:bench.forgetful") as address:
            print(flush=True)
            print_table(Asker(address, key), wanted, end_ns)


if __name__ == "__main__":
    main(sys.argv[1:])
