"""JSON in messages is laid out, never changed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.pages.logs.json_layout import lay_out

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)
containers = st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=8), values, max_size=4)


@given(value=containers, readable=st.booleans())
def test_it_looks_as_python_would_indent_it(value: object, readable: bool) -> None:
    text = json.dumps(value, ensure_ascii=not readable, separators=(",", ":"))
    assert lay_out(text) == json.dumps(value, ensure_ascii=not readable, indent=2)


@pytest.mark.parametrize(
    "text",
    ["", "plain", "[error] not found", "{", "[1,]", '{"a":1} trailing', "[NaN]", "{{7*7}}", "[" * 100_000, ' {"a":1}'],
)
def test_what_is_no_json_stays_as_it_is(text: str) -> None:
    assert lay_out(text) == text


def test_tokens_keep_their_form_and_repeated_keys_their_values() -> None:
    text = '{"a": 1.10, "a":1E+2,"big":123456789012345678901234567890}'
    assert lay_out(text) == '{\n  "a": 1.10,\n  "a": 1E+2,\n  "big": 123456789012345678901234567890\n}'


def test_indentation_does_not_outgrow_deep_texts() -> None:
    deep = "[" * 400 + "1," * 10_000 + "1" + "]" * 400
    assert len(lay_out(deep)) < 25 * len(deep)
