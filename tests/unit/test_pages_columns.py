"""The columns of the list as the address writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.language.tree import LEVEL, SERVICE, TRACE_ID, Field, attribute, resource_attribute
from webapp.pages.logs.columns import (
    DEFAULT_COLUMNS,
    FIELDS,
    LEAST_WIDTH,
    MOST_COLUMNS,
    MOST_WIDTH,
    Column,
    column_views,
    print_columns,
    read_columns,
    toggled,
    usual_width,
)

TEXTS = st.text(st.sampled_from('ab:0123456789,"\\ .<*-\u00e9'), min_size=1, max_size=12).filter(lambda t: t.strip())
FIELD = st.sampled_from(FIELDS) | TEXTS.map(attribute) | TEXTS.map(resource_attribute)
COLUMNS = st.lists(
    st.builds(Column, FIELD, st.integers(LEAST_WIDTH, MOST_WIDTH)),
    max_size=MOST_COLUMNS,
    unique_by=lambda column: column.field,
)


@given(COLUMNS)
def test_columns_are_read_as_they_were_written(columns: list[Column]) -> None:
    assert read_columns(print_columns(columns)) == (tuple(columns), ())


@given(st.text(max_size=60))
def test_whatever_is_in_the_address_the_columns_can_be_written_again(text: str) -> None:
    columns, _refused = read_columns(text)
    assert read_columns(print_columns(columns))[0] == columns


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", DEFAULT_COLUMNS),
        ("-", ()),
        ("level,http.route:30", (Column(LEVEL, 6), Column(attribute("http.route"), 30))),
        ("resource.host.name:1", (Column(resource_attribute("host.name"), LEAST_WIDTH),)),
        ("trace_id:999", (Column(TRACE_ID, MOST_WIDTH),)),
        ('"a:5"', (Column(attribute("a:5"), usual_width(attribute("a:5"))),)),
        ('"a:5":9', (Column(attribute("a:5"), 9),)),
        ("service,service:30", DEFAULT_COLUMNS),
    ],
)
def test_what_people_write_is_understood(text: str, columns: tuple[Column, ...]) -> None:
    assert read_columns(text) == (columns, ())


def test_the_message_and_too_many_columns_are_refused_and_said() -> None:
    assert read_columns("message,level")[1] == ("message",)
    many = [f"key{n}" for n in range(MOST_COLUMNS + 2)]
    columns, refused = read_columns(",".join(many))
    assert len(columns) == MOST_COLUMNS
    assert refused == tuple(many[MOST_COLUMNS:])


def test_a_column_comes_at_the_end_and_goes_again() -> None:
    with_trace = toggled(DEFAULT_COLUMNS, TRACE_ID)
    assert [column.field for column in with_trace] == [SERVICE, TRACE_ID]
    assert toggled(with_trace, SERVICE) == (Column(TRACE_ID, 32),)
    assert toggled(toggled(DEFAULT_COLUMNS, TRACE_ID), TRACE_ID) == DEFAULT_COLUMNS


def test_columns_move_and_leave_by_addresses() -> None:
    fields: list[Field] = [SERVICE, attribute("a"), attribute("b")]
    views = column_views([Column(field, usual_width(field)) for field in fields], str)
    assert [(view.before_url, view.after_url, view.remove_url) for view in views] == [
        ("", "a,service,b", "a,b"),
        ("a,service,b", "service,b,a", "service,b"),
        ("service,b,a", "", "service,a"),
    ]
    assert column_views(DEFAULT_COLUMNS, str)[0].remove_url == "-"
