"""``/metrics``: closed unless there is a token, and what it tells to those who have it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.support.api import Api, Reply
from tests.support.otlp import as_json
from tests.support.otlp_http import JSON, changed, message, post
from tests.support.scrape import TOKEN, Scrape, parse
from webapp.extensions import db, redis
from webapp.models import RunStatus, ScheduledTask
from webapp.models.types import utc_now
from webapp.observability.metrics import METHODS
from webapp.services.queues import enqueue
from webapp.settings import Settings


@pytest.fixture
def open_api(api: Api, settings: Settings) -> Iterator[Api]:
    """The API of an instance that shows its metrics."""
    with changed(api, settings, metrics_token=TOKEN) as opened:
        yield opened


def ask(api: Api, token: str = TOKEN) -> Reply:
    return api.get("/metrics", key=token)


def scrape(api: Api) -> Scrape:
    response = ask(api)
    assert response.status_code == 200, response.text
    return parse(response.text)


def test_without_a_token_of_the_operator_nobody_sees_metrics(api: Api) -> None:
    for token in ("", "None", api.ada.key):
        response = ask(api, token)
        assert response.status_code == 404
        assert "HEDGEROW_METRICS_TOKEN" in response.json["detail"]


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], "ключ"])
def test_a_wrong_token_is_refused(open_api: Api, token: str) -> None:
    response = ask(open_api, token)
    assert response.status_code == 401
    assert response.json["code"] == "authentication_failed"


def test_the_answer_is_in_the_format_of_prometheus_and_kept_by_no_cache(open_api: Api) -> None:
    response = ask(open_api)
    assert response.content_type.startswith("text/plain; version=")
    assert response.headers["Cache-Control"] == "no-store"
    assert parse(response.text).labels("hedgerow_build_info") == [{"version": "0.1.0"}]


def test_requests_are_counted_by_the_template_of_their_route(open_api: Api) -> None:
    before = scrape(open_api)
    for path in ("/nothing/1", "/nothing/2"):
        open_api.get(path)
    open_api.call("BREW", "/healthz")
    open_api.count()
    after = scrape(open_api)
    name = "hedgerow_http_requests_total"
    route = "/api/projects/<project>/logs/count/"

    def more(**labels: str) -> float:
        return after.value(name, **labels) - before.value(name, **labels)

    assert more(route=route, method="POST", status="200") == 1
    assert more(route="none", method="GET", status="404") == 2
    assert {labels["method"] for labels in after.labels(name)} <= METHODS | {"other"}
    assert not [labels for labels in after.labels(name) if "nothing" in labels["route"]]
    seconds = "hedgerow_http_request_duration_seconds"
    assert after.value(f"{seconds}_count", route=route, method="POST") > before.value(
        f"{seconds}_count", route=route, method="POST"
    )
    assert after.value(f"{seconds}_sum", route=route, method="POST") > before.value(
        f"{seconds}_sum", route=route, method="POST"
    )


def test_questions_are_counted_by_kind_with_the_rows_that_they_read(open_api: Api) -> None:
    open_api.send({"body": "one"}, {"body": "two"})
    before = scrape(open_api)
    assert len(open_api.rows()) == 2
    after = scrape(open_api)
    for name, least in (
        ("hedgerow_clickhouse_statement_duration_seconds_count", 1),
        ("hedgerow_clickhouse_read_rows_total", 2),
        ("hedgerow_clickhouse_read_bytes_total", 2),
    ):
        assert after.value(name, kind="rows") - before.value(name, kind="rows") >= least, name


def test_logs_are_counted_as_they_come_in_and_as_they_are_refused(open_api: Api) -> None:
    before = scrape(open_api)
    fields = json.loads(as_json(message("one", "two", "three")))
    fields["resourceLogs"][0]["scopeLogs"][0]["logRecords"][1]["timeUnixNano"] = "yesterday"
    body = json.dumps(fields).encode()
    assert post(open_api, body, Content_Type=JSON).status_code == 200
    assert post(open_api, b"{", Content_Type=JSON).status_code == 400
    assert post(open_api, body, token="phc_wrong", Content_Type=JSON).status_code == 401
    after = scrape(open_api)

    def more(name: str, **labels: str) -> float:
        return after.value(name, **labels) - before.value(name, **labels)

    assert more("hedgerow_ingested_rows_total") == 2
    assert more("hedgerow_refused_rows_total") == 1
    assert more("hedgerow_ingested_bytes_total") == len(body)
    assert more("hedgerow_ingestion_refusals_total", reason="parse_error") == 1
    assert more("hedgerow_ingestion_refusals_total", reason="authentication_failed") == 1
    assert more("hedgerow_clickhouse_statement_duration_seconds_count", kind="insert") == 1


def test_what_clickhouse_could_not_answer_is_counted_by_reason(open_api: Api, settings: Settings) -> None:
    away = "clickhouse://app:secret@127.0.0.1:9/hedgerow"
    labels = {"kind": "count", "reason": "unavailable"}
    before = scrape(open_api).value("hedgerow_clickhouse_statement_failures_total", **labels)
    with changed(open_api, settings, clickhouse_url=away, clickhouse_reader_url=away) as broken:
        assert broken.post("count/", {"query": {}}).status_code == 503
    assert scrape(open_api).value("hedgerow_clickhouse_statement_failures_total", **labels) == before + 1


def test_waiting_jobs_and_late_tasks_are_shown(open_api: Api) -> None:
    enqueue(redis, "exports", "jobs.none", (), job_id=f"job-{time.time_ns()}", timeout_s=10, wait_s=60)
    now = utc_now()
    late = ScheduledTask(name="late", next_run_at=now - timedelta(minutes=5), last_status=RunStatus.FAILED)
    db.session.add_all([late, ScheduledTask(name="early", next_run_at=now + timedelta(minutes=5))])
    db.session.commit()
    found = scrape(open_api)
    depths = {
        labels["queue"]: found.value("hedgerow_queue_jobs", **labels) for labels in found.labels("hedgerow_queue_jobs")
    }
    assert depths == {"alerts": 0, "deliveries": 0, "rollups": 0, "exports": 1, "maintenance": 0}
    assert found.value("hedgerow_task_lag_seconds", task="late") >= 300
    assert found.value("hedgerow_task_lag_seconds", task="early") == 0
    assert found.value("hedgerow_task_failed", task="late") == 1
    assert found.value("hedgerow_task_failed", task="early") == 0
    assert ("hedgerow_task_lag_seconds", frozenset({("task", "early")})) in found.samples


def test_the_rest_is_told_while_redis_is_away(api: Api, settings: Settings) -> None:
    with changed(api, settings, metrics_token=TOKEN, redis_url="redis://:secret@127.0.0.1:9/0") as broken:
        found = scrape(broken)
    assert found.value("hedgerow_dependency_answered", dependency="redis") == 0
    assert found.value("hedgerow_dependency_answered", dependency="sql") == 1
    assert not found.labels("hedgerow_queue_jobs")
    assert found.value("hedgerow_web_processes") >= 1
    assert found.value("hedgerow_web_resident_memory_bytes") > 1024**2
