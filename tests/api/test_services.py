"""``services/``: how much each service logs, how much of it is errors, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.support.api import Api
from tests.support.logs import HOUR_NS, NOON_NS, SECOND_NS, Log, insert
from webapp.api.schemas.services import ServicesAnswerSchema
from webapp.extensions import store

RANGE = {
    "date_from": datetime.fromtimestamp(NOON_NS / SECOND_NS, UTC).isoformat(),
    "date_to": datetime.fromtimestamp((NOON_NS + HOUR_NS) / SECOND_NS, UTC).isoformat(),
}


def ask(api: Api, **query: Any) -> dict[str, Any]:
    response = api.post("services/", {"query": {"dateRange": RANGE, **query}})
    assert response.status_code == 200, response.text
    assert ServicesAnswerSchema().validate(response.json) == {}
    found: dict[str, Any] = response.json
    return found


def test_services_are_counted_by_level_and_over_time(api: Api) -> None:
    rows = [("api", "info"), ("api", "fatal"), ("api", "error"), ("web", "warn"), ("web", "trace"), ("", "debug")]
    mine = [
        Log(
            project_id=api.ada.project_id,
            timestamp_ns=NOON_NS + n * 600 * SECOND_NS + 1,
            service_name=service,
            severity_text=level,
            body=level,
        )
        for n, (service, level) in enumerate(rows)
    ]
    insert(store, [*mine, Log(project_id=api.bob.project_id, service_name="theirs")])
    found = ask(api)
    assert found["services"] == [
        {
            "service_name": "api",
            "log_count": 3,
            "error_count": 2,
            "error_rate": 0.6667,
            "volume_share_pct": 50.0,
            "severity_breakdown": {"debug": 0, "info": 1, "warn": 0, "error": 2},
            "active_rules": [],
        },
        {
            "service_name": "web",
            "log_count": 2,
            "error_count": 0,
            "error_rate": 0.0,
            "volume_share_pct": 33.33,
            "severity_breakdown": {"debug": 1, "info": 0, "warn": 1, "error": 0},
            "active_rules": [],
        },
        {
            "service_name": "(no service)",
            "log_count": 1,
            "error_count": 0,
            "error_rate": 0.0,
            "volume_share_pct": 16.67,
            "severity_breakdown": {"debug": 1, "info": 0, "warn": 0, "error": 0},
            "active_rules": [],
        },
    ]
    assert (found["total_services"], found["summary"]) == (
        3,
        {"top_services_count": 3, "top_services_volume_share_pct": 100.0},
    )
    assert len(found["sparkline"]) == 60 * 3
    assert [point for point in found["sparkline"] if point["count"]][1] == {
        "time": "2026-09-27T12:10:00Z",
        "service_name": "api",
        "count": 1,
    }
    assert [service["service_name"] for service in ask(api, serviceNameSearch="E")["services"]] == ["web"]
    errors = ask(api, searchTerm="ERR")
    assert [(service["service_name"], service["log_count"]) for service in errors["services"]] == [("api", 1)]
    assert sum(point["count"] for point in errors["sparkline"]) == 1
    assert ask(api, serviceNames=["none"]) == {
        "services": [],
        "sparkline": [],
        "total_services": 0,
        "summary": {"top_services_count": 0, "top_services_volume_share_pct": 0.0},
    }
    assert api.post("services", {}).json["services"] == []


def test_the_largest_services_have_a_line_each(api: Api) -> None:
    logs = [Log(project_id=api.ada.project_id, service_name=f"s{n:02d}") for n in range(30) for _ in range(n + 1)]
    insert(store, logs)
    found = ask(api)
    assert [service["service_name"] for service in found["services"]] == [f"s{n:02d}" for n in reversed(range(30))]
    assert {point["service_name"] for point in found["sparkline"]} == {f"s{n:02d}" for n in range(5, 30)}
    assert found["summary"] == {"top_services_count": 5, "top_services_volume_share_pct": 30.11}
