"""What a search looks for in the message is marked in the rows, and nothing else is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.language.parse import parse
from webapp.language.regex import MAX_HITS
from webapp.pages.logs.hits import PATTERN_CHARACTERS, Pattern, needles, spans
from webapp.pages.logs.text import render

MARKED = re.compile("<mark>(.*?)</mark>")

HITS = [
    ("timeout", "a TimeOut, a timeout", ["TimeOut", "timeout"]),
    ("message:a,b", "b a", ["b", "a"]),
    ("time OR out", "timeout", ["time", "out"]),
    ("timeout time", "timeout", ["timeout"]),
    ("service:time", "timeout", []),
    ("-timeout", "timeout", []),
    ("k:time*", "timeout", []),
    ("message:time*", "time after time", ["time"]),
    ("message:TIME*", "time", []),
    ("message:*time", "time after time", ["time"]),
    ('message:="time"', "time", []),
    ("message:*", "time", []),
    ('message~"t.m."', "TIME and tame", ["TIME", "tame"]),
    ('message~"^t|e$"', "tee", ["t", "e"]),
    ('message~"x*"', "axxb", ["xx"]),
    ('message~"im" me', "time", ["ime"]),
    ('message~"é+"', "caféé é", ["éé", "é"]),
    ('message~"a.c"', "a\x1b[31mb\x1b[0mc", ["a", '<span class="a-red">b</span>', "c"]),
    ('k~"time"', "time", []),
    ('message:"a.c"*', "abc a.c", []),
]


@pytest.mark.parametrize(("search", "text", "marked"), HITS)
def test_what_is_looked_for_is_marked(search: str, text: str, marked: list[str]) -> None:
    assert MARKED.findall(str(render(text, needles=needles(parse(search))))) == marked


pieces = st.lists(st.sampled_from(["a", "b", "ab", "é", "\ud83d", "\n", "😀", "\x00"]), max_size=12).map("".join)
wanted = st.lists(st.sampled_from(["a", "ab", "é", Pattern("a.b"), Pattern("b?"), Pattern("(?i)É|😀"), Pattern(r"\z")]))


@given(pieces, wanted)
def test_hits_are_in_order_and_part_of_the_text(text: str, needles: list[str | Pattern]) -> None:
    edges = [edge for span in spans(text, needles) for edge in span]
    assert edges == sorted(edges)
    assert all(start < end for start, end in spans(text, needles))
    assert not edges or 0 <= edges[0] < edges[-1] <= len(text)


def test_a_pattern_that_fits_everywhere_is_marked_as_often_as_is_useful() -> None:
    assert len(spans("a" * 10 * MAX_HITS, [Pattern("a")])) == MAX_HITS
    assert spans("b" * PATTERN_CHARACTERS + "ab", [Pattern("a"), "a"]) == [(PATTERN_CHARACTERS, PATTERN_CHARACTERS + 1)]
    assert spans("b" * PATTERN_CHARACTERS + "ab", [Pattern("a")]) == []
