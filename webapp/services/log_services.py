"""The services of a project: how much each logs, how much of it is errors, and when."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.extensions import store
from webapp.queries.scope import SECOND_NS, Scope
from webapp.queries.services import service_buckets
from webapp.queries.services import services as services_query
from webapp.queries.sparkline import nearest_grid
from webapp.services.log_rows import readable
from webapp.services.log_search import from_first_row

CHARTED = 25  # of the largest services


@dataclass(frozen=True, slots=True)
class Service:
    """A service with its rows; ``levels`` counts them as debug (and trace), info, warn, and error (and fatal)."""

    name: str
    rows: int
    levels: dict[str, int]

    @property
    def errors(self) -> int:
        """The rows of level error and fatal."""
        return self.levels["error"]


@dataclass(frozen=True, slots=True)
class ServicePoint:
    """The rows of a service in the interval from ``start_ns`` on."""

    start_ns: int
    service: str
    rows: int


@dataclass(frozen=True, slots=True)
class Services:
    """The services, the largest first: a thousand at most of ``total``, which have ``rows`` together."""

    services: list[Service]
    points: list[ServicePoint]
    total: int
    rows: int


def find_services(scope: Scope, *, text: str = "") -> Services:
    """Return the services with a text in their name; a point for each interval and each of the largest of them."""
    scope = from_first_row(scope)
    answer = store.read(services_query(scope, text=text))
    found = [
        Service(readable(name), rows, {"debug": debug, "info": info, "warn": warn, "error": error})
        for name, rows, debug, info, warn, error, _, _ in answer.rows
    ]
    if not found:
        return Services([], [], 0, 0)
    total, rows = answer.rows[0][-2:]
    names = [service.name for service in found[:CHARTED]]
    grid = nearest_grid(scope.time)
    buckets = store.read(service_buckets(scope, grid, names))
    counts = {(bucket, readable(name)): n for bucket, name, n in buckets.rows}
    points = [
        ServicePoint((grid.start_s + bucket * grid.interval_s) * SECOND_NS, name, counts.get((bucket, name), 0))
        for bucket in range(grid.buckets)
        for name in names
    ]
    return Services(found, points, total, rows)
