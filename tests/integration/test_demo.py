"""The demo against a whole instance: what is sent is what is stored."""

from __future__ import annotations

import logging
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from clickhouse_driver import Client
from flask import Flask

from tests.support.accounts import make_app
from tests.support.instance import Instance, environment
from webapp.demo.emit import Emitter, Refused
from webapp.demo.run import span_text
from webapp.extensions import db
from webapp.services import accounts
from webapp.settings import ROOT

pytestmark = pytest.mark.xdist_group("demo")

BUSY = ("--backfill", "80m", "--backfill-only", "--rate", "1", "--seed", "5")  # holds the latest incident


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with Instance(tmp_path_factory.mktemp("demo") / "data", HEDGEROW_WORKERS="1") as started:
        yield started.ready()


@pytest.fixture(scope="module")
def logs(instance: Instance) -> Iterator[Client]:
    with Client.from_url(instance.announced["clickhouse_url"]) as client:
        yield client


def start(instance: Instance, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "webapp", "demo", *arguments],
        cwd=ROOT,
        env=environment(instance.data_dir),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(instance: Instance, *arguments: str) -> str:
    """Run the demo to its end and return what it says."""
    process = start(instance, *arguments)
    said, complaints = process.communicate(timeout=120)
    assert (process.returncode, complaints) == (0, "")
    return said


def lines_sent(said: str) -> int:
    found = re.search(r"^([\d,]+) lines sent in ", said, re.MULTILINE)
    assert found is not None, said
    return int(found[1].replace(",", ""))


def ask(logs: Client, question: str, **parameters: Any) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = logs.execute(f"SELECT {question}", parameters)
    return rows


@pytest.fixture(scope="module")
def past(instance: Instance, logs: Client) -> int:
    """Number of lines of a filled past; nothing else is in the project before."""
    assert ask(logs, "count() FROM logs WHERE project_id = 1") == [(0,)]
    return lines_sent(run(instance, *BUSY))


def test_every_line_of_the_past_is_stored_once(past: int, logs: Client) -> None:
    assert past > 4_000  # 7,000 at night, five times as many in the evening: the hour at which the test runs decides
    assert ask(logs, "count(), uniqExact(uuid) FROM logs WHERE project_id = 1") == [(past, past)]


def test_the_stored_past_tells_who_failed_first(past: int, logs: Client) -> None:
    first = ask(
        logs,
        """service_name, min(timestamp) AS first FROM logs
        WHERE project_id = 1 AND severity_number >= 17 AND service_name IN ('payments', 'checkout', 'worker-mailer')
          AND body NOT LIKE '%%SMTPServerDisconnected%%' -- as on any other day
        GROUP BY service_name ORDER BY first""",
    )
    assert first[0][0] == "payments"
    assert len(first) == 3


def test_traces_cross_services_in_the_store(past: int, logs: Client) -> None:
    [(services,)] = ask(
        logs,
        """groupUniqArray(service_name) FROM logs WHERE project_id = 1 AND trace_id =
        (SELECT trace_id FROM logs WHERE project_id = 1 AND event_name = 'order.confirmed' LIMIT 1)""",
    )
    assert {"storefront", "api-gateway", "checkout", "payments", "inventory"} <= set(services)


def test_odd_lines_are_stored_as_they_were_written(past: int, logs: Client) -> None:
    [(coloured,)] = ask(logs, "body FROM logs WHERE project_id = 1 AND service_name = 'legacy-erp' LIMIT 1")
    assert "\x1b[" in coloured
    [(structured,)] = ask(logs, "body FROM logs WHERE event_name = 'payment.captured' LIMIT 1")
    assert structured.startswith('{"message":"payment captured"')
    assert ask(logs, "count() > 0 FROM logs WHERE body LIKE '%%抹茶%%'") == [(True,)]


def test_resources_reach_the_store(past: int, logs: Client) -> None:
    [(resource,)] = ask(
        logs, "resource_attributes FROM logs WHERE project_id = 1 AND service_name = 'payments' LIMIT 1"
    )
    assert resource["k8s.namespace.name"] == "payments"
    assert resource["service.version"] in {"2.14.0", "2.15.0"}
    assert resource["deployment.environment"] == "production"


def test_live_lines_carry_the_present_time(past: int, instance: Instance, logs: Client) -> None:
    began_ns = time.time_ns()
    sent = lines_sent(run(instance, "--duration", "2s", "--rate", "30"))
    assert sent > 50
    question = "count() FROM logs WHERE project_id = 1 AND toUnixTimestamp64Nano(timestamp) >= %(began)s"
    assert ask(logs, question, began=began_ns) == [(sent,)]


def test_ctrl_c_ends_the_stream_with_a_summary(past: int, instance: Instance) -> None:
    process = start(instance, "--rate", "50")
    assert process.stdout is not None
    assert "Ctrl-C ends it" in process.stdout.readline()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    said, complaints = process.communicate(timeout=30)
    assert (process.returncode, complaints) == (0, "")
    assert lines_sent(said) > 0


def test_another_project_can_be_filled(past: int, instance: Instance, logs: Client) -> None:
    before = ask(logs, "count() FROM logs WHERE project_id = 1")
    sent = lines_sent(run(instance, "--project", "Hedgerow", "--backfill", "2m", "--backfill-only"))
    assert ask(logs, "count() FROM logs WHERE project_id = 2 AND service_name = 'storefront'")[0][0] > 0
    assert sent > 0
    assert ask(logs, "count() FROM logs WHERE project_id = 1") == before


def test_a_bad_token_is_refused_in_one_sentence(instance: Instance) -> None:
    emitter = Emitter(instance.url, "phc_unknown")
    with pytest.raises(Refused, match=r"^Hedgerow at http://127\.0\.0\.1:\d+ refused the ingestion token"):
        emitter.check()


def test_something_else_on_the_port_is_named_as_such(instance: Instance) -> None:
    emitter = Emitter(f"{instance.url}/elsewhere", "phc_unknown")
    with pytest.raises(Refused, match=r"does not take logs \(404\)"):
        emitter.check()


@pytest.fixture
def away(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Flask]:
    """A prepared instance that does not run; its commands set up logging for a process, which is undone."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    shutil.copy(migrated_sqlite, tmp_path / "hedgerow.sqlite3")
    app = make_app(f"sqlite:///{tmp_path / 'hedgerow.sqlite3'}", tmp_path)
    with app.app_context():
        accounts.ensure_first_run()
        yield app
        db.engine.dispose()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--project", "shop"], "--project is 'shop', but there is no such project. There are: default, hedgerow."),
        (["--backfill", "31d"], "--backfill reaches 31 days back, but the project Default keeps 30."),
        (["--backfill", "1 day"], "'1 day' must be a number and a unit: 90s, 30m, 24h or 7d."),
        (["--backfill-only"], "--backfill-only needs --backfill, for instance --backfill 24h."),
        (["--rate", "0"], "0.0 is not in the range 0.01<=x<=500."),
    ],
)
def test_options_that_make_no_sense_are_explained(away: Flask, arguments: list[str], sentence: str) -> None:
    done = away.test_cli_runner().invoke(args=["demo", *arguments])
    assert done.exit_code != 0
    assert sentence in done.stderr


def test_an_instance_that_does_not_run_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(Refused) as refused:
        Emitter(url, "phc_any").check()
    assert str(refused.value) == f"Hedgerow is not running at {url}: start it with ./hedgerow"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3600, "1 h"), (86_400, "24 h"), (5400, "1 h 30 min")],
)
def test_lengths_of_time_read_well(seconds: float, text: str) -> None:
    assert span_text(seconds) == text


def test_ctrl_c_ends_the_stream_although_the_store_hangs(past: int, instance: Instance) -> None:
    [store] = instance.processes()["clickhouse"]
    process = start(instance, "--rate", "50")
    assert process.stdout is not None
    assert "Ctrl-C ends it" in process.stdout.readline()
    store.suspend()
    try:
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)
    finally:
        store.resume()
    assert (process.returncode, complaints) == (0, "")
