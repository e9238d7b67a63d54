"""What is being typed in a search is known wherever the cursor is, and what is put there reads as what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.searches import hostile_text
from webapp.language import tree
from webapp.language.complete import (
    Part,
    Suggestion,
    Typed,
    apply,
    suggest_keys,
    suggest_signs,
    suggest_values,
    typed_at,
)
from webapp.language.keys import Sign
from webapp.language.parse import parse
from webapp.language.tree import LEVELS, Field, Match, Operator, attribute, resource_attribute

STATUS, USER, HOST = attribute("http.status_code"), attribute("user.id"), resource_attribute("host.name")
SPACED, SERVICE_TOO = attribute("http status"), attribute("service")
KNOWN = [tree.SERVICE, tree.LEVEL, tree.MESSAGE, STATUS, USER, HOST, SPACED, SERVICE_TOO]


def typed(marked: str) -> tuple[Typed, str]:
    """Read a search with the cursor at the |; returns also the characters that a suggestion would replace."""
    cursor = marked.index("|")
    text = marked.replace("|", "", 1)
    found = typed_at(text, cursor, KNOWN)
    return found, text[found.start : found.end]


@pytest.mark.parametrize(
    ("marked", "part", "text", "replaced"),
    [
        ("|", Part.KEY, "", ""),
        ("serv|", Part.KEY, "serv", "serv"),
        ("se|rv", Part.KEY, "se", "serv"),
        ("a |", Part.KEY, "", ""),
        ("a -us|", Part.KEY, "us", "us"),
        ("-|", Part.KEY, "", ""),
        ("(us|", Part.KEY, "us", "us"),
        ("(a OR us|)", Part.KEY, "us", "us"),
        ("(a (b |", Part.KEY, "", ""),
        ("OR|", Part.KEY, "OR", "OR"),
        ("us| service:a", Part.KEY, "us", "us"),
        ("us|:7", Part.KEY, "us", "us:"),
        ("level:loud us|", Part.KEY, "us", "us"),
        ("service: us|", Part.KEY, "us", "us"),
        ("a) us|", Part.KEY, "us", "us"),
        ('k~"(" us|', Part.KEY, "us", "us"),
        ("http://ho|", Part.KEY, "http://ho", "http://ho"),
        ("service|", Part.SIGN, "service", "service"),
        ("service|:a", Part.SIGN, "service", "service:"),
        ("http.status_code|", Part.SIGN, "http.status_code", "http.status_code"),
        ("http.status_code>|", Part.SIGN, "http.status_code>", "http.status_code>"),
        ("resource.host.name~|", Part.SIGN, "resource.host.name~", "resource.host.name~"),
        ('"http status"|', Part.SIGN, '"http status"', '"http status"'),
        ("service:|", Part.VALUE, "", ""),
        ("service:ap|", Part.VALUE, "ap", "ap"),
        ("service:a|pi b", Part.VALUE, "a", "api"),
        ("(service:a|pi)", Part.VALUE, "a", "api"),
        ("-service:api,we|", Part.VALUE, "we", "we"),
        ("service:api,|", Part.VALUE, "", ""),
        ("service:a|pi,web", Part.VALUE, "a", "api"),
        ('service:"a, b",we|', Part.VALUE, "we", "we"),
        ('service:"a, |', Part.VALUE, "a, ", '"a, '),
        ('service:"a, |b" c', Part.VALUE, "a, ", '"a, b"'),
        ("service:*we|", Part.VALUE, "we", "*we"),
        ("level>=wa|", Part.VALUE, "wa", "wa"),
        ("level>|", Part.VALUE, "", ""),
        ("level:err,lo|", Part.VALUE, "lo", "lo"),
        ('http.status_code>"5|', Part.VALUE, "5", '"5'),
        ('a "http status":|', Part.VALUE, "", ""),
        ('resource."a b":"c d",|', Part.VALUE, "", ""),
        ('resource."a b":"c d",e|', Part.VALUE, "e", "e"),
        ('"disk fu|', Part.TEXT, "disk fu", '"disk fu'),
        ('"disk |full" b', Part.TEXT, "disk ", '"disk full"'),
    ],
)
def test_what_is_typed_at_the_cursor_is_known_with_its_place(marked: str, part: Part, text: str, replaced: str) -> None:
    found, span = typed(marked)
    assert (found.part, found.text, span) == (part, text, replaced)


@pytest.mark.parametrize(
    ("marked", "field", "sign"),
    [
        ("severity:|", tree.LEVEL, Sign.IS),
        ("level>=|", tree.LEVEL, Sign.AT_LEAST),
        ("user.id:|", USER, Sign.IS),
        ("unheard.of:|", attribute("unheard.of"), Sign.IS),
        ('"service":|', SERVICE_TOO, Sign.IS),
        ("resource.host.name:|", HOST, Sign.IS),
        ('body~"a|', tree.MESSAGE, Sign.FITS),
        ("Service|", tree.SERVICE, None),
        ("user.id|", USER, None),
        ("unheard.of|", None, None),
    ],
)
def test_the_field_of_a_value_or_a_sign_is_known(marked: str, field: Field | None, sign: Sign | None) -> None:
    found, _ = typed(marked)
    assert (found.field, found.sign) == (field, sign)


def inserts(suggestions: list[Suggestion]) -> list[str]:
    return [suggestion.insert for suggestion in suggestions]


def test_keys_that_begin_as_typed_come_before_those_that_contain_it() -> None:
    assert inserts(suggest_keys(typed("s|")[0], KNOWN)) == [
        "service:",
        "level:",  # its other names are severity and severity_text
        '"service":',
        "http.status_code:",
        '"http status":',
        "message:",
        "user.id:",
        "resource.host.name:",
    ]
    assert inserts(suggest_keys(typed("HOST|")[0], KNOWN)) == ["resource.host.name:"]
    assert inserts(suggest_keys(typed("code|")[0], KNOWN)) == ["http.status_code:"]
    assert suggest_keys(typed("nothing|")[0], KNOWN) == suggest_keys(typed("service:a|")[0], KNOWN) == []


def test_a_key_shows_what_of_it_was_typed_and_the_name_it_was_found_by() -> None:
    (found,) = suggest_keys(typed("SEV|")[0], KNOWN)
    assert (found.label, found.note, found.hit) == ("level", "severity", (0, 0))
    (found,) = suggest_keys(typed("user|")[0], KNOWN)
    assert (found.label, found.note, found.hit) == ("user.id", "", (0, 4))


def test_a_known_key_goes_on_with_what_can_be_asked_of_it() -> None:
    everything = ["user.id:", "user.id>", "user.id>=", "user.id<", "user.id<=", "user.id~", "user.id:*"]
    assert inserts(suggest_signs(typed("user.id|")[0])) == everything
    assert inserts(suggest_signs(typed("user.id>|")[0])) == ["user.id>", "user.id>="]
    assert inserts(suggest_signs(typed("user.id~|")[0])) == ["user.id~"]
    assert suggest_signs(typed("us|")[0]) == suggest_signs(typed("user.id:|")[0]) == []


def test_values_that_begin_as_typed_come_first_and_are_quoted_where_they_must_be() -> None:
    values = [("my web", "9"), ("web-*", "4"), ("web", "2"), ("api", "1")]
    found = suggest_values(typed("service:we|")[0], values)
    assert inserts(found) == ['"web-*"', "web", '"my web"']
    assert [suggestion.note for suggestion in found] == ["4", "2", "9"]
    assert inserts(suggest_values(typed("level>=|")[0], [(level, "") for level in LEVELS])) == list(LEVELS)
    assert inserts(suggest_values(typed('user.id>="|')[0], [("5", ""), ("a", "")])) == ["5", '"a"']
    assert suggest_values(typed('service~"we|')[0], values) == suggest_values(typed("we|")[0], values) == []


@pytest.mark.parametrize(
    ("marked", "insert", "ends_term", "after"),
    [
        ("a serv|", "service:", False, "a service:|"),
        ("serv|:web b", "service:", False, "service:|web b"),
        ("service:we|", "web", True, "service:web |"),
        ("(service:we|)", "web", True, "(service:web|)"),
        ("service:we| b", "web", True, "service:web| b"),
        ('service:"a, |b" c', "web", True, "service:web| c"),
    ],
)
def test_a_suggestion_takes_the_place_of_what_is_typed(marked: str, insert: str, ends_term: bool, after: str) -> None:
    found, _ = typed(marked)
    text, cursor = apply(marked.replace("|", "", 1), found, Suggestion(insert, insert, (0, 0), ends_term))
    assert f"{text[:cursor]}|{text[cursor:]}" == after


@given(hostile_text, st.integers(0, 40))
def test_any_text_has_something_typed_at_any_place(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    found = typed_at(text, cursor, KNOWN)
    assert 0 <= found.start <= cursor <= found.end <= len(text)


@given(st.builds(attribute, hostile_text) | st.builds(resource_attribute, hostile_text), hostile_text)
def test_a_key_and_a_value_that_are_chosen_read_as_what_they_are(field: Field, value: str) -> None:
    empty = Typed(Part.KEY, "", 0, 0, 0)
    text, cursor = apply("", empty, suggest_keys(empty, [field])[0])
    here = typed_at(text, cursor, [field])
    assert (here.part, here.field) == (Part.VALUE, field)
    text, _ = apply(text, here, suggest_values(here, [(value, "")])[0])
    assert parse(text) == Match(field, Operator.EQUALS, (value,))
