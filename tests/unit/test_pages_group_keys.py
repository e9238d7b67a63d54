"""The keys that rows are grouped by: written as in a search, whatever they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.language.tree import EVENT_NAME, LEVEL, SERVICE, TRACE_ID, Field, attribute, resource_attribute
from webapp.pages.logs.group_keys import KEY_CHARACTERS, print_keys, read_keys

READ = [
    ("level,service", (LEVEL, SERVICE)),
    (" event , trace_id ,", (EVENT_NAME, TRACE_ID)),
    (
        'http.route,resource.host.name,"level"',
        (attribute("http.route"), resource_attribute("host.name"), attribute("level")),
    ),
    ('"a,b",resource."c d"', (attribute("a,b"), resource_attribute("c d"))),
    ("service,service_name,service", (SERVICE,)),
    ("http", (attribute("http"),)),
    ("two words,-a,(b,c OR d", tuple(map(attribute, ("two words", "-a", "(b", "c OR d")))),
    ("", ()),
    (",, ,", ()),
]


@pytest.mark.parametrize(("text", "fields"), READ)
def test_keys_are_read_as_a_search_reads_them_and_anything_else_is_an_attribute(
    text: str, fields: tuple[Field, ...]
) -> None:
    assert read_keys(text) == (fields, ())


def test_what_cannot_be_grouped_by_is_said() -> None:
    long = "k" * (KEY_CHARACTERS + 1)
    assert read_keys(f"message,scope,resource_fingerprint,{long},level") == (
        (LEVEL,),
        ("message", "scope", "resource_fingerprint", long),
    )
    assert read_keys("a,b,c,d,e") == (tuple(map(attribute, "abcd")), ("e",))


@given(st.lists(st.builds(lambda make, name: make(name), st.sampled_from([attribute, resource_attribute]),
                          st.text(max_size=20)), min_size=1, max_size=4, unique=True))  # fmt: skip
def test_keys_are_read_as_they_were_written(fields: list[Field]) -> None:
    assert read_keys(print_keys(fields)) == (tuple(fields), ())
