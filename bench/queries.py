"""What the explorer's questions cost: milliseconds, rows and bytes read, over an hour, a day and a week.

    ./hedgerow bench queries [ROWS] [--data FOLDER] [--only WORDS]

Fills an embedded ClickHouse of its own with ROWS logs (2,000,000 unless given), in a folder that may be kept so that
the next run need not fill it again, asks through the same services as the
page, and prints the table that is in ``bench/README.md``: the median of 15 and, in brackets, the fastest, which is the
one to compare if the machine was busy. Each question is asked twice before it counts, and ClickHouse is kept from
remembering which blocks had nothing for a filter: the figures are of warm files and new questions.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from flask import Flask

from bench.data import (
    HOUR_NS,
    PROJECT,
    RARE_WORD,
    UNCOMMON_WORD,
    WEEK_NS,
    Sample,
    count_all,
    counted_until,
    fill,
    filled_until,
    sample_of,
    settle,
    size,
)
from bench.quiet import keep_quiet
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.extensions import db
from webapp.language.tree import (
    LEVEL,
    MESSAGE,
    SERVICE,
    TRACE_ID,
    And,
    Field,
    Match,
    Node,
    Operator,
    attribute,
    resource_attribute,
)
from webapp.models import RollupProgress
from webapp.queries.attribute_keys import Wanted
from webapp.queries.cursor import Cursor
from webapp.queries.query import Query
from webapp.queries.scope import Scope, TimeRange
from webapp.services import logs
from webapp.services.attribute_counts import NAME
from webapp.services.log_attributes import find_keys
from webapp.services.log_facets import find_facets
from webapp.services.log_groups import find_groups
from webapp.services.log_services import find_services
from webapp.services.log_values import Asked, find_values
from webapp.services.logs import Stats
from webapp.settings import Settings
from webapp.store.asker import Asker, set_asker
from webapp.store.store import Answer, Store

ROWS = 2_000_000
RANGES = {"1 h": HOUR_NS, "24 h": 24 * HOUR_NS, "7 d": WEEK_NS}
WARM_UP = 2
REPEATS = 15
LONGEST_S = 5.0
PATTERN = r"upstream call \w+ /api/\w+/\d+ status=50[03]"


class ForgetfulStore(Store):
    """The store, with every question as if it were new."""

    def read(self, query: Query, *, query_id: str | None = None, timeout_s: float | None = None) -> Answer:
        """Read without the cache of filters."""
        settings = {**query.settings, "use_query_condition_cache": 0}
        return super().read(replace(query, settings=settings), query_id=query_id, timeout_s=timeout_s)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and what the first design measured for the ranges it tried (12 M rows of 20 M, quiet machine)."""

    name: str
    ask: Callable[[Scope], Stats]
    where: Node = And(())
    design_ms: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one question took over one range, at the median and at best."""

    ms: float
    best_ms: float
    rows: int
    bytes: int


def latest(scope: Scope) -> Stats:
    """Ask for the first page of a list, with all columns."""
    return logs.search(scope, limit=200).stats


def middle(scope: Scope) -> Stats:
    """Ask for a page from the middle of the range on."""
    cursor = Cursor((scope.time.first_ns + scope.time.stop_ns) // 2, UUID(int=0))
    return logs.search(scope, limit=200, after=cursor).stats


def counting(scope: Scope) -> Stats:
    """Ask for a count."""
    return logs.count(scope).stats


def sparkline(scope: Scope) -> Stats:
    """Ask for the chart."""
    return logs.histogram(scope).stats


def cost_of(ask: Callable[[], object]) -> Stats:
    """Ask, and return what all questions of it cost together."""
    asker = Asker()
    set_asker(asker)
    ask()
    set_asker(None)
    return Stats(asker.elapsed_ms, asker.rows_read, asker.bytes_read)


def keys(scope: Scope) -> Stats:
    """Ask for the keys of attributes."""
    return cost_of(lambda: find_keys(scope, Wanted(), limit=100, offset=0))


def values(scope: Scope) -> Stats:
    """Ask for the values of a key with a piece in them."""
    return cost_of(lambda: find_values(scope, Asked("log", "http.route", "/api/o")))


def ids(scope: Scope) -> Stats:
    """Ask for an id, which the counts of values do not hold."""
    return cost_of(lambda: find_values(scope, Asked("log", "request.id", "c0ffe", limit=10)))


def facets(scope: Scope) -> Stats:
    """Ask for five facets that no counts by minute know."""
    names = ("customer.tier", "http.route", "http.status_code", "feature.flag")
    return cost_of(lambda: find_facets(scope, [*map(attribute, names), resource_attribute("host.name")]))


def services(scope: Scope) -> Stats:
    """Ask for all services with their charts."""
    return cost_of(lambda: find_services(scope))


def groups(scope: Scope) -> Stats:
    """Ask for the groups of one key."""
    return cost_of(lambda: find_groups(scope, [attribute("http.route")]))


def contains(text: str) -> Match:
    """Return the filter for a piece of the body."""
    return Match(MESSAGE, Operator.CONTAINS, (text,))


def equals(field: Field, *values: str) -> Match:
    """Return the filter for whole values."""
    return Match(field, Operator.EQUALS, values)


def questions(sample: Sample) -> Iterator[Question]:
    """Return what is measured, in the order of the table."""
    service = And((equals(LEVEL, "error"), equals(SERVICE, "checkout")))
    request = equals(attribute("request.id"), sample.request_id)
    tier = equals(attribute("customer.tier"), "pro")
    user = equals(attribute("user.id"), sample.user_id)
    yield Question("latest 200", latest, design_ms="16, 18, 27")
    yield Question("200 at a cursor", middle, design_ms=", , 23")
    yield Question("latest 200, level and service", latest, service, ", 42, 80")
    yield Question("latest 200, common word", latest, contains("upstream"), ", , 32")
    yield Question("latest 200, rare word", latest, contains(RARE_WORD), ", , 50")
    yield Question("latest 200, absent word", latest, contains("zyxwvut"), ", , 12")
    yield Question("latest 200, part of a rare word", latest, contains(RARE_WORD[2:-2]), ", , 60")
    yield Question("latest 200, part of a common word", latest, contains("pstrea"), ", , 67")
    yield Question("latest 200, word in 50,000", latest, contains(UNCOMMON_WORD))
    yield Question("latest 200, phrase with an id", latest, contains(sample.phrase))
    yield Question("latest 200, a user in the body", latest, contains(sample.user_id))
    yield Question("latest 200, rare attribute value", latest, request, ", , 90")
    yield Question("latest 200, attribute value in 200,000", latest, user)
    yield Question("latest 200, common attribute value", latest, tier, ", 32,")
    yield Question("latest 200, trace id", latest, equals(TRACE_ID, sample.trace_id))
    yield Question("count", counting)
    yield Question("count, level and service", counting, service)
    yield Question("count, common word", counting, contains("upstream"))
    yield Question("count, rare attribute value", counting, request)
    yield Question("count, common attribute value", counting, tier)
    yield Question("count, regular expression", counting, Match(MESSAGE, Operator.REGEX, (PATTERN,)), "14, 107,")
    yield Question("sparkline", sparkline, design_ms="4, 12, 33")
    yield Question("sparkline, level and service", sparkline, service)
    yield Question("sparkline, common word", sparkline, contains("upstream"), ", 25,")
    yield Question("keys", keys, design_ms=", 30,")
    yield Question("values by a piece", values, design_ms=", 6,")
    yield Question("values that are ids", ids)
    yield Question("5 facets", facets, design_ms="33, 295–530,")
    yield Question("5 facets, level and service", facets, service)
    yield Question("5 facets, common word", facets, contains("upstream"))
    yield Question("services", services)
    yield Question("groups of one key", groups)


def measure(question: Question, scope: Scope) -> Cost:
    """Ask until it counts, and return the median."""
    timings = []
    stats = Stats()
    deadline = time.monotonic() + LONGEST_S
    for attempt in range(WARM_UP + REPEATS):
        started_at = time.perf_counter()
        stats = question.ask(scope)
        if attempt >= WARM_UP:
            timings.append((time.perf_counter() - started_at) * 1000)
        if timings and time.monotonic() > deadline:
            break
    return Cost(statistics.median(timings), min(timings), stats.rows_read, stats.bytes_read)


def print_table(sample: Sample, end_ns: int, only: str) -> None:
    """Measure and print the questions with these words in their names, line by line."""
    print("| | ms | | | design | rows read | | | MB read | | |")
    print("|---|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|")
    print(f"| | {' | '.join(RANGES)} | {', '.join(RANGES)} | {' | '.join(RANGES)} | {' | '.join(RANGES)} |")
    for question in (question for question in questions(sample) if only in question.name):
        scopes = [Scope(PROJECT, TimeRange(end_ns - length, end_ns), question.where) for length in RANGES.values()]
        costs = [measure(question, scope) for scope in scopes]
        cells = [
            question.name,
            *(f"{cost.ms:.0f} ({cost.best_ms:.0f})" for cost in costs),
            question.design_ms,
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


def fill_once(url: str, store: Store, rows: int) -> int:
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


def main(arguments: list[str]) -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(prog="./hedgerow bench queries")
    parser.add_argument("rows", nargs="?", default=str(ROWS), help="how many logs to fill in")
    parser.add_argument("--data", type=Path, help="folder to keep them in")
    parser.add_argument("--only", default="", help="part of the names of the questions to ask")
    options = parser.parse_args(arguments)
    keep_quiet()
    with server_in(options.data and options.data.resolve()) as server:
        settings = Settings(clickhouse_url=server.url, clickhouse_reader_url=server.reader_url)
        store = ForgetfulStore.from_settings(settings)
        store.migrate()
        end_ns = fill_once(server.url, store, int(options.rows.replace("_", "").replace(",", "")))
        print(flush=True)
        app = Flask(__name__)
        app.extensions |= {"hedgerow_store": store, "hedgerow_settings": settings}
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        db.init_app(app)
        with app.app_context():
            db.create_all()
            db.session.add(RollupProgress(name=NAME, counted_until_ns=counted_until(server.url)))
            db.session.commit()
            print_table(sample_of(server.url, end_ns), end_ns, options.only)
        store.close()


if __name__ == "__main__":
    main(sys.argv[1:])
