"""``facet_values/`` and its neighbours: logs counted by their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, jsonify

from webapp.api.blueprint import ProjectBlueprint
from webapp.api.filters import scope_of
from webapp.api.schemas.facets import PLURAL, SINGULAR, FacetsAnswerSchema, FacetsBodySchema
from webapp.api.schemas.groups import COLUMNS as GROUP_COLUMNS
from webapp.api.schemas.groups import DEFAULT_GROUPS, GroupsAnswerSchema, GroupsBodySchema
from webapp.api.schemas.ranges import DEFAULT_BUCKETS, MAX_BUCKETS, RangesAnswerSchema, RangesBodySchema
from webapp.api.schemas.services import ServicesAnswerSchema, ServicesBodySchema
from webapp.language import tree
from webapp.language.tree import Field
from webapp.models import Project
from webapp.queries.cursor import iso_nanoseconds
from webapp.queries.scope import SECOND_NS
from webapp.services import log_facets, log_groups, log_ranges, log_services
from webapp.services.log_facets import Facet
from webapp.services.log_json import iso_microseconds, iso_seconds
from webapp.services.log_services import Service

READ = ("logs:read",)
NO_SERVICE = "(no service)"  # the name that clients of the API know
TOP_SERVICES = 5
UNITS_S = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
COLUMNS = {"severity_text": tree.LEVEL, "service_name": tree.SERVICE}

blueprint = ProjectBlueprint("aggregates_api", __name__, description="Logs counted by their values and over time.")


@blueprint.route("/facet_values/", methods=["POST"], scopes=READ, body=FacetsBodySchema, answer=FacetsAnswerSchema)
def facet_values(body: dict[str, Any], project: Project) -> Response:
    """Count logs by the values of one field or of several; a field ignores the filter on itself."""
    asked = body["query"]
    scope = scope_of(project, asked, end_inclusive=False)
    single = next((name for name in SINGULAR if asked.get(name) is not None), None)
    keys = {single: [asked[single]]} if single else {name: asked.get(name) or [] for name in PLURAL}
    fields = {(name, key): _READERS[name](key) for name, listed in keys.items() for key in listed}
    found = log_facets.find_facets(scope, list(fields.values()), text=asked.get("facetSearch") or "")
    facets = dict(zip(fields, found, strict=True))
    if single:
        (facet,) = found
        return jsonify({"results": _values(facet), **_mark(facet)})
    return jsonify(
        {
            name: [
                {"key": key, "values": _values(facet), **_mark(facet)}
                for (of, key), facet in facets.items()
                if of == name
            ]
            for name in PLURAL
        }
    )


@blueprint.route("/services/", methods=["POST"], scopes=READ, body=ServicesBodySchema, answer=ServicesAnswerSchema)
def services(body: dict[str, Any], project: Project) -> Response:
    """Count logs and errors by service, and over time."""
    asked = body.get("query") or {}
    scope = scope_of(project, asked, end_inclusive=False)
    found = log_services.find_services(scope, text=asked.get("serviceNameSearch") or "")
    top = found.services[:TOP_SERVICES]
    return jsonify(
        {
            "services": [_service(service, found.rows) for service in found.services],
            "sparkline": [
                {
                    "time": iso_seconds(point.start_ns),
                    "service_name": point.service or NO_SERVICE,
                    "count": point.rows,
                }
                for point in found.points
            ],
            "total_services": found.total,
            "summary": {
                "top_services_count": len(top),
                "top_services_volume_share_pct": _share(sum(service.rows for service in top), found.rows),
            },
        }
    )


def _service(service: Service, all_rows: int) -> dict[str, Any]:
    return {
        "service_name": service.name or NO_SERVICE,
        "log_count": service.rows,
        "error_count": service.errors,
        "error_rate": round(service.errors / service.rows, 4),
        "volume_share_pct": _share(service.rows, all_rows),
        "severity_breakdown": service.levels,
        "active_rules": [],
    }


def _share(rows: int, all_rows: int) -> float:
    return round(100 * rows / all_rows, 2) if all_rows else 0.0


@blueprint.route("/count-ranges/", methods=["POST"], scopes=READ, body=RangesBodySchema, answer=RangesAnswerSchema)
def count_ranges(body: dict[str, Any], project: Project) -> Response:
    """Count logs in stretches of the range; each can be asked about with its own dates."""
    asked = body.get("query") or {}
    target = asked.get("targetBuckets")
    buckets = DEFAULT_BUCKETS if target is None else min(max(target, 1), MAX_BUCKETS)
    found = log_ranges.count_ranges(scope_of(project, asked, end_inclusive=False), buckets)
    ranges = [
        {"date_from": _iso(stretch.start_ns), "date_to": _iso(stretch.stop_ns), "count": stretch.rows}
        for stretch in found.ranges
    ]
    return jsonify({"ranges": ranges, "interval": interval_text(found.interval_s)})


def _iso(moment_ns: int) -> str:
    """Write a moment exactly, with as many decimals as that takes: none, six or nine."""
    if moment_ns % SECOND_NS == 0:
        return iso_seconds(moment_ns)
    return iso_nanoseconds(moment_ns) if moment_ns % 1000 else iso_microseconds(moment_ns)


def interval_text(interval_s: int) -> str:
    """Write a length in the largest unit of which it is a whole number."""
    unit, seconds = next((unit, seconds) for unit, seconds in UNITS_S.items() if interval_s % seconds == 0)
    return f"{interval_s // seconds}{unit}"


@blueprint.route("/group-by/", methods=["POST"], scopes=READ, body=GroupsBodySchema, answer=GroupsAnswerSchema)
def group_by(body: dict[str, Any], project: Project) -> Response:
    """Group logs by the values of one to four keys."""
    asked = body["query"]
    keys = asked.get("groupBys") or [{"key": asked["groupBy"], "source": asked.get("groupBySource")}]
    found = log_groups.find_groups(
        scope_of(project, asked, end_inclusive=False),
        [_SOURCES[key.get("source") or "log"](key["key"]) for key in keys],
        order=asked.get("orderGroupsBy") or "log_count",
        limit=asked.get("limit") or DEFAULT_GROUPS,
    )
    groups = [
        {
            "value": ", ".join(group.values),
            "values": group.values,
            "log_count": group.rows,
            "error_count": group.errors,
            "last_seen": iso_microseconds(group.last_seen_ns),
        }
        for group in found.groups
    ]
    return jsonify(
        {
            "groups": groups,
            "total_groups": found.total,
            "total_logs": found.rows,
            "truncated": found.total > len(groups),
        }
    )


_SOURCES: Mapping[str, Callable[[str], Field]] = {
    "log": tree.attribute,
    "resource": tree.resource_attribute,
    "column": GROUP_COLUMNS.__getitem__,
}
_READERS: Mapping[str, Callable[[str], Field]] = dict(
    zip(
        (*SINGULAR, *PLURAL),
        2 * (COLUMNS.__getitem__, tree.resource_attribute, tree.attribute),
        strict=True,
    )
)


def _values(facet: Facet) -> list[dict[str, Any]]:
    return [{"value": value, "count": rows} for value, rows in facet.values]


def _mark(facet: Facet) -> dict[str, bool]:
    return {"approximate": True} if facet.approximate else {}
