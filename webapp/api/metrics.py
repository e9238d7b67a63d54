"""``/metrics`` for Prometheus: what the web processes have counted, and what waits at this moment."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

import webapp
from webapp.errors import AuthenticationFailed, NotFound
from webapp.extensions import settings
from webapp.models.types import utc_now
from webapp.observability import metrics
from webapp.observability.processes import usage_of_siblings
from webapp.observability.shared_metrics import SharedCounts
from webapp.services.backlog import TaskState, queue_depths, task_states
from webapp.services.probes import ask_all

TIMEOUT_S = 4.0  # of a server that hangs; Prometheus itself gives up after ten seconds

log = structlog.get_logger(__name__)
blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def show() -> Response:
    """Answer Prometheus, if it brings the token."""
    _authenticate()
    registry = CollectorRegistry()
    registry.register(SharedCounts(Path(settings.metrics_dir)) if settings.metrics_dir else metrics.registry)
    registry.register(Present(_ask_servers()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _authenticate() -> None:
    """Let nobody in by their address: behind a proxy on the same machine everybody comes from loopback."""
    if not settings.metrics_token:
        raise NotFound("Metrics are closed. HEDGEROW_METRICS_TOKEN opens them to those who know it.")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sent = token.strip() if scheme.lower() == "bearer" else ""
    if not hmac.compare_digest(sent.encode(), settings.metrics_token.encode()):
        raise AuthenticationFailed("Metrics want the header Authorization: Bearer and HEDGEROW_METRICS_TOKEN.")


def _ask_servers() -> dict[str, Any]:
    questions: dict[str, Callable[[], Any]] = {"redis": queue_depths, "sql": lambda: task_states(utc_now())}
    answers = ask_all(current_app._get_current_object(), questions, TIMEOUT_S)  # type: ignore[attr-defined]
    for name, answer in answers.items():
        if isinstance(answer, Exception):
            log.warning("metrics are incomplete", dependency=name, error=repr(answer))
    return answers


class Present(Collector):
    """What is true now, whoever is asked. What a server did not tell is left out, and that is said."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers

    def collect(self) -> Iterable[Metric]:
        """Yield the gauges."""
        yield InfoMetricFamily("hedgerow_build", "The version that runs.", {"version": webapp.__version__})
        answered = GaugeMetricFamily(
            "hedgerow_dependency_answered", "Whether a server told its part of these metrics.", labels=["dependency"]
        )
        for name, answer in self._answers.items():
            answered.add_metric([name], float(not isinstance(answer, Exception)))
        yield answered
        if not isinstance(depths := self._answers["redis"], Exception):
            yield _queues(depths)
        if not isinstance(states := self._answers["sql"], Exception):
            yield from _tasks(states)
        yield from _processes()


def _queues(depths: dict[str, int]) -> Metric:
    family = GaugeMetricFamily("hedgerow_queue_jobs", "Jobs that wait for a worker.", labels=["queue"])
    for name, jobs in depths.items():
        family.add_metric([name], jobs)
    return family


def _tasks(states: list[TaskState]) -> Iterable[Metric]:
    lag = GaugeMetricFamily("hedgerow_task_lag_seconds", "How late a scheduled task's next run is.", labels=["task"])
    failed = GaugeMetricFamily("hedgerow_task_failed", "Whether a scheduled task's last run failed.", labels=["task"])
    for state in states:
        lag.add_metric([state.name], state.lag_s)
        failed.add_metric([state.name], float(state.failed))
    return (lag, failed)


def _processes() -> Iterable[Metric]:
    usage = usage_of_siblings()
    yield GaugeMetricFamily("hedgerow_web_processes", "Web processes of this server.", usage.processes)
    yield GaugeMetricFamily("hedgerow_web_resident_memory_bytes", "Memory of all of them.", usage.resident_bytes)
    yield GaugeMetricFamily("hedgerow_web_cpu_seconds", "CPU time of those that live.", usage.cpu_s)
