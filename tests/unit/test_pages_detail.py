"""The detail offers of every field what a search can say of it."""

from datetime import UTC
from uuid import UUID

from webapp.language.parse import parse
from webapp.pages.logs.detail import DetailUrls, FieldView, detail_view
from webapp.pages.logs.terms import query_with
from webapp.services.logs import LogRow

ROW = LogRow(
    uuid=UUID(int=1),
    timestamp_ns=1_795_132_800 * 10**9,
    observed_timestamp_ns=1_795_132_800 * 10**9,
    body="order placed",
    severity_text="info",
    severity_number=9,
    service_name="web",
    trace_id="AB" * 16,
    span_id="0" * 16,
    trace_flags=0,
    event_name="",
    scope_name="",
    scope_version="",
    resource_fingerprint=1,
    attributes={"user.id": "7", "note": "", "status": ">=500", "route": "/items/*", "say it": 'a "b" \\'},
    resource_attributes={"host.name": "web-1"},
)


def fields(search: str) -> dict[str, FieldView]:
    detail = detail_view(
        ROW,
        zone=UTC,
        zone_name="UTC",
        urls=DetailUrls("", "", "", "", "", ""),
        term_url=lambda term: query_with(parse(search), term) or "",
        column_url=lambda field: ("", False),
        needles=[],
        tab="fields",
        whole=False,
    )
    return {field.name: field for group in detail.groups for field in group.fields}


def test_a_value_is_filtered_for_and_out_as_it_stands() -> None:
    found = fields("timeout")
    assert found["user.id"].with_url == "timeout user.id:7"
    assert found["status"].without_url == 'timeout -status:">=500"'
    assert found["route"].with_url == 'timeout route:"/items/*"'
    assert found["say it"].with_url == r'timeout "say it":"a \"b\" \\"'
    assert found["trace id"].with_url == f"timeout trace_id:{'ab' * 16}"


def test_a_value_takes_the_place_of_what_was_asked_of_its_field() -> None:
    assert fields("user.id>=5 timeout")["user.id"].with_url == "user.id:7 timeout"
    assert fields("-service:web*")["service"].with_url == "service:web"
    assert fields("service:w*")["service"].without_url == "service:w* -service:web"


def test_logs_that_have_an_attribute_are_one_click_away_and_a_column_is_always_there() -> None:
    found = fields("timeout")
    assert found["user.id"].has_url == "timeout user.id:*"
    assert found["host.name"].has_url == "timeout resource.host.name:*"
    assert found["service"].has_url == found["level"].has_url == ""
    assert found["note"].has_url == ""
