"""Log text is hostile: none of it may run, hide or reorder what is around it."""

import html
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.pages.logs.text import plain, render

TAG = re.compile(r"<[^>]*>")
ALLOWED_TAG = re.compile(r'</?mark>|</span>|<span class="(?:ctl|(?:a-[a-z]+ ?)+)">')

hostile = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("<>&\"'\x1b[0;31m\u202e\u200b\ufeff\r\n\t{}%"),
    ),
    max_size=200,
)


def shown(markup: str) -> str:
    return html.unescape(TAG.sub("", markup))


@given(text=hostile, needles=st.lists(st.text(max_size=4), max_size=3), multiline=st.booleans())
def test_no_tag_but_our_own_comes_out(text: str, needles: list[str], multiline: bool) -> None:
    markup = str(render(text, needles=needles, multiline=multiline))
    assert all(ALLOWED_TAG.fullmatch(tag) for tag in TAG.findall(markup))
    assert "<" not in TAG.sub("", markup)


@given(text=hostile)
def test_no_control_or_reordering_character_comes_out(text: str) -> None:
    for character in shown(str(render(text))):
        assert unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
        assert unicodedata.bidirectional(character) not in {
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        }


@given(text=st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=100))
def test_ordinary_text_comes_out_as_it_went_in(text: str) -> None:
    assert shown(str(render(text))) == text


@given(before=st.text("ab <", max_size=9), after=st.text("ab <", max_size=9))
def test_a_hit_is_marked_whatever_its_case(before: str, after: str) -> None:
    markup = str(render(f"{before}TimeOut{after}", needles=["timeout"]))
    assert "<mark>TimeOut</mark>" in markup
    assert shown(markup) == f"{before}TimeOut{after}"


def test_a_hit_across_a_colour_is_marked_in_both_parts() -> None:
    markup = str(render("con\x1b[31mnect\x1b[0mion", needles=["connection"]))
    assert markup == '<mark>con</mark><mark><span class="a-red">nect</span></mark><mark>ion</mark>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\x1b[1;31mbad\x1b[0m good", '<span class="a-bold a-red">bad</span> good'),
        ("\x1b[2Kgone", '<span class="ctl">␛</span>[2Kgone'),
        ("a\u202eb", 'a<span class="ctl">⟨U+202E⟩</span>b'),
        ("a\x00b", 'a<span class="ctl">␀</span>b'),
        ("one\r\ntwo", 'one<span class="ctl"> ⏎ </span>two'),
        ("👩\u200d💻", "👩\u200d💻"),  # a joined emoji is one sign, not a trick
    ],
)
def test_special_characters_are_shown(text: str, expected: str) -> None:
    assert str(render(text)) == expected


def test_the_detail_keeps_lines_and_tabs() -> None:
    assert str(render("a\n\tb", multiline=True)) == "a\n\tb"


def test_a_long_line_is_cut_and_says_so() -> None:
    assert shown(str(render("x" * 700, limit=600))) == "x" * 600 + "…"


def test_plain_text_for_attributes_is_one_line_without_controls() -> None:
    assert plain("a\nb\x1b[31mc\u202e" + "x" * 50, 12) == "a ⏎ bc⟨U+202E⟩"[:12] + "…"
