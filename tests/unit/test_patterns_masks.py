"""What is masked in a line, in which order, and that nothing in the line passes for a mask."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.language.regex import check_regex, compile_regex
from webapp.patterns.masks import MARK, MASKS, Mask, mask

_CODE = re.compile(f"{MARK}(.)", re.DOTALL)
NAMES = {each.code: f"<{each.name}>" for each in MASKS} | {MARK: MARK}


def shown(line: str) -> str:
    return _CODE.sub(lambda found: NAMES[found[1]], mask(line))


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("2026-11-23T14:02:11.482913Z INFO up", "<time> INFO up"),
        ("2026-11-23 14:02:11,482 +0100 up", "<time> up"),
        ("2026/11/23 14:02:11 [error] 12#12", "<time> [error] <num>#<num>"),
        ('"10/Oct/2026:13:55:36 +0200"', '"<time>"'),
        ("Oct  3 13:55:36 web-1 sshd[812]:", "<time> web-<num> sshd[<num>]:"),
        ("at 13:55:36.123", "at <time>"),
        ("day 2026-11-23.", "day <time>."),
        ("req_550e8400-e29b-41d4-a716-446655440000", "req_<uuid>"),
        ("mail to ada.l+x@example.org.", "mail to <email>."),
        ("10.0.0.1:5432, 10.0.0.12.", "<ip>, <ip>."),
        ("1.2.3.4.5", "<num>"),
        ("2001:db8::8a2e:370:7334", "<ip>"),
        ("aa:bb:cc:dd:ee:ff", "<mac>"),
        ("0xDEADbeef deadbeef dead1beef", "<hex> deadbeef <hex>"),
        ("4bf92f3577b34da6a3ce929d0e0e4736", "<hex>"),
        ("12345678 -7 +3.5e-7 1,234", "<num> <num> <num> <num>"),
        ("took 12ms of 3.5GB, 99%", "took <num>ms of <num>GB, <num>%"),
        ("/orders/17?page=2", "/orders/<num>?page=<num>"),
        ("u123 utf8 s3 h264codec", "u123 utf8 s3 h264codec"),
        ("١٢٣ 4", "١٢٣ <num>"),
        ("", ""),
    ],
)
def test_what_changes_by_its_nature_is_masked(line: str, masked: str) -> None:
    assert shown(line) == masked


@pytest.mark.parametrize(
    ("first", "later", "text"),
    [
        ("time", "num", "2026-11-23"),
        ("time", "ip", "12:34:56"),
        ("uuid", "hex", "550e8400-e29b-41d4-a716-446655440000"),
        ("uuid", "num", "12345678-1234-1234-1234-123456789012"),
        ("email", "num", "1@example.org"),
        ("ip", "num", "10.0.0.1"),
        ("mac", "num", "00:11:22:33:44:55"),
        ("hex", "num", "0x12"),
    ],
)
def test_of_two_masks_for_a_text_the_first_in_order_is_taken(first: str, later: str, text: str) -> None:
    names = [each.name for each in MASKS]
    assert names.index(first) < names.index(later)
    assert shown(text) == f"<{first}>"


@pytest.mark.parametrize("each", MASKS, ids=lambda each: each.code)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_a_mask_is_the_search_for_it_finds(each: Mask, data: st.DataObject) -> None:
    assert check_regex(each.finds, ignore_case=True) is None
    text = data.draw(st.from_regex(re.compile(each.pattern, re.ASCII), fullmatch=True))
    assert compile_regex(f"^(?:{each.finds})$", ignore_case=True).search(text)
    assert each.has_spaces or " " not in text


@pytest.mark.parametrize("line", [f"{MARK}n", f"a{MARK}", f"{MARK}{MARK}5", "<num> <*>"])
def test_a_line_that_looks_masked_stays_as_it_is(line: str) -> None:
    masked = mask(line)
    assert _CODE.sub(lambda found: MARK if found[1] == MARK else "5", masked) == line


@given(st.text())
def test_every_mark_of_a_masked_line_has_its_letter(line: str) -> None:
    assert all(code in NAMES for code in _CODE.findall(mask(line)))
    assert MARK not in _CODE.sub("", mask(line))
