"""The explorer's page against its budgets: the server's time for the first rows, weight, paint, shifts, scrolling.

    ./hedgerow bench page [ROWS] [--data FOLDER]

Fills an embedded ClickHouse of its own with ROWS logs over a week (2,000,000 unless given), in a folder that may be
kept, serves it by gunicorn, asks for the page as a browser does (median and 95th percentile of REQUESTS), and then
looks at it in Chromium. ``--data`` takes the folder of ``bench queries``.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.browsing import huge_line, loads, openings, scroll, transferred
from bench.data import HOUR_NS
from bench.instance import settings_for
from bench.queries import prepare, server_in
from bench.quiet import keep_quiet
from tests.support.chromium import run_chromium
from tests.support.lines import Line, send_lines
from tests.support.web import run_gunicorn
from webapp import create_app
from webapp.extensions import db
from webapp.language.timebox import TimeBox
from webapp.services import accounts, projects, tokens

ROWS = 2_000_000
REQUESTS = 60
RANGES = {"15m": HOUR_NS // 4, "1h": HOUR_NS, "24h": 24 * HOUR_NS, "7d": 168 * HOUR_NS}
SEARCHES = ("", "level:error service:api", "timeout", "http.route:/api/orders")
HUGE_CHARACTERS = 5_000_000


@dataclass(frozen=True, slots=True)
class Instance:
    """What is looked at: addresses of the logs of two projects, the way in, and where the logs end."""

    path: str
    huge_path: str
    huge_token: str
    way_in: str
    end_ns: int


def ask(connection: http.client.HTTPConnection, path: str, cookie: str) -> tuple[list[float], int]:
    """Ask for a page many times; return the milliseconds, sorted, and the bytes of the last answer."""
    taken, size = [], 0
    for _request in range(REQUESTS):
        began_at = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
        response = connection.getresponse()
        size = len(response.read())
        taken.append((time.perf_counter() - began_at) * 1000)
        assert response.status == 200, response.status
    return sorted(taken), size


def sign_in(connection: http.client.HTTPConnection, path: str) -> str:
    """Use a sign-in link; return the cookie."""
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    return response.headers["Set-Cookie"].split(";")[0]


def percentiles(taken: list[float]) -> str:
    """Median and 95th percentile as cells of a table."""
    return f"{statistics.median(taken):.0f} | {taken[int(len(taken) * 0.95)]:.0f}"


def window(instance: Instance, span_ns: int, search: str) -> str:
    """The query of a page that shows the last of the logs."""
    span = TimeBox.zoomed(instance.end_ns - span_ns, instance.end_ns).to_url()
    return urlencode({"t": span, **({"q": search} if search else {})})


def print_requests(address: str, instance: Instance) -> None:
    """Print what the server takes for the first rows and for the chart."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    cookie = sign_in(connection, instance.way_in)
    print("| search | range | rows p50 ms | p95 | chart p50 ms | p95 | page KB gzipped |")
    print("|---|---|---|---|---|---|---|")
    for name, span_ns in RANGES.items():
        for search in SEARCHES:
            query = window(instance, span_ns, search)
            rows, size = ask(connection, f"{instance.path}?{query}", cookie)
            chart, _ = ask(connection, f"{instance.path}/summary?{query}", cookie)
            cells = f"{percentiles(rows)} | {percentiles(chart)} | {size / 1000:.1f}"
            print(f"| `{search or ' '}` | {name} | {cells} |", flush=True)


def print_budgets(address: str, instance: Instance) -> None:
    """Print what Chromium says of the page."""
    quarter, day = (f"{address}{instance.path}?{window(instance, RANGES[name], '')}" for name in ("15m", "24h"))
    with run_chromium() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.new_page().goto(f"{address}{instance.way_in}")
        wire = transferred(context, day)
        seen, opened, moved = loads(context, quarter), openings(context, day), scroll(context, day)
        send_lines(address, instance.huge_token, [Line(body="huge " + "x" * HUGE_CHARACTERS)])
        listed_ms, open_it = huge_line(context, f"{address}{instance.huge_path}")
        rows = {
            "scripts and styles, KB on the wire (60)": f"{(wire['Script'] + wire['Stylesheet']) / 1000:.1f}",
            "page of 100 rows, KB on the wire (20)": f"{wire['Document'] / 1000:.1f}",
            "largest paint, p50 and p95 ms (800)": percentiles(seen.lcp_ms),
            "layout shift, worst (0)": f"{seen.cls:.4f}",
            "longest task while loading, ms": f"{seen.longest_ms:.0f}",
            "row to detail, p50 and p95 ms (100)": percentiles(opened),
            f"scrolling {moved.rows:,.0f} rows: frames, dropped (0)": f"{moved.frames} | {moved.dropped}",
            "longest frame ms; most rows in the page (2,000)": f"{moved.longest_ms:.0f} | {moved.most_in_page}",
            "a line of 5 MB: longest task ms in the list, when opened": f"{listed_ms:.0f} | {open_it():.0f}",
        }
    print("\n| in Chromium (budget) | | |\n|---|---|---|")
    for name, figures in rows.items():
        print(f"| {name} | {figures} |{' |' if '|' not in figures else ''}", flush=True)


def main(arguments: list[str]) -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(prog="./hedgerow bench page")
    parser.add_argument("rows", nargs="?", default=str(ROWS), help="how many logs to fill in")
    parser.add_argument("--data", type=Path, help="folder to keep them in")
    options = parser.parse_args(arguments)
    keep_quiet()
    with server_in(options.data and options.data.resolve()) as server, tempfile.TemporaryDirectory() as folder:
        settings = settings_for(server, Path(folder))
        app = create_app(settings)
        end_ns, _key = prepare(app, server.url, int(options.rows.replace("_", "").replace(",", "")))
        with app.app_context():
            user = accounts.first_user()
            huge = projects.create_project("Huge", user)
            links = [accounts.create_sign_in_link(user) for _ in range(2)]
            token, slugs = tokens.ingestion_token(huge.id), [project.slug for project in projects.projects_of(user)]
            db.engine.dispose()
        path, huge_path = (f"/p/{slug}/logs" for slug in sorted(slugs, key=lambda slug: slug == huge.slug))
        with run_gunicorn(settings, Path(folder) / "gunicorn.log") as address:
            asked, looked_at = (Instance(path, huge_path, token, f"/sign-in/{link}", end_ns) for link in links)
            print(flush=True)
            print_requests(address, asked)
            print_budgets(address, looked_at)


if __name__ == "__main__":
    main(sys.argv[1:])
