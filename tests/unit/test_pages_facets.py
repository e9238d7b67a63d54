"""Facets laid out: what a click on each value searches for, and what is shown of it."""

from __future__ import annotations

from hypothesis import given

from tests.support.searches import every_match, hostile_text, trees
from webapp.language import tree
from webapp.language.clicks import chosen, with_term, with_values, without_value
from webapp.language.parse import MAX_CHARACTERS, parse
from webapp.language.printing import print_key
from webapp.language.tree import Field, Match, Node, Not, Operator, attribute, normalise, resource_attribute
from webapp.pages.logs.facets import FacetLayout, FacetUrls, FacetView, read_field
from webapp.services.log_facets import Facet

URLS = FacetUrls("/part", "/page")
KEY = attribute("k")


def laid_out(
    search: str | Node,
    *values: tuple[str, int],
    field: Field = KEY,
    longest: int = 100_000,
    approximate: bool = False,
    before: list[tuple[str, int]] | None = None,
) -> FacetView:
    """A facet whose addresses are the searches themselves."""
    where = parse(search) if isinstance(search, str) else search
    layout = FacetLayout(where, lambda query: query if len(query) <= longest else "")
    then = None if before is None else Facet(field, before, approximate=False)
    return layout.facet(Facet(field, list(values), approximate), URLS, is_pinned=False, before=then)


@given(trees(every_match()))
def test_each_click_searches_for_what_it_says(where: Node) -> None:
    if normalise(where) == tree.NOTHING:
        return
    [value, *_] = laid_out(where, ("v", 3)).values
    released = without_value(where, KEY, "v")
    box = released if value.state else with_values(where, KEY, (*chosen(where, KEY).included, "v"))
    only = released if value.is_only else with_values(where, KEY, ("v",))
    out = released if value.state == "out" else with_term(where, Not(Match(KEY, Operator.EQUALS, ("v",))))
    for url, node in ((value.box_url, box), (value.only_url, only), (value.out_url, out)):
        assert len(url) > MAX_CHARACTERS or parse(url) == normalise(node)


@given(hostile_text)
def test_a_key_is_read_as_it_was_written(name: str) -> None:
    for field in (attribute(name), resource_attribute(name), tree.LEVEL, tree.SERVICE):
        assert read_field(print_key(field)) == field


def test_a_key_needs_no_quotes_where_nothing_else_can_be_meant() -> None:
    assert read_field(" user name ") == attribute("user name")
    assert read_field("resource.host.name") == resource_attribute("host.name")
    assert read_field("level") == tree.LEVEL


def test_what_is_chosen_is_shown_even_if_it_does_not_occur() -> None:
    facet = laid_out("k:gone,a -k:b", *((name, 9) for name in "abcdefghij"))
    states = {value.name: (value.state, value.count) for value in facet.values}
    assert states["a"] == ("in", "9")
    assert states["b"] == ("out", "9")
    assert states["gone"] == ("in", "0")
    assert (len(facet.values), facet.left_out, facet.chosen) == (9, "2 more", 3)


def test_the_count_of_a_value_beyond_the_most_frequent_is_not_made_up() -> None:
    facet = laid_out("k:rare", *((f"v{index}", 200 - index) for index in range(100)))
    rare = facet.values[-1]
    assert (rare.name, rare.count, rare.is_zero, facet.left_out) == ("rare", "", False, "More")


def test_levels_stand_in_their_order_and_those_that_do_not_occur_count_zero() -> None:
    facet = laid_out("", ("info", 900), ("fatal", 1), field=tree.LEVEL)
    assert [value.level for value in facet.values] == ["fatal", "error", "warn", "info", "debug", "trace"]
    assert [value.count for value in facet.values] == ["1", "0", "0", "900", "0", "0"]
    assert [value.share for value in facet.values] == [1, 0, 0, 100, 0, 0]


def test_values_say_how_they_have_changed_and_those_that_are_gone_come_last() -> None:
    before = [("a", 50), ("gone", 7), ("b", 4), *((f"g{index}", 2) for index in range(9))]
    facet = laid_out("k:gone", ("a", 100), ("b", 3), ("c", 1), before=before)
    assert [(value.name, value.delta.text if value.delta else "") for value in facet.values] == [
        ("a", "↑ 2.0×"),
        ("b", "↓ 25 %"),
        ("c", "new"),
        ("gone", "gone"),
        ("g0", "gone"),
        ("g1", "gone"),
        ("g2", "gone"),
    ]
    assert [value.is_zero for value in facet.values] == [False] * 3 + [True] * 4
    assert facet.left_out == "6 more"
    assert not any(value.delta and value.delta.is_worse for value in facet.values)


def test_of_what_is_not_among_the_most_frequent_no_change_is_made_up() -> None:
    many = [(f"v{index}", 200 - index) for index in range(100)]
    assert laid_out("", ("rare", 3), before=many).values[0].delta is None
    assert "rare" not in [value.name for value in laid_out("", *many, before=[("rare", 3)]).values]
    [new, *_] = laid_out("", *many, before=[("v1", 1)]).values
    assert new.delta is not None
    assert new.delta.text == "new"


def test_only_more_errors_are_worse() -> None:
    facet = laid_out("", ("info", 9), ("error", 9), ("fatal", 1), field=tree.LEVEL, before=[("info", 1), ("fatal", 2)])
    worse = {value.level: value.delta.is_worse for value in facet.values if value.delta}
    assert worse == {"fatal": False, "error": True, "info": False}


def test_estimates_wear_a_sign() -> None:
    [value] = laid_out("", ("a", 12_431), approximate=True).values
    assert (value.count, value.count_label) == ("~12.4k", "~12,431 rows")
    [value] = laid_out("", ("a", 12_431)).values
    assert (value.count, value.count_label) == ("12.4k", "12,431 rows")


def test_what_no_search_box_or_address_holds_has_no_links() -> None:
    for value in ("two\nlines", "nul\0", "x" * 10_000, "\ud800"):
        [shown] = laid_out("", (value, 1)).values
        assert (shown.only_url, shown.box_url, shown.out_url) == ("", "", "")
        assert len(shown.shown) < 400
    [shown] = laid_out("", ("fine", 1), longest=3).values
    assert shown.only_url == ""


def test_an_empty_value_has_a_name_and_can_be_chosen() -> None:
    [value] = laid_out("", ("", 1)).values
    assert value.name == "(empty)"
    assert parse(value.only_url) == Match(KEY, Operator.EQUALS, ("",))
    [value] = laid_out('k:""', ("", 1)).values
    assert (value.state, value.only_url) == ("in", "")
