"""What a process counts about itself, for ``/metrics``. Recording is one call, from where the thing happens.

Labels have few values by construction: templates of routes, kinds of questions, codes of errors. A path, a project or
a person is never one of them.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"

_FAST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

registry = CollectorRegistry()

_requests = Counter(
    "hedgerow_http_requests",
    "Requests answered, by template of the route.",
    ("route", "method", "status"),
    registry=registry,
)
_request_s = Histogram(
    "hedgerow_http_request_duration_seconds",
    "From a request to the end of its answer.",
    ("route", "method"),
    buckets=_FAST_S,
    registry=registry,
)
_statement_s = Histogram(
    "hedgerow_clickhouse_statement_duration_seconds",
    "From a statement to its answer, by kind of question; the kind of insertions is insert.",
    ("kind",),
    buckets=_FAST_S,
    registry=registry,
)
_read_rows = Counter(
    "hedgerow_clickhouse_read_rows", "Rows that ClickHouse read to answer a question.", ("kind",), registry=registry
)
_read_bytes = Counter(
    "hedgerow_clickhouse_read_bytes", "Bytes that ClickHouse read to answer a question.", ("kind",), registry=registry
)
_statement_failures = Counter(
    "hedgerow_clickhouse_statement_failures",
    "Statements without an answer, by the code of the error.",
    ("kind", "reason"),
    registry=registry,
)
_ingested_rows = Counter("hedgerow_ingested_rows", "Rows that were acknowledged to clients.", registry=registry)
_ingested_bytes = Counter("hedgerow_ingested_bytes", "Bytes of acknowledged requests, as sent.", registry=registry)
_refused_rows = Counter("hedgerow_refused_rows", "Records left out of acknowledged requests.", registry=registry)
_refusals = Counter(
    "hedgerow_ingestion_refusals",
    "Requests with logs that were not acknowledged, by the code of the error.",
    ("reason",),
    registry=registry,
)


def record_request(route: str | None, method: str, status: int, duration_s: float) -> None:
    """Count a request that was answered; ``route`` is the template, None where no route matched."""
    route, method = route or NO_ROUTE, method if method in METHODS else "other"
    _requests.labels(route, method, str(status)).inc()
    _request_s.labels(route, method).observe(duration_s)


def record_question(kind: str, duration_s: float, rows: int, size_bytes: int) -> None:
    """Count a question that ClickHouse answered, with what it read."""
    _statement_s.labels(kind).observe(duration_s)
    _read_rows.labels(kind).inc(rows)
    _read_bytes.labels(kind).inc(size_bytes)


def record_insertion(duration_s: float) -> None:
    """Count an insertion that is durable."""
    _statement_s.labels("insert").observe(duration_s)


def record_failed_statement(kind: str, reason: str) -> None:
    """Count a question or insertion that failed; ``reason`` is the code of the error."""
    _statement_failures.labels(kind, reason).inc()


def record_ingestion(rows: int, refused: int, size_bytes: int) -> None:
    """Count a request with logs that is about to be acknowledged."""
    _ingested_rows.inc(rows)
    _refused_rows.inc(refused)
    _ingested_bytes.inc(size_bytes)


def record_refusal(reason: str) -> None:
    """Count a request with logs that was refused; ``reason`` is the code of the error."""
    _refusals.labels(reason).inc()
