"""docs/search.md is true: every line of its tables is tried."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from webapp.language import lexer, parse, regex, tree
from webapp.language.errors import QuerySyntaxError
from webapp.language.printing import print_query, terms, with_term
from webapp.language.timebox import parse_time_box
from webapp.language.tree import Match, Not, Operator

PAGE = Path(__file__).parents[2] / "docs" / "search.md"
MONDAY = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


def rows_of(heading: str) -> Iterator[list[str]]:
    """Yield the cells of the table under a heading of the page."""
    section = PAGE.read_text(encoding="utf-8").split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert lines, heading
    for line in lines:
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def code(cell: str) -> str:
    found = re.fullmatch(r"(?:filter (?:for|out) )?`(.+)`", cell)
    assert found, cell
    return found[1]


def test_every_form_of_the_page_is_a_search_and_prints_as_it_is_written() -> None:
    for written, _ in rows_of("Searching"):
        text = code(written)
        assert print_query(parse.parse(text)) == text


def test_the_forms_of_the_page_mean_fields_and_words_as_it_says() -> None:
    fields = {code(written): parse.parse(code(written)) for written, _ in rows_of("Searching")}
    assert fields['"level":high'] == Match(tree.attribute("level"), Operator.EQUALS, ("high",))
    assert fields["http.status_code:500"] == Match(tree.attribute("http.status_code"), Operator.EQUALS, ("500",))
    assert fields["service:api,web"] == Match(tree.SERVICE, Operator.EQUALS, ("api", "web"))
    assert fields["user.id:*"] == Match(tree.attribute("user.id"), Operator.EXISTS, ())
    assert fields["service:web-*"] == Match(tree.SERVICE, Operator.STARTS_WITH, ("web-",))
    assert fields["http.status_code>=500"] == Match(tree.attribute("http.status_code"), Operator.AT_LEAST, ("500",))
    assert fields['message~"time.*out"'] == Match(tree.MESSAGE, Operator.REGEX, ("time.*out",))
    assert parse.parse("http.status_code:>=500") == parse.parse("http.status_code>=500")
    assert parse.parse("level>=warn") == parse.parse("level:warn,error,fatal")
    assert parse.parse("a b OR c") == parse.parse("(a b) OR c")


def test_everything_that_the_page_calls_text_is_text() -> None:
    for written, _ in rows_of("What is text"):
        for term in terms(parse.parse(code(written))):
            assert isinstance(term, Match), written
            assert term.field == tree.MESSAGE, written
            assert term.values[0] in code(written)


def test_every_error_of_the_page_is_said_word_for_word() -> None:
    for written, sentence in rows_of("When it cannot be read"):
        with pytest.raises(QuerySyntaxError) as caught:
            parse.parse(code(written))
        assert caught.value.detail == sentence


def test_every_click_of_the_page_does_what_it_says() -> None:
    for search, click, after in rows_of("Filter for, filter out"):
        match = parse.parse(code(click))
        assert isinstance(match, Match)
        term = Not(match) if click.startswith("filter out") else match
        assert print_query(with_term(parse.parse(code(search)), term)) == code(after)


def test_every_time_range_of_the_page_shows_what_it_says() -> None:
    for written, label in rows_of("The time box"):
        assert parse_time_box(code(written), MONDAY).label(MONDAY) == label


def test_the_page_names_the_limits() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"at most {parse.MAX_CHARACTERS:,} characters, {parse.MAX_NODES} terms and groups" in text
    assert f"parentheses nested {lexer.MAX_PARENTHESES} deep" in text
    assert f"at most {regex.MAX_CHARACTERS:,} characters" in text
    assert ", ".join(tree.LEVELS) in text
