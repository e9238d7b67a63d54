"""Logs whose every part is hostile, and an instance behind a socket that has received them."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import urlencode

from flask.testing import FlaskClient
from redis import Redis

from tests.support.api import Api, Reply
from tests.support.logs import Log
from tests.support.otlp import as_json, record, request
from tests.support.otlp_http import JSON, PROTOBUF
from tests.support.web import run_gunicorn
from tests.support.wire import WireClient
from webapp.extensions import db, store
from webapp.services.attribute_counts import count_arrivals
from webapp.settings import Settings

# Each is a key and a value of one log: what means something to the search, SQL, LIKE, RE2, JSON, addresses or a
# terminal, and characters of all lengths and both directions, composed and not, and such as nobody sees.
TEXTS = ["", " ", "a.b", ".", "a..b", "[0]", "a[0].b", '"', 'say "hi"', "it's", "`tick`", "\\", "back\\slash", "\\n"]
TEXTS += ["end\\", "\0", "nul\0byte", "new\nline", "tab\tand\rreturn", "\x1b[31mred\x7f", "%", "100%_sure", "\\%\\_"]
TEXTS += ["{x:String}", "{p0:String}", "%(p0)s", "(.*)+?", "^$|", "\\Q\\E", "a,b", "a=b", "a&b;c#d?e", "%00%2C+", "k:v"]
TEXTS += [
    "resource.x",
    "-a OR (b)",
    "*",
    "<script>&amp;",
    "'; DROP TABLE logs; --",
    "NULL",
    "\\N",
    "true",
    "é",
    "e\u0301",
]
TEXTS += [
    "ÉCOLE",
    "straße",
    "日本語",
    "🦔",
    "👩\u200d🚒",
    "שלום עולם",
    "\u202egnirts\u202c",
    "\u200b",
    "\ufeff",
    "\U0010ffff",
]
TEXTS += ["\ufffd", "x" * 300, "🦔" * 100 + "end"]
LONG_BODY = "🦔é\0\n'\\%" * 80_000 + "the very end"  # more than a megabyte
MANY = 5_000
RANGE = {"date_from": "-1h", "date_to": "2099-01-01T00:00:00Z"}


@dataclass
class World:
    """The instance, and what it was sent: as rows, by the number that is in each as attribute ``n``."""

    api: Api
    rows: dict[str, Log] = field(default_factory=dict)

    def ask(self, path: str, **args: Any) -> Any:
        """Ask with arguments in the address."""
        return answer(self.api.get(f"{path}/?{urlencode(args)}"))

    def post(self, path: str, **query: Any) -> Any:
        """Ask with a question in the body."""
        return answer(self.api.post(f"{path}/", {"query": {"dateRange": RANGE, **query}}))

    def found(self, **query: Any) -> set[str]:
        """Return the numbers of the rows that a search finds, on all of its pages: its time may be over before."""
        wanted = {"limit": 2000, "excludeAttributes": True, "customColumns": ["attributes.n"], **query}
        page = self.post("query", **wanted)
        rows = page["results"]
        while page["hasMore"]:
            page = self.post("query", after=page["nextCursor"], **wanted)
            rows += page["results"]
        return {value for row in rows for name, value in row.items() if name.startswith("col_")}


def answer(reply: Reply) -> Any:
    """Return what a question was answered."""
    assert reply.status_code == 200, (reply.status_code, reply.text[:2000])
    return reply.json


def hostile_rows() -> list[Log]:
    """Make the logs: one for each text, one with all of them, one with 5,000 attributes, one with a long body."""
    rows = [
        Log(
            body=text,
            service_name=text,
            attributes={text: text, "same": text},
            resource_attributes={text: text, "own": text},
            event_name=text,
            scope_name=text,
        )
        for text in TEXTS
    ]
    rows.append(Log(service_name="all", attributes={text: text[::-1] for text in TEXTS}))
    rows.append(Log(service_name="many", body="many", attributes={f"many.{at:04}": f"v{at}" for at in range(MANY)}))
    rows.append(Log(service_name="long", body=LONG_BODY, attributes={"long": LONG_BODY, "k" * 1001: "long key"}))
    for number, row in enumerate(rows):
        row.attributes["n"] = str(number)
        row.resource_attributes["service.name"] = row.service_name
    return rows


def send(api: Api, row: Log, encoding: str, *, compressed: bool) -> None:
    """Send a row by OTLP."""
    made = request(
        record(row.body, row.attributes, time_unix_nano=row.timestamp_ns, event_name=row.event_name),
        resource=row.resource_attributes,
        scope=(row.scope_name, row.scope_version),
    )
    body = made.SerializeToString() if encoding == PROTOBUF else as_json(made)
    headers = {"Content-Type": encoding}
    if compressed:
        body, headers = gzip.compress(body, 1), {**headers, "Content-Encoding": "gzip"}
    send_bytes(api, body, headers)


def send_bytes(api: Api, body: bytes, headers: Mapping[str, str]) -> None:
    """Send a request whose every record is kept."""
    reply = api.client.post("/v1/logs", data=body, headers={"Authorization": f"Bearer {api.ada.token}", **headers})
    assert reply.status_code == 200, reply.text
    assert reply.data.strip() in (b"", b"{}"), reply.data


@contextmanager
def run_world(api: Api, settings: Settings) -> Iterator[World]:
    """Start the instance and send it every row, by every encoding in turn; half of them are counted by the job."""
    with closing(Redis.from_url(settings.redis_url)) as client:
        client.flushall()
    with api.app.app_context(), run_gunicorn(settings, settings.data_dir / "web.log") as address:
        world = World(api)
        world.api.client = cast(FlaskClient, WireClient(address))
        now = time.time_ns()
        for at, made in enumerate(hostile_rows()):
            row = replace(made, timestamp_ns=now - at * 1_000_000, project_id=world.api.ada.project_id)
            send(world.api, row, (PROTOBUF, JSON)[at % 2], compressed=at % 4 > 1)
            world.rows[row.attributes["n"]] = row
            if at == len(TEXTS) // 2:
                time.sleep(0.01)
                count_arrivals(60)
        yield world
        store.close()
        db.session.remove()
        db.engine.dispose()
