"""Saved views of other clients as keys of the page's address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from webapp.models import SavedView
from webapp.pages.logs.saved import Opened, open_saved

NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)


def opened(columns: list[Any] | None, **filters: Any) -> Opened:
    return open_saved(SavedView(name="a", filters=filters, columns=columns, pinned=False), NOW)


@pytest.mark.parametrize(
    ("columns", "cols", "unsaid"),
    [
        (None, None, ()),
        ([], "-", ()),
        (["timestamp", "severity_text", "body"], "level", ()),
        (["attributes.peer.service", "resource_attributes.host.name"], "peer.service,resource.host.name", ()),
        (["attributes.a:5", "service_name"], '"a:5",service', ()),
        (["attributes.", "body.a.b", 7, "trace_id"], "trace_id", ("column attributes.", "column body.a.b", "column 7")),
    ],
)
def test_columns_are_those_of_the_list_where_it_can_have_them(
    columns: list[Any] | None, cols: str | None, unsaid: tuple[str, ...]
) -> None:
    found = opened(columns)
    assert (found.pairs.get("cols"), found.unsaid) == (cols, unsaid)


def test_a_search_is_taken_over_term_by_term_until_no_address_can_hold_it() -> None:
    values = ["ж" * 900 + str(at) for at in range(3)]
    group = [{"key": "k", "type": "log_attribute", "operator": "icontains", "value": value} for value in values]
    found = opened(None, severityLevels=["error"], filterGroup=group)
    assert found.pairs["q"] == f"level:error k:*{values[0]}*"
    assert found.unsaid == ("filterGroup (a search cannot say all of it)",)
