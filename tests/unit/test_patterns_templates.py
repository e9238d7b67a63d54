"""Lines become templates, each line has one, and what a template says of its lines is true of each."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.language.regex import check_regex, compile_regex
from webapp.patterns.lines import MAX_CHARACTERS, MAX_WORDS, read_line
from webapp.patterns.masks import MARK
from webapp.patterns.pivot import Pivot, pivot
from webapp.patterns.template import Template
from webapp.patterns.tree import MAX_BRANCHES, MAX_GROUPS, templates_of


def templates(texts: list[str]) -> list[Template]:
    """Return the template of each text."""
    lines = [read_line(text) for text in texts]
    found = templates_of(Counter(lines))
    return [found[line] for line in lines]


def named(*texts: str) -> list[str]:
    """Return the templates for people, in the order of the texts that have them first."""
    return list(dict.fromkeys(template.text for template in templates(list(texts))))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["took 3 ms", "took 12.5 ms"], ["took <num> ms"]),
        (["user ada has gone home", "user bob has gone home"], ["user ada has gone home", "user bob has gone home"]),
        (["sent mail to ada now", "sent mail to bob now"], ["sent mail to <*> now"]),
        (["connected to db", "disk is full"], ["connected to db", "disk is full"]),
        (["u1 has gone home now", "u2 has gone home now"], ["<*> has gone home now"]),
        (
            ['{"id":1,"user":"ada","ok":true}', '{"id":2,"user":"bob","ok":true}'],
            ['{"id":<num>,"user":"<*>","ok":true}'],
        ),
        (["a b", "a  b", "a\tb"], ["a b"]),
        (
            ["at 2026-11-23 14:02:11 all was well", "at noon all was well"],
            ["at <time> all was well", "at noon all was well"],
        ),
        (["it ended at 2026-11-23 14:02:11 sharp", "it ended at noon sharp"], ["it ended at <*> sharp"]),
        (["", " ", "\n\n"], ["", " "]),
        (["<*> <num>", "<*> 5"], ["<*> <num>"]),
        (["x" * 5000], ["x" * MAX_CHARACTERS + "<*>"]),
        (["w " * 70], ["w " * MAX_WORDS + "<*>"]),
    ],
)
def test_lines_have_the_templates_that_a_person_sees(texts: list[str], expected: list[str]) -> None:
    assert named(*texts) == expected


def test_text_that_looks_like_a_placeholder_is_not_one() -> None:
    written, masked = templates(["<num> ms", "5 ms"])
    assert written.text == masked.text
    assert written != masked
    assert not compile_regex(written.regex, ignore_case=True).search("5 ms")


HOSTILE = [
    "",
    "\x00",
    "\x00" * 3000,
    f"{MARK}n {MARK}x {MARK}{MARK}",
    "x" * 1_000_000,
    "1," * 500_000,
    "a@" * 500_000,
    "(" * 1_000_000,
    " " * 1_000_000,
    "\u202eevil\u202c \u2066 5",
    "👩‍👩‍👧 went 5 km 🇦🇶",
    "<*> <num> \\Q(a+)+$ [x] {2} ^|.",
    "half \ud83d 5",
    "tab\tnewline\n\r\fvertical\x0bspace\x85\u2003end",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_hostile_lines_have_small_templates_that_find_them(text: str) -> None:
    [template] = templates([text])
    assert len(template.text) <= 8 * MAX_CHARACTERS
    found = pivot(template, [text])
    if "\ud83d" in text:
        assert found == Pivot(literal="half \ud83d ")
    elif text:
        assert found.regex is not None
        assert check_regex(found.regex, ignore_case=True) is None
    else:
        assert found == Pivot()


words = st.sampled_from(
    ["a", "b", "ada", "é", "(x)", "5", "-2.5ms", "2026-11-23 14:02", "10.0.0.1", "<*>", "k=v", "\\d", "$"]
)
sentences = st.lists(words, max_size=6).map(" ".join)
anything = st.text(max_size=40) | st.text(alphabet=f'a5 .:-="\t{MARK}$^(ſK', max_size=30)


@settings(max_examples=150, deadline=None)
@given(texts=st.lists(sentences | anything, min_size=1, max_size=25), seed=st.randoms(use_true_random=False))
def test_each_line_has_one_template_that_finds_it_whatever_the_order(texts: list[str], seed: random.Random) -> None:
    found = templates(texts)
    for text, template in zip(texts, found, strict=True):
        assert check_regex(template.regex, ignore_case=True) is None
        assert compile_regex(template.regex, ignore_case=True).search(text), template
        assert template.literal in text
    order = list(range(len(texts)))
    seed.shuffle(order)
    again = templates([texts[index] for index in order])
    assert [found[index] for index in order] == again


@settings(max_examples=25, deadline=None)
@given(st.lists(words | st.text(max_size=5), min_size=1, max_size=3), st.integers(100, 500))
def test_lines_that_are_cut_are_found_whole(parts: list[str], times: int) -> None:
    text = " ".join(parts) * times
    [template] = templates([text])
    assert compile_regex(template.regex, ignore_case=True).search(text)


def test_a_line_may_be_looked_at_in_part() -> None:
    assert read_line("took 5 ms", 9) == read_line("took 5 ms")
    assert read_line("took 5 ms to load", 9) == read_line("took 5 ms to burn", 9) != read_line("took 5 ms")


def test_a_way_has_no_more_ends_than_it_may() -> None:
    """Lines of words that never come again: without limits each would be compared with all before."""
    numbers = random.Random(5)
    texts = [" ".join("".join(numbers.choices("ghijklmnop", k=8)) for _ in range(6)) for _ in range(3000)]
    assert len(set(templates(texts))) == 2 * MAX_BRANCHES + MAX_GROUPS
    many_at_one_end = [f"same way {' '.join(text.split()[:4])}" for text in texts]
    assert len(set(templates(many_at_one_end))) == MAX_GROUPS


def test_a_pivot_that_does_not_find_an_example_is_not_offered() -> None:
    [template] = templates(["took 5 ms to load"])
    assert pivot(template, ["took 5 ms to load"]) == Pivot(regex=r"^took [-+]?\d[-+\d.,eE]* ms to load$")
    assert pivot(template, ["it took long; ms to load anyway"]) == Pivot(literal=" ms to load")
    assert pivot(template, ["something else"]) == Pivot()
