"""The address is the state: short, stable, forgiving, and never wrong about time."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.pages.logs.state import KEYS, TABS, Reading, read_address, window_of

NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)
HOUR_NS = 3600 * 10**9
NOW_NS = int(NOW.timestamp()) * 10**9


def read(**args: str) -> Reading:
    return read_address(args, NOW, "Europe/Berlin")


def test_the_defaults_leave_the_address_bare() -> None:
    assert read().state.query_string() == ""
    assert read(t="now-1h..now", sort="desc", tz="").state.query_string() == ""


def test_keys_stand_in_one_order_whatever_order_they_came_in() -> None:
    asked = {
        "row": "1.ab",
        "sort": "asc",
        "t": "15m",
        "q": "a b",
        "tz": "UTC",
        "tab": "groups",
        "group": "level",
        "cols": "level",
        "vs": "before",
        "by": "service",
    }
    query = read(**asked, order="last_seen", view="dQ3hT9xKb2Zp").state.query_string()
    assert [key for key, _ in parse_qsl(query)] == list(KEYS)


def test_beside_an_open_view_the_time_is_always_said() -> None:
    state = read(view="dQ3hT9xKb2Zp").state
    assert state.query_string() == "t=now-1h..now&view=dQ3hT9xKb2Zp"
    assert state.query_string(view="") == ""
    assert dict(state.pairs(t="")) == {"view": "dQ3hT9xKb2Zp"}
    assert read(view="../x").ignored == ("view=../x",)


@given(
    q=st.text(max_size=50).map(str.strip),
    tz=st.sampled_from(["", "UTC", "project", "Asia/Tokyo"]),
    tab=st.sampled_from(TABS),
    group=st.text(max_size=20),
    by=st.text(max_size=20) | st.sampled_from(["level", "resource.host.name", '"a key"']),
    vs=st.sampled_from(["", "before"]),
)
def test_an_address_is_read_as_it_was_written(q: str, tz: str, tab: str, group: str, by: str, vs: str) -> None:
    state = read(q=q, tz=tz, t="now-15m..now", tab=tab, group=group, by=by, vs=vs).state
    again = read_address(dict(parse_qsl(state.query_string())), NOW, "Europe/Berlin").state
    assert again == state


def test_what_is_typed_into_the_time_box_is_kept_relative() -> None:
    assert read(t="15m").state.time_text == "now-15m..now"


def test_unknown_keys_and_zones_are_ignored_and_said() -> None:
    reading = read(utm="x", tz="Mars/Olympus")
    assert reading.ignored == ("utm", "tz=Mars/Olympus")
    assert (reading.zone_name, reading.state.zone_text) == ("UTC", "")


@pytest.mark.parametrize("tz", ["../etc/passwd", "/etc/passwd", "a" * 5000, "Europe/\x00", "Europe"])
def test_a_hostile_zone_is_no_zone(tz: str) -> None:
    assert read(tz=tz).zone_name == "UTC"


def test_the_project_has_a_zone_of_its_own() -> None:
    assert read(tz="project").zone_name == "Europe/Berlin"


@pytest.mark.parametrize(
    ("by", "kept", "ignored"),
    [
        ("level", "", ()),
        ("severity", "", ()),
        ("service", "service", ()),
        (" resource.host.name ", "resource.host.name", ()),
        ('"a key"', '"a key"', ()),
        ("a key", '"a key"', ()),
        ("host,service", "host", ("by=service",)),
        ("message", "", ("by=message",)),
        ("", "", ()),
    ],
)
def test_the_histogram_is_broken_down_by_one_key(by: str, kept: str, ignored: tuple[str, ...]) -> None:
    reading = read(by=by)
    assert dict(parse_qsl(reading.state.query_string())).get("by", "") == kept
    assert reading.ignored == ignored


def test_all_is_compared_with_the_period_before_or_with_nothing() -> None:
    assert read(vs="before").state.query_string() == "vs=before"
    assert (read(vs="week").state.vs, read(vs="week").ignored) == ("", ("vs=week",))


def test_a_search_or_a_time_that_cannot_be_read_is_kept_as_it_was_typed() -> None:
    reading = read(q='"open', t="half past nine-ish")
    assert reading.wrong_query is not None
    assert reading.wrong_time is not None
    assert not reading.is_right
    assert (reading.state.q, reading.state.time_text) == ('"open', "half past nine-ish")


def test_a_part_of_a_page_has_the_window_of_its_page() -> None:
    window = window_of(read(), {"w": f"{NOW_NS - 5}-{NOW_NS}"}, NOW)
    assert (window.start_ns, window.end_ns) == (NOW_NS - 5, NOW_NS)


@pytest.mark.parametrize("w", ["", "5", "-", "9-5", "1-²", "1-99999999999999999999999", "x-y"])
def test_a_window_that_is_none_is_taken_from_the_time_box(w: str) -> None:
    window = window_of(read(), {"w": w}, NOW)
    assert (window.start_ns, window.end_ns) == (NOW_NS - HOUR_NS, NOW_NS)
